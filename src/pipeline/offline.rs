//! Every frame of a file, in order: tracking, smoothing and angles. Where there are cores enough, hands are tracked on a
//! thread of their own, a frame behind the bodies.

use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

#[cfg(feature = "remote")]
use super::remote::{RemoteTarget, offline::RemotePipeline};
use super::stage::{BodyStage, HandStage};
use super::{PipelineOptions, cores, milliseconds_since};
use crate::frame::{Frame, TrackedFrame};
use crate::inference::{InferenceError, ModelStore};
use crate::motion::angle::{JointAngles, joint_angles};
use crate::motion::filter::{PeopleSmoother, SmoothingParams};

/// Frames between the two stages at most.
const IN_FLIGHT: usize = 2;
/// Bodies, two hands and the decoder work at the same time from so many cores on.
const CORES_TO_OVERLAP: usize = 4;

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
    place: Place,
    smoother: PeopleSmoother,
    fps: Option<f64>,
}

impl OfflineTracker {
    /// Opens the pipeline. With `fps` the filters' clock is the frame's number divided by it, whatever the source says.
    /// Pictures that stand alone are never smoothed.
    ///
    /// # Errors
    /// As [`super::Pipeline::open`].
    pub fn open(
        options: PipelineOptions,
        smoothing: SmoothingParams,
        fps: Option<f64>,
    ) -> Result<Self, InferenceError> {
        let smoothing = if options.static_image { SmoothingParams::None } else { smoothing };
        let options = options.for_file();
        let store = ModelStore::shipped()?;
        let bodies = BodyStage::open(&store, options)?;
        let hands = match HandStage::open(&store, options, cores() > 1)? {
            None => Hands::None,
            Some(stage) if cores() < CORES_TO_OVERLAP => Hands::After(Box::new(stage)),
            Some(stage) => Hands::Behind(HandThread::start(stage)?),
        };
        let place = Place::Here { bodies: Box::new(bodies), hands };
        Ok(Self { place, smoother: PeopleSmoother::new(smoothing), fps })
    }

    /// The same on a server. No model is opened here.
    ///
    /// # Errors
    /// [`InferenceError::Remote`] when the server cannot be reached or refuses.
    #[cfg(feature = "remote")]
    pub fn open_remote(
        target: &RemoteTarget,
        options: PipelineOptions,
        smoothing: SmoothingParams,
        fps: Option<f64>,
    ) -> Result<Self, InferenceError> {
        let smoothing = if options.static_image { SmoothingParams::None } else { smoothing };
        let place = Place::Server(Box::new(RemotePipeline::open(target, options)?));
        Ok(Self { place, smoother: PeopleSmoother::new(smoothing), fps })
    }

    /// Takes one frame and returns the oldest one that is done, which may be one of those before; `None` while all are
    /// on their way.
    ///
    /// # Errors
    /// As [`super::Pipeline::process`].
    pub fn push(&mut self, mut frame: Frame) -> Result<Option<OfflineFrame>, InferenceError> {
        if let Some(fps) = self.fps {
            frame.time_s = frame.frame_id as f64 / fps;
        }
        let done = match &mut self.place {
            Place::Here { bodies, hands } => {
                let mut frame = bodies.process(frame)?;
                match hands {
                    Hands::None => Some(frame),
                    Hands::After(stage) => {
                        stage.process(&mut frame)?;
                        Some(frame)
                    }
                    Hands::Behind(thread) => thread.push(frame)?,
                }
            }
            #[cfg(feature = "remote")]
            Place::Server(server) => server.push(frame)?,
        };
        Ok(done.map(|frame| self.finish(frame)))
    }

    /// Waits for the oldest frame that is on its way; `None` when there is none.
    ///
    /// # Errors
    /// As [`super::Pipeline::process`].
    pub fn drain(&mut self) -> Result<Option<OfflineFrame>, InferenceError> {
        let done = match &mut self.place {
            Place::Here { hands: Hands::Behind(thread), .. } => thread.wait()?,
            Place::Here { .. } => None,
            #[cfg(feature = "remote")]
            Place::Server(server) => server.wait()?,
        };
        Ok(done.map(|frame| self.finish(frame)))
    }

    /// Forgets everybody and the clock, as at the start of another source. Frames on their way are lost.
    ///
    /// # Errors
    /// As [`super::Pipeline::process`].
    pub fn reset(&mut self) -> Result<(), InferenceError> {
        self.smoother.reset();
        match &mut self.place {
            Place::Here { bodies, hands } => {
                bodies.reset();
                match hands {
                    Hands::None => {}
                    Hands::After(stage) => stage.reset(),
                    Hands::Behind(thread) => thread.reset()?,
                }
            }
            #[cfg(feature = "remote")]
            Place::Server(server) => server.reset(),
        }
        Ok(())
    }

    fn finish(&mut self, mut frame: TrackedFrame) -> OfflineFrame {
        let start = Instant::now();
        frame.people = self.smoother.smooth(frame.time_s, &frame.people);
        frame.loose_hands = self.smoother.smooth_loose_hands(frame.time_s, &frame.loose_hands);
        frame.timings.smoothing = milliseconds_since(start);
        let start = Instant::now();
        let angles = frame.people.iter().map(|person| joint_angles(&person.world)).collect();
        frame.timings.angles = milliseconds_since(start);
        frame.timings.total += frame.timings.smoothing + frame.timings.angles;
        OfflineFrame { frame, angles }
    }
}

/// Who tracks.
enum Place {
    Here {
        bodies: Box<BodyStage>,
        hands: Hands,
    },
    #[cfg(feature = "remote")]
    Server(Box<RemotePipeline>),
}

/// Where hands are tracked.
enum Hands {
    None,
    /// After the bodies, both hands at the same time: the quickest way through on two cores.
    After(Box<HandStage>),
    /// On another thread, a frame behind the bodies.
    Behind(HandThread),
}

enum Job {
    Track(Box<TrackedFrame>),
    Reset,
}

type Done = Result<Box<TrackedFrame>, InferenceError>;

/// The second stage on its thread.
struct HandThread {
    jobs: Option<Sender<Job>>,
    done: Receiver<Done>,
    in_flight: usize,
    thread: Option<JoinHandle<()>>,
}

impl HandThread {
    fn start(mut stage: HandStage) -> Result<Self, InferenceError> {
        // Neither end ever waits for room: no more than so many frames are on their way.
        let (jobs, inbox) = bounded::<Job>(IN_FLIGHT + 1);
        let (outbox, done) = bounded::<Done>(IN_FLIGHT + 1);
        let work = move || {
            for job in inbox {
                let result = match job {
                    Job::Reset => {
                        stage.reset();
                        continue;
                    }
                    Job::Track(mut frame) => stage.process(&mut frame).map(|()| frame),
                };
                if outbox.send(result).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("hands".to_owned()).spawn(work);
        let thread = thread.map_err(|error| lost(&error.to_string()))?;
        Ok(Self { jobs: Some(jobs), done, in_flight: 0, thread: Some(thread) })
    }

    fn send(&self, job: Job) -> Result<(), InferenceError> {
        let jobs = self.jobs.as_ref().ok_or_else(|| lost("closed"))?;
        jobs.send(job).map_err(|_| lost("it ended"))
    }

    fn push(&mut self, frame: TrackedFrame) -> Result<Option<TrackedFrame>, InferenceError> {
        let ready = if self.in_flight >= IN_FLIGHT { self.wait()? } else { None };
        self.send(Job::Track(Box::new(frame)))?;
        self.in_flight += 1;
        Ok(ready)
    }

    fn wait(&mut self) -> Result<Option<TrackedFrame>, InferenceError> {
        if self.in_flight == 0 {
            return Ok(None);
        }
        let frame = self.done.recv().map_err(|_| lost("it ended"))?;
        self.in_flight -= 1;
        frame.map(|frame| Some(*frame))
    }

    fn reset(&mut self) -> Result<(), InferenceError> {
        while self.wait()?.is_some() {}
        self.send(Job::Reset)
    }
}

impl Drop for HandThread {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has shown itself as a missing frame.
            let _ = thread.join();
        }
    }
}

fn lost(reason: &str) -> InferenceError {
    InferenceError::Run { name: "hands".to_owned(), reason: format!("their thread is lost ({reason})") }
}
