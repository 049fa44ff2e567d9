//! The clock that one client's filters run on: the client's own, as far as it can be believed.

use std::time::Instant;

/// The stream's time may run ahead of what has passed here since the connection's first frame by so much in all, seconds:
/// networks deliver in bursts, after a first frame that came late.
const SLACK_S: f64 = 2.0;
/// The step where the client's clock stands still or runs backwards and no time has passed here either, seconds.
const LEAST_STEP_S: f64 = 1e-3;
/// The step where the slack is used up, seconds.
const STRICT_STEP_S: f64 = 1e-6;
/// By so much of its steps a clock that has used up the slack is slowed down, by less with less of it. So one that is a
/// little fast, as every other one is, stays well within the slack for ever, and goes on to run evenly.
const SLEW: f64 = 0.01;

/// Seconds that rise strictly, whatever the client sends.
#[derive(Debug)]
pub(super) struct ClientClock {
    started: Instant,
    /// When the first frame came, seconds from the start.
    first_s: f64,
    last: Option<Tick>,
}

#[derive(Debug, Clone, Copy)]
struct Tick {
    client_us: u64,
    arrived_s: f64,
    time_s: f64,
}

impl ClientClock {
    pub(super) const fn new(started: Instant) -> Self {
        Self { started, first_s: 0.0, last: None }
    }

    /// The time of a picture that was taken at `client_us` on the client's clock (0: it did not say) and came at `arrived`;
    /// 0 for the first.
    pub(super) fn time_s(&mut self, client_us: u64, arrived: Instant) -> f64 {
        let arrived_s = arrived.saturating_duration_since(self.started).as_secs_f64();
        let time_s = if let Some(last) = self.last {
            let here = (arrived_s - last.arrived_s).max(LEAST_STEP_S);
            let there = client_us.checked_sub(last.client_us).map(|us| us as f64 * 1e-6);
            let believed = there.filter(|step| *step >= LEAST_STEP_S && *step <= here + SLACK_S);
            let lead = (last.time_s - (last.arrived_s - self.first_s)).clamp(0.0, SLACK_S);
            let step = believed.map_or(here, |step| step * (1.0 - SLEW * lead / SLACK_S));
            let most = arrived_s - self.first_s + SLACK_S;
            (last.time_s + step).min(most).max(last.time_s + STRICT_STEP_S)
        } else {
            self.first_s = arrived_s;
            0.0
        };
        self.last = Some(Tick { client_us, arrived_s, time_s });
        time_s
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn time_never_runs_ahead_of_arrival_by_more_than_the_slack(
            late_us in 0_u64..5_000_000,
            // From one frame to the next: microseconds here, and on the client's clock, which may run backwards.
            steps in prop::collection::vec((0_u64..100_000, -100_000_i64..4_000_000), 1..400),
        ) {
            let start = Instant::now();
            let mut clock = ClientClock::new(start);
            let (mut here_us, mut there_us, mut last) = (0, 1_u64 << 40, 0.0);
            prop_assert_eq!(clock.time_s(there_us, start + Duration::from_micros(late_us)), 0.0);
            for (number, (here, there)) in (1..).zip(steps) {
                here_us += here;
                there_us = there_us.saturating_add_signed(there);
                let time_s = clock.time_s(there_us, start + Duration::from_micros(late_us + here_us));
                prop_assert!(time_s > last);
                // Frames that come all at once still need times that rise.
                let most = here_us as f64 * 1e-6 + SLACK_S + STRICT_STEP_S * f64::from(number);
                prop_assert!(time_s <= most + 1e-9, "{time_s} s after {here_us} us");
                last = time_s;
            }
        }
    }

    #[test]
    fn a_clock_that_is_a_little_fast_runs_evenly_for_ever() {
        let start = Instant::now();
        let mut clock = ClientClock::new(start);
        let (mut last, mut steps) = (clock.time_s(1, start), Vec::new());
        // A day of frames, of which every other one comes late; a clock that gains a second an hour.
        for frame in 1..86_400_u64 * 10 {
            let late = Duration::from_millis(frame % 2 * 60);
            let arrived = start + Duration::from_millis(frame * 100) + late;
            let time_s = clock.time_s(1 + frame * 100_028, arrived);
            steps.push(time_s - last);
            last = time_s;
        }
        let even = steps.iter().all(|step| (step - 0.1).abs() < 1e-3);
        assert!(even, "{:?}", steps.iter().find(|step| (*step - 0.1).abs() >= 1e-3));
    }

    #[test]
    fn the_clients_own_steps_count() {
        let start = Instant::now();
        let mut clock = ClientClock::new(start);
        assert_eq!(clock.time_s(5_000_000, start), 0.0);
        let late = start + Duration::from_millis(500);
        assert!((clock.time_s(5_033_000, late) - 0.033).abs() < 1e-9);
        assert!((clock.time_s(5_066_000, late) - 0.066).abs() < 1e-9, "both arrived at once");
    }

    #[test]
    fn time_rises_whatever_comes() {
        let start = Instant::now();
        let mut clock = ClientClock::new(start);
        let mut last = -1.0;
        for (index, client_us) in [7, 7, 0, u64::MAX, 1, u64::MAX - 1, 0, 0, 1 << 53].into_iter().enumerate() {
            let time_s = clock.time_s(client_us, start + Duration::from_millis(10 * index as u64));
            assert!(time_s > last && time_s - last < 3.0, "{time_s} after {last}");
            last = time_s;
        }
    }

    #[test]
    fn without_a_clock_arrival_counts() {
        let start = Instant::now();
        let mut clock = ClientClock::new(start);
        clock.time_s(0, start);
        assert!((clock.time_s(0, start + Duration::from_millis(40)) - 0.04).abs() < 1e-9);
    }
}
