//! How many frames are on their way at once, and how large they are: whatever keeps answers young.

use std::time::{Duration, Instant};

/// Frames on their way at most.
const MOST: f32 = 4.0;
/// How fast the window grows with answers that came as quickly as ever while frames had to wait.
const GROWTH: f32 = 0.25;
/// Round trips longer than the shortest by so much, as a share and in milliseconds, mean that frames queue somewhere.
const QUEUEING: (f32, f32) = (1.5, 20.0);
/// Waiting at the server longer than that, milliseconds, means the same.
const WAITING_MS: f32 = 25.0;
/// What the picture itself may add to the way, milliseconds: smaller pictures above, larger ones below.
const HEAVY_MS: f32 = 45.0;
const LIGHT_MS: f32 = 12.0;
/// A level is kept for so long before it is made cheaper, and dearer again.
const DOWN_AFTER: Duration = Duration::from_millis(600);
const UP_AFTER: Duration = Duration::from_secs(4);
/// A dearer level that had to be left soon is waited for twice as long, at most so long.
const LONGEST_UP: Duration = Duration::from_mins(1);
/// How far back the shortest round trip and ping reach.
const MEMORY: Duration = Duration::from_secs(8);
/// Weight of the newest time.
const ALPHA: f32 = 0.2;

/// Quality of the JPEG file, and share of the short side, at each level.
const LEVELS: [(u8, f32); 7] = [(85, 1.0), (75, 1.0), (62, 1.0), (60, 0.8), (55, 0.66), (45, 0.5), (35, 0.4)];
/// Pictures are made no smaller than this short side, pixels.
const LEAST_SIDE: u32 = 128;

/// What one answer says about the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// From the frame's leaving to its answer, milliseconds.
    pub(super) round_trip_ms: f32,
    /// The server's share of that, and what of it was waiting.
    pub(super) server_ms: f32,
    pub(super) wait_ms: f32,
    /// Frames before it that had no answer.
    pub(super) overtaken: usize,
}

/// The shortest of the last seconds.
#[derive(Debug, Default)]
struct Shortest(Vec<(Instant, f32)>);

impl Shortest {
    fn push(&mut self, now: Instant, ms: f32) {
        self.0.retain(|(at, known)| now.saturating_duration_since(*at) < MEMORY && *known < ms);
        self.0.push((now, ms));
    }

    fn get(&self) -> Option<f32> {
        self.0.iter().map(|(_, ms)| *ms).reduce(f32::min)
    }
}

/// Decides from what each answer measures.
#[derive(Debug)]
pub(super) struct Pace {
    window: f32,
    level: usize,
    level_since: Option<Instant>,
    up_after: Duration,
    /// When the level was last made dearer.
    raised: Option<Instant>,
    trip_ms: Option<f32>,
    network_ms: Option<f32>,
    shortest_trip: Shortest,
    shortest_ping: Shortest,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            window: 1.0,
            level: 0,
            level_since: None,
            up_after: UP_AFTER,
            raised: None,
            trip_ms: None,
            network_ms: None,
            shortest_trip: Shortest::default(),
            shortest_ping: Shortest::default(),
        }
    }
}

impl Pace {
    /// Frames that may be on their way at once, 1 to 4.
    pub(super) fn window(&self) -> usize {
        self.window as usize
    }

    /// JPEG quality.
    pub(super) fn quality(&self) -> u8 {
        LEVELS[self.level].0
    }

    /// The short side to send of a picture, for one that is asked for (0 for the picture's own).
    pub(super) fn short_side(&self, asked: u32, width: u32, height: u32) -> u32 {
        let own = width.min(height);
        let wished = if asked == 0 { own } else { asked.min(own) };
        match LEVELS[self.level].1 {
            share if share < 1.0 => ((wished as f32 * share) as u32).max(LEAST_SIDE.min(wished)),
            _ => asked,
        }
    }

    /// An empty message went there and back.
    pub(super) fn ping(&mut self, now: Instant, ms: f32) {
        if ms.is_finite() {
            self.shortest_ping.push(now, ms.max(0.0));
        }
    }

    /// An answer came. `has_waited`: frames had no room since the last.
    pub(super) fn answered(&mut self, now: Instant, measured: Measured, has_waited: bool) {
        let Measured { round_trip_ms, server_ms, wait_ms, overtaken } = measured;
        if !(round_trip_ms.is_finite() && round_trip_ms >= 0.0) {
            return;
        }
        let server_ms = if server_ms.is_finite() { server_ms.clamp(0.0, round_trip_ms) } else { 0.0 };
        let mean =
            |before: Option<f32>, newest: f32| before.map_or(newest, |before| before + ALPHA * (newest - before));
        self.shortest_trip.push(now, round_trip_ms);
        let trip = mean(self.trip_ms, round_trip_ms);
        let network = mean(self.network_ms, round_trip_ms - server_ms);
        (self.trip_ms, self.network_ms) = (Some(trip), Some(network));

        let shortest = self.shortest_trip.get().unwrap_or(round_trip_ms);
        let queues = trip > QUEUEING.0 * shortest + QUEUEING.1 || (wait_ms.is_finite() && wait_ms > WAITING_MS);
        if overtaken > 0 {
            self.window -= 1.0;
        } else if queues {
            self.window -= GROWTH;
        } else if has_waited {
            self.window += GROWTH;
        }
        self.window = self.window.clamp(1.0, MOST);
        self.choose_level(now, network - self.shortest_ping.get().unwrap_or(0.0).min(network));
    }

    /// Frames were given up: one at a time, and smaller ones, until answers come again.
    pub(super) fn gave_up(&mut self, now: Instant) {
        self.window = 1.0;
        self.change_level(now, self.level + 1);
    }

    /// Another connection, about which nothing is known but what the link carried.
    pub(super) fn reconnected(&mut self) {
        *self = Self { level: self.level, ..Self::default() };
    }

    fn choose_level(&mut self, now: Instant, picture_ms: f32) {
        let since = *self.level_since.get_or_insert(now);
        let lasted = now.saturating_duration_since(since);
        if picture_ms > HEAVY_MS && lasted >= DOWN_AFTER {
            if self.raised.is_some_and(|raised| now.saturating_duration_since(raised) < 2 * UP_AFTER) {
                self.up_after = (2 * self.up_after).min(LONGEST_UP);
            }
            self.change_level(now, self.level + 1);
        } else if picture_ms < LIGHT_MS && self.level > 0 && lasted >= self.up_after {
            self.raised = Some(now);
            self.change_level(now, self.level - 1);
        }
    }

    fn change_level(&mut self, now: Instant, level: usize) {
        let level = level.min(LEVELS.len() - 1);
        if level != self.level {
            self.level = level;
            // Times of other pictures say nothing about these.
            (self.level_since, self.trip_ms, self.network_ms) = (Some(now), None, None);
            self.shortest_trip = Shortest::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link of this round trip that carries so many kilobytes a second, a server that takes 20 ms.
    fn run(pace: &mut Pace, start: Instant, seconds: u64, empty_ms: f32, kilobytes_a_second: f32) -> Instant {
        let mut now = start;
        while now < start + Duration::from_secs(seconds) {
            pace.ping(now, empty_ms);
            let (quality, share) = LEVELS[pace.level];
            let kilobytes = 40.0 * share * share * f32::from(quality) / 85.0;
            let carried_ms = kilobytes / kilobytes_a_second * 1e3;
            // The link carries one picture after another.
            let round_trip_ms = empty_ms + 20.0 + carried_ms * pace.window.floor();
            let measured = Measured { round_trip_ms, server_ms: 20.0, wait_ms: 1.0, overtaken: 0 };
            pace.answered(now, measured, round_trip_ms > 33.0);
            now += Duration::from_secs_f32((round_trip_ms / 1e3 / pace.window.floor()).max(0.033));
        }
        now
    }

    #[test]
    fn a_long_and_wide_way_is_filled() {
        let mut pace = Pace::default();
        run(&mut pace, Instant::now(), 10, 200.0, 50_000.0);
        assert_eq!((pace.window(), pace.level), (4, 0));
    }

    #[test]
    fn a_short_way_needs_one_at_a_time() {
        let mut pace = Pace::default();
        run(&mut pace, Instant::now(), 10, 1.0, 50_000.0);
        assert_eq!((pace.window(), pace.level), (1, 0));
    }

    #[test]
    fn a_narrow_way_gets_small_pictures_and_good_ones_again_when_it_widens() {
        let mut pace = Pace::default();
        let now = run(&mut pace, Instant::now(), 20, 20.0, 400.0);
        assert!(pace.level >= 2, "{pace:?}");
        assert!(pace.short_side(384, 1280, 720) <= 384);
        let low = pace.level;
        run(&mut pace, now, 90, 20.0, 100_000.0);
        assert!(pace.level < low, "{pace:?}");
    }

    #[test]
    fn frames_that_are_overtaken_or_given_up_close_the_window() {
        let mut pace = Pace::default();
        let now = run(&mut pace, Instant::now(), 10, 200.0, 50_000.0);
        let measured = Measured { round_trip_ms: 220.0, server_ms: 20.0, wait_ms: 0.0, overtaken: 2 };
        pace.answered(now, measured, true);
        assert_eq!(pace.window(), 3);
        pace.gave_up(now);
        assert_eq!((pace.window(), pace.level), (1, 1));
    }

    #[test]
    fn broken_figures_change_nothing() {
        let mut pace = Pace::default();
        for value in [f32::NAN, f32::INFINITY, -1.0] {
            let measured = Measured { round_trip_ms: value, server_ms: value, wait_ms: value, overtaken: 0 };
            pace.answered(Instant::now(), measured, true);
            pace.ping(Instant::now(), value);
        }
        assert_eq!((pace.window(), pace.level), (1, 0));
        assert_eq!(pace.short_side(0, 640, 480), 0, "0 stays: never scaled");
        pace.level = LEVELS.len() - 1;
        assert_eq!(pace.short_side(64, 640, 480), 64);
        assert_eq!(pace.short_side(0, 640, 480), 192);
    }
}
