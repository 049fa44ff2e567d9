//! Small avatars made by code: a skeleton with a few triangles, in the manner of several programs.

use glam::{Quat, Vec3};
use livedance::motion::skeleton::HumanoidBone as B;
use serde_json::{Value, json};

/// How a figure's file is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// VRM 1.0: faces +z.
    Vrm1,
    /// VRM 0.x: faces -z.
    Vrm0,
    /// Names of Mixamo.
    Mixamo,
    /// Names of Rigify, arms hanging half.
    Rigify,
    /// Names that nobody knows.
    Strange,
}

/// A figure to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) style: Style,
    /// Lengths of arms and legs against those of the torso.
    pub(crate) limbs: f32,
    /// Units of the file in a metre.
    pub(crate) units: f32,
    /// Turn about the vertical, radians, on top of what the style has.
    pub(crate) yaw: f32,
    /// How far the arms hang from a T-pose, radians.
    pub(crate) droop: f32,
    /// Shift of the whole figure upwards, metres.
    pub(crate) lift: f32,
    /// Decides the rest rotations of all nodes; 0 for none.
    pub(crate) twist: u32,
}

impl Figure {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, limbs: 1.0, units: 1.0, yaw: 0.0, droop: 0.0, lift: 0.0, twist: 0 }
    }
}

/// Bones of the figure, their joints in a T-pose, and their names in Mixamo and Rigify.
const BONES: &[(B, [f32; 3], &str, &str)] = &[
    (B::Hips, [0.0, 0.95, 0.0], "mixamorig:Hips", "DEF-spine"),
    (B::Spine, [0.0, 1.05, 0.0], "mixamorig:Spine", "DEF-spine.001"),
    (B::Chest, [0.0, 1.17, 0.0], "mixamorig:Spine1", "DEF-spine.002"),
    (B::UpperChest, [0.0, 1.29, 0.0], "mixamorig:Spine2", "DEF-spine.003"),
    (B::Neck, [0.0, 1.43, 0.0], "mixamorig:Neck", "DEF-spine.004"),
    (B::Head, [0.0, 1.53, 0.0], "mixamorig:Head", "DEF-spine.006"),
    (B::LeftShoulder, [0.05, 1.4, 0.0], "mixamorig:LeftShoulder", "DEF-shoulder.L"),
    (B::LeftUpperArm, [0.17, 1.4, 0.0], "mixamorig:LeftArm", "DEF-upper_arm.L"),
    (B::LeftLowerArm, [0.44, 1.4, 0.0], "mixamorig:LeftForeArm", "DEF-forearm.L"),
    (B::LeftHand, [0.69, 1.4, 0.0], "mixamorig:LeftHand", "DEF-hand.L"),
    (B::RightShoulder, [-0.05, 1.4, 0.0], "mixamorig:RightShoulder", "DEF-shoulder.R"),
    (B::RightUpperArm, [-0.17, 1.4, 0.0], "mixamorig:RightArm", "DEF-upper_arm.R"),
    (B::RightLowerArm, [-0.44, 1.4, 0.0], "mixamorig:RightForeArm", "DEF-forearm.R"),
    (B::RightHand, [-0.69, 1.4, 0.0], "mixamorig:RightHand", "DEF-hand.R"),
    (B::LeftUpperLeg, [0.1, 0.9, 0.0], "mixamorig:LeftUpLeg", "DEF-thigh.L"),
    (B::LeftLowerLeg, [0.1, 0.5, 0.0], "mixamorig:LeftLeg", "DEF-shin.L"),
    (B::LeftFoot, [0.1, 0.1, 0.0], "mixamorig:LeftFoot", "DEF-foot.L"),
    (B::LeftToes, [0.1, 0.03, 0.13], "mixamorig:LeftToeBase", "DEF-toe.L"),
    (B::RightUpperLeg, [-0.1, 0.9, 0.0], "mixamorig:RightUpLeg", "DEF-thigh.R"),
    (B::RightLowerLeg, [-0.1, 0.5, 0.0], "mixamorig:RightLeg", "DEF-shin.R"),
    (B::RightFoot, [-0.1, 0.1, 0.0], "mixamorig:RightFoot", "DEF-foot.R"),
    (B::RightToes, [-0.1, 0.03, 0.13], "mixamorig:RightToeBase", "DEF-toe.R"),
    (B::LeftThumbMetacarpal, [0.72, 1.39, 0.03], "mixamorig:LeftHandThumb1", "DEF-thumb.01.L"),
    (B::LeftThumbProximal, [0.75, 1.39, 0.05], "mixamorig:LeftHandThumb2", "DEF-thumb.02.L"),
    (B::LeftThumbDistal, [0.78, 1.39, 0.06], "mixamorig:LeftHandThumb3", "DEF-thumb.03.L"),
];

fn place_of(bone: B) -> Option<usize> {
    BONES.iter().position(|(known, ..)| *known == bone)
}

/// The nearest ancestor that the figure has.
fn parent(bone: B) -> Option<B> {
    std::iter::successors(bone.parent(), |above| above.parent()).find(|above| place_of(*above).is_some())
}

/// Joints in the avatar's space, metres, as the file holds them.
fn joint(figure: &Figure, bone: B) -> Vec3 {
    let at = |bone: B| Vec3::from_array(BONES[place_of(bone).expect("a bone of the figure")].1);
    let root = |bone: B, roots: [B; 2]| {
        std::iter::successors(Some(bone), |bone| parent(*bone)).find(|above| roots.contains(above))
    };
    let mut point = at(bone);
    if let Some(shoulder) = root(bone, [B::LeftUpperArm, B::RightUpperArm]) {
        let droop = Quat::from_rotation_z(if at(shoulder).x > 0.0 { -figure.droop } else { figure.droop });
        point = at(shoulder) + droop * (point - at(shoulder)) * figure.limbs;
    }
    if let Some(hip) = root(bone, [B::LeftUpperLeg, B::RightUpperLeg]) {
        point = at(hip) + (point - at(hip)) * figure.limbs;
    }
    point
}

impl Figure {
    /// From the avatar's space to that of the file's scene.
    fn turn(&self) -> Quat {
        let style = if self.style == Style::Vrm0 { std::f32::consts::PI } else { 0.0 };
        Quat::from_rotation_y(self.yaw + style)
    }

    fn rest_rotation(&self, index: usize) -> Quat {
        let angle = |salt: u32| {
            let mixed = (self.twist * 97 + index as u32 + 1).wrapping_mul(salt).wrapping_mul(2_654_435_761);
            (mixed >> 8) as f32 / (1 << 24) as f32 * 6.0 - 3.0
        };
        if self.twist == 0 {
            Quat::IDENTITY
        } else {
            Quat::from_euler(glam::EulerRot::XYZ, angle(3), angle(5), angle(7))
        }
    }

    /// The lowest point of its feet, metres, in the avatar's space before it is lifted.
    fn sole(&self) -> f32 {
        joint(self, B::LeftToes).y - 0.03
    }

    /// The file's document and its binary data.
    pub(crate) fn document(&self) -> (Value, Vec<u8>) {
        let turn = self.turn();
        let mut nodes = Vec::new();
        for (index, (bone, _, mixamo, rigify)) in BONES.iter().enumerate() {
            let at = joint(self, *bone) + Vec3::Y * self.lift;
            let (above, above_rotation) = parent(*bone).map_or((Vec3::ZERO, Quat::IDENTITY), |parent| {
                let place = place_of(parent).expect("a bone");
                (joint(self, parent) + Vec3::Y * self.lift, turn * self.rest_rotation(place))
            });
            let own = turn * self.rest_rotation(index);
            let translation = above_rotation.inverse() * (turn * (at - above)) * self.units;
            let children: Vec<usize> =
                (0..BONES.len()).filter(|child| parent(BONES[*child].0) == Some(*bone)).collect();
            let name = match self.style {
                Style::Mixamo => (*mixamo).to_owned(),
                Style::Rigify => (*rigify).to_owned(),
                _ => format!("Knochen {index}"),
            };
            let rotation = (above_rotation.inverse() * own).normalize().to_array();
            let mut node = json!({ "name": name, "translation": translation.to_array(), "rotation": rotation });
            if !children.is_empty() {
                node["children"] = json!(children);
            }
            nodes.push(node);
        }
        let armature = nodes.len();
        nodes.push(json!({ "name": "Armature", "children": [0, armature + 2] }));
        nodes.push(json!({ "name": "Body", "mesh": 0, "skin": 0 }));
        // A lock of hair that hangs from the head, in the scene's space because nothing turns its node.
        nodes.push(json!({ "name": "hair0", "children": [armature + 3], "translation": [0, 1.7 * self.units, 0] }));
        nodes.push(json!({ "name": "hair1", "children": [armature + 4], "translation": [0, 0, -0.1 * self.units] }));
        nodes.push(json!({ "name": "hair2", "translation": [0, 0, -0.1 * self.units] }));

        // A triangle about each joint; those of the feet reach down to the soles.
        let (mut positions, mut joints, mut weights, mut binds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, (bone, ..)) in BONES.iter().enumerate() {
            let at = joint(self, *bone);
            let is_foot = [B::LeftFoot, B::RightFoot, B::LeftToes, B::RightToes].contains(bone);
            let drop = if is_foot { at.y - self.sole() } else { 0.05 };
            for corner in [Vec3::X * 0.05, Vec3::Z * 0.05, Vec3::NEG_Y * drop] {
                let point = turn * (at + corner + Vec3::Y * self.lift) * self.units;
                positions.extend(point.to_array());
                joints.extend([index as u16, 0, 0, 0]);
                weights.extend([1.0_f32, 0.0, 0.0, 0.0]);
            }
            let global = glam::Mat4::from_rotation_translation(
                turn * self.rest_rotation(index),
                turn * (at + Vec3::Y * self.lift) * self.units,
            );
            binds.extend(global.inverse().to_cols_array());
        }
        let floats = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let shape: Vec<f32> = positions.iter().map(|number| number * 0.01).collect();
        let parts = [
            floats(&positions),
            joints.iter().flat_map(|number: &u16| number.to_le_bytes()).collect(),
            floats(&weights),
            floats(&binds),
            floats(&shape),
        ];
        let (mut binary, mut views) = (Vec::new(), Vec::new());
        for part in parts {
            views.push(json!({ "buffer": 0, "byteOffset": binary.len(), "byteLength": part.len() }));
            binary.extend(part);
        }
        let count = positions.len() / 3;
        let accessor = |view: usize, component: u32, kind: &str, count: usize| json!({ "bufferView": view, "componentType": component, "type": kind, "count": count });
        let mut document = json!({
            "asset": { "version": "2.0" },
            "scene": 0,
            "scenes": [{ "nodes": [armature, armature + 1] }],
            "nodes": nodes,
            "meshes": [{ "primitives": [{
                "attributes": { "POSITION": 0, "JOINTS_0": 1, "WEIGHTS_0": 2 },
                "targets": [{ "POSITION": 4 }, { "POSITION": 4 }],
                "material": 0,
            }]}],
            "materials": [{ "pbrMetallicRoughness": { "baseColorFactor": [0.9, 0.6, 0.5, 1.0] }, "doubleSided": true }],
            "skins": [{ "joints": (0..BONES.len()).collect::<Vec<_>>(), "inverseBindMatrices": 3 }],
            "accessors": [
                accessor(0, 5126, "VEC3", count), accessor(1, 5123, "VEC4", count), accessor(2, 5126, "VEC4", count),
                accessor(3, 5126, "MAT4", BONES.len()), accessor(4, 5126, "VEC3", count),
            ],
            "bufferViews": views,
            "buffers": [{ "byteLength": binary.len() }],
        });
        self.describe(&mut document, armature);
        (document, binary)
    }

    /// The extensions of VRM.
    fn describe(&self, document: &mut Value, armature: usize) {
        let body = armature + 1;
        let hair: Vec<usize> = (armature + 2..armature + 5).collect();
        if self.style == Style::Vrm1 {
            let bones: serde_json::Map<_, _> = BONES
                .iter()
                .enumerate()
                .map(|(index, (bone, ..))| (bone.vrm_name().to_owned(), json!({ "node": index })))
                .collect();
            let joints: Vec<Value> = hair
                .iter()
                .map(|node| json!({ "node": node, "stiffness": 0.2, "gravityPower": 1.0, "dragForce": 0.4 }))
                .collect();
            document["extensions"] = json!({
                "VRMC_vrm": { "humanoid": { "humanBones": bones }, "expressions": { "preset": {
                    "blink": { "morphTargetBinds": [{ "node": body, "index": 1, "weight": 1.0 }] },
                    "happy": { "morphTargetBinds": [{ "node": body, "index": 1, "weight": 0.5 }] } } } },
                "VRMC_springBone": {
                    "colliders": [{ "node": 5, "shape": { "sphere": { "offset": [0, 0.1, 0], "radius": 0.1 } } }],
                    "colliderGroups": [{ "colliders": [0] }],
                    "springs": [{ "joints": joints, "colliderGroups": [0] }] },
            });
        } else if self.style == Style::Vrm0 {
            let bones: Vec<Value> = BONES
                .iter()
                .enumerate()
                .map(|(index, (bone, ..))| {
                    let name = match bone {
                        B::LeftThumbMetacarpal => "leftThumbProximal",
                        B::LeftThumbProximal => "leftThumbIntermediate",
                        bone => bone.vrm_name(),
                    };
                    json!({ "bone": name, "node": index })
                })
                .collect();
            document["extensions"] = json!({ "VRM": {
                "humanoid": { "humanBones": bones },
                "blendShapeMaster": { "blendShapeGroups": [
                    { "presetName": "blink", "name": "Blink", "binds": [{ "mesh": 0, "index": 1, "weight": 100 }] },
                    { "presetName": "joy", "name": "Joy", "binds": [{ "mesh": 0, "index": 1, "weight": 50 }] }] },
                "secondaryAnimation": {
                    "boneGroups": [{ "bones": [hair[0]], "stiffiness": 0.2, "gravityPower": 1.0, "colliderGroups": [0],
                        "gravityDir": { "x": 0, "y": -1, "z": 0 }, "dragForce": 0.4, "hitRadius": 0.02, "center": -1 }],
                    "colliderGroups": [{ "node": 5, "colliders": [{ "offset": { "x": 0, "y": 0.1, "z": 0 }, "radius": 0.1 }] }] },
            }});
        }
    }

    /// The file.
    pub(crate) fn glb(&self) -> Vec<u8> {
        let (document, binary) = self.document();
        pack(&document.to_string(), &binary)
    }
}

/// A GLB container.
pub(crate) fn pack(json: &str, binary: &[u8]) -> Vec<u8> {
    let padded = |length: usize| length.next_multiple_of(4);
    let mut bytes = b"glTF".to_vec();
    for word in [2, 28 + padded(json.len()) + padded(binary.len()), padded(json.len())] {
        bytes.extend((word as u32).to_le_bytes());
    }
    bytes.extend(b"JSON");
    bytes.extend(json.bytes().chain(std::iter::repeat_n(b' ', padded(json.len()) - json.len())));
    bytes.extend((padded(binary.len()) as u32).to_le_bytes());
    bytes.extend(b"BIN\0");
    bytes.extend(binary.iter().copied().chain(std::iter::repeat_n(0, padded(binary.len()) - binary.len())));
    bytes
}

/// Figures of every style, each as unlike the others as can be.
pub(crate) fn all_kinds() -> Vec<Figure> {
    vec![
        Figure::new(Style::Vrm1),
        Figure { limbs: 1.2, twist: 1, ..Figure::new(Style::Vrm1) },
        Figure { limbs: 0.8, twist: 2, ..Figure::new(Style::Vrm0) },
        Figure { limbs: 1.1, twist: 3, units: 100.0, yaw: 1.3, ..Figure::new(Style::Mixamo) },
        Figure { twist: 4, droop: 0.8, lift: -0.4, yaw: std::f32::consts::PI, ..Figure::new(Style::Rigify) },
    ]
}
