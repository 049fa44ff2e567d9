//! How fast and how late: rates, latency from capture to screen, cost of each stage, over the last seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::schedule::MeasureSystems;
use super::tracking::{LatestTracked, Playout};
use crate::frame::Timings;

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
    /// The nearest-rank percentiles of `values`, or `None` when there are none. Sorts in place.
    #[must_use]
    pub fn of(values: &mut [f32]) -> Option<Self> {
        values.sort_unstable_by(f32::total_cmp);
        let rank = |p: usize| values.get((values.len() * p).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { p50: rank(50)?, p95: rank(95)? })
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
        Spread::of(&mut self.0.iter().map(|(_, value)| of(*value)).collect::<Vec<_>>())
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
    /// Milliseconds by stage, in the order of [`STAGES`]; `None` before the first result.
    pub stages_ms: Option<[Spread; STAGES.len()]>,
}

impl Figures {
    /// Medians of the stages as [`Timings`]; zero before the first result.
    #[must_use]
    pub fn stage_medians(&self) -> Timings {
        let Some(stages) = &self.stages_ms else { return Timings::default() };
        let [decode, downscale, encode, network, remote, detect, pose, hands, angles, smoothing, total, model] =
            stages.map(|stage| stage.p50);
        Timings { decode, downscale, detect, pose, hands, angles, smoothing, total, model, encode, network, remote }
    }
}

/// Names of the stages in [`Figures::stages_ms`], with what they read.
pub const STAGES: [(&str, fn(&Timings) -> f32); 12] = [
    ("decode", |t| t.decode),
    ("downscale", |t| t.downscale),
    ("encode", |t| t.encode),
    ("network", |t| t.network),
    ("server", |t| t.remote),
    ("detect", |t| t.detect),
    ("pose", |t| t.pose),
    ("hands", |t| t.hands),
    ("angles", |t| t.angles),
    ("smoothing", |t| t.smoothing),
    ("total", |t| t.total),
    ("model", |t| t.model),
];

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
            .then(|| STAGES.map(|(_, of)| metrics.timings.spread(|timings| of(&timings)).unwrap_or_default())),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_rank() {
        let mut values: Vec<f32> = (1..=100).rev().map(|v| v as f32).collect();
        assert_eq!(Spread::of(&mut values), Some(Spread { p50: 50.0, p95: 95.0 }));
        assert_eq!(Spread::of(&mut [3.0]), Some(Spread { p50: 3.0, p95: 3.0 }));
        assert_eq!(Spread::of(&mut []), None);
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
