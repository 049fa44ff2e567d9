//! The inference server: pictures in, poses out, for many clients at once.
//!
//! ```text
//! connection ──frames──▶ inbox ─┐                       ┌─▶ outbox ──answers──▶ connection
//! connection ──frames──▶ inbox ─┼─▶ line ──▶ workers ───┼─▶ outbox ──answers──▶ connection
//! connection ──frames──▶ inbox ─┘   one turn each       └─▶ outbox ──answers──▶ connection
//! ```
//!
//! A connection only moves bytes: it is always read, and never waits for a worker. What waits is bounded at both ends, and
//! what is given up is counted. Workers own the models; a client owns what tracking remembers of its pictures, and a worker
//! takes that up for one frame. So memory and open files grow neither with frames nor with clients that come and go.

mod access;
mod answer_queue;
mod client;
mod clock;
mod connection;
mod crowd;
#[cfg(test)]
mod documented;
mod error;
mod gauges;
mod halfway;
mod http;
mod hub;
mod inbox;
mod listener;
mod metrics;
mod options;
mod outbox;
mod rig;
mod running;
mod schedule;
mod stats;
mod still;
mod tls;
mod watched_socket;
mod web;
mod websocket_frames;
mod worker;

pub use error::ServerError;
pub use options::{ClientConfig, Limits, ServerOptions, TlsFiles};
pub use running::RunningServer;

pub use crate::wire::choices::Ordering;
