//! Motion where frames are made: a [`MotionSession`] that works as whoever shows the avatars wants it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::milliseconds_since;
use crate::frame::{PosedFrame, TrackedFrame};
use crate::motion::session::{Cast, MotionSession, SessionOptions};
use crate::slot::LatestSlot;

/// What is wanted of the sessions of all sources, by whoever shows their motion. Clones share it; each change counts from
/// the next frame on. Its lock is held for single assignments.
#[derive(Debug, Clone, Default)]
pub struct MotionControl(Arc<Mutex<Wanted>>);

#[derive(Debug, Clone, Default)]
struct Wanted {
    options: SessionOptions,
    cast: Cast,
    /// Counts the changes of the cast.
    cast_version: u64,
    /// Counts the calibrations that were asked for.
    calibrations: u64,
}

impl MotionControl {
    // Each change is one assignment: a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Wanted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How landmarks are filtered and poses solved.
    pub fn set_options(&self, options: SessionOptions) {
        self.lock().options = options;
    }

    /// For whom poses are solved.
    pub fn set_cast(&self, cast: Cast) {
        let mut wanted = self.lock();
        wanted.cast = cast;
        wanted.cast_version += 1;
    }

    /// Learns the bones of the first avatar's person anew, once.
    pub fn calibrate(&self) {
        self.lock().calibrations += 1;
    }
}

/// A session under a [`MotionControl`].
#[derive(Debug)]
pub struct Poser {
    control: MotionControl,
    session: MotionSession,
    cast_version: u64,
    calibrations: u64,
}

impl Default for Poser {
    fn default() -> Self {
        Self::new(MotionControl::default())
    }
}

impl Poser {
    /// A session that has seen nothing.
    #[must_use]
    pub fn new(control: MotionControl) -> Self {
        let Wanted { options, cast, cast_version, calibrations } = control.lock().clone();
        Self { control, session: MotionSession::new(options, cast), cast_version, calibrations }
    }

    /// Makes the motion of the next frame of the source.
    pub fn pose(&mut self, tracked: TrackedFrame) -> PosedFrame {
        self.follow_control();
        posed(&mut self.session, tracked)
    }

    fn follow_control(&mut self) {
        let wanted = self.control.lock();
        let (options, calibrations, cast_version) = (wanted.options, wanted.calibrations, wanted.cast_version);
        let cast = (cast_version != self.cast_version).then(|| wanted.cast.clone());
        drop(wanted);
        self.session.set_options(options);
        if let Some(cast) = cast {
            self.session.set_cast(cast);
            self.cast_version = cast_version;
        }
        if calibrations != self.calibrations {
            self.session.calibrate(calibrations);
            self.calibrations = calibrations;
        }
    }
}

/// Makes the motion of a session's next frame, and notes in the frame what filtering cost.
#[must_use]
pub fn posed(session: &mut MotionSession, mut tracked: TrackedFrame) -> PosedFrame {
    let began = Instant::now();
    let mut motion = session.smooth(&tracked.motion_input());
    tracked.timings.smoothing = milliseconds_since(began);
    tracked.timings.total += tracked.timings.smoothing;
    session.solve(&mut motion, (tracked.width, tracked.height));
    PosedFrame { tracked, motion }
}

/// Puts a frame where the newest wins, and has it inherit the break of the one that is lost.
pub(super) fn publish_posed(slot: &LatestSlot<PosedFrame>, frame: PosedFrame) {
    slot.publish_over(frame, |lost, new| {
        new.motion.continuity = new.motion.continuity.max(lost.motion.continuity);
    });
}
