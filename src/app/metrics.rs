//! How fast and how late: rates, latency from capture to screen, cost of each stage, over the last seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::schedule::MeasureSystems;
use super::tracking::{LatestTracked, Playout};
use crate::frame::{Stage, Timings};
use crate::motion::statistics::{percentile, sorted};

/// How far back the figures reach.
const WINDOW: Duration = Duration::from_secs(4);
/// How often the figures are computed anew: often enough to follow, seldom enough to be read.
const REFRESH: Duration = Duration::from_millis(250);

/// Measures in the last schedule of each frame.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Metrics>().add_systems(Last, measure.in_set(MeasureSystems::Measure));
}

/// Middle and high end of a figure over the last seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Half of the values lie below.
    pub p50: f32,
    /// 95 in 100 lie below.
    pub p95: f32,
}

impl Spread {
    /// The [`percentile`]s of those of the `values` that are finite; `None` without any.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f32>) -> Option<Self> {
        let sorted = sorted(values.into_iter().map(f64::from));
        Some(Self { p50: percentile(&sorted, 0.5)? as f32, p95: percentile(&sorted, 0.95)? as f32 })
    }
}

/// Values of the last seconds.
#[derive(Debug, Default)]
struct Window<T>(VecDeque<(Instant, T)>);

impl<T: Copy> Window<T> {
    fn push(&mut self, now: Instant, value: T) {
        self.0.push_back((now, value));
        while self.0.front().is_some_and(|(at, _)| now - *at > WINDOW) {
            self.0.pop_front();
        }
    }

    fn spread(&self, of: impl Fn(T) -> f32) -> Option<Spread> {
        Spread::of(self.0.iter().map(|(_, value)| of(*value)))
    }

    /// Growth a second of a counter; zero while nothing new comes.
    fn growth(&self, now: Instant, of: impl Fn(T) -> u64) -> f32 {
        let (Some((first_at, first)), Some((_, last))) = (self.0.front(), self.0.back()) else { return 0.0 };
        let elapsed = (now - *first_at).as_secs_f32();
        if elapsed < 0.1 { 0.0 } else { of(*last).saturating_sub(of(*first)) as f32 / elapsed }
    }
}

/// Counters of the source and of the tracker, filled by whoever runs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Pictures that the source gave.
    pub captured: u64,
    /// Pictures that went through the models.
    pub tracked: u64,
    /// Pictures that a newer one replaced before anybody looked.
    pub dropped: u64,
}

/// Figures for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Pictures a second from the source.
    pub capture_fps: f32,
    /// Results a second from the tracker.
    pub inference_fps: f32,
    /// Frames a second on screen.
    pub render_fps: f32,
    /// Milliseconds from a picture's arrival to the end of the frame in which the avatar has reached its pose.
    pub latency_ms: Option<Spread>,
    /// Milliseconds by stage, in the order of [`Stage::ALL`]; `None` before the first result.
    pub stages_ms: Option<[Spread; Stage::ALL.len()]>,
}

impl Figures {
    /// Medians of the stages as [`Timings`]; zero before the first result.
    #[must_use]
    pub fn stage_medians(&self) -> Timings {
        let mut medians = Timings::default();
        for (stage, spread) in Stage::ALL.into_iter().zip(self.stages_ms.iter().flatten()) {
            medians[stage] = spread.p50;
        }
        medians
    }
}

/// Everything measured.
#[derive(Resource, Debug, Default)]
pub struct Metrics {
    /// Counters of the live pipeline.
    pub counters: Counters,
    /// The figures, renewed a few times a second.
    pub figures: Figures,
    frames: Window<()>,
    counted: Window<Counters>,
    latencies: Window<f32>,
    timings: Window<Timings>,
    /// Results that the avatar has not reached yet: capture time, arrival of the picture.
    coming: VecDeque<(f64, Instant)>,
    refreshed: Option<Instant>,
}

fn measure(mut metrics: ResMut<Metrics>, latest: Res<LatestTracked>, playout: Res<Playout>) {
    let now = Instant::now();
    let metrics = &mut *metrics;
    metrics.frames.push(now, ());
    metrics.counted.push(now, metrics.counters);
    if let (true, Some(frame)) = (latest.is_fresh, &latest.frame) {
        if latest.is_restart {
            metrics.coming.clear();
        }
        metrics.timings.push(now, frame.timings);
        metrics.coming.push_back((frame.time_s, frame.captured_at));
    }
    let shown = playout.display_time_s.unwrap_or(f64::NEG_INFINITY);
    while let Some((_, captured_at)) = metrics.coming.front().copied().filter(|(time_s, _)| *time_s <= shown) {
        metrics.coming.pop_front();
        metrics.latencies.push(now, now.saturating_duration_since(captured_at).as_secs_f32() * 1e3);
    }
    if metrics.refreshed.is_some_and(|at| now - at < REFRESH) {
        return;
    }
    metrics.refreshed = Some(now);
    let frames = metrics.frames.0.len().saturating_sub(1) as f32;
    let elapsed = metrics.frames.0.front().map_or(0.0, |(at, ())| (now - *at).as_secs_f32());
    metrics.figures = Figures {
        capture_fps: metrics.counted.growth(now, |counters| counters.captured),
        inference_fps: metrics.counted.growth(now, |counters| counters.tracked),
        render_fps: if elapsed > 0.0 { frames / elapsed } else { 0.0 },
        latency_ms: metrics.latencies.spread(|ms| ms),
        stages_ms: (!metrics.timings.0.is_empty())
            .then(|| Stage::ALL.map(|stage| metrics.timings.spread(|timings| timings[stage]).unwrap_or_default())),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_interpolated() {
        let values = (1..=100).rev().map(|v| v as f32);
        assert_eq!(Spread::of(values), Some(Spread { p50: 50.5, p95: 95.05 }));
        assert_eq!(Spread::of([3.0, f32::NAN]), Some(Spread { p50: 3.0, p95: 3.0 }));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn medians_of_the_stages_stay_at_their_places() {
        let stages = std::array::from_fn(|index| Spread { p50: 1.0 + index as f32, p95: 99.0 });
        let medians = Figures { stages_ms: Some(stages), ..Figures::default() }.stage_medians();
        assert_eq!(Stage::ALL.map(|stage| medians[stage]), std::array::from_fn(|index| 1.0 + index as f32));
        assert_eq!(Figures::default().stage_medians(), Timings::default());
    }

    #[test]
    fn a_window_forgets_what_is_old_and_counts_growth() {
        let start = Instant::now();
        let mut window = Window::default();
        for tenth in 0..100_u64 {
            window.push(start + Duration::from_millis(tenth * 100), tenth * 3);
        }
        let now = start + Duration::from_millis(9_900);
        assert!((window.growth(now, |count| count) - 30.0).abs() < 0.01);
        assert_eq!(window.0.len(), 41, "four seconds and the two ends");
    }
}
