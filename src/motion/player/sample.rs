//! Where the parts of a body are at one moment.

use std::array;

use glam::Vec3;

use super::part::{BodyPart, PART_COUNT};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::retarget::{AvatarPose, joint_positions, turns};
use crate::motion::skeleton::{HumanoidBone as B, RestSkeleton};

use BodyPart as P;

/// Height of the hips of a body of 1.75 m, metres: what sizes are measured against.
const USUAL_HIPS_M: f32 = 0.95;
/// From the joint of the head to the middle of the skull on such a body, metres.
const SKULL_M: f32 = 0.11;
/// From the wrist to the middle of the palm.
const PALM_M: f32 = 0.08;

/// The parts of a body in the scene: metres, y up, the floor at y = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BodySample {
    /// By [`BodyPart`].
    pub positions: [Vec3; PART_COUNT],
    /// By [`BodyPart`]: how sure it is that the part is there, 0 to 1.
    pub confidences: [f32; PART_COUNT],
}

impl BodySample {
    /// The parts of an avatar in a pose; `across_m` is how far it stands to the right of the middle of the scene. `None`
    /// where the pose holds a number that is none.
    #[must_use]
    pub fn of_pose(
        rest: &RestSkeleton,
        pose: &AvatarPose,
        across_m: f32,
        confidences: [f32; PART_COUNT],
    ) -> Option<Self> {
        let joints = joint_positions(rest, pose);
        let bone_turns = turns(pose);
        let joint = |bone: B| {
            let mut bone = Some(bone);
            // Bones that an avatar lacks lie where the next one above is.
            loop {
                match bone {
                    Some(known) if joints[known as usize].is_none() => bone = known.parent(),
                    Some(known) => break joints[known as usize].unwrap_or(Vec3::ZERO),
                    None => break Vec3::ZERO,
                }
            }
        };
        let scale = size(rest);
        let palm = |hand: B, forearm: B| {
            let along = (joint(hand) - joint(forearm)).try_normalize().unwrap_or(Vec3::NEG_Y);
            joint(hand) + along * PALM_M * scale
        };
        let at = |part: BodyPart| match part {
            P::Head => joint(B::Head) + bone_turns[B::Head as usize] * Vec3::Y * SKULL_M * scale,
            P::Chest => {
                let shoulders = joint(B::LeftUpperArm).midpoint(joint(B::RightUpperArm));
                shoulders.lerp(joint(B::Hips), 0.25)
            }
            P::Hips => joint(B::Hips),
            P::LeftShoulder => joint(B::LeftUpperArm),
            P::RightShoulder => joint(B::RightUpperArm),
            P::LeftElbow => joint(B::LeftLowerArm),
            P::RightElbow => joint(B::RightLowerArm),
            P::LeftHand => palm(B::LeftHand, B::LeftLowerArm),
            P::RightHand => palm(B::RightHand, B::RightLowerArm),
            P::LeftHip => joint(B::LeftUpperLeg),
            P::RightHip => joint(B::RightUpperLeg),
            P::LeftKnee => joint(B::LeftLowerLeg),
            P::RightKnee => joint(B::RightLowerLeg),
            P::LeftFoot => joint(B::LeftFoot),
            P::RightFoot => joint(B::RightFoot),
            P::LeftToes => joint(B::LeftToes),
            P::RightToes => joint(B::RightToes),
        };
        let shift = Vec3::X * across_m;
        let positions = BodyPart::ALL.map(|part| at(part) + shift);
        let confidences = confidences.map(|c| if c.is_finite() { c.clamp(0.0, 1.0) } else { 0.0 });
        positions.iter().all(|at| at.is_finite()).then_some(Self { positions, confidences })
    }

    /// Where a part is.
    #[must_use]
    pub const fn at(&self, part: BodyPart) -> Vec3 {
        self.positions[part as usize]
    }
}

/// How large a body is against one of 1.75 m.
#[must_use]
pub fn size(rest: &RestSkeleton) -> f32 {
    let hips = rest.get(B::Hips).map_or(USUAL_HIPS_M, |hips| hips.position.y);
    (hips / USUAL_HIPS_M).clamp(0.1, 4.0)
}

/// How sure each part of the *shown* body is: the least visibility of the landmarks that tell where it is. In a `mirror`
/// the person's left is the avatar's right.
#[must_use]
pub fn confidences(world: &[Landmark; POSE_LANDMARK_COUNT], mirror: bool) -> [f32; PART_COUNT] {
    array::from_fn(|index| {
        let part = BodyPart::ALL[index];
        let part = if mirror { part.opposite() } else { part };
        let sure = |landmark: &Landmark| {
            let is_usable = landmark.position.is_finite() && landmark.visibility.is_finite();
            if is_usable { landmark.visibility.clamp(0.0, 1.0) } else { 0.0 }
        };
        part.landmarks().iter().map(|landmark| sure(&world[*landmark as usize])).fold(1.0, f32::min)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::landmark::PoseLandmark;
    use crate::motion::player::test_body;

    #[test]
    fn a_t_pose_has_its_hands_out_and_its_head_on_top() {
        let rest = test_body::rest();
        let sample = BodySample::of_pose(&rest, &AvatarPose::t_pose(&rest), 0.5, [1.0; PART_COUNT]).expect("finite");
        assert!(sample.at(P::LeftHand).x > 1.2 && sample.at(P::RightHand).x < -0.2, "{sample:?}");
        assert!((sample.at(P::Head).y - 1.64).abs() < 0.02);
        assert!((sample.at(P::Hips).x - 0.5).abs() < 1e-6);
        let mut broken = AvatarPose::t_pose(&rest);
        broken.hips_position.y = f32::NAN;
        assert_eq!(BodySample::of_pose(&rest, &broken, 0.0, [1.0; PART_COUNT]), None);
    }

    #[test]
    fn a_mirror_exchanges_what_is_sure() {
        let mut world = [Landmark { visibility: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT];
        world[PoseLandmark::LeftWrist as usize].visibility = 0.2;
        world[PoseLandmark::RightKnee as usize].position.x = f32::NAN;
        let straight = confidences(&world, false);
        assert!((straight[P::LeftHand as usize] - 0.2).abs() < 1e-6 && straight[P::RightKnee as usize] == 0.0);
        let mirrored = confidences(&world, true);
        assert!((mirrored[P::RightHand as usize] - 0.2).abs() < 1e-6 && mirrored[P::LeftKnee as usize] == 0.0);
        assert!((mirrored[P::LeftHand as usize] - 1.0).abs() < 1e-6);
    }
}
