//! `livedance run`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;

use super::quiet::keep_graphics_quiet;
use super::render::render_with_progress;
use super::setting_options::{Avatar, Given, Scene};
use super::track_output::refuse_existing;
use crate::app::AppError;
use crate::app::offscreen::RenderJob;
use crate::app::preferences::Preferences;
use crate::app::recording::RecordPlan;
use crate::app::window::{self, WindowOptions};
use crate::capture::{SourceMatter, SourceSpec};
use crate::formats::take::{TAKE_EXTENSION, is_take};
use crate::net::{Address, SEND_PORT};
use crate::pipeline::remote::{self, RemoteAddress, RemoteTarget};
use crate::settings::{Background, Settings, settings_path};

/// The video written when there is no display.
const OFFSCREEN_OUTPUT: &str = "out/demo.mp4";

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub(super) struct RunArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, a folder of pictures, recorded motion (a take, BVH, a VRM animation), or `vmc:PORT` for poses from another program [default: a camera if there is one, else the demo]
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    #[command(flatten)]
    pub(super) scene: SceneArgs,
    #[command(flatten)]
    avatar: Given<Avatar>,
    #[command(flatten)]
    record: RecordArgs,
    /// Save a picture of the window and close it
    #[arg(long, value_name = "FILE", hide = true)]
    screenshot: Option<PathBuf>,
    /// Seconds between the start of tracking and the picture
    #[arg(long, value_name = "SECONDS", hide = true, default_value_t = 5.0, requires = "screenshot")]
    after: f64,
}

/// A take of what is tracked.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Recording")]
pub(super) struct RecordArgs {
    /// Record a take from the first frame on until the app is closed
    #[arg(long, value_name = "FILE.ldt")]
    record: Option<PathBuf>,
    /// Keep the pictures of the source beside it, as FILE.mp4
    #[arg(long, requires = "record")]
    record_video: bool,
    /// Replace a take that is there already
    #[arg(long, requires = "record")]
    force: bool,
}

impl RecordArgs {
    fn plan(&self, settings: &Settings) -> anyhow::Result<Option<RecordPlan>> {
        let Some(path) = &self.record else { return Ok(None) };
        if !is_take(path) {
            bail!("--record writes takes, whose names end in .{TAKE_EXTENSION}; {} does not", path.display());
        }
        refuse_existing(path, self.force)?;
        let video = self.record_video || settings.record_video;
        Ok(Some(RecordPlan { path: path.clone(), video, force: self.force }))
    }
}

/// What others see of the avatar.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Scene")]
pub(super) struct SceneArgs {
    #[command(flatten)]
    options: Given<Scene>,
    /// Begin with nothing but the avatar in the window; H shows the rest
    #[arg(long)]
    hide_interface: bool,
}

impl SceneArgs {
    fn lay_over(&self, settings: &mut Settings) -> anyhow::Result<()> {
        self.options.lay_over(settings)?;
        if !settings.vmc_out.is_empty() {
            Address::parse(&settings.vmc_out, SEND_PORT).context("where poses are to be sent (vmc_out)")?;
        }
        Ok(())
    }
}

/// Opens the app; without a display it renders offscreen instead.
pub(super) fn run(args: &RunArgs) -> anyhow::Result<()> {
    let mut settings = args.tracking.settings()?;
    args.scene.lay_over(&mut settings)?;
    super::render::use_avatar(args.avatar.text("avatar"), &mut settings)?;
    let source = args.source.clone().unwrap_or_else(|| settings.source.clone());
    let spec = if source.is_empty() {
        SourceSpec::Auto
    } else {
        source.parse::<SourceSpec>().with_context(|| format!("the source {source}"))?
    };
    if !settings.remote.is_empty() {
        let address: RemoteAddress = settings.remote.parse().context("the server that tracks (remote)")?;
        let ca = (!settings.remote_ca.is_empty()).then(|| settings.remote_ca.clone().into());
        remote::check(&RemoteTarget { ca, ..RemoteTarget::new(address) })?;
    }
    let record = args.record.plan(&settings)?;
    if record.is_some() && spec.read_matter() != SourceMatter::Pictures {
        bail!("{spec} gives no pictures, and takes hold what is tracked in them: name a camera, a video or a picture");
    }
    if !window::has_display() {
        if record.is_some() {
            bail!("no display was found; `livedance track {spec} -o FILE.ldt` records without a window");
        }
        if spec.read_matter() == SourceMatter::Poses {
            bail!("no display was found, and {spec} needs the window: set DISPLAY or WAYLAND_DISPLAY");
        }
        keep_graphics_quiet();
        return render_instead("no display was found", &spec, args, settings);
    }
    let after = Duration::try_from_secs_f64(args.after).context("--after must be seconds from 0 on")?;
    let options = WindowOptions {
        source: spec.clone(),
        preferences: Preferences::new(settings.clone(), settings_path()),
        remote_token: args.tracking.remote_token(),
        hide_interface: args.scene.hide_interface,
        games: None,
        size: window::USUAL_SIZE,
        record,
        screenshot: args.screenshot.clone().map(|path| (path, after)),
    };
    match window::run(options) {
        Err(AppError::NoWindow { reason }) if spec.read_matter() != SourceMatter::Poses => {
            render_instead(&reason, &spec, args, settings)
        }
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
    settings.short_side = args.tracking.short_side_of_files(&settings);
    let remote = args.tracking.remote_target(&settings)?;
    render_with_progress(&RenderJob {
        source,
        output: Some(PathBuf::from(OFFSCREEN_OUTPUT)),
        stills: None,
        still_times_s: Vec::new(),
        size: (1280, 720),
        fps: 30.0,
        clock_fps: args.tracking.fps,
        avatar_only: false,
        background: Background::Studio,
        remote,
        settings,
    })
}
