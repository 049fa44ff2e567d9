//! Every frame of a source, tracked, in order, none lost, on a thread of its own. A take was tracked before; a clip has
//! nobody to be tracked.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use super::beside::Beside;
use crate::app::error::AppError;
use crate::capture::{self, SourceInfo, SourceKind, SourceMatter, SourceSpec};
use crate::frame::TrackedFrame;
use crate::motion::filter::SmoothingParams;
use crate::pipeline::PipelineOptions;
use crate::pipeline::offline::FileTracker;
use crate::pipeline::remote::RemoteTarget;
use crate::pipeline::take_frames::{TakeFrames, plain_picture};
use crate::pipeline::take_player::Clip;
use crate::settings::Settings;

/// Frames tracked ahead of the renderer; each holds a full-size picture.
const AHEAD: usize = 3;
const THREAD: &str = "livedance-track";

/// A source being tracked.
#[derive(Debug)]
pub(super) struct FrameProducer {
    /// What is known about the source.
    pub info: SourceInfo,
    /// The motion of bones, where that is the source.
    pub clip: Option<Arc<Clip>>,
    results: Option<Receiver<Result<TrackedFrame, AppError>>>,
    thread: Option<JoinHandle<()>>,
}

impl FrameProducer {
    /// Opens the source and starts to track it. `clock_fps` replaces the source's own times by a steady clock.
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
                let mut frames = TakeFrames::open(path, SmoothingParams::None, clock_fps)?;
                let info = frames.info()?;
                let start_s = frames.take().first_time_s();
                // A clock of its own says nothing about when something was filmed.
                let mut beside = if clock_fps.is_none() { Beside::of(path) } else { None };
                return Self::spawn(info, None, move || {
                    let Some(mut frame) = frames.next_raw()? else { return Ok(None) };
                    let filmed = beside.as_mut().and_then(|video| video.picture_at(frame.time_s - start_s));
                    frame.picture = filmed.unwrap_or(frame.picture);
                    Ok(Some(frame))
                });
            }
            (SourceMatter::Clip, SourceSpec::Path(path)) => {
                let clip = Arc::new(Clip::open(path)?);
                let (info, fps) = (clip.info(path), clip.motion.fps);
                let picture = Arc::new(plain_picture(4, 3));
                let (began, mut numbers) = (Instant::now(), 0..clip.motion.poses.len() as u64);
                let empty = move |number| TrackedFrame::empty(number, began, number as f64 / fps, Arc::clone(&picture));
                let next = move || Ok(numbers.next().map(&empty));
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
        let mut tracker = match remote {
            Some(target) => FileTracker::open_remote(target, options, clock_fps)?,
            None => FileTracker::open(options, clock_fps)?,
        };
        let mut is_over = false;
        Self::spawn(info, None, move || {
            loop {
                if is_over {
                    return Ok(tracker.drain()?);
                }
                match source.next_frame() {
                    Ok(Some(frame)) => {
                        if let Some(tracked) = tracker.push(frame)? {
                            return Ok(Some(tracked));
                        }
                    }
                    Ok(None) => is_over = true,
                    // What could be decoded of a damaged file is rendered.
                    Err(error) if error.is_warning() => {
                        tracing::warn!("{error}");
                        is_over = true;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        })
    }

    /// Tracks ahead of whoever asks.
    fn spawn(
        info: SourceInfo,
        clip: Option<Arc<Clip>>,
        mut next: impl FnMut() -> Result<Option<TrackedFrame>, AppError> + Send + 'static,
    ) -> Result<Self, AppError> {
        let (sender, results) = bounded(AHEAD);
        let produce = move || {
            while let Some(result) = next().transpose() {
                let is_over = result.is_err();
                if sender.send(result).is_err() || is_over {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name(THREAD.into())
            .spawn(produce)
            .map_err(|error| AppError::Thread { name: THREAD, reason: error.to_string() })?;
        Ok(Self { info, clip, results: Some(results), thread: Some(thread) })
    }

    /// The next frame, `None` after the last.
    ///
    /// # Errors
    /// What stopped the source or the models; [`AppError::Thread`] when the thread died.
    pub(super) fn next_frame(&mut self) -> Result<Option<TrackedFrame>, AppError> {
        match self.results.as_ref().map(Receiver::recv) {
            Some(Ok(result)) => result.map(Some),
            Some(Err(_)) | None => match self.thread.take().map(JoinHandle::join) {
                Some(Err(_)) => Err(AppError::Thread { name: THREAD, reason: "it panicked".to_owned() }),
                Some(Ok(())) | None => Ok(None),
            },
        }
    }
}

impl Drop for FrameProducer {
    fn drop(&mut self) {
        // Without a receiver the thread's next send fails, and it ends.
        self.results = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
