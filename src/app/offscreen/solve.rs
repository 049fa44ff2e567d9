//! Every frame of a source through the tracker and the filters, in order, none lost, on a thread of its own. Of a take
//! only the filters are run; a clip has nobody to be tracked.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use super::beside::Beside;
use crate::app::error::AppError;
use crate::capture::{self, SourceInfo, SourceKind, SourceMatter, SourceSpec};
use crate::frame::{RgbImage, Timings, TrackedFrame};
use crate::motion::filter::{PeopleSmoother, SmoothingParams};
use crate::motion::{BodyPose, Hands};
use crate::pipeline::remote::RemoteTarget;
use crate::pipeline::resolve::{Resolver, plain_picture};
use crate::pipeline::take_player::Clip;
use crate::pipeline::{Pipeline, PipelineOptions};
use crate::settings::Settings;

/// Frames solved ahead of the renderer; each holds a full-size picture.
const AHEAD: usize = 3;
const THREAD: &str = "livedance-solve";

/// A source frame with its people.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    /// Capture time.
    pub time_s: f64,
    /// Everybody in view, smoothed.
    pub people: Vec<BodyPose>,
    /// Hands that belong to nobody, smoothed.
    pub loose_hands: Hands,
    /// The picture.
    pub picture: Arc<RgbImage>,
    /// Size of the source picture, in whose pixels the landmarks are.
    pub size: (u32, u32),
    /// What it cost.
    pub timings: Timings,
}

impl From<TrackedFrame> for Solved {
    fn from(tracked: TrackedFrame) -> Self {
        Self {
            time_s: tracked.time_s,
            people: tracked.people,
            loose_hands: tracked.loose_hands,
            picture: tracked.picture,
            size: (tracked.width, tracked.height),
            timings: tracked.timings,
        }
    }
}

impl Solved {
    /// A moment without anybody in it.
    fn empty(time_s: f64, picture: Arc<RgbImage>) -> Self {
        let size = (picture.width, picture.height);
        let (people, loose_hands, timings) = (Vec::new(), Hands::default(), Timings::default());
        Self { time_s, people, loose_hands, picture, size, timings }
    }
}

/// A source being solved.
#[derive(Debug)]
pub(super) struct Solver {
    /// What is known about the source.
    pub info: SourceInfo,
    /// The motion of bones, where that is the source.
    pub clip: Option<Arc<Clip>>,
    results: Option<Receiver<Result<Solved, AppError>>>,
    thread: Option<JoinHandle<()>>,
}

impl Solver {
    /// Opens the source and starts solving it. `clock_fps` replaces the source's own times by a steady clock.
    ///
    /// # Errors
    /// [`AppError::Capture`], [`AppError::Take`] and [`AppError::Recording`] when the source cannot be opened,
    /// [`AppError::Inference`] when the models cannot.
    pub(super) fn start(
        spec: &SourceSpec,
        settings: &Settings,
        clock_fps: Option<f64>,
        remote: Option<&RemoteTarget>,
    ) -> Result<Self, AppError> {
        match (spec.read_matter(), spec) {
            (SourceMatter::Take, SourceSpec::Path(path)) => {
                let mut resolver = Resolver::open(path, settings.into(), clock_fps)?;
                let info = resolver.info()?;
                let start_s = resolver.take().first_time_s();
                // A clock of its own says nothing about when something was filmed.
                let mut beside = if clock_fps.is_none() { Beside::of(path) } else { None };
                return Self::spawn(info, None, move || {
                    let Some(mut frame) = resolver.next_frame()? else { return Ok(None) };
                    let filmed = beside.as_mut().and_then(|video| video.picture_at(frame.time_s - start_s));
                    frame.picture = filmed.unwrap_or(frame.picture);
                    Ok(Some(Solved::from(frame)))
                });
            }
            (SourceMatter::Clip, SourceSpec::Path(path)) => {
                let clip = Arc::new(Clip::open(path)?);
                let (info, fps) = (clip.info(path), clip.motion.fps);
                let picture = Arc::new(plain_picture(4, 3));
                let mut times = (0..clip.motion.poses.len()).map(move |frame| frame as f64 / fps);
                let next = move || Ok(times.next().map(|time_s| Solved::empty(time_s, Arc::clone(&picture))));
                return Self::spawn(info, Some(clip), next);
            }
            _ => {}
        }
        let mut source = capture::open(spec)?;
        let info = source.info().clone();
        let is_still = info.kind == SourceKind::Image;
        let options = PipelineOptions {
            model: settings.model,
            threads: settings.threads as usize,
            short_side: settings.short_side,
            static_image: is_still,
            people: settings.people as usize,
            hands: settings.hands,
            provider: settings.provider,
        };
        let mut pipeline = match remote {
            Some(target) => Pipeline::open_remote(target, options)?,
            None => Pipeline::open(options)?,
        };
        // A single picture has no past to be smoothed with.
        let params = if is_still { SmoothingParams::None } else { settings.into() };
        let mut smoother = PeopleSmoother::new(params);
        Self::spawn(info, None, move || -> Result<Option<Solved>, AppError> {
            let mut frame = match source.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(None),
                // What could be decoded of a damaged file is rendered.
                Err(error) if error.is_warning() => {
                    tracing::warn!("{error}");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            };
            if let Some(fps) = clock_fps {
                frame.time_s = frame.frame_id as f64 / fps;
            }
            let mut tracked = pipeline.process(frame)?;
            let began = Instant::now();
            tracked.people = smoother.smooth(tracked.time_s, &tracked.people);
            tracked.loose_hands = smoother.smooth_loose_hands(tracked.time_s, &tracked.loose_hands);
            tracked.timings.smoothing = began.elapsed().as_secs_f32() * 1e3;
            tracked.timings.total += tracked.timings.smoothing;
            Ok(Some(tracked.into()))
        })
    }

    /// Solves ahead of whoever asks.
    fn spawn(
        info: SourceInfo,
        clip: Option<Arc<Clip>>,
        mut next: impl FnMut() -> Result<Option<Solved>, AppError> + Send + 'static,
    ) -> Result<Self, AppError> {
        let (sender, results) = bounded(AHEAD);
        let solve = move || {
            while let Some(result) = next().transpose() {
                let is_over = result.is_err();
                if sender.send(result).is_err() || is_over {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name(THREAD.into())
            .spawn(solve)
            .map_err(|error| AppError::Thread { name: THREAD, reason: error.to_string() })?;
        Ok(Self { info, clip, results: Some(results), thread: Some(thread) })
    }

    /// The next frame, `None` after the last.
    ///
    /// # Errors
    /// What stopped the source or the models; [`AppError::Thread`] when the thread died.
    pub(super) fn next_solved(&mut self) -> Result<Option<Solved>, AppError> {
        match self.results.as_ref().map(Receiver::recv) {
            Some(Ok(result)) => result.map(Some),
            Some(Err(_)) | None => match self.thread.take().map(JoinHandle::join) {
                Some(Err(_)) => Err(AppError::Thread { name: THREAD, reason: "it panicked".to_owned() }),
                Some(Ok(())) | None => Ok(None),
            },
        }
    }
}

impl Drop for Solver {
    fn drop(&mut self) {
        // Without a receiver the thread's next send fails, and it ends.
        self.results = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
