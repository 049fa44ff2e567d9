//! What was done, in numbers.

use std::collections::BTreeMap;

use super::counter::RepetitionEvent;
use super::description::{Exercise, Severity};
use crate::motion::Side;

/// What was done in one set, or in several put together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SetSummary {
    /// Repetitions counted.
    pub repetitions: u32,
    /// Of these by the left and by the right side.
    pub by_side: [u32; 2],
    /// Begun and not counted.
    pub incomplete: u32,
    /// Counted without a fault; tips do not matter.
    pub good: u32,
    /// How often each hint held in a counted repetition, by its index in the exercise.
    pub hints: BTreeMap<usize, u32>,
    /// Time at work, seconds.
    pub work_s: f64,
    duration_sum_s: f64,
    deepest_sum: f64,
    /// The deepest of all values of the signal.
    pub best: Option<f32>,
}

impl SetSummary {
    /// Mean duration of a repetition, seconds; `None` without any.
    #[must_use]
    pub fn mean_duration_s(&self) -> Option<f64> {
        (self.repetitions > 0).then(|| self.duration_sum_s / f64::from(self.repetitions))
    }

    /// Mean of the signal at the deepest points; `None` without any repetition.
    #[must_use]
    pub fn mean_deepest(&self) -> Option<f32> {
        (self.repetitions > 0).then(|| (self.deepest_sum / f64::from(self.repetitions)) as f32)
    }

    /// Share of the repetitions that were of good form, 0 to 1; `None` without any.
    #[must_use]
    pub fn good_share(&self) -> Option<f32> {
        (self.repetitions > 0).then(|| self.good as f32 / self.repetitions as f32)
    }

    /// The hint that held most often, as an index into the exercise's hints, and how often; the first of several.
    #[must_use]
    pub fn most_frequent_hint(&self) -> Option<(usize, u32)> {
        self.hints.iter().map(|(index, count)| (*index, *count)).rev().max_by_key(|(_, count)| *count)
    }

    /// Takes in what the counter told.
    pub(super) fn add(&mut self, exercise: &Exercise, event: &RepetitionEvent) {
        match event {
            RepetitionEvent::Counted { duration_s, deepest, side, hints, .. } => {
                self.repetitions += 1;
                self.duration_sum_s += duration_s;
                self.deepest_sum += f64::from(*deepest);
                if self.best.is_none_or(|best| exercise.depth_of(*deepest) > exercise.depth_of(best)) {
                    self.best = Some(*deepest);
                }
                match side {
                    Some(Side::Left) => self.by_side[0] += 1,
                    Some(Side::Right) => self.by_side[1] += 1,
                    None => {}
                }
                for index in hints {
                    *self.hints.entry(*index).or_default() += 1;
                }
                let faulty =
                    |index: &usize| exercise.hints.get(*index).is_some_and(|rule| rule.severity >= Severity::Fault);
                self.good += u32::from(!hints.iter().any(faulty));
            }
            RepetitionEvent::Incomplete { .. } => self.incomplete += 1,
            RepetitionEvent::Started | RepetitionEvent::Hint(_) => {}
        }
    }
}

/// What was done in all sets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Set by set, the last one as far as it went.
    pub sets: Vec<SetSummary>,
}

impl Summary {
    /// All sets put together.
    #[must_use]
    pub fn total(&self, exercise: &Exercise) -> SetSummary {
        let mut total = SetSummary::default();
        for set in &self.sets {
            total.repetitions += set.repetitions;
            total.incomplete += set.incomplete;
            total.good += set.good;
            total.work_s += set.work_s;
            total.duration_sum_s += set.duration_sum_s;
            total.deepest_sum += set.deepest_sum;
            for side in 0..2 {
                total.by_side[side] += set.by_side[side];
            }
            for (index, count) in &set.hints {
                *total.hints.entry(*index).or_default() += count;
            }
            let deeper = |a: &f32, b: &f32| exercise.depth_of(*a).total_cmp(&exercise.depth_of(*b));
            total.best = total.best.into_iter().chain(set.best).max_by(deeper);
        }
        total
    }
}
