//! From the way a file's humanoid stands to the avatar's space: metres, y up, facing +z, soles at y = 0, in a T-pose.

use glam::{Affine3A, Mat3, Quat, Vec3};

use super::error::{AvatarError, damaged};
use super::humanoid::{AvatarKind, Bones};
use super::tree::Tree;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestBone, RestSkeleton};

use HumanoidBone as B;

/// Heights that a figure in metres can have. Others are in another unit.
const HEIGHTS_M: std::ops::Range<f32> = 0.25..10.0;
/// Metres in the units that modelling programs write: centimetres, millimetres.
const UNITS_M: [f32; 2] = [0.01, 0.001];
/// Height that a figure in no known unit is given.
const USUAL_HEIGHT_M: f32 = 1.6;
/// A file that stands so near to the axes was meant to stand on them.
const NEARLY_RAD: f32 = 0.1;
/// Limbs that are so far from a T-pose are turned into it. Those of a T-pose are never quite straight.
const ARM_OFF_RAD: f32 = 0.26;
const LEG_OFF_RAD: f32 = 0.2;
const HAND_OFF_RAD: f32 = 0.5;

/// A humanoid in the avatar's space.
#[derive(Debug, Clone, PartialEq)]
pub struct Humanoid {
    /// Its T-pose.
    pub rest: RestSkeleton,
    /// By bone: the number of its node.
    pub nodes: [Option<usize>; BONE_COUNT],
    /// How the file's scene has to be placed so that it stands in the avatar's space.
    pub avatar_from_file: Placement,
    /// From the space of the node above the hips to the avatar's space.
    pub avatar_from_hips_parent: Affine3A,
}

/// A turn, a scale and a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Metres.
    pub translation: Vec3,
    /// Applied before the shift.
    pub rotation: Quat,
    /// Metres a unit; applied first.
    pub scale: f32,
}

impl Placement {
    /// As one map.
    #[must_use]
    pub fn affine(&self) -> Affine3A {
        Affine3A::from_scale_rotation_translation(Vec3::splat(self.scale), self.rotation, self.translation)
    }
}

/// Builds the humanoid. `soles` are vertices of feet and shoes in the scene's space.
///
/// # Errors
/// [`AvatarError::MissingBones`]; [`AvatarError::Damaged`] for a figure without size.
pub(in crate::formats) fn humanoid(
    tree: &Tree,
    mut bones: Bones,
    kind: AvatarKind,
    soles: &[Vec3],
) -> Result<Humanoid, AvatarError> {
    let missing: Vec<_> = HumanoidBone::ALL
        .into_iter()
        .filter(|bone| bone.is_required() && bones.get(*bone as usize).copied().flatten().is_none())
        .map(HumanoidBone::vrm_name)
        .collect();
    if !missing.is_empty() {
        return Err(AvatarError::MissingBones { missing: missing.join(", ") });
    }
    if kind == AvatarKind::Named && is_labelled_from_the_front(tree, &bones) {
        bones = std::array::from_fn(|index| {
            HumanoidBone::ALL.get(index).and_then(|bone| *bones.get(bone.opposite() as usize)?)
        });
    }
    let avatar_from_file = placement(tree, &bones, kind, soles)?;
    let root = avatar_from_file.affine();
    let globals = t_pose(tree, &bones, root);
    let mut rest = RestSkeleton::default();
    for bone in HumanoidBone::ALL {
        let node = bones.get(bone as usize).copied().flatten();
        let Some((node, placed)) = node.and_then(|node| Some((node, tree.get(node)?))) else { continue };
        let global = globals.get(node).copied().unwrap_or(root);
        let above = placed.parent.and_then(|parent| globals.get(parent)).copied().unwrap_or(root);
        let (_, rotation, position) = global.to_scale_rotation_translation();
        let (_, above_rotation, _) = above.to_scale_rotation_translation();
        let (_, _, local_position) = placed.local.to_scale_rotation_translation();
        let known = RestBone {
            position,
            rotation,
            local_rotation: (above_rotation.inverse() * rotation).normalize(),
            local_position,
        };
        if !(position.is_finite() && rotation.is_finite() && known.local_rotation.is_finite()) {
            return Err(damaged(format!("its bone {} has no size", bone.vrm_name())));
        }
        if let Some(slot) = rest.bones.get_mut(bone as usize) {
            *slot = Some(known);
        }
    }
    let hips = bones.get(B::Hips as usize).copied().flatten().and_then(|hips| tree.get(hips)?.parent);
    let avatar_from_hips_parent = hips.and_then(|parent| globals.get(parent)).copied().unwrap_or(root);
    if !avatar_from_hips_parent.inverse().is_finite() {
        return Err(damaged("the node above its hips has no size"));
    }
    Ok(Humanoid { rest, nodes: bones, avatar_from_file, avatar_from_hips_parent })
}

/// Where a bone is in the scene.
fn at(tree: &Tree, bones: &Bones, bone: HumanoidBone) -> Option<Vec3> {
    let node = bones.get(bone as usize).copied().flatten()?;
    Some(tree.get(node)?.global.translation.into())
}

/// From the right to the left, upwards, and forwards, in the scene's space; each has unit length.
fn axes(tree: &Tree, bones: &Bones) -> Option<(Vec3, Vec3, Vec3)> {
    let at = |bone| at(tree, bones, bone);
    let up = (at(B::Head)? - at(B::Hips)?).try_normalize()?;
    let hips = (at(B::LeftUpperLeg)? - at(B::RightUpperLeg)?).normalize_or_zero();
    let arms = (at(B::LeftUpperArm)? - at(B::RightUpperArm)?).normalize_or_zero();
    let left = (hips + arms).reject_from(up).try_normalize()?;
    Some((left, up, left.cross(up)))
}

/// Whether both feet point backwards: whoever named the sides looked at the figure from the front.
fn is_labelled_from_the_front(tree: &Tree, bones: &Bones) -> bool {
    let at = |bone| at(tree, bones, bone);
    let Some((_, up, forward)) = axes(tree, bones) else { return false };
    let backwards = |foot, toes| {
        let foot = at(toes).zip(at(foot)).and_then(|(toes, foot)| (toes - foot).reject_from(up).try_normalize());
        foot.is_some_and(|foot| foot.dot(forward) < -0.7)
    };
    backwards(B::LeftFoot, B::LeftToes) && backwards(B::RightFoot, B::RightToes)
}

fn placement(tree: &Tree, bones: &Bones, kind: AvatarKind, soles: &[Vec3]) -> Result<Placement, AvatarError> {
    let (_, up, forward) = axes(tree, bones).ok_or_else(|| damaged("its humanoid has no size"))?;
    // Whoever stands upright, if with a bent back, is only turned about the vertical.
    let upright = [Vec3::Y, Vec3::Z, Vec3::NEG_Z, Vec3::X, Vec3::NEG_X, Vec3::NEG_Y]
        .into_iter()
        .find(|axis| axis.angle_between(up) < 0.6)
        .unwrap_or(up);
    let forward = forward.reject_from(upright).try_normalize().ok_or_else(|| damaged("its humanoid has no front"))?;
    let forward = [Vec3::X, Vec3::Y, Vec3::Z, Vec3::NEG_X, Vec3::NEG_Y, Vec3::NEG_Z]
        .into_iter()
        .filter(|axis| axis.dot(upright).abs() < 1e-3)
        .find(|axis| axis.angle_between(forward) < NEARLY_RAD)
        .unwrap_or(forward);
    let file_from_avatar = Mat3::from_cols(upright.cross(forward), upright, forward);
    let rotation = Quat::from_mat3(&file_from_avatar).inverse().normalize();

    let height_of = |point: Vec3| point.dot(upright);
    let feet = [B::LeftFoot, B::RightFoot, B::LeftToes, B::RightToes];
    let ankles = feet.into_iter().filter_map(|bone| at(tree, bones, bone)).map(height_of).fold(f32::MAX, f32::min);
    let head = at(tree, bones, B::Head).map_or(0.0, height_of);
    let height = head - ankles;
    if !(height > 1e-6 && height.is_finite()) {
        return Err(damaged("its head is not above its feet"));
    }
    let scale = std::iter::once(1.0)
        .chain(UNITS_M)
        .find(|unit| HEIGHTS_M.contains(&(height * unit)))
        .unwrap_or(USUAL_HEIGHT_M / height);
    let lowest = soles.iter().copied().map(height_of).filter(|lowest| lowest.is_finite()).fold(f32::MAX, f32::min);
    // Heels and platforms count, a foot that was modelled far off does not.
    let sole = if lowest < ankles + 0.1 * height && lowest > ankles - 0.4 * height { lowest } else { ankles };
    let mut translation = Vec3::NEG_Y * sole * scale;
    // VRM promises soles on the floor; shoes that sink in by a hair were made so.
    if kind != AvatarKind::Named && translation.length() < 0.02 {
        translation = Vec3::ZERO;
    }
    // Some figures stand beside the middle of their scene.
    let hips = rotation * at(tree, bones, B::Hips).unwrap_or_default() * scale;
    let aside = Vec3::new(hips.x, 0.0, hips.z);
    if aside.length() > 0.1 {
        translation -= aside;
    }
    Ok(Placement { translation, rotation, scale })
}

/// Where every node of the scene is once arms and legs stand as in a T-pose.
fn t_pose(tree: &Tree, bones: &Bones, root: Affine3A) -> Vec<Affine3A> {
    let mut locals: Vec<Affine3A> =
        tree.placed.iter().map(|placed| placed.as_ref().map_or(Affine3A::IDENTITY, |placed| placed.local)).collect();
    let place = |locals: &[Affine3A]| {
        let mut globals = vec![root; locals.len()];
        for node in &tree.order {
            let parent = tree.get(*node).and_then(|placed| placed.parent);
            let above = parent.and_then(|parent| globals.get(parent)).copied().unwrap_or(root);
            if let (Some(global), Some(local)) = (globals.get_mut(*node), locals.get(*node)) {
                *global = above * *local;
            }
        }
        globals
    };
    let mut globals = place(&locals);
    for (bone, next, aim, off) in [
        (B::LeftUpperArm, B::LeftLowerArm, Vec3::X, ARM_OFF_RAD),
        (B::LeftLowerArm, B::LeftHand, Vec3::X, ARM_OFF_RAD),
        (B::LeftHand, B::LeftMiddleProximal, Vec3::X, HAND_OFF_RAD),
        (B::RightUpperArm, B::RightLowerArm, Vec3::NEG_X, ARM_OFF_RAD),
        (B::RightLowerArm, B::RightHand, Vec3::NEG_X, ARM_OFF_RAD),
        (B::RightHand, B::RightMiddleProximal, Vec3::NEG_X, HAND_OFF_RAD),
        (B::LeftUpperLeg, B::LeftLowerLeg, Vec3::NEG_Y, LEG_OFF_RAD),
        (B::LeftLowerLeg, B::LeftFoot, Vec3::NEG_Y, LEG_OFF_RAD),
        (B::RightUpperLeg, B::RightLowerLeg, Vec3::NEG_Y, LEG_OFF_RAD),
        (B::RightLowerLeg, B::RightFoot, Vec3::NEG_Y, LEG_OFF_RAD),
    ] {
        let node = |bone: HumanoidBone| bones.get(bone as usize).copied().flatten();
        let (Some(bone), Some(next)) = (node(bone), node(next)) else { continue };
        let position = |node: usize| globals.get(node).map(|global| Vec3::from(global.translation));
        let Some(from) = position(bone).zip(position(next)).and_then(|(from, to)| (to - from).try_normalize()) else {
            continue;
        };
        if from.angle_between(aim) <= off {
            continue;
        }
        turn(tree, &globals, &mut locals, bone, Quat::from_rotation_arc(from, aim));
        globals = place(&locals);
    }
    globals
}

/// Turns a node, about where it is, by a rotation in the avatar's space.
fn turn(tree: &Tree, globals: &[Affine3A], locals: &mut [Affine3A], node: usize, by: Quat) {
    let parent = tree.get(node).and_then(|placed| placed.parent);
    let (Some(global), Some(local)) = (globals.get(node), locals.get_mut(node)) else { return };
    let Some(above) = parent.and_then(|parent| globals.get(parent)) else { return };
    let pivot = Vec3::from(global.translation);
    let about = Affine3A::from_translation(pivot) * Affine3A::from_quat(by) * Affine3A::from_translation(-pivot);
    let turned = above.inverse() * about * *global;
    if turned.is_finite() {
        *local = turned;
    }
}
