//! `livedance render`.

use clap::Args;

/// Arguments of `render`.
#[derive(Debug, Clone, Args)]
pub(super) struct RenderArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// The video to write
    #[arg(short, long, value_name = "OUT.mp4")]
    pub(super) output: std::path::PathBuf,
}

/// Renders offscreen.
pub(super) fn run(_args: &RenderArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
