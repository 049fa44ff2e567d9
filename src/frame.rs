//! What travels between the threads: pictures on the way in, tracked people on the way out.

use std::sync::Arc;
use std::time::Instant;

use crate::motion::BodyPose;

/// An 8-bit RGB picture, rows packed without padding, origin top left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RgbImage {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 3` bytes.
    pub data: Vec<u8>,
}

impl RgbImage {
    /// Wraps packed RGB bytes. Returns `None` when the length is not `width * height * 3` or a side is zero.
    #[must_use]
    pub fn new(width: u32, height: u32, data: Vec<u8>) -> Option<Self> {
        let expected = (width as usize).checked_mul(height as usize)?.checked_mul(3)?;
        (expected > 0 && data.len() == expected).then_some(Self { width, height, data })
    }
}

/// One picture with its times.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Counts the pictures of this source from zero, lost ones included.
    pub frame_id: u64,
    /// When the picture arrived in this process; latency is measured from here.
    pub captured_at: Instant,
    /// The source's own clock in seconds: a video's presentation time, a camera's seconds since it was opened.
    /// Filters run on this.
    pub time_s: f64,
    /// The picture, at the source's full size.
    pub image: RgbImage,
    /// Milliseconds that decoding this picture took.
    pub decode_ms: f32,
}

/// Milliseconds each stage took for one frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// Compressed bytes to pixels.
    pub decode: f32,
    /// Full size to the short side asked for.
    pub downscale: f32,
    /// Person detector, zero while tracking.
    pub detect: f32,
    /// Region, crop, landmark model and its decoding.
    pub pose: f32,
    /// Hands.
    pub hands: f32,
    /// Joint angles.
    pub angles: f32,
    /// Landmark filters.
    pub smoothing: f32,
    /// Everything above together with what lies between.
    pub total: f32,
    /// Time inside the ONNX models alone (part of `detect`, `pose` and `hands`).
    pub model: f32,
}

/// What the tracker made of one frame.
#[derive(Debug, Clone)]
pub struct TrackedFrame {
    /// As in [`Frame`].
    pub frame_id: u64,
    /// As in [`Frame`].
    pub captured_at: Instant,
    /// As in [`Frame`], but strictly rising from one tracked frame to the next.
    pub time_s: f64,
    /// Size of the source picture in pixels.
    pub width: u32,
    /// Size of the source picture in pixels.
    pub height: u32,
    /// Everybody in view; empty when nobody is.
    pub people: Vec<BodyPose>,
    /// What it cost.
    pub timings: Timings,
    /// The picture that was tracked, scaled down as asked for: what a preview shows under the skeleton.
    pub picture: Arc<RgbImage>,
}
