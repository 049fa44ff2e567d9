//! Options that all tracking commands share, laid over the settings.

use anyhow::{Context as _, bail};
use clap::Args;

use crate::motion::filter::SmoothingParams;
use crate::pipeline::PipelineOptions;
use crate::pipeline::offline::{FileTracker, OfflineTracker};
#[cfg(feature = "remote")]
use crate::pipeline::remote::{self, RemoteTarget};
use crate::settings::{HandsMode, MAX_PEOPLE, ModelVariant, Provider, Settings, SmoothingMode, settings_path};

/// Options of every command that tracks. What is not given comes from `LIVEDANCE_*`, the settings file or the defaults.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Tracking")]
pub struct TrackingArgs {
    /// Landmark model [default: full]
    #[arg(long, value_enum)]
    pub model: Option<ModelVariant>,
    /// Scale pictures down to this shorter side in pixels; 0 never scales [default: 384 live, 0 for files written by `track`]
    #[arg(long, value_name = "PX")]
    pub short_side: Option<u32>,
    /// Landmark filter [default: ema]
    #[arg(long, value_enum)]
    pub smoothing: Option<SmoothingMode>,
    /// Weight of the new value in `ema`, above 0, at most 1
    #[arg(long)]
    pub alpha: Option<f32>,
    /// Cutoff at rest in `one-euro`, hertz
    #[arg(long, value_name = "HZ")]
    pub min_cutoff: Option<f32>,
    /// Rise of the cutoff with speed in `one-euro`
    #[arg(long)]
    pub beta: Option<f32>,
    /// Show the person as in a mirror (the default)
    #[arg(long, overrides_with = "no_mirror")]
    pub mirror: bool,
    /// Show the person as others see them
    #[arg(long)]
    pub no_mirror: bool,
    /// Move the avatar by the landmarks as they are, without a skeleton of constant bone lengths
    #[arg(long)]
    pub no_fit: bool,
    /// Keep the avatar over one spot: no steps, no jumps
    #[arg(long)]
    pub no_root_motion: bool,
    /// Let the avatar's feet slide as the landmarks do
    #[arg(long)]
    pub no_foot_lock: bool,
    /// Field of view of the camera along the picture's longer side, degrees [default: 40]
    #[arg(long, value_name = "DEGREES")]
    pub field_of_view: Option<f32>,
    /// Height of the person, centimetres: makes the size of everything exact [default: estimated]
    #[arg(long, value_name = "CM")]
    pub height_cm: Option<f32>,
    /// Threads of each inference session, 0 for as many as suit the machine [default: 0]
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    /// Hardware that runs the models, where the ONNX Runtime library has it [default: cpu]
    #[arg(long, value_enum)]
    pub provider: Option<Provider>,
    /// Never give up quality when the machine cannot keep up with a live source
    #[arg(long)]
    pub fixed_quality: bool,
    /// Frames per second of the clock given to the filters, instead of the source's own times
    #[arg(long, value_name = "F")]
    pub fps: Option<f64>,
    /// Track both hands of everybody (the default)
    #[arg(long, overrides_with_all = ["no_hands", "hands_only"])]
    pub hands: bool,
    /// Track bodies alone
    #[arg(long, overrides_with_all = ["hands", "hands_only"])]
    pub no_hands: bool,
    /// Track one left and one right hand without a body, for a camera over a desk
    #[arg(long, overrides_with_all = ["hands", "no_hands"])]
    pub hands_only: bool,
    /// People to track at most, 1 to 8 [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_PEOPLE)))]
    pub people: Option<u32>,
    /// Where a server is to track
    #[cfg(feature = "remote")]
    #[command(flatten)]
    pub server: RemoteArgs,
}

/// A server that tracks.
#[cfg(feature = "remote")]
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Remote tracking")]
pub struct RemoteArgs {
    /// Let an inference server track: `ws://HOST:PORT` or `wss://HOST` (livedance serve), `socketio+http://HOST:PORT` (an
    /// original backend); empty for this machine
    #[arg(long, value_name = "URL", env = "LIVEDANCE_REMOTE")]
    pub remote: Option<String>,
    /// Token for a server that asks for one
    #[arg(long, value_name = "TOKEN", env = "LIVEDANCE_REMOTE_TOKEN", hide_env_values = true)]
    pub remote_token: Option<String>,
    /// Trust the certificates in this PEM file, too
    #[arg(long, value_name = "FILE", env = "LIVEDANCE_REMOTE_CA")]
    pub remote_ca: Option<String>,
    /// Track on this machine after so many seconds without an answer, 0 for never; live sources only [default: 2]
    #[arg(long, value_name = "SECONDS")]
    pub remote_fallback_s: Option<f32>,
}

// A token must not get into a log.
#[cfg(feature = "remote")]
impl std::fmt::Debug for RemoteArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteArgs").field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl TrackingArgs {
    /// The server that a command without a window was told to use. One that was chosen in the app is not meant for it.
    ///
    /// # Errors
    /// An address or a certificate that cannot be used.
    #[cfg(feature = "remote")]
    pub(super) fn remote_target(&self, settings: &Settings) -> anyhow::Result<Option<RemoteTarget>> {
        let Some(url) = self.server.remote.as_deref().map(str::trim).filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        let target = RemoteTarget {
            token: self.server.remote_token.clone(),
            ca: (!settings.remote_ca.is_empty()).then(|| settings.remote_ca.clone().into()),
            ..RemoteTarget::new(url.parse()?)
        };
        remote::check(&target)?;
        Ok(Some(target))
    }

    /// What tracks every frame in order: this machine, or the server that was named.
    ///
    /// # Errors
    /// Models that cannot be opened, a server that cannot be reached.
    pub(super) fn offline_tracker(
        &self,
        settings: &Settings,
        options: PipelineOptions,
        smoothing: SmoothingParams,
    ) -> anyhow::Result<OfflineTracker> {
        #[cfg(feature = "remote")]
        if let Some(target) = self.remote_target(settings)? {
            return Ok(OfflineTracker::new(FileTracker::open_remote(&target, options, self.fps)?, smoothing));
        }
        #[cfg(not(feature = "remote"))]
        let _ = settings;
        Ok(OfflineTracker::open(options, smoothing, self.fps)?)
    }

    /// Settings in their four layers: defaults, file, environment, these arguments.
    ///
    /// # Errors
    /// An unreadable settings file or a value out of its range, in words.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = match settings_path() {
            Some(path) => Settings::load(&path)?,
            None => Settings::default(),
        };
        let Self {
            model,
            short_side,
            smoothing,
            alpha,
            min_cutoff,
            beta,
            mirror,
            no_mirror,
            no_fit,
            no_root_motion,
            no_foot_lock,
            field_of_view,
            height_cm,
            threads,
            fps,
            hands,
            no_hands,
            hands_only,
            people,
            provider,
            fixed_quality,
            #[cfg(feature = "remote")]
            server,
        } = self;
        #[cfg(feature = "remote")]
        {
            settings.remote = server.remote.clone().unwrap_or(settings.remote);
            settings.remote_ca = server.remote_ca.clone().unwrap_or(settings.remote_ca);
            settings.remote_fallback_s = server.remote_fallback_s.unwrap_or(settings.remote_fallback_s);
        }
        settings.model = model.unwrap_or(settings.model);
        settings.short_side = short_side.unwrap_or(settings.short_side);
        settings.smoothing = smoothing.unwrap_or(settings.smoothing);
        settings.alpha = alpha.unwrap_or(settings.alpha);
        settings.min_cutoff = min_cutoff.unwrap_or(settings.min_cutoff);
        settings.beta = beta.unwrap_or(settings.beta);
        settings.threads = threads.unwrap_or(settings.threads);
        settings.provider = provider.unwrap_or(settings.provider);
        settings.fixed_quality |= *fixed_quality;
        settings.fit &= !no_fit;
        settings.root_motion &= !no_root_motion;
        settings.foot_lock &= !no_foot_lock;
        settings.field_of_view = field_of_view.unwrap_or(settings.field_of_view);
        settings.height_cm = height_cm.unwrap_or(settings.height_cm);
        settings.people = people.unwrap_or(settings.people);
        for (asked, mode) in [(hands, HandsMode::On), (no_hands, HandsMode::Off), (hands_only, HandsMode::Only)] {
            if *asked {
                settings.hands = mode;
            }
        }
        settings.mirror = (settings.mirror || *mirror) && !no_mirror;
        settings.check().map_err(anyhow::Error::msg).context("these options cannot be used")?;
        if let Some(fps) = fps
            && !(*fps > 0.0 && *fps <= 1000.0)
        {
            bail!("--fps must be above 0 and at most 1000, not {fps}");
        }
        Ok(settings)
    }
}
