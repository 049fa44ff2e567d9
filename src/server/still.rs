//! A picture that belongs to nobody's stream: `POST /estimate_pose`.

use std::time::Instant;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::error::Fault;
use crate::frame::TrackedFrame;
use crate::motion::angle::JointAngles;

/// A picture, and who waits for its people.
pub(super) struct StillJob {
    pub(super) image: Bytes,
    pub(super) arrived: Instant,
    pub(super) reply: oneshot::Sender<Result<StillAnswer, Fault>>,
}

/// What was seen in such a picture.
pub(super) struct StillAnswer {
    pub(super) frame: TrackedFrame,
    /// The joint angles of each of its people.
    pub(super) angles: Vec<JointAngles>,
}
