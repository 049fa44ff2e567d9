//! Limbs in the physics: kinematic bodies that go where the player's limbs go, as fast as they go.
//!
//! They push and are never pushed. What is not surely seen, or has jumped, is a ghost: it meets nothing until it has been
//! followed for two steps, because a body that appears inside another one would throw it away.

use bevy::prelude::*;
use bevy_rapier3d::prelude::{
    ActiveCollisionTypes, CoefficientCombineRule, Collider, CollisionGroups, Friction, Group, Restitution, RigidBody,
    Velocity,
};

use super::PlayerBody;
use crate::app::game::arena::{LIMBS, THINGS};
use crate::app::game::phase::GamePhase;
use crate::app::game::round::{Match, runs};
use crate::motion::player::{FASTEST_M_S, Limb, size};

/// Steps that a limb is followed before it strikes.
const GHOST_STEPS: u8 = 2;

/// Of a kinematic body: whose limb it is.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct LimbOf {
    /// The player's entity.
    pub body: Entity,
    /// The player's number, from 0.
    pub player: usize,
    /// Which limb.
    pub limb: Limb,
    /// Its two ends, metres, and how they move, metres a second.
    pub ends: [(Vec3, Vec3); 2],
    /// Its radius, metres.
    pub radius_m: f32,
    /// Steps until it strikes.
    ghost: u8,
}

impl LimbOf {
    /// Whether it meets things now.
    #[must_use]
    pub const fn is_solid(&self) -> bool {
        self.ghost == 0
    }

    /// The place on its axis that is nearest to a point, and how that place moves.
    #[must_use]
    pub fn nearest(&self, point: Vec3) -> (Vec3, Vec3) {
        let [(from, from_velocity), (to, to_velocity)] = self.ends;
        let along = to - from;
        let share = ((point - from).dot(along) / along.length_squared().max(1e-9)).clamp(0.0, 1.0);
        (from + along * share, from_velocity.lerp(to_velocity, share))
    }
}

/// The limbs of who is new.
pub(super) fn spawn(
    mut commands: Commands,
    players: Query<(Entity, &PlayerBody), Added<PlayerBody>>,
    limbs: Query<(Entity, &LimbOf)>,
    bodies: Query<(), With<PlayerBody>>,
) {
    for (entity, limb) in &limbs {
        if !bodies.contains(limb.body) {
            commands.entity(entity).despawn();
        }
    }
    for (entity, body) in &players {
        let scale = size(&body.rest);
        for limb in Limb::ALL {
            let [from, to] = limb.ends().map(|part| body.position(part));
            let half_m = from.distance(to) / 2.0;
            let radius = limb.radius_m() * scale;
            let collider = if half_m > 1e-3 { Collider::capsule_y(half_m, radius) } else { Collider::ball(radius) };
            commands.spawn((
                Name::new("Limb"),
                LimbOf {
                    body: entity,
                    player: body.player,
                    limb,
                    ends: [(from, Vec3::ZERO), (to, Vec3::ZERO)],
                    radius_m: radius,
                    ghost: GHOST_STEPS,
                },
                RigidBody::KinematicPositionBased,
                Velocity::default(),
                collider,
                ghost_groups(),
                // How hard a blow is, `strike` says: it knows the limb's mass, which a kinematic body has not.
                Restitution { coefficient: 0.0, combine_rule: CoefficientCombineRule::Multiply },
                Friction::new(0.6),
                ActiveCollisionTypes::default(),
                place(from, to),
            ));
        }
    }
}

/// Moves them to where the limbs are at this step.
pub(super) fn follow(
    phase: Res<State<GamePhase>>,
    current: Option<Res<Match>>,
    players: Query<&PlayerBody>,
    mut limbs: Query<(&mut LimbOf, &mut Transform, &mut CollisionGroups)>,
    time: Res<Time>,
) {
    // A still world would meet limbs that have gone elsewhere meanwhile.
    let is_still = !runs(*phase.get(), current.as_deref());
    let farthest_m = FASTEST_M_S * time.delta_secs().max(1e-3);
    for (mut own, mut transform, mut groups) in &mut limbs {
        let Ok(body) = players.get(own.body) else { continue };
        let [a, b] = own.limb.ends();
        let wanted = place(body.position(a), body.position(b));
        let is_sure = body.is_sure(a) && body.is_sure(b);
        let has_jumped = transform.translation.distance(wanted.translation) > farthest_m;
        own.ghost = if is_still || !is_sure || has_jumped { GHOST_STEPS } else { own.ghost.saturating_sub(1) };
        own.ends = [a, b].map(|part| (body.position(part), body.velocity(part)));
        *transform = wanted;
        groups.set_if_neq(if own.ghost > 0 { ghost_groups() } else { CollisionGroups::new(LIMBS, THINGS) });
    }
}

/// Meets nothing.
const fn ghost_groups() -> CollisionGroups {
    CollisionGroups::new(LIMBS, Group::NONE)
}

/// A capsule along y, laid between two points.
fn place(from: Vec3, to: Vec3) -> Transform {
    let along = (to - from).try_normalize().unwrap_or(Vec3::Y);
    Transform { translation: from.midpoint(to), rotation: Quat::from_rotation_arc(Vec3::Y, along), scale: Vec3::ONE }
}
