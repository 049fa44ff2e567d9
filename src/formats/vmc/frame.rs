//! One pose as VMC carries it.

use glam::{Quat, Vec3};

use crate::motion::retarget::{AvatarPose, rotation_from_parent};
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// Farthest that the hips may be from the origin on any axis, metres: what lies beyond is a mistake of the sender.
const FARTHEST_M: f32 = 10.0;
/// Sizes of two avatars that differ by more than this are a mistake of the sender.
const MAX_SCALE: f32 = 5.0;

/// Where a bone is against its parent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Metres.
    pub position: Vec3,
    /// Unit quaternion.
    pub rotation: Quat,
}

impl Default for Placement {
    fn default() -> Self {
        Self { position: Vec3::ZERO, rotation: Quat::IDENTITY }
    }
}

/// A pose with the bones that its avatar has, in our space (right-handed, y up, facing +z, metres).
#[derive(Debug, Clone, PartialEq)]
pub struct VmcFrame {
    /// Where the avatar stands.
    pub root: Placement,
    /// By [`HumanoidBone`]: against the next bone above that the avatar has; the hips against the root.
    pub bones: [Option<Placement>; BONE_COUNT],
    /// Weights of expressions by their VRM 1 names, 0 to 1.
    pub expressions: Vec<(String, f32)>,
}

impl Default for VmcFrame {
    fn default() -> Self {
        Self { root: Placement::default(), bones: [None; BONE_COUNT], expressions: Vec::new() }
    }
}

impl VmcFrame {
    /// A pose of an avatar with this T-pose. Rotations of bones that it lacks pass to the next bone below.
    #[must_use]
    pub fn new(rest: &RestSkeleton, pose: &AvatarPose) -> Self {
        let mut frame = Self::default();
        for bone in B::ALL {
            let Some(own) = rest.get(bone) else { continue };
            let position = match rest.parent(bone).and_then(|parent| rest.get(parent)) {
                Some(parent) => own.position - parent.position,
                None => pose.hips_position,
            };
            let rotation = rotation_from_parent(rest, bone, pose);
            frame.bones[bone as usize] = Some(Placement { position, rotation });
        }
        frame
    }

    /// The pose for an avatar with this T-pose. Bones that never came stand as at rest; the way of the hips is scaled by
    /// the lengths of the two avatars' legs, as far as they are known.
    #[must_use]
    pub fn pose(&self, rest: &RestSkeleton) -> AvatarPose {
        let mut pose = AvatarPose::rest(rest);
        for (rotation, bone) in pose.rotations.iter_mut().zip(&self.bones) {
            if let Some(bone) = bone {
                *rotation = bone.rotation;
            }
        }
        let hips = self.bones[B::Hips as usize];
        let at_rest = pose.hips_position;
        if let Some(hips) = hips {
            let position = (self.root.position + self.root.rotation * hips.position) * self.scale_to(rest);
            if position.is_finite() {
                pose.hips_position = position.clamp(Vec3::splat(-FARTHEST_M), Vec3::splat(FARTHEST_M));
            }
        } else {
            pose.hips_position = at_rest + self.root.position.clamp(Vec3::splat(-FARTHEST_M), Vec3::splat(FARTHEST_M));
        }
        let turned = self.root.rotation * pose.rotation(B::Hips);
        pose.rotations[B::Hips as usize] = turned.normalize();
        pose
    }

    /// Metres of this avatar for one metre of the sender's.
    fn scale_to(&self, rest: &RestSkeleton) -> f32 {
        let length = |bone: B| Some(self.bones[bone as usize]?.position.length());
        let theirs = length(B::LeftLowerLeg).zip(length(B::LeftFoot)).map(|(thigh, shin)| thigh + shin);
        let between = |a: B, b: B| Some(rest.get(a)?.position.distance(rest.get(b)?.position));
        let thigh = between(B::LeftUpperLeg, B::LeftLowerLeg);
        let ours = thigh.zip(between(B::LeftLowerLeg, B::LeftFoot)).map(|(thigh, shin)| thigh + shin);
        ours.zip(theirs)
            .map(|(ours, theirs)| ours / theirs)
            .filter(|scale| (MAX_SCALE.recip()..=MAX_SCALE).contains(scale))
            .unwrap_or(1.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::motion::skeleton::RestBone;

    /// A skeleton of all bones but those named, each 0.1 m from its parent in a way of its own.
    pub(in super::super) fn skeleton(scale: f32, without: &[B]) -> RestSkeleton {
        let mut rest = RestSkeleton::default();
        let mut positions = [Vec3::ZERO; BONE_COUNT];
        for bone in B::ALL {
            let parent = bone.parent().map_or(Vec3::Y * 0.6, |parent| positions[parent as usize]);
            let way = Vec3::new((bone as usize % 3) as f32 - 1.0, 1.0, (bone as usize % 2) as f32).normalize_or_zero();
            let position = parent + way * 0.1;
            positions[bone as usize] = position;
            let position = position * scale;
            let rest_bone = RestBone {
                position,
                rotation: Quat::IDENTITY,
                local_rotation: Quat::IDENTITY,
                local_position: position,
            };
            rest.bones[bone as usize] = (!without.contains(&bone)).then_some(rest_bone);
        }
        rest
    }

    /// A pose in which every bone is turned in its own way.
    pub(in super::super) fn turned(rest: &RestSkeleton, by: f32) -> AvatarPose {
        let mut pose = AvatarPose::t_pose(rest);
        pose.hips_position += Vec3::new(0.3, -0.1, 0.2) * by;
        for (index, rotation) in pose.rotations.iter_mut().enumerate() {
            let angle = index as f32 * 0.37;
            *rotation = Quat::from_euler(glam::EulerRot::YXZ, angle.sin() * by, angle.cos() * by, 0.3 * by);
        }
        pose
    }

    #[test]
    fn a_pose_comes_back() {
        let rest = skeleton(1.0, &[]);
        let pose = turned(&rest, 0.8);
        let back = VmcFrame::new(&rest, &pose).pose(&rest);
        assert!(back.hips_position.distance(pose.hips_position) < 1e-5);
        for bone in B::ALL {
            assert!(back.rotation(bone).angle_between(pose.rotation(bone)) < 1e-3, "{bone:?}");
        }
    }

    #[test]
    fn turns_of_bones_that_are_lacking_pass_downwards() {
        let (rest, whole) = (skeleton(1.0, &[B::Chest, B::UpperChest]), skeleton(1.0, &[]));
        let pose = turned(&whole, 0.5);
        let frame = VmcFrame::new(&rest, &pose);
        assert!(frame.bones[B::Chest as usize].is_none());
        let neck = frame.bones[B::Neck as usize].expect("a neck");
        let expected = pose.rotation(B::Chest) * pose.rotation(B::UpperChest) * pose.rotation(B::Neck);
        assert!(neck.rotation.angle_between(expected) < 1e-3);
        let (neck_at, spine_at) = (rest.get(B::Neck).expect("neck"), rest.get(B::Spine).expect("spine"));
        assert!(neck.position.distance(neck_at.position - spine_at.position) < 1e-6);
    }

    #[test]
    fn the_way_of_the_hips_fits_the_legs() {
        let (theirs, ours) = (skeleton(1.0, &[]), skeleton(0.5, &[]));
        let pose = turned(&theirs, 0.8);
        let back = VmcFrame::new(&theirs, &pose).pose(&ours);
        assert!(back.hips_position.distance(pose.hips_position * 0.5) < 1e-5);
    }

    #[test]
    fn the_root_moves_and_turns_everything() {
        let rest = skeleton(1.0, &[]);
        let mut frame = VmcFrame::new(&rest, &AvatarPose::t_pose(&rest));
        frame.root = Placement { position: Vec3::X, rotation: Quat::from_rotation_y(1.0) };
        let pose = frame.pose(&rest);
        assert!(pose.rotation(B::Hips).angle_between(frame.root.rotation) < 1e-3);
        let hips = rest.get(B::Hips).expect("hips").position;
        assert!(pose.hips_position.distance(Vec3::X + frame.root.rotation * hips) < 1e-5);
    }

    #[test]
    fn nothing_received_is_the_rest_pose() {
        let rest = skeleton(1.0, &[]);
        assert_eq!(VmcFrame::default().pose(&rest), AvatarPose::rest(&rest));
    }
}
