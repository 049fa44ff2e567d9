//! What waits to be sent to one client.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::error::{Farewell, Fault};
use crate::wire::answer::Answer;
use crate::wire::choices::Ordering;

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
    /// Of the last answer that was left; 0 where there was none.
    number: u64,
    dropped: u64,
}

impl Outbox {
    // A panic while the lock is held cannot leave the state half written.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the answer to the client's frame of this number, from 1 on; the newest wins, or up to ten wait. Whether the
    /// client numbers its frames does not matter: one that comes after the answer to a later frame is dropped.
    pub(super) fn answer(&self, number: u64, answer: Answer, ordering: Ordering) {
        let room = match ordering {
            Ordering::Latest => 1,
            Ordering::Sequence => BUFFERED,
        };
        let mut state = self.lock();
        // Else a client that sends faster than it reads would never be told to go.
        if state.farewell.is_some() {
            return;
        }
        if number <= state.number {
            state.dropped += 1;
            return;
        }
        state.number = number;
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
        if state.farewell.is_none() && state.faults.len() < MOST_FAULTS {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::frame::{Timings, TrackedFrame};
    use crate::motion::Hands;
    use crate::motion::session::Continuity;

    fn answer(sequence: impl Into<Option<u64>>) -> Answer {
        let frame = TrackedFrame {
            frame_id: 0,
            captured_at: Instant::now(),
            time_s: 0.0,
            width: 1,
            height: 1,
            people: Vec::new(),
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: Arc::default(),
            continuity: Continuity::Follows,
            measured_hands: None,
        };
        Answer {
            sequence: sequence.into(),
            captured_at_us: 0,
            frame,
            angles: Vec::new(),
            rigs: Vec::new(),
            wait_ms: 0.0,
            total_ms: 0.0,
            dropped: 0,
        }
    }

    fn drain(outbox: &Outbox) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            match outbox.try_next() {
                Some(Outgoing::Answer(answer)) => said.push(answer.sequence.unwrap_or_default().to_string()),
                Some(Outgoing::Fault { fault, .. }) => said.push(fault.code().to_owned()),
                Some(Outgoing::Farewell(farewell)) => {
                    said.push(farewell.name().to_owned());
                    return said;
                }
                None => return said,
            }
        }
    }

    #[test]
    fn what_waits_is_bounded() {
        let outbox = Outbox::default();
        (0..30).for_each(|sequence| outbox.answer(sequence + 1, answer(sequence), Ordering::Latest));
        assert_eq!((outbox.dropped(), drain(&outbox)), (29, vec!["29".to_owned()]));
        (30..42).for_each(|sequence| outbox.answer(sequence + 1, answer(sequence), Ordering::Sequence));
        (0..99).for_each(|_| outbox.fault(Fault::Busy, None));
        let said = drain(&outbox);
        assert_eq!(said.iter().filter(|said| *said == "busy").count(), MOST_FAULTS);
        assert_eq!(said[MOST_FAULTS..], (32..42).map(|sequence| sequence.to_string()).collect::<Vec<_>>());
        assert_eq!(outbox.dropped(), 31);
        outbox.answer(41, answer(40), Ordering::Latest);
        assert_eq!((outbox.dropped(), drain(&outbox)), (32, Vec::new()), "one that was overtaken");
    }

    #[test]
    fn answers_to_a_client_that_numbers_nothing_do_not_overtake_each_other() {
        let outbox = Outbox::default();
        for (number, time_s) in [(2, 0.2), (1, 0.1), (3, 0.3)] {
            let mut answer = answer(None);
            answer.frame.time_s = time_s;
            outbox.answer(number, answer, Ordering::Sequence);
        }
        let times: Vec<f64> = std::iter::from_fn(|| match outbox.try_next() {
            Some(Outgoing::Answer(answer)) => Some(answer.frame.time_s),
            _ => None,
        })
        .collect();
        assert_eq!((times, outbox.dropped()), (vec![0.2, 0.3], 1));
    }

    #[test]
    fn what_is_there_is_sent_before_the_farewell_and_nothing_comes_after_it() {
        let outbox = Outbox::default();
        outbox.answer(1, answer(1), Ordering::Latest);
        outbox.farewell(Farewell::GoingAway);
        outbox.farewell(Farewell::BadToken);
        outbox.answer(2, answer(2), Ordering::Latest);
        outbox.fault(Fault::Busy, None);
        assert_eq!(drain(&outbox), ["1", "going_away"]);
        assert_eq!(drain(&outbox), ["going_away"], "it stays");
    }

    #[test]
    fn whoever_waits_is_woken_whenever_it_began_to() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().expect("a runtime");
        let outbox = Arc::new(Outbox::default());
        let reader = Arc::clone(&outbox);
        let read = runtime.spawn(async move {
            let mut count = 0;
            while !matches!(reader.next().await, Outgoing::Farewell(_)) {
                count += 1;
            }
            count
        });
        for sequence in 0..500 {
            outbox.answer(sequence + 1, answer(sequence), Ordering::Sequence);
            if sequence % 7 == 0 {
                std::thread::yield_now();
            }
        }
        outbox.farewell(Farewell::GoingAway);
        let count = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), read).await });
        let count = count.expect("in time").expect("no panic");
        assert_eq!(count + outbox.dropped(), 500);
    }
}
