//! Repetitions counted with hysteresis.

use super::description::{Exercise, Severity};
use super::median::RunningMedian;
use super::repetition::{Moment, Repetition};
use crate::motion::Side;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::pose::BodyPose;

// Levels in shares of the way from rest to effort.

/// A repetition has begun.
const START: f32 = 0.3;
/// Effort is over at once; or before that, so far back from the deepest point.
const EFFORT_OVER: f32 = 0.8;
const TURNED: f32 = 0.4;

/// A posture may be lost this long, seconds, before a repetition is given up.
const POSTURE_GRACE_S: f64 = 0.5;
/// Who is not seen for this long, seconds, starts afresh.
const LOST_S: f64 = 1.5;
/// Window of the running medians: as a share of the shortest repetition, and its limits in seconds.
const WINDOW_SHARE: f64 = 0.4;
const WINDOW_S: (f64, f64) = (0.05, 0.25);

/// Where in a repetition somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Phase {
    #[default]
    Rest,
    GoingDown,
    Effort,
    ComingUp,
}

/// Why a repetition was not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incompleteness {
    /// It turned before the effort: a half repetition.
    TooShallow,
    /// It took less than the exercise's shortest time.
    TooFast,
    /// It took longer than the exercise's longest time.
    TooSlow,
    /// The posture was left; the index is that of the condition in the exercise.
    Posture(usize),
    /// The body was out of sight for more than 1.5 s.
    Lost,
    /// A form mistake that voids it; the index is that of the hint in the exercise.
    Void(usize),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum RepetitionEvent {
    /// A repetition has begun; `Counted` or `Incomplete` follows.
    Started,
    /// A repetition is complete.
    Counted {
        /// How many it makes, from 1.
        number: u32,
        /// Seconds, between the two moments at which 30 % of the way from rest to effort were passed.
        duration_s: f64,
        /// The signal at the deepest point.
        deepest: f32,
        /// Which side did it, for exercises that have sides.
        side: Option<Side>,
        /// Form mistakes, as indices into [`Exercise::hints`]; empty for the best form.
        hints: Vec<usize>,
    },
    /// A form mistake was just seen: an index into [`Exercise::hints`], once a repetition at most.
    Hint(usize),
    /// A repetition ended and is not counted.
    Incomplete {
        /// Why.
        reason: Incompleteness,
        /// The signal at the deepest point.
        deepest: f32,
    },
}

/// Whether the body is in the posture in which repetitions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posture {
    /// It is.
    Right,
    /// The condition of this index in [`Exercise::posture`] does not hold.
    Wrong(usize),
    /// What it needs cannot be seen.
    Unknown,
}

/// What screens show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CounterState {
    /// Where in the repetition.
    pub phase: Phase,
    /// How much of the repetition is done, 0 to 1: one half at full effort.
    pub progress: f32,
    /// How deep the body is, 0 at rest to 1 at effort.
    pub depth: f32,
    /// The smoothed signal, `None` while it cannot be seen.
    pub value: Option<f32>,
    /// Repetitions counted.
    pub count: u32,
    /// Of these, by the left and by the right side.
    pub by_side: [u32; 2],
    /// Whether repetitions count as the body stands.
    pub posture: Posture,
    /// Whether the body was at rest in the right posture, so that a repetition can begin or is under way.
    pub is_ready: bool,
}

/// Counts one person's repetitions of one exercise.
#[derive(Debug, Clone)]
pub struct RepetitionCounter {
    exercise: Exercise,
    window_s: f64,
    signal: RunningMedian,
    side: RunningMedian,
    hints: Vec<RunningMedian>,
    posture: Vec<RunningMedian>,
    last_time_s: Option<f64>,
    seen_at_s: Option<f64>,
    phase: Phase,
    ready: bool,
    repetition: Option<Repetition>,
    /// Depth and time of the last moment, to find when a level was passed.
    last: Option<(f64, f32)>,
    value: Option<f32>,
    depth: f32,
    standing: Posture,
    count: u32,
    by_side: [u32; 2],
}

impl RepetitionCounter {
    /// A counter at 0. An exercise that fails [`Exercise::check`] is taken as it is and never counts wrongly for it,
    /// if at all.
    #[must_use]
    pub fn new(exercise: Exercise) -> Self {
        let window_s = (f64::from(exercise.min_duration_s) * WINDOW_SHARE).max(WINDOW_S.0).min(WINDOW_S.1);
        Self {
            window_s,
            signal: RunningMedian::default(),
            side: RunningMedian::default(),
            hints: vec![RunningMedian::default(); exercise.hints.len()],
            posture: vec![RunningMedian::default(); exercise.posture.len()],
            last_time_s: None,
            seen_at_s: None,
            phase: Phase::Rest,
            ready: false,
            repetition: None,
            last: None,
            value: None,
            depth: 0.0,
            standing: Posture::Unknown,
            count: 0,
            by_side: [0; 2],
            exercise,
        }
    }

    /// The exercise that is counted.
    #[must_use]
    pub fn exercise(&self) -> &Exercise {
        &self.exercise
    }

    /// What screens show.
    #[must_use]
    pub fn state(&self) -> CounterState {
        let depth = self.depth.clamp(0.0, 1.0);
        let progress = match self.phase {
            Phase::Rest | Phase::GoingDown => depth * 0.5,
            Phase::Effort => 0.5,
            Phase::ComingUp => 1.0 - depth * 0.5,
        };
        CounterState {
            phase: self.phase,
            progress,
            depth,
            value: self.value,
            count: self.count,
            by_side: self.by_side,
            posture: self.standing,
            is_ready: self.ready,
        }
    }

    /// Starts over at 0, as after [`Self::new`].
    pub fn reset(&mut self) {
        *self = Self::new(self.exercise.clone());
    }

    /// Takes in what is seen at a time in seconds, `None` for nobody, and returns what happened, oldest first.
    ///
    /// Times must rise; a time that does not, or is no number, is passed over, and one that went back by more than a
    /// second starts afresh without losing the count. While the body or the signal cannot be seen nothing moves; after
    /// 1.5 s a repetition under way is given up. The first repetition needs the body to be at rest before it.
    pub fn update(&mut self, time_s: f64, body: Option<&BodyPose>) -> Vec<RepetitionEvent> {
        let mut events = Vec::new();
        if !time_s.is_finite() {
            return events;
        }
        if let Some(last) = self.last_time_s
            && time_s <= last
        {
            if last - time_s < 1.0 {
                return events;
            }
            self.give_up(Incompleteness::Lost, &mut events);
            self.forget();
            self.seen_at_s = None;
        }
        self.last_time_s = Some(time_s);
        let seen = body.and_then(|body| Some((body, self.exercise.signal.of(&body.world)?)));
        if self.seen_at_s.is_some_and(|seen_at| time_s - seen_at > LOST_S) {
            self.give_up(Incompleteness::Lost, &mut events);
            self.forget();
        }
        let Some((body, value)) = seen else {
            self.value = None;
            self.standing = Posture::Unknown;
            return events;
        };
        self.seen_at_s = Some(time_s);
        if body.is_new {
            self.forget();
        }
        self.step(time_s, value, &body.world, &mut events);
        events
    }

    fn step(
        &mut self,
        time_s: f64,
        value: f32,
        world: &[Landmark; POSE_LANDMARK_COUNT],
        events: &mut Vec<RepetitionEvent>,
    ) {
        let value = self.signal.push(time_s, value, self.window_s);
        let depth = self.exercise.depth_of(value);
        (self.value, self.depth) = (Some(value), depth);
        self.standing = self.look_at_posture(time_s, world);
        let hints: Vec<Option<f32>> = (self.exercise.hints.iter().zip(&mut self.hints))
            .map(|(rule, median)| Some(median.push(time_s, rule.measure.of(world)?, self.window_s)))
            .collect();
        let left_minus_right = self
            .exercise
            .side
            .and_then(|rule| {
                let of = |side| rule.quantity.of_side(world, side);
                Some(of(Side::Left)? - of(Side::Right)?)
            })
            .map(|difference| self.side.push(time_s, difference, self.window_s));
        let moment = Moment { time_s, value, depth, hints: &hints, left_minus_right };
        if self.repetition.is_some() {
            self.go_on(&moment, events);
        } else {
            self.wait(&moment, events);
        }
        self.last = Some((time_s, depth));
    }

    /// At rest, or on the way there after something went wrong.
    fn wait(&mut self, moment: &Moment, events: &mut Vec<RepetitionEvent>) {
        self.phase = Phase::Rest;
        if let Posture::Wrong(_) = self.standing {
            self.ready = false;
        } else if moment.depth <= 0.0 && self.standing == Posture::Right {
            self.ready = true;
        }
        if self.ready && moment.depth > START {
            let started_at_s = self.passed(START, moment);
            self.repetition = Some(Repetition::new(started_at_s, self.exercise.hints.len()));
            self.phase = Phase::GoingDown;
            events.push(RepetitionEvent::Started);
            self.go_on(moment, events);
        }
    }

    fn go_on(&mut self, moment: &Moment, events: &mut Vec<RepetitionEvent>) {
        let back_at_s = self.passed(START, moment);
        let was_deep = self.last.is_some_and(|(_, depth)| depth > START);
        let Some(repetition) = &mut self.repetition else { return };
        let mut new = Vec::new();
        repetition.add(&self.exercise, moment, &mut new);
        if moment.depth <= START && was_deep {
            repetition.back_at_s = Some(back_at_s);
        }
        let back = repetition.deepest - moment.depth;
        // Half of it leads back to effort, so that a tremble does not change the phase with every frame.
        if moment.depth >= 1.0 && (back < TURNED * 0.5 || self.phase == Phase::GoingDown) {
            self.phase = Phase::Effort;
        } else if self.phase == Phase::Effort && (moment.depth < EFFORT_OVER || back > TURNED) {
            self.phase = Phase::ComingUp;
            repetition.judge_bottom(&self.exercise, &mut new);
        }
        let posture_lost = match self.standing {
            Posture::Wrong(index) => {
                let since = *repetition.posture_lost_at_s.get_or_insert(moment.time_s);
                (moment.time_s - since > POSTURE_GRACE_S).then_some(index)
            }
            Posture::Right => {
                repetition.posture_lost_at_s = None;
                None
            }
            Posture::Unknown => None,
        };
        let too_long = moment.time_s - repetition.started_at_s > f64::from(self.exercise.max_duration_s);
        events.extend(new.into_iter().map(RepetitionEvent::Hint));
        if let Some(index) = posture_lost {
            self.give_up(Incompleteness::Posture(index), events);
        } else if moment.depth <= 0.0 {
            self.finish(moment, events);
        } else if too_long {
            self.give_up(Incompleteness::TooSlow, events);
        }
    }

    /// The body is back at rest.
    fn finish(&mut self, moment: &Moment, events: &mut Vec<RepetitionEvent>) {
        let Some(mut repetition) = self.repetition.take() else { return };
        self.phase = Phase::Rest;
        let deepest = repetition.deepest_value;
        let incomplete = |reason| RepetitionEvent::Incomplete { reason, deepest };
        if repetition.deepest < 1.0 {
            events.push(incomplete(Incompleteness::TooShallow));
            return;
        }
        let duration_s = repetition.back_at_s.unwrap_or(moment.time_s) - repetition.started_at_s;
        if duration_s < f64::from(self.exercise.min_duration_s) {
            events.push(incomplete(Incompleteness::TooFast));
            return;
        }
        let mut new = Vec::new();
        // Where the way back was too quick for a frame in between.
        repetition.judge_bottom(&self.exercise, &mut new);
        repetition.judge_end(&self.exercise, moment.hints, &mut new);
        events.extend(new.into_iter().map(RepetitionEvent::Hint));
        let hints = repetition.hints();
        let void = hints.iter().copied().find(|index| self.exercise.hints[*index].severity == Severity::Void);
        if let Some(index) = void {
            events.push(incomplete(Incompleteness::Void(index)));
            return;
        }
        self.count = self.count.saturating_add(1);
        let side = repetition.side(&self.exercise);
        match side {
            Some(Side::Left) => self.by_side[0] = self.by_side[0].saturating_add(1),
            Some(Side::Right) => self.by_side[1] = self.by_side[1].saturating_add(1),
            None => {}
        }
        events.push(RepetitionEvent::Counted { number: self.count, duration_s, deepest, side, hints });
    }

    /// Drops a repetition under way; the next one needs the body at rest first.
    fn give_up(&mut self, reason: Incompleteness, events: &mut Vec<RepetitionEvent>) {
        self.phase = Phase::Rest;
        self.ready = false;
        if let Some(repetition) = self.repetition.take() {
            events.push(RepetitionEvent::Incomplete { reason, deepest: repetition.deepest_value });
        }
    }

    /// Nothing before is smoothed with what comes.
    fn forget(&mut self) {
        self.signal.clear();
        self.side.clear();
        self.hints.iter_mut().chain(&mut self.posture).for_each(RunningMedian::clear);
        self.last = None;
    }

    /// When a level of depth was passed between the last moment and this one, on a straight line between them.
    fn passed(&self, level: f32, moment: &Moment) -> f64 {
        match self.last {
            Some((time_s, depth)) if (depth - level) * (moment.depth - level) < 0.0 => {
                let share = f64::from((level - depth) / (moment.depth - depth));
                time_s + (moment.time_s - time_s) * share
            }
            _ => moment.time_s,
        }
    }

    fn look_at_posture(&mut self, time_s: f64, world: &[Landmark; POSE_LANDMARK_COUNT]) -> Posture {
        let mut unknown = false;
        let mut wrong = None;
        for (index, (condition, median)) in self.exercise.posture.iter().zip(&mut self.posture).enumerate() {
            match condition.measure.of(world) {
                None => unknown = true,
                Some(value) => {
                    let value = median.push(time_s, value, self.window_s);
                    let holds = condition.comparison.holds(value, condition.threshold);
                    wrong = wrong.or((!holds).then_some(index));
                }
            }
        }
        wrong.map_or(if unknown { Posture::Unknown } else { Posture::Right }, Posture::Wrong)
    }
}
