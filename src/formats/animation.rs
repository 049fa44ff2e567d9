//! What files of animation have in common: from the places of a file's nodes to poses of the normalised humanoid.

use glam::{Affine3A, Quat, Vec3};

use super::avatar::Humanoid;
use super::avatar::tree::Tree;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

/// Most frames of a clip that is read: near an hour at 60 a second.
pub(super) const MAX_FRAMES: usize = 200_000;
/// Farthest that hips may be from the origin on any axis, metres. What lies beyond is no walk.
const FARTHEST_M: f32 = 10_000.0;
/// A rate that is so near to a whole number was meant to be one: files round the time of a frame.
const NEARLY_WHOLE: f64 = 5e-4;

/// Turns places of a file's nodes into poses.
#[derive(Debug)]
pub(super) struct PoseReader<'a> {
    humanoid: &'a Humanoid,
    root: Affine3A,
    /// Bones' nodes and all above them, parents first: the node, and where its parent stands in this list.
    nodes: Vec<(usize, Option<usize>)>,
    /// By bone: where its node stands in that list.
    places: [Option<usize>; BONE_COUNT],
}

impl<'a> PoseReader<'a> {
    /// `root` is the map from the file's scene to the avatar's space.
    pub(super) fn new(tree: &Tree, humanoid: &'a Humanoid, root: Affine3A) -> Self {
        let mut wanted = vec![false; tree.placed.len()];
        for node in humanoid.nodes.iter().flatten().flat_map(|node| tree.upwards(*node)) {
            if let Some(wanted) = wanted.get_mut(node) {
                *wanted = true;
            }
        }
        let mut place = vec![None; tree.placed.len()];
        let mut nodes = Vec::new();
        for node in tree.order.iter().copied().filter(|node| wanted.get(*node) == Some(&true)) {
            let parent = tree.get(node).and_then(|placed| *place.get(placed.parent?)?);
            if let Some(place) = place.get_mut(node) {
                *place = Some(nodes.len());
            }
            nodes.push((node, parent));
        }
        let places = humanoid.nodes.map(|node| *place.get(node?)?);
        Self { humanoid, root, nodes, places }
    }

    /// The nodes that poses depend on, parents first.
    pub(super) fn nodes(&self) -> impl Iterator<Item = usize> {
        self.nodes.iter().map(|(node, _)| *node)
    }

    /// The pose in which each node stands as `local` says, in the space of its parent; `None` when that is no number, or
    /// so far away that it is none in fact.
    pub(super) fn pose(&self, mut local: impl FnMut(usize) -> Affine3A) -> Option<AvatarPose> {
        let mut globals: Vec<Affine3A> = Vec::with_capacity(self.nodes.len());
        for (node, parent) in &self.nodes {
            let above = parent.and_then(|parent| globals.get(parent)).copied().unwrap_or(self.root);
            globals.push(above * local(*node));
        }
        let mut turns = [Quat::IDENTITY; BONE_COUNT];
        let mut pose = AvatarPose { hips_position: Vec3::ZERO, rotations: turns };
        for bone in HumanoidBone::ALL {
            let Some((global, rest)) =
                self.places[bone as usize].and_then(|place| globals.get(place)).zip(self.humanoid.rest.get(bone))
            else {
                continue;
            };
            let (_, rotation, position) = global.to_scale_rotation_translation();
            let turn = rotation * rest.rotation.inverse();
            let above = self.humanoid.rest.parent(bone).map_or(Quat::IDENTITY, |parent| turns[parent as usize]);
            let rotation = above.inverse() * turn;
            if !(rotation.is_finite() && rotation.length_squared() > 1e-6) {
                return None;
            }
            turns[bone as usize] = turn.normalize();
            pose.rotations[bone as usize] = rotation.normalize();
            if bone == HumanoidBone::Hips {
                pose.hips_position = position;
            }
        }
        let is_near = pose.hips_position.is_finite() && pose.hips_position.abs().max_element() < FARTHEST_M;
        is_near.then_some(pose)
    }
}

/// A T-pose by the places of its joints alone: no bone is turned, each stands against the next one above.
pub(super) fn upright(rest: &RestSkeleton) -> RestSkeleton {
    let mut upright = rest.clone();
    for bone in HumanoidBone::ALL {
        let above = rest.parent(bone).and_then(|parent| rest.get(parent)).map_or(Vec3::ZERO, |parent| parent.position);
        if let Some(own) = &mut upright.bones[bone as usize] {
            own.local_position = own.position - above;
            own.rotation = Quat::IDENTITY;
            own.local_rotation = Quat::IDENTITY;
        }
    }
    upright
}

/// Every quaternion in the hemisphere of the one before, so that numbers between two of them are turns between them.
pub(super) fn one_hemisphere(rotations: &mut [Quat]) {
    let mut before = Quat::IDENTITY;
    for rotation in rotations {
        if rotation.dot(before) < 0.0 {
            *rotation = -*rotation;
        }
        before = *rotation;
    }
}

/// Frames a second when frames are `step_s` seconds apart; whole where that was meant.
pub(super) fn rate(step_s: f64) -> f64 {
    let rate = 1.0 / step_s;
    if rate.round() >= 1.0 && (rate / rate.round() - 1.0).abs() < NEARLY_WHOLE { rate.round() } else { rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_that_were_rounded_are_whole_again() {
        for (step_s, expected) in [
            (0.033_333, 30.0),
            (0.008_333_3, 120.0),
            (0.016_666_7, 60.0),
            (1.0, 1.0),
            (1.001 / 30.0, 30.0 / 1.001),
            (10.0, 0.1),
        ] {
            assert!((rate(step_s) - expected).abs() < 1e-9, "{step_s}: {}", rate(step_s));
        }
    }

    #[test]
    fn quaternions_stay_in_one_hemisphere() {
        let mut turns: Vec<_> =
            (0..100).map(|n| Quat::from_rotation_y(n as f32 * 0.3) * (n % 2 * 2 - 1) as f32).collect();
        let before = turns.clone();
        one_hemisphere(&mut turns);
        assert!(turns.windows(2).all(|pair| pair[0].dot(pair[1]) > 0.9));
        assert!(turns.iter().zip(&before).all(|(a, b)| a.angle_between(*b) < 1e-3 || a.angle_between(-*b) < 1e-3));
    }
}
