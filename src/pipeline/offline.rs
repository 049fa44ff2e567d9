//! Every frame of a file, in order, none lost: tracking on this machine or on a server, then filters.

use std::time::Instant;

use super::poser::posed;
#[cfg(feature = "remote")]
use super::remote::{RemoteTarget, offline::RemotePipeline};
use super::stack::{HandsPolicy, TrackingStack};
use super::{PipelineOptions, milliseconds_since};
use crate::frame::{Frame, TrackedFrame};
use crate::inference::InferenceError;
use crate::motion::angle::{JointAngles, joint_angles};
use crate::motion::filter::SmoothingParams;
use crate::motion::session::MotionSession;

/// A frame with filtered people and their joint angles.
#[derive(Debug, Clone)]
pub struct OfflineFrame {
    /// The frame; its people and hands are filtered and its timings complete.
    pub frame: TrackedFrame,
    /// The angles of each of the frame's people.
    pub angles: Vec<JointAngles>,
}

/// Tracks the frames of a file and filters them.
pub struct OfflineTracker {
    tracker: FileTracker,
    session: MotionSession,
}

/// Tracks the frames of a file.
pub struct FileTracker {
    backend: Backend,
    fps: Option<f64>,
    /// Whether every picture stands alone.
    is_still: bool,
}

/// Who tracks.
enum Backend {
    Here(Box<TrackingStack>),
    #[cfg(feature = "remote")]
    Server(Box<RemotePipeline>),
}

impl FileTracker {
    /// Opens the models of this machine. With `fps` a frame's time is its number divided by it, whatever the source says.
    ///
    /// # Errors
    /// As [`TrackingStack::open`].
    pub fn open(options: PipelineOptions, fps: Option<f64>) -> Result<Self, InferenceError> {
        let stack = TrackingStack::open(options, HandsPolicy::for_file())?;
        Ok(Self { backend: Backend::Here(Box::new(stack)), fps, is_still: options.static_image })
    }

    /// The same on a server. No model is opened here.
    ///
    /// # Errors
    /// [`InferenceError::Remote`] when the server cannot be reached or refuses.
    #[cfg(feature = "remote")]
    pub fn open_remote(
        target: &RemoteTarget,
        options: PipelineOptions,
        fps: Option<f64>,
    ) -> Result<Self, InferenceError> {
        let server = RemotePipeline::open(target, options)?;
        Ok(Self { backend: Backend::Server(Box::new(server)), fps, is_still: options.static_image })
    }

    /// Takes one frame and returns the oldest one that is done, which may be one of those before; `None` while all are
    /// on their way.
    ///
    /// # Errors
    /// As [`TrackingStack::track`], also where only hands fail: a file is tracked whole or not at all.
    /// [`InferenceError::Remote`] where a server tracks.
    pub fn push(&mut self, mut frame: Frame) -> Result<Option<TrackedFrame>, InferenceError> {
        if let Some(fps) = self.fps {
            frame.time_s = frame.frame_id as f64 / fps;
        }
        match &mut self.backend {
            Backend::Here(stack) => {
                let done = stack.push(frame)?;
                stack.take_failure().map_or(Ok(done), Err)
            }
            #[cfg(feature = "remote")]
            Backend::Server(server) => server.push(frame),
        }
    }

    /// Waits for the oldest frame that is on its way; `None` when there is none.
    ///
    /// # Errors
    /// As [`FileTracker::push`].
    pub fn drain(&mut self) -> Result<Option<TrackedFrame>, InferenceError> {
        match &mut self.backend {
            Backend::Here(stack) => {
                let done = stack.drain();
                stack.take_failure().map_or(Ok(done), Err)
            }
            #[cfg(feature = "remote")]
            Backend::Server(server) => server.wait(),
        }
    }
}

impl OfflineTracker {
    /// Filters what `tracker` finds.
    #[must_use]
    pub fn new(tracker: FileTracker, smoothing: SmoothingParams) -> Self {
        // A single picture has no past to be smoothed with.
        let smoothing = if tracker.is_still { SmoothingParams::None } else { smoothing };
        Self { tracker, session: MotionSession::filter(smoothing) }
    }

    /// Opens the models of this machine; see [`FileTracker::open`].
    ///
    /// # Errors
    /// As [`FileTracker::open`].
    pub fn open(
        options: PipelineOptions,
        smoothing: SmoothingParams,
        fps: Option<f64>,
    ) -> Result<Self, InferenceError> {
        Ok(Self::new(FileTracker::open(options, fps)?, smoothing))
    }

    /// Takes one frame and returns the oldest one that is done; see [`FileTracker::push`].
    ///
    /// # Errors
    /// As [`FileTracker::push`].
    pub fn push(&mut self, frame: Frame) -> Result<Option<OfflineFrame>, InferenceError> {
        let done = self.tracker.push(frame)?;
        Ok(done.map(|frame| self.finish(frame)))
    }

    /// Waits for the oldest frame that is on its way; `None` when there is none.
    ///
    /// # Errors
    /// As [`FileTracker::push`].
    pub fn drain(&mut self) -> Result<Option<OfflineFrame>, InferenceError> {
        let done = self.tracker.drain()?;
        Ok(done.map(|frame| self.finish(frame)))
    }

    fn finish(&mut self, frame: TrackedFrame) -> OfflineFrame {
        let (mut frame, _) = posed(&mut self.session, frame).filtered();
        let start = Instant::now();
        let angles = frame.people.iter().map(|person| joint_angles(&person.world)).collect();
        frame.timings.angles = milliseconds_since(start);
        frame.timings.total += frame.timings.angles;
        OfflineFrame { frame, angles }
    }
}
