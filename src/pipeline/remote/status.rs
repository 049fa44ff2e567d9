//! What is known about a server and the way to it, for people to read.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::link::LinkState;
use crate::motion::statistics::{percentile, sorted};

/// How far back the times reach.
const WINDOW: Duration = Duration::from_secs(4);

/// Who tracks now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackedBy {
    /// The server, or nobody until it answers.
    Server,
    /// This machine, until the server answers again.
    ThisMachine,
}

/// Medians of the last seconds, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Trip {
    /// From a frame's leaving to its answer.
    pub round_trip_ms: f32,
    /// The server's share of it.
    pub server_ms: f32,
    /// The network's.
    pub network_ms: f32,
}

/// A snapshot of a server and the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteStatus {
    /// The server's address.
    pub address: String,
    /// What it calls itself; empty where it does not say.
    pub server: String,
    /// How the connection is doing.
    pub link: LinkState,
    /// Who tracks now.
    pub tracked_by: TrackedBy,
    /// Whether frames wait for an answer that this machine will soon give in the server's place.
    pub is_held: bool,
    /// Times of the last seconds; `None` without an answer in them.
    pub trip: Option<Trip>,
    /// Frames that were sent.
    pub sent: u64,
    /// Those that were answered.
    pub answered: u64,
    /// Those that were given up: overtaken by a newer one, or too late.
    pub dropped: u64,
    /// Frames on their way now, and at most.
    pub in_flight: usize,
    /// See above.
    pub window: usize,
    /// Bytes, quality and size of the last JPEG file; zeros before the first.
    pub jpeg: Jpeg,
    /// The last thing that the server, or its answers, gave reason to complain about; empty for nothing.
    pub problem: String,
}

/// A JPEG file that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Jpeg {
    /// Its length.
    pub bytes: usize,
    /// 1 to 100.
    pub quality: u8,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Times of the last seconds.
#[derive(Debug, Default)]
pub(super) struct Trips(VecDeque<(Instant, f32, f32)>);

impl Trips {
    pub(super) fn push(&mut self, now: Instant, round_trip_ms: f32, server_ms: f32) {
        self.0.push_back((now, round_trip_ms, server_ms));
        self.forget(now);
    }

    fn forget(&mut self, now: Instant) {
        while self.0.front().is_some_and(|(at, ..)| now.saturating_duration_since(*at) > WINDOW) {
            self.0.pop_front();
        }
    }

    pub(super) fn medians(&mut self, now: Instant) -> Option<Trip> {
        self.forget(now);
        let median = |of: fn(&(Instant, f32, f32)) -> f32| {
            percentile(&sorted(self.0.iter().map(|trip| f64::from(of(trip)))), 0.5).map(|median| median as f32)
        };
        Some(Trip {
            round_trip_ms: median(|(_, trip, _)| *trip)?,
            server_ms: median(|(_, _, server)| *server)?,
            network_ms: median(|(_, trip, server)| trip - server)?,
        })
    }
}
