//! `livedance models`.

use clap::Args;

/// Arguments of `models`.
#[derive(Debug, Clone, Args)]
pub(super) struct ModelsArgs {
    /// Print JSON instead of the table
    #[arg(long)]
    pub(super) json: bool,
}

/// Lists models.
pub(super) fn run(_args: &ModelsArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
