//! A match without a window: the same rules and physics, played by scripts or takes, as fast as the machine can.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;

use super::body::{PlayerInput, PlayerInputs};
use super::phase::GamePhase;
use super::round::{FinishMatch, Match, StartMatch};
use super::score::MatchResult;
use super::{Games, GamesPlugin};
use crate::app::schedule;
use crate::formats::take::TakeError;
use crate::frame::TrackedFrame;
use crate::motion::BodyPose;
use crate::motion::filter::SmoothingParams;
use crate::motion::player::{BodySample, PART_COUNT, confidences};
use crate::motion::retarget::AvatarPose;
use crate::motion::session::{ActorFrame, Cast, PoseSampler};
use crate::motion::skeleton::RestSkeleton;
use crate::pipeline::take_frames::TakeFrames;
use crate::settings::{MAX_PLAYERS, Settings};

/// Why a match without a window gave no result.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// There is no such game.
    #[error("there is no game called {name}; there are: {known}")]
    NoGame {
        /// What was asked for.
        name: String,
        /// What there is, with commas.
        known: String,
    },
    /// It did not end in time.
    #[error("the match did not end within {limit_s} seconds of playing")]
    Endless {
        /// The limit, seconds.
        limit_s: f64,
    },
    /// The game refused to begin, and said why.
    #[error("{message}")]
    Refused {
        /// What the game said.
        message: String,
    },
    /// The recording of a player cannot be read.
    #[error(transparent)]
    Take(#[from] TakeError),
}

/// Without anybody in view for so many seconds the match is over.
const EMPTY_S: f64 = 2.0;

/// Who plays: asked before each step where the body is. It sees the world of the match, so that a script can see what
/// flies. Time is the match's clock in seconds, below 0 during the first countdown.
pub trait Performer: Send + Sync {
    /// The player now; `None` for out of view.
    fn perform(&mut self, world: &mut World, time_s: f64) -> Option<PlayerInput>;
}

impl<F: FnMut(&mut World, f64) -> Option<PlayerInput> + Send + Sync> Performer for F {
    fn perform(&mut self, world: &mut World, time_s: f64) -> Option<PlayerInput> {
        self(world, time_s)
    }
}

/// The world that a match without a window is played in.
#[must_use = "it is played in"]
pub fn headless_app() -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, StatesPlugin, TransformPlugin))
        .add_plugins((schedule::plugin, GamesPlugin))
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_secs_f64(Match::STEP_S)));
    app.finish();
    app.cleanup();
    app
}

/// Plays a match to its end, or until nobody has been in view for two seconds, as after the end of a take, or for
/// `limit_s` seconds: then it is asked how it went so far.
///
/// # Errors
/// [`HeadlessError`]: no such game, it refuses to begin, or does not end when it is asked to.
pub fn play(
    app: &mut App,
    start: StartMatch,
    performers: &mut [Box<dyn Performer>],
    limit_s: f64,
) -> Result<MatchResult, HeadlessError> {
    let games = app.world().resource::<Games>();
    if games.get(start.game).is_none() {
        let known = games.0.iter().map(|game| game.id).collect::<Vec<_>>().join(", ");
        return Err(HeadlessError::NoGame { name: start.game.to_owned(), known });
    }
    app.world_mut().write_message(start);
    let steps = (limit_s / Match::STEP_S) as u64;
    let mut empty_s = 0.0;
    for step in 0..steps + 10 {
        let time_s = app.world().get_resource::<Match>().map_or(f64::NEG_INFINITY, |m| m.clock_s - m.wait_s);
        let mut inputs = PlayerInputs::default();
        for (place, performer) in inputs.players.iter_mut().zip(performers.iter_mut()).take(MAX_PLAYERS as usize) {
            *place = performer.perform(app.world_mut(), time_s);
        }
        empty_s = if inputs.players.iter().any(Option::is_some) { 0.0 } else { empty_s + Match::STEP_S };
        app.insert_resource(inputs);
        if empty_s >= EMPTY_S || step == steps {
            app.world_mut().write_message(FinishMatch);
        }
        app.update();
        if let Some(refusal) = app.world_mut().remove_resource::<super::round::Refusal>() {
            return Err(HeadlessError::Refused { message: refusal.0 });
        }
        if *app.world().resource::<State<GamePhase>>().get() == GamePhase::Results
            && let Some(result) = app.world().get_resource::<MatchResult>()
        {
            return Ok(result.clone());
        }
    }
    Err(HeadlessError::Endless { limit_s })
}

/// A player in a pose, with everything in view.
#[must_use]
pub fn posed(rest: &Arc<RestSkeleton>, pose: AvatarPose, across_m: f32) -> Option<PlayerInput> {
    let sample = BodySample::of_pose(rest, &pose, across_m, [1.0; PART_COUNT])?;
    Some(PlayerInput { sample, pose, rest: rest.clone(), person: None, person_s: 0.0, latency_s: 0.0 })
}

/// Seconds that a take's last frame is shown.
const HELD_S: f64 = 0.5;

/// The first person of a take, as the app would show them.
pub struct RecordedPlayer {
    take: TakeFrames,
    next: Option<(TrackedFrame, Vec<ActorFrame>)>,
    begins_s: Option<f64>,
    sampler: PoseSampler,
    mirror: bool,
    rest: Arc<RestSkeleton>,
    person: Option<Arc<BodyPose>>,
    person_s: f64,
}

impl RecordedPlayer {
    /// Opens a take or a file of `track`; its first frame is shown at time 0 of the match.
    ///
    /// # Errors
    /// As [`TakeFrames::open`].
    pub fn open(path: &Path, settings: &Settings, rest: RestSkeleton, fps: Option<f64>) -> Result<Self, TakeError> {
        let (smoothing, rest): (SmoothingParams, _) = (settings.into(), Arc::new(rest));
        let mut take = TakeFrames::open(path, smoothing, fps)?;
        let cast = Cast::Avatars { skeletons: vec![Arc::clone(&rest)], followed: 1 };
        take.set_cast(settings.session_options(), cast);
        let next = take.next_frame()?;
        let mut sampler = PoseSampler::new(Arc::clone(&rest));
        sampler.skip_easing(0.0);
        Ok(Self {
            begins_s: next.as_ref().map(|(frame, _)| frame.time_s),
            take,
            next,
            sampler,
            mirror: settings.mirror,
            rest,
            person: None,
            person_s: 0.0,
        })
    }
}

impl Performer for RecordedPlayer {
    fn perform(&mut self, _: &mut World, time_s: f64) -> Option<PlayerInput> {
        let now_s = time_s.max(0.0) + self.begins_s?;
        while let Some((frame, actors)) = self.next.take_if(|(frame, _)| frame.time_s <= now_s + 1e-9) {
            for actor in &actors {
                self.sampler.push(frame.time_s, frame.continuity, actor);
            }
            self.person_s = frame.time_s;
            let following = self.sampler.following();
            self.person = frame.people.into_iter().find(|person| Some(person.id) == following).map(Arc::new);
            // A take that breaks off ends there: what was read is played.
            self.next = self.take.next_frame().ok().flatten();
        }
        if self.next.is_none() && now_s > self.person_s + HELD_S {
            return None;
        }
        let person = self.person.clone()?;
        let pose = self.sampler.sample(now_s, now_s, true);
        let sure = confidences(&person.world, self.mirror);
        let sample = BodySample::of_pose(&self.rest, &pose, 0.0, sure)?;
        Some(PlayerInput {
            sample,
            pose,
            rest: self.rest.clone(),
            person: Some(person),
            person_s: self.person_s,
            latency_s: 0.0,
        })
    }
}
