//! A person's body at one moment.

use super::hand::Hands;
use super::landmark::{Landmark, POSE_LANDMARK_COUNT};

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
