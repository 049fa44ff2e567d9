//! Tracking on a server in the place of this machine.
//!
//! ```text
//! inference thread ──JPEG──▶ Link ("remote" thread: connects, sends, reads) ──answers──▶ inference thread
//! ```
//!
//! - [`RemoteAddress`]: `ws://…` for a LiveDance server, `socketio+http://…` for an original backend.
//! - `connect`, `link`, `session`: the connection, on a thread of its own, opened anew whenever it is lost. `talk`: what is
//!   said on it, in both dialects, without sockets.
//! - `courier`: live frames out, answers back, matched by sequence. `pace`: how many at once, how large.
//! - `outlet`: what may be shown, in order and young; `ids`: numbers of people that outlast a change of trackers.
//! - [`offline`]: every frame in order, none lost.
//!
//! Invariants: nothing here makes the frame loop wait; nothing that is older than a second is shown; no more frames are
//! on their way than keep answers young, so that a slow link makes the avatar coarser, never later.
//!
//! A LiveDance server is asked for unsmoothed landmarks, which are smoothed here like those of this machine. An original
//! backend smooths by itself, follows one person, and gives 17 points: see [`crate::wire::coco`] for what that cannot show.

mod address;
mod connect;
pub(in crate::pipeline) mod courier;
mod error;
mod ids;
mod jpeg;
mod link;
pub mod offline;
pub(in crate::pipeline) mod outlet;
mod pace;
mod session;
mod status;
pub(in crate::pipeline) mod switch;
mod talk;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use address::{Dialect, RemoteAddress, RemoteTarget};
pub use error::RemoteError;
pub use link::LinkState;
pub use status::{Jpeg, RemoteStatus, TrackedBy, Trip};

use crate::inference::InferenceError;

/// Nothing older is shown.
pub(in crate::pipeline) const MOST_AGE: Duration = Duration::from_secs(1);

fn in_words(error: RemoteError) -> InferenceError {
    InferenceError::Remote { reason: error.to_string() }
}

/// Checks that the certificates of a target can be read, before anything is opened.
///
/// # Errors
/// [`RemoteError::Certificate`].
pub fn check(target: &RemoteTarget) -> Result<(), RemoteError> {
    match &target.ca {
        Some(_) if target.address.tls => connect::encryption(target.ca.as_deref()).map(drop),
        _ => Ok(()),
    }
}
