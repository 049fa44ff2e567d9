//! Limbs in the physics: blows are as hard as the limbs are fast, and nothing breaks.

use bevy::prelude::*;
use bevy_rapier3d::prelude::{GravityScale, Velocity};
use livedance::app::game::arena::{CEILING_M, FASTEST_THING_M_S, HALF_M, Thing, ball};
use livedance::app::game::headless::headless_app;
use livedance::app::game::{Chance, GameApp, GameInfo, GamePhase, GameView, Match, PlayerInputs, StartMatch, Struck};
use livedance::motion::Difficulty;
use livedance::motion::player::{BodyPart, Limb, PART_COUNT};
use livedance::motion::statistics::{percentile, sorted};

use crate::bot::{StormBot, standing};
use crate::rest;

/// A match of a game without rules, past its countdown.
fn sandbox() -> App {
    let mut app = headless_app();
    app.add_game(GameInfo {
        id: "sandbox",
        title: "Sandbox",
        tagline: "",
        how_to: &[],
        max_players: 4,
        view: GameView::Mirror,
        music: None,
        choices: Vec::new(),
    });
    app.world_mut().write_message(StartMatch {
        game: "sandbox",
        choice: String::new(),
        difficulty: Difficulty::Normal,
        players: 1,
        seed: 1,
    });
    let rest = rest();
    while app.world().get_resource::<Match>().is_none_or(Match::is_waiting) {
        let mut inputs = PlayerInputs::default();
        inputs.players[0] = Some(standing(&rest, 0.0));
        app.insert_resource(inputs);
        app.update();
    }
    app
}

/// The speed of a ball at rest of this mass after a hand of this speed has met it, metres a second.
fn struck_speed(hand_m_s: f32, mass_kg: f32, confidence: f32) -> (f32, u32) {
    let mut app = sandbox();
    let rest = rest();
    let at = Vec3::new(0.8, 1.3, 0.9);
    let thing = app.world_mut().spawn((ball(0.12, mass_kg, at, Vec3::ZERO), GravityScale(0.0))).id();
    let mut blows = 0;
    for step in 0..90 {
        let mut body = standing(&rest, 0.0);
        // Along a line through the ball's middle, at an even speed, and on past it; the elbow goes along.
        let z = -0.3 + hand_m_s * step as f32 / 60.0;
        let hand = Vec3::new(at.x, at.y, z.min(1.3));
        body.sample.positions[BodyPart::LeftHand as usize] = hand;
        body.sample.positions[BodyPart::LeftElbow as usize] = hand - Vec3::Z * 0.27;
        body.sample.confidences[BodyPart::LeftHand as usize] = confidence;
        let mut inputs = PlayerInputs::default();
        inputs.players[0] = Some(body);
        app.insert_resource(inputs);
        app.update();
        blows += app.world_mut().resource_mut::<Messages<Struck>>().drain().count() as u32;
    }
    (app.world().get::<Velocity>(thing).expect("still there").linear.length(), blows)
}

#[test]
fn a_fast_hand_strikes_as_much_harder_as_the_masses_say() {
    let mass_kg = 0.25;
    // Restitution of the ball against skin.
    let restitution = 0.7;
    for hand_m_s in [1.0, 4.0] {
        let hand_kg = Limb::LeftHand.effective_mass_kg();
        let expected = (1.0 + restitution) * hand_kg / (hand_kg + mass_kg) * hand_m_s;
        let (got, blows) = struck_speed(hand_m_s, mass_kg, 1.0);
        println!("{hand_m_s} m/s: the ball flies {got:.2} m/s, by the masses {expected:.2}");
        assert!((got / expected - 1.0).abs() < 0.15, "{hand_m_s} m/s: {got}, not {expected}");
        assert!(blows > 0);
    }
}

#[test]
fn a_hand_that_is_not_surely_seen_strikes_nothing() {
    let (got, blows) = struck_speed(4.0, 0.25, 0.3);
    assert!(got < 1e-3 && blows == 0, "{got} {blows}");
}

#[test]
fn ten_minutes_of_flailing_break_nothing() {
    let mut app = sandbox();
    let rest = rest();
    let mut chance = Chance::new(99);
    for _ in 0..100 {
        let at = Vec3::new(chance.between(-2.0, 2.0), chance.between(0.3, 4.0), chance.between(-2.0, 2.0));
        app.world_mut().spawn(ball(
            chance.between(0.08, 0.2),
            chance.between(0.1, 1.0),
            at,
            chance.within(Vec3::splat(4.0)),
        ));
    }
    let ease = standing(&rest, 0.0).sample;
    // Parts jump from place to place at up to 12 m/s and more, through floor and balls, and are lost now and then.
    let mut parts = ease.positions;
    let mut goals = parts;
    let (mut deepest_m, mut fastest_m_s) = (0.0_f32, 0.0_f32);
    for step in 0..600 * 60 {
        for part in 0..PART_COUNT {
            if chance.happens(0.08) {
                goals[part] =
                    Vec3::new(chance.between(-1.5, 1.5), chance.between(-0.3, 2.2), chance.between(-1.5, 1.5));
            }
            parts[part] += (goals[part] - parts[part]).clamp_length_max(chance.between(0.0, 0.3));
        }
        let mut body = standing(&rest, 0.0);
        body.sample.positions = parts;
        body.sample.confidences = std::array::from_fn(|_| if chance.happens(0.1) { 0.2 } else { 1.0 });
        let mut inputs = PlayerInputs::default();
        inputs.players[0] = (!chance.happens(0.01)).then_some(body);
        app.insert_resource(inputs);
        app.update();
        if step % 10 != 0 {
            continue;
        }
        let world = app.world_mut();
        let mut things =
            world.query_filtered::<(&Transform, &Velocity, &bevy_rapier3d::geometry::Collider), With<Thing>>();
        let mut count = 0;
        for (transform, velocity, shape) in things.iter(world) {
            let at = transform.translation;
            let radius = shape.as_ball().expect("a ball").radius();
            assert!(at.is_finite() && velocity.linear.is_finite(), "step {step}: {at} {velocity:?}");
            assert!(at.x.abs().max(at.z.abs()) < HALF_M + 0.5 && at.y < CEILING_M + 0.5, "step {step}: {at}");
            deepest_m = deepest_m.max(radius - at.y);
            fastest_m_s = fastest_m_s.max(velocity.linear.length());
            // The middle of a ball never comes under the floor.
            assert!(at.y > 0.0, "step {step}: a ball of {radius} m went into the floor: {at}");
            count += 1;
        }
        assert_eq!(count, 100, "step {step}: none was taken away");
        assert_eq!(*app.world().resource::<State<GamePhase>>().get(), GamePhase::Playing);
    }
    println!("deepest {deepest_m:.3} m into the floor, fastest {fastest_m_s:.1} m/s");
    assert!(fastest_m_s <= FASTEST_THING_M_S + 0.5);
}

/// Prints what a step costs, all schedules of the app included: `taskset -c 0 cargo test --test games -- --ignored --nocapture
/// what_a_step_costs`.
#[test]
#[ignore = "a measurement"]
fn what_a_step_costs() {
    let mut app = headless_app();
    let rest = rest();
    app.world_mut().write_message(StartMatch {
        game: livedance::app::game::ball_storm::ID,
        choice: String::new(),
        difficulty: Difficulty::Hard,
        players: 2,
        seed: 1,
    });
    let mut bots = [StormBot::new(&rest, 0, -0.8, 1.0), StormBot::new(&rest, 1, 0.8, 1.0)];
    let mut chance = Chance::new(4);
    let mut costs_ms: Vec<f64> = Vec::new();
    for step in 0..3600 {
        let mut inputs = PlayerInputs::default();
        for (place, bot) in inputs.players.iter_mut().zip(&mut bots) {
            *place = Some(bot.act(app.world_mut()));
        }
        app.insert_resource(inputs);
        if step == 200 {
            for _ in 0..100 {
                let at = Vec3::new(chance.between(-2.0, 2.0), chance.between(0.3, 4.0), chance.between(-1.0, 3.0));
                app.world_mut().spawn(ball(0.13, 0.25, at, chance.within(Vec3::splat(4.0))));
            }
        }
        // What lies on the floor would sleep.
        if step > 200 && step % 30 == 0 {
            let world = app.world_mut();
            for mut velocity in world.query_filtered::<&mut Velocity, With<Thing>>().iter_mut(world) {
                velocity.linear += chance.within(Vec3::new(3.0, 4.0, 3.0));
            }
        }
        let began = std::time::Instant::now();
        app.update();
        if step > 300 {
            costs_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    let costs_ms = sorted(costs_ms);
    let at = |share: f64| percentile(&costs_ms, share).expect("steps");
    println!("a step: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.95), at(0.99));
}
