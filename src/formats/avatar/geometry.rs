//! Meshes, skins and nodes, read vertex by vertex and written anew: what was checked is what is loaded.

use std::collections::{BTreeMap, BTreeSet};

use glam::{Affine3A, Mat4, Vec3};
use serde_json::{Map, Value, json};

use super::accessor::Elements;
use super::container::Container;
use super::document::{Mesh, Primitive};
use super::error::{AvatarError, damaged, too_large};
use super::glb::GlbWriter;
use super::tree::Tree;

/// Most corners of triangles in all.
const MAX_CORNERS: usize = 24 << 20;
/// Most shapes of one mesh. Source: the engine's own limit.
const MAX_SHAPES: usize = 256;
/// Most joints of one skin. Source: the engine's own limit.
const MAX_JOINTS: usize = 256;

/// By mesh: the shapes (morph targets) that are kept, in the order in which they are written.
pub(super) type KeptShapes = BTreeMap<usize, Vec<usize>>;

/// The shapes of each mesh that something refers to, few enough for the engine.
pub(super) fn kept_shapes(wanted: impl Iterator<Item = (usize, usize)>) -> KeptShapes {
    let mut kept = BTreeMap::<usize, BTreeSet<usize>>::new();
    for (mesh, shape) in wanted {
        kept.entry(mesh).or_default().insert(shape);
    }
    kept.into_iter().map(|(mesh, shapes)| (mesh, shapes.into_iter().take(MAX_SHAPES).collect())).collect()
}

/// The name that a node bears in the written file: no other has it.
#[must_use]
pub fn node_name(index: usize) -> String {
    format!("node{index}")
}

/// Copies meshes, skins and nodes.
pub(super) struct Geometry<'a, 'b> {
    container: &'a Container<'b>,
    tree: &'a Tree,
    shapes: &'a KeptShapes,
    meshes: BTreeMap<(usize, Option<usize>), Option<usize>>,
    skins: BTreeMap<usize, (usize, Vec<Affine3A>)>,
    corners: usize,
    feet: &'a BTreeSet<usize>,
    /// Vertices that follow `feet`, where they are in the scene's space.
    pub soles: Vec<Vec3>,
}

impl<'a, 'b> Geometry<'a, 'b> {
    pub(super) fn new(
        container: &'a Container<'b>,
        tree: &'a Tree,
        shapes: &'a KeptShapes,
        feet: &'a BTreeSet<usize>,
    ) -> Self {
        let (meshes, skins) = (BTreeMap::new(), BTreeMap::new());
        Self { container, tree, shapes, meshes, skins, corners: 0, feet, soles: Vec::new() }
    }

    /// Copies all nodes, in their order, with what they show.
    ///
    /// # Errors
    /// [`AvatarError`] for whatever does not hold together or is too large.
    pub(super) fn copy_nodes(&mut self, out: &mut GlbWriter) -> Result<(), AvatarError> {
        for (index, node) in self.container.document.nodes.iter().enumerate() {
            let mut to = Map::new();
            to.insert("name".to_owned(), json!(node_name(index)));
            if let (true, Some((translation, rotation, scale))) = (self.tree.get(index).is_some(), node.parts()) {
                to.insert("translation".to_owned(), json!(translation.to_array()));
                to.insert("rotation".to_owned(), json!(rotation.to_array()));
                to.insert("scale".to_owned(), json!(scale.to_array()));
                if !node.children.is_empty() {
                    to.insert("children".to_owned(), json!(node.children));
                }
                if let Some(mesh) = node.mesh {
                    let skin = node.skin.filter(|_| self.is_skinned(mesh));
                    if let Some(written) = self.mesh(mesh, skin, out)? {
                        to.insert("mesh".to_owned(), json!(written));
                        if let Some((skin, _)) = skin.and_then(|skin| self.skins.get(&skin)) {
                            to.insert("skin".to_owned(), json!(skin));
                        }
                    }
                }
            }
            out.nodes.push(Value::Object(to));
        }
        Ok(())
    }

    /// Whether any part of a mesh can follow joints.
    fn is_skinned(&self, mesh: usize) -> bool {
        let primitives = self.container.document.meshes.get(mesh).map(|mesh| mesh.primitives.as_slice());
        primitives
            .unwrap_or_default()
            .iter()
            .any(|primitive| ["JOINTS_0", "WEIGHTS_0"].into_iter().all(|name| primitive.attributes.contains_key(name)))
    }

    /// Copies a skin once.
    fn skin(&mut self, index: usize, out: &mut GlbWriter) -> Result<usize, AvatarError> {
        if let Some((written, _)) = self.skins.get(&index) {
            return Ok(*written);
        }
        let skin = self.container.document.skins.get(index).ok_or_else(|| damaged("a skin is not there"))?;
        if skin.joints.is_empty() {
            return Err(damaged("a skin has no joints"));
        }
        if skin.joints.len() > MAX_JOINTS {
            return Err(too_large(format!("a skin of {} joints; at most {MAX_JOINTS} are shown", skin.joints.len())));
        }
        if skin.joints.iter().any(|joint| self.tree.get(*joint).is_none()) {
            return Err(damaged("a joint of a skin lies outside the scene"));
        }
        let elements =
            skin.inverse_bind_matrices.map(|accessor| Elements::open(self.container, accessor)).transpose()?;
        let matrices: Vec<[f32; 16]> = match &elements {
            Some(elements) if elements.components != 16 || elements.count < skin.joints.len() => {
                return Err(damaged("a skin has too few bind matrices"));
            }
            Some(elements) => (0..skin.joints.len()).map(|joint| elements.numbers(joint)).collect(),
            None => vec![Mat4::IDENTITY.to_cols_array(); skin.joints.len()],
        };
        if matrices.iter().flatten().any(|number| !number.is_finite()) {
            return Err(damaged("a bind matrix is no number"));
        }
        let accessor = out.floats("MAT4", &matrices)?;
        let bound = skin.joints.iter().zip(&matrices).map(|(joint, matrix)| {
            let global = self.tree.get(*joint).map_or(Affine3A::IDENTITY, |placed| placed.global);
            global * Affine3A::from_mat4(Mat4::from_cols_array(matrix))
        });
        let written = out.skins.len();
        out.skins.push(json!({ "joints": skin.joints, "inverseBindMatrices": accessor }));
        self.skins.insert(index, (written, bound.collect()));
        Ok(written)
    }

    /// Copies a mesh once for each skin that it is used with; `None` when nothing of it can be shown.
    fn mesh(&mut self, index: usize, skin: Option<usize>, out: &mut GlbWriter) -> Result<Option<usize>, AvatarError> {
        if let Some(written) = self.meshes.get(&(index, skin)) {
            return Ok(*written);
        }
        if let Some(skin) = skin {
            self.skin(skin, out)?;
        }
        let mesh = self.container.document.meshes.get(index).ok_or_else(|| damaged("a mesh is not there"))?;
        let shapes = self.shapes.get(&index).map(Vec::as_slice).unwrap_or_default();
        let mut primitives = Vec::new();
        for primitive in &mesh.primitives {
            primitives.extend(self.primitive(primitive, shapes, skin, out)?);
        }
        let mut written = None;
        if !primitives.is_empty() {
            let mut to = Map::new();
            to.insert("name".to_owned(), json!(format!("mesh{index}")));
            to.insert("primitives".to_owned(), Value::Array(primitives));
            if !shapes.is_empty() {
                to.insert("weights".to_owned(), json!(weights(mesh, shapes)));
            }
            written = Some(out.meshes.len());
            out.meshes.push(Value::Object(to));
        }
        self.meshes.insert((index, skin), written);
        Ok(written)
    }

    fn primitive(
        &mut self,
        from: &Primitive,
        shapes: &[usize],
        skin: Option<usize>,
        out: &mut GlbWriter,
    ) -> Result<Option<Value>, AvatarError> {
        // Points and lines are helpers of the modelling program.
        if from.mode.unwrap_or(4) != 4 {
            return Ok(None);
        }
        if let Some(name) = from.extensions.keys().find(|name| name.contains("compression")) {
            let reason = format!("its meshes are compressed ({name}); export it without compression");
            return Err(AvatarError::Unsupported { reason });
        }
        let container = self.container;
        let attribute = |name: &str, components: std::ops::RangeInclusive<usize>| {
            let opened = from.attributes.get(name).map(|accessor| Elements::open(container, *accessor)).transpose()?;
            if opened.as_ref().is_some_and(|opened| !components.contains(&opened.components)) {
                return Err(damaged(format!("{name} has a wrong type")));
            }
            Ok(opened)
        };
        let Some(positions) = attribute("POSITION", 3..=3)? else { return Ok(None) };
        let (used, corners) = self.corners(from.indices, positions.count)?;
        if corners.is_empty() {
            return Ok(None);
        }
        let points: Vec<[f32; 3]> = used.iter().map(|vertex| positions.numbers(*vertex)).collect();
        if points.iter().flatten().any(|number| !number.is_finite()) {
            return Err(damaged("a vertex stands nowhere: its position is no number"));
        }
        let mut attributes = Map::new();
        attributes.insert("POSITION".to_owned(), json!(out.floats("VEC3", &points)?));
        if let Some(elements) = attribute("NORMAL", 3..=3)? {
            attributes.insert("NORMAL".to_owned(), json!(out.floats("VEC3", &gather::<3>(&elements, &used))?));
        }
        if let Some(elements) = attribute("TANGENT", 4..=4)? {
            attributes.insert("TANGENT".to_owned(), json!(out.floats("VEC4", &gather::<4>(&elements, &used))?));
        }
        for name in ["TEXCOORD_0", "TEXCOORD_1"] {
            if let Some(elements) = attribute(name, 2..=2)? {
                attributes.insert(name.to_owned(), json!(out.floats("VEC2", &gather::<2>(&elements, &used))?));
            }
        }
        if let Some(elements) = attribute("COLOR_0", 3..=4)? {
            let mut colours = gather::<4>(&elements, &used);
            if elements.components == 3 {
                for colour in &mut colours {
                    colour[3] = 1.0;
                }
            }
            attributes.insert("COLOR_0".to_owned(), json!(out.floats("VEC4", &colours)?));
        }
        if let Some((_, bound)) = skin.and_then(|skin| self.skins.get(&skin)) {
            let (joints, weights) = influences(
                attribute("JOINTS_0", 4..=4)?.as_ref(),
                attribute("WEIGHTS_0", 4..=4)?.as_ref(),
                &used,
                bound.len(),
            )?;
            let skin = skin.and_then(|skin| container.document.skins.get(skin));
            let mine = skin.map(|skin| skin.joints.as_slice()).unwrap_or_default();
            for ((point, joints), weights) in points.iter().zip(&joints).zip(&weights) {
                let (joint, _) = joints
                    .iter()
                    .zip(weights)
                    .fold((0, 0.0), |most, (joint, weight)| if *weight > most.1 { (*joint, *weight) } else { most });
                if mine.get(usize::from(joint)).is_some_and(|node| self.feet.contains(node))
                    && let Some(bound) = bound.get(usize::from(joint))
                {
                    self.soles.push(bound.transform_point3(Vec3::from_array(*point)));
                }
            }
            attributes.insert("JOINTS_0".to_owned(), json!(out.joints(&joints)?));
            attributes.insert("WEIGHTS_0".to_owned(), json!(out.floats("VEC4", &weights)?));
        }
        let mut to = Map::new();
        to.insert("attributes".to_owned(), Value::Object(attributes));
        to.insert("indices".to_owned(), json!(out.indices(&corners)?));
        if !shapes.is_empty() {
            to.insert("targets".to_owned(), Value::Array(self.targets(from, shapes, &used, out)?));
        }
        if let Some(material) = from.material {
            if material >= container.document.materials.len() {
                return Err(damaged("a material is not there"));
            }
            to.insert("material".to_owned(), json!(material));
        }
        Ok(Some(Value::Object(to)))
    }

    /// The vertices that triangles use, in order, and the triangles by their place in that list. Files often share one
    /// long list of vertices between many parts; each part is given its own.
    fn corners(&mut self, indices: Option<usize>, count: usize) -> Result<(Vec<usize>, Vec<u32>), AvatarError> {
        let indices = indices.map(|accessor| Elements::open(self.container, accessor)).transpose()?;
        let length = indices.as_ref().map_or(count, |indices| indices.count);
        let length = length - length % 3;
        self.corners = self.corners.saturating_add(length);
        if self.corners > MAX_CORNERS {
            return Err(too_large(format!("more than {} million triangles", MAX_CORNERS / 3_000_000)));
        }
        let Some(indices) = indices else {
            return Ok(((0..length).collect(), (0..length as u32).collect()));
        };
        let (mut used, mut corners) = (Vec::new(), Vec::with_capacity(length));
        let mut place = vec![u32::MAX; count];
        for corner in 0..length {
            let vertex = indices.whole(corner, 0).ok_or_else(|| damaged("corners are not whole numbers"))? as usize;
            let place = place.get_mut(vertex).ok_or_else(|| damaged("a triangle has a vertex that is not there"))?;
            if *place == u32::MAX {
                *place = used.len() as u32;
                used.push(vertex);
            }
            corners.push(*place);
        }
        Ok((used, corners))
    }

    fn targets(
        &self,
        from: &Primitive,
        shapes: &[usize],
        used: &[usize],
        out: &mut GlbWriter,
    ) -> Result<Vec<Value>, AvatarError> {
        let mut targets = Vec::new();
        for shape in shapes {
            let target = from.targets.get(*shape);
            let moved = |name: &str| -> Result<Option<Vec<[f32; 3]>>, AvatarError> {
                let Some(accessor) = target.and_then(|target| target.get(name)) else { return Ok(None) };
                let elements = Elements::open(self.container, *accessor)?;
                if elements.components != 3 {
                    return Err(damaged("a shape has a wrong type"));
                }
                Ok(Some(gather::<3>(&elements, used)))
            };
            let mut to = Map::new();
            // A part that a shape does not move says so: every part of a mesh has the same shapes.
            let positions = moved("POSITION")?.unwrap_or_else(|| vec![[0.0; 3]; used.len()]);
            to.insert("POSITION".to_owned(), json!(out.floats("VEC3", &positions)?));
            if let Some(normals) = moved("NORMAL")? {
                to.insert("NORMAL".to_owned(), json!(out.floats("VEC3", &normals)?));
            }
            targets.push(Value::Object(to));
        }
        Ok(targets)
    }
}

/// The elements of the used vertices. Exporters have been seen to write normals that are no numbers; those become 0.
fn gather<const N: usize>(elements: &Elements<'_>, used: &[usize]) -> Vec<[f32; N]> {
    let sane = |number: f32| if number.is_finite() { number } else { 0.0 };
    used.iter().map(|vertex| elements.numbers(*vertex).map(sane)).collect()
}

/// How the kept shapes stand at rest.
fn weights(mesh: &Mesh, shapes: &[usize]) -> Vec<f32> {
    let weight = |shape: &usize| mesh.weights.get(*shape).copied().filter(|weight| weight.is_finite());
    shapes.iter().map(|shape| weight(shape).unwrap_or(0.0).clamp(-1.0, 1.0)).collect()
}

/// Joints and weights of the used vertices. A vertex without weights follows the first joint.
fn influences(
    joints: Option<&Elements<'_>>,
    weights: Option<&Elements<'_>>,
    used: &[usize],
    count: usize,
) -> Result<(Vec<[u16; 4]>, Vec<[f32; 4]>), AvatarError> {
    let (Some(joints), Some(weights)) = (joints, weights) else {
        return Ok((vec![[0; 4]; used.len()], vec![[1.0, 0.0, 0.0, 0.0]; used.len()]));
    };
    let mut found = (Vec::with_capacity(used.len()), Vec::with_capacity(used.len()));
    for vertex in used {
        let mut weight: [f32; 4] = weights.numbers(*vertex);
        let mut joint = [0_u16; 4];
        for (slot, (joint, weight)) in joint.iter_mut().zip(&mut weight).enumerate() {
            *weight = if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 };
            let index = joints.whole(*vertex, slot).ok_or_else(|| damaged("joints are not whole numbers"))?;
            if (index as usize) < count {
                *joint = index as u16;
            } else if *weight > 0.0 {
                return Err(damaged("a vertex follows a joint that is not there"));
            }
        }
        let sum: f32 = weight.iter().sum();
        weight = if sum > 1e-6 { weight.map(|weight| weight / sum) } else { [1.0, 0.0, 0.0, 0.0] };
        found.0.push(joint);
        found.1.push(weight);
    }
    Ok(found)
}
