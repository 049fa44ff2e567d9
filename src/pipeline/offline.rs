//! Every frame of a file, in order: tracking, smoothing and angles in one call.

use std::time::Instant;

use super::{Pipeline, PipelineOptions, milliseconds_since};
use crate::frame::{Frame, TrackedFrame};
use crate::inference::InferenceError;
use crate::motion::angle::{JointAngles, joint_angles};
use crate::motion::filter::{PeopleSmoother, SmoothingParams};

/// A frame with smoothed people and their joint angles.
#[derive(Debug, Clone)]
pub struct OfflineFrame {
    /// The frame; its people are smoothed and its timings complete.
    pub frame: TrackedFrame,
    /// The angles of each of the frame's people.
    pub angles: Vec<JointAngles>,
}

/// What `track` and `bench` run each frame through.
pub struct OfflineTracker {
    pipeline: Pipeline,
    smoother: PeopleSmoother,
    fps: Option<f64>,
}

impl OfflineTracker {
    /// Opens the pipeline. With `fps` the filters' clock is the frame's number divided by it, whatever the source says.
    /// Pictures that stand alone are never smoothed.
    ///
    /// # Errors
    /// As [`Pipeline::open`].
    pub fn open(
        options: PipelineOptions,
        smoothing: SmoothingParams,
        fps: Option<f64>,
    ) -> Result<Self, InferenceError> {
        let smoothing = if options.static_image { SmoothingParams::None } else { smoothing };
        Ok(Self { pipeline: Pipeline::open(options)?, smoother: PeopleSmoother::new(smoothing), fps })
    }

    /// Tracks one frame and smooths its people.
    ///
    /// # Errors
    /// As [`Pipeline::process`].
    pub fn track(&mut self, mut frame: Frame) -> Result<OfflineFrame, InferenceError> {
        if let Some(fps) = self.fps {
            frame.time_s = frame.frame_id as f64 / fps;
        }
        let mut frame = self.pipeline.process(frame)?;
        let start = Instant::now();
        frame.people = self.smoother.smooth(frame.time_s, &frame.people);
        frame.timings.smoothing = milliseconds_since(start);
        let start = Instant::now();
        let angles = frame.people.iter().map(|person| joint_angles(&person.world)).collect();
        frame.timings.angles = milliseconds_since(start);
        frame.timings.total += frame.timings.smoothing + frame.timings.angles;
        Ok(OfflineFrame { frame, angles })
    }

    /// Forgets everybody and the clock, as at the start of another source.
    pub fn reset(&mut self) {
        self.pipeline.reset();
        self.smoother.reset();
    }
}
