//! From a file to a clip.

use std::collections::BTreeSet;

use glam::{Quat, Vec3};
use serde_json::Value;

use super::{EXTENSION, ExpressionTrack};
use crate::formats::animation::{PoseReader, upright};
use crate::formats::avatar::container::Container;
use crate::formats::avatar::document::Node;
use crate::formats::avatar::humanoid::{AvatarKind, Bones};
use crate::formats::avatar::rest;
use crate::formats::avatar::tree::Tree;
use crate::formats::gltf_animation::{GltfAnimationError, Tracks, wrong};
use crate::motion::clip::MotionClip;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone};

/// Most expressions; VRM has fewer than twenty of its own.
const MAX_EXPRESSIONS: usize = 200;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Vrma {
    /// The motion, with a T-pose of its own.
    pub clip: MotionClip,
    /// Expressions that the file moves, in the order of their names.
    pub expressions: Vec<ExpressionTrack>,
}

/// Reads the bytes of a file at `fps` frames a second, or at the rate of its keys where they come evenly; else at 60.
///
/// Bones may be turned at rest: their motion is normalised. The first frame is at the first key.
///
/// # Errors
/// [`GltfAnimationError`], a sentence on why it cannot be read.
pub fn read(bytes: &[u8], fps: Option<f64>) -> Result<Vrma, GltfAnimationError> {
    if let Some(fps) = fps.filter(|fps| !(fps.is_finite() && *fps > 0.0)) {
        return Err(wrong(format!("{fps} frames a second were asked for")));
    }
    let container = Container::read(bytes, None)?;
    let document = &container.document;
    let extension = document
        .extensions
        .get(EXTENSION)
        .ok_or_else(|| wrong(format!("it is no VRM animation: it lacks the extension {EXTENSION}")))?;
    let tree = Tree::new(document)?;
    // A file without meshes stands where it says, so the origin is a point of its floor.
    let humanoid = rest::humanoid(&tree, bones(extension, &tree)?, AvatarKind::Vrm1, &[Vec3::ZERO])?;
    let reader = PoseReader::new(&tree, &humanoid, humanoid.avatar_from_file.affine());
    let expressions = expressions(extension);
    let wanted: BTreeSet<usize> = reader.nodes().chain(expressions.iter().map(|(_, node)| *node)).collect();
    let tracks = Tracks::read(&container, |node| wanted.contains(&node))?;
    let fps = fps.unwrap_or_else(|| tracks.fps());

    let at_rest = |node: usize| document.nodes.get(node).and_then(Node::parts);
    let mut poses = Vec::new();
    let mut weights = vec![Vec::new(); expressions.len()];
    for time_s in tracks.times(fps)? {
        let local = |node| tracks.local(node, at_rest(node).unwrap_or((Vec3::ZERO, Quat::IDENTITY, Vec3::ONE)), time_s);
        let pose = reader.pose(local).ok_or_else(|| wrong(format!("its bones stand nowhere at {time_s} s")))?;
        poses.push(pose);
        for ((_, node), weights) in expressions.iter().zip(&mut weights) {
            let weight = tracks.translation(*node, time_s).map_or(f32::NAN, |translation| translation.x);
            weights.push(if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 });
        }
    }
    let is_moved = |node: usize| tracks.translation(node, 0.0).is_some();
    let expressions = expressions
        .into_iter()
        .zip(weights)
        .filter(|((_, node), _)| is_moved(*node))
        .map(|((name, _), weights)| ExpressionTrack { name, weights })
        .collect();
    let clip = MotionClip { name: tracks.name.clone(), fps, skeleton: upright(&humanoid.rest), poses };
    Ok(Vrma { clip, expressions })
}

/// The file's own map of bones. Those that do not lie below their parent bones are no bones.
fn bones(extension: &Value, tree: &Tree) -> Result<Bones, GltfAnimationError> {
    let stated = extension.pointer("/humanoid/humanBones").ok_or_else(|| wrong("it names no bones"))?;
    let mut bones: Bones = [None; BONE_COUNT];
    for bone in HumanoidBone::ALL {
        let node = stated.get(bone.vrm_name()).and_then(node_of).filter(|node| tree.get(*node).is_some());
        let above =
            std::iter::successors(bone.parent(), |above| above.parent()).find_map(|above| bones[above as usize]);
        bones[bone as usize] = node.filter(|node| above.is_none_or(|above| tree.is_below(*node, above)));
    }
    Ok(bones)
}

/// Names and nodes of the expressions.
fn expressions(extension: &Value) -> Vec<(String, usize)> {
    let groups = ["preset", "custom"].into_iter();
    let groups = groups.filter_map(|group| extension.get("expressions")?.get(group)?.as_object());
    let mut found: Vec<_> = groups
        .flatten()
        .filter_map(|(name, value)| Some((name.chars().take(200).collect(), node_of(value)?)))
        .take(MAX_EXPRESSIONS)
        .collect();
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    found
}

fn node_of(value: &Value) -> Option<usize> {
    usize::try_from(value.get("node")?.as_u64()?).ok()
}
