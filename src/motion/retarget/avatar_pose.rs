//! The pose of an avatar.

use std::array;

use glam::{Quat, Vec3};

use super::rotation::reflect_rotation;
use crate::motion::Side;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// A pose of the normalised humanoid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AvatarPose {
    /// Where the hips joint is in the avatar's own space: metres, y up, soles at y = 0 in the T-pose.
    pub hips_position: Vec3,
    /// By [`HumanoidBone`]: the bone's rotation relative to its parent, in a T-pose whose rotations are all the identity.
    /// Identity everywhere is the T-pose, facing +z. Unit quaternions.
    pub rotations: [Quat; BONE_COUNT],
}

impl AvatarPose {
    /// The T-pose of this avatar.
    #[must_use]
    pub fn t_pose(skeleton: &RestSkeleton) -> Self {
        let hips_position = skeleton.get(B::Hips).map_or(Vec3::ZERO, |hips| hips.position);
        Self { hips_position, rotations: [Quat::IDENTITY; BONE_COUNT] }
    }

    /// Standing at ease: arms down beside the body, elbows a little bent.
    #[must_use]
    pub fn rest(skeleton: &RestSkeleton) -> Self {
        let mut pose = Self::t_pose(skeleton);
        let arm = [B::LeftUpperArm, B::LeftLowerArm, B::LeftHand];
        for left in arm.iter().chain(HumanoidBone::fingers(Side::Left).as_flattened()).copied() {
            let rotation = resting_rotation(left);
            pose.rotations[left as usize] = rotation;
            pose.rotations[left.opposite() as usize] = reflect_rotation(rotation);
        }
        pose
    }

    /// The rotation of one bone.
    #[must_use]
    pub fn rotation(&self, bone: HumanoidBone) -> Quat {
        self.rotations[bone as usize]
    }

    /// The pose between this one (`t` = 0) and another (`t` = 1): rotations on the shortest arc, the hips on a line.
    #[must_use]
    pub fn interpolate(&self, to: &Self, t: f32) -> Self {
        let t = if t.is_finite() { t.clamp(0.0, 1.0) } else { 1.0 };
        Self {
            hips_position: self.hips_position.lerp(to.hips_position, t),
            rotations: array::from_fn(|bone| self.rotations[bone].slerp(to.rotations[bone], t).normalize()),
        }
    }

    /// The same pose with left and right exchanged, as a mirror shows it.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        Self {
            hips_position: super::rotation::reflect_point(self.hips_position),
            rotations: array::from_fn(|bone| {
                reflect_rotation(self.rotations[HumanoidBone::ALL[bone].opposite() as usize])
            }),
        }
    }

    /// Turns quaternions into the hemisphere of an earlier pose, so that component-wise consumers see no jump.
    pub(super) fn continue_from(&mut self, earlier: &Self) {
        for (rotation, before) in self.rotations.iter_mut().zip(&earlier.rotations) {
            if rotation.dot(*before) < 0.0 {
                *rotation = -*rotation;
            }
        }
    }
}

/// Where a bone of the left side goes when it is not seen, relative to its parent.
pub(super) fn resting_rotation(bone: HumanoidBone) -> Quat {
    match bone {
        B::LeftUpperArm => Quat::from_rotation_x(0.06) * Quat::from_rotation_z(-1.28),
        B::LeftLowerArm => Quat::from_rotation_y(-0.22),
        // Fingers hang a little curled, more towards the little finger.
        B::LeftIndexProximal | B::LeftMiddleProximal => Quat::from_rotation_z(-0.22),
        B::LeftRingProximal | B::LeftLittleProximal | B::LeftIndexIntermediate | B::LeftMiddleIntermediate => {
            Quat::from_rotation_z(-0.3)
        }
        B::LeftRingIntermediate | B::LeftLittleIntermediate => Quat::from_rotation_z(-0.38),
        B::LeftIndexDistal | B::LeftMiddleDistal | B::LeftRingDistal | B::LeftLittleDistal => {
            Quat::from_rotation_z(-0.18)
        }
        _ => Quat::IDENTITY,
    }
}
