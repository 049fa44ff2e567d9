//! A limb has met a thing.

use bevy::prelude::*;
use bevy_rapier3d::prelude::{CollisionEvent, Velocity};

use super::LimbOf;
use crate::app::game::arena::Thing;
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

/// Tells of this step's contacts between limbs and things, and gives the things the speed of the blow.
pub(super) fn strike(
    mut contacts: MessageReader<CollisionEvent>,
    limbs: Query<&LimbOf>,
    mut things: Query<(&Thing, &Transform, &mut Velocity)>,
    mut struck: MessageWriter<Struck>,
) {
    for contact in contacts.read() {
        let CollisionEvent::Started(a, b, _) = contact else { continue };
        let (limb, entity) = match (limbs.get(*a), limbs.get(*b)) {
            (Ok(limb), Err(_)) => (limb, *b),
            (Err(_), Ok(limb)) => (limb, *a),
            _ => continue,
        };
        let Ok((thing, transform, mut velocity)) = things.get_mut(entity) else { continue };
        let (at, limb_velocity) = limb.nearest(transform.translation);
        let away = (transform.translation - at).try_normalize().unwrap_or(Vec3::Y);
        if let Some(after) = after_blow(thing, limb.limb.effective_mass_kg(), limb_velocity, away) {
            velocity.linear = after;
        }
        struck.write(Struck {
            thing: entity,
            player: limb.player,
            limb: limb.limb,
            velocity: limb_velocity,
            speed_m_s: (limb_velocity - thing.before).length(),
        });
    }
}

/// How a thing moves after a limb of this mass and velocity has met it on the side opposite of `away`; `None` where they
/// do not come at each other. Along the line between them as two bodies of these masses, across it as before.
fn after_blow(thing: &Thing, limb_kg: f32, limb_velocity: Vec3, away: Vec3) -> Option<Vec3> {
    let closing_m_s = (limb_velocity - thing.before).dot(away);
    let share = limb_kg / (limb_kg + thing.mass_kg.max(1e-3));
    (closing_m_s > 0.0).then(|| thing.before + away * (1.0 + thing.restitution) * share * closing_m_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blows_keep_momentum_and_lose_what_restitution_says() {
        let thing = Thing { mass_kg: 0.4, restitution: 0.6, before: Vec3::new(1.0, -2.0, -3.0) };
        let (limb_kg, limb) = (2.8, Vec3::new(0.0, 1.0, 4.0));
        let away = Vec3::new(0.0, 0.6, 0.8);
        let after = after_blow(&thing, limb_kg, limb, away).expect("they meet");
        let impulse = (after - thing.before) * thing.mass_kg;
        let limb_after = limb - impulse / limb_kg;
        let (before_m_s, after_m_s) = ((limb - thing.before).dot(away), (after - limb_after).dot(away));
        assert!((after_m_s - 0.6 * before_m_s).abs() < 1e-4, "{after_m_s} {before_m_s}");
        assert!((after - thing.before).cross(away).length() < 1e-5, "nothing across");
        assert_eq!(after_blow(&thing, limb_kg, Vec3::new(0.0, 0.0, -9.0), away), None, "it flees");
    }
}
