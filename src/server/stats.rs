//! Figures of one client and of one worker.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::frame::Stage;
use crate::motion::statistics::{percentile, sorted};
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

/// Names of the stages, as in records and metrics: the wait for a worker, those of tracking, all of it.
pub(super) const STAGES: [&str; Stage::TRACKING.len() + 2] = {
    let mut names = ["wait"; Stage::TRACKING.len() + 2];
    let mut index = 0;
    while index < Stage::TRACKING.len() {
        names[index + 1] = Stage::TRACKING[index].name();
        index += 1;
    }
    names[index + 1] = Stage::Total.name();
    names
};

/// The stages of an answer.
pub(super) fn stages(answer: &Answer) -> Stages {
    let mut stages = [answer.wait_ms; STAGES.len()];
    for (milliseconds, stage) in stages[1..].iter_mut().zip(Stage::TRACKING) {
        *milliseconds = answer.frame.timings[stage];
    }
    stages[STAGES.len() - 1] = answer.total_ms;
    stages
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
        let totals = sorted(recent.iter().map(|stages| f64::from(stages[STAGES.len() - 1])));
        drop(recent);
        percentiles(&totals)
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

fn percentiles(sorted: &[f64]) -> Option<(f32, f32)> {
    Some((percentile(sorted, 0.5)? as f32, percentile(sorted, 0.95)? as f32))
}

/// A table of the stages, one line each.
fn table<'a>(recent: impl Iterator<Item = &'a Stages>) -> String {
    let recent: Vec<&Stages> = recent.collect();
    let mut text = format!("{:<10} {:>8} {:>8}", "stage", "p50 ms", "p95 ms");
    for (index, name) in STAGES.iter().enumerate() {
        let values = sorted(recent.iter().map(|stages| f64::from(stages[index])));
        if let Some((p50, p95)) = percentiles(&values) {
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
    fn the_table_names_every_stage() {
        let text = table([[1.0; STAGES.len()], [4.0; STAGES.len()]].iter());
        assert_eq!(text.lines().count(), 1 + STAGES.len());
        assert!(STAGES.iter().all(|stage| text.contains(stage)), "{text}");
        assert_eq!(STAGES.first().zip(STAGES.last()), Some((&"wait", &"total")));
        assert!(
            text.lines().skip(1).all(|line| line.ends_with("2.50     3.85")),
            "interpolated, as everywhere: {text}"
        );
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
