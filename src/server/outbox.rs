//! What waits to be sent to one client.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::error::{Farewell, Fault};
use super::options::Ordering;
use crate::wire::answer::Answer;

/// Answers that wait at most where none is to be overtaken.
const BUFFERED: usize = 10;
/// Complaints that wait at most; a client that breaks every rule need not hear of each time.
const MOST_FAULTS: usize = 8;

/// The next thing to tell a client.
#[derive(Debug)]
pub(super) enum Outgoing {
    Answer(Box<Answer>),
    Fault { fault: Fault, sequence: Option<u64> },
    Farewell(Farewell),
}

/// Where workers leave what they have for a client. They never wait.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Box<Answer>>,
    faults: VecDeque<(Fault, Option<u64>)>,
    farewell: Option<Farewell>,
    /// Of the last answer that was left.
    sequence: Option<u64>,
    dropped: u64,
}

impl Outbox {
    // A panic while the lock is held cannot leave the state half written.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves an answer; the newest wins, or up to ten wait.
    pub(super) fn answer(&self, answer: Answer, ordering: Ordering) {
        let room = match ordering {
            Ordering::Latest => 1,
            Ordering::Sequence => BUFFERED,
        };
        let mut state = self.lock();
        // One that was overtaken while the client changed the ordering: order counts more.
        if answer.sequence.is_some() && answer.sequence <= state.sequence {
            state.dropped += 1;
            return;
        }
        state.sequence = answer.sequence;
        while state.answers.len() >= room {
            state.answers.pop_front();
            state.dropped += 1;
        }
        state.answers.push_back(Box::new(answer));
        drop(state);
        self.changed.notify_one();
    }

    /// Leaves a complaint.
    pub(super) fn fault(&self, fault: Fault, sequence: Option<u64>) {
        let mut state = self.lock();
        if state.faults.len() < MOST_FAULTS {
            state.faults.push_back((fault, sequence));
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Asks for the connection to be ended once what is there was sent. The first reason stays.
    pub(super) fn farewell(&self, farewell: Farewell) {
        self.lock().farewell.get_or_insert(farewell);
        self.changed.notify_one();
    }

    /// Waits for the next thing to send. For one reader; may be cancelled without losing anything.
    pub(super) async fn next(&self) -> Outgoing {
        loop {
            if let Some(outgoing) = self.try_next() {
                return outgoing;
            }
            self.changed.notified().await;
        }
    }

    fn try_next(&self) -> Option<Outgoing> {
        let mut state = self.lock();
        if let Some((fault, sequence)) = state.faults.pop_front() {
            return Some(Outgoing::Fault { fault, sequence });
        }
        if let Some(answer) = state.answers.pop_front() {
            return Some(Outgoing::Answer(answer));
        }
        state.farewell.map(Outgoing::Farewell)
    }

    /// Answers that a newer one overtook.
    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }
}
