//! Balloons: a small game to begin one's own from. Balloons rise around the players; every one that is touched pops.
//!
//! What a game does, in the order of this file: it makes itself known, puts its things up, plays by its rules sixty times
//! a second, and says how it went. It reads [`PlayerBody`] and [`Struck`], writes [`Scoreboard`], [`Hud`] and [`Cue`]s, and
//! takes chance from [`Chance`] only. What things look like it says with a [`Look`].

use bevy::prelude::*;
use bevy_rapier3d::prelude::GravityScale;

use super::arena::ball;
use super::{
    Chance, Cue, GameApp, GameInfo, GameStart, GameStep, GameView, Hud, Look, Match, MatchOver, PlayerBody,
    PlayerResult, Scoreboard, Sound, Struck, Tint, game_is,
};
use crate::motion::Difficulty;
use crate::motion::player::BodyPart;

const ID: &str = "balloons";
/// Seconds of a match.
const LENGTH_S: f64 = 45.0;
/// Radius of a balloon, metres: room for a whole hand.
const RADIUS_M: f32 = 0.16;
/// Above this height a balloon is gone, metres.
const GONE_M: f32 = 3.2;
/// Points for one.
const POINTS: f64 = 10.0;

/// Adds the game.
pub(super) fn plugin(app: &mut App) {
    app.add_game(GameInfo {
        id: ID,
        title: "Balloons",
        tagline: "Pop as many balloons as you can.",
        how_to: &[
            "Touch a balloon with anything to pop it.",
            "Every five in a row count more.",
            "One that flies away ends the row.",
        ],
        max_players: 4,
        view: GameView::Mirror,
        music: Some("menu"),
        choices: Vec::new(),
    })
    .init_resource::<NextBalloon>()
    .add_systems(GameStart, begin.run_if(game_is(ID)))
    .add_systems(GameStep, (rise, pop, fly_away, finish).chain().run_if(game_is(ID)));
}

/// A balloon.
#[derive(Component)]
pub struct Balloon;

/// When the next balloon comes, on the match's clock, seconds.
#[derive(Resource, Default)]
struct NextBalloon(f64);

fn begin(mut next: ResMut<NextBalloon>) {
    next.0 = 0.0;
}

/// Lets a balloon rise beside one of the players, the more often the longer the match is.
fn rise(
    mut commands: Commands,
    current: Res<Match>,
    mut next: ResMut<NextBalloon>,
    mut chance: ResMut<Chance>,
    players: Query<&PlayerBody>,
) {
    if current.clock_s < next.0 {
        return;
    }
    let pause_s = match current.difficulty {
        Difficulty::Easy => 1.4,
        Difficulty::Normal => 1.0,
        Difficulty::Hard => 0.7,
    };
    next.0 = current.clock_s + pause_s * (1.0 - 0.4 * current.clock_s / LENGTH_S);
    // In the order of their numbers, so that chance means the same player every time.
    let mut places: Vec<_> = players.iter().map(|body| (body.player, body.position(BodyPart::Hips))).collect();
    places.sort_unstable_by_key(|(player, _)| *player);
    let Some((_, beside)) = places.get(chance.below(places.len())) else { return };
    let side = if chance.happens(0.5) { 1.0 } else { -1.0 };
    let at = Vec3::new(beside.x + side * chance.between(0.55, 0.85), 0.3, beside.z + chance.between(-0.05, 0.15));
    let speed_m_s = chance.between(0.5, 0.9);
    let look = Look::ball(RADIUS_M, Tint::Kind(chance.below(4) as u8));
    commands.spawn((Balloon, look, ball(RADIUS_M, 0.01, at, Vec3::Y * speed_m_s), GravityScale(0.0)));
}

/// What is touched pops.
fn pop(
    mut commands: Commands,
    current: Res<Match>,
    mut struck: MessageReader<Struck>,
    balloons: Query<(), With<Balloon>>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    let mut popped: Vec<Entity> = Vec::new();
    for blow in struck.read() {
        // Two limbs may reach one balloon in the same step.
        if balloons.contains(blow.thing) && !popped.contains(&blow.thing) {
            popped.push(blow.thing);
            commands.entity(blow.thing).despawn();
            let worth = scores.players[blow.player].succeed(POINTS);
            hud.judge(current.clock_s, blow.player, format!("+{worth:.0}"), 1.0);
            cues.write(Cue::of(Sound::Pop));
        }
    }
}

/// One that nobody touched ends everybody's row.
fn fly_away(
    mut commands: Commands,
    balloons: Query<(Entity, &Transform), With<Balloon>>,
    mut scores: ResMut<Scoreboard>,
) {
    for (balloon, transform) in &balloons {
        if transform.translation.y > GONE_M {
            commands.entity(balloon).despawn();
            scores.players.iter_mut().for_each(super::score::PlayerScore::fail);
        }
    }
}

/// After its time, or when the players have had enough, the match is over.
fn finish(current: Res<Match>, scores: Res<Scoreboard>, mut hud: ResMut<Hud>, mut over: MessageWriter<MatchOver>) {
    hud.left_s = Some((LENGTH_S - current.clock_s) as f32);
    if current.clock_s < LENGTH_S && !current.is_ending {
        return;
    }
    let result = |score: &super::score::PlayerScore| PlayerResult {
        points: score.points,
        stars: (score.points / 120.0).min(5.0) as u32,
        figures: vec![("Longest row".to_owned(), score.best_combo.to_string())],
        ..PlayerResult::default()
    };
    over.write(MatchOver { players: scores.players.iter().take(current.players).map(result).collect() });
}
