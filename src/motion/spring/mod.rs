//! Spring bones: hair and cloth that hang from an avatar, follow it late, and stay out of its body.
//!
//! Each joint is a point at the end of a stiff bone, moved by Verlet integration in steps of one length, whatever the
//! frame rate; what is shown lies between the last two steps.
//!
//! Source: VRM 1.0, `VRMC_springBone-1.0`, whose forces are meant for steps of a sixtieth of a second.

mod collider;
#[cfg(test)]
mod tests;

use glam::{Affine3A, Quat, Vec3};

pub use collider::{Collider, ColliderShape};

/// Seconds of one step.
const STEP_S: f32 = 1.0 / 60.0;
/// Most steps at once. A slower machine sees slower hair instead of a slower picture.
const MOST_STEPS: u32 = 12;
/// Time without a picture after which everything hangs anew, seconds.
const LONGEST_PAUSE_S: f32 = 0.5;
/// A joint that comes so far between two pictures was not moved but put elsewhere, metres.
const TELEPORT_M: f32 = 0.7;

/// A node that springs hang from, or that is one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpringNode {
    /// The number by which the caller knows it.
    pub node: usize,
    /// Its parent's place in [`SpringRig::nodes`], before its own.
    pub parent: Option<usize>,
}

/// A bone that swings.
#[derive(Debug, Clone, PartialEq)]
pub struct SpringJoint {
    /// Its place in [`SpringRig::nodes`].
    pub node: usize,
    /// Its rotation at rest, in its parent's space.
    pub rest_rotation: Quat,
    /// Where the bone ends, in its own space. Not zero.
    pub tail: Vec3,
    /// How strongly it returns to rest; 0 not at all.
    pub stiffness: f32,
    /// Direction times power of gravity, in the scene's space.
    pub gravity: Vec3,
    /// Share of its speed that it loses with each step, 0 to 1.
    pub drag: f32,
    /// Radius of the point at its end, metres.
    pub radius: f32,
    /// Places in [`SpringRig::colliders`] that it stays out of.
    pub colliders: Vec<usize>,
    /// Place in [`SpringRig::nodes`] of a node whose movement it does not feel.
    pub center: Option<usize>,
}

/// Everything that swings on one avatar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpringRig {
    /// Parents before children.
    pub nodes: Vec<SpringNode>,
    /// In the order of their nodes; at most one for a node.
    pub joints: Vec<SpringJoint>,
    /// What joints stay out of.
    pub colliders: Vec<Collider>,
}

/// A node against its parent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Local {
    /// Position in the parent's space.
    pub translation: Vec3,
    /// Rotation in the parent's space; unit length.
    pub rotation: Quat,
    /// Scale.
    pub scale: Vec3,
}

impl Local {
    fn affine(&self) -> Affine3A {
        Affine3A::from_scale_rotation_translation(self.scale, self.rotation, self.translation)
    }
}

/// Where the end of a bone is, in the space of its center.
#[derive(Debug, Clone, Copy)]
struct Tail {
    before: Vec3,
    now: Vec3,
    /// The bone's beginning in the scene when it was last looked at.
    head: Vec3,
}

/// The springs of one avatar as they swing.
#[derive(Debug, Clone)]
pub struct SpringSimulation {
    rig: SpringRig,
    /// By node of the rig, its joint.
    joint_of: Vec<Option<usize>>,
    globals: Vec<Affine3A>,
    tails: Vec<Option<Tail>>,
    left_over_s: f32,
}

impl SpringSimulation {
    /// Springs at rest.
    #[must_use]
    pub fn new(rig: SpringRig) -> Self {
        let mut joint_of = vec![None; rig.nodes.len()];
        for (index, joint) in rig.joints.iter().enumerate() {
            if let Some(slot) = joint_of.get_mut(joint.node) {
                *slot = Some(index);
            }
        }
        let (globals, tails) = (vec![Affine3A::IDENTITY; rig.nodes.len()], vec![None; rig.joints.len()]);
        Self { rig, joint_of, globals, tails, left_over_s: 0.0 }
    }

    /// What swings.
    #[must_use]
    pub const fn rig(&self) -> &SpringRig {
        &self.rig
    }

    /// Lets everything hang anew, without a swing.
    pub fn reset(&mut self) {
        self.tails.fill(None);
        self.left_over_s = 0.0;
    }

    /// Moves on by `elapsed_s`. `root` is where the nodes without a parent stand in the scene, `locals` how every node
    /// stands now, by its place in the rig; the rotations of joints are written.
    pub fn advance(&mut self, elapsed_s: f32, root: Affine3A, locals: &mut [Local]) {
        if locals.len() != self.rig.nodes.len() {
            return;
        }
        for joint in &self.rig.joints {
            if let Some(local) = locals.get_mut(joint.node) {
                local.rotation = joint.rest_rotation;
            }
        }
        self.place(root, locals);
        if !(0.0..=LONGEST_PAUSE_S).contains(&elapsed_s) {
            self.reset();
        }
        self.notice_teleports();
        self.left_over_s += if elapsed_s.is_finite() { elapsed_s.clamp(0.0, LONGEST_PAUSE_S) } else { 0.0 };
        let steps = ((self.left_over_s / STEP_S) as u32).min(MOST_STEPS);
        let rest = self.globals.clone();
        for _ in 0..steps {
            self.pass(root, locals, &rest, None);
        }
        self.left_over_s = (self.left_over_s - steps as f32 * STEP_S).clamp(0.0, STEP_S);
        let share = self.left_over_s / STEP_S;
        self.pass(root, locals, &rest, Some(share));
    }

    /// Where every node is in the scene.
    fn place(&mut self, root: Affine3A, locals: &[Local]) {
        for (index, (node, local)) in self.rig.nodes.iter().zip(locals).enumerate() {
            let above = node.parent.and_then(|parent| self.globals.get(parent)).copied().unwrap_or(root);
            if let Some(global) = self.globals.get_mut(index) {
                *global = above * local.affine();
            }
        }
    }

    fn notice_teleports(&mut self) {
        for (joint, tail) in self.rig.joints.iter().zip(&mut self.tails) {
            let Some(global) = self.globals.get(joint.node) else { continue };
            let head = Vec3::from(global.translation);
            if tail.is_some_and(|tail| tail.head.distance(head).is_nan() || tail.head.distance(head) > TELEPORT_M) {
                *tail = None;
            }
            if let Some(tail) = tail {
                tail.head = head;
            }
        }
    }

    /// Goes through all nodes, parents first. Without `share` a step is made; with it, the rotations are written for
    /// the moment that lies so far between the last two steps. `rest` is where nodes are while no joint swings.
    fn pass(&mut self, root: Affine3A, locals: &mut [Local], rest: &[Affine3A], share: Option<f32>) {
        for (index, node) in self.rig.nodes.iter().enumerate() {
            let above = node.parent.and_then(|parent| self.globals.get(parent)).copied().unwrap_or(root);
            let Some(local) = locals.get_mut(index) else { continue };
            let joint = self.joint_of.get(index).copied().flatten();
            if let Some((joint, tail)) =
                joint.and_then(|joint| Some((self.rig.joints.get(joint)?, self.tails.get_mut(joint)?)))
            {
                local.rotation = joint.rest_rotation;
                let at_rest = above * local.affine();
                let center = joint.center.and_then(|center| rest.get(center)).copied().unwrap_or(Affine3A::IDENTITY);
                if let Some(aim) = swing(joint, tail, at_rest, center, rest, &self.rig.colliders, share) {
                    local.rotation = turned(joint, at_rest, aim);
                }
            }
            if let Some(global) = self.globals.get_mut(index) {
                *global = above * local.affine();
            }
        }
    }
}

/// One step of one joint, or a look between two steps; returns where its bone points, in the scene.
fn swing(
    joint: &SpringJoint,
    tail: &mut Option<Tail>,
    at_rest: Affine3A,
    center: Affine3A,
    globals: &[Affine3A],
    colliders: &[Collider],
    share: Option<f32>,
) -> Option<Vec3> {
    let head = Vec3::from(at_rest.translation);
    let hanging = at_rest.transform_point3(joint.tail);
    let length = hanging.distance(head);
    let axis = (hanging - head).try_normalize()?;
    let center_from_scene = center.inverse();
    if !(length.is_finite() && hanging.is_finite() && center_from_scene.is_finite()) {
        *tail = None;
        return None;
    }
    let hangs = || {
        let at = center_from_scene.transform_point3(hanging);
        Tail { before: at, now: at, head }
    };
    let state = tail.get_or_insert_with(hangs);
    if let Some(share) = share {
        let at = center.transform_point3(state.before.lerp(state.now, share));
        return (at - head).try_normalize();
    }
    let (before, now) = (center.transform_point3(state.before), center.transform_point3(state.now));
    let inertia = (now - before) * (1.0 - joint.drag.clamp(0.0, 1.0));
    let mut next = now + inertia + (axis * joint.stiffness + joint.gravity) * STEP_S;
    let keep_length = |next: Vec3| head + (next - head).try_normalize().unwrap_or(axis) * length;
    next = keep_length(next);
    for collider in joint.colliders.iter().filter_map(|index| colliders.get(*index)) {
        if let Some(global) = globals.get(collider.node)
            && let Some(pushed) = collider.push_out(*global, next, joint.radius)
        {
            next = keep_length(pushed);
        }
    }
    if next.is_finite() {
        state.before = state.now;
        state.now = center_from_scene.transform_point3(next);
    } else {
        *state = hangs();
    }
    (center.transform_point3(state.now) - head).try_normalize()
}

/// The joint's rotation, in its parent's space, that makes its bone point along `aim`.
fn turned(joint: &SpringJoint, at_rest: Affine3A, aim: Vec3) -> Quat {
    let (Some(from), Some(to)) = (joint.tail.try_normalize(), at_rest.inverse().transform_vector3(aim).try_normalize())
    else {
        return joint.rest_rotation;
    };
    let rotation = joint.rest_rotation * Quat::from_rotation_arc(from, to);
    if rotation.is_finite() { rotation.normalize() } else { joint.rest_rotation }
}
