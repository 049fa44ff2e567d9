//! The inference thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::quality::{Governor, QualityStep};
use super::{Captured, InferenceState, LiveOptions, OpenTracker, Shared, Tracker, panic_text};
use crate::pipeline::PipelineOptions;
use crate::settings::ModelVariant;
use crate::slot::Taken;

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

/// Works until the frames' slot is closed. A panic ends the tracker, not the thread.
pub(super) fn run(shared: &Shared, open: &OpenTracker) {
    let mut worker = Worker {
        shared,
        tracker: None,
        failed_version: None,
        static_image: false,
        epoch: 0,
        governor: Governor::new(),
        started: Instant::now(),
    };
    loop {
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
    tracker: Option<(PipelineOptions, Box<dyn Tracker>)>,
    /// The version of the options with which it failed; it is not tried again with these.
    failed_version: Option<u64>,
    static_image: bool,
    epoch: u64,
    governor: Governor,
    started: Instant,
}

impl Worker<'_> {
    /// Does what is next. Returns false when the pipeline is closed.
    fn step(&mut self, open: &OpenTracker) -> bool {
        self.prepare(open);
        match self.shared.frames.take(NOTICE_WITHIN) {
            Taken::Closed => return false,
            Taken::Timeout => {}
            Taken::Value(captured) => self.track(captured, open),
        }
        // A value that was left in a closed slot must not delay the end.
        !self.shared.frames.is_closed()
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
        self.shared.status().inference = InferenceState::Loading;
        // The old sessions give their memory back before the new ones ask for theirs.
        self.tracker = None;
        // Counts as failed until it is open, so that a panic on the way is not met again and again.
        self.failed_version = Some(version);
        match open(wanted) {
            Ok(tracker) => {
                self.tracker = Some((wanted, tracker));
                self.failed_version = None;
                self.shared.status().inference = InferenceState::Running;
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn track(&mut self, captured: Captured, open: &OpenTracker) {
        if self.static_image != captured.static_image {
            self.static_image = captured.static_image;
            self.prepare(open);
        }
        let Some((_, tracker)) = &mut self.tracker else {
            return;
        };
        if self.epoch != captured.epoch {
            self.epoch = captured.epoch;
            tracker.reset();
        }
        let start = Instant::now();
        match tracker.track(captured.frame) {
            Ok(result) => {
                self.govern(start);
                let mut status = self.shared.status();
                status.inference = InferenceState::Running;
                status.tracked += 1;
                drop(status);
                // Before it is offered to whoever draws, who may be too slow to take it.
                let tap = self.shared.tap().clone();
                if let Some(tap) = tap {
                    tap(&result);
                }
                self.shared.results.publish(result);
            }
            // The next frame may fare better, so the tracker is kept.
            Err(error) => self.shared.status().inference = InferenceState::Failed { message: error.to_string() },
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
            self.shared.status().quality = step;
        }
    }

    fn fail(&mut self, message: String) {
        self.tracker = None;
        self.failed_version = Some(self.shared.control().options_version);
        self.shared.status().inference = InferenceState::Failed { message };
    }
}
