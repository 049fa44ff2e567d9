//! A single place where two threads meet and the newest value wins.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What waiting on a [`LatestSlot`] ended with.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// The newest value.
    Value(T),
    /// Nothing came in time; the slot is still open.
    Timeout,
    /// The slot was closed and holds nothing more.
    Closed,
}

/// Holds at most one value. Publishing overwrites and counts the loss; taking waits; closing wakes everyone.
///
/// Clones share the same slot.
#[derive(Debug)]
pub struct LatestSlot<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    value: Option<T>,
    published: u64,
    dropped: u64,
    closed: bool,
    nudged: bool,
}

impl<T> Clone for LatestSlot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for LatestSlot<T> {
    fn default() -> Self {
        let state = State { value: None, published: 0, dropped: 0, closed: false, nudged: false };
        Self(Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }))
    }
}

impl<T> LatestSlot<T> {
    /// An open, empty slot.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // A panic while the lock is held cannot leave the state half written: every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a value in and returns the one it replaced, so that its buffers can be used again.
    /// A closed slot returns the value itself.
    pub fn publish(&self, value: T) -> Option<T> {
        let mut state = self.lock();
        if state.closed {
            return Some(value);
        }
        state.published += 1;
        let replaced = state.value.replace(value);
        state.dropped += u64::from(replaced.is_some());
        drop(state);
        self.0.changed.notify_one();
        replaced
    }

    /// As [`LatestSlot::publish`], where the new value has to know of the one that is lost: `inherit` is given both.
    pub fn publish_over(&self, mut value: T, inherit: impl FnOnce(&T, &mut T)) -> Option<T> {
        let mut state = self.lock();
        if state.closed {
            return Some(value);
        }
        state.published += 1;
        if let Some(lost) = &state.value {
            inherit(lost, &mut value);
            state.dropped += 1;
        }
        let replaced = state.value.replace(value);
        drop(state);
        self.0.changed.notify_one();
        replaced
    }

    /// Takes the value if one is there, without waiting.
    #[must_use]
    pub fn try_take(&self) -> Option<T> {
        self.lock().value.take()
    }

    /// Wakes whoever waits, or is the next to wait, with nothing: there is something else to look at.
    pub fn nudge(&self) {
        self.lock().nudged = true;
        self.0.changed.notify_all();
    }

    /// Waits up to `timeout` for a nudge or the end, and takes nothing. Returns whether a value is there.
    pub fn rest(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if std::mem::take(&mut state.nudged) || state.closed || left.is_zero() {
                return state.value.is_some();
            }
            state = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits up to `timeout` for a value and takes it. A value that was published before closing is still handed out.
    /// A [`LatestSlot::nudge`] ends the wait as time does.
    pub fn take(&self, timeout: Duration) -> Taken<T> {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            if let Some(value) = state.value.take() {
                return Taken::Value(value);
            }
            if state.closed {
                return Taken::Closed;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if std::mem::take(&mut state.nudged) || left.is_zero() {
                return Taken::Timeout;
            }
            state = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether a value is there.
    #[must_use]
    pub fn holds_value(&self) -> bool {
        self.lock().value.is_some()
    }

    /// Closes the slot for good: later values are refused and waiting threads wake.
    pub fn close(&self) {
        self.lock().closed = true;
        self.0.changed.notify_all();
    }

    /// Whether the slot was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Values that were overwritten before anybody took them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Values ever put in.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.lock().published
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_value_wins_and_losses_are_counted() {
        let slot = LatestSlot::new();
        assert_eq!(slot.publish(1), None);
        assert_eq!(slot.publish(2), Some(1));
        assert_eq!(slot.publish(3), Some(2));
        assert_eq!(slot.take(Duration::ZERO), Taken::Value(3));
        assert_eq!(slot.take(Duration::ZERO), Taken::Timeout);
        assert_eq!((slot.published(), slot.dropped()), (3, 2));
    }

    #[test]
    fn closing_hands_out_the_last_value_then_wakes_everyone() {
        let slot = LatestSlot::new();
        slot.publish(7);
        slot.close();
        assert_eq!(slot.publish(8), Some(8), "a closed slot refuses");
        assert_eq!(slot.take(Duration::from_secs(5)), Taken::Value(7));
        assert_eq!(slot.take(Duration::from_secs(5)), Taken::Closed);
    }

    #[test]
    fn a_waiting_thread_wakes_on_close() {
        let slot = LatestSlot::<u8>::new();
        let waiting = slot.clone();
        let thread = std::thread::Builder::new()
            .name("slot-wait".into())
            .spawn(move || waiting.take(Duration::from_mins(1)))
            .expect("a thread can be started");
        slot.close();
        assert_eq!(thread.join().expect("the thread ends"), Taken::Closed);
    }

    #[test]
    fn a_nudge_wakes_and_takes_nothing() {
        let slot = LatestSlot::new();
        let long = Duration::from_mins(1);
        slot.nudge();
        assert_eq!(slot.take(long), Taken::Timeout);
        slot.nudge();
        assert!(!slot.rest(long), "nothing is there");
        slot.publish(3);
        slot.nudge();
        assert!(slot.rest(long), "and now there is");
        slot.nudge();
        assert_eq!(slot.take(long), Taken::Value(3), "a value comes before a nudge");
        assert_eq!(slot.take(long), Taken::Timeout);
    }

    /// Two racing threads: what is taken rises strictly, the last value is never lost, and every value is
    /// either taken or counted as dropped.
    #[test]
    fn two_racing_threads_lose_nothing_uncounted() {
        for round in 0..40_u64 {
            let slot = LatestSlot::new();
            let (writer, count) = (slot.clone(), 500 + round);
            let thread = std::thread::Builder::new()
                .name("slot-publish".into())
                .spawn(move || {
                    for value in 1..=count {
                        writer.publish(value);
                        if value % 7 == round % 7 {
                            std::thread::yield_now();
                        }
                    }
                    writer.close();
                })
                .expect("a thread can be started");
            let (mut last, mut taken) = (0, 0);
            loop {
                match slot.take(Duration::from_secs(10)) {
                    Taken::Value(value) => {
                        assert!(value > last, "values rise: {value} after {last}");
                        (last, taken) = (value, taken + 1);
                    }
                    Taken::Closed => break,
                    Taken::Timeout => panic!("the slot hung"),
                }
            }
            thread.join().expect("the thread ends");
            assert_eq!(last, count, "the newest value always arrives");
            assert_eq!(taken + slot.dropped(), count);
        }
    }
}
