//! Exercises: repetitions counted on a measure of the body, form judged beside it, sets timed.
//!
//! - [`Measure`] is one number of one body: a joint's angle, the lean of the trunk, how far the knees are apart.
//! - [`Exercise`] says which measure is counted between which thresholds, and which hints are given for which form. It
//!   is data; `formats::exercise` reads it from a file.
//! - [`RepetitionCounter`] turns bodies in rising time into repetitions, halves of them, and hints.
//! - [`SetTimer`] leads through sets with rests between them and sums up.

mod counter;
mod description;
mod measure;
mod median;
mod repetition;
mod sets;
mod summary;

pub use counter::{CounterState, Incompleteness, Phase, Posture, RepetitionCounter, RepetitionEvent};
pub use description::{
    Comparison, Condition, Exercise, ExerciseFault, HintMoment, HintRule, PhaseNames, Severity, SideRule, View,
};
pub use measure::{Measure, Quantity, Sides, Unit};
pub use sets::{Goal, SetEvent, SetPlan, SetState, SetTimer};
pub use summary::{SetSummary, Summary};
