//! The schedule and the order of answers, driven step by step: workers that take one step when they are told to.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use bytes::Bytes;
use proptest::prelude::*;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::*;
use crate::frame::TrackedFrame;
use crate::server::client::{Transport, lock};
use crate::server::error::Fault;
use crate::server::inbox::FrameIn;
use crate::server::still::StillAnswer;
use crate::server::{Ordering, ServerOptions};
use crate::settings::Settings;

const CLIENTS: usize = 3;
const WORKERS: usize = 3;

fn client(id: usize, ordering: Ordering) -> Arc<Client> {
    let mut options = ServerOptions::new(ServerOptions::DEFAULT_ADDRESS, Settings::default());
    options.limits.frames_per_second = 1_000_000;
    options.ordering = ordering;
    Arc::new(Client::new(id as u64, options.address.ip(), Transport::binary, &options, Instant::now()))
}

fn send(schedule: &Schedule, client: &Arc<Client>, sequence: u64) {
    let frame = FrameIn { sequence: Some(sequence), captured_at_us: 0, image: Bytes::new(), arrived: Instant::now() };
    client.accept(frame).expect("rising");
    schedule.frame_waits(client);
}

/// The next frame of a client, with its bodies.
fn halfway(client: &Client) -> Option<Halfway> {
    let turn = client.next_turn()?;
    let frame = TrackedFrame::empty(0, turn.frame.arrived, turn.time_s, Arc::default());
    let (number, config, arrived) = (turn.number, turn.config, turn.frame.arrived);
    let sequence = turn.frame.sequence;
    Some(Halfway { frame, number, is_awaited: false, sequence, captured_at_us: 0, config, wait_ms: 0.0, arrived })
}

/// Puts a single picture of so many bytes as the last part of the address in line; what is returned waits for it.
fn ask(schedule: &Schedule, address: u8) -> Option<oneshot::Receiver<Result<StillAnswer, Fault>>> {
    let (reply, answer) = oneshot::channel();
    let job = StillJob { image: Bytes::from(vec![0; address.into()]), arrived: Instant::now(), reply };
    schedule.still_waits(IpAddr::V4(Ipv4Addr::new(10, 0, 0, address)), job).then_some(answer)
}

/// What a frame is like: drawn anew for each.
#[derive(Debug, Clone, Copy)]
struct Nature {
    fails: bool,
    wants_hands: bool,
    /// Whether those of an earlier frame may stand for its own.
    has_recent_hands: bool,
}

const PLAIN: Nature = Nature { fails: false, wants_hands: true, has_recent_hands: true };

/// What left for a client: the frame's own number, and the time that filters saw.
type Answered = (u64, f64);

struct Model {
    schedule: Schedule,
    clients: Vec<Arc<Client>>,
    at_work: Vec<Option<Task>>,
    sent: Vec<u64>,
    failed: u64,
    finished: Vec<Vec<Answered>>,
}

impl Model {
    fn new(ordering: Ordering) -> Self {
        Self {
            schedule: Schedule::default(),
            clients: (0..CLIENTS).map(|id| client(id, ordering)).collect(),
            at_work: (0..WORKERS).map(|_| None).collect(),
            sent: vec![0; CLIENTS],
            failed: 0,
            finished: vec![Vec::new(); CLIENTS],
        }
    }

    fn send(&mut self, client: usize) {
        send(&self.schedule, &self.clients[client], self.sent[client]);
        self.sent[client] += 1;
    }

    fn order(&self, client: usize, ordering: Ordering) {
        let client = &self.clients[client];
        client.configure(crate::server::ClientConfig { ordering, ..client.config() });
    }

    fn answer(&mut self, client: &Client, halfway: &Halfway) {
        let answered = (halfway.sequence.expect("numbered"), halfway.frame.time_s);
        self.finished[client.id as usize].push(answered);
    }

    /// Returns whether there was something to do.
    fn step(&mut self, worker: usize, nature: Nature) -> bool {
        match self.at_work[worker].take() {
            None => self.at_work[worker] = self.schedule.lock().next(),
            Some(Task::Bodies(client)) => {
                let frame = halfway(&client);
                self.failed += u64::from(nature.fails && frame.is_some());
                let mut rest = None;
                if let Some(frame) = frame.filter(|_| !nature.fails) {
                    let queue = &mut lock(&client.finish).queue;
                    let due = queue.bodies_known(frame, nature.wants_hands, nature.has_recent_hands);
                    due.answers.iter().for_each(|frame| self.answer(&client, frame));
                    rest = due.rest.map(Box::new);
                }
                self.schedule.bodies_done(&client, rest);
                return true;
            }
            Some(Task::Hands(client, halfway)) => {
                let is_due = lock(&client.finish).queue.hands_known(halfway.number);
                match (is_due, nature.fails) {
                    (true, true) => self.failed += 1,
                    (true, false) => self.answer(&client, &halfway),
                    (false, _) => {}
                }
                self.schedule.hands_done(&client);
                return true;
            }
            Some(Task::Still(_)) => return true,
        }
        self.at_work[worker].is_some()
    }

    fn check(&self) {
        for client in 0..CLIENTS as u64 {
            let at = |hands: bool| {
                let is_there = |task: &&Task| match task {
                    Task::Bodies(at) => !hands && at.id == client,
                    Task::Hands(at, _) => hands && at.id == client,
                    Task::Still(_) => false,
                };
                self.at_work.iter().flatten().filter(is_there).count()
            };
            assert!(at(false) <= 1 && at(true) <= 1, "two workers in the same half");
            let finished = &self.finished[client as usize];
            assert!(finished.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{finished:?}");
        }
    }

    fn drain(&mut self) {
        for _ in 0..10_000 {
            let busy = (0..WORKERS).map(|worker| self.step(worker, PLAIN)).filter(|busy| *busy).count();
            self.check();
            if busy == 0 {
                return;
            }
        }
        panic!("it never ends");
    }
}

#[derive(Debug, Clone)]
enum Event {
    Send(usize),
    Order(usize, Ordering),
    Step(usize, Nature),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let ordering = prop_oneof![Just(Ordering::Latest), Just(Ordering::Sequence)];
    let nature = (prop::bool::weighted(0.1), prop::bool::weighted(0.9), any::<bool>())
        .prop_map(|(fails, wants_hands, has_recent_hands)| Nature { fails, wants_hands, has_recent_hands });
    let event = prop_oneof![
        8 => (0..CLIENTS).prop_map(Event::Send),
        1 => (0..CLIENTS, ordering).prop_map(|(client, ordering)| Event::Order(client, ordering)),
        12 => (0..WORKERS, nature).prop_map(|(worker, nature)| Event::Step(worker, nature)),
    ];
    prop::collection::vec(event, 0..200)
}

proptest! {
    #[test]
    fn every_frame_is_answered_or_counted_in_order_and_once(events in events(), in_order: bool) {
        let mut model = Model::new(if in_order { Ordering::Sequence } else { Ordering::Latest });
        for event in events {
            match event {
                Event::Send(client) => model.send(client),
                Event::Order(client, ordering) => model.order(client, ordering),
                Event::Step(worker, nature) => drop(model.step(worker, nature)),
            }
            model.check();
        }
        model.drain();
        let finished: usize = model.finished.iter().map(Vec::len).sum();
        let dropped: u64 = model.clients.iter().map(|client| client.dropped()).sum();
        prop_assert_eq!(finished as u64 + dropped + model.failed, model.sent.iter().sum::<u64>());
        prop_assert_eq!(model.schedule.waiting(), 0);
    }
}

#[test]
fn an_answer_that_waits_for_hands_is_not_overtaken() {
    let mut model = Model::new(Ordering::Latest);
    model.send(0);
    model.step(0, PLAIN);
    model.step(0, Nature { has_recent_hands: false, ..PLAIN });
    // One worker looks at its hands; meanwhile the next frame comes, which could be answered at once.
    model.step(0, PLAIN);
    model.send(0);
    model.step(1, PLAIN);
    model.step(1, PLAIN);
    assert_eq!(model.finished[0].iter().map(|answer| answer.0).collect::<Vec<_>>(), [0, 1]);
    model.step(0, PLAIN);
    model.check();
}

#[test]
fn nobody_starves_beside_a_flood() {
    let mut model = Model::new(Ordering::Latest);
    model.send(1);
    model.send(2);
    let mut steps = 0;
    while model.finished[1].is_empty() || model.finished[2].is_empty() {
        model.send(0);
        model.step(0, PLAIN);
        steps += 1;
        assert!(steps < 20, "one worker serves three clients in turn: {:?}", model.finished);
    }
}

#[test]
fn threads_that_wait_are_woken_for_all_that_there_is() {
    let schedule = Arc::new(Schedule::default());
    let clients: Vec<_> = (0..CLIENTS).map(|id| client(id, Ordering::Sequence)).collect();
    let finished = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let work = |index: usize| {
        let (schedule, finished) = (Arc::clone(&schedule), Arc::clone(&finished));
        let work = move || {
            while let Some(task) = schedule.next() {
                match task {
                    Task::Bodies(client) => {
                        let rest = halfway(&client).map(|frame| Halfway { is_awaited: true, ..frame });
                        schedule.bodies_done(&client, rest.map(Box::new));
                    }
                    Task::Hands(client, _) => {
                        schedule.hands_done(&client);
                        finished.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                    Task::Still(_) => {}
                }
            }
        };
        std::thread::Builder::new().name(format!("worker-{index}")).spawn(work).expect("a thread")
    };
    let workers: Vec<_> = (0..WORKERS).map(work).collect();
    for sequence in 0..2_000 {
        for client in &clients {
            send(&schedule, client, sequence);
        }
    }
    let all = || {
        let dropped: u64 = clients.iter().map(|client| client.dropped()).sum();
        finished.load(std::sync::atomic::Ordering::SeqCst) + dropped
    };
    let began = Instant::now();
    while all() < 2_000 * CLIENTS as u64 {
        assert!(began.elapsed().as_secs() < 20, "somebody sleeps while there is work");
        std::thread::yield_now();
    }
    schedule.close();
    for worker in workers {
        worker.join().expect("no panic");
    }
}

/// Whose turns come, until nobody waits.
fn turns(schedule: &Schedule) -> Vec<String> {
    let next = || schedule.lock().next();
    std::iter::from_fn(next)
        .map(|task| match task {
            Task::Bodies(client) | Task::Hands(client, _) => format!("client {}", client.id),
            Task::Still(job) => format!("10.0.0.{}", job.image.len()),
        })
        .collect()
}

#[test]
fn an_address_has_one_turn_in_a_round_however_many_pictures_it_sends() {
    let schedule = Schedule::default();
    let clients: Vec<_> = (0..2).map(|id| client(id, Ordering::Latest)).collect();
    let flood: Vec<_> = (0..40).map(|_| ask(&schedule, 1).expect("room")).collect();
    send(&schedule, &clients[0], 0);
    let other = ask(&schedule, 2).expect("room");
    send(&schedule, &clients[1], 0);
    assert_eq!(schedule.waiting(), 43);
    let turns = turns(&schedule);
    assert_eq!(turns[..5], ["10.0.0.1", "client 0", "10.0.0.2", "client 1", "10.0.0.1"]);
    assert_eq!((turns.len(), schedule.waiting()), (43, 0));
    drop((flood, other));
}

#[test]
fn pictures_that_nobody_waits_for_any_more_are_not_looked_at() {
    let schedule = Schedule::default();
    let mut waiting: Vec<_> = (0..6).map(|_| ask(&schedule, 1).expect("room")).collect();
    drop(ask(&schedule, 2));
    send(&schedule, &client(0, Ordering::Latest), 0);
    waiting.drain(1..5);
    assert_eq!(turns(&schedule), ["10.0.0.1", "client 0", "10.0.0.1"]);
    assert!(ask(&schedule, 2).is_some(), "and who left may come back");
}

#[test]
fn a_full_line_has_room_for_whoever_has_less_in_it() {
    let schedule = Schedule::default();
    let mut flood: Vec<_> = (0..MOST_STILLS).map(|_| ask(&schedule, 1).expect("room")).collect();
    assert!(ask(&schedule, 1).is_none(), "it is full");
    let other = ask(&schedule, 2).expect("room");
    let is_given_up = |answer: &mut oneshot::Receiver<_>| matches!(answer.try_recv(), Err(TryRecvError::Closed));
    let given_up: Vec<_> = flood.iter_mut().map(is_given_up).collect();
    assert_eq!(given_up.iter().filter(|gone| **gone).count(), 1, "{given_up:?}");
    assert!(given_up[MOST_STILLS - 1], "the newest");
    flood.truncate(30);
    assert!(ask(&schedule, 1).is_some(), "those that nobody waits for take no room");
    assert_eq!(turns(&schedule)[..3], ["10.0.0.1", "10.0.0.2", "10.0.0.1"]);
    drop((flood, other));
}
