//! A limb has met a thing.

use bevy::prelude::*;
use bevy_rapier3d::prelude::{CollisionEvent, Velocity};

use super::LimbOf;
use crate::motion::player::{Blow, Limb};

/// A limb of a player has begun to touch a thing.
#[derive(Message, Debug, Clone, Copy, PartialEq)]
pub struct Struck {
    /// The thing.
    pub thing: Entity,
    /// The player's number, from 0.
    pub player: usize,
    /// With which limb.
    pub limb: Limb,
    /// How fast the limb moves, metres a second, in the scene.
    pub velocity: Vec3,
    /// How fast it came at the thing, metres a second: the limb's speed against the thing's.
    pub speed_m_s: f32,
}

impl Struck {
    /// With what it was struck.
    #[must_use]
    pub const fn blow(&self) -> Blow {
        self.limb.blow()
    }
}

/// Tells of this step's contacts between limbs and things that ask for events.
pub(super) fn tell(
    mut contacts: MessageReader<CollisionEvent>,
    limbs: Query<&LimbOf>,
    speeds: Query<&Velocity>,
    mut struck: MessageWriter<Struck>,
) {
    for contact in contacts.read() {
        let CollisionEvent::Started(a, b, _) = contact else { continue };
        let (limb, thing) = match (limbs.get(*a), limbs.get(*b)) {
            (Ok(limb), Err(_)) => (limb, *b),
            (Err(_), Ok(limb)) => (limb, *a),
            _ => continue,
        };
        let thing_velocity = speeds.get(thing).map_or(Vec3::ZERO, |velocity| velocity.linear);
        struck.write(Struck {
            thing,
            player: limb.player,
            limb: limb.limb,
            velocity: limb.velocity,
            speed_m_s: (limb.velocity - thing_velocity).length(),
        });
    }
}
