//! One connection: its frames, its memory of the pictures before, its answers.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use governor::{DefaultDirectRateLimiter, RateLimiter};

use super::answer_queue::AnswerQueue;
use super::clock::ClientClock;
use super::error::Fault;
use super::halfway::Standing;
use super::inbox::{FrameIn, Inbox};
use super::options::{ClientConfig, ServerOptions};
use super::outbox::Outbox;
use super::stats::ClientStats;
use crate::frame::TrackedFrame;
use crate::motion::avatar_solver::SolverOptions;
use crate::motion::session::{Cast, MotionSession, SessionOptions};
use crate::motion::skeleton::RestSkeleton;
use crate::pipeline::stage::{BodyMemory, HandStageMemory};
use crate::settings::Settings;

/// How a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, prometheus_client::encoding::EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "these are the labels of the metrics")]
pub(super) enum Transport {
    binary,
    json,
    socketio,
}

impl Transport {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::binary => "binary",
            Self::json => "json",
            Self::socketio => "socketio",
        }
    }
}

/// One connection.
pub(super) struct Client {
    pub(super) id: u64,
    pub(super) address: IpAddr,
    pub(super) transport: Transport,
    pub(super) connected: Instant,
    pub(super) outbox: Outbox,
    pub(super) stats: ClientStats,
    rate: DefaultDirectRateLimiter,
    rate_limit: u32,
    intake: Mutex<Intake>,
    standing: Mutex<Standing>,
    /// Held by the one worker that looks at bodies for this client.
    pub(super) bodies: Mutex<BodyMemory>,
    /// Held by the one worker that looks at hands for this client.
    pub(super) hands: Mutex<HandStageMemory>,
    /// Held by the one worker that makes an answer for this client, until the answer has left.
    pub(super) finish: Mutex<FinishMemory>,
}

/// What changes as frames come in.
struct Intake {
    inbox: Inbox,
    clock: ClientClock,
    config: ClientConfig,
    /// Frames that workers have taken up.
    turns: u64,
}

/// What the making of answers remembers.
pub(super) struct FinishMemory {
    pub(super) queue: AnswerQueue,
    /// The newest picture whose hands are known.
    pub(super) newest_hands: Option<TrackedFrame>,
    pub(super) session: MotionSession,
    has_rigs: bool,
}

impl FinishMemory {
    fn new(settings: &Settings, config: ClientConfig) -> Self {
        let session = MotionSession::new(session_options(settings, config), Cast::Nobody);
        Self { queue: AnswerQueue::default(), newest_hands: None, session, has_rigs: false }
    }

    /// Works as the client wishes from the next answer on.
    pub(super) fn configure(&mut self, settings: &Settings, config: ClientConfig, skeleton: &Arc<RestSkeleton>) {
        self.session.set_options(session_options(settings, config));
        if config.rig != self.has_rigs {
            let cast = if config.rig { Cast::EachPerson(Arc::clone(skeleton)) } else { Cast::Nobody };
            self.session.set_cast(cast);
            self.has_rigs = config.rig;
        }
    }
}

/// Mirroring is the viewer's affair, and who was calibrated on this machine is none of its clients.
fn session_options(settings: &Settings, config: ClientConfig) -> SessionOptions {
    let options = settings.session_options();
    let solver = SolverOptions { mirror: false, bones: None, ..options.solver };
    SessionOptions { smoothing: settings.filter(config.smoothing), solver, ..options }
}

/// A frame whose turn it is.
pub(super) struct Turn {
    /// Its place among the frames of its client, by which answers are ordered: 1 for the first.
    pub(super) number: u64,
    pub(super) frame: FrameIn,
    pub(super) time_s: f64,
    pub(super) config: ClientConfig,
}

impl Client {
    pub(super) fn new(id: u64, address: IpAddr, transport: Transport, options: &ServerOptions, now: Instant) -> Self {
        let (config, quota) = (options.default_config(), options.limits.frame_quota());
        Self {
            id,
            address,
            transport,
            connected: now,
            outbox: Outbox::default(),
            stats: ClientStats::default(),
            rate: RateLimiter::direct(quota),
            rate_limit: quota.burst_size().get(),
            intake: Mutex::new(Intake { inbox: Inbox::default(), clock: ClientClock::new(now), config, turns: 0 }),
            standing: Mutex::default(),
            bodies: Mutex::new(BodyMemory::new(config.people as usize)),
            hands: Mutex::default(),
            finish: Mutex::new(FinishMemory::new(&options.settings, config)),
        }
    }

    /// For the schedule alone, and under its lock.
    pub(super) fn standing(&self) -> MutexGuard<'_, Standing> {
        lock(&self.standing)
    }

    fn intake(&self) -> MutexGuard<'_, Intake> {
        lock(&self.intake)
    }

    pub(super) fn config(&self) -> ClientConfig {
        self.intake().config
    }

    /// From now on `config` holds, for frames whose turn has not come.
    pub(super) fn configure(&self, config: ClientConfig) {
        self.intake().config = config;
    }

    /// Puts a frame into the inbox.
    pub(super) fn accept(&self, frame: FrameIn) -> Result<(), Fault> {
        self.rate.check().map_err(|_| Fault::RateLimit { limit: self.rate_limit })?;
        let mut intake = self.intake();
        let ordering = intake.config.ordering;
        intake.inbox.put(frame, ordering)
    }

    /// Takes the next frame up.
    pub(super) fn next_turn(&self) -> Option<Turn> {
        let mut intake = self.intake();
        let frame = intake.inbox.take()?;
        let time_s = intake.clock.time_s(frame.captured_at_us, frame.arrived);
        intake.turns += 1;
        Some(Turn { number: intake.turns, frame, time_s, config: intake.config })
    }

    /// Frames that wait.
    pub(super) fn waiting(&self) -> usize {
        self.intake().inbox.len()
    }

    /// Frames that were given up so far, before or after they were looked at.
    pub(super) fn dropped(&self) -> u64 {
        self.intake().inbox.dropped() + self.outbox.dropped()
    }

    /// Lets go of what waits, when the client is gone.
    pub(super) fn forget(&self) {
        self.intake().inbox.clear();
    }
}

/// Whatever a panic left there is still whole enough: the next picture starts from it, or from nothing.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
