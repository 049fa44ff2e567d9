//! A person's hands at one moment.

use glam::Vec3;

use super::side::Side;

/// Points of one hand: wrist; thumb CMC, MCP, IP, tip; index, middle, ring and little finger each MCP, PIP, DIP, tip.
pub const HAND_LANDMARK_COUNT: usize = 21;

/// Names of a hand's points: the joints from the wrist outwards.
pub const HAND_LANDMARK_NAMES: [&str; HAND_LANDMARK_COUNT] = [
    "wrist",
    "thumb_cmc",
    "thumb_mcp",
    "thumb_ip",
    "thumb_tip",
    "index_mcp",
    "index_pip",
    "index_dip",
    "index_tip",
    "middle_mcp",
    "middle_pip",
    "middle_dip",
    "middle_tip",
    "ring_mcp",
    "ring_pip",
    "ring_dip",
    "ring_tip",
    "pinky_mcp",
    "pinky_pip",
    "pinky_dip",
    "pinky_tip",
];

/// Pairs of points that a drawing of a hand joins.
pub const HAND_CONNECTIONS: [(usize, usize); 21] = [
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (0, 5),
    (5, 6),
    (6, 7),
    (7, 8),
    (5, 9),
    (9, 10),
    (10, 11),
    (11, 12),
    (9, 13),
    (13, 14),
    (14, 15),
    (15, 16),
    (13, 17),
    (0, 17),
    (17, 18),
    (18, 19),
    (19, 20),
];

/// The most that the score of a hand says that was not seen in its picture.
pub const CARRIED_SCORE: f32 = 0.3;

/// Whether a hand was seen in the picture itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Provenance {
    /// The model saw it in this picture.
    #[default]
    Measured,
    /// It was seen in an earlier picture and is carried on from there: a guess, not a measurement.
    Carried {
        /// Seconds of the source's clock since it was last measured.
        age_s: f32,
    },
}

/// A tracked hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HandPose {
    /// Whether it was measured in this picture or is carried on from an earlier one.
    pub provenance: Provenance,
    /// The model's confidence that a hand is there, 0 to 1. Below one half the hand is hidden behind the other hand or
    /// too blurred, and its place is carried on from the frames before.
    pub score: f32,
    /// Pixels of the source picture, y down; z has the scale of x, zero at the wrist, smaller is nearer.
    pub image: [Vec3; HAND_LANDMARK_COUNT],
    /// Metres, origin near the middle of the hand, y down, z away from the camera.
    pub world: [Vec3; HAND_LANDMARK_COUNT],
}

/// The hands of one person; `None` where none is seen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hands {
    /// The person's own left hand.
    pub left: Option<HandPose>,
    /// The person's own right hand.
    pub right: Option<HandPose>,
}

impl Hands {
    /// The hand of one side.
    #[must_use]
    pub const fn get(&self, side: Side) -> Option<&HandPose> {
        match side {
            Side::Left => self.left.as_ref(),
            Side::Right => self.right.as_ref(),
        }
    }

    /// The place of the hand of one side.
    pub const fn get_mut(&mut self, side: Side) -> &mut Option<HandPose> {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }

    /// Whether neither hand is seen.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.left.is_none() && self.right.is_none()
    }

    /// The hands that are seen.
    pub fn iter(&self) -> impl Iterator<Item = (Side, &HandPose)> {
        Side::BOTH.into_iter().filter_map(|side| Some((side, self.get(side)?)))
    }
}
