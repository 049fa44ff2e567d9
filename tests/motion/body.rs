//! Synthetic bodies: the landmarks that an avatar in a given pose would show.

use std::sync::LazyLock;

use glam::{Quat, Vec3};
use livedance::motion::hand::Hands;
use livedance::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark};
use livedance::motion::pose::BodyPose;
use livedance::motion::retarget::{AvatarPose, joint_positions, scene_from_world};
use livedance::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;
use PoseLandmark as L;

/// The shipped avatar, read once.
pub(crate) static SKELETON: LazyLock<RestSkeleton> = LazyLock::new(super::avatar::shipped_avatar);

/// Turns of all bones away from the T-pose, in avatar space.
pub(crate) fn turns(pose: &AvatarPose) -> [Quat; BONE_COUNT] {
    let mut turns = [Quat::IDENTITY; BONE_COUNT];
    for bone in HumanoidBone::ALL {
        let parent = bone.parent().map_or(Quat::IDENTITY, |parent| turns[parent as usize]);
        turns[bone as usize] = parent * pose.rotations[bone as usize];
    }
    turns
}

/// Joint positions relative to the middle of the hips.
pub(crate) fn centred(pose: &AvatarPose) -> [Vec3; BONE_COUNT] {
    let joints = joint_positions(&SKELETON, pose).map(|joint| joint.expect("the shipped avatar has every bone"));
    let middle = (joints[B::LeftUpperLeg as usize] + joints[B::RightUpperLeg as usize]) * 0.5;
    joints.map(|joint| joint - middle)
}

/// A landmark of the left side (or the middle): the bone it is fixed to and its offset from the joint in the T-pose. The
/// face lies as far in front as the tracker has it.
const POINTS: [(L, Option<L>, B, Vec3); 17] = [
    (L::Nose, None, B::Head, Vec3::new(0.0, 0.001, 0.15)),
    (L::LeftEyeInner, Some(L::RightEyeInner), B::Head, Vec3::new(0.018, 0.056, 0.121)),
    (L::LeftEye, Some(L::RightEye), B::Head, Vec3::new(0.032, 0.056, 0.125)),
    (L::LeftEyeOuter, Some(L::RightEyeOuter), B::Head, Vec3::new(0.047, 0.056, 0.115)),
    (L::LeftEar, Some(L::RightEar), B::Head, Vec3::new(0.078, 0.021, 0.027)),
    (L::MouthLeft, Some(L::MouthRight), B::Head, Vec3::new(0.025, -0.029, 0.12)),
    (L::LeftShoulder, Some(L::RightShoulder), B::LeftUpperArm, Vec3::ZERO),
    (L::LeftElbow, Some(L::RightElbow), B::LeftLowerArm, Vec3::ZERO),
    (L::LeftWrist, Some(L::RightWrist), B::LeftHand, Vec3::ZERO),
    (L::LeftPinky, Some(L::RightPinky), B::LeftHand, Vec3::new(0.08, 0.0, -0.035)),
    (L::LeftIndex, Some(L::RightIndex), B::LeftHand, Vec3::new(0.08, 0.0, 0.035)),
    (L::LeftThumb, Some(L::RightThumb), B::LeftHand, Vec3::new(0.05, 0.0, 0.05)),
    (L::LeftHip, Some(L::RightHip), B::LeftUpperLeg, Vec3::ZERO),
    (L::LeftKnee, Some(L::RightKnee), B::LeftLowerLeg, Vec3::ZERO),
    (L::LeftAnkle, Some(L::RightAnkle), B::LeftFoot, Vec3::ZERO),
    (L::LeftHeel, Some(L::RightHeel), B::LeftFoot, Vec3::new(0.0, -0.055, -0.05)),
    (L::LeftFootIndex, Some(L::RightFootIndex), B::LeftToes, Vec3::new(0.0, -0.005, 0.06)),
];

/// The body whose landmarks are those of the shipped avatar in this pose, seen from the front, everything visible.
pub(crate) fn person(pose: &AvatarPose) -> BodyPose {
    let (joints, turns) = (centred(pose), turns(pose));
    let mut world = [Landmark { visibility: 1.0, presence: 1.0, position: Vec3::ZERO }; POSE_LANDMARK_COUNT];
    let mut put = |landmark: L, bone: B, offset: Vec3| {
        // The conversion is its own inverse.
        world[landmark as usize].position = scene_from_world(joints[bone as usize] + turns[bone as usize] * offset);
    };
    for (landmark, opposite, bone, offset) in POINTS {
        put(landmark, bone, offset);
        if let Some(opposite) = opposite {
            put(opposite, bone.opposite(), Vec3::new(-offset.x, offset.y, offset.z));
        }
    }
    BodyPose { id: 0, is_new: false, score: 1.0, image: world, world, size_px: 400.0, hands: Hands::default() }
}

/// The T-pose with these bones turned; each turn is of the left side where `both` mirrors it to the right.
pub(crate) fn posed(rotations: &[(B, Quat)], both: bool) -> AvatarPose {
    let mut pose = AvatarPose::t_pose(&SKELETON);
    for (bone, rotation) in rotations {
        pose.rotations[*bone as usize] = *rotation;
    }
    if both {
        let mirrored = pose.mirrored();
        for (bone, _) in rotations {
            let opposite = bone.opposite();
            if opposite != *bone {
                pose.rotations[opposite as usize] = mirrored.rotations[opposite as usize];
            }
        }
    }
    pose
}

/// Angle in degrees between two directions.
pub(crate) fn degrees_between(a: Vec3, b: Vec3) -> f32 {
    a.angle_between(b).to_degrees()
}
