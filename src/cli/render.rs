//! `livedance render`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt::Interrupts;
use super::quiet::keep_graphics_quiet;
use super::setting_options::{Avatar, Given};
use crate::app::offscreen::{self, Progress, RenderJob, RenderReport};
use crate::avatar_library as library;
use crate::capture::{SourceKind, SourceSpec};
use crate::frame::Stage;
use crate::settings::{Background, Settings};

/// Arguments of `render`.
#[derive(Debug, Clone, Args)]
pub(super) struct RenderArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, a folder of pictures, or recorded motion: a take (`.ldt`, `.jsonl`), BVH or a VRM animation
    #[arg(value_name = "SOURCE")]
    source: String,
    #[command(flatten)]
    tracking: super::TrackingArgs,
    #[command(flatten)]
    avatar: Given<Avatar>,
    /// The video to write (.mp4, .webm, .mov), or a folder for one PNG picture a frame
    #[arg(short, long, value_name = "OUT", required_unless_present = "stills")]
    output: Option<PathBuf>,
    /// Pixels of the whole picture, both even
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = parse_size)]
    size: (u32, u32),
    /// Frames per second of the video
    #[arg(long, value_name = "F", default_value_t = 30.0)]
    frame_rate: f64,
    /// The avatar alone, without the source beside it
    #[arg(long)]
    avatar_only: bool,
    /// Behind the avatar: `studio`, `green` (flat, for a colour key), a colour as `#RRGGBB`, or `transparent` (.webm, .mov,
    /// PNG pictures; the avatar alone)
    #[arg(long, value_name = "BACKGROUND", default_value = "studio")]
    background: Background,
    /// A folder for single pictures and a sheet of them
    #[arg(long, value_name = "DIR")]
    stills: Option<PathBuf>,
    /// When to take them, seconds from the start [default: eight moments over the whole length]
    #[arg(long, value_name = "T1,T2", value_delimiter = ',', requires = "stills")]
    at: Vec<f64>,
}

/// Renders offscreen.
pub(super) fn run(args: &RenderArgs) -> anyhow::Result<()> {
    keep_graphics_quiet();
    let mut settings = args.tracking.settings()?;
    // Nothing is live here: the whole picture is tracked unless told otherwise.
    settings.short_side = args.tracking.short_side_of_files(&settings);
    // Who is filmed need not be who was calibrated.
    settings.calibration = None;
    use_avatar(args.avatar.text("avatar"), &mut settings)?;
    let job = RenderJob {
        source: args.source.parse::<SourceSpec>().with_context(|| format!("the source {}", args.source))?,
        output: args.output.clone(),
        stills: args.stills.clone(),
        still_times_s: args.at.clone(),
        size: args.size,
        fps: args.frame_rate,
        clock_fps: args.tracking.fps,
        avatar_only: args.avatar_only,
        background: args.background,
        remote: args.tracking.remote_target(&settings)?,
        settings,
    };
    render_with_progress(&job)
}

/// Takes the avatar that was named over into the settings, unless it cannot be one.
pub(super) fn use_avatar(named: Option<&str>, settings: &mut Settings) -> anyhow::Result<()> {
    let Some(named) = named else { return Ok(()) };
    library::load(named).map_err(anyhow::Error::msg)?;
    // The settings may be read from another folder the next time.
    let path = Path::new(named);
    settings.avatar = match std::path::absolute(path) {
        Ok(absolute) if path.exists() => absolute.to_string_lossy().into_owned(),
        _ => named.to_owned(),
    };
    Ok(())
}

/// Renders a job with a progress bar and prints what was done and measured.
pub(super) fn render_with_progress(job: &RenderJob) -> anyhow::Result<()> {
    let bar = ProgressBar::no_length().with_style(style("{spinner} {pos} pictures, {per_sec}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let known = style("{bar:36} {pos}/{len} pictures, {per_sec}, {eta} left")?;
    let mut progress = |progress: Progress| {
        if let (Some(total), None) = (progress.total, bar.length()) {
            bar.set_style(known.clone());
            bar.set_length(total);
        }
        bar.set_position(progress.done);
    };
    let interrupts = Interrupts::watch()?;
    let report = offscreen::render(job, &mut progress, interrupts.flag());
    bar.finish_and_clear();
    if report.is_err() && interrupts.is_asked() {
        // Whatever failed did so because its programs were asked to end, too.
        let left = |path: &PathBuf| format!("{} was not written", path.display());
        return Err(
            interrupts.error(job.output.as_ref().map_or_else(|| "not all stills were written".to_owned(), left))
        );
    }
    print(job, &report?);
    Ok(())
}

fn style(template: &str) -> anyhow::Result<ProgressStyle> {
    Ok(ProgressStyle::with_template(template)?)
}

#[expect(clippy::print_stdout, reason = "the command's result")]
fn print(job: &RenderJob, report: &RenderReport) {
    let source = &report.source;
    let has_people = source.kind != SourceKind::Clip;
    let size = if has_people { format!(" ({}x{})", source.width, source.height) } else { String::new() };
    println!("source     {}{size}", source.name);
    println!("adapter    {}", report.adapter);
    if has_people {
        println!("people     in {} of {} frames", report.source_frames_with_people, report.source_frames);
    }
    println!(
        "rendered   {} frames ({:.1} s) in {:.1} s: {:.1} pictures/s",
        report.frames,
        report.frames as f64 / job.fps,
        report.elapsed_s,
        report.render_fps
    );
    if has_people {
        println!("{:10} {:>8} {:>8}  ms a frame", "stage", "p50", "p95");
        for (stage, spread) in Stage::ALL.into_iter().zip(&report.stages_ms).filter(|(stage, _)| *stage != Stage::Hands)
        {
            println!("{:10} {:8.2} {:8.2}", stage.name(), spread.p50, spread.p95);
        }
    }
    if let Some(path) = &job.output {
        println!("wrote      {}", path.display());
    }
    if let Some(sheet) = report.stills.last() {
        println!("wrote      {} stills, all of them on {}", report.stills.len() - 1, sheet.display());
    }
}

fn parse_size(text: &str) -> anyhow::Result<(u32, u32)> {
    let Some((width, height)) = text.split_once('x') else { bail!("write it as 1280x720") };
    Ok((width.trim().parse()?, height.trim().parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_width_by_height() {
        assert_eq!(parse_size("1280x720").expect("a size"), (1280, 720));
        for wrong in ["", "1280", "1280x", "axb", "-1x5", "1280*720"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
