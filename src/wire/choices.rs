//! What a client may choose by name, and the same choices in the binary websocket's messages.

use serde::{Deserialize, Serialize};

use super::schema;
use crate::settings::SmoothingMode;

/// What happens to frames that there is no time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Ordering {
    /// The newest wins.
    #[default]
    Latest,
    /// All in order, from a buffer that gives the oldest up when it is full.
    Sequence,
}

impl From<Ordering> for schema::Ordering {
    fn from(ordering: Ordering) -> Self {
        match ordering {
            Ordering::Latest => Self::Latest,
            Ordering::Sequence => Self::Sequence,
        }
    }
}

/// `None` where nothing was chosen.
impl From<schema::Ordering> for Option<Ordering> {
    fn from(ordering: schema::Ordering) -> Self {
        match ordering {
            schema::Ordering::Unspecified => None,
            schema::Ordering::Latest => Some(Ordering::Latest),
            schema::Ordering::Sequence => Some(Ordering::Sequence),
        }
    }
}

impl From<SmoothingMode> for schema::Smoothing {
    fn from(smoothing: SmoothingMode) -> Self {
        match smoothing {
            SmoothingMode::None => Self::None,
            SmoothingMode::Ema => Self::Ema,
            SmoothingMode::OneEuro => Self::OneEuro,
            SmoothingMode::Mediapipe => Self::Mediapipe,
        }
    }
}

/// `None` where nothing was chosen.
impl From<schema::Smoothing> for Option<SmoothingMode> {
    fn from(smoothing: schema::Smoothing) -> Self {
        match smoothing {
            schema::Smoothing::Unspecified => None,
            schema::Smoothing::None => Some(SmoothingMode::None),
            schema::Smoothing::Ema => Some(SmoothingMode::Ema),
            schema::Smoothing::OneEuro => Some(SmoothingMode::OneEuro),
            schema::Smoothing::Mediapipe => Some(SmoothingMode::Mediapipe),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_survives_the_wire() {
        for ordering in [Ordering::Latest, Ordering::Sequence] {
            assert_eq!(Option::from(schema::Ordering::from(ordering)), Some(ordering));
        }
        for smoothing in [SmoothingMode::None, SmoothingMode::Ema, SmoothingMode::OneEuro, SmoothingMode::Mediapipe] {
            assert_eq!(Option::from(schema::Smoothing::from(smoothing)), Some(smoothing));
        }
        assert_eq!(Option::<Ordering>::from(schema::Ordering::Unspecified), None);
        assert_eq!(Option::<SmoothingMode>::from(schema::Smoothing::Unspecified), None);
    }
}
