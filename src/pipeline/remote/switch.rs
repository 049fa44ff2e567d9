//! Whose answers are shown: the server's, or this machine's while the server gives none.

use std::time::{Duration, Instant};

use super::status::TrackedBy;

/// Answers in a row, each young, after which the server is trusted again.
const TRUSTED_AFTER: u32 = 3;
/// The local models are made ready when an answer is missing for this share of the time until they are needed.
const READY_AT: f64 = 0.3;

/// Decides who tracks. Knows no clock of its own.
#[derive(Debug)]
pub(in crate::pipeline) struct Switch {
    after: Option<Duration>,
    tracked_by: TrackedBy,
    /// Since when a frame waits for an answer.
    waiting_since: Option<Instant>,
    good: u32,
}

impl Switch {
    /// This machine takes over without an answer for so long; `None` for never.
    pub(in crate::pipeline) const fn new(after: Option<Duration>) -> Self {
        Self { after, tracked_by: TrackedBy::Server, waiting_since: None, good: 0 }
    }

    /// A frame is there that wants to be tracked.
    pub(in crate::pipeline) fn asked(&mut self, now: Instant) {
        self.waiting_since.get_or_insert(now);
    }

    /// The server has answered, soon enough to be shown.
    pub(in crate::pipeline) fn answered(&mut self) {
        self.waiting_since = None;
        self.good = (self.good + 1).min(TRUSTED_AFTER);
        if self.good >= TRUSTED_AFTER {
            self.tracked_by = TrackedBy::Server;
        }
    }

    /// The connection is lost, or answers are missing.
    pub(in crate::pipeline) fn failed(&mut self) {
        self.good = 0;
    }

    /// Nothing is asked any more: the source stands still.
    pub(in crate::pipeline) fn rested(&mut self) {
        if self.tracked_by == TrackedBy::Server {
            self.waiting_since = None;
        }
    }

    fn waited(&self, now: Instant) -> Duration {
        self.waiting_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Who tracks now.
    pub(in crate::pipeline) fn decide(&mut self, now: Instant) -> TrackedBy {
        if self.after.is_some_and(|after| self.waited(now) >= after) {
            (self.tracked_by, self.good) = (TrackedBy::ThisMachine, 0);
        }
        self.tracked_by
    }

    /// Whether the local models should be opened now, if they are not.
    pub(in crate::pipeline) fn wants_models(&self, now: Instant) -> bool {
        let waits = |after: Duration| self.waited(now) >= after.mul_f64(READY_AT);
        self.tracked_by == TrackedBy::ThisMachine || self.after.is_some_and(waits)
    }

    /// Whether the last pose should stay as it is, for this machine is about to go on with it.
    pub(in crate::pipeline) fn is_held(&self, now: Instant) -> bool {
        let waits = self.waited(now) > Duration::from_millis(300);
        self.tracked_by == TrackedBy::Server && waits && self.after.is_some_and(|after| after < Duration::from_secs(20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Duration = Duration::from_secs(2);

    #[test]
    fn this_machine_takes_over_and_the_server_takes_it_back() {
        let (mut switch, start) = (Switch::new(Some(TWO)), Instant::now());
        let at = |ms: u64| start + Duration::from_millis(ms);
        switch.asked(at(0));
        assert!(!switch.wants_models(at(500)) && switch.wants_models(at(700)));
        assert!(switch.is_held(at(1_500)));
        assert_eq!(switch.decide(at(1_999)), TrackedBy::Server);
        assert_eq!(switch.decide(at(2_000)), TrackedBy::ThisMachine);
        assert!(!switch.is_held(at(2_100)) && switch.wants_models(at(2_100)));
        switch.answered();
        switch.answered();
        assert_eq!(switch.decide(at(3_000)), TrackedBy::ThisMachine, "one swallow");
        switch.failed();
        (0..3).for_each(|_| switch.answered());
        assert_eq!(switch.decide(at(3_100)), TrackedBy::Server);
    }

    #[test]
    fn answers_in_time_change_nothing_and_a_source_at_rest_neither() {
        let (mut switch, start) = (Switch::new(Some(TWO)), Instant::now());
        for second in 0..10 {
            switch.asked(start + Duration::from_secs(second));
            switch.answered();
        }
        switch.asked(start);
        switch.rested();
        assert_eq!(switch.decide(start + Duration::from_mins(1)), TrackedBy::Server);
    }

    #[test]
    fn never_is_never() {
        let mut switch = Switch::new(None);
        let start = Instant::now();
        switch.asked(start);
        let late = start + Duration::from_hours(1);
        assert_eq!(switch.decide(late), TrackedBy::Server);
        assert!(!switch.wants_models(late) && !switch.is_held(late));
    }
}
