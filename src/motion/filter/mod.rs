//! Filters over time for landmarks. They run on capture time and never see a clock.
//!
//! - [`LowPass`] and [`OneEuro`] filter one number.
//! - [`PeopleSmoother`] filters whole people, one bank of filters for each id.
//! - [`zero_phase`] filters a whole recording forwards and backwards, which makes nothing late.

mod one_euro;
mod people;
mod zero_phase;

pub use one_euro::{LowPass, OneEuro};
pub use people::PeopleSmoother;
pub use zero_phase::{usable_cutoff, zero_phase};

/// Which landmark filter runs, with its constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SmoothingParams {
    /// Landmarks pass through unchanged.
    None,
    /// Exponential moving average.
    Ema {
        /// Weight of the new value at 30 frames a second, above 0 and at most 1. Other intervals get the weight that
        /// forgets as much in the same time: `1 - (1 - alpha)^(dt * 30)`.
        alpha: f32,
    },
    /// One Euro filter on metres; picture coordinates are measured in the same metres through the body's size.
    OneEuro {
        /// Cutoff frequency at rest, hertz, above 0.
        min_cutoff: f32,
        /// Rise of the cutoff with speed, hertz per metre per second, at least 0.
        beta: f32,
    },
    /// `MediaPipe`'s own filters with its constants.
    ///
    /// Source: `pose_landmark_filtering.pbtxt` and `pose_world_landmark_filtering` in `MediaPipe` 0.10.
    Mediapipe,
}
