//! Spring bones as files describe them, made into what [`crate::motion::spring`] moves.

use std::collections::{BTreeMap, BTreeSet};

use glam::{Affine3A, Vec3};
use serde_json::Value;

use super::document::Document;
use super::humanoid::Bones;
use super::tree::Tree;
use crate::motion::spring::{Collider, ColliderShape, SpringJoint, SpringNode, SpringRig};

/// Most joints and colliders that are moved; hair of good avatars has about two hundred.
const MAX_JOINTS: usize = 1000;
const MAX_COLLIDERS: usize = 500;
/// Length of a bone that ends nowhere, metres. Source: VRM 0.x.
const LOOSE_END_M: f32 = 0.07;

/// A joint and a collider with the file's own numbers of nodes.
struct Draft {
    node: usize,
    /// The end of the bone in the scene.
    end: Vec3,
    stiffness: f32,
    gravity: Vec3,
    drag: f32,
    radius: f32,
    colliders: Vec<usize>,
    center: Option<usize>,
}

#[derive(Default)]
struct Drafts {
    joints: BTreeMap<usize, Draft>,
    colliders: Vec<(usize, ColliderShape)>,
}

/// The springs of a file; empty when it has none, or none that make sense.
/// Bones of the humanoid follow the pose and never swing.
pub(super) fn read(document: &Document, tree: &Tree, bones: &Bones) -> SpringRig {
    let mut drafts = Drafts::default();
    if let Some(springs) = document.extensions.get("VRMC_springBone") {
        drafts.read_vrm1(springs, tree);
    } else if let Some(springs) = document.extensions.get("VRM").and_then(|vrm| vrm.get("secondaryAnimation")) {
        drafts.read_vrm0(springs, document, tree);
    }
    drafts.joints.retain(|node, _| tree.get(*node).is_some() && !bones.contains(&Some(*node)));
    assemble(drafts, tree)
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn whole(value: Option<&Value>) -> Option<usize> {
    usize::try_from(value?.as_u64()?).ok()
}

fn wholes(value: &Value, name: &str) -> Vec<usize> {
    list(value, name).iter().filter_map(|value| whole(Some(value))).collect()
}

/// A number held to bounds.
fn number(value: &Value, name: &str, usual: f32, least: f32, most: f32) -> f32 {
    let number = value.get(name).and_then(Value::as_f64).map_or(usual, |number| number as f32);
    if number.is_finite() { number.clamp(least, most) } else { usual }
}

/// A vector, as a list (VRM 1.0) or by axes (VRM 0.x), held to what lies on an avatar.
fn vector(value: &Value, name: &str, usual: Vec3) -> Vec3 {
    let Some(value) = value.get(name) else { return usual };
    let axis = |index: usize, axis: &str| {
        let number = value.get(index).or_else(|| value.get(axis)).and_then(Value::as_f64);
        number.map_or(0.0, |number| number as f32)
    };
    let vector = Vec3::new(axis(0, "x"), axis(1, "y"), axis(2, "z"));
    if vector.is_finite() { vector.clamp(Vec3::splat(-1000.0), Vec3::splat(1000.0)) } else { usual }
}

fn gravity(value: &Value) -> Vec3 {
    vector(value, "gravityDir", Vec3::NEG_Y).normalize_or_zero() * number(value, "gravityPower", 0.0, -100.0, 100.0)
}

impl Drafts {
    /// Source: VRM 1.0, `VRMC_springBone`.
    fn read_vrm1(&mut self, springs: &Value, tree: &Tree) {
        for collider in list(springs, "colliders").iter().take(MAX_COLLIDERS) {
            let shape = collider.get("shape");
            let read = |name: &str| shape.and_then(|shape| shape.get(name));
            let radius = |shape: &Value| number(shape, "radius", 0.0, 0.0, 100.0);
            let offset = |shape: &Value| vector(shape, "offset", Vec3::ZERO);
            let shape = if let Some(capsule) = read("capsule") {
                let tail = vector(capsule, "tail", Vec3::ZERO);
                ColliderShape::Capsule { offset: offset(capsule), tail, radius: radius(capsule) }
            } else {
                let sphere = read("sphere").unwrap_or(&Value::Null);
                ColliderShape::Sphere { offset: offset(sphere), radius: radius(sphere) }
            };
            // A collider without a node keeps its number and touches nothing.
            self.colliders.push((whole(collider.get("node")).unwrap_or(usize::MAX), shape));
        }
        let groups: Vec<Vec<usize>> =
            list(springs, "colliderGroups").iter().map(|group| wholes(group, "colliders")).collect();
        for spring in list(springs, "springs") {
            let colliders = self.of_groups(&groups, &wholes(spring, "colliderGroups"));
            let center = whole(spring.get("center"));
            for pair in list(spring, "joints").windows(2) {
                let [joint, next] = pair else { continue };
                let (Some(node), Some(next)) = (whole(joint.get("node")), whole(next.get("node"))) else { continue };
                let Some(end) = tree.get(next).filter(|_| tree.is_below(next, node)) else { continue };
                self.add(Draft {
                    node,
                    end: end.global.translation.into(),
                    stiffness: number(joint, "stiffness", 1.0, 0.0, 100.0),
                    gravity: gravity(joint),
                    drag: number(joint, "dragForce", 0.5, 0.0, 1.0),
                    radius: number(joint, "hitRadius", 0.0, 0.0, 10.0),
                    colliders: colliders.clone(),
                    center,
                });
            }
        }
    }

    /// Source: VRM 0.x, `secondaryAnimation`. Its z axis is Unity's, which points the other way.
    fn read_vrm0(&mut self, springs: &Value, document: &Document, tree: &Tree) {
        let mut groups = Vec::new();
        for group in list(springs, "colliderGroups") {
            let node = whole(group.get("node")).unwrap_or(usize::MAX);
            let first = self.colliders.len();
            for collider in list(group, "colliders").iter().take(MAX_COLLIDERS - first.min(MAX_COLLIDERS)) {
                let offset = vector(collider, "offset", Vec3::ZERO) * Vec3::new(1.0, 1.0, -1.0);
                let radius = number(collider, "radius", 0.0, 0.0, 100.0);
                self.colliders.push((node, ColliderShape::Sphere { offset, radius }));
            }
            groups.push((first..self.colliders.len()).collect());
        }
        for group in list(springs, "boneGroups") {
            let colliders = self.of_groups(&groups, &wholes(group, "colliderGroups"));
            let mut open = wholes(group, "bones");
            let mut seen = BTreeSet::new();
            while let Some(node) = open.pop() {
                let (Some(placed), true) = (tree.get(node), seen.insert(node)) else { continue };
                let children = document.nodes.get(node).map(|node| node.children.as_slice()).unwrap_or_default();
                open.extend(children);
                let at = Vec3::from(placed.global.translation);
                let above = placed.parent.and_then(|parent| tree.get(parent));
                let along = above.map_or(Vec3::NEG_Y, |above| at - Vec3::from(above.global.translation));
                let end = children
                    .first()
                    .and_then(|child| tree.get(*child))
                    .map(|child| Vec3::from(child.global.translation))
                    .filter(|end| end.distance(at) > 1e-5);
                self.add(Draft {
                    node,
                    end: end.unwrap_or(at + along.try_normalize().unwrap_or(Vec3::NEG_Y) * LOOSE_END_M),
                    // Its name is misspelt in the format.
                    stiffness: number(group, "stiffiness", 1.0, 0.0, 100.0),
                    gravity: gravity(group),
                    drag: number(group, "dragForce", 0.4, 0.0, 1.0),
                    radius: number(group, "hitRadius", 0.02, 0.0, 10.0),
                    colliders: colliders.clone(),
                    center: whole(group.get("center")),
                });
            }
        }
    }

    fn of_groups(&self, groups: &[Vec<usize>], wanted: &[usize]) -> Vec<usize> {
        let all: BTreeSet<usize> = wanted.iter().filter_map(|group| groups.get(*group)).flatten().copied().collect();
        all.into_iter().filter(|collider| *collider < self.colliders.len()).collect()
    }

    fn add(&mut self, draft: Draft) {
        if self.joints.len() < MAX_JOINTS {
            self.joints.entry(draft.node).or_insert(draft);
        }
    }
}

/// Lists the nodes that matter, parents first, and counts by their places in that list.
fn assemble(drafts: Drafts, tree: &Tree) -> SpringRig {
    let mut wanted = BTreeSet::new();
    let joints = drafts.joints.values().flat_map(|joint| [Some(joint.node), joint.center]).flatten();
    for node in joints.chain(drafts.colliders.iter().map(|(node, _)| *node)) {
        wanted.extend(tree.upwards(node));
    }
    if drafts.joints.is_empty() {
        return SpringRig::default();
    }
    let mut rig = SpringRig::default();
    let mut places = BTreeMap::new();
    for node in tree.order.iter().filter(|node| wanted.contains(node)) {
        places.insert(*node, rig.nodes.len());
        let parent = tree.get(*node).and_then(|placed| placed.parent);
        rig.nodes.push(SpringNode { node: *node, parent: parent.and_then(|parent| places.get(&parent).copied()) });
    }
    // Colliders without a place are dropped, and the numbers of the others with them.
    let mut numbers = BTreeMap::new();
    for (number, (node, shape)) in drafts.colliders.iter().enumerate() {
        if let Some(node) = places.get(node) {
            numbers.insert(number, rig.colliders.len());
            rig.colliders.push(Collider { node: *node, shape: *shape });
        }
    }
    for node in &tree.order {
        let (Some(draft), Some(place), Some(placed)) = (drafts.joints.get(node), places.get(node), tree.get(*node))
        else {
            continue;
        };
        let tail = Affine3A::inverse(&placed.global).transform_point3(draft.end);
        if !(tail.is_finite() && tail.length() > 1e-6) {
            continue;
        }
        rig.joints.push(SpringJoint {
            node: *place,
            rest_rotation: placed.local.to_scale_rotation_translation().1,
            tail,
            stiffness: draft.stiffness,
            gravity: draft.gravity,
            drag: draft.drag,
            radius: draft.radius,
            colliders: draft.colliders.iter().filter_map(|number| numbers.get(number).copied()).collect(),
            center: draft.center.and_then(|center| places.get(&center).copied()),
        });
    }
    rig
}
