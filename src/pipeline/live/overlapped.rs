//! Bodies now, hands when they are ready: what the live inference thread drives.
//!
//! Hands are tracked on a thread of their own, always in the newest picture. A frame goes out with the hands of the newest
//! picture that is done, moved to where its wrists are now; so the avatar never waits for a hand.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Tracker;
use crate::frame::{Frame, TrackedFrame};
use crate::inference::{InferenceError, ModelStore};
use crate::pipeline::carried_hands::carry_hands;
use crate::pipeline::stage::{BodyStage, HandStage};
use crate::pipeline::{PipelineOptions, cores};
use crate::settings::HandsMode;
use crate::slot::{LatestSlot, Taken};

/// How often the hands' thread looks whether it should end.
const NOTICE_WITHIN: Duration = Duration::from_millis(100);

/// Both stages, overlapped.
pub(super) struct OverlappedTracker {
    bodies: BodyStage,
    hands: HandsWork,
}

enum HandsWork {
    None,
    /// Nothing else is tracked, so there is nothing to wait beside.
    Alone(Box<HandStage>),
    Beside(Beside),
}

impl OverlappedTracker {
    pub(super) fn open(options: PipelineOptions) -> Result<Self, InferenceError> {
        // A core is left to whoever draws.
        let options = options.for_machine(cores(), 1);
        let store = ModelStore::shipped()?;
        let bodies = BodyStage::open(&store, options)?;
        // One core for bodies, one for hands, one for whoever draws: the next may look at the other hand.
        let hands = HandStage::open(&store, options, cores() > 3)?;
        let hands = match hands {
            None => HandsWork::None,
            Some(stage) if options.hands == HandsMode::Only || options.static_image => {
                HandsWork::Alone(Box::new(stage))
            }
            Some(stage) => HandsWork::Beside(Beside::start(stage)?),
        };
        Ok(Self { bodies, hands })
    }
}

impl Tracker for OverlappedTracker {
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let mut tracked = self.bodies.process(frame)?;
        match &mut self.hands {
            HandsWork::None => {}
            HandsWork::Alone(stage) => stage.process(&mut tracked)?,
            HandsWork::Beside(beside) => beside.attach(&mut tracked)?,
        }
        Ok(tracked)
    }

    fn reset(&mut self) {
        self.bodies.reset();
        match &mut self.hands {
            HandsWork::None => {}
            HandsWork::Alone(stage) => stage.reset(),
            HandsWork::Beside(beside) => beside.reset(),
        }
    }

    fn set_short_side(&mut self, short_side: u32) {
        self.bodies.set_short_side(short_side);
    }

    fn set_hand_interval(&mut self, frames: u32) {
        if let HandsWork::Beside(beside) = &mut self.hands {
            beside.interval = frames.max(1);
        }
    }
}

/// What the hands' thread found last.
#[derive(Default)]
struct Found {
    frame: Option<TrackedFrame>,
    error: Option<InferenceError>,
}

struct Job {
    frame: TrackedFrame,
    epoch: u64,
}

/// The hands' thread.
struct Beside {
    jobs: LatestSlot<Job>,
    found: Arc<Mutex<(u64, Found)>>,
    epoch: u64,
    /// One of so many frames is handed on.
    interval: u32,
    until_next: u32,
    thread: Option<JoinHandle<()>>,
}

impl Beside {
    fn start(stage: HandStage) -> Result<Self, InferenceError> {
        let jobs = LatestSlot::<Job>::new();
        let found = Arc::new(Mutex::new((0, Found::default())));
        let (inbox, outbox) = (jobs.clone(), Arc::clone(&found));
        let thread = std::thread::Builder::new().name("hands".to_owned()).spawn(move || work(stage, &inbox, &outbox));
        let thread = thread.map_err(|error| lost(&error.to_string()))?;
        Ok(Self { jobs, found, epoch: 0, interval: 1, until_next: 0, thread: Some(thread) })
    }

    /// Hands the frame on, and gives it the newest hands there are.
    fn attach(&mut self, frame: &mut TrackedFrame) -> Result<(), InferenceError> {
        if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return Err(lost("it ended"));
        }
        if self.until_next == 0 {
            self.jobs.publish(Job { frame: frame.clone(), epoch: self.epoch });
            self.until_next = self.interval;
        }
        self.until_next -= 1;
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = found.1.error.take() {
            return Err(error);
        }
        if let (epoch, Found { frame: Some(known), .. }) = &*found
            && *epoch == self.epoch
        {
            carry_hands(known, frame);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.epoch += 1;
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.jobs.close();
        if let Some(thread) = self.thread.take() {
            // A panic there has shown itself as an error already.
            let _ = thread.join();
        }
    }
}

fn work(mut stage: HandStage, jobs: &LatestSlot<Job>, found: &Mutex<(u64, Found)>) {
    let mut epoch = 0;
    loop {
        let Job { mut frame, epoch: newest } = match jobs.take(NOTICE_WITHIN) {
            Taken::Closed => return,
            Taken::Timeout => continue,
            Taken::Value(job) => job,
        };
        if epoch != newest {
            epoch = newest;
            stage.reset();
        }
        let result = stage.process(&mut frame);
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        *found = match result {
            Ok(()) => (epoch, Found { frame: Some(frame), error: None }),
            Err(error) => (epoch, Found { frame: None, error: Some(error) }),
        };
    }
}

fn lost(reason: &str) -> InferenceError {
    InferenceError::Run { name: "hands".to_owned(), reason: format!("their thread is lost ({reason})") }
}
