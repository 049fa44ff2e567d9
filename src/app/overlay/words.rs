//! What things are called in more than one panel.

use crate::settings::{ModelVariant, SmoothingMode};

/// What a background that needs another window asks of the user.
pub(super) const RESTART: &str = "start LiveDance again to see through its window";

/// A model's name as the overlay writes it.
pub(super) const fn model_name(variant: ModelVariant) -> &'static str {
    match variant {
        ModelVariant::Lite => "Lite",
        ModelVariant::Full => "Full",
        ModelVariant::Heavy => "Heavy",
    }
}

/// A filter's name as the overlay writes it.
pub(super) const fn smoothing_name(mode: SmoothingMode) -> &'static str {
    match mode {
        SmoothingMode::None => "None",
        SmoothingMode::Ema => "Exponential",
        SmoothingMode::OneEuro => "One Euro",
        SmoothingMode::Mediapipe => "MediaPipe",
    }
}
