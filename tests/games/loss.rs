//! Who goes out of view: the game waits for them.

use bevy::prelude::*;
use livedance::app::game::ball_storm::{Ball, ID};
use livedance::app::game::body::LOST_PAUSE_S;
use livedance::app::game::headless::headless_app;
use livedance::app::game::{GamePhase, Match, PlayerBody, PlayerInputs, StartMatch};
use livedance::motion::Difficulty;
use livedance::motion::player::BodyPart;

use crate::bot::standing;
use crate::rest;

/// Steps with the player in view, or not.
fn steps(app: &mut App, seconds: f64, is_seen: bool) {
    let rest = rest();
    for _ in 0..(seconds * 60.0) as u32 {
        let mut inputs = PlayerInputs::default();
        inputs.players[0] = is_seen.then(|| standing(&rest, 0.0));
        app.insert_resource(inputs);
        app.update();
    }
}

fn phase(app: &App) -> GamePhase {
    *app.world().resource::<State<GamePhase>>().get()
}

fn balls(app: &mut App) -> Vec<Vec3> {
    let world = app.world_mut();
    world.query_filtered::<&Transform, With<Ball>>().iter(world).map(|at| at.translation).collect()
}

#[test]
fn a_second_out_of_view_pauses_and_who_comes_back_is_counted_in() {
    let mut app = headless_app();
    app.world_mut().write_message(StartMatch {
        game: ID,
        choice: String::new(),
        difficulty: Difficulty::Normal,
        players: 1,
        seed: 2,
    });
    steps(&mut app, 7.0, true);
    assert_eq!(phase(&app), GamePhase::Playing);
    assert!(!balls(&mut app).is_empty());

    steps(&mut app, f64::from(LOST_PAUSE_S) - 0.3, false);
    assert_eq!(phase(&app), GamePhase::Playing, "a moment is forgiven");
    let world = app.world_mut();
    let body = world.query::<&PlayerBody>().single(world).expect("the body stays");
    assert!(!body.is_sure(BodyPart::LeftHand), "but nothing is struck with it");
    steps(&mut app, 0.5, false);
    assert_eq!(phase(&app), GamePhase::Paused);

    let clock_s = |app: &App| app.world().resource::<Match>().clock_s;
    let (held, held_s) = (balls(&mut app), clock_s(&app));
    steps(&mut app, 3.0, false);
    assert_eq!((balls(&mut app), clock_s(&app)), (held.clone(), held_s), "everything stands still");

    steps(&mut app, 1.3, true);
    assert_eq!(phase(&app), GamePhase::Playing, "it goes on by itself");
    assert!(app.world().resource::<Match>().is_waiting(), "after a countdown");
    assert_eq!(balls(&mut app), held, "in which nothing flies yet");
    steps(&mut app, 4.0, true);
    assert!(clock_s(&app) > held_s + 0.5 && balls(&mut app) != held);
}
