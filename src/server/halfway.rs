//! A frame between its two halves, and where its client stands meanwhile.

use std::time::Instant;

use super::options::ClientConfig;
use crate::frame::TrackedFrame;

/// A frame whose bodies are known.
#[derive(Clone)]
pub(super) struct Halfway {
    pub(super) frame: TrackedFrame,
    /// Its place among the frames of its client, as workers took them up: rises strictly.
    pub(super) number: u64,
    /// Whether its answer waits for the hands.
    pub(super) is_awaited: bool,
    /// The client's own number; `None` where it numbers nothing.
    pub(super) sequence: Option<u64>,
    pub(super) captured_at_us: u64,
    pub(super) config: ClientConfig,
    pub(super) wait_ms: f32,
    pub(super) arrived: Instant,
}

/// Where one client stands. Kept beside the client, changed only under the lock of the schedule's lines.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) in_line: bool,
    pub(super) at_bodies: bool,
    pub(super) at_hands: bool,
    pub(super) halfway: Option<Box<Halfway>>,
}
