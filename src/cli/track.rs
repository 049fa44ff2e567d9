//! `livedance track`.

use clap::Args;

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
    pub(super) output: std::path::PathBuf,
}

/// Tracks every frame in order.
pub(super) fn run(_args: &TrackArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
