//! `livedance bench`.

use clap::Args;

/// Arguments of `bench`.
#[derive(Debug, Clone, Args)]
pub(super) struct BenchArgs {
    /// `camera`, `camera:N`, `demo`, a video or picture file, or a folder of pictures
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) tracking: super::TrackingArgs,
    /// Frames to measure; a shorter source is repeated [default: one pass]
    #[arg(long, value_name = "N")]
    pub(super) frames: Option<u64>,
    /// Print one JSON object instead of the table
    #[arg(long)]
    pub(super) json: bool,
}

/// Measures.
pub(super) fn run(_args: &BenchArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
