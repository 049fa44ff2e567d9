//! Whose turn it is: every client that has a frame waits in one line, so that a flooding one costs only itself.
//!
//! Tracking has two halves, bodies and hands, so that two workers can be at work for one client. What was begun is finished
//! first. For each client at most one worker is in each half.
//!
//! Where the newest frame wins, an answer goes out after the first half, with the hands of the newest picture that is done.
//! Where all frames count, the second half answers, and the next frame's first half waits until it has begun.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::client::{Client, Halfway};
use super::still::StillJob;

/// Single pictures that wait at most.
const MOST_STILLS: usize = 64;

/// What a worker is to do next.
pub(super) enum Task {
    /// The first half of this client's next frame.
    Bodies(Arc<Client>),
    /// The second half.
    Hands(Arc<Client>, Box<Halfway>),
    /// A picture that belongs to nobody's stream.
    Still(Box<StillJob>),
}

/// The lines.
#[derive(Default)]
pub(super) struct Schedule {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    begin: VecDeque<Arc<Client>>,
    hands: VecDeque<Arc<Client>>,
    stills: VecDeque<Box<StillJob>>,
    /// Stills and streams take turns.
    still_is_next: bool,
    closed: bool,
}

/// Where one client stands. Kept beside the client, changed only under the lines' lock.
#[derive(Default)]
pub(super) struct Standing {
    in_line: bool,
    at_bodies: bool,
    at_hands: bool,
    halfway: Option<Box<Halfway>>,
}

impl Schedule {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A frame of this client waits.
    pub(super) fn frame_waits(&self, client: &Arc<Client>) {
        let mut lines = self.lock();
        lines.line_up(client);
        drop(lines);
        self.changed.notify_one();
    }

    /// A single picture waits; false where too many do.
    pub(super) fn still_waits(&self, job: StillJob) -> bool {
        let mut lines = self.lock();
        if lines.closed || lines.stills.len() >= MOST_STILLS {
            return false;
        }
        lines.stills.push_back(Box::new(job));
        drop(lines);
        self.changed.notify_one();
        true
    }

    /// Waits for something to do; `None` when the server ends.
    pub(super) fn next(&self) -> Option<Task> {
        let mut lines = self.lock();
        loop {
            if lines.closed {
                return None;
            }
            if let Some(task) = lines.next() {
                // Taking a task up may have put another one in line, of which nobody was told.
                if !lines.is_empty() {
                    self.changed.notify_one();
                }
                return Some(task);
            }
            lines = self.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The first half is done, with something for the second or with nothing.
    pub(super) fn bodies_done(&self, client: &Arc<Client>, halfway: Option<Box<Halfway>>) {
        let mut lines = self.lock();
        let mut standing = client.standing();
        standing.at_bodies = false;
        if let Some(halfway) = halfway {
            let is_in_line = standing.halfway.replace(halfway).is_some();
            if !is_in_line && !standing.at_hands {
                lines.hands.push_back(Arc::clone(client));
            }
        }
        drop(standing);
        lines.line_up(client);
        drop(lines);
        self.changed.notify_one();
    }

    /// The second half is done.
    pub(super) fn hands_done(&self, client: &Arc<Client>) {
        let mut lines = self.lock();
        let mut standing = client.standing();
        standing.at_hands = false;
        if standing.halfway.is_some() {
            lines.hands.push_back(Arc::clone(client));
        }
        drop(standing);
        lines.line_up(client);
        drop(lines);
        self.changed.notify_one();
    }

    /// Frames and pictures that wait for a worker.
    pub(super) fn waiting(&self) -> usize {
        let lines = self.lock();
        lines.begin.len() + lines.hands.len() + lines.stills.len()
    }

    /// Sends every worker home.
    pub(super) fn close(&self) {
        let mut lines = self.lock();
        lines.closed = true;
        // Whoever waits for these hears that nothing will come.
        lines.stills.clear();
        drop(lines);
        self.changed.notify_all();
    }
}

impl Lines {
    /// Puts a client in line that has a frame and nobody in the first half.
    fn line_up(&mut self, client: &Arc<Client>) {
        let mut standing = client.standing();
        let is_held_up = standing.halfway.as_ref().is_some_and(|halfway| halfway.is_awaited);
        let busy = standing.in_line || standing.at_bodies || is_held_up;
        if !busy && client.waiting() > 0 {
            standing.in_line = true;
            self.begin.push_back(Arc::clone(client));
        }
    }

    fn is_empty(&self) -> bool {
        self.begin.is_empty() && self.hands.is_empty() && self.stills.is_empty()
    }

    fn next(&mut self) -> Option<Task> {
        while let Some(client) = self.hands.pop_front() {
            let mut standing = client.standing();
            let Some(halfway) = standing.halfway.take() else { continue };
            standing.at_hands = true;
            drop(standing);
            // The next frame may begin while this one is finished.
            self.line_up(&client);
            return Some(Task::Hands(client, halfway));
        }
        self.still_is_next = !self.still_is_next;
        if (self.still_is_next || self.begin.is_empty())
            && let Some(job) = self.stills.pop_front()
        {
            return Some(Task::Still(job));
        }
        let client = self.begin.pop_front()?;
        let mut standing = client.standing();
        standing.in_line = false;
        standing.at_bodies = true;
        drop(standing);
        Some(Task::Bodies(client))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::frame::{Timings, TrackedFrame};
    use crate::motion::Hands;
    use crate::motion::session::Continuity;
    use crate::server::client::Transport;
    use crate::server::inbox::FrameIn;
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
        let frame =
            FrameIn { sequence: Some(sequence), captured_at_us: 0, image: Bytes::new(), arrived: Instant::now() };
        client.accept(frame).expect("rising");
        schedule.frame_waits(client);
    }

    fn halfway(client: &Client) -> Option<Box<Halfway>> {
        let turn = client.next_turn()?;
        let frame = TrackedFrame {
            frame_id: 0,
            captured_at: turn.frame.arrived,
            time_s: turn.time_s,
            width: 1,
            height: 1,
            people: Vec::new(),
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: Arc::default(),
            continuity: Continuity::Follows,
            measured_hands: None,
        };
        let sequence = turn.frame.sequence;
        let arrived = turn.frame.arrived;
        let config = turn.config;
        let is_awaited = config.ordering == Ordering::Sequence;
        Some(Box::new(Halfway { frame, is_awaited, sequence, captured_at_us: 0, config, wait_ms: 0.0, arrived }))
    }

    /// Workers that take one step when they are told to.
    struct Model {
        schedule: Schedule,
        clients: Vec<Arc<Client>>,
        at_work: Vec<Option<Task>>,
        sent: Vec<u64>,
        failed: u64,
        finished: Vec<Vec<u64>>,
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

        fn answer(&mut self, client: &Client, halfway: &Halfway) {
            self.finished[client.id as usize].push(halfway.sequence.expect("numbered"));
        }

        /// Returns whether there was something to do.
        fn step(&mut self, worker: usize, fails: bool) -> bool {
            match self.at_work[worker].take() {
                None => self.at_work[worker] = self.schedule.lock().next(),
                Some(Task::Bodies(client)) => {
                    let halfway = halfway(&client);
                    self.failed += u64::from(fails && halfway.is_some());
                    let halfway = halfway.filter(|_| !fails);
                    if let Some(halfway) = halfway.as_ref().filter(|halfway| !halfway.is_awaited) {
                        self.answer(&client, halfway);
                    }
                    self.schedule.bodies_done(&client, halfway);
                    return true;
                }
                Some(Task::Hands(client, halfway)) => {
                    if halfway.is_awaited {
                        self.answer(&client, &halfway);
                    }
                    self.schedule.hands_done(&client);
                    return true;
                }
                Some(Task::Still(_)) => unreachable!("none was sent"),
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
                assert!(self.finished[client as usize].is_sorted_by(|a, b| a < b), "{:?}", self.finished);
            }
        }

        fn drain(&mut self) {
            for _ in 0..10_000 {
                let busy = (0..WORKERS).map(|worker| self.step(worker, false)).filter(|busy| *busy).count();
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
        Step { worker: usize, fails: bool },
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            2 => (0..CLIENTS).prop_map(Event::Send),
            3 => (0..WORKERS, prop::bool::weighted(0.1)).prop_map(|(worker, fails)| Event::Step { worker, fails }),
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
                    Event::Step { worker, fails } => drop(model.step(worker, fails)),
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
    fn nobody_starves_beside_a_flood() {
        let mut model = Model::new(Ordering::Latest);
        model.send(1);
        model.send(2);
        let mut steps = 0;
        while model.finished[1].is_empty() || model.finished[2].is_empty() {
            model.send(0);
            model.step(0, false);
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
                        Task::Bodies(client) => schedule.bodies_done(&client, halfway(&client)),
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
}
