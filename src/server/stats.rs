//! Figures of one client and of one worker.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::wire::answer::Answer;

/// Answers that percentiles are taken over.
const WINDOW: usize = 120;
/// Answers between two tables in the log.
const TABLE_EVERY: u64 = 30;

/// What one client sent and got.
#[derive(Debug, Default)]
pub(super) struct ClientStats {
    pub(super) frames: AtomicU64,
    pub(super) results: AtomicU64,
    recent: Mutex<VecDeque<Stages>>,
    rates: Mutex<Rates>,
}

/// Per second, over the last one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    pub(super) frames: f64,
    pub(super) results: f64,
    counted: (u64, u64),
}

/// Milliseconds of one answer's stages, in the order of [`STAGES`].
type Stages = [f32; STAGES.len()];

/// Names of the stages, as in records and metrics.
pub(super) const STAGES: [&str; 9] =
    ["wait", "decode", "downscale", "detect", "pose", "hands", "angles", "smoothing", "total"];

/// The stages of an answer.
pub(super) fn stages(answer: &Answer) -> Stages {
    let t = &answer.frame.timings;
    [answer.wait_ms, t.decode, t.downscale, t.detect, t.pose, t.hands, t.angles, t.smoothing, answer.total_ms]
}

impl ClientStats {
    /// Counts an answer. Returns the log's table now and then.
    pub(super) fn answered(&self, answer: &Answer) -> Option<String> {
        let count = self.results.fetch_add(1, Relaxed) + 1;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == WINDOW {
            recent.pop_front();
        }
        recent.push_back(stages(answer));
        count.is_multiple_of(TABLE_EVERY).then(|| table(recent.iter().rev().take(TABLE_EVERY as usize)))
    }

    /// Half of the recent answers, and 95 of 100, took no longer than so many milliseconds.
    pub(super) fn latency_ms(&self) -> Option<(f32, f32)> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut totals: Vec<f32> = recent.iter().map(|stages| stages[STAGES.len() - 1]).collect();
        drop(recent);
        percentiles(&mut totals)
    }

    /// Called once a second.
    pub(super) fn tick(&self, seconds: f64) {
        let now = (self.frames.load(Relaxed), self.results.load(Relaxed));
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let per_second = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
        *rates = Rates {
            frames: per_second(now.0, rates.counted.0),
            results: per_second(now.1, rates.counted.1),
            counted: now,
        };
    }

    pub(super) fn rates(&self) -> Rates {
        *self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a worker's figures are read from.
#[derive(Debug, Default)]
pub(super) struct WorkerStats {
    pub(super) busy: AtomicBool,
    /// Its thread has ended, which it only should when the server does.
    pub(super) is_gone: AtomicBool,
    pub(super) frames: AtomicU64,
    /// Microseconds at work since the start.
    pub(super) busy_us: AtomicU64,
    /// Of these, counted at the last look at the rates.
    counted_us: AtomicU64,
    /// Share of the last second at work, millionths.
    share: AtomicU64,
}

impl WorkerStats {
    /// Called once a second.
    pub(super) fn tick(&self, seconds: f64) {
        let busy_us = self.busy_us.load(Relaxed);
        let at_work_us = busy_us.saturating_sub(self.counted_us.swap(busy_us, Relaxed));
        // Work that ends in this second may have begun in the one before.
        self.share.store((at_work_us as f64 / seconds.max(1e-3)).min(1e6) as u64, Relaxed);
    }

    /// Share of the last second at work, 0 to 1.
    pub(super) fn busy_share(&self) -> f64 {
        self.share.load(Relaxed) as f64 * 1e-6
    }

    /// Seconds at work since the start.
    pub(super) fn busy_s(&self) -> f64 {
        self.busy_us.load(Relaxed) as f64 * 1e-6
    }
}

fn percentiles(values: &mut [f32]) -> Option<(f32, f32)> {
    values.sort_by(f32::total_cmp);
    let at = |share: f64| values.get(((values.len().checked_sub(1)?) as f64 * share).round() as usize).copied();
    Some((at(0.5)?, at(0.95)?))
}

/// A table of the stages, one line each.
fn table<'a>(recent: impl Iterator<Item = &'a Stages>) -> String {
    let recent: Vec<&Stages> = recent.collect();
    let mut text = format!("{:<10} {:>8} {:>8}", "stage", "p50 ms", "p95 ms");
    for (index, name) in STAGES.iter().enumerate() {
        let mut values: Vec<f32> = recent.iter().map(|stages| stages[index]).collect();
        if let Some((p50, p95)) = percentiles(&mut values) {
            // Writing to a string does not fail.
            let _ = write!(text, "\n{name:<10} {p50:>8.2} {p95:>8.2}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_hundred() {
        let mut values: Vec<f32> = (0..=100).map(|value| value as f32).rev().collect();
        assert_eq!(percentiles(&mut values), Some((50.0, 95.0)));
        assert_eq!(percentiles(&mut []), None);
        assert_eq!(percentiles(&mut [3.0]), Some((3.0, 3.0)));
    }

    #[test]
    fn the_table_names_every_stage() {
        let text = table([[1.0; 9], [3.0; 9]].iter());
        assert_eq!(text.lines().count(), 10);
        assert!(STAGES.iter().all(|stage| text.contains(stage)), "{text}");
    }

    #[test]
    fn rates_are_those_of_the_last_second() {
        let stats = ClientStats::default();
        stats.frames.store(60, Relaxed);
        stats.tick(1.0);
        stats.frames.store(90, Relaxed);
        stats.tick(0.5);
        assert_eq!(stats.rates().frames, 60.0);
    }
}
