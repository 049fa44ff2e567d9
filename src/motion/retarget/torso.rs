//! Pelvis, spine, neck and head.

use glam::{Quat, Vec3};

use super::avatar_pose::AvatarPose;
use super::body::SceneBody;
use super::kinematics::{positions, turns};
use super::rotation::{align, direction, limit_rotation, part, reject, smoothstep, twist};
use crate::motion::landmark::PoseLandmark as L;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone as B, RestSkeleton};

/// Share of the shoulder line's side lean that is the chest's; the rest is the shoulders' own shrugging.
const CHEST_ROLL_SHARE: f32 = 0.7;
/// How much of a forward lean is the spine's own curve rather than the pelvis' tilt.
const LEAN_CURVE: f32 = 0.45;
/// The nose lies this far below the ears, seen from the side, when the head is level. Radians.
pub(crate) const NOSE_BELOW_EARS: f32 = 0.16;
/// Share of the neck in the head's turn.
const NECK_SHARE: f32 = 0.4;
/// The landmarks' ears lie this far before the head's joint, seen from the shoulders: the median that the bundled clip's
/// differ from its ground truth. Radians.
pub(crate) const EARS_BEFORE_NECK: f32 = 0.2;
/// Limits of the neck's bend: rotation vector, radians (forwards, turn, sideways).
const NECK_LIMIT: Vec3 = Vec3::new(0.7, 0.0, 0.5);
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
    /// Where the shoulders' middle lies from the hips' middle.
    pub(super) spine: Vec3,
    /// Where the head's joint lies from the shoulders' middle; `None` where the ears are not seen.
    pub(super) neck: Option<Vec3>,
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
    Some(Torso { pelvis, chest, head: head(body, chest), spine, neck: neck(body, chest) })
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
        // The face where it looks, the ears as near to their line as that allows.
        let clear = smoothstep(0.2, 0.5, face.cross(ears).length());
        let (sine, cosine) = NOSE_BELOW_EARS.sin_cos();
        let turn = align((Vec3::new(0.0, -sine, cosine), Vec3::X), (face, ears))?;
        Some(part(chest.inverse() * turn, clear))
    });
    let relative = measured.unwrap_or(Quat::IDENTITY);
    chest * part(limit_rotation(relative, -HEAD_LIMIT, HEAD_LIMIT), seen)
}

/// Where the head's joint lies from the shoulders' middle, by the ears.
fn neck(body: &SceneBody, chest: Quat) -> Option<Vec3> {
    let seen = body.trust(&[L::LeftEar, L::RightEar, L::LeftShoulder, L::RightShoulder]);
    let ears = body.middle(L::LeftEar, L::RightEar) - body.middle(L::LeftShoulder, L::RightShoulder);
    let line = chest.inverse() * ears.try_normalize()?;
    let line = Vec3::Y.lerp(Quat::from_rotation_x(-EARS_BEFORE_NECK) * line, seen).try_normalize()?;
    Some(chest * line)
}

/// Turns hips and trunk until the avatar's shoulders lie above its hips where the person's do: the spine is curved, and
/// collar bones move the shoulders. Arms keep pointing where they do.
pub(super) fn aim_trunk(torso: &mut Torso, skeleton: &RestSkeleton, pose: &mut AvatarPose) {
    let turns = turns(pose);
    let joints = positions(skeleton, pose, &turns);
    let Some(line) = line(&joints, [B::LeftUpperLeg, B::RightUpperLeg], [B::LeftUpperArm, B::RightUpperArm]) else {
        return;
    };
    let correction = Quat::from_rotation_arc(line, torso.spine);
    torso.pelvis = correction * torso.pelvis;
    torso.chest = correction * torso.chest;
    pose.rotations[B::Hips as usize] = (correction * pose.rotation(B::Hips)).normalize();
    for (collar, arm) in [(B::LeftShoulder, B::LeftUpperArm), (B::RightShoulder, B::RightUpperArm)] {
        let above = correction * turns[collar as usize];
        pose.rotations[arm as usize] = (above.inverse() * turns[arm as usize]).normalize();
    }
}

/// Bends the neck until the avatar's head lies from its shoulders where the person's does, and turns the head as theirs.
pub(super) fn aim_neck(torso: &Torso, skeleton: &RestSkeleton, pose: &mut AvatarPose) {
    let turns = turns(pose);
    pose.rotations[B::Head as usize] = (turns[B::Neck as usize].inverse() * torso.head).normalize();
    let joints = positions(skeleton, pose, &turns);
    let joint = |bone: B| joints[bone as usize];
    let (Some(wanted), Some(neck), Some(head)) = (torso.neck, joint(B::Neck), joint(B::Head)) else { return };
    let (Some(left), Some(right)) = (joint(B::LeftUpperArm), joint(B::RightUpperArm)) else { return };
    let shoulders = (left + right) * 0.5;
    // Where the wanted line leaves the ball that the head's joint moves on, or comes nearest to it.
    let (base, length) = (neck - shoulders, head.distance(neck));
    let along = base.dot(wanted);
    let beyond = (length * length - (base - wanted * along).length_squared()).max(0.0).sqrt();
    let above = turns[B::Neck as usize] * pose.rotation(B::Neck).inverse();
    let rest = above
        * (skeleton.get(B::Head).map_or(Vec3::Y, |head| head.position)
            - skeleton.get(B::Neck).map_or(Vec3::ZERO, |neck| neck.position));
    let (Some(from), Some(to)) = (rest.try_normalize(), (wanted * (along + beyond) - base).try_normalize()) else {
        return;
    };
    let bend = limit_rotation(above.inverse() * Quat::from_rotation_arc(from, to) * above, -NECK_LIMIT, NECK_LIMIT);
    // The neck's own turn is what is not a bend.
    let turn = twist(pose.rotation(B::Neck), above.inverse() * from);
    let rotation = (bend * turn).normalize();
    pose.rotations[B::Neck as usize] = rotation;
    pose.rotations[B::Head as usize] = ((above * rotation).inverse() * torso.head).normalize();
}

/// The direction from the middle of two joints to the middle of two others.
fn line(joints: &[Option<Vec3>; BONE_COUNT], from: [B; 2], to: [B; 2]) -> Option<Vec3> {
    let middle = |pair: [B; 2]| Some((joints[pair[0] as usize]? + joints[pair[1] as usize]?) * 0.5);
    direction(middle(from)?, middle(to)?)
}

/// Shares out the turn from pelvis to chest over the spine's bones that the avatar has, and gives the neck its part of the
/// head's: rotations relative to the parent, missing bones left out. The head itself is for [`aim_neck`].
pub(super) fn distribute(torso: &Torso, skeleton: &RestSkeleton) -> Vec<(B, Quat)> {
    let mut rotations = vec![(B::Hips, torso.pelvis)];
    let spine: Vec<B> =
        [B::Spine, B::Chest, B::UpperChest].into_iter().filter(|bone| skeleton.get(*bone).is_some()).collect();
    let share = part(torso.pelvis.inverse() * torso.chest, 1.0 / spine.len().max(1) as f32);
    rotations.extend(spine.into_iter().map(|bone| (bone, share)));

    let head = torso.chest.inverse() * torso.head;
    let neck = part(head, if skeleton.get(B::Neck).is_some() { NECK_SHARE } else { 0.0 });
    rotations.push((B::Neck, neck));
    rotations
}
