//! From a clip to text.

use std::fmt::Write as _;
use std::io;

use glam::Vec3;

use super::euler::zxy;
use super::{BvhError, CM};
use crate::formats::vmc::unity_name;
use crate::motion::clip::MotionClip;
use crate::motion::retarget::{AvatarPose, rotation_from_parent};
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// What a file is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteOptions {
    /// Begin with one more frame in the T-pose, as some programs want it to fit a skeleton to; the motion comes one
    /// frame later then.
    pub t_pose_first: bool,
}

/// Writes a clip: centimetres, degrees, y up, facing +z, joints named as Unity names them, in a T-pose at zero rotation.
///
/// Every joint turns about z, x, y in this order. Rotations of bones that the skeleton lacks pass to the next bone below.
///
/// # Errors
/// [`BvhError::Clip`] for a skeleton that is no humanoid, a rate that is none, no frames, and poses that are no numbers;
/// [`BvhError::Io`].
pub fn write(clip: &MotionClip, options: &WriteOptions, out: &mut impl io::Write) -> Result<(), BvhError> {
    check(clip)?;
    let rest = &clip.skeleton;
    let mut text = String::from("HIERARCHY\n");
    let mut order = Vec::new();
    joint(&mut text, rest, B::Hips, 0, &mut order);
    let t_pose = options.t_pose_first.then(|| AvatarPose::t_pose(rest));
    let frames = clip.poses.len() + usize::from(options.t_pose_first);
    // Writing into a string cannot fail.
    let _ = writeln!(text, "MOTION\nFrames: {frames}\nFrame Time: {:.10}", 1.0 / clip.fps);
    out.write_all(text.as_bytes())?;

    let mut before = [[0.0; 3]; BONE_COUNT];
    for pose in t_pose.iter().chain(&clip.poses) {
        text.clear();
        for axis in pose.hips_position.to_array() {
            number(&mut text, f64::from(axis) * f64::from(CM));
        }
        for bone in &order {
            let before = &mut before[*bone as usize];
            *before = zxy(rotation_from_parent(rest, *bone, pose), *before);
            for angle in before {
                number(&mut text, angle.to_degrees());
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    Ok(())
}

fn check(clip: &MotionClip) -> Result<(), BvhError> {
    let wrong = |reason: String| Err(BvhError::Clip { reason });
    let missing: Vec<_> = clip.skeleton.missing().into_iter().map(HumanoidBone::vrm_name).collect();
    if !missing.is_empty() {
        return wrong(format!("its skeleton lacks {}", missing.join(", ")));
    }
    if !(clip.fps.is_finite() && clip.fps > 0.0) {
        return wrong(format!("{} frames a second", clip.fps));
    }
    if clip.poses.is_empty() {
        return wrong("it has no frames".to_owned());
    }
    let is_number = |pose: &AvatarPose| {
        pose.hips_position.is_finite()
            && pose.rotations.iter().all(|turn| turn.is_finite() && turn.length_squared() > 1e-6)
    };
    match clip.poses.iter().position(|pose| !is_number(pose)) {
        Some(frame) => wrong(format!("frame {frame} is no pose")),
        None => Ok(()),
    }
}

/// A number and a space; never "-0.000000".
fn number(text: &mut String, number: f64) {
    let begin = text.len();
    let _ = write!(text, "{number:.6} ");
    if text.get(begin..) == Some("-0.000000 ") {
        text.truncate(begin);
        text.push_str("0.000000 ");
    }
}

/// A joint and all below it. At most as deep as the humanoid.
fn joint(text: &mut String, rest: &RestSkeleton, bone: HumanoidBone, depth: usize, order: &mut Vec<HumanoidBone>) {
    order.push(bone);
    let position = |bone: HumanoidBone| rest.get(bone).map_or(Vec3::ZERO, |bone| bone.position);
    let parent = rest.parent(bone);
    let offset = parent.map_or(Vec3::ZERO, |parent| position(bone) - position(parent));
    let kind = if parent.is_none() { "ROOT" } else { "JOINT" };
    open(text, depth, &format!("{kind} {}", unity_name(bone)), offset);
    let positions = if parent.is_none() { "6 Xposition Yposition Zposition" } else { "3" };
    let _ = writeln!(text, "{}CHANNELS {positions} Zrotation Xrotation Yrotation", "\t".repeat(depth + 1));
    let mut is_leaf = true;
    for child in HumanoidBone::ALL.into_iter().filter(|child| rest.get(*child).is_some()) {
        if rest.parent(child) == Some(bone) {
            is_leaf = false;
            joint(text, rest, child, depth + 1, order);
        }
    }
    if is_leaf {
        open(text, depth + 1, "End Site", end(rest, bone));
        close(text, depth + 1);
    }
    close(text, depth);
}

fn open(text: &mut String, depth: usize, head: &str, offset: Vec3) {
    let tabs = "\t".repeat(depth);
    let _ = write!(text, "{tabs}{head}\n{tabs}{{\n{tabs}\tOFFSET ");
    for axis in offset.to_array() {
        number(text, f64::from(axis) * f64::from(CM));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn close(text: &mut String, depth: usize) {
    let _ = writeln!(text, "{}}}", "\t".repeat(depth));
}

/// Where a bone without children ends, from its joint, metres. Those of the feet end on the floor, so that whoever reads the
/// file knows how high the hips stand.
fn end(rest: &RestSkeleton, bone: HumanoidBone) -> Vec3 {
    let Some(own) = rest.get(bone) else { return Vec3::ZERO };
    let along = rest
        .parent(bone)
        .and_then(|parent| rest.get(parent))
        .map_or(Vec3::ZERO, |parent| own.position - parent.position);
    let height = rest.get(B::Head).map_or(1.5, |head| head.position.y).max(0.1);
    let to_floor = -own.position.y;
    match bone {
        B::LeftToes | B::RightToes => Vec3::new(0.0, to_floor, 0.04 * height),
        B::LeftFoot | B::RightFoot => Vec3::new(0.0, to_floor, 0.1 * height),
        B::Head => Vec3::Y * 0.12 * height,
        B::LeftEye | B::RightEye => Vec3::Z * 0.02 * height,
        B::LeftHand | B::RightHand => along * 0.6,
        // Ends of fingers are a little shorter than what comes before; anything else goes on as it came.
        _ => along * 0.8,
    }
}
