//! Which node is which bone: from the file's own map, from a map that the user made, or from the nodes' names.

use std::collections::BTreeMap;

use serde_json::Value;

use super::bone_map::BoneMap;
use super::document::Document;
use super::error::AvatarError;
use super::names::{PlainName, rank};
use super::tree::Tree;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone};

use HumanoidBone as B;

/// By bone, its node.
pub(in crate::formats) type Bones = [Option<usize>; BONE_COUNT];

/// Where a file says which node is which bone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AvatarKind {
    /// VRM 1.0.
    Vrm1,
    /// VRM 0.x.
    Vrm0,
    /// Names of nodes, or a bone map of the user's.
    Named,
}

/// What kind of file it is.
pub(in crate::formats) fn kind(document: &Document) -> AvatarKind {
    if document.extensions.contains_key("VRMC_vrm") {
        AvatarKind::Vrm1
    } else if document.extensions.contains_key("VRM") {
        AvatarKind::Vrm0
    } else {
        AvatarKind::Named
    }
}

/// By bone, its node. The user's own map is believed before the file's, the file's before names.
///
/// # Errors
/// [`AvatarError::BoneMap`] when the user's map names a node that is not there.
pub(in crate::formats) fn find_bones(
    document: &Document,
    tree: &Tree,
    map: Option<&BoneMap>,
) -> Result<Bones, AvatarError> {
    let mut bones = named_bones(document, tree);
    let stated = match kind(document) {
        AvatarKind::Vrm1 => vrm1_bones(document),
        AvatarKind::Vrm0 => vrm0_bones(document),
        AvatarKind::Named => BTreeMap::new(),
    };
    accept(document, tree, &stated, &mut bones);
    if let Some(map) = map {
        for (bone, name) in &map.bones {
            let node = tree.order.iter().find(|node| {
                document.nodes.get(**node).is_some_and(|node| node.name.as_deref() == Some(name.as_str()))
            });
            let Some(slot) = bones.get_mut(*bone as usize) else { continue };
            *slot = Some(*node.ok_or_else(|| AvatarError::BoneMap {
                reason: format!("{} = {name:?}: the avatar has no such node", bone.vrm_name()),
            })?);
        }
    }
    drop_misplaced(tree, &mut bones);
    Ok(bones)
}

fn index(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

/// Source: VRM 1.0 humanoid specification.
fn vrm1_bones(document: &Document) -> BTreeMap<HumanoidBone, usize> {
    let bones = document.extensions.get("VRMC_vrm").and_then(|vrm| vrm.pointer("/humanoid/humanBones"));
    let found = |bone: HumanoidBone| Some((bone, index(bones?.get(bone.vrm_name())?.get("node")?)?));
    HumanoidBone::ALL.into_iter().filter_map(found).collect()
}

/// Source: VRM 0.x, `humanoid.humanBones`. Its three thumb bones lie one further out than those of the same name in
/// VRM 1.0.
fn vrm0_bones(document: &Document) -> BTreeMap<HumanoidBone, usize> {
    let bones = document.extensions.get("VRM").and_then(|vrm| vrm.pointer("/humanoid/humanBones")?.as_array());
    let found = |bone: &Value| {
        let name = bone.get("bone")?.as_str()?;
        let renamed = match name {
            "leftThumbProximal" => "leftThumbMetacarpal",
            "leftThumbIntermediate" => "leftThumbProximal",
            "rightThumbProximal" => "rightThumbMetacarpal",
            "rightThumbIntermediate" => "rightThumbProximal",
            name => name,
        };
        Some((HumanoidBone::from_vrm_name(renamed)?, index(bone.get("node")?)?))
    };
    bones.into_iter().flatten().filter_map(found).collect()
}

/// Takes the file's own map over. Exporters have been seen to name a mesh node that shares the bone's name, so an entry
/// only counts when it lies below its parent bone, and is a joint of a skin where there is a skin.
fn accept(document: &Document, tree: &Tree, stated: &BTreeMap<HumanoidBone, usize>, bones: &mut Bones) {
    let is_joint =
        |node: usize| document.skins.is_empty() || document.skins.iter().any(|skin| skin.joints.contains(&node));
    let mut taken: Bones = [None; BONE_COUNT];
    for bone in HumanoidBone::ALL {
        let above = std::iter::successors(bone.parent(), |above| above.parent())
            .find_map(|above| *taken.get(above as usize)?);
        let fits = |node: &usize| tree.get(*node).is_some() && above.is_none_or(|above| tree.is_below(*node, above));
        let Some(slot) = taken.get_mut(bone as usize) else { continue };
        let node = stated.get(&bone).copied();
        let named = bones.get(bone as usize).copied().flatten();
        // A bone that no vertex follows is still a bone; a joint of the same name is the better one.
        *slot = node.filter(|node| fits(node) && (is_joint(*node) || named.is_none()));
        if slot.is_none() && (node.is_some() || stated.is_empty() || bone.is_required()) {
            *slot = named.filter(fits);
        }
    }
    *bones = taken;
}

/// By the names of nodes. Hips, spine and neck are found by where they lie between legs, arms and head, for there
/// programs agree least.
fn named_bones(document: &Document, tree: &Tree) -> Bones {
    let is_joint =
        |node: usize| document.skins.is_empty() || document.skins.iter().any(|skin| skin.joints.contains(&node));
    let plain: Vec<(usize, PlainName)> = tree
        .order
        .iter()
        .filter_map(|node| Some((*node, PlainName::of(document.nodes.get(*node)?.name.as_deref()?))))
        .collect();
    let mut bones: Bones = [None; BONE_COUNT];
    for bone in HumanoidBone::ALL {
        if [B::Spine, B::Chest, B::UpperChest, B::Neck].contains(&bone) {
            continue;
        }
        // The torso is not known yet: only limbs lie below their parents.
        let above = std::iter::successors(bone.parent(), |above| above.parent())
            .filter(|above| super::names::side_of(*above).is_some())
            .find_map(|above| *bones.get(above as usize)?);
        let best = plain
            .iter()
            .filter(|(node, _)| !bones.contains(&Some(*node)))
            .filter(|(node, _)| above.is_none_or(|above| tree.is_below(*node, above)))
            // Rigify exports controls beside the bones that move the skin.
            .filter_map(|(node, name)| Some((rank(bone, name)?, !is_joint(*node), *node)))
            .min_by_key(|(rank, is_other, _)| (*is_other, *rank));
        if let (Some(slot), Some((_, _, node))) = (bones.get_mut(bone as usize), best) {
            *slot = Some(node);
        }
    }
    rename_limbs(tree, &plain, &mut bones);
    find_torso(tree, &mut bones);
    bones
}

/// Mends what other customs of naming mean by the same words. Where joints are called collar, shoulder, elbow, the shoulder is
/// the upper arm; where there is an ankle, the foot below it is its toes; where there is a wrist, it is the hand; and where there
/// is no head, the neck is all there is of it.
fn rename_limbs(tree: &Tree, plain: &[(usize, PlainName)], bones: &mut Bones) {
    let named = |node: usize| plain.iter().find(|(other, _)| *other == node).map(|(_, name)| name);
    if bones[B::Head as usize].is_none() {
        bones[B::Head as usize] = plain.iter().find(|(_, name)| super::names::is_neck(name)).map(|(node, _)| *node);
    }
    for (shoulder, arm) in [(B::LeftShoulder, B::LeftUpperArm), (B::RightShoulder, B::RightUpperArm)] {
        if let (Some(node), None) = (bones[shoulder as usize], bones[arm as usize]) {
            bones[arm as usize] = Some(node);
            bones[shoulder as usize] =
                tree.upwards(node).skip(1).find(|above| named(*above).is_some_and(super::names::is_collar));
        }
    }
    for (end, next) in [
        (B::LeftFoot, Some(B::LeftToes)),
        (B::RightFoot, Some(B::RightToes)),
        (B::LeftHand, None),
        (B::RightHand, None),
    ] {
        let Some(node) = bones[end as usize] else { continue };
        let side = super::names::side_of(end);
        let begins = |above: &usize| {
            named(*above).is_some_and(|name| name.side == side && super::names::is_ankle_or_wrist(name))
        };
        let Some(begin) = tree.upwards(node).skip(1).find(begins) else { continue };
        bones[end as usize] = Some(begin);
        if let Some(next) = next.filter(|next| bones[*next as usize].is_none()) {
            bones[next as usize] = Some(node);
        }
    }
}

fn find_torso(tree: &Tree, bones: &mut Bones) {
    let node = |bones: &Bones, bone: HumanoidBone| bones.get(bone as usize).copied().flatten();
    let (Some(left_leg), Some(right_leg), Some(left_arm), Some(right_arm), Some(head)) = (
        node(bones, B::LeftUpperLeg),
        node(bones, B::RightUpperLeg),
        node(bones, B::LeftUpperArm),
        node(bones, B::RightUpperArm),
        node(bones, B::Head),
    ) else {
        return;
    };
    let ends = [left_leg, right_leg, head];
    let is_above_all = |hips: &usize| ends.iter().all(|end| tree.is_below(*end, *hips));
    let Some(hips) = node(bones, B::Hips).filter(is_above_all).or_else(|| tree.common(&ends)) else { return };
    let Some(branch) = tree.common(&[left_arm, right_arm, head]) else { return };
    let between = |from: usize, to: usize| -> Vec<usize> {
        let mut path: Vec<usize> = tree.upwards(to).skip(1).take_while(|node| *node != from).collect();
        path.reverse();
        path
    };
    let mut torso = between(hips, branch);
    if branch != hips {
        torso.push(branch);
    }
    let neck = between(branch, head);
    let mut put = |bone: HumanoidBone, node: Option<&usize>| {
        if let Some(slot) = bones.get_mut(bone as usize) {
            *slot = node.copied();
        }
    };
    put(B::Hips, Some(&hips));
    match torso.as_slice() {
        [] => {}
        [spine] => put(B::Spine, Some(spine)),
        [spine, chest] => {
            put(B::Spine, Some(spine));
            put(B::Chest, Some(chest));
        }
        [spine, between @ .., upper_chest] => {
            put(B::Spine, Some(spine));
            put(B::Chest, between.get((between.len() - 1) / 2));
            put(B::UpperChest, Some(upper_chest));
        }
    }
    put(B::Neck, neck.first());
}

/// Bones must lie below their parent bones; optional ones that do not are left out.
fn drop_misplaced(tree: &Tree, bones: &mut Bones) {
    for bone in HumanoidBone::ALL {
        let above = std::iter::successors(bone.parent(), |above| above.parent())
            .find_map(|above| *bones.get(above as usize)?);
        if let (Some(slot), Some(above)) = (bones.get_mut(bone as usize), above)
            && slot.is_some_and(|node| !tree.is_below(node, above))
        {
            *slot = None;
        }
    }
}
