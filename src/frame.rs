//! What travels between the threads: pictures on the way in, tracked people on the way out.

use std::ops::{Index, IndexMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::motion::session::{ActorFrame, Continuity, MotionFrame, MotionInput};
use crate::motion::{BodyPose, Hands};

/// An 8-bit RGB picture, rows packed without padding, origin top left.
///
/// Large buffers are used again: a picture that is dropped leaves its own to the next one of about its size, so that a
/// stream of pictures allocates nothing once it runs.
#[derive(Debug, PartialEq, Eq, Default)]
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

    /// A buffer of `length` bytes for the pixels of a picture: a used one, with whatever it held, or a new one of zeros.
    #[must_use]
    pub fn buffer(length: usize) -> Vec<u8> {
        let mut spares = SPARES.lock().unwrap_or_else(PoisonError::into_inner);
        // A buffer much larger than asked for is left to pictures of its size.
        let fitting = spares.iter().position(|spare| (length..=2 * length).contains(&spare.buffer.capacity()));
        let mut buffer = fitting.map(|index| spares.remove(index).buffer).unwrap_or_default();
        drop(spares);
        buffer.resize(length, 0);
        buffer
    }
}

impl Clone for RgbImage {
    fn clone(&self) -> Self {
        let mut data = Self::buffer(self.data.len());
        data.copy_from_slice(&self.data);
        Self { width: self.width, height: self.height, data }
    }
}

/// A buffer of a picture that was dropped.
struct Spare {
    buffer: Vec<u8>,
    /// Pictures that were dropped while nobody had a use for it.
    passed_over: u32,
}

/// Buffers of pictures that were dropped, the oldest first.
static SPARES: Mutex<Vec<Spare>> = Mutex::new(Vec::new());
/// As many as are on their way between the threads at most.
const MAX_SPARES: usize = 8;
/// A buffer for which there was no use while so many pictures were dropped is of a size that is used no more.
const MOST_PASSED_OVER: u32 = 300;
/// Smaller buffers are not worth keeping, bytes.
const MIN_SPARE: usize = 1 << 14;

impl Drop for RgbImage {
    fn drop(&mut self) {
        if self.data.capacity() < MIN_SPARE {
            return;
        }
        let data = std::mem::take(&mut self.data);
        let mut spares = SPARES.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = (spares.len() >= MAX_SPARES).then(|| spares.remove(0));
        spares.iter_mut().for_each(|spare| spare.passed_over += 1);
        let useless: Vec<Spare> = spares.extract_if(.., |spare| spare.passed_over > MOST_PASSED_OVER).collect();
        spares.push(Spare { buffer: data, passed_over: 0 });
        drop(spares);
        // Freed only after others may go on.
        drop((oldest, useless));
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
    /// What it is to the frame before. Where frames are lost on the way, the strongest break of those lost counts.
    pub continuity: Continuity,
    /// Whether it is a picture that stands alone rather than a moment of a clip.
    pub is_still: bool,
}

impl Frame {
    /// A moment of a clip, just captured, that follows the one before.
    #[must_use]
    pub fn new(frame_id: u64, captured_at: Instant, time_s: f64, image: RgbImage) -> Self {
        Self { frame_id, captured_at, time_s, image, decode_ms: 0.0, continuity: Continuity::Follows, is_still: false }
    }
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
    /// Pixels to compressed bytes, where a server tracks; it then says `detect`, `pose` and `hands`.
    pub encode: f32,
    /// On the way to that server and back.
    pub network: f32,
    /// Everything else there: waiting for its turn, decoding.
    pub remote: f32,
}

/// Milliseconds that have passed since then: what stands in [`Timings`].
#[must_use]
pub fn milliseconds_since(start: Instant) -> f32 {
    start.elapsed().as_secs_f32() * 1e3
}

/// A stage of a frame's way to a pose, or a sum of them: what [`Timings`] has a figure for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the figures are documented in `Timings`")]
pub enum Stage {
    Decode,
    Downscale,
    Encode,
    Network,
    /// [`Timings::remote`].
    Server,
    Detect,
    Pose,
    Hands,
    Angles,
    Smoothing,
    Model,
    Total,
}

impl Stage {
    /// Every figure of [`Timings`]: the stages in the order in which a frame goes through them, then the sums.
    pub const ALL: [Self; 12] = [
        Self::Decode,
        Self::Downscale,
        Self::Encode,
        Self::Network,
        Self::Server,
        Self::Detect,
        Self::Pose,
        Self::Hands,
        Self::Angles,
        Self::Smoothing,
        Self::Model,
        Self::Total,
    ];

    /// The stages that whoever tracks a frame measures: neither the way to a server nor the sums.
    pub const TRACKING: [Self; 7] =
        [Self::Decode, Self::Downscale, Self::Detect, Self::Pose, Self::Hands, Self::Angles, Self::Smoothing];

    /// The name in figures and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Downscale => "downscale",
            Self::Encode => "encode",
            Self::Network => "network",
            Self::Server => "server",
            Self::Detect => "detect",
            Self::Pose => "pose",
            Self::Hands => "hands",
            Self::Angles => "angles",
            Self::Smoothing => "smoothing",
            Self::Model => "model",
            Self::Total => "total",
        }
    }

    /// Whether only frames go through it that a server tracks. Whoever tracks a frame itself has no figure for it.
    #[must_use]
    pub const fn is_of_the_way(self) -> bool {
        matches!(self, Self::Encode | Self::Network | Self::Server)
    }
}

impl Index<Stage> for Timings {
    type Output = f32;

    fn index(&self, stage: Stage) -> &f32 {
        match stage {
            Stage::Decode => &self.decode,
            Stage::Downscale => &self.downscale,
            Stage::Encode => &self.encode,
            Stage::Network => &self.network,
            Stage::Server => &self.remote,
            Stage::Detect => &self.detect,
            Stage::Pose => &self.pose,
            Stage::Hands => &self.hands,
            Stage::Angles => &self.angles,
            Stage::Smoothing => &self.smoothing,
            Stage::Model => &self.model,
            Stage::Total => &self.total,
        }
    }
}

impl IndexMut<Stage> for Timings {
    fn index_mut(&mut self, stage: Stage) -> &mut f32 {
        match stage {
            Stage::Decode => &mut self.decode,
            Stage::Downscale => &mut self.downscale,
            Stage::Encode => &mut self.encode,
            Stage::Network => &mut self.network,
            Stage::Server => &mut self.remote,
            Stage::Detect => &mut self.detect,
            Stage::Pose => &mut self.pose,
            Stage::Hands => &mut self.hands,
            Stage::Angles => &mut self.angles,
            Stage::Smoothing => &mut self.smoothing,
            Stage::Model => &mut self.model,
            Stage::Total => &mut self.total,
        }
    }
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
    /// Everybody in view, the nearest and most central first; empty when nobody is.
    pub people: Vec<BodyPose>,
    /// Where hands are tracked without bodies: one left and one right hand in view.
    pub loose_hands: Hands,
    /// What it cost.
    pub timings: Timings,
    /// The picture that was tracked, scaled down as asked for: what a preview shows under the skeleton.
    pub picture: Arc<RgbImage>,
    /// As in [`Frame`].
    pub continuity: Continuity,
    /// Hands of an earlier picture that became known with this frame, where hands are tracked beside the bodies.
    pub measured_hands: Option<Arc<MeasuredHands>>,
}

/// The hands that were seen in one picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MeasuredHands {
    /// That picture's [`Frame::frame_id`].
    pub frame_id: u64,
    /// The hands of everybody in it, by the person's id, in pixels of the source.
    pub hands: Vec<(u32, Hands)>,
}

impl TrackedFrame {
    /// A frame of this moment in which nobody is seen.
    #[must_use]
    pub fn empty(frame_id: u64, captured_at: Instant, time_s: f64, picture: Arc<RgbImage>) -> Self {
        Self {
            frame_id,
            captured_at,
            time_s,
            width: picture.width,
            height: picture.height,
            people: Vec::new(),
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture,
            continuity: Continuity::Follows,
            measured_hands: None,
        }
    }

    /// What a [`MotionSession`](crate::motion::session::MotionSession) is told of it.
    #[must_use]
    pub fn motion_input(&self) -> MotionInput<'_> {
        MotionInput {
            time_s: self.time_s,
            continuity: self.continuity,
            size_px: (self.width, self.height),
            people: &self.people,
            loose_hands: &self.loose_hands,
        }
    }
}

/// A tracked frame with the motion that was made of it.
#[derive(Debug, Clone)]
pub struct PosedFrame {
    /// As it came from the tracker; its timings are completed with the cost of smoothing.
    pub tracked: TrackedFrame,
    /// Filtered people and solved poses.
    pub motion: MotionFrame,
}

impl PosedFrame {
    /// The tracked frame with its people and hands as they were filtered, and the avatars.
    #[must_use]
    pub fn filtered(self) -> (TrackedFrame, Vec<ActorFrame>) {
        let MotionFrame { continuity, people, loose_hands, actors, .. } = self.motion;
        (TrackedFrame { people, loose_hands, continuity, ..self.tracked }, actors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_stage_of_its_own() {
        let mut timings = Timings::default();
        for (index, stage) in Stage::ALL.into_iter().enumerate() {
            timings[stage] = 1.0 + index as f32;
        }
        for (index, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(timings[stage], 1.0 + index as f32, "{stage:?}");
        }
        // Without `..`: a new figure does not compile before it is in the list of stages.
        let Timings {
            decode,
            downscale,
            detect,
            pose,
            hands,
            angles,
            smoothing,
            total,
            model,
            encode,
            network,
            remote,
        } = timings;
        let mut figures =
            [decode, downscale, detect, pose, hands, angles, smoothing, total, model, encode, network, remote];
        figures.sort_by(f32::total_cmp);
        assert_eq!(figures, std::array::from_fn(|index| 1.0 + index as f32));
        let is_sum = |stage: &Stage| matches!(stage, Stage::Model | Stage::Total);
        let tracking = Stage::ALL.into_iter().filter(|stage| !stage.is_of_the_way() && !is_sum(stage));
        assert!(tracking.eq(Stage::TRACKING));
        let mut names = Stage::ALL.map(Stage::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn a_dropped_picture_leaves_its_buffer_to_the_next() {
        // A size that no other test uses, since all share the spares.
        let (width, height) = (613, 211);
        let length = width as usize * height as usize * 3;
        let picture = RgbImage::new(width, height, RgbImage::buffer(length)).expect("a picture");
        let place = picture.data.as_ptr();
        drop(picture);
        let again = RgbImage::buffer(length);
        assert_eq!(again.as_ptr(), place);
        assert_eq!(again.len(), length);
        let other = RgbImage::buffer(length);
        assert_ne!(other.as_ptr(), place, "a buffer in use is not given out");
    }

    #[test]
    fn a_buffer_of_a_size_that_is_used_no_more_is_freed() {
        let length = 7_001 * 3 * 1_000;
        let holds_large = || {
            let spares = SPARES.lock().unwrap_or_else(PoisonError::into_inner);
            spares.iter().any(|spare| spare.buffer.capacity() == length)
        };
        drop(RgbImage::new(7_001, 1_000, RgbImage::buffer(length)));
        for _ in 0..=MOST_PASSED_OVER {
            drop(RgbImage::new(500, 401, RgbImage::buffer(500 * 401 * 3)));
        }
        assert!(!holds_large());
    }

    #[test]
    fn a_copy_is_a_copy() {
        let picture = RgbImage::new(100, 100, (0..30_000).map(|value| value as u8).collect()).expect("a picture");
        let mut copy = picture.clone();
        assert_eq!(copy, picture);
        copy.data[7] ^= 1;
        assert_ne!(copy, picture);
    }
}
