//! Twist of a limb about its own length, followed over time so that it never flips.

use super::rotation::wrap;
use crate::motion::ease;

/// Fastest twist that is believed, radians per second. Faster ones are flips of a badly seen plane.
const MAX_RATE: f32 = 10.0;

/// Follows an angle that is sometimes badly seen (the bend plane of a nearly straight limb) around its natural value 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TwistTracker {
    angle: Option<f32>,
}

impl TwistTracker {
    /// Returns the angle to use now, radians, within `-limit.0..=limit.1`.
    ///
    /// `weight` 0 to 1 says how well `measured` was seen: at 1 it is followed, at 0 the angle relaxes towards 0 with the
    /// time constant `relax_s`. `dt` is the time since the previous call in seconds.
    pub(super) fn update(&mut self, dt: f32, measured: f32, weight: f32, relax_s: f32, limit: (f32, f32)) -> f32 {
        let previous = self.angle;
        let relaxed = previous.unwrap_or(0.0) * ease::decay(dt, relax_s);
        let wanted = (relaxed + weight * wrap(measured - relaxed)).clamp(-limit.0, limit.1);
        let angle = match previous {
            Some(previous) => wanted.clamp(previous - MAX_RATE * dt, previous + MAX_RATE * dt),
            None => wanted,
        };
        self.angle = Some(angle);
        angle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: (f32, f32) = (2.5, 2.5);

    #[test]
    fn follows_what_is_seen_and_relaxes_when_it_is_not() {
        let mut tracker = TwistTracker::default();
        assert!((tracker.update(0.03, 1.0, 1.0, 0.5, LIMIT) - 1.0).abs() < 1e-6);
        let later = tracker.update(0.5, -3.0, 0.0, 0.5, LIMIT);
        assert!((later - (-1.0_f32).exp()).abs() < 1e-5, "{later}");
    }

    #[test]
    fn a_flip_is_spread_over_time_and_stays_within_the_limits() {
        let mut tracker = TwistTracker::default();
        let mut last = tracker.update(0.033, 2.4, 1.0, 0.5, LIMIT);
        for _ in 0..20 {
            let next = tracker.update(0.033, -2.4, 1.0, 0.5, LIMIT);
            assert!((next - last).abs() <= MAX_RATE * 0.033 + 1e-5 && next.abs() <= 2.5);
            last = next;
        }
    }
}
