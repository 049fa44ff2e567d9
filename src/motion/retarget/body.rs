//! A tracked body in the scene's frame: landmarks cleaned, turned to y up and, if asked, mirrored.

use std::array;

use glam::Vec3;

use super::rotation::smoothstep;
use crate::motion::Side;
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark, opposite};

use PoseLandmark as L;

/// Coordinates beyond this many metres are errors, not bodies.
const MAX_COORDINATE_M: f32 = 20.0;

/// The scene's coordinates (y up, towards the viewer +z) of a world landmark (y down, away from the camera +z).
#[must_use]
pub fn scene_from_world(world: Vec3) -> Vec3 {
    Vec3::new(world.x, -world.y, -world.z)
}

/// Landmarks in metres in the scene's frame.
#[derive(Debug, Clone)]
pub(super) struct SceneBody {
    points: [Vec3; POSE_LANDMARK_COUNT],
    visibility: [f32; POSE_LANDMARK_COUNT],
}

impl SceneBody {
    /// Cleans, turns and, with `mirror`, swaps sides and reflects. A landmark whose position cannot be used lies at the
    /// origin with visibility zero.
    pub(super) fn new(world: &[Landmark; POSE_LANDMARK_COUNT], mirror: bool) -> Self {
        let source = |index: usize| &world[if mirror { opposite(index) } else { index }];
        let usable = |landmark: &Landmark| landmark.position.abs().cmple(Vec3::splat(MAX_COORDINATE_M)).all();
        Self {
            points: array::from_fn(|index| {
                let landmark = source(index);
                let point = if usable(landmark) { scene_from_world(landmark.position) } else { Vec3::ZERO };
                if mirror { super::rotation::reflect_point(point) } else { point }
            }),
            visibility: array::from_fn(|index| {
                let landmark = source(index);
                if usable(landmark) && landmark.visibility.is_finite() { landmark.visibility } else { 0.0 }
            }),
        }
    }

    pub(super) fn point(&self, landmark: PoseLandmark) -> Vec3 {
        self.points[landmark as usize]
    }

    pub(super) fn middle(&self, a: PoseLandmark, b: PoseLandmark) -> Vec3 {
        (self.point(a) + self.point(b)) * 0.5
    }

    /// Replaces the knuckles of a hand, which the body's model guesses, by those of its 21 points (scene's axes).
    pub(super) fn set_palm(&mut self, side: Side, hand: &[Vec3; HAND_LANDMARK_COUNT]) {
        let points = side.arm();
        let wrist = self.point(points.wrist);
        for (landmark, knuckle) in [(points.index, hand[5]), (points.pinky, hand[17])] {
            self.points[landmark as usize] = wrist + (knuckle - hand[0]);
            self.visibility[landmark as usize] = 1.0;
        }
    }

    /// How far the solver should trust these landmarks together, 0 to 1.
    pub(super) fn trust(&self, landmarks: &[PoseLandmark]) -> f32 {
        let least = landmarks.iter().map(|landmark| self.visibility[*landmark as usize]).fold(1.0, f32::min);
        smoothstep(0.1, 0.4, least)
    }
}

/// The landmarks of one arm.
pub(super) struct ArmPoints {
    pub(super) shoulder: PoseLandmark,
    pub(super) elbow: PoseLandmark,
    pub(super) wrist: PoseLandmark,
    pub(super) index: PoseLandmark,
    pub(super) pinky: PoseLandmark,
}

/// The landmarks of one leg.
pub(super) struct LegPoints {
    pub(super) hip: PoseLandmark,
    pub(super) knee: PoseLandmark,
    pub(super) ankle: PoseLandmark,
    pub(super) heel: PoseLandmark,
    pub(super) toe: PoseLandmark,
}

impl Side {
    pub(super) const fn arm(self) -> ArmPoints {
        match self {
            Self::Left => ArmPoints {
                shoulder: L::LeftShoulder,
                elbow: L::LeftElbow,
                wrist: L::LeftWrist,
                index: L::LeftIndex,
                pinky: L::LeftPinky,
            },
            Self::Right => ArmPoints {
                shoulder: L::RightShoulder,
                elbow: L::RightElbow,
                wrist: L::RightWrist,
                index: L::RightIndex,
                pinky: L::RightPinky,
            },
        }
    }

    pub(super) const fn leg(self) -> LegPoints {
        match self {
            Self::Left => LegPoints {
                hip: L::LeftHip,
                knee: L::LeftKnee,
                ankle: L::LeftAnkle,
                heel: L::LeftHeel,
                toe: L::LeftFootIndex,
            },
            Self::Right => LegPoints {
                hip: L::RightHip,
                knee: L::RightKnee,
                ankle: L::RightAnkle,
                heel: L::RightHeel,
                toe: L::RightFootIndex,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::landmark::POSE_LANDMARK_NAMES;

    #[test]
    fn opposites_swap_left_and_right_in_the_names() {
        for index in 0..POSE_LANDMARK_COUNT {
            let name = POSE_LANDMARK_NAMES[index];
            let swapped =
                if name.contains("left") { name.replace("left", "right") } else { name.replace("right", "left") };
            assert_eq!(POSE_LANDMARK_NAMES[opposite(index)], swapped);
        }
    }
}
