//! `livedance bench`: what each stage costs on this machine.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::quality;
use super::resources::{MemoryReport, OpenFiles};
use super::track::{pipeline_options, progress_bar};
use crate::capture::{self, SourceInfo, SourceSpec};
use crate::frame::{Stage, Timings};
use crate::inference::runtime_info;
use crate::motion::filter::SmoothingParams;
use crate::motion::session::Continuity;
use crate::motion::statistics::{mean, percentile, sorted};
use crate::pipeline::offline::OfflineFrame;
use crate::resources;
use crate::settings::{HandsMode, ModelVariant, SmoothingMode};

/// Frames of a camera, which never ends, when nothing else is asked for.
pub(super) const LIVE_FRAMES: u64 = 300;
/// Frames after which memory should not grow any more.
const SETTLED_FRAMES: u64 = 200;

/// Arguments of `bench`.
#[derive(Debug, Clone, Args)]
pub(super) struct BenchArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// Frames to measure; a shorter source is repeated [default: one pass, 300 of a camera]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) frames: Option<u64>,
    /// Print one JSON object instead of the table
    #[arg(long)]
    pub(super) json: bool,
    /// Compare what a person sees of each smoothing mode instead: trembling, delay, acceleration
    #[arg(long)]
    pub(super) quality: bool,
    /// With `--quality`: measure the avatar instead, its bones' directions, jumps, feet and delay
    #[arg(long, requires = "quality")]
    pub(super) avatar: bool,
    /// Ground truth of the source to compare with, like `assets/demo/demo.groundtruth.json`
    #[arg(long, value_name = "FILE.json", requires = "quality")]
    pub(super) truth: Option<PathBuf>,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
struct Report {
    source: String,
    width: u32,
    height: u32,
    frames: u64,
    frames_with_person: u64,
    /// Hands in all frames together.
    hands_found: u64,
    hands: HandsMode,
    people: u32,
    model: ModelVariant,
    threads: usize,
    short_side: u32,
    smoothing: SmoothingMode,
    onnx_runtime: String,
    stages_ms: Vec<Row>,
    /// Frames a second from the first picture to the last, decoding included.
    fps: f64,
    /// Share of the tracking time that is spent inside the models, 0 to 1.
    model_share: f64,
    memory_mib: MemoryReport,
    open_files: OpenFiles,
}

/// One stage over all frames, milliseconds.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    p50: f32,
    p95: f32,
    mean: f32,
}

/// Measures.
pub(super) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    if args.avatar {
        return super::avatar_quality::run(args);
    }
    if args.quality {
        return quality::run(args);
    }
    let settings = args.tracking.settings()?;
    let spec: SourceSpec = args.source.parse()?;
    let mut memory = MemoryReport { start: resources::resident_mib(), ..MemoryReport::default() };
    let mut source = capture::open(&spec)?;
    let info = source.info().clone();
    let wanted = args.frames.or_else(|| info.is_live().then_some(LIVE_FRAMES));
    let short_side = settings.short_side;
    let options = pipeline_options(&settings, short_side, &info);
    let mut tracker = args.tracking.offline_tracker(&settings, options, SmoothingParams::from(&settings))?;

    let progress = progress_bar(&SourceInfo { frame_count: wanted.or(info.frame_count), ..info.clone() });
    let mut samples: Vec<Timings> = Vec::with_capacity(wanted.unwrap_or(0).min(1 << 20) as usize);
    let mut open_files = OpenFiles::default();
    let (mut with_person, mut hands) = (0, 0);
    let mut count = |tracked: &OfflineFrame, samples: &mut Vec<Timings>| {
        let frame = &tracked.frame;
        with_person += u64::from(!frame.people.is_empty());
        let seen = frame.people.iter().map(|person| person.hands).chain([frame.loose_hands]);
        hands += seen.map(|hands| hands.iter().count() as u64).sum::<u64>();
        samples.push(frame.timings);
    };
    let (mut frames_of_pass, mut passes) = (0, 0);
    let start = Instant::now();
    while wanted.is_none_or(|wanted| (samples.len() as u64) < wanted) {
        let Some(mut frame) = source.next_frame()? else {
            if wanted.is_none() || frames_of_pass == 0 {
                break;
            }
            while let Some(tracked) = tracker.drain()? {
                count(&tracked, &mut samples);
            }
            source = capture::open(&spec)?;
            (frames_of_pass, passes) = (0, passes + 1);
            continue;
        };
        if frames_of_pass == 0 && passes > 0 {
            frame.continuity = Continuity::NewSource;
        }
        frames_of_pass += 1;
        let Some(tracked) = tracker.push(frame)? else { continue };
        count(&tracked, &mut samples);
        progress.inc(1);
        if samples.len() == 1 {
            open_files.start = resources::open_files();
        }
        open_files.end = resources::open_files();
        if samples.len() as u64 == SETTLED_FRAMES {
            memory.after_200 = resources::resident_mib();
        }
    }
    while let Some(tracked) = tracker.drain()? {
        count(&tracked, &mut samples);
    }
    let seconds = start.elapsed().as_secs_f64();
    memory.end = resources::resident_mib();
    memory.peak = resources::peak_resident_mib();
    progress.finish_and_clear();
    if samples.is_empty() {
        bail!("{} holds no picture", info.name);
    }

    let runtime = runtime_info()?;
    let report = Report {
        source: info.name,
        width: info.width,
        height: info.height,
        frames: samples.len() as u64,
        frames_with_person: with_person,
        hands_found: hands,
        hands: settings.hands,
        people: settings.people,
        model: settings.model,
        threads: options.for_file().threads,
        short_side,
        smoothing: settings.smoothing,
        onnx_runtime: format!("{} ({})", runtime.version, runtime.path.display()),
        stages_ms: stages(&samples),
        fps: samples.len() as f64 / seconds.max(1e-9),
        model_share: model_share(&samples),
        memory_mib: memory,
        open_files,
    };
    write_report(args.json, &report, print)
}

/// Writes a report to standard output, as one JSON object or as `print` has it.
pub(super) fn write_report<T: Serialize>(
    json: bool,
    report: &T,
    print: impl FnOnce(&mut dyn Write, &T) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, report)?;
        writeln!(out)?;
    } else {
        print(&mut out, report)?;
    }
    Ok(())
}

/// Pixels in, smoothed landmarks out: everything but decoding and scaling down.
fn tracking_ms(timings: &Timings) -> f32 {
    timings.total - timings.decode - timings.downscale
}

/// One row for each stage, then the sums. Rows of the way to a server only where there was one.
fn stages(samples: &[Timings]) -> Vec<Row> {
    let row = |name: &'static str, value: &dyn Fn(&Timings) -> f32| {
        let sorted = sorted(samples.iter().map(|timings| f64::from(value(timings))));
        let figure = |value: Option<f64>| value.unwrap_or_default() as f32;
        let [p50, p95] = [0.5, 0.95].map(|share| figure(percentile(&sorted, share)));
        Row { name, p50, p95, mean: figure(mean(sorted)) }
    };
    let is_remote = samples.iter().any(|timings| timings.network > 0.0);
    let mut rows = Vec::new();
    for stage in Stage::ALL.into_iter().filter(|stage| is_remote || !stage.is_of_the_way()) {
        if stage == Stage::Total {
            rows.push(row("tracking", &tracking_ms));
        }
        rows.push(row(stage.name(), &|timings| timings[stage]));
    }
    rows
}

fn model_share(samples: &[Timings]) -> f64 {
    let sum = |value: fn(&Timings) -> f32| samples.iter().map(|timings| f64::from(value(timings))).sum::<f64>();
    sum(|timings| timings.model) / sum(tracking_ms).max(1e-9)
}

fn print(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}x{}, {} frames, a person in {}, {} hand(s) in all",
        report.source, report.width, report.height, report.frames, report.frames_with_person, report.hands_found
    )?;
    let scaled =
        if report.short_side == 0 { "full size".to_owned() } else { format!("short side {}", report.short_side) };
    writeln!(
        out,
        "model {:?}, {} thread(s), {scaled}, smoothing {:?}, ONNX Runtime {}\n",
        report.model, report.threads, report.smoothing, report.onnx_runtime
    )?;
    writeln!(out, "{:<10} {:>9} {:>9} {:>9}", "ms", "p50", "p95", "mean")?;
    for Row { name, p50, p95, mean } in &report.stages_ms {
        writeln!(out, "{name:<10} {p50:>9.3} {p95:>9.3} {mean:>9.3}")?;
    }
    writeln!(out, "\ntracking is pixels in, smoothed landmarks out; model is the part of it inside the models")?;
    writeln!(
        out,
        "{:.1} frames a second; {:.1} % of tracking inside the models",
        report.fps,
        report.model_share * 100.0
    )?;
    let MemoryReport { start, after_200, end, peak } = report.memory_mib;
    let mib = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |mib| format!("{mib:.1}"));
    writeln!(
        out,
        "memory MiB: {} at the start, {} after {SETTLED_FRAMES} frames, {} at the end, {} at most",
        mib(start),
        mib(after_200),
        mib(end),
        mib(peak)
    )?;
    let count = |value: Option<usize>| value.map_or_else(|| "-".to_owned(), |count| count.to_string());
    writeln!(
        out,
        "open files: {} at the first frame, {} at the last",
        count(report.open_files.start),
        count(report.open_files.end)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_server_is_shown_where_there_is_one() {
        let names = |timings| stages(&[timings]).into_iter().map(|row| row.name).collect::<Vec<_>>();
        let here = names(Timings::default());
        assert!(!here.contains(&"network") && here.ends_with(&["model", "tracking", "total"]), "{here:?}");
        let there = names(Timings { network: 1.0, ..Timings::default() });
        assert_eq!(there.len(), Stage::ALL.len() + 1, "{there:?}");
    }

    #[test]
    fn the_share_inside_the_models_leaves_decoding_out() {
        let timings =
            Timings { decode: 50.0, downscale: 5.0, pose: 9.5, model: 9.0, total: 65.0, ..Timings::default() };
        assert!((model_share(&[timings, timings]) - 0.9).abs() < 1e-6);
        let tracking = stages(&[timings]).into_iter().find(|row| row.name == "tracking").expect("a row");
        assert_eq!(tracking.p50, 10.0);
    }
}
