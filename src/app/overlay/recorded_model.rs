//! What the overlay is given of recorded motion, and what it asks for.

use std::sync::Arc;

use crate::motion::angle_series::AngleSeries;

/// A recording and where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimelineView {
    /// Seconds from the first frame.
    pub position_s: f64,
    /// From the first frame to the last, seconds.
    pub duration_s: f64,
    /// The frame that is shown, from zero.
    pub frame: usize,
    /// How many there are.
    pub frames: usize,
    /// First and last moment of what is played, seconds from the first frame.
    pub range_s: (f64, f64),
    /// Whether it begins again at the end.
    pub is_looping: bool,
    /// Seconds of motion a second.
    pub speed: f64,
    /// Whether a part can be saved as a take.
    pub can_trim: bool,
}

/// What is to be done with the recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimelineAction {
    /// Go there, seconds from the first frame. Comes in every frame while somebody drags.
    Seek(f64),
    /// Hold, and go so many frames on, or back.
    Step(i64),
    /// Begin again at the end, or stay there.
    SetLooping(bool),
    /// Play so many seconds of motion a second.
    SetSpeed(f64),
    /// Play from here to there, seconds from the first frame.
    SetRange(f64, f64),
    /// Save what lies in the range as a take of its own.
    Trim,
}

/// What there is to plot.
#[derive(Debug, Clone, Default)]
pub struct PlotsView {
    /// The angles; `None` while they are being computed, or where there are none.
    pub series: Option<Arc<AngleSeries>>,
    /// How much is computed, 0 to 1, while it is.
    pub progress: Option<f32>,
    /// Why there is nothing to plot.
    pub message: Option<String>,
    /// The moment shown, on the clock of the series.
    pub cursor_s: Option<f64>,
    /// What the clock of the series says at the recording's start; `None` where nobody can go to another moment.
    pub start_s: Option<f64>,
}
