//! `livedance track`: every frame of a source, in order, as JSON lines or as a take.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt::Interrupts;
use super::track_output::{Output, refuse_existing};
use crate::capture::{self, FrameSource, SourceInfo, SourceKind, SourceSpec};
use crate::formats::take::{TakeHeader, is_take};
use crate::motion::filter::SmoothingParams;
use crate::pipeline::PipelineOptions;
use crate::pipeline::offline::{OfflineFrame, OfflineTracker};
use crate::pipeline::recorder;
use crate::settings::Settings;

/// Arguments of `track`.
#[derive(Debug, Clone, Args)]
pub(super) struct TrackArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// The JSON lines to write, `-` is standard output; or a take, whose name ends in `.ldt`, with unsmoothed landmarks
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: PathBuf,
    /// Replace a take that is there already
    #[arg(long)]
    pub(super) force: bool,
}

/// Tracks every frame in order.
pub(super) fn run(args: &TrackArgs) -> anyhow::Result<()> {
    let settings = args.tracking.settings()?;
    let spec: SourceSpec = args.source.parse()?;
    refuse_overwriting(&spec, &args.output)?;
    if is_take(&args.output) {
        refuse_existing(&args.output, args.force)?;
    }
    let mut source = capture::open(&spec)?;
    let info = source.info().clone();
    let short_side = args.tracking.short_side.unwrap_or(0);
    let options = pipeline_options(&settings, short_side, &info);
    // A take keeps what the model says; its settings say how to smooth it.
    let smoothing = if is_take(&args.output) { SmoothingParams::None } else { SmoothingParams::from(&settings) };
    let mut tracker = OfflineTracker::open(options, smoothing, args.tracking.fps)?;
    let header = || {
        let settings = Settings { short_side, ..settings.clone() };
        let header = recorder::header(&args.source, Some(&info), &settings);
        TakeHeader { fps: args.tracking.fps.or(header.fps), ..header }
    };
    let mut output = Output::new(&args.output, header, args.force)?;

    let interrupts = Interrupts::watch()?;
    let progress = progress_bar(&info);
    let start = Instant::now();
    let ended = track_all(source.as_mut(), &mut tracker, &mut output, &progress, interrupts.flag());
    progress.finish_and_clear();
    // Also after a source that broke, and when the program is asked to end.
    let finished = output.finish();
    if interrupts.is_asked() {
        let left = match output.written {
            0 => "nothing was written".to_owned(),
            frames if args.output == Path::new("-") => format!("{frames} frame(s) were written"),
            frames => format!("{} holds the first {frames} frame(s)", args.output.display()),
        };
        return Err(interrupts.error(left));
    }
    let mut stderr = io::stderr().lock();
    if let Err(error) = ended {
        if output.written == 0 {
            return Err(error);
        }
        // What was read before a file broke is worth keeping: it is on disk already.
        let _ = writeln!(stderr, "warning: {}", format!("{error:#}").replace('\n', " "));
    }
    finished?;
    if output.written == 0 {
        bail!("{} holds no picture", info.name);
    }
    let (frames, people, seconds) = (output.written, output.with_person, start.elapsed().as_secs_f64());
    let rate = frames as f64 / seconds.max(1e-9);
    let _ = writeln!(
        stderr,
        "tracked {frames} frame(s), a person in {people}, {seconds:.1} s, {rate:.1} frames a second: {}",
        args.output.display()
    );
    Ok(())
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
    progress: &ProgressBar,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut write = |tracked: OfflineFrame| -> anyhow::Result<bool> {
        progress.inc(1);
        output.write(&tracked)
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
