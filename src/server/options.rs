//! How a server works.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use governor::Quota;

use crate::settings::{HandsMode, MAX_PEOPLE, ModelVariant, Settings, SmoothingMode};
use crate::wire::choices::Ordering;

/// Everything that can be chosen about a server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where it listens; port 0 for any that is free.
    pub address: SocketAddr,
    /// Certificate and key for TLS; none for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// What clients must show; none lets everybody in.
    pub token: Option<String>,
    /// Origins of pages that may connect, beside pages of this host and of localhost; `*` for any.
    pub allow_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Model, hardware, filters and their constants, and what else holds for clients that ask for nothing.
    pub settings: Settings,
    /// What holds for clients that ask for no ordering.
    pub ordering: Ordering,
    /// Inference workers; 0 for one a core.
    pub workers: usize,
    /// What clients may do at most.
    pub limits: Limits,
    /// Routes that answer whatever is sent, for suites that test protocols.
    pub test_mode: bool,
}

/// A certificate chain and its key, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What holds for one client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClientConfig {
    /// Whether hands are looked at.
    pub hands: bool,
    /// People followed at most.
    pub people: u32,
    /// Pictures are scaled down to this short side; 0 never scales.
    pub short_side: u32,
    /// Landmark filter.
    pub smoothing: SmoothingMode,
    /// What happens to frames that there is no time for.
    pub ordering: Ordering,
    /// Whether answers hold the pose of a humanoid's bones.
    pub rig: bool,
}

/// What clients may do at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Bytes of one message or one request's body.
    pub message_bytes: usize,
    /// Longest side of a picture, pixels.
    pub image_side: u32,
    /// Connections at once.
    pub clients: usize,
    /// Connections at once from one address.
    pub clients_per_address: usize,
    /// Frames a second of one client, and single pictures a second of one address.
    pub frames_per_second: u32,
    /// People followed for one client.
    pub people: u32,
    /// A connection from which nothing came for so long, not even the answer to a ping, is closed.
    pub idle: Duration,
    /// From a connection's first byte to its request's last.
    pub handshake: Duration,
    /// How long a client may leave an answer unread.
    pub slow_reader: Duration,
    /// How long a server that was asked to end works on.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 4 << 20,
            image_side: 4096,
            clients: 4096,
            clients_per_address: 256,
            frames_per_second: 120,
            people: MAX_PEOPLE,
            idle: Duration::from_secs(30),
            handshake: Duration::from_secs(5),
            slow_reader: Duration::from_secs(5),
            drain: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// How often one client may send a frame, and one address a single picture.
    pub(super) fn frame_quota(&self) -> Quota {
        Quota::per_second(NonZero::new(self.frames_per_second).unwrap_or(NonZero::<u32>::MIN))
    }
}

impl ServerOptions {
    /// The port of the original LiveDance backend.
    pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);

    /// A server at `address` that tracks as `settings` say, unless a client asks for something else.
    #[must_use]
    pub fn new(address: SocketAddr, settings: Settings) -> Self {
        Self {
            address,
            tls: None,
            token: None,
            allow_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            settings,
            ordering: Ordering::Latest,
            workers: 0,
            limits: Limits::default(),
            test_mode: false,
        }
    }

    /// Whether clients may have hands looked at: the workers open models for them.
    pub(super) fn has_hands(&self) -> bool {
        self.settings.hands != HandsMode::Off
    }

    /// What holds for a client that asks for nothing.
    pub(super) fn default_config(&self) -> ClientConfig {
        ClientConfig {
            hands: self.has_hands(),
            people: self.settings.people.min(self.limits.people),
            short_side: self.settings.short_side,
            smoothing: self.settings.smoothing,
            ordering: self.ordering,
            rig: false,
        }
    }

    /// The landmark model's name.
    pub(super) const fn model_name(&self) -> &'static str {
        match self.settings.model {
            ModelVariant::Lite => "lite",
            ModelVariant::Full => "full",
            ModelVariant::Heavy => "heavy",
        }
    }
}
