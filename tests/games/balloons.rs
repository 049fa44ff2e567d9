//! The small game that is there to begin from.

use bevy::prelude::*;
use livedance::app::game::balloons::Balloon;
use livedance::app::game::headless::{Performer, headless_app, play};
use livedance::app::game::{MatchResult, StartMatch};
use livedance::motion::Difficulty;
use livedance::motion::player::BodyPart;

use crate::bot::standing;
use crate::rest;

fn run(plays: bool) -> MatchResult {
    let rest = rest();
    let player = move |world: &mut World, _: f64| {
        let mut body = standing(&rest, 0.0);
        let balloons = world.query_filtered::<&Transform, With<Balloon>>();
        let within_reach = |at: &Vec3| (0.6..1.9).contains(&at.y);
        let mut nearest = { balloons }.iter(world).map(|at| at.translation).filter(within_reach).collect::<Vec<_>>();
        nearest.sort_by(|a, b| b.y.total_cmp(&a.y));
        if let (true, Some(at)) = (plays, nearest.first()) {
            let hand = if at.x > 0.0 { BodyPart::LeftHand } else { BodyPart::RightHand };
            body.sample.positions[hand as usize] = *at;
        }
        Some(body)
    };
    let mut performers: [Box<dyn Performer>; 1] = [Box::new(player)];
    let start =
        StartMatch { game: "balloons", choice: String::new(), difficulty: Difficulty::Easy, players: 1, seed: 3 };
    play(&mut headless_app(), start, &mut performers, 100.0).expect("a result")
}

#[test]
fn it_is_played_to_its_end_the_same_way_every_time() {
    let (one, other) = (run(true), run(true));
    assert_eq!(one, other);
    assert!(one.players[0].points > 200.0, "{one:?}");
    assert!((one.duration_s - 45.0).abs() < 0.1, "{one:?}");
    let idle = run(false);
    assert!(idle.players[0].points < one.players[0].points / 2.0, "{idle:?}");
}
