//! A person's body at one moment.

use std::array;

use glam::Vec3;

use super::hand::{HandPose, Hands};
use super::landmark::{Landmark, POSE_LANDMARK_COUNT, opposite};
use super::retarget::reflect_point;

/// A tracked body: the same 33 points in the picture and in metres.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyPose {
    /// Stable while the person stays in view.
    pub id: u32,
    /// Whether this is the first sight of them, or the first after they were lost: nothing before it is to be smoothed with.
    pub is_new: bool,
    /// The landmark model's confidence that a body is there, 0 to 1.
    pub score: f32,
    /// Pixels of the source picture (not of a downscaled copy), y down; z has the scale of x, smaller is nearer.
    pub image: [Landmark; POSE_LANDMARK_COUNT],
    /// Metres, origin between the hips, y down, z away from the camera.
    pub world: [Landmark; POSE_LANDMARK_COUNT],
    /// Side of the square that bounds the body, in pixels of the source picture: the scale by which
    /// `MediaPipe`'s landmark filter measures speed. Always above zero.
    pub size_px: f32,
    /// Their hands, where hands are tracked.
    pub hands: Hands,
}

impl BodyPose {
    /// The body as a mirror shows it: left and right exchanged, reflected in the middle of a picture that is `width` pixels
    /// wide.
    #[must_use]
    pub fn mirrored(&self, width: u32) -> Self {
        let image = |landmark: &Landmark| Landmark { position: reflect_in(landmark.position, width), ..*landmark };
        let world = |landmark: &Landmark| Landmark { position: reflect_point(landmark.position), ..*landmark };
        let hand = |hand: &HandPose| HandPose {
            image: hand.image.map(|point| reflect_in(point, width)),
            world: hand.world.map(reflect_point),
            ..*hand
        };
        Self {
            image: array::from_fn(|index| image(&self.image[opposite(index)])),
            world: array::from_fn(|index| world(&self.world[opposite(index)])),
            hands: Hands { left: self.hands.right.as_ref().map(hand), right: self.hands.left.as_ref().map(hand) },
            ..*self
        }
    }
}

/// A place in a picture as its mirror image has it.
fn reflect_in(point: Vec3, width: u32) -> Vec3 {
    Vec3::new(width as f32 - point.x, point.y, point.z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::hand::{HAND_LANDMARK_COUNT, Provenance};
    use crate::motion::landmark::{POSE_LANDMARK_NAMES, PoseLandmark as L};

    #[test]
    fn a_mirror_exchanges_the_sides_and_reflects() {
        let at = |index: usize| Landmark {
            position: Vec3::new(index as f32, 2.0 * index as f32, -1.0),
            visibility: index as f32 / 40.0,
            presence: 1.0,
        };
        let points = [Vec3::ZERO; HAND_LANDMARK_COUNT];
        let mut hand = HandPose { provenance: Provenance::Measured, score: 0.75, image: points, world: points };
        hand.image[4].x = 100.0;
        hand.world[4].x = 0.03;
        let body = BodyPose {
            id: 5,
            is_new: true,
            score: 0.5,
            image: array::from_fn(at),
            world: array::from_fn(at),
            size_px: 70.0,
            hands: Hands { left: Some(hand), right: None },
        };
        let mirrored = body.mirrored(640);
        let (own, other) = (L::LeftWrist as usize, L::RightWrist as usize);
        assert_eq!(mirrored.image[own].position, Vec3::new(640.0 - other as f32, 2.0 * other as f32, -1.0));
        assert_eq!(mirrored.world[own].position, Vec3::new(-(other as f32), 2.0 * other as f32, -1.0));
        assert_eq!(mirrored.world[own].visibility, other as f32 / 40.0);
        assert_eq!(mirrored.world[L::Nose as usize].position.y, 0.0);
        let right = mirrored.hands.right.expect("the left one");
        assert_eq!((right.image[4].x, right.world[4].x, right.score), (540.0, -0.03, 0.75));
        assert!(mirrored.hands.left.is_none());
        assert_eq!((mirrored.id, mirrored.is_new, mirrored.size_px), (5, true, 70.0));
        assert_eq!(mirrored.mirrored(640), body);
        for (index, name) in POSE_LANDMARK_NAMES.iter().enumerate() {
            let across = name.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right");
            assert_eq!(POSE_LANDMARK_NAMES[opposite(index)], across);
        }
    }
}
