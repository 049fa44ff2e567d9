//! Rotated squares in a picture: what the models look at.

use std::f32::consts::{FRAC_PI_2, TAU};

use glam::Vec2;

/// How much larger than the body's box the region is that the landmark model sees.
///
/// Source: `MediaPipe` `pose_detection_to_roi.pbtxt`, `pose_landmarks_to_roi.pbtxt`.
const BODY_MARGIN: f32 = 1.25;

/// A rotated square in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Region {
    /// Centre.
    pub(super) center: Vec2,
    /// Side.
    pub(super) size: f32,
    /// Clockwise as seen (y points down), radians, from -pi to pi. Zero is upright.
    pub(super) rotation: f32,
}

impl Region {
    /// The smallest upright square around the whole picture, concentric with it: a letterbox.
    pub(super) fn letterbox(width: u32, height: u32) -> Self {
        let size = Vec2::new(width as f32, height as f32);
        Self { center: size / 2.0, size: size.max_element(), rotation: 0.0 }
    }

    /// The region of a body whose middle of the hips is `center` and whose circle goes through `scale`, a point straight
    /// above the head of an upright person. `None` for points that are not finite or coincide.
    pub(super) fn around_body(center: Vec2, scale: Vec2) -> Option<Self> {
        let size = body_size(center, scale)? * BODY_MARGIN;
        let up = scale - center;
        let rotation = wrap_angle(FRAC_PI_2 - (-up.y).atan2(up.x));
        Some(Self { center, size, rotation })
    }

    /// A point of the region (0 to 1 from its own top left corner) in pixels of the picture.
    pub(super) fn to_picture(self, point: Vec2) -> Vec2 {
        self.center + self.rotate((point - 0.5) * self.size)
    }

    /// Turns a vector of the region's frame into the picture's.
    pub(super) fn rotate(self, vector: Vec2) -> Vec2 {
        Vec2::from_angle(self.rotation).rotate(vector)
    }
}

/// Side of the upright square around the circle with centre `center` through `scale`; `None` when it is no usable size.
pub(super) fn body_size(center: Vec2, scale: Vec2) -> Option<f32> {
    // A person smaller than a pixel, or one hundreds of pictures wide or away, is a broken output.
    let size = 2.0 * center.distance(scale);
    (center.abs().max_element() < 1e6 && (1.0..1e6).contains(&size)).then_some(size)
}

/// The same angle between -pi and pi.
fn wrap_angle(angle: f32) -> f32 {
    angle - TAU * ((angle + std::f32::consts::PI) / TAU).floor()
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;

    #[test]
    fn an_upright_body_gives_an_upright_region() {
        let region = Region::around_body(Vec2::new(100.0, 200.0), Vec2::new(100.0, 120.0)).expect("a region");
        assert_eq!(region.center, Vec2::new(100.0, 200.0));
        assert!((region.size - 200.0).abs() < 1e-3, "2 x 80 x 1.25");
        assert!(region.rotation.abs() < 1e-6);
        assert!(region.to_picture(Vec2::ZERO).abs_diff_eq(Vec2::new(0.0, 100.0), 1e-3));
        assert!(region.to_picture(Vec2::ONE).abs_diff_eq(Vec2::new(200.0, 300.0), 1e-3));
    }

    #[test]
    fn a_body_lying_to_the_right_turns_its_region_by_a_quarter() {
        let region = Region::around_body(Vec2::ZERO, Vec2::new(40.0, 0.0)).expect("a region");
        assert!((region.rotation - PI / 2.0).abs() < 1e-6);
        // The top of the region points along the body, to the right in the picture.
        assert!(region.to_picture(Vec2::new(0.5, 0.0)).abs_diff_eq(Vec2::new(50.0, 0.0), 1e-3));
    }

    #[test]
    fn a_body_upside_down_stays_within_half_a_turn() {
        let region = Region::around_body(Vec2::ZERO, Vec2::new(0.0, 40.0)).expect("a region");
        assert!((region.rotation.abs() - PI).abs() < 1e-6, "{}", region.rotation);
    }

    #[test]
    fn broken_points_give_no_region() {
        assert_eq!(Region::around_body(Vec2::NAN, Vec2::ONE), None);
        assert_eq!(Region::around_body(Vec2::ONE, Vec2::ONE), None);
        assert_eq!(Region::around_body(Vec2::ZERO, Vec2::new(f32::INFINITY, 0.0)), None);
    }

    #[test]
    fn the_letterbox_is_the_long_side_around_the_middle() {
        let region = Region::letterbox(640, 480);
        assert_eq!((region.center, region.size), (Vec2::new(320.0, 240.0), 640.0));
        assert_eq!(region.to_picture(Vec2::new(0.0, 0.125)), Vec2::ZERO);
    }
}
