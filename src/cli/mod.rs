//! The command line: one file for each subcommand.
//!
//! Exit codes: 0 done, 1 failed with one clear line on stderr, 2 wrong usage, 130 and 143 interrupted by Ctrl-C or a kill,
//! likewise with one line.

mod args;
mod avatar_quality;
mod batch;
mod bench;
mod dance;
mod devices;
mod export;
mod interrupt;
mod memory_share;
mod models;
#[cfg(feature = "app")]
mod play;
mod quality;
#[cfg(feature = "app")]
mod quiet;
#[cfg(feature = "app")]
mod render;
mod resources;
#[cfg(feature = "app")]
mod run;
#[cfg(feature = "server")]
mod serve;
mod setting_options;
mod takes;
mod track;
mod track_folder;
mod track_output;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use args::TrackingArgs;

const WITHOUT_COMMAND: &str = "Without a command the app opens: `livedance demo` is `livedance run demo`.";

/// LiveDance: a camera or a video moves a rigged 3D avatar.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    args_conflicts_with_subcommands = true,
    after_help = WITHOUT_COMMAND,
    after_long_help = format!("{WITHOUT_COMMAND}\n{}", setting_options::variables_without_option())
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[cfg(feature = "app")]
    #[command(flatten)]
    run: run::RunArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the app: the avatar follows a camera, a video, pictures or the bundled demo
    #[cfg(feature = "app")]
    Run(run::RunArgs),
    /// Render source and avatar side by side into a video, without a window
    #[cfg(feature = "app")]
    Render(render::RenderArgs),
    /// Play games with the whole body
    #[cfg(feature = "app")]
    Play(play::PlayArgs),
    /// Track every frame of a source, in order, into JSON lines or a take
    Track(track::TrackArgs),
    /// Write takes in the formats that others read: BVH, GLB, VRMA, CSV, TRC, C3D, JSON
    Export(export::ExportArgs),
    /// Make a dance out of any motion: a take, a BVH file, a VRM animation, with music or a tapped beat
    Dance(dance::DanceArgs),
    /// List takes: name, length, people, whether they are whole
    Takes(takes::TakesArgs),
    /// Measure every stage on a source: milliseconds, frames per second, memory
    Bench(bench::BenchArgs),
    /// Serve poses to other machines: Socket.IO, HTTP, binary websocket, and a page for browsers
    #[cfg(feature = "server")]
    Serve(serve::ServeArgs),
    /// List the cameras and what they offer
    Devices(devices::DevicesArgs),
    /// List the models: present, source, licence, hash
    Models(models::ModelsArgs),
}

/// Parses the arguments and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever the causes were: scripts read it.
            let message = format!("{error:#}").replace('\n', " ");
            #[expect(clippy::print_stderr, reason = "the one line that a failed command owes its caller")]
            {
                eprintln!("error: {message}");
            }
            error.downcast_ref::<interrupt::Interrupted>().map_or(ExitCode::FAILURE, |asked| asked.code.into())
        }
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        #[cfg(feature = "app")]
        None => run::run(&cli.run),
        #[cfg(not(feature = "app"))]
        None => {
            use clap::CommandFactory as _;
            Cli::command().print_help()?;
            Ok(())
        }
        #[cfg(feature = "app")]
        Some(Command::Run(args)) => run::run(&args),
        #[cfg(feature = "app")]
        Some(Command::Render(args)) => render::run(&args),
        #[cfg(feature = "app")]
        Some(Command::Play(args)) => play::run(&args),
        Some(Command::Track(args)) => track::run(&args),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Dance(args)) => dance::run(&args),
        Some(Command::Takes(args)) => takes::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        #[cfg(feature = "server")]
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Devices(args)) => devices::run(&args),
        Some(Command::Models(args)) => models::run(&args),
    }
}

/// Logs go to stderr, `RUST_LOG` chooses. The app leaves Bevy's own log plugin out, so that there is one log.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("warn,livedance=info,wgpu=error,naga=error,bevy_render=error,ort=error")
    });
    // A second start (in tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .compact()
        .try_init();
}
