//! In which order the answers of one client leave: always in that of its frames, so that neither the client nor a filter
//! sees time run backwards.

use std::collections::VecDeque;

use super::halfway::Halfway;
use crate::wire::choices::Ordering;

/// Frames whose bodies are known and whose answers wait for their hands, oldest first. Two at most: while one waits for a
/// worker to look at its hands, no later frame begins.
#[derive(Default)]
pub(super) struct AnswerQueue(VecDeque<Halfway>);

/// What to do once a frame's bodies are known.
pub(super) struct Due {
    /// Frames whose answers leave now, in this order.
    pub(super) answers: Vec<Halfway>,
    /// The frame, where its hands are still to be looked at.
    pub(super) rest: Option<Halfway>,
}

impl AnswerQueue {
    /// A frame's bodies are known. `has_recent_hands`: those of an earlier frame may stand for its own.
    ///
    /// Where the newest frame wins, one that can be answered at once takes those before it along, which then leave without
    /// hands of their own: they are older and would only hold it up. Where all frames count it waits behind them.
    pub(super) fn bodies_known(&mut self, mut frame: Halfway, wants_hands: bool, has_recent_hands: bool) -> Due {
        let is_in_order = |frame: &Halfway| frame.config.ordering == Ordering::Sequence;
        frame.is_awaited = wants_hands && (!has_recent_hands || is_in_order(&frame) || self.0.iter().any(is_in_order));
        if frame.is_awaited {
            self.0.push_back(frame.clone());
            return Due { answers: Vec::new(), rest: Some(frame) };
        }
        let rest = wants_hands.then(|| frame.clone());
        Due { answers: self.0.drain(..).chain([frame]).collect(), rest }
    }

    /// The hands of a frame are known, or never will be. Returns whether it has no answer yet.
    pub(super) fn hands_known(&mut self, number: u64) -> bool {
        let is_due = self.0.iter().any(|frame| frame.number == number);
        self.0.retain(|frame| frame.number > number);
        is_due
    }
}
