//! When a frame is due, and which time it bears.

use std::time::{Duration, Instant};

use crate::motion::session::Continuity;

/// A file that falls further behind its own pace than this goes on from where it is, rather than rushing after it.
const MAX_LAG: Duration = Duration::from_millis(250);
/// Least distance between the last time of one epoch and the first of the next.
const MIN_STEP_S: f64 = 1e-3;

/// Maps a source's own times to times that rise for the life of the pipeline, and knows which frame does not follow the one
/// before. An epoch is one run through one source.
#[derive(Debug, Default)]
pub(super) struct Playback {
    /// What the next frame is to the one before.
    continuity: Continuity,
    origin: Option<Origin>,
    last: Option<(f64, Instant)>,
    pause: Duration,
}

/// The first frame of an epoch, on three clocks.
#[derive(Debug, Clone, Copy)]
struct Origin {
    source_s: f64,
    live_s: f64,
    wall: Instant,
}

impl Playback {
    /// The next frame does not follow the last one, but is this to it.
    pub(super) fn start_epoch(&mut self, continuity: Continuity) {
        self.continuity = self.continuity.max(continuity);
        self.origin = None;
        self.pause = Duration::ZERO;
    }

    /// The first frame of this epoch comes no sooner than this after the last one of the epoch before, as the next frame
    /// of a file would.
    pub(super) fn follow_after(&mut self, pause: Duration) {
        self.pause = pause;
    }

    fn origin(&mut self, source_s: f64, now: Instant) -> Origin {
        let wall = self.last.map_or(now, |(_, at)| now.max(at + self.pause));
        // Between two epochs as much time passes as passed for whoever watched.
        let live_s = self
            .last
            .map_or(0.0, |(time_s, at)| time_s + wall.saturating_duration_since(at).as_secs_f64().max(MIN_STEP_S));
        *self.origin.get_or_insert(Origin { source_s, live_s, wall })
    }

    /// When the frame at `source_s` is to be shown. The first frame of an epoch is due now, or when it follows.
    pub(super) fn due(&mut self, source_s: f64, now: Instant) -> Instant {
        let origin = self.origin(source_s, now);
        let due = origin.wall + Duration::try_from_secs_f64(source_s - origin.source_s).unwrap_or_default();
        if now.saturating_duration_since(due) > MAX_LAG {
            self.rebase(source_s, now);
            return now;
        }
        due
    }

    /// Goes on at the frame's own time from `now`: after a pause, the time that passed does not count.
    pub(super) fn rebase(&mut self, source_s: f64, now: Instant) {
        let origin = self.origin(source_s, now);
        let passed = Duration::try_from_secs_f64(source_s - origin.source_s).unwrap_or_default();
        self.origin = Some(Origin { wall: now.checked_sub(passed).unwrap_or(now), ..origin });
    }

    /// The time that the frame bears from here on, which rises strictly, and what it is to the frame before.
    pub(super) fn stamp(&mut self, source_s: f64, now: Instant) -> (f64, Continuity) {
        let origin = self.origin(source_s, now);
        let time_s = origin.live_s + (source_s - origin.source_s);
        let time_s = self.last.map_or(time_s, |(last_s, _)| time_s.max(last_s + MIN_STEP_S));
        self.last = Some((time_s, now));
        (time_s, std::mem::take(&mut self.continuity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, seconds: f64) -> Instant {
        start + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn frames_are_due_at_their_own_distance() {
        let (mut playback, start) = (Playback::default(), Instant::now());
        playback.start_epoch(Continuity::Seek);
        assert_eq!(playback.due(5.0, start), start);
        assert_eq!(playback.due(5.5, start), after(start, 0.5));
        assert!((playback.stamp(5.5, after(start, 0.5)).0 - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_slow_reader_is_not_followed_by_a_rush() {
        let (mut playback, start) = (Playback::default(), Instant::now());
        playback.start_epoch(Continuity::Seek);
        playback.due(0.0, start);
        let late = after(start, 2.0);
        assert_eq!(playback.due(0.1, late), late, "shown at once");
        assert!(playback.due(0.2, late) > after(late, 0.099), "the next one keeps its distance");
        assert!((playback.stamp(0.2, late).0 - 0.2).abs() < 1e-9, "times stay the file's own");
    }

    #[test]
    fn a_loop_begins_one_frame_after_the_last() {
        let (mut playback, start) = (Playback::default(), Instant::now());
        playback.start_epoch(Continuity::Seek);
        playback.stamp(0.0, start);
        playback.stamp(1.0, after(start, 1.0));
        playback.start_epoch(Continuity::Seek);
        playback.follow_after(Duration::from_millis(40));
        let due = playback.due(0.0, after(start, 1.001));
        assert_eq!(due, after(start, 1.04));
        assert!((playback.stamp(0.0, due).0 - 1.04).abs() < 1e-6);
        playback.start_epoch(Continuity::Seek);
        playback.follow_after(Duration::from_millis(40));
        assert_eq!(playback.due(0.0, after(start, 9.0)), after(start, 9.0), "late already");
    }

    #[test]
    fn times_rise_across_loops_and_pauses() {
        let (mut playback, start) = (Playback::default(), Instant::now());
        playback.start_epoch(Continuity::Seek);
        playback.due(0.0, start);
        assert!((playback.stamp(0.0, start).0).abs() < 1e-9);
        assert!((playback.stamp(1.0, after(start, 1.0)).0 - 1.0).abs() < 1e-9);
        playback.start_epoch(Continuity::NewSource);
        playback.start_epoch(Continuity::Seek);
        let (again, continuity) = playback.stamp(0.0, after(start, 1.25));
        assert_eq!(continuity, Continuity::NewSource, "the strongest break counts");
        assert_eq!(playback.stamp(0.1, after(start, 1.35)).1, Continuity::Follows);
        assert!((again - 1.25).abs() < 1e-6, "{again}");
        playback.rebase(0.5, after(start, 60.0));
        assert_eq!(playback.due(0.75, after(start, 60.0)), after(start, 60.25));
        assert!((playback.stamp(0.75, after(start, 60.25)).0 - 2.0).abs() < 1e-6, "a pause takes no time");
    }
}
