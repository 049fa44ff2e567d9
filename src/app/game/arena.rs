//! The room in which things fly: a floor without end, walls, a ceiling, and what keeps things sane.

use bevy::prelude::*;
use bevy_rapier3d::prelude::{
    ActiveEvents, Ccd, CoefficientCombineRule, Collider, ColliderMassProperties, CollisionGroups, Damping, Friction,
    Group, Restitution, RigidBody, Velocity,
};

use super::round::InMatch;
use crate::app::schedule::GameSystems;

/// Floor, walls and ceiling.
pub const WORLD: Group = Group::GROUP_1;
/// Players' limbs.
pub const LIMBS: Group = Group::GROUP_2;
/// What flies, lies and breaks.
pub const THINGS: Group = Group::GROUP_3;

/// From the middle to the walls, metres.
pub const HALF_M: f32 = 9.0;
/// The ceiling's height, metres.
pub const CEILING_M: f32 = 7.0;
/// Nothing flies faster, metres a second.
pub const FASTEST_THING_M_S: f32 = 25.0;
/// Nothing spins faster, radians a second.
const FASTEST_SPIN_RAD_S: f32 = 60.0;

/// Of a body that flies about in the arena.
#[derive(Component, Debug, Clone, Copy, PartialEq, Default)]
pub struct Thing {
    /// Kilograms.
    pub mass_kg: f32,
    /// Share of the speed at which it meets something with which it comes back, 0 to 1.
    pub restitution: f32,
    /// How it moved before the physics of this step, metres a second.
    pub before: Vec3,
}

/// Restitution of things that are made here.
const RESTITUTION: f32 = 0.7;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_room)
        .add_systems(FixedUpdate, (remember_speeds.in_set(GameSystems::Bodies), keep_sane.in_set(GameSystems::Sane)));
}

/// A ball of this radius (metres) and mass (kilograms), made to be struck: it tells of its contacts, and nothing passes
/// through it between two steps.
#[must_use]
pub fn ball(radius_m: f32, mass_kg: f32, at: Vec3, velocity: Vec3) -> impl Bundle {
    thing(Collider::ball(radius_m), mass_kg, at, velocity)
}

/// As [`ball`], of another shape.
#[must_use]
pub fn thing(shape: Collider, mass_kg: f32, at: Vec3, velocity: Vec3) -> impl Bundle {
    (
        (
            InMatch,
            Thing { mass_kg, restitution: RESTITUTION, before: velocity },
            Transform::from_translation(at),
            Visibility::default(),
        ),
        RigidBody::Dynamic,
        shape,
        ColliderMassProperties::Mass(mass_kg),
        Velocity { linear: velocity, angular: Vec3::ZERO },
        Restitution { coefficient: RESTITUTION, combine_rule: CoefficientCombineRule::Multiply },
        Friction::new(0.4),
        Damping { linear_damping: 0.05, angular_damping: 0.3 },
        CollisionGroups::new(THINGS, WORLD | LIMBS | THINGS),
        ActiveEvents::COLLISION_EVENTS,
        Ccd::enabled(),
    )
}

/// Half spaces have no other side that a body could come out at.
fn spawn_room(mut commands: Commands) {
    let sides = [
        (Vec3::Y, Vec3::ZERO),
        (Vec3::NEG_Y, Vec3::Y * CEILING_M),
        (Vec3::X, Vec3::NEG_X * HALF_M),
        (Vec3::NEG_X, Vec3::X * HALF_M),
        (Vec3::Z, Vec3::NEG_Z * HALF_M),
        (Vec3::NEG_Z, Vec3::Z * HALF_M),
    ];
    for (normal, at) in sides {
        let Some(side) = Collider::halfspace(normal) else { continue };
        commands.spawn((
            Name::new("Side of the room"),
            RigidBody::Fixed,
            side,
            Friction::new(0.8),
            Restitution { coefficient: 0.8, combine_rule: CoefficientCombineRule::Multiply },
            CollisionGroups::new(WORLD, THINGS),
            Transform::from_translation(at),
        ));
    }
}

/// A blow is reckoned from how things moved before it.
fn remember_speeds(mut things: Query<(&mut Thing, &Velocity)>) {
    for (mut thing, velocity) in &mut things {
        thing.before = velocity.linear;
    }
}

/// Bounds speeds after each step, and takes away what is no longer anywhere: a thing squeezed between a fast limb and the
/// floor is pushed out by the solver as hard as it takes.
fn keep_sane(mut commands: Commands, mut things: Query<(Entity, &Transform, &mut Velocity), With<Thing>>) {
    for (entity, transform, mut velocity) in &mut things {
        let at = transform.translation;
        let is_somewhere = at.is_finite() && velocity.linear.is_finite() && velocity.angular.is_finite();
        if !is_somewhere || at.abs().max_element() > 2.0 * HALF_M {
            warn!("a thing left the arena at {at} and was taken away");
            commands.entity(entity).despawn();
            continue;
        }
        if velocity.linear.length() > FASTEST_THING_M_S {
            velocity.linear = velocity.linear.clamp_length_max(FASTEST_THING_M_S);
        }
        if velocity.angular.length() > FASTEST_SPIN_RAD_S {
            velocity.angular = velocity.angular.clamp_length_max(FASTEST_SPIN_RAD_S);
        }
    }
}
