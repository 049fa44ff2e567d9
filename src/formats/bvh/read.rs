//! From text to a clip.

use glam::{Affine3A, Vec3};

use super::parse::{BvhFile, Channel, parse};
use super::{BvhError, reference};
use crate::formats::animation::{PoseReader, rate, upright};
use crate::formats::avatar::humanoid::{self, AvatarKind};
use crate::formats::avatar::tree::Tree;
use crate::formats::avatar::{BoneMap, rest};
use crate::motion::clip::MotionClip;
use crate::motion::retarget::{AvatarPose, joint_positions};
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// Most frames that are looked at to find the floor.
const LOOKS: usize = 200;
/// A figure that stands within this of y = 0 stands on the floor as it was meant, metres.
const ON_FLOOR_M: f32 = 0.25;

/// What a file is read with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOptions {
    /// What the clip is to be called; the format has no place for a name.
    pub name: String,
    /// Metres a unit of the file; guessed when `None`.
    pub metres_per_unit: Option<f32>,
    /// Which joint is which bone, where names do not say so.
    pub bone_map: Option<BoneMap>,
}

/// Reads a clip with a T-pose of its own: facing +z, metres, y up. Bones are found by the names of joints; joints between
/// bones pass their turns to the next bone below. Where the feet of the figure stand far from y = 0 the whole is moved there.
///
/// Text that is no UTF-8 may be read lossily: only names can suffer.
///
/// # Errors
/// [`BvhError`], with the line where the text is wrong.
pub fn read(text: &str, options: &ReadOptions) -> Result<MotionClip, BvhError> {
    let file = parse(text)?;
    let document = reference::document(&file, 1.0, None);
    let bones = humanoid::find_bones(&document, &Tree::new(&document)?, options.bone_map.as_ref())?;
    let unit = match options.metres_per_unit {
        Some(unit) if unit.is_finite() && unit > 0.0 => unit,
        _ => reference::guess_unit(&file, &bones),
    };
    let document = reference::document(&file, unit, reference::frame(&file, &bones));
    let tree = Tree::new(&document)?;
    let humanoid = rest::humanoid(&tree, bones, AvatarKind::Named, &reference::ends(&file, &tree, unit))?;

    // The file's own placement in height and sideways is the motion's, not the rest pose's.
    let placement = humanoid.avatar_from_file;
    let root = Affine3A::from_scale_rotation_translation(Vec3::splat(placement.scale), placement.rotation, Vec3::ZERO);
    let reader = PoseReader::new(&tree, &humanoid, root);
    let hips = humanoid.nodes[B::Hips as usize].unwrap_or_default();
    let moves: Vec<bool> = {
        let mut moves = vec![false; file.joints.len()];
        for node in tree.upwards(hips) {
            if let Some(moves) = moves.get_mut(node) {
                *moves = true;
            }
        }
        moves
    };
    let local = |frame: &[f64], node: usize, adds: bool| -> Affine3A {
        let Some(joint) = file.joints.get(node) else { return Affine3A::IDENTITY };
        let mut position = joint.offset;
        if moves.get(node) == Some(&true) {
            for (place, channel) in joint.channels.iter().enumerate() {
                if let (Channel::Position(axis), Some(value)) = (channel, frame.get(joint.first + place)) {
                    let axis = &mut position[*axis];
                    *axis = if adds { *axis + *value as f32 } else { *value as f32 };
                }
            }
        }
        Affine3A::from_rotation_translation(reference::rotation(joint, frame), position * unit)
    };
    let looks = |adds: bool| -> f32 {
        let step = file.frames().len().div_ceil(LOOKS).max(1);
        let poses = file.frames().step_by(step).filter_map(|frame| reader.pose(|node| local(frame, node, adds)));
        floor(&humanoid.rest, poses)
    };
    // Programs do not agree whether the offset of a root is added to its position or replaced by it.
    let adds = has_offset(&file, &moves) && looks(true).abs() < looks(false).abs();
    let mut poses = Vec::with_capacity(file.frames().len());
    for (number, frame) in file.frames().enumerate() {
        let pose = reader.pose(|node| local(frame, node, adds)).ok_or(BvhError::Nowhere { frame: number })?;
        poses.push(pose);
    }
    let step = poses.len().div_ceil(LOOKS).max(1);
    let floor = floor(&humanoid.rest, poses.iter().step_by(step).copied());
    if floor.abs() > ON_FLOOR_M {
        for pose in &mut poses {
            pose.hips_position.y -= floor;
        }
    }
    let skeleton = upright(&humanoid.rest);
    Ok(MotionClip { name: options.name.clone(), fps: rate(file.frame_time_s), skeleton, poses })
}

/// Whether one of the joints that carry the hips has a position as well as an offset.
fn has_offset(file: &BvhFile, moves: &[bool]) -> bool {
    file.joints.iter().zip(moves).any(|(joint, moves)| {
        *moves
            && joint.offset.length() > 1e-4
            && joint.channels.iter().any(|channel| matches!(channel, Channel::Position(_)))
    })
}

/// How high the floor lies: the median over the frames of how far the lower foot is above its place in the T-pose.
fn floor(rest: &RestSkeleton, poses: impl Iterator<Item = AvatarPose>) -> f32 {
    let feet = [B::LeftFoot, B::RightFoot, B::LeftToes, B::RightToes];
    let lowest = |pose: AvatarPose| {
        let joints = joint_positions(rest, &pose);
        let above = |foot: B| Some(joints[foot as usize]?.y - rest.get(foot)?.position.y);
        feet.into_iter().filter_map(above).fold(f32::MAX, f32::min)
    };
    let mut heights: Vec<f32> = poses.map(lowest).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 2).copied().unwrap_or(0.0)
}
