//! Blinking as people do: every few seconds, at times that a seed decides.

use super::random::Random;

/// Seconds that the lids take to close, stay closed, and open again.
const CLOSE_S: f64 = 0.07;
const HOLD_S: f64 = 0.04;
const OPEN_S: f64 = 0.13;
/// Pauses between two blinks, seconds.
const SHORTEST_PAUSE_S: f64 = 1.8;
const LONGEST_PAUSE_S: f64 = 6.2;

/// One pair of eyes. The same seed blinks at the same times.
#[derive(Debug, Clone, PartialEq)]
pub struct Blink {
    random: Random,
    next_s: f64,
}

impl Blink {
    /// Eyes that are open at time 0.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut blink = Self { random: Random::new(seed.wrapping_add(1)), next_s: 0.0 };
        blink.next_s = blink.pause_s();
        blink
    }

    /// How far the lids are closed at a time that rises from call to call: 0 open, 1 closed.
    #[must_use]
    pub fn weight(&mut self, time_s: f64) -> f32 {
        let since_s = time_s - self.next_s;
        if since_s.is_nan() || since_s < 0.0 {
            return 0.0;
        }
        if since_s >= CLOSE_S + HOLD_S + OPEN_S {
            // After a long pause the next blink is counted from now, not made up for.
            self.next_s = self.next_s.max(time_s - LONGEST_PAUSE_S) + self.pause_s();
            return 0.0;
        }
        let opened = ((since_s - CLOSE_S - HOLD_S) / OPEN_S).max(0.0);
        let weight = (since_s / CLOSE_S).min(1.0) - opened;
        let smooth = weight * weight * (3.0 - 2.0 * weight);
        smooth.clamp(0.0, 1.0) as f32
    }

    fn pause_s(&mut self) -> f64 {
        SHORTEST_PAUSE_S + self.random.unit_f64() * (LONGEST_PAUSE_S - SHORTEST_PAUSE_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_blinks_every_few_seconds_and_the_same_way_again() {
        let run = |seed| {
            let mut blink = Blink::new(seed);
            (0..60 * 60).map(|frame| blink.weight(f64::from(frame) / 60.0)).collect::<Vec<f32>>()
        };
        let weights = run(3);
        let closings = weights.windows(2).filter(|pair| pair[0] < 0.9 && pair[1] >= 0.9).count();
        assert!((8..=32).contains(&closings), "{closings} blinks in a minute");
        assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)));
        let closed = weights.iter().filter(|weight| **weight > 0.0).count();
        assert!(closed < 60 * 10, "eyes are open most of the time");
        assert_eq!(weights, run(3));
        assert_ne!(weights, run(4));
    }

    #[test]
    fn a_seed_has_its_own_pauses() {
        let mut blink = Blink::new(7);
        assert!((blink.next_s - 4.521_420_350).abs() < 1e-9, "{}", blink.next_s);
        assert!((blink.pause_s() - 4.492_571_624).abs() < 1e-9);
    }

    #[test]
    fn a_pause_is_not_made_up_for() {
        let mut blink = Blink::new(0);
        let _ = blink.weight(3600.0);
        let closed = (1..30).filter(|frame| blink.weight(3600.0 + f64::from(*frame) * 0.02) > 0.0).count();
        assert!(closed < 20, "{closed}");
    }
}
