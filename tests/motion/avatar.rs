//! Reads the T-pose of the shipped avatar: just enough of GLB for nodes and the humanoid's bone map.

use std::path::Path;

use glam::{Mat4, Quat, Vec3};
use livedance::motion::skeleton::{HumanoidBone, RestBone, RestSkeleton};
use serde_json::Value;

/// The T-pose of the avatar in the package.
pub(crate) fn shipped_avatar() -> RestSkeleton {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/avatar/livedance.glb");
    read_skeleton(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn read_skeleton(glb: &[u8]) -> RestSkeleton {
    let length = u32::from_le_bytes(glb[12..16].try_into().unwrap()) as usize;
    let document: Value = serde_json::from_slice(&glb[20..20 + length]).unwrap();
    let nodes = document["nodes"].as_array().unwrap();
    let mut parents = vec![None; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for child in node["children"].as_array().into_iter().flatten() {
            parents[child.as_u64().unwrap() as usize] = Some(index);
        }
    }
    let global = |mut index: usize| {
        let mut matrix = local_matrix(&nodes[index]);
        while let Some(parent) = parents[index] {
            matrix = local_matrix(&nodes[parent]) * matrix;
            index = parent;
        }
        matrix
    };

    let joints: Vec<usize> = document["skins"][0]["joints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|joint| joint.as_u64().unwrap() as usize)
        .collect();

    let mut skeleton = RestSkeleton::default();
    for name in document["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"].as_object().unwrap().keys() {
        let Some(humanoid) = HumanoidBone::from_vrm_name(name) else { continue };
        // By name among the joints: the file's own map is the application's to check.
        let node = *joints.iter().find(|joint| nodes[**joint]["name"] == name.as_str()).unwrap();
        let (_, rotation, position) = global(node).to_scale_rotation_translation();
        let (_, local_rotation, local_position) = local_matrix(&nodes[node]).to_scale_rotation_translation();
        skeleton.bones[humanoid as usize] = Some(RestBone { position, rotation, local_rotation, local_position });
    }
    skeleton
}

fn local_matrix(node: &Value) -> Mat4 {
    let numbers = |key: &str| -> Option<Vec<f32>> {
        Some(node[key].as_array()?.iter().map(|number| number.as_f64().unwrap() as f32).collect())
    };
    let scale = numbers("scale").map_or(Vec3::ONE, |s| Vec3::from_slice(&s));
    let rotation = numbers("rotation").map_or(Quat::IDENTITY, |r| Quat::from_slice(&r).normalize());
    let translation = numbers("translation").map_or(Vec3::ZERO, |t| Vec3::from_slice(&t));
    Mat4::from_scale_rotation_translation(scale, rotation, translation)
}
