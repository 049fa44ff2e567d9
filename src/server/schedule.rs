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

    fn next(&mut self) -> Option<Task> {
        if let Some(client) = self.hands.pop_front() {
            let mut standing = client.standing();
            let halfway = standing.halfway.take()?;
            standing.at_hands = true;
            drop(standing);
            // The next frame may begin while this one is finished.
            self.line_up(&client);
            return Some(Task::Hands(client, halfway));
        }
        self.still_is_next = !self.still_is_next;
        if self.still_is_next || self.begin.is_empty() {
            if let Some(job) = self.stills.pop_front() {
                return Some(Task::Still(job));
            }
        }
        let client = self.begin.pop_front()?;
        let mut standing = client.standing();
        standing.in_line = false;
        standing.at_bodies = true;
        drop(standing);
        Some(Task::Bodies(client))
    }
}
