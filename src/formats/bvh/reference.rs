//! Which way a file's figure stands before anybody moves it: at zero rotation, or, where that is no pose that a person takes,
//! in the frame that comes nearest to a T-pose.

use glam::{Affine3A, Quat, Vec3};

use super::parse::{BvhFile, Channel, Joint};
use crate::formats::avatar::document::{Document, Node, Scene};
use crate::formats::avatar::humanoid::Bones;
use crate::formats::avatar::tree::Tree;
use crate::motion::skeleton::HumanoidBone as B;

/// Most frames that are looked at.
const LOOKS: usize = 120;
/// Cosine between a limb and its place in the T-pose, from which on the limb may be turned there.
const NEAR: f32 = 0.4;
/// The same for the back that stands upright.
const UPRIGHT: f32 = 0.8;
/// Legs of an adult, from hip to ankle.
const USUAL_LEGS_M: f32 = 0.8;

/// Rotation of a joint in a frame.
pub(super) fn rotation(joint: &Joint, frame: &[f64]) -> Quat {
    let mut rotation = glam::DQuat::IDENTITY;
    for (place, channel) in joint.channels.iter().enumerate() {
        if let (Channel::Rotation(axis), Some(angle)) = (channel, frame.get(joint.first + place)) {
            rotation *= super::euler::about(*axis, *angle);
        }
    }
    rotation.normalize().as_quat()
}

/// The joints as nodes of a scene in metres, turned as in a frame or as `None` at zero. The document's names are the joints'.
pub(super) fn document(file: &BvhFile, unit: f32, frame: Option<&[f64]>) -> Document {
    let mut document = Document::default();
    let mut roots = Vec::new();
    for joint in &file.joints {
        let index = document.nodes.len();
        match joint.parent.and_then(|parent| document.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(index),
            None => roots.push(index),
        }
        document.nodes.push(Node {
            name: Some(joint.name.clone()),
            translation: Some((joint.offset * unit).to_array()),
            rotation: frame.map(|frame| rotation(joint, frame).to_array()),
            ..Node::default()
        });
    }
    document.scenes.push(Scene { nodes: roots });
    document
}

/// Metres a unit of the file, guessed from the length of the legs: no other length of a figure depends so little on how it
/// stands and how many joints it has.
pub(super) fn guess_unit(file: &BvhFile, bones: &Bones) -> f32 {
    let length = |bones_of_leg: [B; 2]| -> f32 {
        let joint = |bone: B| bones.get(bone as usize).copied().flatten();
        // Some files have joints between the bones, to twist.
        let span = |from: B, to: B| {
            let (from, to) = joint(from).zip(joint(to))?;
            let mut sum = Vec3::ZERO;
            let mut at = to;
            while at != from {
                let joint = file.joints.get(at)?;
                sum += joint.offset;
                at = joint.parent?;
            }
            Some(sum.length())
        };
        let [upper, foot] = bones_of_leg;
        let knee = if upper == B::LeftUpperLeg { B::LeftLowerLeg } else { B::RightLowerLeg };
        span(upper, knee).zip(span(knee, foot)).map_or(0.0, |(thigh, shin)| thigh + shin)
    };
    let legs = length([B::LeftUpperLeg, B::LeftFoot]).max(length([B::RightUpperLeg, B::RightFoot]));
    match legs {
        _ if !legs.is_finite() || legs <= 0.0 => 1.0,
        0.12..=4.0 => 1.0,
        // The files of Carnegie Mellon's laboratory count in inches, divided by 0.45.
        9.0..20.0 => 0.0254 / 0.45,
        20.0..40.0 => 0.0254,
        40.0..=250.0 => 0.01,
        400.0..=2500.0 => 0.001,
        _ => USUAL_LEGS_M / legs,
    }
}

/// The frame whose pose is to be taken for the way the figure stands at rest; `None` for zero rotation.
pub(super) fn frame<'a>(file: &'a BvhFile, bones: &Bones) -> Option<&'a [f64]> {
    let zero = Stance::of(file, bones, None);
    let frames = file.frames();
    let step = frames.len().div_ceil(LOOKS).max(1);
    let looks: Vec<_> = frames.step_by(step).map(|frame| (frame, Stance::of(file, bones, Some(frame)))).collect();
    let up: Vec3 = looks.iter().filter_map(|(_, stance)| Some(stance.as_ref()?.up)).sum();
    let up = up.try_normalize().unwrap_or(Vec3::Y);
    if zero.is_some_and(|zero| zero.is_person() && (zero.up.y > UPRIGHT || zero.up.dot(up) > 0.5)) {
        return None;
    }
    let scored = looks.into_iter().filter_map(|(frame, stance)| Some((frame, stance.filter(Stance::is_person)?)));
    scored.max_by(|(_, a), (_, b)| a.score().total_cmp(&b.score())).map(|(frame, _)| frame)
}

/// How a figure stands.
struct Stance {
    /// From the hips to the head.
    up: Vec3,
    /// Cosines between thighs and shins and their place in the T-pose.
    legs: [f32; 4],
    /// The same for upper arms and forearms.
    arms: [f32; 4],
}

impl Stance {
    fn of(file: &BvhFile, bones: &Bones, frame: Option<&[f64]>) -> Option<Self> {
        let mut globals: Vec<Affine3A> = Vec::with_capacity(file.joints.len());
        for joint in &file.joints {
            let above = joint.parent.and_then(|parent| globals.get(parent)).copied().unwrap_or(Affine3A::IDENTITY);
            let turn = frame.map_or(Quat::IDENTITY, |frame| rotation(joint, frame));
            globals.push(above * Affine3A::from_rotation_translation(turn, joint.offset));
        }
        let at = |bone: B| -> Option<Vec3> { Some(globals.get((*bones.get(bone as usize)?)?)?.translation.into()) };
        let way = |from: B, to: B| (at(to)? - at(from)?).try_normalize();
        let up = way(B::Hips, B::Head)?;
        let left = way(B::RightUpperLeg, B::LeftUpperLeg)?.reject_from(up).try_normalize()?;
        let along = |from, to, aim: Vec3| way(from, to).map_or(-1.0, |way| way.dot(aim));
        Some(Self {
            up,
            legs: [
                along(B::LeftUpperLeg, B::LeftLowerLeg, -up),
                along(B::LeftLowerLeg, B::LeftFoot, -up),
                along(B::RightUpperLeg, B::RightLowerLeg, -up),
                along(B::RightLowerLeg, B::RightFoot, -up),
            ],
            arms: [
                along(B::LeftUpperArm, B::LeftLowerArm, left),
                along(B::LeftLowerArm, B::LeftHand, left),
                along(B::RightUpperArm, B::RightLowerArm, -left),
                along(B::RightLowerArm, B::RightHand, -left),
            ],
        })
    }

    /// Whether legs hang from the hips, and arms point anywhere but to the other side.
    fn is_person(&self) -> bool {
        self.legs.iter().all(|leg| *leg > NEAR) && self.arms.iter().all(|arm| *arm > -NEAR)
    }

    fn score(&self) -> f32 {
        self.legs.iter().chain(&self.arms).sum::<f32>() + 2.0 * self.up.y
    }
}

/// Where bones end that have no joint there, in the scene of the tree.
pub(super) fn ends(file: &BvhFile, tree: &Tree, unit: f32) -> Vec<Vec3> {
    let placed = file.joints.iter().enumerate().filter_map(|(index, joint)| Some((joint, tree.get(index)?.global)));
    placed.flat_map(|(joint, global)| joint.ends.iter().map(move |end| global.transform_point3(*end * unit))).collect()
}
