//! From a clip to a file.

use glam::Vec3;
use serde_json::{Map, Value, json};

use super::{EXTENSION, ExpressionTrack, PRESETS, has_bone};
use crate::formats::animation::upright;
use crate::formats::gltf_animation::{ChannelPath, GltfAnimationError, GltfFile, named_node, times, unwritable};
use crate::motion::clip::MotionClip;
use crate::motion::retarget::rotation_from_parent;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone};

/// Writes a clip, and the expressions that go with it, if there are any.
///
/// Rotations of bones that the skeleton lacks pass to the next bone below. Expressions `lookUp` and the like are left out, as the
/// format has them as a direction.
///
/// # Errors
/// [`GltfAnimationError::Clip`] for a skeleton that is no humanoid, a clip without frames or rate, and what is no number.
pub fn write(clip: &MotionClip, expressions: &[ExpressionTrack]) -> Result<Vec<u8>, GltfAnimationError> {
    let missing: Vec<_> = clip.skeleton.missing().into_iter().map(HumanoidBone::vrm_name).collect();
    if !missing.is_empty() {
        return Err(unwritable(format!("its skeleton lacks {}", missing.join(", "))));
    }
    let times = times(clip)?;
    let mut rest = upright(&clip.skeleton);
    for bone in HumanoidBone::ALL.into_iter().filter(|bone| !has_bone(*bone)) {
        rest.bones[bone as usize] = None;
    }
    let mut file = GltfFile::new();
    let (mut channels, mut bones) = (Vec::new(), Map::new());
    let mut nodes = [None; BONE_COUNT];
    let present = HumanoidBone::ALL.into_iter().filter(|bone| rest.get(*bone).is_some());
    for (node, bone) in present.enumerate() {
        nodes[bone as usize] = Some(node);
    }
    for bone in HumanoidBone::ALL {
        let Some((own, node)) = rest.get(bone).zip(nodes[bone as usize]) else { continue };
        let mut value = named_node(bone.vrm_name(), own.local_position);
        let is_child = |child: &HumanoidBone| rest.get(*child).is_some() && rest.parent(*child) == Some(bone);
        let children: Vec<_> =
            HumanoidBone::ALL.into_iter().filter(is_child).filter_map(|child| nodes[child as usize]).collect();
        // An empty list is an error in glTF.
        if let (false, Some(value)) = (children.is_empty(), value.as_object_mut()) {
            value.insert("children".to_owned(), json!(children));
        }
        file.push("nodes", value);
        bones.insert(bone.vrm_name().to_owned(), json!({ "node": node }));
        let turns = clip.poses.iter().map(|pose| rotation_from_parent(&rest, bone, pose)).collect();
        channels.push((node, ChannelPath::Rotation, file.rotations(turns)?));
        if bone == HumanoidBone::Hips {
            let positions: Vec<_> = clip.poses.iter().map(|pose| pose.hips_position.to_array()).collect();
            channels.push((node, ChannelPath::Translation, file.floats("VEC3", &positions, false)?));
        }
    }
    let mut roots = vec![0];
    let mut extension = json!({ "specVersion": "1.0", "humanoid": { "humanBones": bones } });
    let (mut preset, mut custom) = (Map::new(), Map::new());
    for expression in expressions.iter().filter(|expression| !expression.name.starts_with("look")) {
        let group = if PRESETS.contains(&expression.name.as_str()) { &mut preset } else { &mut custom };
        if group.contains_key(&expression.name) {
            return Err(unwritable(format!("the expression {:?} is there twice", expression.name)));
        }
        if expression.weights.len() != clip.poses.len() {
            return Err(unwritable(format!(
                "the expression {:?} has {} weights for {} frames",
                expression.name,
                expression.weights.len(),
                clip.poses.len()
            )));
        }
        let weight = |weight: &f32| [if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 }, 0.0, 0.0];
        let weights: Vec<_> = expression.weights.iter().map(weight).collect();
        let node = file.push("nodes", named_node(&expression.name, Vec3::ZERO));
        channels.push((node, ChannelPath::Translation, file.floats("VEC3", &weights, false)?));
        roots.push(node);
        group.insert(expression.name.clone(), json!({ "node": node }));
    }
    if !(preset.is_empty() && custom.is_empty()) {
        let groups = [("preset", preset), ("custom", custom)].into_iter().filter(|(_, group)| !group.is_empty());
        let groups: Map<String, Value> = groups.map(|(name, group)| (name.to_owned(), Value::Object(group))).collect();
        if let Some(extension) = extension.as_object_mut() {
            extension.insert("expressions".to_owned(), Value::Object(groups));
        }
    }
    file.set("scene", json!(0));
    file.set("scenes", json!([{ "nodes": roots }]));
    file.set("extensionsUsed", json!([EXTENSION]));
    file.set("extensions", json!({ EXTENSION: extension }));
    file.animate(&clip.name, &times, &channels)?;
    file.finish()
}
