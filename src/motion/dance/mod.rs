//! A dance that is copied: how alike two bodies move to a beat, whatever their size and place.
//!
//! - A [`Shape`] is a pose as directions of limbs, in a frame that turns with the body.
//! - A [`DanceTrack`] knows the moments of a reference dance at which a player is scored, and what matters in each.
//! - A [`DanceScorer`] is fed with a player's poses, says live how each moment went, and sums up in a [`DanceResult`].
//! - A [`BeatGrid`] is an even beat, as tapped by somebody.
//!
//! A moment is not one pose but a short stretch of motion that ends shortly after the beat. Two things are asked of each
//! limb: to be where the reference's is, and to move as it does. The two are multiplied, so that whoever stands still in
//! a pose of the dance scores nothing for it.
//!
//! Three clocks: *motion time* is the reference clip's own; *dance time* is that of the music at its own speed; *song
//! time* is what the player hears, which runs slower or faster than dance time by [`TrackOptions::speed`]. All scoring is
//! in song time.
//!
//! Where it is weak: wrists and fingers do not count, because they are what cameras see worst, nor do steps and jumps as
//! such, only the legs that make them. A dance that repeats itself within a beat or two cannot tell somebody who is late by
//! just that much, nor one that repeats itself in the mirror, as marching does.

mod advice;
mod beat_grid;
mod limb;
mod matching;
mod result;
mod scorer;
mod shape;
#[cfg(test)]
mod tests;
mod track;
mod window;

pub use advice::Advice;
pub use beat_grid::{BeatGrid, BeatGridError, MAX_BPM, MIN_BPM};
pub use limb::{DANCE_LIMB_COUNT, DanceLimb, LimbConfidence, LimbGroup};
pub use result::{DanceResult, LimbScore};
pub use scorer::{DanceScorer, Grade, Judgement, ScorerOptions};
pub use shape::Shape;
pub use track::{DanceTrack, Moment, TrackError, TrackOptions};
