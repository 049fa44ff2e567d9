//! Games that are played with the whole body.
//!
//! A game is a plugin in a folder (or a file) of its own. It makes itself known with [`GameApp::add_game`], puts its
//! things up in [`GameStart`], plays in [`GameStep`], which runs 60 times a second after the physics, and ends with
//! [`MatchOver`]. It reads each player's [`PlayerBody`] and what they [`Struck`], and writes points to [`Scoreboard`], words
//! to [`Hud`] and sounds as [`Cue`]s. Everything around it (title, countdown, pause, results, high scores) is the shell's.
//! `balloons` is a small one to begin from.
//!
//! - [`body`]: players. [`arena`]: the room and its things. [`round`]: matches. [`score`], [`cue`]: what comes out.
//! - [`coach`]: who shows a dance. [`look`]: what things look like. [`headless`]: a match without a window, played by a script or a take.
//!
//! Architecture invariant: rules run in fixed steps, know no wall clock, and take chance from [`Chance`] alone: the same
//! players and the same seed give the same score. What is seen and heard is added by plugins that rules know nothing of.

pub mod arena;
pub mod ball_storm;
pub mod balloons;
pub mod body;
pub mod coach;
pub mod cue;
pub mod dance;
pub mod headless;
pub mod high_scores;
pub mod look;
pub mod phase;
pub mod random;
pub mod registry;
pub mod repetitions;
pub mod round;
pub mod score;
pub mod shell;
pub mod sound;

use bevy::prelude::*;
use bevy_rapier3d::plugin::{
    DefaultRapierContext, NoUserData, PhysicsSet, RapierConfiguration, RapierPhysicsPlugin, TimestepMode,
};

use super::schedule::GameSystems;

pub use body::{PlayerBody, PlayerInput, PlayerInputs, Struck};
pub use cue::{Cue, Sound};
pub use look::{Look, LooksPlugin, Shape, Tint};
pub use phase::GamePhase;
pub use random::Chance;
pub use registry::{Choice, GameApp, GameInfo, GameView, Games};
pub use round::{GameEnd, GamePrepare, GameStart, GameStep, InMatch, Match, PrepareMatch, StartMatch, game_is};
pub use score::{Hud, MatchOver, MatchResult, PlayerResult, Scoreboard};
pub use sound::{SoundPlugin, SoundsReady};

/// Bodies, physics, matches and all games, without anything that is seen or heard. Needs no window.
pub struct GamesPlugin;

impl Plugin for GamesPlugin {
    fn build(&self, app: &mut App) {
        let step_s = Match::STEP_S as f32;
        app.init_state::<GamePhase>()
            .init_resource::<Games>()
            .insert_resource(TimestepMode::Fixed { dt: step_s, substeps: 1 })
            .insert_resource(Time::<Fixed>::from_hz(round::STEP_HZ))
            .add_plugins(RapierPhysicsPlugin::<NoUserData>::default().in_fixed_schedule())
            .configure_sets(
                FixedUpdate,
                (PhysicsSet::SyncBackend, PhysicsSet::StepSimulation, PhysicsSet::Writeback)
                    .after(GameSystems::Bodies)
                    .before(GameSystems::Sane),
            )
            .add_plugins((round::plugin, body::plugin, arena::plugin))
            .add_plugins((ball_storm::plugin, dance::plugin, repetitions::plugin, balloons::plugin, coach::plugin))
            .add_systems(FixedUpdate, round::step.in_set(GameSystems::Rules).run_if(in_state(GamePhase::Playing)))
            .add_systems(FixedUpdate, hold_physics.in_set(GameSystems::Bodies));
    }
}

/// The world stands still unless a match is played.
fn hold_physics(
    phase: Res<State<GamePhase>>,
    current: Option<Res<Match>>,
    mut worlds: Query<&mut RapierConfiguration, With<DefaultRapierContext>>,
) {
    let is_active = round::runs(*phase.get(), current.as_deref());
    for mut world in &mut worlds {
        if world.physics_pipeline_active != is_active {
            world.physics_pipeline_active = is_active;
        }
    }
}
