//! `livedance run`.

use clap::Args;

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub(super) struct RunArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures [default: a camera if there is one, else the demo]
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
}

/// Opens the app.
pub(super) fn run(_args: &RunArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
