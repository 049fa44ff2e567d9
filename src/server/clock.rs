//! The clock that one client's filters run on: the client's own, as far as it can be believed.

use std::time::Instant;

/// A step of the client's clock may be this much longer than what has passed here, seconds: networks deliver in bursts.
const SLACK_S: f64 = 2.0;
/// The step where the client's clock stands still or runs backwards and no time has passed here either, seconds.
const LEAST_STEP_S: f64 = 1e-3;

/// Seconds that rise strictly, whatever the client sends.
#[derive(Debug)]
pub(super) struct ClientClock {
    started: Instant,
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
        Self { started, last: None }
    }

    /// The time of a picture that was taken at `client_us` on the client's clock (0: it did not say) and came at `arrived`.
    pub(super) fn time_s(&mut self, client_us: u64, arrived: Instant) -> f64 {
        let arrived_s = arrived.saturating_duration_since(self.started).as_secs_f64();
        let time_s = self.last.map_or(0.0, |last| {
            let here = (arrived_s - last.arrived_s).max(LEAST_STEP_S);
            let there = client_us.checked_sub(last.client_us).map(|us| us as f64 * 1e-6);
            let believed = there.filter(|step| *step >= LEAST_STEP_S && *step <= here + SLACK_S);
            last.time_s + believed.unwrap_or(here)
        });
        self.last = Some(Tick { client_us, arrived_s, time_s });
        time_s
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
