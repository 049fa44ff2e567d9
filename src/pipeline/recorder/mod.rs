//! Records what is tracked, every frame of it, however slow whoever draws may be.
//!
//! ```text
//! inference thread ──copy without picture──▶ queue ──▶ recorder thread ──▶ take (.ldt)
//!                  ──picture, on request───▶ queue ──▶ record-video thread ──▶ ffmpeg ──▶ .mp4
//! ```
//!
//! The inference thread never waits: where the disk is so slow that the queue is full, a frame is lost, counted and
//! shown. What went wrong with the take, or with the video beside it, stands in [`RecorderStatus`]; neither harms the
//! other. A recorder that is dropped finishes its take.

mod late_hands;
mod start;
mod video;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, TrySendError, bounded};

use super::live::Tap;
use crate::formats::take::{TakeError, TakeHeader, TakeSink};
use crate::frame::{RgbImage, TrackedFrame};
use video::VideoRecorder;

pub use start::header;
pub(crate) use start::with_versions;

/// Frames that wait for the disk at most: half a minute, some megabytes.
const QUEUE: usize = 900;

/// How to record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecorderOptions {
    /// Whether the tracked pictures are kept too, as a video beside the take.
    pub video: bool,
    /// Pictures a second of that video.
    pub fps: f64,
    /// Frames that wait for the disk at most, at least 1.
    pub queue: usize,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self { video: false, fps: 30.0, queue: QUEUE }
    }
}

/// Why a recording cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// There is such a file, and nothing is ever recorded over another take.
    #[error("{path} is there already, and takes are not recorded over; choose another name or move it away")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be made.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// The folder cannot be made.
    #[error("the folder {path} for takes cannot be made: {reason}; choose another one")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The thread cannot be started.
    #[error("the {name} thread could not be started ({reason}); close other programs, then record again")]
    Thread {
        /// Its name.
        name: &'static str,
        /// What the system said.
        reason: String,
    },
}

/// How a recording goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecorderStatus {
    /// Frames that were taken out of the queue and given to the take.
    pub frames: u64,
    /// From the first of them to the last one, in the source's own time.
    pub seconds: f64,
    /// Size of the file.
    pub bytes: u64,
    /// Frames that found the queue full, because the disk is too slow.
    pub lost: u64,
    /// Why the recording ended by itself, and what was kept.
    pub error: Option<String>,
    /// Why there is no video beside the take.
    pub video_error: Option<String>,
    /// Whether everything is on the disk and the threads have nothing more to do.
    pub is_finished: bool,
}

/// A recording that runs. Dropping it finishes the take.
pub struct Recorder {
    path: PathBuf,
    inlet: Inlet,
    thread: Option<JoinHandle<()>>,
    video: Option<VideoRecorder>,
}

/// Where frames go in. The take ends when the recorder says so, not when the last inlet is gone.
#[derive(Clone)]
struct Inlet {
    shared: Arc<Shared>,
    frames: Sender<TrackedFrame>,
    pictures: Option<Sender<(f64, Arc<RgbImage>)>>,
}

/// What the recorder's threads and its owner know of each other.
#[derive(Default)]
struct Shared {
    is_ending: AtomicBool,
    lost: AtomicU64,
    status: Mutex<RecorderStatus>,
}

impl Shared {
    // Each change under this lock is complete in itself, so a panic elsewhere leaves nothing half done.
    fn status(&self) -> MutexGuard<'_, RecorderStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::SeqCst)
    }

    fn end(&self) {
        self.is_ending.store(true, Ordering::SeqCst);
    }
}

impl Inlet {
    fn record(&self, frame: &TrackedFrame) {
        if self.shared.is_ending() {
            return;
        }
        // A picture that waited here would be missing to the next frames, which use its memory again.
        let copy = TrackedFrame {
            people: frame.people.clone(),
            picture: Arc::default(),
            frame_id: frame.frame_id,
            captured_at: frame.captured_at,
            time_s: frame.time_s,
            width: frame.width,
            height: frame.height,
            loose_hands: frame.loose_hands,
            timings: frame.timings,
            continuity: frame.continuity,
            measured_hands: frame.measured_hands.clone(),
        };
        if let Err(TrySendError::Full(_)) = self.frames.try_send(copy) {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        } else {
            // Also before it is written: what a crash loses is counted from here (`scripts/check_recording.sh`).
            tracing::trace!(time_s = frame.time_s, "recorded");
        }
        if let Some(pictures) = &self.pictures {
            // One that is left out is shown by repeating the one before.
            let _ = pictures.try_send((frame.time_s, Arc::clone(&frame.picture)));
        }
    }
}

impl Recorder {
    /// Makes the file `path` and records into it whatever is handed in from now on. Its folder is made where it is missing.
    ///
    /// # Errors
    /// [`RecorderError`]: the file exists already or cannot be made. What happens later stands in [`Recorder::status`].
    pub fn start(path: &Path, header: TakeHeader, options: RecorderOptions) -> Result<Self, RecorderError> {
        let file = start::create(path)?;
        Self::start_with(file, path, header, options).inspect_err(|_| {
            // Ours, and empty.
            let _ = std::fs::remove_file(path);
        })
    }

    /// As [`Recorder::start`], into the first of `folder/stem.ldt`, `folder/stem-2.ldt` and so on that is free.
    ///
    /// # Errors
    /// As [`Recorder::start`].
    pub fn start_in(
        folder: &Path,
        stem: &str,
        header: TakeHeader,
        options: RecorderOptions,
    ) -> Result<Self, RecorderError> {
        let (file, path) = start::create_free(folder, stem)?;
        Self::start_with(file, &path, header, options).inspect_err(|_| {
            let _ = std::fs::remove_file(&path);
        })
    }

    /// As [`Recorder::start`], into something that stands for a file called `path`.
    ///
    /// # Errors
    /// [`RecorderError::Thread`].
    pub fn start_with<W: TakeSink + Send + 'static>(
        sink: W,
        path: &Path,
        header: TakeHeader,
        options: RecorderOptions,
    ) -> Result<Self, RecorderError> {
        let shared = Arc::new(Shared::default());
        let (frames, inbox) = bounded(options.queue.max(1));
        let (state, file) = (Arc::clone(&shared), path.to_owned());
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || worker::run(&state, &inbox, sink, &file, header))
            .map_err(|error| RecorderError::Thread { name: "recorder", reason: error.to_string() })?;
        let mut recorder = Self {
            path: path.to_owned(),
            inlet: Inlet { shared, frames, pictures: None },
            thread: Some(thread),
            video: None,
        };
        if options.video {
            recorder.add_video(options.fps);
        }
        Ok(recorder)
    }

    /// The take matters more than its video: without one, it says so and goes on.
    fn add_video(&mut self, fps: f64) {
        match VideoRecorder::start(&self.path.with_extension("mp4"), fps, Arc::clone(&self.inlet.shared)) {
            Ok((video, pictures)) => {
                self.video = Some(video);
                self.inlet.pictures = Some(pictures);
            }
            Err(error) => self.inlet.shared.status().video_error = Some(error.to_string()),
        }
    }

    /// The take's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records a frame. Never waits; after the end it does nothing.
    pub fn record(&self, frame: &TrackedFrame) {
        self.inlet.record(frame);
    }

    /// [`Recorder::record`] for the inference thread, see [`super::live::LivePipeline::set_tap`]. It does not keep the
    /// recorder alive.
    #[must_use]
    pub fn tap(&self) -> Tap {
        let inlet = self.inlet.clone();
        Arc::new(move |frame| inlet.record(frame))
    }

    /// How it goes. Cheap enough for every rendered frame.
    #[must_use]
    pub fn status(&self) -> RecorderStatus {
        let mut status = self.inlet.shared.status().clone();
        status.lost = self.inlet.shared.lost.load(Ordering::Relaxed);
        let is_done = |thread: &Option<JoinHandle<()>>| thread.as_ref().is_none_or(JoinHandle::is_finished);
        let was_finished = status.is_finished;
        status.is_finished = is_done(&self.thread) && self.video.as_ref().is_none_or(VideoRecorder::is_finished);
        if status.is_finished && !was_finished && status.error.is_none() {
            // The thread is gone and has not said how.
            status.error =
                Some(format!("{}: recording failed inside; the take opens up to there", self.path.display()));
        }
        status
    }

    /// Ends the recording without waiting: what was handed in before is written, then [`RecorderStatus::is_finished`] is true.
    pub fn end(&self) {
        self.inlet.shared.end();
    }

    /// Ends the recording, waits until it is on the disk, and says how it went.
    #[must_use]
    pub fn stop(mut self) -> RecorderStatus {
        self.wait();
        self.status()
    }

    fn wait(&mut self) {
        self.end();
        if let Some(thread) = self.thread.take() {
            // A panic shows itself in the status.
            let _ = thread.join();
        }
        if let Some(video) = &mut self.video {
            video.wait();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.wait();
    }
}

#[cfg(test)]
mod tests;
