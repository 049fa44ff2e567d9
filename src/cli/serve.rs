//! `livedance serve`: the inference server.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Arg, Args};

use super::TrackingArgs;
use super::interrupt::Interrupts;
use crate::server::{Limits, Ordering, RunningServer, ServerOptions, TlsFiles};
use crate::settings::declared;

/// How often the command looks whether it should end.
const NOTICE_WITHIN: Duration = Duration::from_millis(50);

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
#[command(mut_args = without_clients_own)]
pub(super) struct ServeArgs {
    /// Where to listen; `0.0.0.0:8000` lets other machines in
    #[arg(long, value_name = "HOST:PORT", env = "LIVEDANCE_ADDR", default_value_t = ServerOptions::DEFAULT_ADDRESS)]
    addr: SocketAddr,
    /// TLS: the certificate chain, a PEM file
    #[arg(long, value_name = "PEM", requires = "tls_key", help_heading = "Access")]
    tls_cert: Option<PathBuf>,
    /// TLS: the certificate's private key, a PEM file
    #[arg(long, value_name = "PEM", requires = "tls_cert", help_heading = "Access")]
    tls_key: Option<PathBuf>,
    /// Ask every client for this token (`Authorization: Bearer …`, `?token=…`)
    #[arg(long, env = "LIVEDANCE_TOKEN", hide_env_values = true, help_heading = "Access")]
    token: Option<String>,
    /// Let pages of this origin connect, beside the server's own and those of localhost; `*` for all (may be repeated)
    #[arg(long, value_name = "ORIGIN", help_heading = "Access")]
    allow_origin: Vec<String>,
    /// Believe the `X-Forwarded-For` of this proxy (may be repeated)
    #[arg(long, value_name = "ADDRESS", help_heading = "Access")]
    trusted_proxy: Vec<IpAddr>,
    /// Inference workers, 0 for one a core
    #[arg(long, value_name = "N", default_value_t = 0)]
    workers: u16,
    /// What happens to frames that there is no time for, unless a client asks for something else
    #[arg(long, value_enum, default_value_t = Ordering::Latest)]
    ordering: Ordering,
    /// Bytes of one message at most
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().message_bytes, help_heading = "Limits")]
    max_message: usize,
    /// Longest side of a picture, pixels
    #[arg(long, value_name = "PX", default_value_t = Limits::default().image_side, help_heading = "Limits")]
    max_side: u32,
    /// Clients at once
    #[arg(long, value_name = "N", default_value_t = Limits::default().clients, help_heading = "Limits")]
    max_clients: usize,
    /// Clients at once from one address
    #[arg(long, value_name = "N", default_value_t = Limits::default().clients_per_address, help_heading = "Limits")]
    max_clients_per_address: usize,
    /// Frames a second of one client, and single pictures a second of one address
    #[arg(long, value_name = "N", default_value_t = Limits::default().frames_per_second, help_heading = "Limits")]
    max_fps: u32,
    /// People followed for one client
    #[arg(long, value_name = "N", default_value_t = Limits::default().people, help_heading = "Limits")]
    max_people: u32,
    /// Seconds of silence after which a connection is closed
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, help_heading = "Limits")]
    idle_timeout: f64,
    /// Seconds that a connection may take to say what it wants
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, help_heading = "Limits")]
    handshake_timeout: f64,
    /// Seconds that a client may leave an answer unread
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, help_heading = "Limits")]
    slow_reader_timeout: f64,
    /// Routes and namespaces that answer whatever is sent, for suites that test protocols
    #[arg(long, hide = true)]
    test_mode: bool,
    #[command(flatten)]
    tracking: TrackingArgs,
}

/// Settings that mean nothing to a server: its clients choose the source, its clock and how people are shown, and nobody
/// tracks for it.
const CLIENTS_OWN: [&str; 5] = ["mirror", "fixed_quality", "remote", "remote_ca", "remote_fallback_s"];

/// Whether an option of tracking, by its name, is for a server's clients.
fn is_clients_own(option: &str) -> bool {
    let mut settings = declared().filter(|setting| CLIENTS_OWN.contains(&setting.key));
    ["fps", "remote-token"].contains(&option)
        || settings.any(|setting| setting.flags.iter().any(|flag| flag.name == option))
}

/// Leaves these options out of the help, and the token's variable, which is meant for clients on the same machine, unread.
fn without_clients_own(arg: Arg) -> Arg {
    let is_clients = arg.get_long().is_some_and(is_clients_own);
    if is_clients { arg.hide(true).env(Resettable::Reset) } else { arg }
}

/// Ends the program, as for any other wrong usage, where such an option was given.
fn refuse_clients_own(tracking: &TrackingArgs) {
    if let Some(option) = tracking.given().into_iter().find(|option| is_clients_own(option)) {
        let message = format!("--{option} is of no use to a server: give it to the command that is its client\n");
        clap::Error::raw(ErrorKind::ArgumentConflict, message).exit();
    }
}

/// Serves until Ctrl-C or a kill.
pub(super) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    refuse_clients_own(&args.tracking);
    let options = options(args)?;
    let interrupts = Interrupts::watch()?;
    let secure = options.tls.is_some();
    // Each client takes a file descriptor, and systems start programs with few. With those there are, it works too.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "opening the models …");
    drop(stderr);
    let server = RunningServer::start(options)?;
    let scheme = if secure { "https" } else { "http" };
    let address = server.address();
    let _ = writeln!(
        io::stderr().lock(),
        "listening on {scheme}://{address} (status: {scheme}://{address}/status); Ctrl-C ends it"
    );
    while !interrupts.is_asked() {
        std::thread::sleep(NOTICE_WITHIN);
    }
    let _ = writeln!(io::stderr().lock(), "ending");
    server.stop();
    Ok(())
}

fn options(args: &ServeArgs) -> anyhow::Result<ServerOptions> {
    let seconds = |name: &str, value: f64| {
        Duration::try_from_secs_f64(value)
            .ok()
            .filter(|time| !time.is_zero())
            .with_context(|| format!("--{name} must be seconds above 0, not {value}"))
    };
    let limits = Limits {
        message_bytes: args.max_message,
        image_side: args.max_side,
        clients: args.max_clients,
        clients_per_address: args.max_clients_per_address,
        frames_per_second: args.max_fps,
        people: args.max_people,
        idle: seconds("idle-timeout", args.idle_timeout)?,
        handshake: seconds("handshake-timeout", args.handshake_timeout)?,
        slow_reader: seconds("slow-reader-timeout", args.slow_reader_timeout)?,
        ..Limits::default()
    };
    if limits.message_bytes < 1024 || limits.image_side == 0 || limits.frames_per_second == 0 || limits.people == 0 {
        bail!("limits must let something through: --max-message at least 1024, the others at least 1");
    }
    if args.token.as_ref().is_some_and(|token| token.trim().is_empty()) {
        bail!("--token (LIVEDANCE_TOKEN) is empty; give one, or leave it out to let everybody in");
    }
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    Ok(ServerOptions {
        tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
        token: args.token.clone(),
        allow_origins: args.allow_origin.clone(),
        trusted_proxies: args.trusted_proxy.clone(),
        ordering: args.ordering,
        workers: args.workers.into(),
        limits,
        test_mode: args.test_mode,
        ..ServerOptions::new(args.addr, args.tracking.settings()?)
    })
}
