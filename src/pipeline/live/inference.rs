//! The inference thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::{Captured, InferenceState, OpenTracker, Shared, Tracker, panic_text};
use crate::pipeline::PipelineOptions;
use crate::slot::Taken;

/// How long a change of options may go unnoticed while no frames come.
const NOTICE_WITHIN: Duration = Duration::from_millis(100);

/// Works until the frames' slot is closed. A panic ends the tracker, not the thread.
pub(super) fn run(shared: &Shared, open: &OpenTracker) {
    let mut worker = Worker { shared, tracker: None, failed_version: None, static_image: false, epoch: 0 };
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
        let wanted = PipelineOptions {
            model: options.model,
            threads: options.threads,
            short_side: options.short_side,
            static_image: self.static_image,
            people: options.people,
            hands: options.hands,
        };
        if let Some((opened, tracker)) = &mut self.tracker {
            if opened.short_side != wanted.short_side {
                opened.short_side = wanted.short_side;
                tracker.set_short_side(wanted.short_side);
            }
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
        match tracker.track(captured.frame) {
            Ok(result) => {
                let mut status = self.shared.status();
                status.inference = InferenceState::Running;
                status.tracked += 1;
                drop(status);
                self.shared.results.publish(result);
            }
            // The next frame may fare better, so the tracker is kept.
            Err(error) => self.shared.status().inference = InferenceState::Failed { message: error.to_string() },
        }
    }

    fn fail(&mut self, message: String) {
        self.tracker = None;
        self.failed_version = Some(self.shared.control().options_version);
        self.shared.status().inference = InferenceState::Failed { message };
    }
}
