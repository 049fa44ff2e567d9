//! Places that can be pressed.

use bevy_egui::egui::{Id, Rect};

/// A place that can be pressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Target {
    pub(super) id: Id,
    /// What is seen of it.
    pub(super) rect: Rect,
    /// Times as long a hand has to rest on it as on others.
    pub(super) patience: f32,
    /// Whether the focus begins there.
    pub(super) is_first: bool,
}
