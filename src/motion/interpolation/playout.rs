//! Which capture time to show now.

use std::collections::VecDeque;

/// Arrivals remembered: about a second.
const WINDOW: usize = 32;
/// Interval assumed until two results have arrived, seconds.
const NOMINAL_INTERVAL_S: f64 = 1.0 / 30.0;
/// Share of results that arrive before they are needed; waiting for the rarest stragglers would cost everyone.
const QUANTILE: f64 = 0.9;
/// Most that is waited beyond the quickest result's way, seconds.
const MAX_WAIT_S: f64 = 0.25;
/// A break in the results, or in how late they come, that is a pause or a jump rather than jitter. Seconds.
const BREAK_S: f64 = 0.5;
/// Differences from the wanted time are made up over this time...
const CATCH_UP_S: f64 = 0.3;
/// ...by running at most this much slower or faster.
const MAX_RATE_CHANGE: f64 = 0.25;

/// Maps the present to a capture time a little in the past, so that two results normally lie around it and movement is
/// even although results come unevenly.
///
/// The delay adapts to the interval and the jitter of arrivals. The time shown never runs backwards and never passes the
/// newest result, except that it starts afresh when the capture clock itself is set back.
///
/// `now_s` may be any steady clock; it need not share its zero with the capture clock.
#[derive(Debug, Clone, Default)]
pub struct PlayoutClock {
    /// What the delay would have had to be at each arrival: seconds between the previous result's capture time and now.
    needed: VecDeque<f64>,
    newest: Option<Arrival>,
    delay_s: f64,
    shown: Option<Shown>,
}

#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// Capture time, seconds.
    time_s: f64,
    /// When it came, seconds.
    now_s: f64,
    /// Seconds of capture time since the one before.
    interval: f64,
}

impl Arrival {
    /// How late it came: the difference of the two clocks.
    fn lag_s(&self) -> f64 {
        self.now_s - self.time_s
    }
}

#[derive(Debug, Clone, Copy)]
struct Shown {
    time_s: f64,
    now_s: f64,
}

impl PlayoutClock {
    /// A clock that has seen no result.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything, as after a change of source.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Notes that the result captured at `time_s` arrived at `now_s`. Times that are not finite are ignored.
    pub fn arrived(&mut self, time_s: f64, now_s: f64) {
        if !time_s.is_finite() || !now_s.is_finite() {
            return;
        }
        if self.newest.is_some_and(|newest| time_s < newest.time_s) {
            self.reset();
        }
        let mut arrival = Arrival { time_s, now_s, interval: NOMINAL_INTERVAL_S };
        let goes_on = self.newest.is_some_and(|newest| {
            arrival.interval = newest.interval;
            time_s - newest.time_s < BREAK_S && (arrival.lag_s() - newest.lag_s()).abs() < BREAK_S
        });
        if let Some(newest) = self.newest.filter(|_| goes_on) {
            arrival.interval = time_s - newest.time_s;
            self.needed.push_back(now_s - newest.time_s);
        } else {
            self.needed.clear();
            self.needed.push_back(arrival.lag_s() + arrival.interval);
        }
        if self.needed.len() > WINDOW {
            self.needed.pop_front();
        }
        self.newest = Some(arrival);
        self.delay_s = self.wanted_delay(arrival.lag_s());
    }

    /// The capture time to show at `now_s`, `None` before the first result.
    pub fn display_time(&mut self, now_s: f64) -> Option<f64> {
        let newest = self.newest?;
        let wanted = now_s - self.delay_s;
        let time_s = match self.shown {
            Some(shown) if now_s.is_finite() => {
                let elapsed = (now_s - shown.now_s).max(0.0);
                let behind = wanted - (shown.time_s + elapsed);
                let rate = 1.0 + (behind / CATCH_UP_S).clamp(-MAX_RATE_CHANGE, MAX_RATE_CHANGE);
                let next = if behind > BREAK_S { wanted } else { shown.time_s + elapsed * rate };
                next.min(newest.time_s).max(shown.time_s)
            }
            Some(shown) => shown.time_s,
            None => wanted.min(newest.time_s),
        };
        if now_s.is_finite() {
            // Time set back leaves a picture ahead of its results: show the newest one.
            let time_s = time_s.min(newest.time_s);
            self.shown = Some(Shown { time_s, now_s });
            return Some(time_s);
        }
        Some(time_s)
    }

    /// The delay aimed at: seconds between the two clocks, their difference of zero included.
    #[must_use]
    pub fn delay_s(&self) -> f64 {
        self.delay_s
    }

    fn wanted_delay(&self, lag_s: f64) -> f64 {
        let mut needed: Vec<f64> = self.needed.iter().copied().collect();
        needed.sort_by(f64::total_cmp);
        let rank = ((needed.len() as f64 * QUANTILE) as usize).min(needed.len().saturating_sub(1));
        needed.get(rank).copied().unwrap_or(lag_s).min(needed.first().map_or(lag_s, |least| least + MAX_WAIT_S))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays results (capture time, arrival) against a display of 60 frames a second; returns times shown.
    fn play(results: &[(f64, f64)], from: f64, to: f64) -> Vec<(f64, Option<f64>)> {
        let mut clock = PlayoutClock::new();
        let mut pending = results.iter().peekable();
        let mut shown = Vec::new();
        let frames = ((to - from) * 60.0) as u32;
        for frame in 0..frames {
            let now = from + f64::from(frame) / 60.0;
            while let Some((time, arrival)) = pending.next_if(|(_, arrival)| *arrival <= now) {
                clock.arrived(*time, *arrival);
            }
            shown.push((now, clock.display_time(now)));
        }
        shown
    }

    /// A repeatable jitter between 0 and 1.
    fn jitter(index: u32) -> f64 {
        f64::from(index.wrapping_mul(2_654_435_761) >> 16 & 0xff) / 255.0
    }

    #[test]
    fn movement_is_even_between_results_that_come_unevenly() {
        let results: Vec<(f64, f64)> = (0..120)
            .map(|i| {
                let time = 100.0 + f64::from(i) / 30.0;
                (time, time - 90.0 + 0.04 + 0.015 * jitter(i))
            })
            .collect();
        let shown = play(&results, 10.0, 14.0);
        for pair in shown[60..].windows(2) {
            let step = pair[1].1.unwrap() - pair[0].1.unwrap();
            assert!((step - 1.0 / 60.0).abs() < 0.0045, "{step}");
        }
        for (now, time) in &shown[60..] {
            let behind = (now + 90.0) - time.unwrap();
            assert!((0.06..0.12).contains(&behind), "way, interval and jitter are waited for, not more: {behind}");
        }
    }

    #[test]
    fn pauses_and_jumps_are_recovered_from_without_running_back() {
        // Thirty results, a pause of two seconds during which the source's clock stands still, thirty more.
        let mut results: Vec<(f64, f64)> = (0..30).map(|i| (f64::from(i) / 30.0, f64::from(i) / 30.0 + 0.05)).collect();
        results.extend((30..90).map(|i| (f64::from(i) / 30.0, f64::from(i) / 30.0 + 2.05)));
        let shown: Vec<(f64, f64)> =
            play(&results, 0.0, 5.0).into_iter().filter_map(|(now, time)| Some((now, time?))).collect();
        assert!(shown.windows(2).all(|pair| pair[1].1 >= pair[0].1));
        let (now, time) = shown[shown.len() - 10];
        assert!((now - 2.0 - time) < 0.15 && (now - 2.0 - time) > 0.05, "{now} {time}");

        // A camera that loses a second: its own clock went on.
        let results: Vec<(f64, f64)> = (0..90)
            .filter(|i| !(30..60).contains(i))
            .map(|i| (f64::from(i) / 30.0, f64::from(i) / 30.0 + 0.05))
            .collect();
        let shown: Vec<(f64, f64)> =
            play(&results, 0.0, 3.0).into_iter().filter_map(|(now, time)| Some((now, time?))).collect();
        assert!(shown.windows(2).all(|pair| pair[1].1 >= pair[0].1));
        let (now, time) = shown[shown.len() - 10];
        assert!(now - time < 0.15, "{now} {time}");
    }

    #[test]
    fn a_capture_clock_set_back_starts_afresh() {
        let mut clock = PlayoutClock::new();
        assert_eq!(clock.display_time(0.0), None);
        clock.arrived(50.0, 0.0);
        clock.display_time(0.1);
        clock.arrived(f64::NAN, 0.1);
        clock.arrived(1.0, 0.2);
        assert!(clock.display_time(0.2).unwrap() <= 1.0);
    }
}
