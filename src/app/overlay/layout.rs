//! Where the panels lie: columns at both sides, the scene between them, nothing over anything else.

use bevy_egui::egui::{Rect, pos2};

use super::style::GAP;

/// Height of the bar at the top, in points.
pub(super) const TOP_BAR_HEIGHT: f32 = 42.0;
/// Narrowest column of the picture, in points.
const LEFT_MIN: f32 = 216.0;
/// Narrowest column of settings and data, in points.
const RIGHT_MIN: f32 = 284.0;
/// What is left to the avatar at least while both columns are open, in points.
const SCENE_MIN: f32 = 180.0;

/// Which panels want room, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Panels {
    /// Whether the picture is open.
    pub(super) picture: bool,
    /// Whether the performance is open.
    pub(super) performance: bool,
    /// Whether the data are open.
    pub(super) data: bool,
    /// Whether the settings are open.
    pub(super) settings: bool,
    /// Width of the picture's column that the user dragged, points; `None` follows the window.
    pub(super) column_width: Option<f32>,
    /// Height that banners take under the bar at the top, points.
    pub(super) banner_height: f32,
}

/// Rectangles in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    /// The bar at the top.
    pub(super) top: Rect,
    /// Picture and performance.
    pub(super) left: Option<Rect>,
    /// Settings and data.
    pub(super) right: Option<Rect>,
    /// Between them: the avatar, and the transport at its lower edge.
    pub(super) scene: Rect,
}

impl Layout {
    /// All that lies under the bar at the top, where banners start.
    pub(super) fn below_top(&self) -> Rect {
        let top = (self.top.bottom() + GAP).min(self.scene.bottom());
        Rect::from_min_max(pos2(self.top.left(), top), pos2(self.top.right(), self.scene.bottom()))
    }

    /// Divides the window. Every rectangle lies inside it and none overlaps another, however small the window is;
    /// where both columns do not fit, the right one, which was opened on purpose, stays.
    pub(super) fn new(window: Rect, panels: &Panels) -> Self {
        let inner = window.shrink(GAP.min(window.width() / 4.0).min(window.height() / 4.0).max(0.0));
        let top_height = TOP_BAR_HEIGHT.min(inner.height());
        let top = Rect::from_min_max(inner.min, pos2(inner.right(), inner.top() + top_height));
        let banner = if panels.banner_height > 0.0 { panels.banner_height + GAP } else { 0.0 };
        let column_top = (top.bottom() + GAP + banner).min(inner.bottom());

        let right_width = if inner.width() >= 980.0 { 330.0 } else { RIGHT_MIN }.min(inner.width());
        let right_taken = right_width + GAP;
        let right_open = panels.settings || panels.data;
        let left_space = inner.width() - if right_open { right_taken } else { 0.0 } - SCENE_MIN - GAP;
        let left_fits = left_space >= LEFT_MIN || (!right_open && inner.width() >= LEFT_MIN);
        let left_open = (panels.picture || panels.performance) && left_fits;
        let left_width =
            panels.column_width.unwrap_or((inner.width() * 0.27).min(460.0)).clamp(LEFT_MIN, left_space.max(LEFT_MIN));

        let column = |from: f32, to: f32| Rect::from_min_max(pos2(from, column_top), pos2(to, inner.bottom()));
        let left = left_open.then(|| column(inner.left(), inner.left() + left_width));
        let right = right_open.then(|| column(inner.right() - right_width, inner.right()));
        let scene_left = left.map_or(inner.left(), |rect| (rect.right() + GAP).min(inner.right()));
        let scene_right = right.map_or(inner.right(), |rect| rect.left() - GAP).max(scene_left);
        Self { top, left, right, scene: column(scene_left, scene_right) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_egui::egui::vec2;
    use proptest::prelude::*;

    fn panels(bits: u8, column_width: Option<f32>, banner_height: f32) -> Panels {
        Panels {
            picture: bits & 1 != 0,
            performance: bits & 2 != 0,
            data: bits & 4 != 0,
            settings: bits & 8 != 0,
            column_width,
            banner_height,
        }
    }

    proptest! {
        #[test]
        fn nothing_overlaps_and_all_lies_inside(
            width in 1.0_f32..4000.0, height in 1.0_f32..2200.0, bits in 0_u8..16,
            dragged in proptest::option::of(-100.0_f32..5000.0), banner in 0.0_f32..200.0,
        ) {
            let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
            let layout = Layout::new(window, &panels(bits, dragged, banner));
            let rects: Vec<Rect> = [Some(layout.top), layout.left, layout.right, Some(layout.scene)].into_iter().flatten().collect();
            for (index, rect) in rects.iter().enumerate() {
                prop_assert!(rect.width() >= 0.0 && rect.height() >= 0.0, "{layout:?}");
                prop_assert!(window.expand(0.01).contains_rect(*rect), "{layout:?}");
                for other in &rects[index + 1..] {
                    let shared = rect.intersect(*other);
                    prop_assert!(shared.width() <= 0.01 || shared.height() <= 0.01, "{layout:?}");
                }
            }
        }
    }

    #[test]
    fn an_ordinary_window_has_room_for_both_columns_and_the_avatar() {
        for (width, height) in [(800.0, 600.0), (1280.0, 720.0), (1920.0, 1080.0)] {
            let layout = Layout::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height)), &panels(15, None, 0.0));
            assert!(layout.left.is_some() && layout.right.is_some(), "{width}x{height}");
            assert!(layout.scene.width() >= SCENE_MIN, "{width}x{height}: {:?}", layout.scene);
        }
    }
}
