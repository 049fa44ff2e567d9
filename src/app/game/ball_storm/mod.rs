//! Ball Storm: balls of several kinds fly at the players, who punch, kick, head, catch and dodge them.
//!
//! - [`kind`]: what each ball asks for. `flight`: where it comes from, so that it arrives where somebody can reach.
//! - [`waves`]: how often and how fast balls come, after how well and how far the player reaches.
//! - `state`: what all of them know. `launch`, `play`, `targets`: the rules. What is struck flies on, and may break crates and hit targets.

mod flight;
pub mod kind;
mod launch;
mod play;
mod state;
mod targets;
pub mod waves;

use bevy::prelude::*;

use super::{GameApp, GameInfo, GameStart, GameStep, GameView, game_is};

pub use kind::BallKind;
pub use state::{Ball, BallState, Skill};

/// The game's name in code.
pub const ID: &str = "ball_storm";

/// Adds the game.
pub(super) fn plugin(app: &mut App) {
    app.add_game(GameInfo {
        id: ID,
        title: "Ball Storm",
        tagline: "Punch, kick, head and catch what comes. Dodge what has spikes.",
        how_to: &[
            "Round balls: punch. Banded balls: kick. Diamonds: head.",
            "Golden balls: catch with both hands. Spiked balls: get out of the way!",
            "The harder you strike, the more it counts. Hit the targets, break the crates.",
        ],
        max_players: 4,
        view: GameView::Behind,
        music: Some("storm"),
        choices: Vec::new(),
    })
    .init_resource::<state::Storm>()
    .add_systems(GameStart, (launch::begin, targets::set_up).chain().run_if(game_is(ID)))
    .add_systems(
        GameStep,
        (
            waves::watch_reach,
            launch::launch,
            play::mark,
            play::strike,
            play::catch,
            play::pass,
            targets::hit,
            targets::break_crates,
            play::clear,
            launch::advance,
        )
            .chain()
            .run_if(game_is(ID)),
    );
}
