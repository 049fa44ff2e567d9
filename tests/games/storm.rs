//! Ball Storm from its countdown to its result.

use std::sync::Arc;

use bevy::prelude::*;
use livedance::app::game::ball_storm::ID;
use livedance::app::game::headless::{Performer, headless_app, play};
use livedance::app::game::{MatchResult, PlayerInput, StartMatch};
use livedance::motion::Difficulty;
use livedance::motion::skeleton::RestSkeleton;

use crate::bot::{StormBot, standing};
use crate::rest;

fn start(players: usize, seed: u64) -> StartMatch {
    StartMatch { game: ID, choice: String::new(), difficulty: Difficulty::Normal, players, seed }
}

fn run(performers: &mut [Box<dyn Performer>], seed: u64) -> MatchResult {
    play(&mut headless_app(), start(performers.len(), seed), performers, 200.0).expect("a result")
}

fn bot(rest: &Arc<RestSkeleton>, player: usize, across_m: f32, eager: f32) -> Box<dyn Performer> {
    let mut bot = StormBot::new(rest, player, across_m, eager);
    Box::new(move |world: &mut World, _: f64| -> Option<PlayerInput> { Some(bot.act(world)) })
}

#[test]
fn who_goes_for_the_balls_meets_most_and_who_stands_meets_few() {
    let rest = rest();
    let eager = &run(&mut [bot(&rest, 0, 0.0, 1.0)], 11).players[0];
    let lazy = &run(&mut [bot(&rest, 0, 0.0, 0.5)], 11).players[0];
    let body = rest.clone();
    let mut still: [Box<dyn Performer>; 1] = [Box::new(move |_: &mut World, _: f64| Some(standing(&body, 0.0)))];
    let still = &run(&mut still, 11).players[0];
    assert!(eager.percent.expect("a share") > 60.0, "{eager:?}");
    assert!(eager.points > 1.5 * lazy.points && lazy.points > 1.5 * still.points, "{eager:?} {lazy:?} {still:?}");
    assert!(still.percent.expect("a share") < 45.0 && !still.advice.is_empty(), "{still:?}");
}

#[test]
fn the_same_player_and_seed_give_the_same_score() {
    let rest = rest();
    let one = run(&mut [bot(&rest, 0, -0.8, 0.8), bot(&rest, 1, 0.8, 0.9)], 5);
    let other = run(&mut [bot(&rest, 0, -0.8, 0.8), bot(&rest, 1, 0.8, 0.9)], 5);
    assert_eq!(one, other);
    assert_eq!(one.players.len(), 2);
    assert_ne!(run(&mut [bot(&rest, 0, -0.8, 0.8), bot(&rest, 1, 0.8, 0.9)], 6), one, "another seed, another storm");
}
