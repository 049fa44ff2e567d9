//! What an avatar file says about its humanoid: which node is which bone, and how it stands at rest.
//!
//! The file's JSON is read here, before the engine loads meshes, so that a file without a usable humanoid is refused
//! with a sentence instead of a panic somewhere in the renderer.

use std::collections::HashMap;

use glam::{Affine3A, Mat4, Quat, Vec3};
use serde::Deserialize;
use serde_json::Value;

use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestBone, RestSkeleton};

/// Why a file cannot be used as an avatar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RigError {
    /// Not a binary glTF 2.0 file.
    #[error("not a binary glTF 2.0 file (.glb): {reason}")]
    NotGlb {
        /// What is wrong with it.
        reason: String,
    },
    /// The glTF's JSON does not hold together.
    #[error("the glTF is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// Bones that a humanoid must have were not found.
    #[error("no humanoid: bones missing: {missing}; use a VRM 1.0 file, or name the nodes as VRM names its bones")]
    MissingBones {
        /// VRM names, separated by commas.
        missing: String,
    },
}

/// The humanoid of an avatar file.
#[derive(Debug, Clone, PartialEq)]
pub struct RigDefinition {
    /// The T-pose, in the avatar's own space.
    pub rest: RestSkeleton,
    /// By bone: the names of the nodes from the scene's root down to the bone, as the loader names its entities.
    pub node_paths: [Option<Vec<String>>; BONE_COUNT],
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    scene: usize,
    #[serde(default)]
    scenes: Vec<Scene>,
    #[serde(default)]
    nodes: Vec<Node>,
    #[serde(default)]
    skins: Vec<Skin>,
    #[serde(default)]
    extensions: HashMap<String, Value>,
}

#[derive(Deserialize)]
struct Scene {
    #[serde(default)]
    nodes: Vec<usize>,
}

#[derive(Deserialize)]
struct Skin {
    #[serde(default)]
    joints: Vec<usize>,
}

#[derive(Deserialize, Default)]
struct Node {
    name: Option<String>,
    #[serde(default)]
    children: Vec<usize>,
    translation: Option<[f32; 3]>,
    rotation: Option<[f32; 4]>,
    scale: Option<[f32; 3]>,
    matrix: Option<[f32; 16]>,
}

impl Node {
    fn local(&self) -> Affine3A {
        if let Some(matrix) = &self.matrix {
            return Affine3A::from_mat4(Mat4::from_cols_array(matrix));
        }
        let rotation = self.rotation.map_or(Quat::IDENTITY, Quat::from_array);
        Affine3A::from_scale_rotation_translation(
            self.scale.map_or(Vec3::ONE, Vec3::from_array),
            if rotation.length_squared() > 1e-6 { rotation.normalize() } else { Quat::IDENTITY },
            self.translation.map_or(Vec3::ZERO, Vec3::from_array),
        )
    }
}

/// A node with its place in the scene.
struct Placed {
    path: Vec<String>,
    parent: Option<usize>,
    local: Affine3A,
    global: Affine3A,
}

impl RigDefinition {
    /// Reads the humanoid out of a binary glTF: VRM 1.0's bone map where it names joints of the skin, else nodes that
    /// bear a VRM bone's name.
    ///
    /// # Errors
    /// [`RigError`] when the file is no GLB, is damaged, or lacks a required bone.
    pub fn from_glb(bytes: &[u8]) -> Result<Self, RigError> {
        let document: Document = serde_json::from_slice(json_chunk(bytes)?)
            .map_err(|error| RigError::Damaged { reason: error.to_string() })?;
        let placed = place_nodes(&document)?;
        let bones = find_bones(&document, &placed);

        let mut rest = RestSkeleton::default();
        let mut node_paths: [Option<Vec<String>>; BONE_COUNT] = std::array::from_fn(|_| None);
        for bone in HumanoidBone::ALL {
            let Some(node) = bones[bone as usize].and_then(|index| placed.get(&index)) else { continue };
            let (_, rotation, position) = node.global.to_scale_rotation_translation();
            let (_, local_rotation, local_position) = node.local.to_scale_rotation_translation();
            rest.bones[bone as usize] = Some(RestBone { position, rotation, local_rotation, local_position });
            node_paths[bone as usize] = Some(node.path.clone());
        }
        let missing = rest.missing();
        if !missing.is_empty() {
            let names: Vec<_> = missing.into_iter().map(HumanoidBone::vrm_name).collect();
            return Err(RigError::MissingBones { missing: names.join(", ") });
        }
        Ok(Self { rest, node_paths })
    }
}

/// The JSON chunk of a GLB container. Source: glTF 2.0, section 4.4.
fn json_chunk(bytes: &[u8]) -> Result<&[u8], RigError> {
    let not_glb = |reason: &str| RigError::NotGlb { reason: reason.to_owned() };
    let word = |at: usize| -> Option<u32> { Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)) };
    if bytes.get(..4) != Some(b"glTF") {
        return Err(not_glb("it does not begin with \"glTF\""));
    }
    if word(4) != Some(2) {
        return Err(not_glb("its version is not 2"));
    }
    if bytes.get(16..20) != Some(b"JSON") {
        return Err(not_glb("its first chunk is not JSON"));
    }
    word(12)
        .and_then(|length| bytes.get(20..20_usize.checked_add(length as usize)?))
        .ok_or_else(|| not_glb("it is cut short"))
}

/// Walks the scene from its roots; nodes outside it are left out.
fn place_nodes(document: &Document) -> Result<HashMap<usize, Placed>, RigError> {
    let damaged = |reason: &str| RigError::Damaged { reason: reason.to_owned() };
    let scene = document.scenes.get(document.scene).ok_or_else(|| damaged("it has no scene"))?;
    let mut placed = HashMap::new();
    let mut open: Vec<(usize, Option<usize>)> = scene.nodes.iter().map(|node| (*node, None)).collect();
    while let Some((index, parent)) = open.pop() {
        let node = document.nodes.get(index).ok_or_else(|| damaged("a node refers to one that is not there"))?;
        let (mut path, above) = parent
            .and_then(|parent| placed.get(&parent))
            .map_or_else(|| (Vec::new(), Affine3A::IDENTITY), |p: &Placed| (p.path.clone(), p.global));
        path.push(node.name.clone().unwrap_or_else(|| format!("GltfNode{index}")));
        let local = node.local();
        if placed.insert(index, Placed { path, parent, local, global: above * local }).is_some() {
            return Err(damaged("a node has two parents"));
        }
        open.extend(node.children.iter().map(|child| (*child, Some(index))));
    }
    Ok(placed)
}

/// By bone, its node. Exporters have been seen to name a mesh node that shares the bone's name, so an entry of the
/// bone map only counts when it lies below its parent bone (a skin's joint, where there is a skin).
fn find_bones(document: &Document, placed: &HashMap<usize, Placed>) -> [Option<usize>; BONE_COUNT] {
    let is_joint =
        |node: usize| document.skins.is_empty() || document.skins.iter().any(|skin| skin.joints.contains(&node));
    let below = |mut node: usize, ancestor: usize| loop {
        match placed.get(&node).and_then(|placed| placed.parent) {
            Some(parent) if parent == ancestor => return true,
            Some(parent) => node = parent,
            None => return false,
        }
    };
    let mapped = |bone: HumanoidBone| {
        let bones = document.extensions.get("VRMC_vrm")?.get("humanoid")?.get("humanBones")?;
        usize::try_from(bones.get(bone.vrm_name())?.get("node")?.as_u64()?).ok()
    };
    let mut found = [None; BONE_COUNT];
    for bone in HumanoidBone::ALL {
        let ancestor = std::iter::successors(bone.parent(), |above| above.parent())
            .find_map(|above: HumanoidBone| found[above as usize]);
        let fits = |node: &usize| {
            placed.contains_key(node) && is_joint(*node) && ancestor.is_none_or(|above| below(*node, above))
        };
        let named = || {
            let mut nodes: Vec<usize> = (0..document.nodes.len())
                .filter(|node| document.nodes[*node].name.as_deref() == Some(bone.vrm_name()))
                .collect();
            nodes.retain(fits);
            nodes.first().copied()
        };
        found[bone as usize] = mapped(bone).filter(fits).or_else(named);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::skeleton::HumanoidBone as B;

    fn bundled() -> Vec<u8> {
        std::fs::read(crate::paths::shipped_folder("assets").join("avatar/livedance.glb")).expect("the bundled avatar")
    }

    fn glb(json: &str) -> Vec<u8> {
        let mut bytes = b"glTF".to_vec();
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend((20 + json.len() as u32).to_le_bytes());
        bytes.extend((json.len() as u32).to_le_bytes());
        bytes.extend(b"JSON");
        bytes.extend(json.as_bytes());
        bytes
    }

    #[test]
    fn the_bundled_avatar_has_every_bone_in_a_t_pose() {
        let rig = RigDefinition::from_glb(&bundled()).expect("a humanoid");
        let at = |bone: B| rig.rest.get(bone).expect("every bone").position;
        assert!(HumanoidBone::ALL.into_iter().all(|bone| rig.rest.get(bone).is_some()));
        assert!(at(B::Head).y > at(B::Neck).y && at(B::Head).y > 1.4, "head at {}", at(B::Head));
        let arm = at(B::LeftHand) - at(B::LeftUpperArm);
        assert!(arm.x > 0.4 && arm.y.abs() < 0.05, "the left arm points to +x: {arm}");
        assert!(at(B::LeftFoot).y < 0.15, "ankles are near the floor");
        let path = rig.node_paths[B::Head as usize].as_deref().expect("a path");
        assert!(path.iter().any(|name| name == "neck"), "the head is the bone below the neck: {path:?}");
    }

    #[test]
    fn local_and_global_rest_agree() {
        let rig = RigDefinition::from_glb(&bundled()).expect("a humanoid");
        for bone in HumanoidBone::ALL {
            let Some(parent) = rig.rest.parent(bone) else { continue };
            let (child, parent) = (rig.rest.get(bone).expect("bone"), rig.rest.get(parent).expect("parent"));
            let rotation = parent.rotation * child.local_rotation;
            assert!(rotation.angle_between(child.rotation) < 1e-3, "{bone:?}");
            let position = parent.position + parent.rotation * child.local_position;
            assert!(position.distance(child.position) < 1e-3, "{bone:?}");
        }
    }

    #[test]
    fn damaged_files_are_refused_with_a_reason() {
        let whole = bundled();
        for (bytes, word) in [
            (&b"hello"[..], "glTF"),
            (&whole[..200], "cut short"),
            (&glb("{}")[..], "no scene"),
            (&glb("{\"scenes\":[{\"nodes\":[3]}]}")[..], "not there"),
            (&glb("{\"scenes\":[{\"nodes\":[0]}],\"nodes\":[{\"children\":[0]}]}")[..], "two parents"),
            (&glb("{\"scenes\":[{\"nodes\":[0]}],\"nodes\":[{\"name\":\"hips\"}]}")[..], "bones missing: spine"),
        ] {
            let message = RigDefinition::from_glb(bytes).expect_err("refused").to_string();
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn bones_are_found_by_name_without_a_bone_map() {
        let nodes: Vec<String> = HumanoidBone::ALL
            .into_iter()
            .map(|bone| {
                let children: Vec<String> = HumanoidBone::ALL
                    .into_iter()
                    .filter(|child| child.parent() == Some(bone))
                    .map(|child| (child as usize).to_string())
                    .collect();
                let name = bone.vrm_name();
                format!("{{\"name\":\"{name}\",\"translation\":[0,0.1,0],\"children\":[{}]}}", children.join(","))
            })
            .collect();
        let json = format!("{{\"scenes\":[{{\"nodes\":[0]}}],\"nodes\":[{}]}}", nodes.join(","));
        let rig = RigDefinition::from_glb(&glb(&json.replace(",\"children\":[]", ""))).expect("a humanoid");
        assert!((rig.rest.get(B::Head).expect("head").position.y - 0.6).abs() < 1e-5);
    }
}
