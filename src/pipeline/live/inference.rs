//! The inference thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::quality::{Governor, QualityStep};
use super::{InferenceState, LiveOptions, OpenTracker, Shared, Tracker, panic_text};
use crate::frame::{Frame, TrackedFrame};
use crate::motion::session::Continuity;
use crate::pipeline::PipelineOptions;
use crate::pipeline::poser::publish_posed;
use crate::settings::ModelVariant;
use crate::slot::{LatestSlot, Taken};

/// How long a change of options may go unnoticed while no frames come.
const NOTICE_WITHIN: Duration = Duration::from_millis(100);

/// Frame rate assumed of a source that promises none.
const NOMINAL_FPS: f64 = 30.0;
/// Short side of the picture at the last step.
const SMALL_SIDE: u32 = 256;

fn model_at(step: QualityStep, options: LiveOptions) -> ModelVariant {
    if step >= QualityStep::LiteModel { ModelVariant::Lite } else { options.model }
}

fn short_side_at(step: QualityStep, options: LiveOptions) -> u32 {
    match options.short_side {
        wished if step < QualityStep::SmallPicture => wished,
        0 => SMALL_SIDE,
        wished => wished.min(SMALL_SIDE),
    }
}

/// Where a worker gets its frames, and where it leaves what comes of them.
pub(super) trait Desk {
    /// Closed, it ends the worker.
    fn frames(&self) -> &LatestSlot<Frame>;
    fn set_state(&self, state: InferenceState);
    fn set_quality(&self, step: QualityStep);
    fn deliver(&self, result: TrackedFrame);
}

impl Desk for Shared {
    fn frames(&self) -> &LatestSlot<Frame> {
        &self.frames
    }

    fn set_state(&self, state: InferenceState) {
        self.status().inference = state;
    }

    fn set_quality(&self, step: QualityStep) {
        self.status().quality = step;
    }

    fn deliver(&self, result: TrackedFrame) {
        let mut status = self.status();
        status.inference = InferenceState::Running;
        status.tracked += 1;
        drop(status);
        // Before it is offered to whoever draws, who may be too slow to take it.
        let tap = self.tap().clone();
        if let Some(tap) = tap {
            tap(&result);
        }
        let posed = self.poser().pose(result);
        let control = self.control();
        // Else it is of a source that nobody wants any more.
        if control.first_frame.is_some_and(|first| posed.tracked.frame_id >= first) {
            publish_posed(&self.results, posed);
        }
    }
}

/// Works until the frames' slot is closed.
pub(super) fn run(shared: &Arc<Shared>, open: &Arc<OpenTracker>) {
    while !shared.frames.is_closed() {
        #[cfg(feature = "remote")]
        super::remote::run_while_wanted(shared, open);
        work(shared, shared.as_ref(), open, &|| !shared.tracks_elsewhere());
    }
}

/// Works at a desk until its slot is closed or it is not to go on. A panic ends the tracker, not the thread.
pub(super) fn work(shared: &Shared, desk: &dyn Desk, open: &OpenTracker, goes_on: &dyn Fn() -> bool) {
    let mut worker = Worker {
        shared,
        desk,
        tracker: None,
        failed_version: None,
        static_image: false,
        lost: Continuity::Follows,
        governor: Governor::new(),
        started: Instant::now(),
    };
    while goes_on() {
        match catch_unwind(AssertUnwindSafe(|| worker.step(open))) {
            Ok(true) => {}
            Ok(false) => return,
            Err(payload) => {
                let reason = panic_text(&*payload);
                worker.fail(format!("tracking failed inside ({reason}); choose another model or source"));
            }
        }
    }
}

struct Worker<'a> {
    shared: &'a Shared,
    desk: &'a dyn Desk,
    tracker: Option<(PipelineOptions, Box<dyn Tracker>)>,
    /// The version of the options with which it failed; it is not tried again with these.
    failed_version: Option<u64>,
    static_image: bool,
    /// The strongest break since the last result.
    lost: Continuity,
    governor: Governor,
    started: Instant,
}

impl Worker<'_> {
    /// Does what is next. Returns false when the pipeline is closed.
    fn step(&mut self, open: &OpenTracker) -> bool {
        self.prepare(open);
        match self.desk.frames().take(NOTICE_WITHIN) {
            Taken::Closed => return false,
            Taken::Timeout => {}
            Taken::Value(frame) => self.track(frame, open),
        }
        // A value that was left in a closed slot must not delay the end.
        !self.desk.frames().is_closed()
    }

    /// Opens the tracker that the options ask for, if it is not open.
    fn prepare(&mut self, open: &OpenTracker) {
        let (options, version) = {
            let control = self.shared.control();
            (control.options, control.options_version)
        };
        if options.fixed_quality {
            self.governor.reset();
        }
        let step = self.governor.step();
        let wanted = PipelineOptions {
            model: model_at(step, options),
            threads: options.threads,
            short_side: short_side_at(step, options),
            static_image: self.static_image,
            people: options.people,
            hands: options.hands,
            provider: options.provider,
        };
        if let Some((opened, tracker)) = &mut self.tracker {
            if opened.short_side != wanted.short_side {
                opened.short_side = wanted.short_side;
                tracker.set_short_side(wanted.short_side);
            }
            tracker.set_hand_interval(if step >= QualityStep::FewerHands { 2 } else { 1 });
            if *opened == wanted {
                return;
            }
        } else if self.failed_version == Some(version) {
            return;
        }
        self.desk.set_state(InferenceState::Loading);
        // The old sessions give their memory back before the new ones ask for theirs.
        self.tracker = None;
        // Counts as failed until it is open, so that a panic on the way is not met again and again.
        self.failed_version = Some(version);
        match open(wanted) {
            Ok(tracker) => {
                self.tracker = Some((wanted, tracker));
                self.failed_version = None;
                self.desk.set_state(InferenceState::Running);
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn track(&mut self, frame: Frame, open: &OpenTracker) {
        if self.static_image != frame.is_still {
            self.static_image = frame.is_still;
            self.prepare(open);
        }
        let Some((_, tracker)) = &mut self.tracker else {
            self.lost = self.lost.max(frame.continuity);
            return;
        };
        // A break that no result has told of yet, as its frame failed.
        self.lost = self.lost.max(frame.continuity);
        let frame = Frame { continuity: self.lost, ..frame };
        let start = Instant::now();
        match tracker.track(frame) {
            Ok(result) => {
                let failure = tracker.take_failure();
                self.lost = Continuity::Follows;
                self.govern(start);
                self.desk.deliver(result);
                if let Some(error) = failure {
                    self.desk.set_state(InferenceState::Failed { message: error.to_string() });
                }
            }
            // The next frame may fare better, so the tracker is kept.
            Err(error) => self.desk.set_state(InferenceState::Failed { message: error.to_string() }),
        }
    }

    /// Gives quality up, or takes it back, by what this frame cost.
    fn govern(&mut self, start: Instant) {
        let options = self.shared.control().options;
        if options.fixed_quality || self.static_image {
            return;
        }
        let fps = self.shared.status().info.as_ref().and_then(|info| info.fps).unwrap_or(NOMINAL_FPS);
        let now_s = self.started.elapsed().as_secs_f64();
        if let Some(step) = self.governor.observe(now_s, start.elapsed().as_secs_f64(), 1.0 / fps) {
            self.desk.set_quality(step);
        }
    }

    fn fail(&mut self, message: String) {
        self.tracker = None;
        self.failed_version = Some(self.shared.control().options_version);
        self.desk.set_state(InferenceState::Failed { message });
    }
}
