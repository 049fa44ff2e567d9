//! Sets of repetitions with rests between them.

use super::counter::RepetitionEvent;
use super::description::Exercise;
use super::summary::{SetSummary, Summary};

/// When a set is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// After so many repetitions, both sides together.
    Repetitions(u32),
    /// After so many seconds.
    Seconds(f64),
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetPlan {
    /// How many sets, 1 to 100.
    pub sets: u32,
    /// What each set asks for: 1 to 10 000 repetitions, or a second to an hour.
    pub goal: Goal,
    /// Rest between two sets, seconds, 0 to an hour.
    pub rest_s: f64,
    /// Time to get ready before the first set, seconds, 0 to a minute.
    pub lead_in_s: f64,
}

impl SetPlan {
    /// The same with every number within its limits; what is no number becomes the lowest.
    #[must_use]
    pub fn limited(self) -> Self {
        let seconds = |value: f64, low: f64, high: f64| if value.is_nan() { low } else { value.clamp(low, high) };
        let goal = match self.goal {
            Goal::Repetitions(count) => Goal::Repetitions(count.clamp(1, 10_000)),
            Goal::Seconds(time) => Goal::Seconds(seconds(time, 1.0, 3600.0)),
        };
        Self {
            sets: self.sets.clamp(1, 100),
            goal,
            rest_s: seconds(self.rest_s, 0.0, 3600.0),
            lead_in_s: seconds(self.lead_in_s, 0.0, 60.0),
        }
    }
}

/// Where in the plan somebody is. Sets count from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SetState {
    /// Not started.
    Waiting,
    /// The first set begins in so many seconds.
    LeadIn {
        /// Seconds left.
        left_s: f64,
    },
    /// A set is under way.
    Work {
        /// Which set.
        set: u32,
        /// Repetitions done in it.
        done: u32,
        /// Seconds since it began.
        elapsed_s: f64,
        /// How much of its goal is done, 0 to 1.
        progress: f32,
    },
    /// Between two sets.
    Rest {
        /// Which set comes next.
        next_set: u32,
        /// Seconds left.
        left_s: f64,
    },
    /// All sets are done, or it was ended.
    Done,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SetEvent {
    /// A set began; counts from 1.
    SetStarted(u32),
    /// A set is done.
    SetDone(u32),
    /// The last set is done, or it was ended.
    Finished,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Waiting,
    LeadIn,
    Work,
    Rest,
    Done,
}

/// Leads through a plan. Time comes from outside, in seconds of any clock that does not go back.
#[derive(Debug, Clone)]
pub struct SetTimer {
    plan: SetPlan,
    stage: Stage,
    /// Seconds that passed in this stage, pauses left out.
    elapsed_s: f64,
    last_s: Option<f64>,
    paused: bool,
    sets: Vec<SetSummary>,
}

impl SetTimer {
    /// A timer that waits for [`Self::start`]. The plan is [limited](SetPlan::limited).
    #[must_use]
    pub fn new(plan: SetPlan) -> Self {
        Self {
            plan: plan.limited(),
            stage: Stage::Waiting,
            elapsed_s: 0.0,
            last_s: None,
            paused: false,
            sets: Vec::new(),
        }
    }

    /// The plan, within its limits.
    #[must_use]
    pub const fn plan(&self) -> &SetPlan {
        &self.plan
    }

    /// Begins with the lead-in; nothing happens where it has begun.
    pub fn start(&mut self) {
        if self.stage == Stage::Waiting {
            self.enter(Stage::LeadIn);
        }
    }

    /// Stops the time, or lets it run on. Repetitions in a pause do not count.
    pub fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// Whether the time is stopped.
    #[must_use]
    pub const fn is_paused(&self) -> bool {
        self.paused
    }

    /// Ends a lead-in or rest at once: the next [`Self::update`] begins the set.
    pub fn skip_rest(&mut self) {
        match self.stage {
            Stage::LeadIn => self.elapsed_s = self.plan.lead_in_s,
            Stage::Rest => self.elapsed_s = self.plan.rest_s,
            _ => {}
        }
    }

    /// Ends it where it is; the set under way is summed up as far as it went.
    pub fn finish(&mut self) {
        self.enter(Stage::Done);
    }

    /// Moves on to `now_s`, with what the counter told since the last call. Only what happens in a set counts.
    ///
    /// Call it every frame, events or not. A time that went back or is no number counts as no time passed.
    pub fn update(&mut self, now_s: f64, exercise: &Exercise, events: &[RepetitionEvent]) -> Vec<SetEvent> {
        let mut told = Vec::new();
        if !now_s.is_finite() {
            return told;
        }
        let passed_s = self.last_s.map_or(0.0, |last| (now_s - last).max(0.0));
        self.last_s = Some(now_s);
        if self.paused {
            return told;
        }
        self.elapsed_s += passed_s;
        if self.stage == Stage::Work {
            self.work(passed_s, exercise, events, &mut told);
        }
        let ready_to_begin = match self.stage {
            Stage::LeadIn => self.elapsed_s >= self.plan.lead_in_s,
            Stage::Rest => self.elapsed_s >= self.plan.rest_s,
            _ => false,
        };
        if ready_to_begin {
            self.sets.push(SetSummary::default());
            self.enter(Stage::Work);
            told.push(SetEvent::SetStarted(self.set()));
        }
        told
    }

    /// Where in the plan it is.
    #[must_use]
    pub fn state(&self) -> SetState {
        match self.stage {
            Stage::Waiting => SetState::Waiting,
            Stage::LeadIn => SetState::LeadIn { left_s: (self.plan.lead_in_s - self.elapsed_s).max(0.0) },
            Stage::Work => {
                let done = self.sets.last().map_or(0, |set| set.repetitions);
                let progress = match self.plan.goal {
                    Goal::Repetitions(count) => done as f32 / count as f32,
                    Goal::Seconds(time) => (self.elapsed_s / time) as f32,
                };
                let progress = progress.clamp(0.0, 1.0);
                SetState::Work { set: self.set(), done, elapsed_s: self.elapsed_s, progress }
            }
            Stage::Rest => {
                SetState::Rest { next_set: self.set() + 1, left_s: (self.plan.rest_s - self.elapsed_s).max(0.0) }
            }
            Stage::Done => SetState::Done,
        }
    }

    /// What was done so far, set by set.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary { sets: self.sets.clone() }
    }

    fn work(&mut self, passed_s: f64, exercise: &Exercise, events: &[RepetitionEvent], told: &mut Vec<SetEvent>) {
        let Some(set) = self.sets.last_mut() else { return };
        set.work_s += passed_s;
        for event in events {
            // What comes with the last repetition in one call is of this set, further ones are not asked for.
            if matches!(self.plan.goal, Goal::Repetitions(count) if set.repetitions >= count) {
                break;
            }
            set.add(exercise, event);
        }
        let done = match self.plan.goal {
            Goal::Repetitions(count) => set.repetitions >= count,
            Goal::Seconds(time) => self.elapsed_s >= time,
        };
        if !done {
            return;
        }
        told.push(SetEvent::SetDone(self.set()));
        if self.set() >= self.plan.sets {
            self.enter(Stage::Done);
            told.push(SetEvent::Finished);
        } else {
            self.enter(Stage::Rest);
        }
    }

    /// Which set is under way or was the last one, from 1; 0 before the first.
    fn set(&self) -> u32 {
        self.sets.len() as u32
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.elapsed_s = 0.0;
    }
}
