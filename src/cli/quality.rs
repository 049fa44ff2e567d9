//! `livedance bench --quality`: what a person sees of each smoothing mode, on the same tracked frames.

use std::io::{self, Write};
use std::ops::Range;

use anyhow::{bail, ensure};
use serde::Serialize;

use super::bench::{BenchArgs, LIVE_FRAMES, write_report};
use super::track::{pipeline_options, progress_bar};
use crate::capture::{self, SourceInfo, SourceSpec};
use crate::formats::truth::read_truth;
use crate::frame::TrackedFrame;
use crate::motion::angle::{JointAngles, joint_angles};
use crate::motion::filter::{PeopleSmoother, SmoothingParams};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::pose::BodyPose;
use crate::motion::quality::{
    Against, AngleSpans, DVec3, Figures, REFERENCE_HZ, SHORTEST_SPAN, SWAY_HZ, StepResponse, joint_series, measure,
    unbroken, usable_cutoff, zero_phase,
};
use crate::settings::{HandsMode, ModelVariant, Settings, SmoothingMode};

/// A joint rests below this speed, metres a second.
const REST_M_S: f64 = 0.05;
/// An angle rests below this speed, degrees a second: what moves the end of a forearm about as fast.
const REST_DEG_S: f64 = 10.0;

type Body = [Landmark; POSE_LANDMARK_COUNT];

/// Everything that was measured.
#[derive(Debug, Serialize)]
struct Report {
    source: String,
    frames: usize,
    /// Frames a second on the filters' clock.
    fps: f64,
    model: ModelVariant,
    /// Share of the frames without a person, 0 to 1.
    dropped_rate: f64,
    /// `truth`, or `zero-phase` for the raw landmarks smoothed without delay.
    reference: &'static str,
    alpha: f32,
    min_cutoff: f32,
    beta: f32,
    modes: Vec<Mode>,
}

/// One smoothing mode; `null` where the source shows no rest or no motion.
#[derive(Debug, Serialize)]
struct Mode {
    smoothing: SmoothingMode,
    jitter_mm: Option<f64>,
    jitter_deg: Option<f64>,
    /// Metres per second squared.
    acceleration_error: Option<f64>,
    lag_ms: Option<f64>,
    angle_lag_ms: Option<f64>,
    step_overshoot_percent: f64,
    /// Until nine tenths of a step are shown; `null` if that takes longer than two seconds.
    step_90_ms: Option<f64>,
}

/// Frames as the model gives them: their times in seconds and the first person of each.
pub(super) struct Raw {
    pub(super) times: Vec<f64>,
    pub(super) people: Vec<Option<BodyPose>>,
}

/// Tracks once and measures every mode.
pub(super) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let settings = args.tracking.settings()?;
    let truth = args.truth.as_deref().map(read_truth).transpose()?;
    let spec: SourceSpec = args.source.parse()?;
    let (info, raw) = track(args, &settings, &spec)?;
    let frames = raw.times.len();
    ensure!(frames > 0, "{} holds no picture", info.name);
    if let (Some(truth), Some(path)) = (&truth, &args.truth)
        && truth.len() != frames
    {
        bail!("{} has {} frames, {} has {frames}", path.display(), truth.len(), info.name);
    }
    let Some(fps) = frame_rate(&raw.times) else { bail!("{}: quality is a matter of several frames", info.name) };
    let seen: Vec<_> = raw.people.iter().map(|person| person.as_ref().map(|p| (p.id, p.is_new))).collect();
    let stretches = unbroken(&seen);
    if stretches.is_empty() {
        bail!("{}: nobody is seen in {SHORTEST_SPAN} frames on end, which is the least to measure", info.name);
    }

    let stretches: Vec<Stretch> =
        stretches.into_iter().map(|span| Stretch::new(&raw, span, truth.as_deref(), fps)).collect();
    let against = if truth.is_some() { Against::Truth } else { Against::ZeroPhase };
    let modes = [SmoothingMode::None, SmoothingMode::Ema, SmoothingMode::OneEuro, SmoothingMode::Mediapipe];
    let report = Report {
        source: info.name,
        frames,
        fps,
        model: settings.model,
        dropped_rate: raw.people.iter().filter(|person| person.is_none()).count() as f64 / frames as f64,
        reference: if truth.is_some() { "truth" } else { "zero-phase" },
        alpha: settings.alpha,
        min_cutoff: settings.min_cutoff,
        beta: settings.beta,
        modes: modes
            .map(|smoothing| {
                let params = SmoothingParams::from(&Settings { smoothing, ..settings.clone() });
                mode(smoothing, params, &raw, &stretches, fps, against)
            })
            .into(),
    };
    write_report(args.json, &report, print)
}

impl Raw {
    fn push(&mut self, frame: TrackedFrame) {
        self.times.push(frame.time_s);
        self.people.push(frame.people.into_iter().next());
    }
}

/// Tracks one pass of the source without any filter, and without hands, which no figure regards.
pub(super) fn track(args: &BenchArgs, settings: &Settings, spec: &SourceSpec) -> anyhow::Result<(SourceInfo, Raw)> {
    let mut source = capture::open(spec)?;
    let info = source.info().clone();
    let settings = Settings { hands: HandsMode::Off, ..settings.clone() };
    let options = pipeline_options(&settings, settings.short_side, &info);
    let mut tracker = args.tracking.offline_tracker(&settings, options, SmoothingParams::None)?;
    let most = args.frames.or_else(|| info.is_live().then_some(LIVE_FRAMES)).unwrap_or(u64::MAX);
    let progress = progress_bar(&info);
    let mut raw = Raw { times: Vec::new(), people: Vec::new() };
    while (raw.times.len() as u64) < most {
        let Some(frame) = source.next_frame()? else { break };
        // Without hands every frame comes back at once, but for one that is on its way to a server.
        let Some(tracked) = tracker.push(frame)? else { continue };
        raw.push(tracked.frame);
        progress.inc(1);
    }
    while let Some(tracked) = tracker.drain()? {
        raw.push(tracked.frame);
    }
    progress.finish_and_clear();
    Ok((info, raw))
}

/// Frames a second by the median of the intervals, `None` for fewer than two frames.
pub(super) fn frame_rate(times: &[f64]) -> Option<f64> {
    let mut intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|dt| *dt > 0.0).collect();
    intervals.sort_by(f64::total_cmp);
    intervals.get(intervals.len() / 2).map(|dt| 1.0 / dt)
}

/// An unbroken stretch with what its signals are compared with.
struct Stretch {
    span: Range<usize>,
    angles: AngleSpans,
    true_joints: Vec<Vec<DVec3>>,
    true_angles: Vec<Vec<DVec3>>,
}

impl Stretch {
    fn new(raw: &Raw, span: Range<usize>, truth: Option<&[Body]>, fps: f64) -> Self {
        let bodies: Vec<Body> = raw.people[span.clone()].iter().flatten().map(|person| person.world).collect();
        let raw_angles = angles(&bodies);
        let spans = AngleSpans::new(raw_angles.clone());
        let smooth = |all: Vec<Vec<DVec3>>| all.iter().map(|signal| zero_phase(signal, fps, REFERENCE_HZ)).collect();
        let (true_joints, true_angles) = match truth.and_then(|truth| truth.get(span.clone())) {
            Some(truth) => (joint_series(truth), spans.series(&angles(truth))),
            None => (smooth(joint_series(&bodies)), smooth(spans.series(&raw_angles))),
        };
        Self { span, angles: spans, true_joints, true_angles }
    }
}

fn angles(bodies: &[Body]) -> Vec<JointAngles> {
    bodies.iter().map(joint_angles).collect()
}

/// Runs one filter over all frames, breaks included, as it would run live, and measures the unbroken stretches.
fn mode(
    smoothing: SmoothingMode,
    params: SmoothingParams,
    raw: &Raw,
    stretches: &[Stretch],
    fps: f64,
    against: Against,
) -> Mode {
    let mut smoother = PeopleSmoother::new(params);
    let mut bodies: Vec<Option<Body>> = Vec::with_capacity(raw.times.len());
    for (&time_s, person) in raw.times.iter().zip(&raw.people) {
        let smoothed = smoother.smooth(time_s, person.as_slice());
        bodies.push(smoothed.into_iter().next().zip(person.as_ref()).map(|(smoothed, raw)| {
            // Angles are known by visibility, which filters change too: the raw one keeps the modes comparable.
            let mut body = smoothed.world;
            for (landmark, raw) in body.iter_mut().zip(&raw.world) {
                landmark.visibility = raw.visibility;
            }
            body
        }));
    }
    let (mut joints, mut joint_angles) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for stretch in stretches {
        let bodies: Vec<Body> = bodies[stretch.span.clone()].iter().flatten().copied().collect();
        joints[0].extend(joint_series(&bodies));
        joints[1].extend(stretch.true_joints.iter().cloned());
        joint_angles[0].extend(stretch.angles.series(&angles(&bodies)));
        joint_angles[1].extend(stretch.true_angles.iter().cloned());
    }
    let Figures { jitter, acceleration_error, lag_s } = measure(&joints[0], &joints[1], fps, REST_M_S, against);
    let of_angles = measure(&joint_angles[0], &joint_angles[1], fps, REST_DEG_S, against);
    let step = StepResponse::of(params, fps);
    let thousand = |value: Option<f64>| value.map(|value| value * 1e3);
    Mode {
        smoothing,
        jitter_mm: thousand(jitter),
        jitter_deg: of_angles.jitter,
        acceleration_error,
        lag_ms: thousand(lag_s),
        angle_lag_ms: thousand(of_angles.lag_s),
        step_overshoot_percent: step.overshoot * 100.0,
        step_90_ms: thousand(step.rise_s),
    }
}

fn print(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(
        out,
        "{}: {} frames at {:.2} a second, model {:?}; nobody in {:.1} % of them",
        report.source,
        report.frames,
        report.fps,
        report.model,
        report.dropped_rate * 100.0
    )?;
    let reference = match report.reference {
        "truth" => "the ground truth".to_owned(),
        _ => {
            format!("the raw landmarks smoothed without delay below {:.1} Hz", usable_cutoff(report.fps, REFERENCE_HZ))
        }
    };
    writeln!(out, "ema: alpha {}; one-euro: min cutoff {} Hz, beta {}", report.alpha, report.min_cutoff, report.beta)?;
    writeln!(out, "measured against {reference}\n")?;
    let heads = ["jitter mm", "jitter deg", "accel. m/s2", "lag ms", "angle lag", "overshoot %", "step 90 % ms"];
    write!(out, "{:<10}", "smoothing")?;
    for head in heads {
        write!(out, " {head:>12}")?;
    }
    writeln!(out)?;
    for mode in &report.modes {
        let name = match mode.smoothing {
            SmoothingMode::None => "none (raw)",
            SmoothingMode::Ema => "ema",
            SmoothingMode::OneEuro => "one-euro",
            SmoothingMode::Mediapipe => "mediapipe",
        };
        write!(out, "{name:<10}")?;
        let figures = [
            mode.jitter_mm,
            mode.jitter_deg,
            mode.acceleration_error,
            mode.lag_ms,
            mode.angle_lag_ms,
            Some(mode.step_overshoot_percent),
            mode.step_90_ms,
        ];
        for figure in figures {
            // Adding 0 turns a rounded -0 into 0.
            let text =
                figure.map_or_else(|| "-".to_owned(), |value| format!("{:.2}", (value * 100.0).round() / 100.0 + 0.0));
            write!(out, " {text:>12}")?;
        }
        writeln!(out)?;
    }
    let sway = usable_cutoff(report.fps, SWAY_HZ);
    writeln!(out, "\njitter: trembling above {sway:.1} Hz while a joint rests; lag: how late motion is shown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_rate_is_that_of_most_frames() {
        assert_eq!(frame_rate(&[0.0, 0.25, 0.5, 2.0, 2.25]), Some(4.0));
        assert_eq!(frame_rate(&[0.0]), None);
        assert_eq!(frame_rate(&[0.0, 0.0]), None);
    }
}
