//! Takes (`.ldt`): what was tracked, kept so that it can be played, solved again with other settings, and exported.
//!
//! A take is JSON Lines, compressed with zstd: `zstd -dc TAKE.ldt` prints it. The first line is a [`TakeHeader`], every
//! other one a [`FrameRecord`](super::record::FrameRecord) with the raw landmarks, rounded below the model's noise
//! ([`Precision`]). Three things are special in these lines: `angles` is empty, since they follow from the world landmarks
//! and are computed again on reading; of `timings_ms` only the total is kept; people have `size_px`, and `is_new` where
//! it is true, so that a take gives back the [`BodyPose`](crate::motion::BodyPose)s that it was made from.
//!
//! ```text
//! file  = header chunk* end?
//! header = zstd frame with the first line
//! chunk = zstd frame with about ten seconds of lines, flushed every second; skippable frame that says what was in it
//! end   = skippable frame: the take is whole
//! ```
//!
//! There is no table of contents. A zstd frame can be stepped over by the three bytes at the head of each of its
//! blocks, so opening costs some hundred small reads for ten minutes, the same for a whole take and for one that a crash
//! or a full disk cut off. Such a take opens up to its last whole line ([`Ending::Cut`]).
//!
//! Architecture invariant: nothing that stands in a file makes this module panic or take memory without end. What is
//! unpacked at once, lines and windows all have limits.
//!
//! Source: zstd's format, RFC 8878 (frames 3.1.1, skippable frames 3.1.2).

mod chunk;
mod convert;
mod edit;
mod error;
mod header;
mod line;
mod people;
mod reader;
mod scan;
mod stamp;
mod summary;
mod walk;
mod writer;

#[cfg(test)]
pub(crate) mod made_up;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::sample_frame;

pub use edit::{rewrite_header, trim};
pub use error::TakeError;
pub use header::{Precision, TAKE_VERSION, TakeHeader, Versions};
pub use people::{TakePeople, TakePerson};
pub use reader::{Ending, Frames, TakeReader};
pub use stamp::{clock, file_stem, local_time, size};
pub use summary::{TAKE_EXTENSION, TakeSummary, is_take, takes_in};
pub use writer::{TakeSink, TakeWriter};
