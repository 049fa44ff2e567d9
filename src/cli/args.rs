//! Options that all tracking commands share, laid over the settings.

use anyhow::bail;
use clap::Args;

#[cfg(feature = "remote")]
use super::setting_options::Remote;
use super::setting_options::{Given, Tracking};
use crate::motion::filter::SmoothingParams;
use crate::pipeline::PipelineOptions;
use crate::pipeline::offline::{FileTracker, OfflineTracker};
#[cfg(feature = "remote")]
use crate::pipeline::remote::{self, RemoteTarget};
use crate::settings::Settings;
#[cfg(feature = "remote")]
use crate::settings::{Setting, declared};

/// Options of every command that tracks. What is not given comes from `LIVEDANCE_*`, the settings file or the defaults.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Tracking")]
pub struct TrackingArgs {
    #[command(flatten)]
    options: Given<Tracking>,
    /// Frames per second of the clock given to the filters, instead of the source's own times
    #[arg(long, value_name = "F")]
    pub fps: Option<f64>,
    /// Where a server is to track
    #[cfg(feature = "remote")]
    #[command(flatten)]
    server: RemoteArgs,
}

/// A server that tracks.
#[cfg(feature = "remote")]
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Remote tracking")]
struct RemoteArgs {
    #[command(flatten)]
    options: Given<Remote>,
    /// Token for a server that asks for one
    #[arg(long, value_name = "TOKEN", env = "LIVEDANCE_REMOTE_TOKEN", hide_env_values = true)]
    remote_token: Option<String>,
}

// A token must not get into a log.
#[cfg(feature = "remote")]
impl std::fmt::Debug for RemoteArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteArgs").field("options", &self.options).finish_non_exhaustive()
    }
}

impl TrackingArgs {
    /// The token for a server that asks for one, if any was given.
    #[cfg(feature = "remote")]
    pub(super) fn remote_token(&self) -> Option<String> {
        self.server.remote_token.clone()
    }

    /// The server that a command without a window was told to use, on the command line or by its variable. One that was
    /// chosen in the app is not meant for it.
    ///
    /// # Errors
    /// An address or a certificate that cannot be used.
    #[cfg(feature = "remote")]
    pub(super) fn remote_target(&self, settings: &Settings) -> anyhow::Result<Option<RemoteTarget>> {
        let variable = declared().find(|setting| setting.key == "remote").and_then(Setting::variable);
        let by_variable = || variable.is_some_and(|name| std::env::var_os(name).is_some());
        let is_meant = self.server.options.text("remote").is_some() || by_variable();
        let url = settings.remote.trim();
        if !is_meant || url.is_empty() {
            return Ok(None);
        }
        let target = RemoteTarget {
            token: self.remote_token(),
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
        let mut settings = Settings::load_usual()?;
        self.options.lay_over(&mut settings)?;
        #[cfg(feature = "remote")]
        self.server.options.lay_over(&mut settings)?;
        if let Some(fps) = self.fps
            && !(fps > 0.0 && fps <= 1000.0)
        {
            bail!("--fps must be above 0 and at most 1000, not {fps}");
        }
        Ok(settings)
    }

    /// The shorter side that pictures of files are scaled down to: as these arguments say, else their full size. What the
    /// settings say is meant for live sources.
    pub(super) fn short_side_of_files(&self, settings: &Settings) -> u32 {
        if self.options.text("short_side").is_some() { settings.short_side } else { 0 }
    }

    /// The options that were given, without their dashes.
    #[cfg(feature = "server")]
    pub(super) fn given(&self) -> Vec<&'static str> {
        let mut given: Vec<_> = self.options.names().chain(self.server.options.names()).collect();
        given.extend(self.fps.map(|_| "fps"));
        given.extend(self.server.remote_token.as_ref().map(|_| "remote-token"));
        given
    }
}
