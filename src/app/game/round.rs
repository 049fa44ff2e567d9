//! A match: one game, played from its countdown to its end.

use bevy::ecs::schedule::ScheduleLabel;
use bevy::prelude::*;

use super::cue::{Cue, Sound};
use super::phase::GamePhase;
use super::random::Chance;
use super::score::{Hud, MatchOver, MatchResult, Scoreboard};
use crate::motion::Difficulty;

/// Steps a second of physics and rules.
pub const STEP_HZ: f64 = 60.0;
/// Seconds of the countdown before a match and after a pause.
pub const COUNTDOWN_S: f64 = 3.0;

/// Runs once before [`GameStart`]: a game reads what it needs from the disk, unless that was announced with [`PrepareMatch`]
/// and is in hand. Whoever plays in a window announces, so that no picture waits.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
pub struct GamePrepare;

/// Runs once when a match begins, before its countdown: a game puts its things up.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
pub struct GameStart;

/// Runs 60 times a second while a match is played, after the physics: a game's rules.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
pub struct GameStep;

/// Runs once when a match ends, however it ends. What bears [`InMatch`] is taken away afterwards.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
pub struct GameEnd;

/// Of an entity that goes when the match ends.
#[derive(Component, Debug, Clone, Copy, Default)]
pub struct InMatch;

/// The match that is played.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Match {
    /// The game's name in code.
    pub game: &'static str,
    /// What was chosen before it began; empty where there is nothing to choose.
    pub choice: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// How many play, 1 to 4.
    pub players: usize,
    /// The same seed gives the same match.
    pub seed: u64,
    /// Seconds that were played: it stands still while the match waits or is paused.
    pub clock_s: f64,
    /// Seconds until it goes on: the countdown.
    pub wait_s: f64,
    /// Somebody has had enough: the game says in this step how it went so far, with [`MatchOver`].
    pub is_ending: bool,
}

impl Match {
    /// Seconds of one step.
    pub const STEP_S: f64 = 1.0 / STEP_HZ;

    /// Seconds since the step before.
    #[must_use]
    pub const fn step_s(&self) -> f32 {
        Self::STEP_S as f32
    }

    /// Whether it counts down.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.wait_s > 0.0
    }
}

/// Whether the game with this name is being played: a condition for its systems.
pub fn game_is(id: &'static str) -> impl Fn(Option<Res<Match>>) -> bool + Clone {
    move |current| current.is_some_and(|current| current.game == id)
}

/// Whether a match is played in this step: it is neither paused nor counts down.
#[must_use]
pub fn runs(phase: GamePhase, current: Option<&Match>) -> bool {
    phase == GamePhase::Playing && current.is_some_and(|current| !current.is_waiting())
}

/// Somebody wants to play.
#[derive(Message, Debug, Clone, PartialEq)]
pub struct StartMatch {
    /// The game's name in code.
    pub game: &'static str,
    /// What was chosen; empty where there is nothing to choose.
    pub choice: String,
    /// How hard.
    pub difficulty: Difficulty,
    /// How many play.
    pub players: usize,
    /// The same seed gives the same match.
    pub seed: u64,
}

/// Somebody is about to play this: what has to be read for it is read now, aside.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct PrepareMatch {
    /// The game's name in code.
    pub game: &'static str,
    /// What was chosen; empty where there is nothing to choose.
    pub choice: String,
}

/// The game that still reads what was announced; its match waits for that.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preparing(pub Option<&'static str>);

/// A match that waits for what it needs, and the screen on which it was asked for: it begins only from there.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub(super) struct Waiting(Option<(StartMatch, GamePhase)>);

impl Waiting {
    /// Whether there is one.
    pub(super) const fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

/// Somebody wants to play no longer: the match ends without a result.
#[derive(Message, Debug, Clone, Copy, Default)]
pub struct LeaveMatch;

/// Somebody has had enough, and wants to see how it went so far.
#[derive(Message, Debug, Clone, Copy, Default)]
pub struct FinishMatch;

/// A game cannot begin: inserted by its systems of [`GameStart`], with one sentence on why and what to do. The match ends
/// at once, without a result.
#[derive(Resource, Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

pub(super) fn plugin(app: &mut App) {
    app.init_schedule(GamePrepare)
        .init_schedule(GameStart)
        .init_schedule(GameStep)
        .init_schedule(GameEnd)
        .init_resource::<Scoreboard>()
        .init_resource::<Hud>()
        .init_resource::<Chance>()
        .init_resource::<Preparing>()
        .init_resource::<Waiting>()
        .add_message::<PrepareMatch>()
        .add_message::<StartMatch>()
        .add_message::<LeaveMatch>()
        .add_message::<FinishMatch>()
        .add_message::<MatchOver>()
        .add_message::<Cue>()
        .add_systems(PreUpdate, (begin, finish).chain());
}

/// Begins the match that was asked for, as soon as what it needs is there.
pub(super) fn begin(world: &mut World) {
    let phase = *world.resource::<State<GamePhase>>().get();
    let wanted = world.resource_mut::<Messages<StartMatch>>().drain().last().map(|wanted| (wanted, phase));
    let waiting = world.resource_mut::<Waiting>().0.take().filter(|(_, asked_on)| *asked_on == phase);
    let Some((wanted, asked_on)) = wanted.or(waiting) else { return };
    if world.resource::<Preparing>().0 == Some(wanted.game) {
        world.resource_mut::<Waiting>().0 = Some((wanted, asked_on));
        return;
    }
    let StartMatch { game, choice, difficulty, players, seed } = wanted;
    end(world);
    world.insert_resource(Match {
        game,
        choice,
        difficulty,
        players: players.max(1),
        seed,
        clock_s: 0.0,
        wait_s: COUNTDOWN_S,
        is_ending: false,
    });
    world.insert_resource(Chance::new(seed));
    world.insert_resource(Scoreboard::default());
    world.insert_resource(Hud::default());
    world.remove_resource::<MatchResult>();
    world.remove_resource::<Refusal>();
    world.run_schedule(GamePrepare);
    world.run_schedule(GameStart);
    if world.contains_resource::<Refusal>() {
        end(world);
        world.resource_mut::<NextState<GamePhase>>().set(GamePhase::Choose);
        return;
    }
    world.resource_mut::<NextState<GamePhase>>().set(GamePhase::Playing);
}

/// Ends the match that is over or that is left.
fn finish(world: &mut World) {
    if world.resource_mut::<Messages<FinishMatch>>().drain().last().is_some()
        && let Some(mut current) = world.get_resource_mut::<Match>()
    {
        current.is_ending = true;
        // Also out of a pause, in which no steps are taken.
        world.run_schedule(GameStep);
    }
    let over = world.resource_mut::<Messages<MatchOver>>().drain().last();
    let is_left = world.resource_mut::<Messages<LeaveMatch>>().drain().last().is_some();
    if over.is_none() && !is_left {
        return;
    }
    let Some(current) = world.get_resource::<Match>().cloned() else { return };
    if let Some(MatchOver { players }) = over {
        world.insert_resource(MatchResult {
            game: current.game,
            choice: current.choice,
            difficulty: current.difficulty,
            duration_s: current.clock_s,
            players,
        });
        world.write_message(Cue::of(Sound::GameOver));
        world.resource_mut::<NextState<GamePhase>>().set(GamePhase::Results);
    } else {
        world.resource_mut::<NextState<GamePhase>>().set(GamePhase::Choose);
    }
    end(world);
}

/// Takes a match down, if there is one.
fn end(world: &mut World) {
    if !world.contains_resource::<Match>() {
        return;
    }
    world.run_schedule(GameEnd);
    let things: Vec<Entity> = world.query_filtered::<Entity, With<InMatch>>().iter(world).collect();
    for thing in things {
        // A child may have gone with its parent.
        if let Ok(thing) = world.get_entity_mut(thing) {
            thing.despawn();
        }
    }
    world.remove_resource::<Match>();
}

/// One step of the countdown, then of the game's rules.
pub(super) fn step(world: &mut World) {
    let Some(mut current) = world.get_resource_mut::<Match>() else { return };
    if current.is_waiting() {
        let before_s = current.wait_s.ceil();
        current.wait_s = (current.wait_s - Match::STEP_S).max(0.0);
        let (after_s, goes) = (current.wait_s.ceil(), current.wait_s <= 0.0);
        if goes {
            world.write_message(Cue::of(Sound::Go));
        } else if after_s < before_s {
            world.write_message(Cue::of(Sound::Countdown));
        }
        return;
    }
    world.run_schedule(GameStep);
    if let Some(mut current) = world.get_resource_mut::<Match>() {
        current.clock_s += Match::STEP_S;
    }
}
