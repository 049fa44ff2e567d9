//! Avatars: VRM 1.0, VRM 0.x, and glTF whose nodes are named as people name bones.
//!
//! [`read`] looks at every number of a file and writes a new, plain one out of what it found: triangles, skins, materials,
//! pictures and the shapes that expressions need. The engine is only ever given that new file, so a damaged or hostile
//! one is refused here, with a sentence, and not by a panic in a loader or a renderer.

pub(super) mod accessor;
mod bone_map;
pub(super) mod container;
pub(super) mod document;
mod error;
mod expressions;
mod geometry;
pub(super) mod glb;
pub(super) mod humanoid;
mod material;
mod names;
pub(super) mod rest;
mod springs;
pub(super) mod tree;

use std::collections::BTreeSet;
use std::path::Path;

pub use bone_map::BoneMap;
pub use error::AvatarError;
pub use expressions::{Expression, ShapeBind};
pub use humanoid::AvatarKind;
pub use rest::{Humanoid, Placement};

use crate::motion::skeleton::HumanoidBone;
use crate::motion::spring::SpringRig;
use container::Container;
use geometry::Geometry;
use glb::GlbWriter;
use humanoid::Bones;
use material::Materials;
use tree::Tree;

/// An avatar, checked and ready to be loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct AvatarFile {
    /// Where its bones were found.
    pub kind: AvatarKind,
    /// Its bones.
    pub humanoid: Humanoid,
    /// Expressions of its face.
    pub expressions: Vec<Expression>,
    /// Its hair and cloth.
    pub springs: SpringRig,
    /// A plain binary glTF with what is to be shown. Its nodes have the numbers of the file that was read, and the names
    /// that [`node_name`] gives.
    pub glb: Vec<u8>,
}

pub use geometry::node_name;

/// Extensions that a file may require, because they are understood or because nothing is lost without them.
const KNOWN_EXTENSIONS: &[&str] = &[
    "VRM",
    "VRMC_vrm",
    "VRMC_springBone",
    "VRMC_springBone_extended_collider",
    "VRMC_materials_mtoon",
    "VRMC_node_constraint",
    "VRMC_materials_hdr_emissiveMultiplier",
    "KHR_texture_transform",
    "EXT_texture_webp",
    "KHR_mesh_quantization",
];

/// Reads a file and the bone map that the user made for it.
///
/// # Errors
/// [`AvatarError`], a sentence on why it cannot be an avatar.
pub fn read(path: &Path, map: Option<&BoneMap>) -> Result<AvatarFile, AvatarError> {
    parse(&read_bytes(path)?, path.parent(), map)
}

/// The bytes of a file that may be an avatar, for [`parse`].
///
/// # Errors
/// [`AvatarError`] when it cannot be read or is larger than any avatar.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, AvatarError> {
    container::read_file(path)
}

/// Reads the bytes of a file. `folder` holds the files that it may refer to; `None` for a file that is whole in itself.
///
/// # Errors
/// [`AvatarError`], a sentence on why it cannot be an avatar.
pub fn parse(bytes: &[u8], folder: Option<&Path>, map: Option<&BoneMap>) -> Result<AvatarFile, AvatarError> {
    let container = Container::read(bytes, folder)?;
    let document = &container.document;
    let unknown = document
        .extensions_required
        .iter()
        .find(|name| !KNOWN_EXTENSIONS.contains(&name.as_str()) && !name.starts_with("KHR_materials_"));
    if let Some(name) = unknown {
        let name: String = name.chars().take(80).collect();
        let reason = format!("it requires the extension {name}; export it without");
        return Err(AvatarError::Unsupported { reason });
    }
    let tree = Tree::new(document)?;
    let kind = humanoid::kind(document);
    let bones = humanoid::find_bones(document, &tree, map)?;
    // Without bones nobody wants to wait for the pictures.
    rest::humanoid(&tree, bones, kind, &[])?;

    let mut expressions = expressions::read(document);
    let shapes = geometry::kept_shapes(expressions::wanted(document, &expressions).into_iter());
    expressions::renumber(document, &shapes, &mut expressions);
    let feet = feet(&tree, &bones);
    let mut out = GlbWriter::default();
    Materials::new(&container).copy_all(&mut out)?;
    let mut geometry = Geometry::new(&container, &tree, &shapes, &feet);
    geometry.copy_nodes(&mut out)?;
    let humanoid = rest::humanoid(&tree, bones, kind, &geometry.soles)?;
    let springs = springs::read(document, &tree, &humanoid.nodes);
    Ok(AvatarFile { kind, humanoid, expressions, springs, glb: out.finish(&tree.roots) })
}

/// What was found of a humanoid, and the names of all nodes: for a map that the user goes on with.
///
/// # Errors
/// [`AvatarError`] when the file has no nodes that could be bones.
pub fn propose_bone_map(path: &Path) -> Result<(BoneMap, Vec<String>), AvatarError> {
    let bytes = container::read_file(path)?;
    let container = Container::read(&bytes, path.parent())?;
    let document = &container.document;
    let tree = Tree::new(document)?;
    let bones = humanoid::find_bones(document, &tree, None)?;
    let name = |node: usize| document.nodes.get(node)?.name.clone();
    let found = |bone: HumanoidBone| Some((bone, name((*bones.get(bone as usize)?)?)?));
    let map = BoneMap { bones: HumanoidBone::ALL.into_iter().filter_map(found).collect() };
    Ok((map, tree.order.iter().filter_map(|node| name(*node)).collect()))
}

/// Feet, toes and all that hangs from them.
fn feet(tree: &Tree, bones: &Bones) -> BTreeSet<usize> {
    let feet: Vec<usize> = [HumanoidBone::LeftFoot, HumanoidBone::RightFoot]
        .into_iter()
        .filter_map(|bone| bones.get(bone as usize).copied().flatten())
        .collect();
    tree.order.iter().copied().filter(|node| tree.upwards(*node).any(|above| feet.contains(&above))).collect()
}
