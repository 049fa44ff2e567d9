//! From a pose to joint positions and to the rotations that a file's nodes want.

use glam::{Quat, Vec3};

use super::avatar_pose::AvatarPose;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

/// Turns of all bones away from the T-pose, in avatar space, by [`HumanoidBone`].
pub(crate) fn turns(pose: &AvatarPose) -> [Quat; BONE_COUNT] {
    let mut turns = [Quat::IDENTITY; BONE_COUNT];
    // Parents come before children.
    for bone in HumanoidBone::ALL {
        let parent = bone.parent().map_or(Quat::IDENTITY, |parent| turns[parent as usize]);
        turns[bone as usize] = parent * pose.rotation(bone);
    }
    turns
}

/// Where every joint is in avatar space (metres) when the skeleton takes a pose; `None` for bones it lacks.
#[must_use]
pub fn joint_positions(rest: &RestSkeleton, pose: &AvatarPose) -> [Option<Vec3>; BONE_COUNT] {
    positions(rest, pose, &turns(pose))
}

pub(super) fn positions(
    rest: &RestSkeleton,
    pose: &AvatarPose,
    turns: &[Quat; BONE_COUNT],
) -> [Option<Vec3>; BONE_COUNT] {
    let mut positions = [None; BONE_COUNT];
    for bone in HumanoidBone::ALL {
        let Some(own) = rest.get(bone) else { continue };
        positions[bone as usize] = match rest.parent(bone) {
            Some(parent) => positions[parent as usize].zip(rest.get(parent)).map(|(at, parent_rest): (Vec3, _)| {
                at + turns[parent as usize] * (own.position - parent_rest.position)
            }),
            None => Some(pose.hips_position),
        };
    }
    positions
}

/// The normalised rotation of a bone against the next bone above that the avatar has, or against the avatar: rotations of
/// bones that it lacks pass to the next bone below.
#[must_use]
pub fn rotation_from_parent(rest: &RestSkeleton, bone: HumanoidBone, pose: &AvatarPose) -> Quat {
    let mut rotation = pose.rotation(bone);
    let mut above = bone.parent();
    while let Some(missing) = above.filter(|above| rest.get(*above).is_none()) {
        rotation = pose.rotation(missing) * rotation;
        above = missing.parent();
    }
    rotation.normalize()
}

/// The rotation to write to a bone's node, in the space of the node's parent. Identity for bones the avatar lacks.
///
/// Rotations of bones that the avatar lacks pass to the next bone below that it has.
///
/// Source: retargeting through the normalised rest pose, as VRM 1.0 animations do:
/// `local = rest_local * rest_global⁻¹ * normalised * rest_global`.
#[must_use]
pub fn bone_local_rotation(rest: &RestSkeleton, bone: HumanoidBone, pose: &AvatarPose) -> Quat {
    let Some(own) = rest.get(bone) else { return Quat::IDENTITY };
    let normalised = rotation_from_parent(rest, bone, pose);
    (own.local_rotation * own.rotation.inverse() * normalised * own.rotation).normalize()
}
