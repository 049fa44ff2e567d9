//! The inference workers: each opens every model once, and looks at whichever client's turn it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use super::answer_queue::Due;
use super::client::{Client, FinishMemory, Turn, lock};
use super::error::Fault;
use super::halfway::Halfway;
use super::hub::Hub;
use super::inbox::FrameIn;
use super::rig::rig_pose;
use super::schedule::Task;
use super::stats::WorkerStats;
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

/// Hands of a picture so much before are carried along; where the last ones are older, as with a client that gets few
/// answers, the answer waits for its own. Seconds.
const RECENT_HANDS_S: f64 = 0.2;

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
        let Turn { number, frame: FrameIn { sequence, captured_at_us, image, arrived }, time_s, config } = turn;
        let wait_ms = milliseconds(arrived, Instant::now());
        let tracked = guarded(|| {
            let picture = decode(hub, &image, time_s, JpegCare::Quick)?;
            let mut memory = lock(&client.bodies);
            memory.set_people(config.people as usize);
            self.look_at_bodies(&mut memory, picture, config.short_side)
        });
        match tracked {
            Ok(frame) => {
                let is_awaited = false;
                let halfway = Halfway { frame, number, is_awaited, sequence, captured_at_us, config, wait_ms, arrived };
                bodies_known(hub, client, halfway, config.hands && self.stack.has_hands())
            }
            Err(fault) => {
                hub.refuse(client, fault, sequence);
                None
            }
        }
    }

    /// The second half: hands, and the answer where it waits for them.
    fn hands_turn(&mut self, hub: &Hub, client: &Client, mut halfway: Halfway) {
        let looked = self.look_at_hands(&mut lock(&client.hands), &mut halfway.frame);
        hands_known(hub, client, halfway, looked);
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

/// Answers what can be answered now that a frame's bodies are known, in order. Returns what is left to do.
fn bodies_known(hub: &Hub, client: &Client, halfway: Halfway, wants_hands: bool) -> Option<Halfway> {
    // Held until the answers have left: another worker's must come behind them.
    let mut finish = lock(&client.finish);
    let is_recent = |known: &TrackedFrame| halfway.frame.time_s - known.time_s <= RECENT_HANDS_S;
    let has_recent = finish.newest_hands.as_ref().is_some_and(is_recent);
    let Due { answers, rest } = finish.queue.bodies_known(halfway, wants_hands, has_recent);
    for mut due in answers {
        if due.config.hands
            && let Some(known) = &finish.newest_hands
        {
            carry_hands(known, &mut due.frame);
        }
        answer(hub, client, &mut finish, due);
    }
    rest
}

/// The same once its hands are known, or never will be.
fn hands_known(hub: &Hub, client: &Client, mut halfway: Halfway, looked: Result<(), Fault>) {
    let mut finish = lock(&client.finish);
    let is_due = finish.queue.hands_known(halfway.number);
    match looked {
        Ok(()) => {
            // Its pixels are needed no more, and it stays for a while.
            halfway.frame.picture = Arc::default();
            finish.newest_hands = Some(halfway.frame.clone());
            if is_due {
                answer(hub, client, &mut finish, halfway);
            }
        }
        Err(fault) if is_due => hub.refuse(client, fault, halfway.sequence),
        // Its answer is out, and a client hears of each frame once.
        Err(fault) => hub.note(client, &fault),
    }
}

/// Filters, angles, bones, and off.
fn answer(hub: &Hub, client: &Client, finish: &mut FinishMemory, halfway: Halfway) {
    let Halfway { mut frame, number, sequence, captured_at_us, config, wait_ms, arrived, .. } = halfway;
    let finished = guarded(|| {
        finish.configure(&hub.options.settings, config, &hub.skeleton);
        let start = Instant::now();
        let mut motion = finish.session.smooth(&frame.motion_input());
        frame.timings.smoothing = milliseconds(start, Instant::now());
        finish.session.solve(&mut motion, (frame.width, frame.height));
        frame.people = motion.people;
        let angles = measure_angles(&mut frame);
        let rigs = motion.actors.iter().map(rig_pose).collect();
        Ok((angles, rigs))
    });
    match finished {
        Ok((angles, rigs)) => {
            // The answer needs no pixels, and may wait.
            frame.picture = Arc::default();
            let total_ms = milliseconds(arrived, Instant::now());
            frame.timings.total = total_ms;
            let dropped = client.dropped();
            let answer = Answer { sequence, captured_at_us, frame, angles, rigs, wait_ms, total_ms, dropped };
            hub.answer(client, number, answer, config.ordering);
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::super::client::Transport;
    use super::super::options::ServerOptions;
    use super::super::outbox::Outgoing;
    use super::*;
    use crate::motion::avatar_solver::SolverOptions;
    use crate::motion::session::{Cast, MotionSession, SessionOptions};
    use crate::motion::skeleton::RestSkeleton;
    use crate::pipeline::take_player::fixture::swaying;
    use crate::settings::Settings;

    fn hub() -> Hub {
        let options = ServerOptions::new(ServerOptions::DEFAULT_ADDRESS, Settings::default());
        Hub::new(options, RestSkeleton::default(), 1)
    }

    fn client(hub: &Hub) -> Client {
        Client::new(1, hub.options.address.ip(), Transport::binary, &hub.options, Instant::now())
    }

    fn halfway(client: &Client, number: u64, time_s: f64) -> Halfway {
        let frame = TrackedFrame::empty(number, client.connected, time_s, Arc::default());
        let (config, arrived) = (client.config(), client.connected);
        Halfway {
            frame,
            number,
            is_awaited: false,
            sequence: Some(number),
            captured_at_us: 0,
            config,
            wait_ms: 0.0,
            arrived,
        }
    }

    /// What the client is told, in order: a frame's answer as its number, a complaint about it as minus that.
    fn told(client: &Client) -> Vec<i64> {
        let next = || client.outbox.next().now_or_never();
        std::iter::from_fn(next)
            .map(|told| match told {
                Outgoing::Answer(answer) => answer.sequence.map_or(0, |sequence| sequence as i64),
                Outgoing::Fault { sequence, .. } => sequence.map_or(0, |sequence| -(sequence as i64)),
                Outgoing::Farewell(farewell) => panic!("{farewell}"),
            })
            .collect()
    }

    #[test]
    fn a_frame_that_can_be_answered_at_once_takes_along_the_one_that_waits_for_its_hands() {
        let (hub, broken) = (hub(), || Err(Fault::Tracking("broken".to_owned())));
        let client = client(&hub);
        let first = bodies_known(&hub, &client, halfway(&client, 1, 0.0), true).expect("hands to look at");
        assert!(first.is_awaited && told(&client).is_empty(), "no hands are known yet");
        hands_known(&hub, &client, first, Ok(()));
        assert_eq!(told(&client), [1]);
        let second = bodies_known(&hub, &client, halfway(&client, 2, 0.15), true).expect("hands to look at");
        assert_eq!((second.is_awaited, told(&client)), (false, vec![2]), "those of the first are recent");
        let third = bodies_known(&hub, &client, halfway(&client, 3, 0.25), true).expect("hands to look at");
        assert!(third.is_awaited && told(&client).is_empty(), "they are old by now");
        hands_known(&hub, &client, second, Ok(()));
        assert!(told(&client).is_empty(), "it was answered");
        let fourth = bodies_known(&hub, &client, halfway(&client, 4, 0.3), true).expect("hands to look at");
        assert_eq!((fourth.is_awaited, hub.metrics.answers.get()), (false, 4), "the third one's left before it");
        assert_eq!((told(&client), client.outbox.dropped()), (vec![4], 1), "and was overtaken in the outbox alone");
        hands_known(&hub, &client, third, broken());
        hands_known(&hub, &client, fourth, broken());
        assert!(told(&client).is_empty(), "a frame has one outcome");
        assert_eq!(hub.metrics.fault_count.load(Relaxed), 2, "operators see it");
        let late = bodies_known(&hub, &client, halfway(&client, 5, 0.9), true).expect("hands to look at");
        hands_known(&hub, &client, late, broken());
        assert_eq!(told(&client), [-5], "one that has no answer yet gets this");
    }

    /// What a client gets is what a session of these frames makes, bit for bit, whichever worker answers.
    #[test]
    fn rigs_are_what_a_session_makes_of_the_frames() {
        let hub = hub();
        let client = client(&hub);
        let settings = &hub.options.settings;
        let config = super::super::options::ClientConfig { rig: true, hands: false, ..client.config() };
        client.configure(config);
        let options = settings.session_options();
        let solver = SolverOptions { mirror: false, ..options.solver };
        let smoothing = settings.filter(config.smoothing);
        let options = SessionOptions { smoothing, solver, ..options };
        let mut session = MotionSession::new(options, Cast::EachPerson(Arc::clone(&hub.skeleton)));
        for number in 1..60 {
            let mut halfway = halfway(&client, number, number as f64 / 30.0);
            halfway.frame = TrackedFrame { time_s: halfway.frame.time_s, ..swaying(number) };
            halfway.config = config;
            let expected = session.push(&halfway.frame.motion_input());
            assert!(bodies_known(&hub, &client, halfway, false).is_none(), "there are no hands to wait for");
            let Some(Outgoing::Answer(answer)) = client.outbox.next().now_or_never() else { panic!("no answer") };
            assert_eq!(answer.frame.people, expected.people);
            assert_eq!(answer.rigs, expected.actors.iter().map(rig_pose).collect::<Vec<_>>());
        }
    }
}
