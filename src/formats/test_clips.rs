//! Clips to write and read back: smooth, with every bone turning in its own way, on the avatars that are shipped.

use std::path::PathBuf;

use glam::{Quat, Vec3};
use serde_json::{Value, json};

use super::avatar::{self, AvatarFile};
use crate::motion::clip::MotionClip;
use crate::motion::random::Random;
use crate::motion::retarget::{AvatarPose, joint_positions, turns};
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// The avatars that are shipped.
pub(super) const AVATARS: [&str; 3] = ["livedance", "child", "stylised"];

/// The bytes of a shipped avatar, and what is read from them.
pub(super) fn avatar(name: &str) -> (Vec<u8>, AvatarFile) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/avatar").join(format!("{name}.glb"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = avatar::parse(&bytes, None, None).expect("an avatar");
    (bytes, file)
}

/// Every shipped skeleton, one with the required bones alone, and one that lacks a few in the middle.
pub(super) fn skeletons() -> Vec<(&'static str, RestSkeleton)> {
    let mut all: Vec<_> = AVATARS.into_iter().map(|name| (name, avatar(name).1.humanoid.rest)).collect();
    let without = |lacks: &dyn Fn(B) -> bool| {
        let mut rest = all[0].1.clone();
        for bone in B::ALL {
            if lacks(bone) {
                rest.bones[bone as usize] = None;
            }
        }
        rest
    };
    let bare = without(&|bone| !bone.is_required());
    let gaps = without(&|bone| {
        [B::UpperChest, B::LeftShoulder, B::RightToes, B::LeftIndexIntermediate, B::RightLittleDistal].contains(&bone)
    });
    all.extend([("bare", bare), ("gaps", gaps)]);
    all
}

/// A person who walks in a circle, spins more than once, and turns every bone: limbs far, fingers and back less.
pub(super) fn smooth_clip(rest: &RestSkeleton, frames: usize, fps: f64, seed: u64) -> MotionClip {
    let mut random = Random::new(seed);
    let waves: Vec<[[f32; 3]; 3]> = B::ALL
        .iter()
        .map(|_| std::array::from_fn(|_| [random.signed(), 0.5 + random.signed().abs(), random.signed() * 3.0]))
        .collect();
    let t_pose = AvatarPose::t_pose(rest);
    let pose = |frame: usize| {
        let time = (frame as f64 / fps) as f32;
        let mut pose = t_pose;
        pose.hips_position += Vec3::new((time * 0.9).sin() * 1.5, (time * 5.0).sin() * 0.05, time.cos() - 1.0);
        for bone in B::ALL {
            let reach = match bone {
                B::LeftUpperArm | B::RightUpperArm => 1.8,
                B::LeftLowerArm | B::RightLowerArm | B::LeftUpperLeg | B::RightUpperLeg => 1.1,
                B::LeftLowerLeg | B::RightLowerLeg => 0.9,
                B::Spine | B::Chest | B::UpperChest | B::Neck => 0.25,
                _ => 0.6,
            };
            let wave = &waves[bone as usize];
            let axis =
                wave.map(|[size, speed, phase]| size * ((time * speed * 2.0 + phase).sin() - phase.sin()) * reach);
            pose.rotations[bone as usize] = Quat::from_scaled_axis(Vec3::from_array(axis)).normalize();
        }
        let spin = Quat::from_rotation_y(time * 2.5) * pose.rotations[B::Hips as usize];
        pose.rotations[B::Hips as usize] = spin.normalize();
        pose
    };
    let poses = (0..frames).map(pose).collect();
    MotionClip { name: "Spin & walk".to_owned(), fps, skeleton: rest.clone(), poses }
}

/// Farthest that two clips lie apart at any frame: joints in millimetres, bones in degrees. Bones that only one of them has do
/// not count, but must be among `lost`.
pub(super) fn apart(a: &MotionClip, b: &MotionClip, lost: &[B]) -> (f32, f32) {
    assert_eq!(a.poses.len(), b.poses.len(), "frames");
    let mut most = (0.0_f32, 0.0_f32);
    for (one, other) in a.poses.iter().zip(&b.poses) {
        let (joints, others) = (joint_positions(&a.skeleton, one), joint_positions(&b.skeleton, other));
        let (bones, other_bones) = (turns(one), turns(other));
        for bone in B::ALL {
            let at = bone as usize;
            match (joints[at], others[at]) {
                (Some(joint), Some(other)) => {
                    most.0 = most.0.max(joint.distance(other) * 1000.0);
                    most.1 = most.1.max(between(bones[at], other_bones[at]).to_degrees());
                }
                (None, None) => {}
                _ => assert!(lost.contains(&bone), "{} is in one of them alone", bone.vrm_name()),
            }
        }
    }
    most
}

/// The angle between two rotations, also where it is too small for a cosine.
pub(super) fn between(a: Quat, b: Quat) -> f32 {
    let off = a.inverse() * b;
    2.0 * Vec3::new(off.x, off.y, off.z).length().atan2(off.w.abs())
}

/// Changes one value somewhere in a document.
pub(super) fn damage(value: &mut Value, random: &mut Random) {
    let odd = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!(4_000_000_000_u32),
        json!("x"),
        json!([]),
        json!({}),
        json!(0),
        json!(3),
    ];
    let count = match value {
        Value::Array(list) => list.len(),
        Value::Object(object) => object.len(),
        _ => 0,
    };
    if count == 0 || random.below(12) == 0 {
        *value = odd[random.below(odd.len())].clone();
        return;
    }
    let chosen = random.below(count);
    let inner = match value {
        Value::Array(list) => list.get_mut(chosen),
        Value::Object(object) => object.values_mut().nth(chosen),
        _ => None,
    };
    if let Some(inner) = inner {
        damage(inner, random);
    }
}
