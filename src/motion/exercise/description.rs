//! What an exercise is: data, no code.

use super::measure::{Measure, Quantity};

/// From where the camera sees the exercise best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum View {
    #[default]
    Front,
    Side,
    Any,
}

/// How a value stands to a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Above,
    Below,
}

/// A measure against a threshold, with the words for when it does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What is measured.
    pub measure: Measure,
    /// On which side of the threshold it holds.
    pub comparison: Comparison,
    /// Degrees or a ratio, as the measure counts.
    pub threshold: f32,
    /// What to say where it does not hold, "Get down on your hands".
    pub text: String,
}

/// When a hint's measure is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HintMoment {
    /// At the deepest point: the mean over the bottom of the movement.
    Deepest,
    /// All through the repetition; it has to hold for a fifth of a second.
    During,
    /// When the repetition ends.
    End,
}

/// What a hint means for the repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Could be better; the repetition is still of good form.
    Tip,
    /// Counted, not of good form.
    Fault,
    /// Not counted.
    Void,
}

/// A form mistake and how it is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct HintRule {
    /// What is measured.
    pub measure: Measure,
    /// When.
    pub when: HintMoment,
    /// On which side of the threshold the mistake lies.
    pub comparison: Comparison,
    /// Degrees or a ratio, as the measure counts.
    pub threshold: f32,
    /// What it means.
    pub severity: Severity,
    /// What to say, short enough to be spoken: "Knees out".
    pub text: String,
}

/// Which side did a repetition: the one with more or less of a two-sided quantity at the deepest point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideRule {
    /// A two-sided quantity.
    pub quantity: Quantity,
    /// Whether the side with the greater value (`Above`) or the smaller one (`Below`) did it.
    pub comparison: Comparison,
}

/// What the phases are called on screens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the phases' own names")]
pub struct PhaseNames {
    pub rest: String,
    pub going_down: String,
    pub effort: String,
    pub coming_up: String,
}

impl Default for PhaseNames {
    fn default() -> Self {
        Self { rest: "Ready".into(), going_down: "Down".into(), effort: "Hold".into(), coming_up: "Up".into() }
    }
}

/// An exercise that is done in repetitions: a measure goes from rest to effort and back.
#[derive(Debug, Clone, PartialEq)]
pub struct Exercise {
    /// Short name for files and settings, unique among all.
    pub id: String,
    /// Name on screens.
    pub title: String,
    /// How it is done, in a sentence or two.
    pub description: String,
    /// From where the camera looks.
    pub view: View,
    /// How to stand in front of the camera.
    pub stand: String,
    /// What is counted.
    pub signal: Measure,
    /// The signal at rest: there or beyond it the body is ready, and a repetition ends.
    pub rest: f32,
    /// The signal at full effort: a repetition counts once it was there. Above or below `rest`.
    pub effort: f32,
    /// For exercises that are done with one side at a time.
    pub side: Option<SideRule>,
    /// The posture in which repetitions count, all of it.
    pub posture: Vec<Condition>,
    /// A repetition under this time, seconds, is a tracker's mistake or a cheat.
    pub min_duration_s: f32,
    /// A repetition over this time, seconds, is given up.
    pub max_duration_s: f32,
    /// Names of the phases.
    pub phases: PhaseNames,
    /// Form mistakes.
    pub hints: Vec<HintRule>,
    /// What to say when a repetition turns before the effort: "Go deeper".
    pub incomplete: String,
    /// What to say to a repetition without a hint: "Good".
    pub good: String,
}

/// What is wrong with an exercise.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{field}`: {reason}")]
pub struct ExerciseFault {
    /// The field, as it is called in files: `rest`, `hints[1].threshold`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Exercise {
    /// How far along a value of the signal is: 0 at rest, 1 at effort, not limited to these.
    #[must_use]
    pub fn depth_of(&self, value: f32) -> f32 {
        let range = self.effort - self.rest;
        if range == 0.0 { 0.0 } else { (value - self.rest) / range }
    }

    /// Checks that it can be counted.
    ///
    /// # Errors
    /// The first [`ExerciseFault`]: an empty name or text, a threshold that is no number, rest and effort that are not
    /// apart, durations out of order, a side rule on a quantity without sides.
    pub fn check(&self) -> Result<(), ExerciseFault> {
        let fault = |field: &str, reason: &str| Err(ExerciseFault { field: field.into(), reason: reason.into() });
        for (field, text) in [("id", &self.id), ("title", &self.title)] {
            if text.trim().is_empty() {
                return fault(field, "must not be empty");
            }
        }
        for (field, value) in [("rest", self.rest), ("effort", self.effort)] {
            if !value.is_finite() {
                return fault(field, "must be a number");
            }
        }
        if (self.rest - self.effort).abs() < 1e-3 {
            return fault("effort", "must differ from `rest`");
        }
        if !(self.min_duration_s.is_finite() && self.min_duration_s >= 0.0) {
            return fault("min_duration_s", "must be a number of at least 0");
        }
        if !(self.max_duration_s.is_finite() && self.max_duration_s > self.min_duration_s) {
            return fault("max_duration_s", "must be above `min_duration_s`");
        }
        if self.side.is_some_and(|rule| !rule.quantity.is_two_sided()) {
            return fault("side.quantity", "must be one that each side has, such as `knee`");
        }
        for (index, condition) in self.posture.iter().enumerate() {
            check_limit(&format!("posture[{index}]"), condition.threshold, &condition.text)?;
        }
        for (index, hint) in self.hints.iter().enumerate() {
            check_limit(&format!("hints[{index}]"), hint.threshold, &hint.text)?;
        }
        Ok(())
    }
}

fn check_limit(field: &str, threshold: f32, text: &str) -> Result<(), ExerciseFault> {
    let fault =
        |name: &str, reason: &str| Err(ExerciseFault { field: format!("{field}.{name}"), reason: reason.into() });
    if !threshold.is_finite() {
        return fault("threshold", "must be a number");
    }
    if text.trim().is_empty() {
        return fault("text", "must not be empty");
    }
    Ok(())
}

impl Comparison {
    /// Whether `value` lies on this side of `threshold`; on it is on neither.
    #[must_use]
    pub fn holds(self, value: f32, threshold: f32) -> bool {
        match self {
            Self::Above => value > threshold,
            Self::Below => value < threshold,
        }
    }
}
