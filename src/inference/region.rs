//! Rotated squares in a picture: what the models look at.

use std::f32::consts::{FRAC_PI_2, TAU};

use glam::{Vec2, Vec3};

use super::detection::Detection;
use crate::motion::hand::HAND_LANDMARK_COUNT;

/// How much larger than the body's box the region is that the landmark model sees.
///
/// Source: `MediaPipe` `pose_detection_to_roi.pbtxt`, `pose_landmarks_to_roi.pbtxt`.
const BODY_MARGIN: f32 = 1.25;

/// How much larger than the palm's box, and how far towards the fingers, the region of the whole hand is.
///
/// Source: `MediaPipe` `palm_detection_detection_to_roi.pbtxt`.
const PALM_MARGIN: f32 = 2.6;
const PALM_SHIFT: f32 = 0.5;
/// The same for a hand whose landmarks are known.
///
/// Source: `MediaPipe` `hand_landmark_landmarks_to_roi.pbtxt`.
const HAND_MARGIN: f32 = 2.0;
const HAND_SHIFT: f32 = 0.1;
/// The landmarks that box the steady part of a hand: all but the last two joints of the four fingers.
const STEADY_HAND: [usize; 12] = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18];
/// Side of a hand's region over the length of the hand, for a hand whose length is guessed from the body.
const WRIST_MARGIN: f32 = 1.9;

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
        Some(Self { center, size, rotation: upright_rotation(scale - center) })
    }

    /// The region of the hand whose palm was found in the upright region `view`; `None` when it has no usable size.
    pub(super) fn around_palm(palm: &Detection, view: Self) -> Option<Self> {
        let [wrist, middle] = [0, 2].map(|k| palm.keypoints.get(k).map(|point| view.to_picture(*point)));
        let rotation = upright_rotation(middle? - wrist?);
        let size = (palm.max - palm.min) * view.size;
        let center = view.to_picture((palm.min + palm.max) / 2.0);
        let towards_fingers = Vec2::from_angle(rotation).rotate(Vec2::new(0.0, -PALM_SHIFT * size.y));
        Self::checked(center + towards_fingers, size.max_element() * PALM_MARGIN, rotation)
    }

    /// The region of a hand with these points; `None` when they make none.
    pub(super) fn around_hand(points: &[Vec3; HAND_LANDMARK_COUNT]) -> Option<Self> {
        let at = |index: usize| points[index].truncate();
        // Knuckles of index, ring and middle finger.
        let knuckles = (at(5).midpoint(at(13))).midpoint(at(9));
        let rotation = upright_rotation(knuckles - at(0));
        // The box that is upright in the hand's own frame.
        let (into, back) = (Vec2::from_angle(-rotation), Vec2::from_angle(rotation));
        let (mut min, mut max) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
        for index in STEADY_HAND {
            let point = into.rotate(at(index));
            (min, max) = (min.min(point), max.max(point));
        }
        let size = max - min;
        let center = back.rotate(min.midpoint(max) + Vec2::new(0.0, -HAND_SHIFT * size.y));
        Self::checked(center, size.max_element() * HAND_MARGIN, rotation)
    }

    /// The region of a hand that begins at `wrist`, points along `direction` and is about `length` pixels long.
    pub(super) fn around_wrist(wrist: Vec2, direction: Vec2, length: f32) -> Option<Self> {
        let direction = direction.try_normalize()?;
        Self::checked(wrist + direction * (length / 2.0), length * WRIST_MARGIN, upright_rotation(direction))
    }

    fn checked(center: Vec2, size: f32, rotation: f32) -> Option<Self> {
        // A hand smaller than a pixel, or one hundreds of pictures wide or away, is a broken output.
        let usable = center.abs().max_element() < 1e6 && (1.0..1e6).contains(&size) && rotation.is_finite();
        usable.then_some(Self { center, size, rotation })
    }

    /// Intersection over union of the upright squares of the same centre and size, 0 to 1.
    pub(super) fn iou(self, other: Self) -> f32 {
        let half = Vec2::splat(self.size / 2.0);
        let other_half = Vec2::splat(other.size / 2.0);
        let overlap =
            (self.center + half).min(other.center + other_half) - (self.center - half).max(other.center - other_half);
        if overlap.min_element() <= 0.0 {
            return 0.0;
        }
        let intersection = overlap.element_product();
        intersection / (self.size * self.size + other.size * other.size - intersection)
    }

    /// The angle between the two regions, 0 to pi.
    pub(super) fn turn_to(self, other: Self) -> f32 {
        wrap_angle(self.rotation - other.rotation).abs()
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

/// The turn that makes `up` point to the top of the region.
fn upright_rotation(up: Vec2) -> f32 {
    wrap_angle(FRAC_PI_2 - (-up.y).atan2(up.x))
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

    /// An upright hand: wrist below, knuckles in a row above it, 40 pixels wide and 60 high.
    fn hand() -> [Vec3; HAND_LANDMARK_COUNT] {
        let mut points = [Vec3::new(100.0, 200.0, 0.0); HAND_LANDMARK_COUNT];
        for (index, x) in [(5, 80.0), (9, 100.0), (13, 120.0), (17, 120.0)] {
            points[index] = Vec3::new(x, 140.0, 0.0);
        }
        points
    }

    #[test]
    fn a_hand_is_boxed_in_its_own_frame() {
        let region = Region::around_hand(&hand()).expect("a region");
        assert!(region.rotation.abs() < 1e-6);
        assert!((region.size - 120.0).abs() < 1e-3, "twice the long side");
        assert!(region.center.abs_diff_eq(Vec2::new(100.0, 164.0), 1e-3), "a tenth of 60 towards the fingers");

        let turn = Vec2::from_angle(0.7);
        let turned = hand().map(|point| turn.rotate(point.truncate()).extend(0.0));
        let region = Region::around_hand(&turned).expect("a region");
        assert!((region.rotation - 0.7).abs() < 1e-5 && (region.size - 120.0).abs() < 1e-2);
        assert!(region.center.abs_diff_eq(turn.rotate(Vec2::new(100.0, 164.0)), 1e-2));
        assert_eq!(Region::around_hand(&[Vec3::NAN; HAND_LANDMARK_COUNT]), None);
    }

    #[test]
    fn a_palm_gives_the_region_of_its_hand() {
        let keypoints = vec![Vec2::new(0.5, 0.6), Vec2::ZERO, Vec2::new(0.5, 0.4)];
        let palm = Detection { score: 1.0, min: Vec2::splat(0.4), max: Vec2::splat(0.6), keypoints };
        let view = Region { center: Vec2::new(100.0, 100.0), size: 100.0, rotation: 0.0 };
        let region = Region::around_palm(&palm, view).expect("a region");
        assert!(region.rotation.abs() < 1e-6 && (region.size - 52.0).abs() < 1e-3);
        assert!(region.center.abs_diff_eq(Vec2::new(100.0, 90.0), 1e-3), "half a palm up");
    }

    #[test]
    fn overlap_is_one_for_the_same_and_none_apart() {
        let region = |x: f32| Region { center: Vec2::new(x, 0.0), size: 10.0, rotation: 0.0 };
        assert!((region(0.0).iou(region(0.0)) - 1.0).abs() < 1e-6);
        assert!((region(0.0).iou(region(5.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(region(0.0).iou(region(11.0)), 0.0);
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
