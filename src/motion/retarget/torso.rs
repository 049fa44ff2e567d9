//! Pelvis, spine, neck and head.

use glam::{Quat, Vec3};

use super::body::SceneBody;
use super::rotation::{align, direction, frame, limit_rotation, part, reject, smoothstep};
use crate::motion::landmark::PoseLandmark as L;
use crate::motion::skeleton::{HumanoidBone as B, RestSkeleton};

/// Share of the shoulder line's side lean that is the chest's; the rest is the shoulders' own shrugging.
const CHEST_ROLL_SHARE: f32 = 0.7;
/// How much of a forward lean is the spine's own curve rather than the pelvis' tilt.
const LEAN_CURVE: f32 = 0.45;
/// The nose lies this far below the ears, seen from the side, when the head is level. Radians.
const NOSE_BELOW_EARS: f32 = 0.16;
/// Share of the neck in the head's rotation.
const NECK_SHARE: f32 = 0.4;
/// Limits of the chest against the pelvis: rotation vector, radians (forwards, turn, sideways).
const SPINE_LIMIT: Vec3 = Vec3::new(1.0, 1.1, 0.7);
/// Limits of the head against the chest: rotation vector, radians (nod, turn, tilt).
const HEAD_LIMIT: Vec3 = Vec3::new(1.0, 1.4, 0.8);

/// What the T-pose says about the trunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct TorsoRest {
    /// From the middle of the hips to the middle of the shoulders.
    up: Vec3,
}

impl TorsoRest {
    pub(super) fn new(skeleton: &RestSkeleton) -> Self {
        let middle = |a: B, b: B| Some((skeleton.get(a)?.position + skeleton.get(b)?.position) * 0.5);
        let up = middle(B::LeftUpperLeg, B::RightUpperLeg)
            .zip(middle(B::LeftUpperArm, B::RightUpperArm))
            .and_then(|(hips, shoulders)| direction(hips, shoulders));
        Self { up: up.unwrap_or(Vec3::Y) }
    }
}

/// Turns of the trunk away from the T-pose, in the scene.
#[derive(Debug, Clone, Copy)]
pub(super) struct Torso {
    pub(super) pelvis: Quat,
    pub(super) chest: Quat,
    pub(super) head: Quat,
}

/// Solves the trunk; `None` when the shoulders cannot be told apart.
pub(super) fn solve(rest: &TorsoRest, body: &SceneBody) -> Option<Torso> {
    let shoulder_line = direction(body.point(L::RightShoulder), body.point(L::LeftShoulder))?;
    let shoulders = body.middle(L::LeftShoulder, L::RightShoulder);
    let hips = body.middle(L::LeftHip, L::RightHip);

    // Without hips in view (a desk camera) the body sits or stands upright below the shoulders.
    let hips_seen = body.trust(&[L::LeftHip, L::RightHip]);
    let level = reject(shoulder_line, Vec3::Y).try_normalize().unwrap_or(Vec3::X);
    let spine = direction(hips, shoulders).unwrap_or(Vec3::Y);
    let spine = Vec3::Y.lerp(spine, hips_seen).try_normalize().unwrap_or(Vec3::Y);
    let hip_line = direction(body.point(L::RightHip), body.point(L::LeftHip)).unwrap_or(level);
    let hip_line = level.lerp(hip_line, hips_seen).try_normalize().unwrap_or(level);

    let pelvis = align((Vec3::X, rest.up), (hip_line, spine))?;
    // Raising one arm lifts its shoulder: the line between them leans more than the chest does.
    let square = reject(shoulder_line, spine).try_normalize()?;
    let chest_line = square.lerp(shoulder_line, CHEST_ROLL_SHARE).try_normalize()?;
    let chest = align((Vec3::X, rest.up), (chest_line, spine))?;
    let chest = pelvis * limit_rotation(pelvis.inverse() * chest, -SPINE_LIMIT, SPINE_LIMIT);
    let curve = lean_curve(pelvis);
    let (pelvis, chest) = (pelvis * curve.inverse(), chest * curve);
    Some(Torso { pelvis, chest, head: head(body, chest) })
}

/// Half of the spine's curve when leaning forward: hips and shoulders show only the line between them, but people bend in
/// the back as well as in the hips. None upright, and none lying down.
fn lean_curve(pelvis: Quat) -> Quat {
    let up = pelvis.inverse() * Vec3::Y;
    let lean = (-up.z).atan2(up.y).max(0.0);
    Quat::from_rotation_x(0.5 * LEAN_CURVE * lean * lean.cos().max(0.0))
}

/// The head's turn, the chest's own where the face is not seen.
fn head(body: &SceneBody, chest: Quat) -> Quat {
    let ears = direction(body.point(L::RightEar), body.point(L::LeftEar));
    let face = direction(body.middle(L::LeftEar, L::RightEar), body.point(L::Nose));
    let seen = body.trust(&[L::Nose]) * body.trust(&[L::LeftShoulder, L::RightShoulder]);
    let measured = ears.zip(face).and_then(|(ears, face)| {
        // x along the ears, z as near to the nose as that allows.
        let up = face.cross(ears);
        let clear = smoothstep(0.2, 0.5, up.length());
        let turn = frame(ears, up)? * Quat::from_rotation_x(-NOSE_BELOW_EARS);
        Some(part(chest.inverse() * turn, clear))
    });
    let relative = measured.unwrap_or(Quat::IDENTITY);
    chest * part(limit_rotation(relative, -HEAD_LIMIT, HEAD_LIMIT), seen)
}

/// Shares out the turn from pelvis to chest over the spine's bones that the avatar has, and the one from chest to head
/// over neck and head: rotations relative to the parent, missing bones left out.
pub(super) fn distribute(torso: &Torso, skeleton: &RestSkeleton) -> Vec<(B, Quat)> {
    let mut rotations = vec![(B::Hips, torso.pelvis)];
    let spine: Vec<B> =
        [B::Spine, B::Chest, B::UpperChest].into_iter().filter(|bone| skeleton.get(*bone).is_some()).collect();
    let share = part(torso.pelvis.inverse() * torso.chest, 1.0 / spine.len().max(1) as f32);
    rotations.extend(spine.into_iter().map(|bone| (bone, share)));

    let head = torso.chest.inverse() * torso.head;
    let neck = part(head, if skeleton.get(B::Neck).is_some() { NECK_SHARE } else { 0.0 });
    rotations.extend([(B::Neck, neck), (B::Head, neck.inverse() * head)]);
    rotations
}
