//! A source's course: its frames tracked and posed in order, and the avatars at any moment of it. Nothing is drawn here.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::RenderJob;
use super::producer::FrameProducer;
use super::stage::Figure;
use crate::app::avatar::Standing;
use crate::app::error::AppError;
use crate::capture::{SourceInfo, SourceKind};
use crate::frame::{PosedFrame, Timings, TrackedFrame};
use crate::motion::filter::SmoothingParams;
use crate::motion::session::{Cast, MotionSession, PoseSampler, SessionOptions};
use crate::pipeline::poser::posed;

/// How long a single picture is shown in a video, seconds.
pub(super) const IMAGE_SECONDS: f64 = 2.0;

/// The frame that is shown now, and those posed ahead of it.
pub struct Course<'a> {
    producer: FrameProducer,
    session: MotionSession,
    stop: &'a AtomicBool,
    start_s: f64,
    end_s: f64,
    /// The source's first frame, until it is posed.
    first: Option<TrackedFrame>,
    current: Option<PosedFrame>,
    coming: VecDeque<PosedFrame>,
    is_over: bool,
    timings: Vec<Timings>,
    with_people: u64,
}

impl<'a> Course<'a> {
    /// Opens the source of a job and tracks its first frame. It ends soon after `stop` is set.
    ///
    /// # Errors
    /// No source, no models, no frame in it.
    pub fn open(job: &RenderJob, stop: &'a AtomicBool) -> Result<Self, AppError> {
        let mut producer = FrameProducer::start(&job.source, &job.settings, job.clock_fps, job.remote.as_ref())?;
        let first = producer.next_frame()?.ok_or_else(|| AppError::NoFrames { source_name: job.source.to_string() })?;
        let options = job.settings.session_options();
        // A single picture has no past to be smoothed with.
        let is_still = producer.info.kind == SourceKind::Image;
        let smoothing = if is_still { SmoothingParams::None } else { options.smoothing };
        let mut course = Self {
            start_s: first.time_s,
            end_s: first.time_s,
            session: MotionSession::new(SessionOptions { smoothing, ..options }, Cast::Nobody),
            first: Some(first),
            current: None,
            coming: VecDeque::new(),
            is_over: false,
            timings: Vec::new(),
            with_people: 0,
            producer,
            stop,
        };
        course.end_s = course.start_s + course.frame_seconds();
        Ok(course)
    }

    /// What is known about the source.
    #[must_use]
    pub const fn info(&self) -> &SourceInfo {
        &self.producer.info
    }

    /// Whether the source is motion of bones, which has no picture.
    pub(super) const fn is_clip(&self) -> bool {
        self.producer.clip.is_some()
    }

    /// What each frame has cost.
    pub(super) fn timings(&self) -> &[Timings] {
        &self.timings
    }

    /// How many frames somebody was in.
    pub(super) const fn with_people(&self) -> u64 {
        self.with_people
    }

    pub(super) fn check_stop(&self) -> Result<(), AppError> {
        if self.stop.load(Ordering::Relaxed) { Err(AppError::Interrupted) } else { Ok(()) }
    }

    /// Pixels of the source's pictures.
    pub(super) fn size(&self) -> (u32, u32) {
        let first = self.first.as_ref().or(self.current.as_ref().map(|frame| &frame.tracked));
        first.map_or((1, 1), |frame| (frame.width, frame.height))
    }

    /// The frame that is shown now.
    ///
    /// # Errors
    /// [`AppError::NoFrames`] before it has begun.
    pub fn current(&self) -> Result<&PosedFrame, AppError> {
        self.current.as_ref().ok_or_else(|| AppError::NoFrames { source_name: self.producer.info.name.clone() })
    }

    /// Poses the first frame, without easing: a recording begins as it begins.
    pub fn begin(&mut self, samplers: &mut [PoseSampler]) {
        let skeletons: Vec<_> = samplers.iter().map(|sampler| Arc::clone(sampler.skeleton())).collect();
        self.session.set_cast(Cast::Avatars { followed: skeletons.len(), skeletons });
        let Some(first) = self.first.take() else { return };
        let first = self.pose(first, samplers);
        for sampler in samplers.iter_mut().filter(|sampler| sampler.following().is_some()) {
            sampler.skip_easing(first.tracked.time_s);
        }
        self.current = Some(first);
    }

    /// Poses frames until `time_s` (from the source's start) lies between two. `false` when the source ended before it.
    ///
    /// # Errors
    /// What stopped the source or the models; [`AppError::Interrupted`].
    pub fn advance(&mut self, time_s: f64, samplers: &mut [PoseSampler]) -> Result<bool, AppError> {
        // Rates such as 30000/1001 are not exact in binary.
        let time_s = self.start_s + time_s + 1e-6;
        while !self.is_over && self.newest_s() < time_s {
            self.pose_one(samplers)?;
        }
        while let Some(next) = self.coming.pop_front_if(|next| next.tracked.time_s <= time_s) {
            self.current = Some(next);
        }
        Ok(!self.is_over || time_s < self.end_s + 2e-6)
    }

    /// The avatars so many seconds from the source's start.
    #[must_use]
    pub fn sample(&self, time_s: f64, samplers: &mut [PoseSampler]) -> Vec<Figure> {
        let time_s = self.start_s + time_s;
        let clip = self.producer.clip.as_deref();
        let figure = |(number, sampler): (usize, &mut PoseSampler)| {
            let clip = clip.filter(|_| number == 0);
            let performed = clip.and_then(|clip| clip.motion.sample_onto(time_s, sampler.skeleton()));
            Figure {
                pose: performed.unwrap_or_else(|| sampler.sample(time_s, time_s, true)),
                standing: Standing::of(number, sampler, time_s),
            }
        };
        samplers.iter_mut().enumerate().map(figure).collect()
    }

    /// Poses what is left, so that the figures speak of the whole source, unless nobody waits for them any more.
    pub(super) fn drain(&mut self, samplers: &mut [PoseSampler]) -> Result<(), AppError> {
        while !self.is_over && self.check_stop().is_ok() {
            self.pose_one(samplers)?;
            self.coming.clear();
        }
        Ok(())
    }

    fn pose_one(&mut self, samplers: &mut [PoseSampler]) -> Result<(), AppError> {
        self.check_stop()?;
        let Some(frame) = self.producer.next_frame()? else {
            self.is_over = true;
            return Ok(());
        };
        let frame = self.pose(frame, samplers);
        self.end_s = frame.tracked.time_s + self.frame_seconds();
        self.coming.push_back(frame);
        Ok(())
    }

    fn pose(&mut self, frame: TrackedFrame, samplers: &mut [PoseSampler]) -> PosedFrame {
        let frame = posed(&mut self.session, frame);
        for (sampler, actor) in samplers.iter_mut().zip(&frame.motion.actors) {
            sampler.push(frame.motion.time_s, frame.motion.continuity, actor);
        }
        self.timings.push(frame.tracked.timings);
        self.with_people += u64::from(!frame.motion.people.is_empty());
        frame
    }

    fn newest_s(&self) -> f64 {
        self.coming.back().or(self.current.as_ref()).map_or(f64::NEG_INFINITY, |frame| frame.tracked.time_s)
    }

    /// How long the last frame stays.
    fn frame_seconds(&self) -> f64 {
        if self.producer.info.kind == SourceKind::Image {
            return IMAGE_SECONDS;
        }
        self.producer.info.fps.filter(|fps| *fps > 0.0).map_or(1.0 / 30.0, f64::recip)
    }
}
