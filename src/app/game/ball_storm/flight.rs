//! Throws: from where, and how fast, so that a ball arrives at a place at a moment.

use bevy::math::Vec3;

/// Share of the earth's gravity that balls feel: they hang in the air a little, so that there is time to see them.
pub(super) const GRAVITY_SHARE: f32 = 0.35;
/// What pulls them, metres a second squared.
const GRAVITY: f32 = 9.81 * GRAVITY_SHARE;

/// The velocity at `from` that brings a ball to `to` after `after_s` seconds, air left out.
pub(super) fn throw(from: Vec3, to: Vec3, after_s: f32) -> Vec3 {
    let after_s = after_s.max(0.1);
    (to - from) / after_s + Vec3::Y * GRAVITY * after_s / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throw_arrives() {
        let (from, to, after_s) = (Vec3::new(1.0, 1.5, 7.0), Vec3::new(-0.3, 1.1, 0.2), 1.4);
        let (mut at, mut velocity) = (from, throw(from, to, after_s));
        let steps = 2000;
        for _ in 0..steps {
            let step_s = after_s / steps as f32;
            at += velocity * step_s - Vec3::Y * GRAVITY * step_s * step_s / 2.0;
            velocity.y -= GRAVITY * step_s;
        }
        assert!(at.distance(to) < 1e-2, "{at}");
    }
}
