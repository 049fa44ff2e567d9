//! `livedance run`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::render::render_with_progress;
use crate::app::AppError;
use crate::app::offscreen::RenderJob;
use crate::app::preferences::Preferences;
use crate::app::window::{self, WindowOptions};
use crate::capture::SourceSpec;
use crate::settings::{Settings, settings_path};

/// The video written when there is no display.
const OFFSCREEN_OUTPUT: &str = "out/demo.mp4";

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub(super) struct RunArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures [default: a camera if there is one, else the demo]
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// The avatar: a VRM, GLB or glTF file, or the name of a bundled one
    #[arg(long, value_name = "FILE")]
    avatar: Option<String>,
    /// Save a picture of the window and close it
    #[arg(long, value_name = "FILE", hide = true)]
    screenshot: Option<PathBuf>,
    /// Seconds between the start of tracking and the picture
    #[arg(long, value_name = "SECONDS", hide = true, default_value_t = 5.0, requires = "screenshot")]
    after: f64,
}

/// Opens the app; without a display it renders offscreen instead.
pub(super) fn run(args: &RunArgs) -> anyhow::Result<()> {
    let mut settings = args.tracking.settings()?;
    super::render::use_avatar(args.avatar.as_deref(), &mut settings)?;
    let source = args.source.clone().unwrap_or_else(|| settings.source.clone());
    let spec = if source.is_empty() {
        SourceSpec::Auto
    } else {
        source.parse::<SourceSpec>().with_context(|| format!("the source {source}"))?
    };
    if !window::has_display() {
        return render_instead("no display was found", &spec, args, settings);
    }
    let after = Duration::try_from_secs_f64(args.after).context("--after must be seconds from 0 on")?;
    let options = WindowOptions {
        source: spec.clone(),
        preferences: Preferences { settings: settings.clone(), path: settings_path() },
        screenshot: args.screenshot.clone().map(|path| (path, after)),
    };
    match window::run(options) {
        Err(AppError::NoWindow { reason }) => render_instead(&reason, &spec, args, settings),
        result => Ok(result?),
    }
}

#[expect(clippy::print_stdout, reason = "says what happens instead of a window")]
fn render_instead(why: &str, spec: &SourceSpec, args: &RunArgs, mut settings: Settings) -> anyhow::Result<()> {
    // Without a display nobody stands before a camera to see it: the demo shows that everything works.
    let source = match spec {
        SourceSpec::Auto | SourceSpec::Camera(_) => SourceSpec::Demo,
        named => named.clone(),
    };
    println!("no window ({why}): rendering {source} to {OFFSCREEN_OUTPUT}");
    settings.short_side = args.tracking.short_side.unwrap_or(0);
    render_with_progress(&RenderJob {
        source,
        output: Some(PathBuf::from(OFFSCREEN_OUTPUT)),
        stills: None,
        still_times_s: Vec::new(),
        size: (1280, 720),
        fps: 30.0,
        clock_fps: args.tracking.fps,
        avatar_only: false,
        settings,
    })
}
