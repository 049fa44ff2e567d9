//! `livedance track`: every frame of a source, in order, as JSON lines.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt::Interrupts;
use crate::capture::{self, FrameSource, SourceInfo, SourceKind, SourceSpec};
use crate::formats::record::FrameRecord;
use crate::motion::filter::SmoothingParams;
use crate::pipeline::PipelineOptions;
use crate::pipeline::offline::{OfflineFrame, OfflineTracker};
use crate::settings::Settings;

/// Arguments of `track`.
#[derive(Debug, Clone, Args)]
pub(super) struct TrackArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// The JSON lines to write; `-` is standard output
    #[arg(short, long, value_name = "OUT.jsonl")]
    pub(super) output: PathBuf,
}

/// Tracks every frame in order.
pub(super) fn run(args: &TrackArgs) -> anyhow::Result<()> {
    let settings = args.tracking.settings()?;
    let spec: SourceSpec = args.source.parse()?;
    refuse_overwriting(&spec, &args.output)?;
    let mut source = capture::open(&spec)?;
    let info = source.info().clone();
    let options = pipeline_options(&settings, args.tracking.short_side.unwrap_or(0), &info);
    let mut tracker = OfflineTracker::open(options, SmoothingParams::from(&settings), args.tracking.fps)?;
    let mut lines = Lines::new(&args.output);

    let interrupts = Interrupts::watch()?;
    let progress = progress_bar(&info);
    let start = Instant::now();
    let ended = track_all(source.as_mut(), &mut tracker, &mut lines, &progress, interrupts.flag());
    progress.finish_and_clear();
    if interrupts.is_asked() {
        let left = match lines.written {
            0 => "nothing was written".to_owned(),
            frames if args.output == Path::new("-") => format!("{frames} frame(s) were written"),
            frames => format!("{} holds the first {frames} frame(s)", args.output.display()),
        };
        return Err(interrupts.error(left));
    }
    let mut stderr = io::stderr().lock();
    if let Err(error) = ended {
        if lines.written == 0 {
            return Err(error);
        }
        // What was read before a file broke is worth keeping: it is on disk already.
        let _ = writeln!(stderr, "warning: {}", format!("{error:#}").replace('\n', " "));
    }
    if lines.written == 0 {
        bail!("{} holds no picture", info.name);
    }
    let (frames, people, seconds) = (lines.written, lines.with_person, start.elapsed().as_secs_f64());
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
    lines: &mut Lines,
    progress: &ProgressBar,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut write = |tracked: OfflineFrame| -> anyhow::Result<bool> {
        let record = FrameRecord::with_angles(&tracked.frame, &tracked.angles);
        progress.inc(1);
        lines.write(&record, !record.people.is_empty())
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

/// A file, or standard output, that only ever holds whole lines.
struct Lines<'a> {
    path: &'a Path,
    /// Made when the first line comes, so that a source without pictures leaves an older file alone.
    target: Option<Box<dyn Write>>,
    line: Vec<u8>,
    written: u64,
    with_person: u64,
}

impl<'a> Lines<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, target: None, line: Vec::new(), written: 0, with_person: 0 }
    }

    /// Writes one line at once; `false` when the reader of standard output has gone.
    fn write(&mut self, record: &FrameRecord, person: bool) -> anyhow::Result<bool> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)?;
        self.line.push(b'\n');
        let cannot_write = || format!("cannot write {}", self.path.display());
        let target = match &mut self.target {
            Some(target) => target,
            None => self.target.insert(if self.path == Path::new("-") {
                Box::new(io::stdout().lock())
            } else {
                Box::new(File::create(self.path).with_context(cannot_write)?)
            }),
        };
        match target.write_all(&self.line).and_then(|()| target.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
            Err(error) => return Err(error).with_context(cannot_write),
        }
        self.written += 1;
        self.with_person += u64::from(person);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::record::TimingsRecord;

    fn record(frame: u64) -> FrameRecord {
        FrameRecord {
            frame,
            time_s: 0.0,
            width: 4,
            height: 3,
            people: Vec::new(),
            timings_ms: TimingsRecord::default(),
        }
    }

    #[test]
    fn nothing_is_touched_before_the_first_line() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out.jsonl");
        std::fs::write(&path, "older").expect("writes");
        let mut lines = Lines::new(&path);
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "older");
        assert!(lines.write(&record(0), false).expect("writes"));
        assert!(lines.write(&record(1), true).expect("writes"));
        let text = std::fs::read_to_string(&path).expect("reads");
        assert_eq!(text.lines().count(), 2);
        assert!(text.ends_with('\n'), "whole lines while it is still open");
        assert_eq!((lines.written, lines.with_person), (2, 1));
    }

    #[test]
    fn an_output_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("missing/out.jsonl");
        let message = format!("{:#}", Lines::new(&path).write(&record(0), false).expect_err("refused"));
        assert!(message.contains("missing/out.jsonl"), "{message}");
    }

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
