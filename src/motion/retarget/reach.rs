//! Moving the end of a limb while its hinge gives way: floor contact and hands that touch.

use glam::{Quat, Vec3};

use super::avatar_pose::AvatarPose;
use super::body::SceneBody;
use super::kinematics::{positions, turns};
use super::rotation::{reject, smoothstep};
use crate::motion::landmark::PoseLandmark as L;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// A limb is never stretched quite straight, where its hinge would snap.
const MAX_STRETCH: f32 = 0.999;
/// Shorter moves than this are not worth making, metres.
const LEAST_MOVE_M: f32 = 1e-4;
/// Wrists nearer to each other than this belong together; those farther apart than that do not. In arm lengths.
const HANDS_TOGETHER: (f32, f32) = (0.2, 0.35);
/// Most that a wrist is moved to meet the other, metres.
const MAX_HAND_MOVE_M: f32 = 0.06;

/// Two segments with a hinge between, and the bone at their end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain {
    pub(super) upper: HumanoidBone,
    pub(super) lower: HumanoidBone,
    pub(super) tip: HumanoidBone,
}

impl Chain {
    pub(super) const LEFT_LEG: Self = Self { upper: B::LeftUpperLeg, lower: B::LeftLowerLeg, tip: B::LeftFoot };
    pub(super) const RIGHT_LEG: Self = Self { upper: B::RightUpperLeg, lower: B::RightLowerLeg, tip: B::RightFoot };
    pub(super) const LEFT_ARM: Self = Self { upper: B::LeftUpperArm, lower: B::LeftLowerArm, tip: B::LeftHand };
    pub(super) const RIGHT_ARM: Self = Self { upper: B::RightUpperArm, lower: B::RightLowerArm, tip: B::RightHand };

    /// Moves the tip by `offset` as far as the limb reaches. The hinge stays in its plane, the tip keeps its turn.
    ///
    /// `joints` and `turns` are those of `pose` before; a limb too straight to show its plane stays as it is.
    pub(super) fn move_tip(
        self,
        pose: &mut AvatarPose,
        joints: &[Option<Vec3>; BONE_COUNT],
        turns: &[Quat; BONE_COUNT],
        offset: Vec3,
    ) {
        let joint = |bone: B| joints[bone as usize];
        let (Some(root), Some(hinge), Some(tip)) = (joint(self.upper), joint(self.lower), joint(self.tip)) else {
            return;
        };
        if offset.length() < LEAST_MOVE_M {
            return;
        }
        let (upper_length, lower_length) = (hinge.distance(root), tip.distance(hinge));
        let reach = tip + offset - root;
        let shortest = (upper_length - lower_length).abs() * 1.01 + 1e-3;
        let length = reach.length().clamp(shortest, (MAX_STRETCH * (upper_length + lower_length)).max(shortest));
        let plane = reach.try_normalize().and_then(|along| Some((along, reject(hinge - root, along).try_normalize()?)));
        let Some((along, aside)) = plane else { return };
        let foot = (upper_length.powi(2) - lower_length.powi(2) + length.powi(2)) / (2.0 * length);
        let height = (upper_length.powi(2) - foot.powi(2)).max(0.0).sqrt();
        let (new_hinge, new_tip) = (root + along * foot + aside * height, root + along * length);

        let turn = |bone: B| turns[bone as usize];
        let upper = swing(hinge - root, new_hinge - root) * turn(self.upper);
        let lower = swing(tip - hinge, new_tip - new_hinge) * turn(self.lower);
        let above = self.upper.parent().map_or(Quat::IDENTITY, turn);
        for (bone, parent, turn) in
            [(self.upper, above, upper), (self.lower, upper, lower), (self.tip, lower, turn(self.tip))]
        {
            pose.rotations[bone as usize] = (parent.inverse() * turn).normalize();
        }
    }

    /// Length of the limb, zero where a joint is missing.
    fn length(self, joints: &[Option<Vec3>; BONE_COUNT]) -> f32 {
        let distance = |a: B, b: B| joints[a as usize].zip(joints[b as usize]).map_or(0.0, |(a, b)| a.distance(b));
        distance(self.upper, self.lower) + distance(self.lower, self.tip)
    }
}

/// A leg whose foot can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegChain {
    /// The avatar's left.
    Left,
    /// The avatar's right.
    Right,
}

impl LegChain {
    /// Moves the foot by `offset` as far as the leg reaches, hips and the foot's own turn left as they are.
    pub fn move_foot(self, skeleton: &RestSkeleton, pose: &mut AvatarPose, offset: Vec3) {
        if !offset.is_finite() {
            return;
        }
        let turns = turns(pose);
        let joints = positions(skeleton, pose, &turns);
        let chain = if self == Self::Left { Chain::LEFT_LEG } else { Chain::RIGHT_LEG };
        chain.move_tip(pose, &joints, &turns, offset);
    }

    /// Turns the foot about the vertical through its ankle, radians.
    pub fn turn_foot(self, pose: &mut AvatarPose, yaw: f32) {
        if !yaw.is_finite() || yaw == 0.0 {
            return;
        }
        let chain = if self == Self::Left { Chain::LEFT_LEG } else { Chain::RIGHT_LEG };
        let turns = turns(pose);
        let [above, own] = [chain.lower, chain.tip].map(|bone| turns[bone as usize]);
        pose.rotations[chain.tip as usize] = (above.inverse() * Quat::from_rotation_y(yaw) * own).normalize();
    }
}

/// Hands that are together on the person are together on the avatar, whose arms and shoulders have other lengths.
///
/// `weight` 0 to 1 says how far both arms are to be trusted.
pub(super) fn bring_hands_together(skeleton: &RestSkeleton, pose: &mut AvatarPose, body: &SceneBody, weight: f32) {
    let turns = turns(pose);
    let joints = positions(skeleton, pose, &turns);
    let (left, right) = (Chain::LEFT_ARM, Chain::RIGHT_ARM);
    let (Some(left_wrist), Some(right_wrist)) = (joints[left.tip as usize], joints[right.tip as usize]) else { return };

    let span = |a: L, b: L| body.point(a).distance(body.point(b));
    let length = 0.5
        * (span(L::LeftShoulder, L::LeftElbow)
            + span(L::LeftElbow, L::LeftWrist)
            + span(L::RightShoulder, L::RightElbow)
            + span(L::RightElbow, L::RightWrist));
    let scale = 0.5 * (left.length(&joints) + right.length(&joints)) / length.max(0.1);
    let between = body.point(L::LeftWrist) - body.point(L::RightWrist);
    let together = 1.0 - smoothstep(HANDS_TOGETHER.0, HANDS_TOGETHER.1, between.length() / length.max(0.1));
    let missing = (between * scale - (left_wrist - right_wrist)) * 0.5;
    let offset = (missing * (together * weight)).clamp_length_max(MAX_HAND_MOVE_M);
    if offset.is_finite() {
        left.move_tip(pose, &joints, &turns, offset);
        right.move_tip(pose, &joints, &turns, -offset);
    }
}

fn swing(from: Vec3, to: Vec3) -> Quat {
    from.try_normalize().zip(to.try_normalize()).map_or(Quat::IDENTITY, |(from, to)| Quat::from_rotation_arc(from, to))
}
