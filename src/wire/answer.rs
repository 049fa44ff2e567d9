//! What a server says about one frame, before it is put into any form.

use glam::{Quat, Vec3};

use crate::frame::TrackedFrame;
use crate::motion::angle::JointAngles;

/// What was seen in one frame of one client.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The frame's own; `None` where the client numbers nothing.
    pub sequence: Option<u64>,
    /// When the client took the picture, microseconds on its own clock; 0 where it did not say.
    pub captured_at_us: u64,
    /// The people, filtered as the client asked for. Its picture is empty.
    pub frame: TrackedFrame,
    /// The joint angles of each of the frame's people, as they stand there.
    pub angles: Vec<JointAngles>,
    /// For each person the pose of a humanoid's bones, where the client asked for it; else empty.
    pub rigs: Vec<RigPose>,
    /// From the frame's arrival to a worker's taking it up, milliseconds.
    pub wait_ms: f32,
    /// From the frame's arrival to this answer, milliseconds.
    pub total_ms: f32,
    /// Frames of this connection that were given up so far.
    pub dropped: u64,
}

/// A pose of VRM's normalised humanoid: facing +z, y up, every bone's rest rotation the identity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RigPose {
    /// Place of the hips, metres, y up from the floor.
    pub hips: Vec3,
    /// Rotations in the order of [`crate::motion::skeleton::HumanoidBone::ALL`].
    pub rotations: Vec<Quat>,
}
