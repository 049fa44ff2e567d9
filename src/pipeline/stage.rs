//! The two halves of the pipeline: bodies, then their hands. Each is driven by one thread at a time; the two may be
//! driven by different ones, the second a frame behind the first.

use std::time::Instant;

use glam::Vec3;

use super::scale::Downscaler;
use super::{HandsMode, PipelineOptions, milliseconds_since};
use crate::frame::{Frame, Timings, TrackedFrame};
use crate::inference::{
    Compute, HandMemory, HandTracker, HandTrackerOptions, InferenceError, ModelStore, PeopleMemory, PeopleTracker,
    PeopleTrackerOptions,
};
use crate::motion::{BodyPose, HandPose, Hands};

/// Seconds added to the previous time when a frame's own does not rise.
const TIME_STEP_S: f64 = 1e-3;

/// Scaling down, strictly rising time, bodies.
pub struct BodyStage {
    /// None where only hands are tracked.
    tracker: Option<PeopleTracker>,
    downscaler: Downscaler,
    clock: StreamClock,
}

/// The last picture of a stream.
#[derive(Debug, Clone, Copy, Default)]
struct StreamClock {
    time_s: Option<f64>,
    /// Its size: the tracker's regions only mean something in pictures of that size.
    size: Option<(u32, u32)>,
}

/// What a [`BodyStage`] knows of the pictures before, for whoever follows several streams with one stage.
pub struct BodyMemory {
    people: PeopleMemory,
    clock: StreamClock,
}

impl BodyMemory {
    /// A stream that begins, with at most so many people, at least 1.
    #[must_use]
    pub fn new(people: usize) -> Self {
        Self { people: PeopleMemory::new(people), clock: StreamClock::default() }
    }

    /// Follows at most so many people from now on, at least 1.
    pub fn set_people(&mut self, people: usize) {
        self.people.set_limit(people);
    }
}

impl BodyStage {
    /// Opens the models of `store` that `options` need.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(store: &ModelStore, options: PipelineOptions) -> Result<Self, InferenceError> {
        let PipelineOptions { model, threads, short_side, static_image, people, hands, provider } = options;
        let compute = Compute { threads, provider };
        let open =
            || PeopleTracker::open(store, PeopleTrackerOptions { variant: model, compute, people, static_image });
        let tracker = if hands == HandsMode::Only { None } else { Some(open()?) };
        Ok(Self { tracker, downscaler: Downscaler::new(short_side), clock: StreamClock::default() })
    }

    /// Tracks the bodies in one frame. Landmarks and `size_px` are in pixels of the frame's own picture, whatever it was
    /// scaled to.
    ///
    /// # Errors
    /// [`InferenceError::Run`] or [`InferenceError::Scale`]; the stage can go on with the next frame.
    pub fn process(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let start = Instant::now();
        let Frame { frame_id, captured_at, time_s, image, decode_ms, continuity, is_still: _ } = frame;
        if !continuity.follows() {
            self.reset();
        }
        let (width, height) = (image.width, image.height);
        let mut timings = Timings { decode: decode_ms, ..Timings::default() };
        let picture = self.downscaler.scale(image)?;
        timings.downscale = milliseconds_since(start);

        let time_s = strictly_rising(self.clock.time_s, time_s);
        self.clock.time_s = Some(time_s);
        let size = (picture.width, picture.height);
        let mut people = Vec::new();
        if let Some(tracker) = &mut self.tracker {
            if self.clock.size.replace(size).is_some_and(|last| last != size) {
                tracker.reset();
            }
            people = tracker.track(&picture, time_s, &mut timings)?;
        }
        let empty = TrackedFrame::empty(frame_id, captured_at, time_s, picture);
        let mut frame = TrackedFrame { width, height, people, timings, continuity, ..empty };
        let factor = source_from_picture(&frame);
        frame.people.iter_mut().for_each(|body| enlarge(body, factor));
        frame.timings.total = frame.timings.decode + milliseconds_since(start);
        Ok(frame)
    }

    /// Scales later pictures down to this short side; 0 never scales. No model is opened anew.
    pub const fn set_short_side(&mut self, short_side: u32) {
        self.downscaler.set_short_side(short_side);
    }

    /// Forgets everybody and the clock.
    fn reset(&mut self) {
        if let Some(tracker) = &mut self.tracker {
            tracker.reset();
        }
        self.clock = StreamClock::default();
    }

    /// Puts another stream's memory in, and takes the one that was there out.
    pub fn swap_memory(&mut self, memory: &mut BodyMemory) {
        if let Some(tracker) = &mut self.tracker {
            tracker.swap_memory(&mut memory.people);
        }
        std::mem::swap(&mut self.clock, &mut memory.clock);
    }
}

/// Hands of the bodies that the first stage found, or hands alone.
pub struct HandStage {
    tracker: HandTracker,
    mode: HandsMode,
    last_size: Option<(u32, u32)>,
}

/// What a [`HandStage`] knows of the pictures before, for whoever follows several streams with one stage.
#[derive(Default)]
pub struct HandStageMemory {
    hands: HandMemory,
    last_size: Option<(u32, u32)>,
}

impl HandStage {
    /// Opens the models of `store`. With `side_by_side` two hands are looked at at the same time, on two threads.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(store: &ModelStore, options: PipelineOptions, side_by_side: bool) -> Result<Self, InferenceError> {
        let tracker = HandTracker::open(
            store,
            HandTrackerOptions {
                variant: options.model,
                compute: Compute { threads: options.threads, provider: options.provider },
                side_by_side,
            },
        )?;
        Ok(Self { tracker, mode: options.hands, last_size: None })
    }

    /// Adds the hands, in pixels of the frame's own picture like the bodies.
    ///
    /// # Errors
    /// [`InferenceError::Run`]; the stage can go on with the next frame.
    pub fn process(&mut self, frame: &mut TrackedFrame) -> Result<(), InferenceError> {
        let start = Instant::now();
        if !frame.continuity.follows() {
            self.reset();
        }
        let size = (frame.picture.width, frame.picture.height);
        if self.last_size.replace(size).is_some_and(|last| last != size) {
            self.tracker.reset();
        }
        let factor = source_from_picture(frame);
        if self.mode == HandsMode::Only {
            let hands = self.tracker.track_alone(&frame.picture, frame.time_s, &mut frame.timings)?;
            frame.loose_hands = enlarge_hands(&hands, factor);
        } else if !frame.people.is_empty() {
            let TrackedFrame { picture, people, time_s, timings, .. } = &mut *frame;
            let hands = self.tracker.track_people(picture, people, factor.recip().truncate(), *time_s, timings)?;
            for (body, hands) in frame.people.iter_mut().zip(hands) {
                body.hands = enlarge_hands(&hands, factor);
            }
        }
        frame.timings.total += milliseconds_since(start);
        Ok(())
    }

    /// Forgets every hand.
    fn reset(&mut self) {
        self.tracker.reset();
        self.last_size = None;
    }

    /// Puts another stream's memory in, and takes the one that was there out.
    pub const fn swap_memory(&mut self, memory: &mut HandStageMemory) {
        self.tracker.swap_memory(&mut memory.hands);
        std::mem::swap(&mut self.last_size, &mut memory.last_size);
    }
}

/// Moves people and hands that are in pixels of the tracked picture into those of the source.
#[cfg(feature = "remote")]
pub(super) fn enlarge_people(frame: &mut TrackedFrame) {
    let factor = source_from_picture(frame);
    for body in &mut frame.people {
        enlarge(body, factor);
        body.hands = enlarge_hands(&body.hands, factor);
    }
}

/// What turns pixels of the tracked picture into those of the source, z with x's scale.
fn source_from_picture(frame: &TrackedFrame) -> Vec3 {
    let across = frame.width as f32 / frame.picture.width.max(1) as f32;
    Vec3::new(across, frame.height as f32 / frame.picture.height.max(1) as f32, across)
}

/// Moves the body into a picture that is `factor` times as large.
fn enlarge(body: &mut BodyPose, factor: Vec3) {
    for landmark in &mut body.image {
        landmark.position *= factor;
    }
    body.size_px *= factor.x.max(factor.y);
}

fn enlarge_hands(hands: &Hands, factor: Vec3) -> Hands {
    let enlarge = |hand: HandPose| HandPose { image: hand.image.map(|point| point * factor), ..hand };
    Hands { left: hands.left.map(enlarge), right: hands.right.map(enlarge) }
}

/// `time_s`, or a little after `last` when it does not lie after it or is no number.
fn strictly_rising(last: Option<f64>, time_s: f64) -> f64 {
    match last {
        Some(last) if !(time_s > last && time_s.is_finite()) => last + TIME_STEP_S,
        None if !time_s.is_finite() => 0.0,
        _ => time_s,
    }
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
