//! The inference workers: each opens every model once, and looks at whichever client's turn it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use super::client::{Client, Halfway, Turn, lock};
use super::error::Fault;
use super::hub::Hub;
use super::inbox::FrameIn;
use super::rig::rig_pose;
use super::schedule::Task;
use super::still::{StillAnswer, StillJob};
use crate::capture::{JpegCare, PictureLimits, decode_picture};
use crate::frame::{Frame, TrackedFrame};
use crate::inference::{InferenceError, ModelStore};
use crate::motion::angle::{JointAngles, joint_angles};
use crate::pipeline::PipelineOptions;
use crate::pipeline::carried_hands::carry_hands;
use crate::pipeline::stack::{HandsPolicy, TrackingStack};
use crate::pipeline::stage::{BodyMemory, HandStageMemory};
use crate::wire::answer::Answer;
use crate::wire::choices::Ordering;

/// Hands of a picture so much before are carried along; where the last ones are older, as with a client that gets few
/// answers, the answer waits for its own. Seconds.
const RECENT_HANDS_S: f64 = 0.2;

/// What a worker's figures are read from.
#[derive(Debug, Default)]
pub(super) struct WorkerStats {
    pub(super) busy: AtomicBool,
    /// Its thread has ended, which it only should when the server does.
    pub(super) is_gone: AtomicBool,
    pub(super) frames: AtomicU64,
    /// Microseconds at work since the start.
    pub(super) busy_us: AtomicU64,
    /// Of these, counted at the last look at the rates.
    counted_us: AtomicU64,
    /// Share of the last second at work, millionths.
    share: AtomicU64,
}

impl WorkerStats {
    /// Called once a second.
    pub(super) fn tick(&self, seconds: f64) {
        let busy_us = self.busy_us.load(Relaxed);
        let at_work_us = busy_us.saturating_sub(self.counted_us.swap(busy_us, Relaxed));
        // Work that ends in this second may have begun in the one before.
        self.share.store((at_work_us as f64 / seconds.max(1e-3)).min(1e6) as u64, Relaxed);
    }

    /// Share of the last second at work, 0 to 1.
    pub(super) fn busy_share(&self) -> f64 {
        self.share.load(Relaxed) as f64 * 1e-6
    }

    /// Seconds at work since the start.
    pub(super) fn busy_s(&self) -> f64 {
        self.busy_us.load(Relaxed) as f64 * 1e-6
    }
}

/// A worker's models.
pub(super) struct Worker {
    stack: TrackingStack,
}

impl Worker {
    /// Checks and opens the models.
    pub(super) fn open(
        store: Arc<ModelStore>,
        options: PipelineOptions,
        side_by_side: bool,
    ) -> Result<Self, InferenceError> {
        Ok(Self { stack: TrackingStack::open_with(store, options, HandsPolicy::After, side_by_side)? })
    }

    /// Works until the hub closes. A panic costs the frame, not the worker.
    pub(super) fn run(mut self, hub: &Hub, stats: &WorkerStats) {
        let _gone = Gone(stats);
        while let Some(task) = hub.schedule.next() {
            stats.busy.store(true, Relaxed);
            let start = Instant::now();
            match task {
                Task::Bodies(client) => {
                    let work = || client.next_turn().and_then(|turn| self.bodies_turn(hub, &client, turn));
                    // Whatever happens, the client's place in the schedule is given back.
                    let halfway = catch_unwind(AssertUnwindSafe(work)).ok().flatten();
                    hub.schedule.bodies_done(&client, halfway.map(Box::new));
                    stats.frames.fetch_add(1, Relaxed);
                }
                Task::Hands(client, halfway) => {
                    let _ = catch_unwind(AssertUnwindSafe(|| self.hands_turn(hub, &client, *halfway)));
                    hub.schedule.hands_done(&client);
                }
                Task::Still(job) => {
                    let _ = catch_unwind(AssertUnwindSafe(|| self.still(hub, *job)));
                    stats.frames.fetch_add(1, Relaxed);
                }
            }
            stats.busy_us.fetch_add(start.elapsed().as_micros() as u64, Relaxed);
            stats.busy.store(false, Relaxed);
        }
    }

    /// The first half: picture, bodies, and the answer where it does not wait for this picture's hands. Returns what is
    /// left to do.
    fn bodies_turn(&mut self, hub: &Hub, client: &Client, turn: Turn) -> Option<Halfway> {
        let Turn { frame: FrameIn { sequence, captured_at_us, image, arrived }, time_s, config } = turn;
        let wait_ms = milliseconds(arrived, Instant::now());
        let tracked = guarded(|| {
            let picture = decode(hub, &image, time_s, JpegCare::Quick)?;
            let mut memory = lock(&client.bodies);
            memory.set_people(config.people as usize);
            self.look_at_bodies(&mut memory, picture, config.short_side)
        });
        let frame = match tracked {
            Ok(frame) => frame,
            Err(fault) => {
                hub.refuse(client, fault, sequence);
                return None;
            }
        };
        let has_hands = config.hands && self.stack.has_hands();
        let is_recent = |known: &TrackedFrame| frame.time_s - known.time_s <= RECENT_HANDS_S;
        let has_recent = lock(&client.newest_hands).as_ref().is_some_and(is_recent);
        let is_awaited = has_hands && (config.ordering == Ordering::Sequence || !has_recent);
        let halfway = Halfway { frame, is_awaited, sequence, captured_at_us, config, wait_ms, arrived };
        if is_awaited {
            return Some(halfway);
        }
        let rest = has_hands.then(|| halfway.clone());
        let Halfway { mut frame, .. } = halfway;
        if has_hands && let Some(known) = &*lock(&client.newest_hands) {
            carry_hands(known, &mut frame);
        }
        answer(hub, client, Halfway { frame, ..halfway });
        rest
    }

    /// The second half: hands, and the answer where it waits for them.
    fn hands_turn(&mut self, hub: &Hub, client: &Client, mut halfway: Halfway) {
        if let Err(fault) = self.look_at_hands(&mut lock(&client.hands), &mut halfway.frame) {
            hub.refuse(client, fault, halfway.sequence);
            return;
        }
        // Its pixels are needed no more, and it stays for a while.
        halfway.frame.picture = Arc::default();
        let known = if halfway.is_awaited {
            let known = halfway.frame.clone();
            answer(hub, client, halfway);
            known
        } else {
            halfway.frame
        };
        // Not before: the next frame's answer must not overtake this one.
        *lock(&client.newest_hands) = Some(known);
    }

    /// A picture without a past.
    fn still(&mut self, hub: &Hub, job: StillJob) {
        let short_side = hub.options.settings.short_side;
        let tracked = guarded(|| {
            let picture = decode(hub, &job.image, 0.0, JpegCare::Whole)?;
            let mut frame = self.look_at_bodies(&mut BodyMemory::new(1), picture, short_side)?;
            self.look_at_hands(&mut HandStageMemory::default(), &mut frame)?;
            let angles = measure_angles(&mut frame);
            frame.timings.total = milliseconds(job.arrived, Instant::now());
            Ok(StillAnswer { frame, angles })
        });
        // Whoever asked may have left.
        let _ = job.reply.send(tracked);
    }

    /// Tracks bodies with the memory of one stream, which keeps it whatever happens.
    fn look_at_bodies(
        &mut self,
        memory: &mut BodyMemory,
        frame: Frame,
        short_side: u32,
    ) -> Result<TrackedFrame, Fault> {
        self.stack.set_short_side(short_side);
        self.stack.track_bodies(memory, frame).map_err(failed)
    }

    /// The same for hands; nothing where the server has no models for them.
    fn look_at_hands(&mut self, memory: &mut HandStageMemory, frame: &mut TrackedFrame) -> Result<(), Fault> {
        self.stack.track_hands(memory, frame).map_err(failed)
    }
}

/// Filters, angles, bones, and off.
fn answer(hub: &Hub, client: &Client, halfway: Halfway) {
    let Halfway { mut frame, sequence, captured_at_us, config, wait_ms, arrived, .. } = halfway;
    let finished = guarded(|| {
        let mut memory = lock(&client.finish);
        memory.configure(&hub.options.settings, config, &hub.skeleton);
        let start = Instant::now();
        let mut motion = memory.session.smooth(&frame.motion_input());
        frame.timings.smoothing = milliseconds(start, Instant::now());
        memory.session.solve(&mut motion, (frame.width, frame.height));
        frame.people = motion.people;
        let angles = measure_angles(&mut frame);
        Ok((angles, motion.actors.iter().map(rig_pose).collect()))
    });
    match finished {
        Ok((angles, rigs)) => {
            // The answer needs no pixels, and may wait.
            frame.picture = Arc::default();
            let total_ms = milliseconds(arrived, Instant::now());
            frame.timings.total = total_ms;
            let dropped = client.dropped();
            let answer = Answer { sequence, captured_at_us, frame, angles, rigs, wait_ms, total_ms, dropped };
            hub.answer(client, answer, config.ordering);
        }
        Err(fault) => hub.refuse(client, fault, sequence),
    }
}

/// The joint angles of everybody in the frame, as they stand there; notes what that cost.
fn measure_angles(frame: &mut TrackedFrame) -> Vec<JointAngles> {
    let start = Instant::now();
    let angles = frame.people.iter().map(|person| joint_angles(&person.world)).collect();
    frame.timings.angles = milliseconds(start, Instant::now());
    angles
}

/// Says of a worker that it has ended, however it does.
struct Gone<'a>(&'a WorkerStats);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.is_gone.store(true, Relaxed);
    }
}

/// Bytes to a frame with pixels.
fn decode(hub: &Hub, bytes: &[u8], time_s: f64, jpeg: JpegCare) -> Result<Frame, Fault> {
    let start = Instant::now();
    let limits = PictureLimits { max_side: hub.options.limits.image_side, jpeg };
    let image = decode_picture(bytes, limits).map_err(Fault::BadImage)?;
    let decode_ms = milliseconds(start, Instant::now());
    Ok(Frame { decode_ms, ..Frame::new(0, start, time_s, image) })
}

/// Runs one step; a panic inside becomes a fault.
fn guarded<T>(step: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| Err(Fault::Tracking("it failed inside".to_owned())))
}

fn failed(error: InferenceError) -> Fault {
    Fault::Tracking(error.to_string())
}

fn milliseconds(from: Instant, to: Instant) -> f32 {
    to.saturating_duration_since(from).as_secs_f32() * 1e3
}
