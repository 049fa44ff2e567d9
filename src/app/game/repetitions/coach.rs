//! Leads each player through their sets: counts, hints, points.

use bevy::prelude::*;

use super::Exercises;
use crate::app::game::round::Refusal;
use crate::app::game::{Cue, Hud, Match, MatchOver, PlayerBody, PlayerResult, Scoreboard, Sound};
use crate::motion::exercise::{
    Exercise, Goal, Incompleteness, Posture, RepetitionCounter, RepetitionEvent, SetEvent, SetState, SetTimer,
};
use crate::settings::MAX_PLAYERS;

/// Points for a repetition of good form.
const GOOD_POINTS: f64 = 100.0;
/// Points for any other that counts.
const COUNTED_POINTS: f64 = 60.0;
/// Seconds that a hint stands.
const HINT_S: f64 = 2.5;

/// What each player does.
#[derive(Resource, Debug, Default)]
pub(super) struct Coach {
    trainees: Vec<Trainee>,
    is_over: bool,
}

#[derive(Debug)]
struct Trainee {
    counter: RepetitionCounter,
    timer: SetTimer,
    /// When the newest frame was, which is counted once.
    frame_s: Option<f64>,
    events: Vec<RepetitionEvent>,
    hint: Option<(String, f64)>,
}

pub(super) fn begin(
    mut commands: Commands,
    mut coach: ResMut<Coach>,
    exercises: Res<Exercises>,
    current: Res<Match>,
    mut hud: ResMut<Hud>,
) {
    let Some((exercise, plan)) = exercises.get(&current.choice, current.difficulty) else {
        let message = format!("there is no exercise called {}; see assets/exercises", current.choice);
        commands.insert_resource(Refusal(message));
        return;
    };
    let trainee = |_| {
        let mut timer = SetTimer::new(plan);
        timer.start();
        Trainee {
            counter: RepetitionCounter::new(exercise.clone()),
            timer,
            frame_s: None,
            events: Vec::new(),
            hint: None,
        }
    };
    coach.trainees = (0..current.players.min(MAX_PLAYERS as usize)).map(trainee).collect();
    coach.is_over = false;
    hud.announce(0.0, exercise.title.clone());
    hud.hint.clone_from(&exercise.stand);
}

/// New frames go to the counters, their repetitions to the sets.
pub(super) fn count(
    current: Res<Match>,
    mut coach: ResMut<Coach>,
    players: Query<&PlayerBody>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    let clock_s = current.clock_s;
    for (player, trainee) in coach.trainees.iter_mut().enumerate() {
        let Trainee { counter, timer, frame_s, events, hint } = trainee;
        events.clear();
        if let Some(body) = players.iter().find(|body| body.player == player)
            && body.person.is_some()
            && frame_s.is_none_or(|last_s| (last_s - body.person_s).abs() > f64::EPSILON)
        {
            // A source that begins anew has an earlier clock.
            if frame_s.is_some_and(|last_s| body.person_s < last_s) {
                counter.reset();
            }
            *frame_s = Some(body.person_s);
            *events = counter.update(body.person_s, body.person.as_deref());
        }
        let is_working = matches!(timer.state(), SetState::Work { .. });
        let exercise = counter.exercise().clone();
        for event in events.iter().filter(|_| is_working) {
            match event {
                RepetitionEvent::Counted { hints, .. } if hints.is_empty() => {
                    let worth = scores.players[player].succeed(GOOD_POINTS);
                    hud.judge(clock_s, player, format!("{} +{worth:.0}", exercise.good), 1.0);
                    cues.write(Cue::of(Sound::Rep));
                }
                RepetitionEvent::Counted { .. } => {
                    scores.players[player].points += COUNTED_POINTS;
                    scores.players[player].fail();
                    hud.judge(clock_s, player, format!("+{COUNTED_POINTS:.0}"), 0.5);
                    cues.write(Cue { sound: Sound::Rep, loudness: 0.6 });
                }
                RepetitionEvent::Hint(index) => {
                    *hint = exercise.hints.get(*index).map(|rule| (rule.text.clone(), clock_s));
                    cues.write(Cue::of(Sound::Hint));
                }
                RepetitionEvent::Incomplete { reason, .. } => {
                    scores.players[player].fail();
                    *hint = Some((why(&exercise, reason), clock_s));
                    cues.write(Cue { sound: Sound::Miss, loudness: 0.6 });
                }
                RepetitionEvent::Started => {}
            }
        }
        for event in timer.update(clock_s, &exercise, events) {
            match event {
                SetEvent::SetStarted(set) => {
                    hud.announce(clock_s, format!("Set {set}"));
                    cues.write(Cue::of(Sound::Go));
                }
                SetEvent::SetDone(_) => {
                    cues.write(Cue::of(Sound::SetDone));
                }
                SetEvent::Finished => hud.judge(clock_s, player, "Done!", 1.0),
            }
        }
        if matches!(counter.state().posture, Posture::Wrong(_)) && is_working {
            *hint = posture_words(counter).map(|words| (words, clock_s)).or_else(|| hint.take());
        }
    }
}

/// Why a repetition does not count.
fn why(exercise: &Exercise, reason: &Incompleteness) -> String {
    match reason {
        Incompleteness::TooShallow => exercise.incomplete.clone(),
        Incompleteness::TooFast => "Slower: the whole way".to_owned(),
        Incompleteness::TooSlow => "Keep moving".to_owned(),
        Incompleteness::Lost => "Stay in view".to_owned(),
        Incompleteness::Posture(index) => {
            exercise.posture.get(*index).map_or_else(String::new, |condition| condition.text.clone())
        }
        Incompleteness::Void(index) => exercise.hints.get(*index).map_or_else(String::new, |rule| rule.text.clone()),
    }
}

fn posture_words(counter: &RepetitionCounter) -> Option<String> {
    let Posture::Wrong(index) = counter.state().posture else { return None };
    counter.exercise().posture.get(index).map(|condition| condition.text.clone())
}

/// What is shown: the count, the set, the time, the newest hint.
pub(super) fn tell(current: Res<Match>, coach: Res<Coach>, mut scores: ResMut<Scoreboard>, mut hud: ResMut<Hud>) {
    let mut progress: Option<f32> = None;
    hud.left_s = None;
    for (player, trainee) in coach.trainees.iter().enumerate() {
        let plan = trainee.timer.plan();
        let line = match trainee.timer.state() {
            SetState::Waiting | SetState::LeadIn { .. } => "Get ready".to_owned(),
            SetState::Work { set, done, elapsed_s, progress: share } => {
                progress = Some(progress.unwrap_or(0.0).max((set as f32 - 1.0 + share) / plan.sets as f32));
                match plan.goal {
                    Goal::Repetitions(goal) => format!("{done} of {goal} · set {set} of {}", plan.sets),
                    Goal::Seconds(length_s) => {
                        hud.left_s = Some((length_s - elapsed_s) as f32);
                        format!("{done} counted")
                    }
                }
            }
            SetState::Rest { next_set, left_s } => {
                hud.left_s = Some(left_s as f32);
                format!("Rest · set {next_set} next")
            }
            SetState::Done => "Done".to_owned(),
        };
        scores.players[player].line = line;
    }
    if progress.is_some() {
        hud.progress = progress;
    }
    let newest = coach.trainees.iter().filter_map(|trainee| trainee.hint.as_ref()).max_by(|a, b| a.1.total_cmp(&b.1));
    let hint = newest.filter(|(_, at_s)| current.clock_s - at_s < HINT_S).map_or("", |(words, _)| words);
    // How to stand is said until the first set is under way for a while.
    if current.clock_s > 4.0 || !hint.is_empty() {
        hint.clone_into(&mut hud.hint);
    }
}

/// When everybody is through their sets, or has had enough.
pub(super) fn finish(
    current: Res<Match>,
    mut coach: ResMut<Coach>,
    scores: Res<Scoreboard>,
    mut over: MessageWriter<MatchOver>,
) {
    let is_done = coach.trainees.iter().all(|trainee| trainee.timer.state() == SetState::Done);
    if coach.is_over || !(is_done || current.is_ending) {
        return;
    }
    coach.is_over = true;
    let results = coach.trainees.iter().enumerate();
    over.write(MatchOver { players: results.map(|(player, trainee)| result(trainee, &scores, player)).collect() });
}

fn result(trainee: &Trainee, scores: &Scoreboard, player: usize) -> PlayerResult {
    let exercise = trainee.counter.exercise();
    let total = trainee.timer.summary().total(exercise);
    let plan = trainee.timer.plan();
    let goal = match plan.goal {
        Goal::Repetitions(count) => Some(count * plan.sets),
        Goal::Seconds(_) => None,
    };
    let counted = match goal {
        Some(goal) => format!("{} of {goal}", total.repetitions),
        None => total.repetitions.to_string(),
    };
    let mut figures = vec![("Repetitions".to_owned(), counted)];
    if total.by_side.iter().any(|side| *side > 0) {
        figures.push(("Left and right".to_owned(), format!("{} and {}", total.by_side[0], total.by_side[1])));
    }
    if let Some(share) = total.good_share() {
        figures.push(("Good form".to_owned(), format!("{:.0} %", share * 100.0)));
    }
    if let Some(seconds) = total.mean_duration_s() {
        figures.push(("Tempo".to_owned(), format!("{seconds:.1} s each")));
    }
    if total.incomplete > 0 {
        figures.push(("Not complete".to_owned(), total.incomplete.to_string()));
    }
    let phase = trainee.counter.state();
    if phase.progress > 0.0 && phase.progress < 1.0 {
        figures.push(("Under way".to_owned(), "one more".to_owned()));
    }
    let mut advice: Vec<String> = total
        .most_frequent_hint()
        .and_then(|(index, _)| exercise.hints.get(index))
        .map(|rule| rule.text.clone())
        .into_iter()
        .collect();
    if total.incomplete * 3 > total.repetitions.max(1) {
        advice.push(exercise.incomplete.clone());
    }
    let done = goal.map_or(1.0, |goal| (total.repetitions as f32 / goal.max(1) as f32).min(1.0));
    let share = done * (0.5 + 0.5 * total.good_share().unwrap_or(0.0));
    PlayerResult {
        points: scores.players[player].points,
        percent: Some(share * 100.0),
        stars: if total.repetitions == 0 { 0 } else { (share * 5.3).min(5.0) as u32 },
        figures,
        advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words() {
        let exercises = Exercises::load();
        let (exercise, _) = exercises.get("", crate::motion::Difficulty::Easy).expect("a bundled exercise");
        for reason in [
            Incompleteness::TooShallow,
            Incompleteness::TooFast,
            Incompleteness::TooSlow,
            Incompleteness::Lost,
            Incompleteness::Posture(0),
        ] {
            assert!(!why(exercise, &reason).is_empty(), "{reason:?}");
        }
        assert_eq!(why(exercise, &Incompleteness::Void(9999)), "");
    }
}
