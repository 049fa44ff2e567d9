//! Frames in, tracked people out: the one use of the tracker that files, benchmarks and the live app share.

pub mod live;
pub mod offline;
mod scale;

use std::time::Instant;

use glam::Vec3;

use crate::frame::{Frame, Timings, TrackedFrame};
use crate::inference::{BodyTracker, BodyTrackerOptions, InferenceError, ModelStore};
use crate::motion::BodyPose;
use crate::settings::ModelVariant;
use scale::Downscaler;

/// Seconds added to the previous time when a frame's own does not rise.
const TIME_STEP_S: f64 = 1e-3;

/// How a [`Pipeline`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineOptions {
    /// Landmark model.
    pub model: ModelVariant,
    /// Threads of each inference session, at least 1.
    pub threads: usize,
    /// Pictures whose shorter side is longer are scaled down to it; 0 never scales.
    pub short_side: u32,
    /// Every picture stands alone: detected afresh, with a new id for each person found.
    pub static_image: bool,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self { model: ModelVariant::default(), threads: 1, short_side: 0, static_image: false }
    }
}

/// The synchronous pipeline: scaling down, strictly rising time, tracking. Landmarks come out unsmoothed.
pub struct Pipeline {
    tracker: BodyTracker,
    downscaler: Downscaler,
    last_time_s: Option<f64>,
    /// Size of the last picture that was tracked: the tracker's region only means something in pictures of that size.
    last_size: Option<(u32, u32)>,
}

impl Pipeline {
    /// Opens the pipeline with the models that ship with the program.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(options: PipelineOptions) -> Result<Self, InferenceError> {
        Self::with_store(&ModelStore::shipped()?, options)
    }

    /// Opens the pipeline with the models of `store`.
    ///
    /// # Errors
    /// As [`Pipeline::open`].
    pub fn with_store(store: &ModelStore, options: PipelineOptions) -> Result<Self, InferenceError> {
        let PipelineOptions { model, threads, short_side, static_image } = options;
        let tracker = BodyTracker::open(store, BodyTrackerOptions { variant: model, threads, static_image })?;
        Ok(Self { tracker, downscaler: Downscaler::new(short_side), last_time_s: None, last_size: None })
    }

    /// Tracks one frame. Landmarks and `size_px` are in pixels of the frame's own picture, whatever it was scaled to.
    ///
    /// # Errors
    /// [`InferenceError::Run`] or [`InferenceError::Scale`]; the pipeline can go on with the next frame.
    pub fn process(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let start = Instant::now();
        let Frame { frame_id, captured_at, time_s, image, decode_ms } = frame;
        let (width, height) = (image.width, image.height);
        let mut timings = Timings { decode: decode_ms, ..Timings::default() };
        let picture = self.downscaler.scale(image)?;
        timings.downscale = milliseconds_since(start);

        let time_s = self.rising_time(time_s);
        let size = (picture.width, picture.height);
        if self.last_size.replace(size).is_some_and(|last| last != size) {
            self.tracker.reset();
        }
        let body = self.tracker.track(&picture, time_s, &mut timings)?;
        let factor = Vec3::new(
            width as f32 / picture.width.max(1) as f32,
            height as f32 / picture.height.max(1) as f32,
            width as f32 / picture.width.max(1) as f32,
        );
        let people = body.into_iter().map(|body| enlarge(body, factor)).collect();
        timings.total = timings.decode + milliseconds_since(start);
        Ok(TrackedFrame { frame_id, captured_at, time_s, width, height, people, timings, picture })
    }

    /// Scales later pictures down to this short side; 0 never scales. No model is opened anew.
    pub fn set_short_side(&mut self, short_side: u32) {
        self.downscaler = Downscaler::new(short_side);
    }

    /// Forgets the person and the clock, as at the start of another source.
    pub fn reset(&mut self) {
        self.tracker.reset();
        self.last_time_s = None;
        self.last_size = None;
    }

    fn rising_time(&mut self, time_s: f64) -> f64 {
        let time_s = strictly_rising(self.last_time_s, time_s);
        self.last_time_s = Some(time_s);
        time_s
    }
}

/// `time_s`, or a little after `last` when it does not lie after it or is no number.
fn strictly_rising(last: Option<f64>, time_s: f64) -> f64 {
    match last {
        Some(last) if !(time_s > last && time_s.is_finite()) => last + TIME_STEP_S,
        None if !time_s.is_finite() => 0.0,
        _ => time_s,
    }
}

/// The body in a picture that is `factor` times as large.
fn enlarge(mut body: BodyPose, factor: Vec3) -> BodyPose {
    for landmark in &mut body.image {
        landmark.position *= factor;
    }
    body.size_px *= factor.x.max(factor.y);
    body
}

fn milliseconds_since(start: Instant) -> f32 {
    start.elapsed().as_secs_f32() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_always_rises() {
        let mut last = None;
        let mut times = Vec::new();
        for time_s in [0.5, 0.5, 0.2, f64::NAN, 1.0, f64::INFINITY, 1.5] {
            let time_s = strictly_rising(last, time_s);
            last = Some(time_s);
            times.push(time_s);
        }
        assert!(times.windows(2).all(|pair| pair[1] > pair[0]), "{times:?}");
        assert_eq!((times[0], times[4], times[6]), (0.5, 1.0, 1.5), "good times are kept");
        assert_eq!(strictly_rising(None, f64::NAN), 0.0);
    }
}
