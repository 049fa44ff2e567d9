//! The inference thread while a server tracks: frames go out, answers come in, and where none come this machine tracks,
//! on a thread of its own, so that the server is heard as soon as it is back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::inference::{Desk, work};
use super::quality::QualityStep;
use super::{InferenceState, LiveOptions, OpenTracker, Shared, panic_text, publish_frame};
use crate::frame::{Frame, TrackedFrame};
use crate::inference::InferenceError;
use crate::motion::session::Continuity;
use crate::pipeline::remote::courier::Courier;
use crate::pipeline::remote::outlet::Outlet;
use crate::pipeline::remote::switch::Switch;
use crate::pipeline::remote::{LinkState, RemoteTarget, TrackedBy};
use crate::settings::HandsMode;
use crate::slot::{LatestSlot, Taken};

/// How long a change may go unnoticed while nothing happens.
const NOTICE_WITHIN: Duration = Duration::from_millis(25);
/// A single picture is sent again while it has no answer, so often.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Works while a server is to track; returns when this machine is, or when the pipeline is closed.
pub(super) fn run_while_wanted(shared: &Arc<Shared>, open: &Arc<OpenTracker>) {
    let mut outlet = Outlet::default();
    while shared.tracks_elsewhere() && !shared.frames.is_closed() {
        let done = catch_unwind(AssertUnwindSafe(|| run(shared, open, &mut outlet)));
        let failure = match done {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(payload) => format!("the connection failed inside ({}); choose another server", panic_text(&*payload)),
        };
        shared.status().inference = InferenceState::Failed { message: failure };
        shared.frames.rest(Duration::from_secs(1));
    }
    shared.status().remote = None;
}

/// Works with one server and one set of options.
fn run(shared: &Arc<Shared>, open: &Arc<OpenTracker>, outlet: &mut Outlet) -> Result<(), InferenceError> {
    let (target, options, version) = {
        let control = shared.control();
        (control.remote.clone(), control.options, control.remote_version)
    };
    let Some(target) = target else { return Ok(()) };
    let mut driver = Driver::open(shared, open, outlet, target, options)?;
    shared.set_state(InferenceState::Loading);
    loop {
        {
            let control = shared.control();
            if control.closed || control.remote_version != version || asks_for_more(control.options, options) {
                return Ok(());
            }
        }
        if shared.frames.is_closed() {
            return Ok(());
        }
        driver.step()?;
    }
}

/// Whether options differ in what a server has to be told.
fn asks_for_more(now: LiveOptions, before: LiveOptions) -> bool {
    (now.hands, now.people) != (before.hands, before.people)
}

struct Driver<'a> {
    shared: &'a Arc<Shared>,
    open: &'a Arc<OpenTracker>,
    outlet: &'a mut Outlet,
    courier: Courier,
    switch: Switch,
    beside: Option<Beside>,
    /// The strongest break since the last result that was shown, and the first frame behind it.
    broken: Continuity,
    since: u64,
    /// The same for the local tracker, which is to begin anew at each change.
    broken_here: Continuity,
    tracked_by: TrackedBy,
    has_fallback: bool,
    /// A single picture that has no answer yet, and when it was sent.
    still: Option<(Frame, Option<Instant>)>,
}

impl<'a> Driver<'a> {
    fn open(
        shared: &'a Arc<Shared>,
        open: &'a Arc<OpenTracker>,
        outlet: &'a mut Outlet,
        target: RemoteTarget,
        options: LiveOptions,
    ) -> Result<Self, InferenceError> {
        let fallback = target.fallback;
        let frames = shared.frames.clone();
        let hands = options.hands == HandsMode::On;
        let courier = Courier::open(target, hands, options.people as u32, Box::new(move || frames.nudge()));
        Ok(Self {
            shared,
            open,
            outlet,
            courier: courier.map_err(|error| InferenceError::Remote { reason: error.to_string() })?,
            switch: Switch::new(fallback),
            beside: None,
            broken: Continuity::Follows,
            since: 0,
            broken_here: Continuity::NewSource,
            tracked_by: TrackedBy::Server,
            has_fallback: fallback.is_some(),
            still: None,
        })
    }

    /// Does what is next.
    fn step(&mut self) -> Result<(), InferenceError> {
        let was_connected = self.courier.is_connected();
        for delivery in self.courier.collect() {
            self.switch.answered();
            self.still = None;
            self.decide(Instant::now());
            if self.tracked_by == TrackedBy::Server {
                self.show(Some(delivery.session), delivery.frame);
            }
        }
        if was_connected && !self.courier.is_connected() {
            self.switch.failed();
        }
        let found = self.beside.as_ref().and_then(|beside| beside.desk.results.try_take());
        if let Some(frame) = found.filter(|_| self.tracked_by == TrackedBy::ThisMachine) {
            self.show(None, frame);
        }
        let now = Instant::now();
        let frame = self.next_frame(now);
        if frame.is_none() && self.courier.in_flight() == 0 && !self.shared.frames.holds_value() && self.still.is_none()
        {
            self.switch.rested();
        }
        self.decide(now);
        if let Some(frame) = frame {
            self.track(frame, now)?;
        }
        self.tell(now);
        Ok(())
    }

    /// Waits a moment for a frame, if anybody has room for one, or else for news.
    fn next_frame(&mut self, now: Instant) -> Option<Frame> {
        if let Some((still, sent)) = &mut self.still
            && !self.shared.frames.holds_value()
            && sent.is_none_or(|sent| now.saturating_duration_since(sent) >= AGAIN_AFTER)
            && (self.courier.has_room(now) || self.tracked_by == TrackedBy::ThisMachine)
        {
            *sent = Some(now);
            let mut again = still.clone();
            (again.captured_at, again.continuity) = (now, Continuity::Follows);
            return Some(again);
        }
        if self.courier.has_room(now) || self.tracked_by == TrackedBy::ThisMachine {
            match self.shared.frames.take(NOTICE_WITHIN) {
                Taken::Value(frame) => {
                    self.still = frame.is_still.then(|| (frame.clone(), Some(now)));
                    return Some(frame);
                }
                Taken::Timeout | Taken::Closed => {}
            }
        } else if self.shared.frames.rest(NOTICE_WITHIN) {
            self.switch.asked(now);
        }
        None
    }

    fn track(&mut self, mut frame: Frame, now: Instant) -> Result<(), InferenceError> {
        self.switch.asked(now);
        if frame.is_still {
            // It does not age while it waits.
            frame.captured_at = now;
        }
        if !frame.continuity.follows() {
            (self.broken, self.since) = (self.broken.max(frame.continuity), frame.frame_id);
            self.broken_here = self.broken_here.max(frame.continuity);
            self.courier.forget();
            self.outlet.forget_people();
        }
        let short_side = self.shared.control().options.short_side;
        let beside = self.beside.as_ref().filter(|_| self.tracked_by == TrackedBy::ThisMachine);
        let goes_out = self.courier.has_room(now);
        if let Some(beside) = beside {
            let continuity = std::mem::take(&mut self.broken_here);
            if !goes_out {
                publish_frame(&beside.desk.frames, Frame { continuity, ..frame });
                return Ok(());
            }
            publish_frame(&beside.desk.frames, Frame { continuity, ..frame.clone() });
        }
        if goes_out { self.courier.send(frame, short_side) } else { Ok(()) }
    }

    fn decide(&mut self, now: Instant) {
        let tracked_by = self.switch.decide(now);
        if self.beside.is_none() && self.switch.wants_models(now) {
            self.beside = Beside::start(self.shared, self.open);
        }
        if tracked_by != self.tracked_by {
            self.tracked_by = tracked_by;
            // What it knew of the people is seconds old.
            self.broken_here = Continuity::NewSource;
            if let Some(beside) = &self.beside {
                let _ = beside.desk.results.try_take();
            }
            tracing::info!(
                "tracked by {}",
                match tracked_by {
                    TrackedBy::Server => "the server",
                    TrackedBy::ThisMachine => "this machine: the server gives no answers",
                }
            );
        }
    }

    fn show(&mut self, session: Option<u64>, mut frame: TrackedFrame) {
        if frame.frame_id >= self.since && self.outlet.admit(session, &mut frame, Instant::now()) {
            // Whoever tracked it: only the source's own breaks count.
            frame.continuity = std::mem::take(&mut self.broken);
            self.shared.deliver(frame);
        }
    }

    /// Says how things stand.
    fn tell(&mut self, now: Instant) {
        let status = self.courier.status(self.tracked_by, self.switch.is_held(now));
        let beside = self.beside.as_ref().map(|beside| beside.desk.state());
        let inference = match (self.tracked_by, &status.link, beside) {
            (TrackedBy::ThisMachine, _, Some(state)) => Some(state),
            (_, LinkState::Open, _) => Some(InferenceState::Running),
            // This machine will go on in a moment.
            (_, LinkState::Waiting { .. } | LinkState::Refused { .. }, _) if self.has_fallback => {
                Some(InferenceState::Loading)
            }
            (_, LinkState::Waiting { message, .. } | LinkState::Refused { message }, _) => {
                Some(InferenceState::Failed { message: format!("{}: {message}", status.address) })
            }
            // A second try is nothing new to read.
            (_, LinkState::Connecting, _) => (!self.courier.has_failed).then_some(InferenceState::Loading),
        };
        let mut shown = self.shared.status();
        if self.tracked_by == TrackedBy::Server {
            // Nothing is given up for the sake of this machine.
            shown.quality = QualityStep::Full;
        }
        if let Some(inference) = inference {
            shown.inference = inference;
        }
        shown.remote = Some(status);
    }
}

/// This machine's tracker on a thread of its own.
struct Beside {
    desk: Arc<SideDesk>,
    thread: Option<JoinHandle<()>>,
}

struct SideDesk {
    frames: LatestSlot<Frame>,
    results: LatestSlot<TrackedFrame>,
    state: Mutex<InferenceState>,
    shared: Arc<Shared>,
}

impl SideDesk {
    fn state(&self) -> InferenceState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Desk for SideDesk {
    fn frames(&self) -> &LatestSlot<Frame> {
        &self.frames
    }

    fn set_state(&self, state: InferenceState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn set_quality(&self, step: QualityStep) {
        self.shared.status().quality = step;
    }

    fn deliver(&self, result: TrackedFrame) {
        self.set_state(InferenceState::Running);
        self.results.publish(result);
        self.shared.frames.nudge();
    }
}

impl Beside {
    fn start(shared: &Arc<Shared>, open: &Arc<OpenTracker>) -> Option<Self> {
        let desk = Arc::new(SideDesk {
            frames: LatestSlot::new(),
            results: LatestSlot::new(),
            state: Mutex::new(InferenceState::Loading),
            shared: Arc::clone(shared),
        });
        let (at, open) = (Arc::clone(&desk), Arc::clone(open));
        let thread = std::thread::Builder::new().name("inference-local".to_owned());
        let thread = thread.spawn(move || work(&at.shared, at.as_ref(), &open, &|| true));
        match thread {
            Ok(thread) => Some(Self { desk, thread: Some(thread) }),
            Err(error) => {
                tracing::warn!("no thread for tracking on this machine ({error}); close other programs");
                None
            }
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.desk.frames.close();
        if let Some(thread) = self.thread.take() {
            // A panic was caught and shown as a state where it happened.
            let _ = thread.join();
        }
    }
}
