//! Two threads that never wait for anybody: one reads the source at its own pace, one tracks the newest frame.
//!
//! ```text
//! source thread ──Frame──▶ LatestSlot ──▶ inference thread ──PosedFrame──▶ LatestSlot ──▶ whoever draws
//! ```
//!
//! Motion is made on the inference thread, before the second slot, so that every tracked frame is filtered however slow
//! whoever draws is. What a frame is to the one before travels in the frame; where one is lost in a slot, the next one
//! inherits its break.
//!
//! Whatever goes wrong becomes a state that can be shown, and both threads stay alive: a camera that was lost is
//! opened again when it returns, a tracker that could not be opened is tried again when the options change. Times rise
//! for as long as the pipeline lives, across loops and changes of source; the tracker is reset at each such jump.

mod inference;
mod playback;
mod quality;
#[cfg(feature = "remote")]
mod remote;
mod source;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::PipelineOptions;
use super::poser::{MotionControl, Poser};
#[cfg(feature = "remote")]
use super::remote::{RemoteStatus, RemoteTarget};
use super::stack::{HandsPolicy, TrackingStack};
use crate::capture::{self, CaptureError, FrameSource, SourceInfo, SourceSpec};
use crate::frame::{Frame, PosedFrame, TrackedFrame};
use crate::helper_thread::panic_text;
use crate::inference::InferenceError;
use crate::settings::{HandsMode, ModelVariant, Provider};
use crate::slot::LatestSlot;
pub use quality::QualityStep;

/// What can be changed while the pipeline runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveOptions {
    /// Landmark model. A change reopens the tracker.
    pub model: ModelVariant,
    /// Threads of each inference session, at least 1. A change reopens the tracker.
    pub threads: usize,
    /// Frames are scaled down so that their shorter side has at most this many pixels; 0 never scales.
    pub short_side: u32,
    /// People followed at most. A change reopens the tracker.
    pub people: usize,
    /// Whether hands are tracked. A change reopens the tracker.
    pub hands: HandsMode,
    /// Which hardware runs the models. A change reopens the tracker.
    pub provider: Provider,
    /// Never give up quality when the machine cannot keep up.
    pub fixed_quality: bool,
    /// Whether files start again after their last frame.
    pub looping: bool,
}

/// How the source is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// Being opened.
    Opening,
    /// Frames come.
    Running,
    /// Held by the user.
    Paused,
    /// The last frame was shown.
    Ended,
    /// Not there now; it is tried again every second.
    Waiting {
        /// What is wrong and what to do.
        message: String,
    },
    /// Cannot be used; another source has to be chosen.
    Failed {
        /// What is wrong and what to do.
        message: String,
    },
}

/// How the tracker is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InferenceState {
    /// Models are being opened.
    Loading,
    /// Frames are tracked.
    Running,
    /// Nothing is tracked. It is tried again when the options change.
    Failed {
        /// What is wrong and what to do.
        message: String,
    },
}

/// A snapshot of the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveStatus {
    /// How the source is doing.
    pub source: SourceState,
    /// How the tracker is doing.
    pub inference: InferenceState,
    /// The source that is open, or was last.
    pub info: Option<SourceInfo>,
    /// Frames handed to the tracker's slot since the start.
    pub captured: u64,
    /// Of these, frames that were overwritten by a newer one before the tracker had time.
    pub dropped: u64,
    /// Frames that were tracked.
    pub tracked: u64,
    /// Frames of this source that arrived damaged and were left out.
    pub skipped: u64,
    /// What was given up so that tracking keeps up with the source.
    pub quality: QualityStep,
    /// What a source that still runs or ended by itself had to complain about, as a video that was cut off.
    pub warning: Option<String>,
    /// The server that tracks, and the way to it; `None` while everything is tracked on this machine.
    #[cfg(feature = "remote")]
    pub remote: Option<RemoteStatus>,
}

/// One step of tracking, as the inference thread drives it.
pub trait Tracker {
    /// Tracks one frame. Times of successive calls rise strictly; a frame whose continuity is broken makes it forget
    /// everybody.
    ///
    /// # Errors
    /// What is wrong, in words for the user.
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError>;

    /// What is wrong although the last frame was tracked, once: hands that fail.
    fn take_failure(&mut self) -> Option<InferenceError> {
        None
    }

    /// Frames are from now on scaled down to this short side; 0 never scales.
    fn set_short_side(&mut self, short_side: u32);

    /// Hands are from now on looked at in one of so many frames, at least 1.
    fn set_hand_interval(&mut self, frames: u32);
}

/// Opens a source on the source thread, or beside it while the one before still plays.
pub type OpenSource = Box<dyn Fn(&SourceSpec) -> Result<Box<dyn FrameSource>, CaptureError> + Send + Sync>;
/// Opens a tracker on the thread that tracks, where it stays.
pub type OpenTracker = Box<dyn Fn(PipelineOptions) -> Result<Box<dyn Tracker>, InferenceError> + Send + Sync>;

/// Sees every tracked frame on the inference thread: raw landmarks, none left out. It must not wait for anything.
pub type Tap = Arc<dyn Fn(&TrackedFrame) + Send + Sync>;

/// A source and a tracker, each on a thread of its own. Dropping it ends and joins both.
pub struct LivePipeline {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl LivePipeline {
    /// Starts both threads. Failures become [`LivePipeline::status`].
    #[must_use]
    pub fn start(spec: SourceSpec, options: LiveOptions) -> Self {
        Self::start_with(spec, options, Box::new(capture::open), here())
    }

    /// [`LivePipeline::start`] with a server that tracks. No model is opened until the server gives no answers.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn start_remote(spec: SourceSpec, options: LiveOptions, target: Option<RemoteTarget>) -> Self {
        Self::start_remote_with(spec, options, target, Box::new(capture::open), here())
    }

    /// [`LivePipeline::start_remote`] with another way to open sources and trackers.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn start_remote_with(
        spec: SourceSpec,
        options: LiveOptions,
        target: Option<RemoteTarget>,
        open_source: OpenSource,
        open_tracker: OpenTracker,
    ) -> Self {
        let shared = Shared::new(spec, options);
        shared.control().remote = target;
        Self::start_threads(shared, open_source, open_tracker)
    }

    /// [`LivePipeline::start`] with another way to open sources and trackers.
    #[must_use]
    pub fn start_with(
        spec: SourceSpec,
        options: LiveOptions,
        open_source: OpenSource,
        open_tracker: OpenTracker,
    ) -> Self {
        Self::start_threads(Shared::new(spec, options), open_source, open_tracker)
    }

    fn start_threads(shared: Shared, open_source: OpenSource, open_tracker: OpenTracker) -> Self {
        let shared = Arc::new(shared);
        let mut pipeline = Self { shared: Arc::clone(&shared), threads: Vec::new() };
        let (tracking, open_tracker) = (Arc::clone(&shared), Arc::new(open_tracker));
        pipeline.spawn("inference", move || inference::run(&tracking, &open_tracker));
        pipeline.spawn("source", move || source::run(&shared, &open_source));
        pipeline
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) {
        match std::thread::Builder::new().name(name.to_owned()).spawn(work) {
            Ok(thread) => self.threads.push(thread),
            Err(error) => {
                let message = format!("the {name} thread could not be started ({error}); close other programs");
                let mut status = self.shared.status();
                status.source = SourceState::Failed { message: message.clone() };
                status.inference = InferenceState::Failed { message };
            }
        }
    }

    /// Makes the motion of later frames as `control` wants it.
    pub fn set_motion(&self, control: MotionControl) {
        *self.shared.poser() = Poser::new(control);
    }

    /// Where tracked frames arrive with their motion, newest wins. After a change of the source, only frames of the new one
    /// do.
    #[must_use]
    pub fn results(&self) -> &LatestSlot<PosedFrame> {
        &self.shared.results
    }

    /// Shows every frame that is tracked from now on to `tap`, whoever draws or not; `None` shows them to nobody.
    pub fn set_tap(&self, tap: Option<Tap>) {
        *self.shared.tap() = tap;
    }

    /// How things stand. Cheap enough for every rendered frame.
    #[must_use]
    pub fn status(&self) -> LiveStatus {
        let mut status = self.shared.status().clone();
        status.captured = self.shared.frames.published();
        status.dropped = self.shared.frames.dropped();
        status
    }

    /// Lets a server track from now on, or this machine (`None`).
    #[cfg(feature = "remote")]
    pub fn set_remote(&self, target: Option<RemoteTarget>) {
        let mut control = self.shared.control();
        control.remote = target;
        control.remote_version += 1;
        drop(control);
        self.shared.frames.nudge();
    }

    /// Changes the source, or opens the same one anew.
    pub fn set_source(&self, spec: SourceSpec) {
        let mut control = self.shared.control();
        control.spec = spec;
        control.source_version += 1;
        control.first_frame = None;
        // Under the lock: nothing of the source before is left there, and nothing of it comes any more.
        drop(self.shared.results.try_take());
        drop(control);
        self.shared.changed.notify_all();
    }

    /// Changes the options; only what must be reopened is.
    pub fn set_options(&self, options: LiveOptions) {
        let mut control = self.shared.control();
        control.options = options;
        control.options_version += 1;
        drop(control);
        self.shared.changed.notify_all();
    }

    /// Holds the source, or lets it go on where it was.
    pub fn set_paused(&self, paused: bool) {
        self.shared.control().paused = paused;
        self.shared.changed.notify_all();
    }
}

impl Drop for LivePipeline {
    fn drop(&mut self) {
        self.shared.control().closed = true;
        self.shared.changed.notify_all();
        self.shared.frames.close();
        self.shared.results.close();
        for thread in self.threads.drain(..) {
            // A panic was caught and shown as a state where it happened.
            let _ = thread.join();
        }
    }
}

/// What the user wants.
#[derive(Debug)]
struct Control {
    spec: SourceSpec,
    source_version: u64,
    /// Number of the wanted source's first frame; `None` before it was opened.
    first_frame: Option<u64>,
    options: LiveOptions,
    options_version: u64,
    #[cfg(feature = "remote")]
    remote: Option<RemoteTarget>,
    #[cfg(feature = "remote")]
    remote_version: u64,
    paused: bool,
    closed: bool,
}

struct Shared {
    control: Mutex<Control>,
    changed: Condvar,
    status: Mutex<LiveStatus>,
    frames: LatestSlot<Frame>,
    results: LatestSlot<PosedFrame>,
    poser: Mutex<Poser>,
    tap: Mutex<Option<Tap>>,
}

impl Shared {
    fn new(spec: SourceSpec, options: LiveOptions) -> Self {
        let control = Control {
            spec,
            source_version: 0,
            first_frame: None,
            options,
            options_version: 0,
            #[cfg(feature = "remote")]
            remote: None,
            #[cfg(feature = "remote")]
            remote_version: 0,
            paused: false,
            closed: false,
        };
        let status = LiveStatus {
            source: SourceState::Opening,
            inference: InferenceState::Loading,
            info: None,
            captured: 0,
            dropped: 0,
            tracked: 0,
            skipped: 0,
            quality: QualityStep::Full,
            warning: None,
            #[cfg(feature = "remote")]
            remote: None,
        };
        Self {
            control: Mutex::new(control),
            changed: Condvar::new(),
            status: Mutex::new(status),
            frames: LatestSlot::new(),
            results: LatestSlot::new(),
            poser: Mutex::default(),
            tap: Mutex::new(None),
        }
    }

    // Each change under these locks is complete in itself, so a panic elsewhere leaves nothing half done.
    fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn status(&self) -> MutexGuard<'_, LiveStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held while motion is made, by the one thread that delivers.
    fn poser(&self) -> MutexGuard<'_, Poser> {
        self.poser.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tap(&self) -> MutexGuard<'_, Option<Tap>> {
        self.tap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a server is to track. Hands without bodies no server looks for.
    fn tracks_elsewhere(&self) -> bool {
        let control = self.control();
        #[cfg(feature = "remote")]
        let has_server = control.remote.is_some();
        #[cfg(not(feature = "remote"))]
        let has_server = false;
        has_server && control.options.hands != HandsMode::Only
    }

    fn set_source_state(&self, state: SourceState) {
        self.status().source = state;
    }

    /// Waits until `deadline` (for ever without one) or until `done` holds. Returns whether it holds.
    fn wait_for(&self, deadline: Option<Instant>, done: impl Fn(&Control) -> bool) -> bool {
        let mut control = self.control();
        loop {
            if done(&control) {
                return true;
            }
            // A wait without a deadline is cut into hours only because the condition variable wants a number.
            let left = deadline.map_or(Duration::from_hours(1), |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            control = self.changed.wait_timeout(control, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Trackers on this machine.
fn here() -> OpenTracker {
    Box::new(|options| Ok(Box::new(TrackingStack::open(options, HandsPolicy::Beside)?) as Box<dyn Tracker>))
}

impl Tracker for TrackingStack {
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        Self::track(self, frame)
    }

    fn take_failure(&mut self) -> Option<InferenceError> {
        Self::take_failure(self)
    }

    fn set_short_side(&mut self, short_side: u32) {
        Self::set_short_side(self, short_side);
    }

    fn set_hand_interval(&mut self, frames: u32) {
        Self::set_hand_interval(self, frames);
    }
}

/// Puts a frame where the newest wins, and has it inherit the break of the one that is lost.
fn publish_frame(slot: &LatestSlot<Frame>, frame: Frame) {
    slot.publish_over(frame, |lost, new| new.continuity = new.continuity.max(lost.continuity));
}

#[cfg(test)]
mod tests;
