//! The parts of a glTF document that an avatar needs, as they stand in the file. Nothing is checked here.
//!
//! Source: glTF 2.0 specification.

use std::collections::BTreeMap;

use glam::{Affine3A, Mat4, Quat, Vec3};
use serde::Deserialize;
use serde_json::Value;

/// The document.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct Document {
    pub asset: Asset,
    pub scene: Option<usize>,
    #[serde(default)]
    pub scenes: Vec<Scene>,
    #[serde(default)]
    pub nodes: Vec<Node>,
    #[serde(default)]
    pub meshes: Vec<Mesh>,
    #[serde(default)]
    pub skins: Vec<Skin>,
    #[serde(default)]
    pub accessors: Vec<Accessor>,
    #[serde(default)]
    pub buffer_views: Vec<BufferView>,
    #[serde(default)]
    pub buffers: Vec<Buffer>,
    #[serde(default)]
    pub images: Vec<Image>,
    #[serde(default)]
    pub textures: Vec<Texture>,
    #[serde(default)]
    pub samplers: Vec<Sampler>,
    #[serde(default)]
    pub materials: Vec<Value>,
    /// Taken as it stands: avatars do without, whatever it is.
    #[serde(default)]
    pub animations: Value,
    #[serde(default)]
    pub extensions_required: Vec<String>,
    #[serde(default)]
    pub extensions: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize, Default)]
pub(in crate::formats) struct Asset {
    pub version: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Scene {
    #[serde(default)]
    pub nodes: Vec<usize>,
}

#[derive(Debug, Deserialize, Default)]
pub(in crate::formats) struct Node {
    pub name: Option<String>,
    #[serde(default)]
    pub children: Vec<usize>,
    pub mesh: Option<usize>,
    pub skin: Option<usize>,
    pub translation: Option<[f32; 3]>,
    pub rotation: Option<[f32; 4]>,
    pub scale: Option<[f32; 3]>,
    pub matrix: Option<[f32; 16]>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Mesh {
    #[serde(default)]
    pub primitives: Vec<Primitive>,
    #[serde(default)]
    pub weights: Vec<f32>,
    pub extras: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Primitive {
    #[serde(default)]
    pub attributes: BTreeMap<String, usize>,
    pub indices: Option<usize>,
    pub material: Option<usize>,
    pub mode: Option<u32>,
    #[serde(default)]
    pub targets: Vec<BTreeMap<String, usize>>,
    pub extras: Option<Value>,
    #[serde(default)]
    pub extensions: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct Skin {
    #[serde(default)]
    pub joints: Vec<usize>,
    pub inverse_bind_matrices: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct Accessor {
    pub buffer_view: Option<usize>,
    #[serde(default)]
    pub byte_offset: usize,
    pub component_type: u32,
    #[serde(default)]
    pub normalized: bool,
    pub count: usize,
    #[serde(rename = "type")]
    pub kind: String,
    pub sparse: Option<Sparse>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Sparse {
    pub count: usize,
    pub indices: SparsePart,
    pub values: SparsePart,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct SparsePart {
    pub buffer_view: usize,
    #[serde(default)]
    pub byte_offset: usize,
    #[serde(default)]
    pub component_type: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct BufferView {
    pub buffer: usize,
    #[serde(default)]
    pub byte_offset: usize,
    pub byte_length: usize,
    pub byte_stride: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct Buffer {
    pub uri: Option<String>,
    pub byte_length: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct Image {
    pub uri: Option<String>,
    pub buffer_view: Option<usize>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Texture {
    pub source: Option<usize>,
    pub sampler: Option<usize>,
    #[serde(default)]
    pub extensions: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::formats) struct Sampler {
    pub mag_filter: Option<u32>,
    pub min_filter: Option<u32>,
    pub wrap_s: Option<u32>,
    pub wrap_t: Option<u32>,
}

impl Node {
    /// Translation, rotation (unit length) and scale; `None` when one of them is no number.
    pub(in crate::formats) fn parts(&self) -> Option<(Vec3, Quat, Vec3)> {
        let (translation, rotation, scale) = if let Some(matrix) = &self.matrix {
            let (scale, rotation, translation) = Mat4::from_cols_array(matrix).to_scale_rotation_translation();
            (translation, rotation, scale)
        } else {
            let rotation = self.rotation.map_or(Quat::IDENTITY, Quat::from_array);
            (
                self.translation.map_or(Vec3::ZERO, Vec3::from_array),
                // Exporters have been seen to write zeros for "not turned".
                if rotation.length_squared() > 1e-6 { rotation.normalize() } else { Quat::IDENTITY },
                self.scale.map_or(Vec3::ONE, Vec3::from_array),
            )
        };
        let is_sane = |v: Vec3| v.is_finite() && v.abs().max_element() < 1e7;
        (is_sane(translation) && is_sane(scale) && rotation.is_finite() && rotation.is_normalized()).then_some((
            translation,
            rotation,
            scale,
        ))
    }

    /// The same as one map; identity for what is no number.
    pub(in crate::formats) fn local(&self) -> Affine3A {
        self.parts().map_or(Affine3A::IDENTITY, |(translation, rotation, scale)| {
            Affine3A::from_scale_rotation_translation(scale, rotation, translation)
        })
    }
}
