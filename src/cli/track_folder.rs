//! `livedance track FOLDER -o FOLDER`: every video of a folder into a take of its own.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use indicatif::ProgressBar;

use super::batch::{self, Outcome};
use super::interrupt::Interrupts;
use super::track::{Ended, Files, TrackArgs, track};
use crate::capture::SourceInfo;
use crate::files::{DraftPath, FileKind};
use crate::formats::take::TakeReader;
use crate::settings::Settings;

/// The videos of a folder; `None` for what is no folder, or one without videos, as a folder of pictures is.
pub(super) fn videos(source: &str) -> Option<Vec<PathBuf>> {
    let path = Path::new(source);
    if !path.is_dir() {
        return None;
    }
    batch::files_of(path, FileKind::Video).ok()
}

/// What came of one video.
#[derive(Debug)]
struct Tracked {
    ended: Ended,
    seconds: f64,
}

/// Tracks all of them, as many at once as there are cores. Takes that are whole already are left as they are.
pub(super) fn run(args: &TrackArgs, settings: &Settings, videos: &[PathBuf]) -> anyhow::Result<()> {
    let folder = &args.output;
    std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
    let mut names: Vec<_> = videos.iter().filter_map(|video| video.file_stem()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!("two videos are called {}: their takes would be one file; rename one", twice[0].display());
    }
    let interrupts = Interrupts::watch()?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = args.jobs.map_or(cores, usize::from).min(videos.len());
    // Each of the sessions that work at once has its share of the cores.
    let threads = if settings.threads == 0 { (cores / workers).max(1) as u32 } else { settings.threads };
    let settings = Settings { threads, ..settings.clone() };
    let work = |video: &Path, bar: &ProgressBar| {
        let name = video.file_stem().unwrap_or_default().to_string_lossy();
        let take = folder.join(format!("{name}.ldt"));
        if !args.force && TakeReader::open(&take).is_ok_and(|reader| reader.is_whole() && !reader.is_empty()) {
            return Ok(None);
        }
        // What is not whole never bears the take's name.
        let cannot_write = || format!("{}: cannot be written", take.display());
        let draft = DraftPath::beside(&take).with_context(cannot_write)?;
        let began = Instant::now();
        let source = video.to_string_lossy();
        let files = Files { source: &source, output: draft.path(), force: true };
        let mut progress = |info: &SourceInfo, frames: u64| {
            bar.set_length(info.frame_count.unwrap_or(0).max(frames));
            bar.set_position(frames);
        };
        let ended = track(&files, &args.tracking, &settings, &mut progress, interrupts.flag())?;
        if interrupts.is_asked() {
            return Err(interrupts.error("it begins anew the next time".to_owned()));
        }
        draft.commit().with_context(cannot_write)?;
        Ok(Some(Tracked { ended, seconds: began.elapsed().as_secs_f64() }))
    };
    let outcomes = batch::run(videos, workers, &|| interrupts.is_asked(), &work);
    print(videos, &outcomes).context("the table cannot be printed")?;
    if interrupts.is_asked() {
        return Err(interrupts.error("run it again to go on with the videos that are left".to_owned()));
    }
    let failed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Failed(_))).count();
    ensure!(failed == 0, "{failed} of {} videos could not be tracked, see above", videos.len());
    Ok(())
}

/// One line a video.
fn print(videos: &[PathBuf], outcomes: &[Outcome<Tracked>]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let names: Vec<String> =
        videos.iter().map(|video| video.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    writeln!(out, "{:width$}  frames  with people  seconds  frames/s", "video")?;
    let (mut frames, mut tracked) = (0, 0);
    for (name, outcome) in names.iter().zip(outcomes) {
        write!(out, "{name:width$}  ")?;
        match outcome {
            Outcome::Done(Tracked { ended, seconds }) => {
                frames += ended.frames;
                tracked += 1;
                let rate = ended.frames as f64 / seconds.max(1e-9);
                write!(out, "{:6}  {:11}  {seconds:7.1}  {rate:8.1}", ended.frames, ended.with_person)?;
                match &ended.warning {
                    Some(warning) => writeln!(out, "  {warning}")?,
                    None => writeln!(out)?,
                }
            }
            Outcome::Before => writeln!(out, "was tracked already (--force does it again)")?,
            Outcome::Failed(reason) if reason.starts_with("interrupted") => writeln!(out, "{reason}")?,
            Outcome::Failed(reason) => writeln!(out, "failed: {reason}")?,
            Outcome::NotReached => writeln!(out, "not reached")?,
        }
    }
    writeln!(out, "{frames} frames of {tracked} videos")
}
