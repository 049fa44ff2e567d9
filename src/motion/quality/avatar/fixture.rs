//! A made-up skeleton, and landmarks that fit its poses exactly.

use glam::{Quat, Vec3};

use super::AvatarStretch;
use crate::motion::hand::Hands;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};
use crate::motion::pose::BodyPose;
use crate::motion::retarget::{AvatarPose, joint_positions, scene_from_world};
use crate::motion::skeleton::{HumanoidBone as B, RestBone, RestSkeleton};

/// Frames a second.
pub(super) const FPS: f64 = 30.0;
/// Scale of the image landmarks.
pub(super) const PIXELS_A_METRE: f64 = 200.0;

/// Joints of the middle and the left side; the right one is their mirror image.
const JOINTS: [(B, [f32; 3]); 16] = [
    (B::Hips, [0.0, 0.95, 0.0]),
    (B::Spine, [0.0, 1.05, 0.0]),
    (B::Chest, [0.0, 1.2, 0.0]),
    (B::Neck, [0.0, 1.45, 0.0]),
    (B::Head, [0.0, 1.55, 0.0]),
    (B::LeftShoulder, [0.05, 1.4, 0.0]),
    (B::LeftUpperArm, [0.2, 1.4, 0.0]),
    (B::LeftLowerArm, [0.48, 1.4, 0.0]),
    (B::LeftHand, [0.73, 1.4, 0.0]),
    (B::LeftIndexProximal, [0.82, 1.4, 0.03]),
    (B::LeftLittleProximal, [0.82, 1.4, -0.03]),
    (B::LeftUpperLeg, [0.1, 0.9, 0.0]),
    (B::LeftLowerLeg, [0.1, 0.5, 0.0]),
    (B::LeftFoot, [0.1, 0.08, 0.0]),
    (B::LeftToes, [0.1, 0.02, 0.13]),
    (B::LeftEye, [0.03, 1.6, 0.08]),
];

pub(super) fn skeleton() -> RestSkeleton {
    let mut skeleton = RestSkeleton::default();
    for (bone, [x, y, z]) in JOINTS {
        for (bone, x) in [(bone, x), (bone.opposite(), -x)] {
            let position = Vec3::new(x, y, z);
            skeleton.bones[bone as usize] = Some(RestBone {
                position,
                rotation: Quat::IDENTITY,
                local_rotation: Quat::IDENTITY,
                local_position: position,
            });
        }
    }
    skeleton
}

/// Left and middle landmarks: the bone and the offset from its joint in the T-pose.
const POINTS: [(L, L, B, [f32; 3]); 11] = [
    // The ears as far before the line from the shoulders to the head's joint as landmarks have them.
    (L::Nose, L::Nose, B::Head, [0.0, -0.0191, 0.1298]),
    (L::LeftEar, L::RightEar, B::Head, [0.07, -0.003, 0.0298]),
    (L::LeftShoulder, L::RightShoulder, B::LeftUpperArm, [0.0; 3]),
    (L::LeftElbow, L::RightElbow, B::LeftLowerArm, [0.0; 3]),
    (L::LeftWrist, L::RightWrist, B::LeftHand, [0.0; 3]),
    (L::LeftIndex, L::RightIndex, B::LeftHand, [0.09, 0.0, 0.03]),
    (L::LeftPinky, L::RightPinky, B::LeftHand, [0.09, 0.0, -0.03]),
    (L::LeftHip, L::RightHip, B::LeftUpperLeg, [0.0; 3]),
    (L::LeftKnee, L::RightKnee, B::LeftLowerLeg, [0.0; 3]),
    (L::LeftAnkle, L::RightAnkle, B::LeftFoot, [0.0; 3]),
    (L::LeftHeel, L::RightHeel, B::LeftFoot, [0.0, -0.05, -0.05]),
];

/// The landmarks of the skeleton in a pose.
pub(super) fn person(pose: &AvatarPose) -> BodyPose {
    let skeleton = skeleton();
    let joints = joint_positions(&skeleton, pose);
    let mut turns = [Quat::IDENTITY; crate::motion::skeleton::BONE_COUNT];
    for bone in B::ALL {
        let parent = bone.parent().map_or(Quat::IDENTITY, |parent| turns[parent as usize]);
        turns[bone as usize] = parent * pose.rotation(bone);
    }
    let joint = |bone: B| joints[bone as usize].expect("the fixture has it");
    let middle = 0.5 * (joint(B::LeftUpperLeg) + joint(B::RightUpperLeg));
    let mut world = [Landmark { visibility: 1.0, presence: 1.0, position: Vec3::ZERO }; POSE_LANDMARK_COUNT];
    let mut put = |landmark: L, bone: B, offset: Vec3| {
        let place = joint(bone) + turns[bone as usize] * offset;
        world[landmark as usize].position = scene_from_world(place - middle);
    };
    // Level with the heel, so that the sole is.
    let tip = (L::LeftFootIndex, L::RightFootIndex, B::LeftFoot, [0.0, -0.05, 0.2]);
    for (left, right, bone, [x, y, z]) in POINTS.into_iter().chain([tip]) {
        put(left, bone, Vec3::new(x, y, z));
        put(right, bone.opposite(), Vec3::new(-x, y, z));
    }
    let image =
        world.map(|landmark| Landmark { position: landmark.position * PIXELS_A_METRE as f32 + 300.0, ..landmark });
    BodyPose { id: 0, is_new: false, score: 1.0, image, world, size_px: 400.0, hands: Hands::default() }
}

/// Somebody in a T-pose and an avatar that stands likewise.
pub(super) fn standing(frames: usize) -> AvatarStretch {
    waving(frames, |_| 0.0, |_| 0.0)
}

/// Somebody whose left forearm turns about the vertical, by an angle (radians) over time, and an avatar's with its own.
pub(super) fn waving(frames: usize, person_at: impl Fn(f64) -> f64, avatar_at: impl Fn(f64) -> f64) -> AvatarStretch {
    let times: Vec<f64> = (0..frames).map(|frame| frame as f64 / FPS).collect();
    let pose = |angle: f64| {
        let mut pose = AvatarPose::t_pose(&skeleton());
        pose.rotations[B::LeftLowerArm as usize] = Quat::from_rotation_y(angle as f32);
        pose
    };
    let bodies: Vec<BodyPose> = times.iter().map(|time| person(&pose(person_at(*time)))).collect();
    let poses = times.iter().map(|time| pose(avatar_at(*time))).collect();
    AvatarStretch { times, raw: bodies.clone(), fed: bodies, poses }
}
