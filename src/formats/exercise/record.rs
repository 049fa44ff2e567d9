//! An exercise as its file has it.

use serde::{Deserialize, Serialize};

use crate::motion::exercise::{
    Comparison, Condition, Exercise, HintMoment, HintRule, Measure, PhaseNames, Quantity, Severity, SideRule, View,
};

#[derive(Serialize)]
pub(super) struct Document {
    pub(super) exercise: Vec<ExerciseRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExerciseRecord {
    id: String,
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    view: ViewName,
    #[serde(default)]
    stand: String,
    signal: String,
    rest: f64,
    effort: f64,
    #[serde(default = "shortest_s")]
    min_duration_s: f64,
    #[serde(default = "longest_s")]
    max_duration_s: f64,
    #[serde(default = "turned_early")]
    incomplete: String,
    #[serde(default = "well_done")]
    good: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<SideRecord>,
    #[serde(default)]
    phases: PhaseRecord,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    posture: Vec<ConditionRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hints: Vec<HintRecord>,
}

const fn shortest_s() -> f64 {
    0.4
}

const fn longest_s() -> f64 {
    10.0
}

fn turned_early() -> String {
    "All the way".into()
}

fn well_done() -> String {
    "Good".into()
}

#[derive(Serialize, Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum ViewName {
    #[default]
    Front,
    Side,
    Any,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Is {
    Above,
    Below,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum When {
    Deepest,
    During,
    End,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum SeverityName {
    Tip,
    Fault,
    Void,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SideRecord {
    quantity: String,
    is: Is,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PhaseRecord {
    rest: String,
    going_down: String,
    effort: String,
    coming_up: String,
}

impl Default for PhaseRecord {
    fn default() -> Self {
        Self::from(PhaseNames::default())
    }
}

impl From<PhaseNames> for PhaseRecord {
    fn from(names: PhaseNames) -> Self {
        let PhaseNames { rest, going_down, effort, coming_up } = names;
        Self { rest, going_down, effort, coming_up }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionRecord {
    measure: String,
    is: Is,
    threshold: f64,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HintRecord {
    measure: String,
    when: When,
    is: Is,
    threshold: f64,
    severity: SeverityName,
    text: String,
}

impl ExerciseRecord {
    pub(super) fn into_exercise(self) -> Result<Exercise, String> {
        let side = self.side.map(SideRecord::into_rule).transpose()?;
        let posture = self
            .posture
            .into_iter()
            .enumerate()
            .map(|(index, condition)| {
                Ok(Condition {
                    measure: measure(&condition.measure, &format!("posture[{index}].measure"))?,
                    comparison: condition.is.into(),
                    threshold: condition.threshold as f32,
                    text: condition.text,
                })
            })
            .collect::<Result<_, String>>()?;
        let hints = self
            .hints
            .into_iter()
            .enumerate()
            .map(|(index, hint)| {
                Ok(HintRule {
                    measure: measure(&hint.measure, &format!("hints[{index}].measure"))?,
                    when: hint.when.into(),
                    comparison: hint.is.into(),
                    threshold: hint.threshold as f32,
                    severity: hint.severity.into(),
                    text: hint.text,
                })
            })
            .collect::<Result<_, String>>()?;
        let PhaseRecord { rest, going_down, effort, coming_up } = self.phases;
        Ok(Exercise {
            signal: measure(&self.signal, "signal")?,
            id: self.id,
            title: self.title,
            description: self.description,
            view: self.view.into(),
            stand: self.stand,
            rest: self.rest as f32,
            effort: self.effort as f32,
            side,
            posture,
            min_duration_s: self.min_duration_s as f32,
            max_duration_s: self.max_duration_s as f32,
            phases: PhaseNames { rest, going_down, effort, coming_up },
            hints,
            incomplete: self.incomplete,
            good: self.good,
        })
    }

    pub(super) fn from_exercise(exercise: &Exercise) -> Self {
        let condition = |condition: &Condition| ConditionRecord {
            measure: condition.measure.name(),
            is: condition.comparison.into(),
            threshold: decimal(condition.threshold),
            text: condition.text.clone(),
        };
        let hint = |hint: &HintRule| HintRecord {
            measure: hint.measure.name(),
            when: hint.when.into(),
            is: hint.comparison.into(),
            threshold: decimal(hint.threshold),
            severity: hint.severity.into(),
            text: hint.text.clone(),
        };
        let side = |rule: SideRule| SideRecord { quantity: rule.quantity.name().into(), is: rule.comparison.into() };
        Self {
            id: exercise.id.clone(),
            title: exercise.title.clone(),
            description: exercise.description.clone(),
            view: exercise.view.into(),
            stand: exercise.stand.clone(),
            signal: exercise.signal.name(),
            rest: decimal(exercise.rest),
            effort: decimal(exercise.effort),
            min_duration_s: decimal(exercise.min_duration_s),
            max_duration_s: decimal(exercise.max_duration_s),
            incomplete: exercise.incomplete.clone(),
            good: exercise.good.clone(),
            side: exercise.side.map(side),
            phases: exercise.phases.clone().into(),
            posture: exercise.posture.iter().map(condition).collect(),
            hints: exercise.hints.iter().map(hint).collect(),
        }
    }
}

impl SideRecord {
    fn into_rule(self) -> Result<SideRule, String> {
        let known = Quantity::ALL.into_iter().filter(|known| known.is_two_sided());
        let quantity = known.clone().find(|known| known.name() == self.quantity).ok_or_else(|| {
            let names: Vec<&str> = known.map(Quantity::name).collect();
            format!("`side.quantity`: `{}` is none that each side has; there are {}", self.quantity, names.join(", "))
        })?;
        Ok(SideRule { quantity, comparison: self.is.into() })
    }
}

fn measure(name: &str, field: &str) -> Result<Measure, String> {
    Measure::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Quantity::ALL.into_iter().map(Quantity::name).collect();
        let names = names.join(", ");
        format!("`{field}`: `{name}` is no measure; there are {names}, those of each side with .mean, .min, .max, .left or .right")
    })
}

/// The number with the fewest digits that is the same in single precision, so that files say 0.1 and not 0.10000000149.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

/// The same names on both sides.
macro_rules! same_names {
    ($record:ident, $motion:ident: $($name:ident),+) => {
        impl From<$record> for $motion {
            fn from(value: $record) -> Self {
                match value { $($record::$name => Self::$name),+ }
            }
        }
        impl From<$motion> for $record {
            fn from(value: $motion) -> Self {
                match value { $($motion::$name => Self::$name),+ }
            }
        }
    };
}

same_names!(ViewName, View: Front, Side, Any);
same_names!(Is, Comparison: Above, Below);
same_names!(When, HintMoment: Deepest, During, End);
same_names!(SeverityName, Severity: Tip, Fault, Void);
