//! What is gathered during one repetition.

use super::description::{Exercise, HintMoment};
use crate::motion::Side;

/// A mistake that is looked for all through a repetition has to hold this long, seconds, and for two frames.
const HOLD_S: f64 = 0.2;
/// The bottom of a movement: so near to the deepest point, in shares of the way from rest to effort.
const BOTTOM: f32 = 0.1;

/// A mean in the making.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f32,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: Option<f32>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1;
        }
    }

    fn value(self) -> Option<f32> {
        (self.count > 0).then(|| self.sum / self.count as f32)
    }
}

/// One hint during one repetition.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
    at_bottom: Mean,
    held_since: Option<f64>,
    seen: bool,
    told: bool,
}

/// A repetition under way.
#[derive(Debug, Clone)]
pub(super) struct Repetition {
    pub(super) started_at_s: f64,
    /// Largest depth so far, and the signal there.
    pub(super) deepest: f32,
    pub(super) deepest_value: f32,
    /// When it was last left on the way back, the level at which it had started.
    pub(super) back_at_s: Option<f64>,
    pub(super) posture_lost_at_s: Option<f64>,
    bottom: f32,
    watches: Vec<Watch>,
    /// Left minus right of the side rule's quantity.
    side: Mean,
}

/// The smoothed measures of one moment, hints in the order of the exercise.
pub(super) struct Moment<'a> {
    pub(super) time_s: f64,
    pub(super) value: f32,
    pub(super) depth: f32,
    pub(super) hints: &'a [Option<f32>],
    pub(super) left_minus_right: Option<f32>,
}

impl Repetition {
    pub(super) fn new(started_at_s: f64, hint_count: usize) -> Self {
        Self {
            started_at_s,
            deepest: f32::NEG_INFINITY,
            deepest_value: 0.0,
            back_at_s: None,
            posture_lost_at_s: None,
            bottom: f32::NEG_INFINITY,
            watches: vec![Watch::default(); hint_count],
            side: Mean::default(),
        }
    }

    /// Takes a moment in; `new` gets the hints that are given for the first time.
    pub(super) fn add(&mut self, exercise: &Exercise, moment: &Moment, new: &mut Vec<usize>) {
        if moment.depth > self.deepest {
            self.deepest = moment.depth;
            self.deepest_value = moment.value;
        }
        // A bottom lower than the one that was summed up so far replaces it.
        if self.deepest > self.bottom + BOTTOM {
            self.bottom = self.deepest;
            self.side = Mean::default();
            for watch in &mut self.watches {
                watch.at_bottom = Mean::default();
            }
        }
        let at_bottom = moment.depth >= self.bottom - BOTTOM;
        if at_bottom {
            self.side.add(moment.left_minus_right);
        }
        for (index, ((watch, rule), value)) in
            self.watches.iter_mut().zip(&exercise.hints).zip(moment.hints).enumerate()
        {
            if at_bottom {
                watch.at_bottom.add(*value);
            }
            let wrong = value.is_some_and(|value| rule.comparison.holds(value, rule.threshold));
            if rule.when != HintMoment::During || !wrong {
                watch.held_since = None;
                continue;
            }
            let since = *watch.held_since.get_or_insert(moment.time_s);
            // On time alone: the frame at which it began cannot be this far from itself.
            watch.seen |= moment.time_s - since >= HOLD_S - 1e-6;
            if watch.seen && !watch.told {
                watch.told = true;
                new.push(index);
            }
        }
    }

    /// Judges the deepest point, once it is behind; `new` gets the hints that are given for the first time. It may be
    /// called again after a deeper one.
    pub(super) fn judge_bottom(&mut self, exercise: &Exercise, new: &mut Vec<usize>) {
        for (index, (watch, rule)) in self.watches.iter_mut().zip(&exercise.hints).enumerate() {
            if rule.when == HintMoment::Deepest {
                let value =
                    if rule.measure == exercise.signal { Some(self.deepest_value) } else { watch.at_bottom.value() };
                watch.seen = value.is_some_and(|value| rule.comparison.holds(value, rule.threshold));
                if watch.seen && !watch.told {
                    watch.told = true;
                    new.push(index);
                }
            }
        }
    }

    /// Judges the end with the measures of that moment.
    pub(super) fn judge_end(&mut self, exercise: &Exercise, values: &[Option<f32>], new: &mut Vec<usize>) {
        for (index, ((watch, rule), value)) in self.watches.iter_mut().zip(&exercise.hints).zip(values).enumerate() {
            if rule.when == HintMoment::End && value.is_some_and(|value| rule.comparison.holds(value, rule.threshold)) {
                watch.seen = true;
                new.push(index);
            }
        }
    }

    /// The hints that hold for this repetition, by their place in the exercise.
    pub(super) fn hints(&self) -> Vec<usize> {
        (0..self.watches.len()).filter(|index| self.watches[*index].seen).collect()
    }

    /// Which side did it.
    pub(super) fn side(&self, exercise: &Exercise) -> Option<Side> {
        let rule = exercise.side?;
        let left_minus_right = self.side.value()?;
        Some(if rule.comparison.holds(left_minus_right, 0.0) { Side::Left } else { Side::Right })
    }
}
