//! `livedance devices`.

use clap::Args;

/// Arguments of `devices`.
#[derive(Debug, Clone, Args)]
pub(super) struct DevicesArgs {
    /// Print JSON instead of the table
    #[arg(long)]
    pub(super) json: bool,
}

/// Lists cameras.
pub(super) fn run(_args: &DevicesArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
