//! Looking at several hands at once: one landmark session here and, where there is a core for it, one on a thread beside.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{HandTrackerOptions, Region};
use crate::frame::{RgbImage, Timings};
use crate::inference::hand::{HandLandmarker, SeenHand};
use crate::inference::{InferenceError, ModelStore};

type Seen = Result<Vec<Option<SeenHand>>, InferenceError>;

struct Job {
    image: Arc<RgbImage>,
    regions: Vec<Region>,
}

/// The hand landmark model, once or twice.
pub(super) struct Crew {
    own: HandLandmarker,
    helper: Option<Helper>,
}

impl Crew {
    pub(super) fn open(store: &ModelStore, options: HandTrackerOptions) -> Result<Self, InferenceError> {
        let open = || HandLandmarker::open(store, options.variant, options.compute);
        let helper = if options.side_by_side { Some(Helper::start(open()?)?) } else { None };
        Ok(Self { own: open()?, helper })
    }

    /// What is seen in each of the regions, in their order.
    pub(super) fn look(&mut self, image: &Arc<RgbImage>, regions: &[Region], timings: &mut Timings) -> Seen {
        // The second half goes to the helper; a single region is not worth the way there.
        let here = if self.helper.is_some() { regions.len().div_ceil(2) } else { regions.len() };
        let (own, theirs) = regions.split_at(here);
        let helper = self.helper.as_ref().filter(|_| !theirs.is_empty());
        if let Some(helper) = helper {
            helper.start_job(Job { image: Arc::clone(image), regions: theirs.to_vec() })?;
        }
        let mut seen = own.iter().map(|region| self.own.look(image, *region, timings)).collect::<Seen>();
        if let Some(helper) = helper {
            // Waiting for a model is time in a model.
            let start = Instant::now();
            let answer = helper.answer();
            timings.model += start.elapsed().as_secs_f32() * 1e3;
            if let Ok(seen) = &mut seen {
                seen.extend(answer?);
            }
        }
        seen
    }
}

/// A landmark session on a thread of its own, which ends with it.
struct Helper {
    jobs: Option<Sender<Job>>,
    answers: Receiver<Seen>,
    thread: Option<JoinHandle<()>>,
}

impl Helper {
    fn start(mut landmarker: HandLandmarker) -> Result<Self, InferenceError> {
        let (jobs, inbox) = bounded::<Job>(1);
        let (outbox, answers) = bounded::<Seen>(1);
        let work = move || {
            for job in inbox {
                // The other side measures how long it waits.
                let mut timings = Timings::default();
                let seen =
                    job.regions.iter().map(|region| landmarker.look(&job.image, *region, &mut timings)).collect();
                drop(job);
                if outbox.send(seen).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("hands-beside".to_owned()).spawn(work);
        let thread = thread.map_err(|error| lost(&error.to_string()))?;
        Ok(Self { jobs: Some(jobs), answers, thread: Some(thread) })
    }

    fn start_job(&self, job: Job) -> Result<(), InferenceError> {
        let jobs = self.jobs.as_ref().ok_or_else(|| lost("closed"))?;
        jobs.send(job).map_err(|_| lost("it ended"))
    }

    fn answer(&self) -> Seen {
        self.answers.recv().map_err(|_| lost("it ended"))?
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has shown itself as a missing answer.
            let _ = thread.join();
        }
    }
}

fn lost(reason: &str) -> InferenceError {
    InferenceError::Run { name: "hand_landmark".to_owned(), reason: format!("the thread beside is lost ({reason})") }
}
