//! A steady beat: as many ticks a second as asked for on average, and never two in one breath.

use std::time::Duration;

/// Missed ticks that are made up for, half a second at 60 a second; after a longer stop the beat starts afresh.
const MOST_MADE_UP: u64 = 30;

/// When the next tick is due, on a clock that starts at zero with the first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    rate_hz: u64,
    next: u64,
    earliest: Duration,
}

impl Pace {
    /// So many ticks a second, at least 1.
    pub(super) fn new(rate_hz: u32) -> Self {
        Self { rate_hz: u64::from(rate_hz.max(1)), next: 0, earliest: Duration::ZERO }
    }

    /// When the next tick is due.
    pub(super) fn due(&self) -> Duration {
        self.at(self.next).max(self.earliest)
    }

    /// Notes that the tick that was due happened at `now`. One that is late is followed by the next after no less than
    /// half a period.
    pub(super) fn ticked(&mut self, now: Duration) {
        self.next += 1;
        let present = (now.as_nanos() * u128::from(self.rate_hz) / 1_000_000_000) as u64;
        if present > self.next + MOST_MADE_UP {
            self.next = present + 1;
        }
        self.earliest = now + self.at(1) / 2;
    }

    fn at(&self, tick: u64) -> Duration {
        Duration::from_nanos((u128::from(tick) * 1_000_000_000 / u128::from(self.rate_hz)) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks at the times due, each late by what `late` says of its number; returns when they happened.
    fn play(seconds: f64, late: impl Fn(usize) -> Duration) -> Vec<Duration> {
        let (mut pace, mut ticks) = (Pace::new(60), Vec::new());
        while pace.due().as_secs_f64() < seconds {
            let now = pace.due() + late(ticks.len());
            pace.ticked(now);
            ticks.push(now);
        }
        ticks
    }

    #[test]
    fn an_hour_has_exactly_its_ticks() {
        assert_eq!(play(3600.0, |_| Duration::ZERO).len(), 216_000);
        assert_eq!(play(3600.0, |tick| Duration::from_micros(tick as u64 * 7919 % 4000)).len(), 216_000);
    }

    #[test]
    fn a_stall_is_made_up_for_without_a_burst() {
        let ticks = play(10.0, |tick| Duration::from_millis(if tick % 100 == 50 { 60 } else { 0 }));
        assert_eq!(ticks.len(), 600);
        assert!(ticks.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) >= Duration::from_millis(8)), "{ticks:?}");
    }

    #[test]
    fn after_a_long_stop_the_beat_starts_afresh() {
        let ticks = play(12.0, |tick| Duration::from_secs(if tick == 60 { 5 } else { 0 }));
        assert!((415..=425).contains(&ticks.len()), "{}", ticks.len());
        assert!(ticks.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) >= Duration::from_millis(8)));
    }
}
