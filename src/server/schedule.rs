//! Whose turn it is: every client that has a frame waits in one line, so that a flooding one costs only itself. Single
//! pictures stand in the same line, those of one address in one place.
//!
//! Tracking has two halves, bodies and hands, so that two workers can be at work for one client. What was begun is finished
//! first. For each client at most one worker is in each half.
//!
//! Where the newest frame wins, an answer goes out after the first half, with the hands of the newest picture that is done.
//! Where all frames count, the second half answers, and the next frame's first half waits until it has begun. In which
//! order answers leave is the affair of [`super::answer_queue`].

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::client::Client;
use super::halfway::Halfway;
use super::still::StillJob;

/// Single pictures that wait at most, of all addresses together.
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
    begin: VecDeque<Waiting>,
    hands: VecDeque<Arc<Client>>,
    /// By the address that asks; each that is here stands in the line once.
    stills: HashMap<IpAddr, VecDeque<Box<StillJob>>>,
    closed: bool,
}

/// Who has one turn.
enum Waiting {
    /// A client, for the first half of its next frame.
    Client(Arc<Client>),
    /// An address, for its next single picture.
    Stills(IpAddr),
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

    /// A single picture waits; false where too many do. A full line makes room for whoever has less in it: then the newest
    /// picture of whoever has most is given up.
    pub(super) fn still_waits(&self, address: IpAddr, job: StillJob) -> bool {
        let mut lines = self.lock();
        let taken = lines.add_still(address, job);
        drop(lines);
        self.changed.notify_one();
        taken
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
        let clients = lines.begin.iter().filter(|waiting| matches!(waiting, Waiting::Client(_))).count();
        clients + lines.hands.len() + lines.stills_waiting()
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
            self.begin.push_back(Waiting::Client(Arc::clone(client)));
        }
    }

    fn is_empty(&self) -> bool {
        self.begin.is_empty() && self.hands.is_empty()
    }

    fn add_still(&mut self, address: IpAddr, job: StillJob) -> bool {
        if self.closed || (self.stills_waiting() >= MOST_STILLS && !self.make_room_for(address)) {
            return false;
        }
        match self.stills.entry(address) {
            Entry::Occupied(mut of_address) => of_address.get_mut().push_back(Box::new(job)),
            Entry::Vacant(none) => {
                none.insert(VecDeque::from([Box::new(job)]));
                self.begin.push_back(Waiting::Stills(address));
            }
        }
        true
    }

    fn make_room_for(&mut self, address: IpAddr) -> bool {
        for of_address in self.stills.values_mut() {
            of_address.retain(|job| !job.reply.is_closed());
        }
        if self.stills_waiting() < MOST_STILLS {
            return true;
        }
        let own = self.stills.get(&address).map_or(0, VecDeque::len);
        let most = self.stills.values_mut().max_by_key(|of_address| of_address.len());
        // Whoever waits for it hears that the server is busy.
        most.filter(|of_address| of_address.len() > own + 1).and_then(VecDeque::pop_back).is_some()
    }

    fn stills_waiting(&self) -> usize {
        self.stills.values().map(VecDeque::len).sum()
    }

    /// The next picture of an address, of those that somebody still waits for. It goes to the end of the line for the rest.
    fn next_still(&mut self, address: IpAddr) -> Option<Box<StillJob>> {
        let of_address = self.stills.get_mut(&address)?;
        of_address.retain(|job| !job.reply.is_closed());
        let job = of_address.pop_front();
        if of_address.is_empty() {
            self.stills.remove(&address);
        } else {
            self.begin.push_back(Waiting::Stills(address));
        }
        job
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
        while let Some(waiting) = self.begin.pop_front() {
            match waiting {
                Waiting::Client(client) => {
                    let mut standing = client.standing();
                    standing.in_line = false;
                    standing.at_bodies = true;
                    drop(standing);
                    return Some(Task::Bodies(client));
                }
                Waiting::Stills(address) => {
                    if let Some(job) = self.next_still(address) {
                        return Some(Task::Still(job));
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
