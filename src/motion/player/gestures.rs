//! What a body says with its posture.

use super::SURE;
use super::part::{BodyPart, PART_COUNT};
use super::track::PartMotion;

use BodyPart as P;

/// Palms this near to each other clap, as a share of the shoulders' width.
const CLAP: f32 = 0.6;
/// Hips below this share of their height at rest are a squat.
const SQUAT: f32 = 0.8;
/// Both feet over the floor by this share of the hips' height are a jump.
const JUMP: f32 = 0.06;

/// What is read from the posture of a body. What is not surely seen says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gestures {
    /// The left hand is over the head.
    pub left_hand_up: bool,
    /// The right hand is over the head.
    pub right_hand_up: bool,
    /// The palms touch.
    pub clap: bool,
    /// The hips are low.
    pub squat: bool,
    /// Both feet are off the floor.
    pub jump: bool,
    /// How far the chest is to the side of the hips, metres, positive to the avatar's left: who leans dodges.
    pub lean_m: f32,
}

impl Gestures {
    /// Reads them. `hips_at_rest_m` and `foot_at_rest_m` are the heights of hips and ankles of the body when it stands.
    #[must_use]
    pub fn read(parts: &[PartMotion; PART_COUNT], hips_at_rest_m: f32, foot_at_rest_m: f32) -> Self {
        let at = |part: BodyPart| parts[part as usize].position;
        let sure = |some: &[BodyPart]| some.iter().all(|part| parts[*part as usize].confidence >= SURE);
        let shoulders_m = at(P::LeftShoulder).distance(at(P::RightShoulder));
        let up = |hand: BodyPart| sure(&[hand, P::Head]) && at(hand).y > at(P::Head).y;
        let off = |foot: BodyPart| at(foot).y - foot_at_rest_m > JUMP * hips_at_rest_m;
        Self {
            left_hand_up: up(P::LeftHand),
            right_hand_up: up(P::RightHand),
            clap: sure(&[P::LeftHand, P::RightHand]) && at(P::LeftHand).distance(at(P::RightHand)) < CLAP * shoulders_m,
            squat: sure(&[P::Hips, P::LeftKnee, P::RightKnee]) && at(P::Hips).y < SQUAT * hips_at_rest_m,
            jump: sure(&[P::LeftFoot, P::RightFoot]) && off(P::LeftFoot) && off(P::RightFoot),
            lean_m: if sure(&[P::Chest, P::Hips]) { at(P::Chest).x - at(P::Hips).x } else { 0.0 },
        }
    }

    /// Both hands are over the head.
    #[must_use]
    pub const fn hands_up(&self) -> bool {
        self.left_hand_up && self.right_hand_up
    }
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::*;
    use crate::motion::player::{BodySample, BodyTrack, test_body};
    use crate::motion::retarget::AvatarPose;
    use crate::motion::skeleton::HumanoidBone as B;

    fn read(change: impl Fn(&mut AvatarPose), confidence: f32) -> Gestures {
        let rest = test_body::rest();
        let mut pose = AvatarPose::rest(&rest);
        change(&mut pose);
        let mut track = BodyTrack::default();
        track.push(0.0, BodySample::of_pose(&rest, &pose, 0.0, [confidence; PART_COUNT]).expect("finite"));
        Gestures::read(&track.at(0.0).expect("known"), 0.95, 0.1)
    }

    #[test]
    fn standing_at_ease_says_nothing() {
        let gestures = read(|_| {}, 1.0);
        assert!(gestures.lean_m.abs() < 0.01);
        assert_eq!(Gestures { lean_m: 0.0, ..gestures }, Gestures::default());
    }

    #[test]
    fn a_raised_arm_a_squat_and_a_jump_are_seen_where_they_are_sure() {
        let raise = |pose: &mut AvatarPose| {
            pose.rotations[B::LeftUpperArm as usize] = Quat::from_rotation_z(1.4);
            pose.rotations[B::LeftLowerArm as usize] = Quat::IDENTITY;
        };
        let gestures = read(raise, 1.0);
        assert!(gestures.left_hand_up && !gestures.right_hand_up && !gestures.hands_up());
        assert!(!read(raise, 0.3).left_hand_up, "what is hidden says nothing");
        assert!(read(|pose| pose.hips_position.y -= 0.3, 1.0).squat);
        assert!(read(|pose| pose.hips_position.y += 0.2, 1.0).jump);
    }
}
