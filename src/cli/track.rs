//! `livedance track`: every frame of a source, in order, as JSON lines or as a take.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt::Interrupts;
use super::track_folder;
use super::track_output::Output;
use crate::capture::{self, FrameSource, SourceInfo, SourceKind, SourceMatter, SourceSpec};
use crate::formats::take::{TakeHeader, is_take};
use crate::motion::angle::joint_angles;
use crate::motion::filter::SmoothingParams;
use crate::pipeline::PipelineOptions;
use crate::pipeline::offline::{OfflineFrame, OfflineTracker};
use crate::pipeline::recorder;
use crate::pipeline::take_frames::TakeFrames;
use crate::settings::Settings;

/// Arguments of `track`.
#[derive(Debug, Clone, Args)]
pub(super) struct TrackArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, a folder of pictures, or a take, whose landmarks are smoothed anew
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// The JSON lines to write, `-` is standard output; or a take, whose name ends in `.ldt`, with unsmoothed landmarks
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: PathBuf,
    /// Replace takes that are there already
    #[arg(long)]
    pub(super) force: bool,
    /// Videos of a folder that are tracked at once [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
}

/// What was tracked.
#[derive(Debug)]
pub(super) struct Ended {
    /// Frames written.
    pub(super) frames: u64,
    /// Those with anybody in view.
    pub(super) with_person: u64,
    /// What the source had to complain about, as a video that was cut off.
    pub(super) warning: Option<String>,
}

/// Tracks every frame in order, or every video of a folder.
pub(super) fn run(args: &TrackArgs) -> anyhow::Result<()> {
    let settings = args.tracking.settings()?;
    if let Some(videos) = track_folder::videos(&args.source) {
        return track_folder::run(args, &settings, &videos);
    }
    let interrupts = Interrupts::watch()?;
    let start = Instant::now();
    let mut bar = None;
    let mut progress = |info: &SourceInfo, _: u64| bar.get_or_insert_with(|| progress_bar(info)).inc(1);
    let files = Files { source: &args.source, output: &args.output, force: args.force };
    let ended = track(&files, &args.tracking, &settings, &mut progress, interrupts.flag());
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    if interrupts.is_asked() {
        let left = match &ended {
            Ok(Ended { frames: 0, .. }) | Err(_) => "nothing was written".to_owned(),
            Ok(Ended { frames, .. }) if args.output == Path::new("-") => format!("{frames} frame(s) were written"),
            Ok(Ended { frames, .. }) => format!("{} holds the first {frames} frame(s)", args.output.display()),
        };
        return Err(interrupts.error(left));
    }
    let Ended { frames, with_person, warning } = ended?;
    let mut stderr = io::stderr().lock();
    if let Some(warning) = warning {
        let _ = writeln!(stderr, "warning: {warning}");
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = frames as f64 / seconds.max(1e-9);
    let _ = writeln!(
        stderr,
        "tracked {frames} frame(s), a person in {with_person}, {seconds:.1} s, {rate:.1} frames a second: {}",
        args.output.display()
    );
    Ok(())
}

/// What is read, and what is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) source: &'a str,
    pub(super) output: &'a Path,
    /// Replace a take that is there already.
    pub(super) force: bool,
}

/// Tracks one source into one file, until it ends or `stop` is set. `progress` hears of every frame, and how many there
/// were.
pub(super) fn track(
    files: &Files<'_>,
    tracking: &super::TrackingArgs,
    settings: &Settings,
    progress: &mut dyn FnMut(&SourceInfo, u64),
    stop: &AtomicBool,
) -> anyhow::Result<Ended> {
    let Files { source: name, output: path, force } = *files;
    let spec: SourceSpec = name.parse()?;
    refuse_overwriting(&spec, path)?;
    if let (SourceMatter::Take, SourceSpec::Path(take)) = (spec.read_matter(), &spec) {
        return smooth_take(take, path, tracking, settings, stop);
    }
    let mut source = capture::open(&spec)?;
    let info = source.info().clone();
    let short_side = tracking.short_side_of_files(settings);
    let options = pipeline_options(settings, short_side, &info);
    // A take keeps what the model says; its settings say how to smooth it.
    let smoothing = if is_take(path) { SmoothingParams::None } else { SmoothingParams::from(settings) };
    let header = || {
        let settings = Settings { short_side, ..settings.clone() };
        let header = recorder::header(name, Some(&info), &settings);
        TakeHeader { fps: tracking.fps.or(header.fps), ..header }
    };
    let mut output = Output::new(path, header, force)?;
    let mut tracker = tracking.offline_tracker(settings, options, smoothing)?;
    let ended = track_all(source.as_mut(), &mut tracker, &mut output, &mut |frames| progress(&info, frames), stop);
    // Also after a source that broke, and when the program is asked to end.
    let finished = output.finish();
    let warning = match ended {
        // What was read before a file broke is worth keeping: it is on disk already.
        Err(error) if output.written > 0 => Some(format!("{error:#}").replace('\n', " ")),
        other => other.map(|()| None)?,
    };
    finished?;
    if output.written == 0 && !stop.load(Ordering::Relaxed) {
        bail!("{} holds no picture", info.name);
    }
    Ok(Ended { frames: output.written, with_person: output.with_person, warning })
}

/// Smooths a take's landmarks anew. No model runs.
fn smooth_take(
    take: &Path,
    path: &Path,
    tracking: &super::TrackingArgs,
    settings: &Settings,
    stop: &AtomicBool,
) -> anyhow::Result<Ended> {
    if is_take(path) {
        bail!("takes hold what was recorded, not what was smoothed; let the output end in .jsonl");
    }
    let mut take_frames = TakeFrames::open(take, SmoothingParams::from(settings), tracking.fps)?;
    let mut output = Output::new(path, TakeHeader::default, false)?;
    while !stop.load(Ordering::Relaxed)
        && let Some((frame, _)) = take_frames.next_frame()?
    {
        let angles = frame.people.iter().map(|person| joint_angles(&person.world)).collect();
        if !output.write(&OfflineFrame { frame, angles })? {
            break;
        }
    }
    output.finish()?;
    if output.written == 0 {
        bail!("{} holds no frame", take.display());
    }
    Ok(Ended { frames: output.written, with_person: output.with_person, warning: None })
}

/// The pipeline's options for a source: a single picture stands alone.
pub(super) fn pipeline_options(settings: &Settings, short_side: u32, info: &SourceInfo) -> PipelineOptions {
    PipelineOptions {
        model: settings.model,
        threads: settings.threads as usize,
        short_side,
        static_image: info.kind == SourceKind::Image,
        people: settings.people as usize,
        hands: settings.hands,
        provider: settings.provider,
    }
}

fn track_all(
    source: &mut dyn FrameSource,
    tracker: &mut OfflineTracker,
    output: &mut Output,
    progress: &mut dyn FnMut(u64),
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut write = |tracked: OfflineFrame| -> anyhow::Result<bool> {
        let goes_on = output.write(&tracked)?;
        progress(output.written);
        Ok(goes_on)
    };
    let mut read = || source.next_frame();
    let ended = loop {
        if stop.load(Ordering::Relaxed) {
            break Ok(());
        }
        match read() {
            Ok(Some(frame)) => {
                if let Some(tracked) = tracker.push(frame)?
                    && !write(tracked)?
                {
                    return Ok(());
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    // Also after a source that broke: what was read is written.
    while let Some(tracked) = tracker.drain()? {
        if !write(tracked)? {
            return Ok(());
        }
    }
    ended
}

/// A bar where the length is known, else a count; nothing when stderr is not a terminal.
pub(super) fn progress_bar(info: &SourceInfo) -> ProgressBar {
    let (bar, template) = match info.frame_count {
        Some(count) => (ProgressBar::new(count), "{bar:40} {pos}/{len} frames, {per_sec}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {pos} frames, {per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The output must not be the file that is being read.
fn refuse_overwriting(spec: &SourceSpec, output: &Path) -> anyhow::Result<()> {
    let same = |path: &Path| match (path.canonicalize(), output.canonicalize()) {
        (Ok(source), Ok(output)) => source == output,
        _ => false,
    };
    match spec {
        SourceSpec::Path(path) if same(path) => {
            bail!("{} is the source itself; choose another output", output.display())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let video = folder.path().join("video.mp4");
        std::fs::write(&video, "pictures").expect("writes");
        let spec = SourceSpec::Path(video.clone());
        let around = folder.path().join("../").join(folder.path().file_name().unwrap()).join("video.mp4");
        assert!(refuse_overwriting(&spec, &around).is_err());
        assert!(refuse_overwriting(&spec, &folder.path().join("out.jsonl")).is_ok());
    }
}
