//! When balls are thrown, and how the match goes on and ends.

use bevy::prelude::*;
use bevy_rapier3d::prelude::GravityScale;

use super::flight::{GRAVITY_SHARE, throw};
use super::kind::BallKind;
use super::state::{Ball, BallState, Marker, PLAYERS, Storm, Tally};
use super::waves::{BREAK_S, Pace, WAVE_S, WAVES, aim, kind};
use crate::app::game::arena::ball;
use crate::app::game::{
    Chance, Cue, Hud, InMatch, Look, Match, MatchOver, PlayerBody, PlayerResult, Scoreboard, Shape, Sound,
};
use crate::motion::Difficulty;

/// How far in front of the players balls are thrown, metres.
const FROM_Z_M: f32 = 7.5;

pub(super) fn begin(mut storm: ResMut<Storm>, current: Res<Match>, mut hud: ResMut<Hud>) {
    let hearts = match current.difficulty {
        Difficulty::Easy => 7,
        Difficulty::Normal => 5,
        Difficulty::Hard => 3,
    };
    *storm = Storm { hearts: [hearts; PLAYERS], ..Storm::default() };
    hud.hearts = Some(std::array::from_fn(|player| if player < current.players { hearts } else { 0 }));
    hud.announce(0.0, "Wave 1");
}

/// Throws what is due.
pub(super) fn launch(
    mut commands: Commands,
    current: Res<Match>,
    mut storm: ResMut<Storm>,
    mut chance: ResMut<Chance>,
    players: Query<&PlayerBody>,
) {
    let in_wave_s = current.clock_s - f64::from(storm.wave) * (WAVE_S + BREAK_S);
    // What is thrown late in a wave arrives within it.
    if !(0.0..WAVE_S - 2.0).contains(&in_wave_s) {
        return;
    }
    let mut bodies: Vec<&PlayerBody> = players.iter().filter(|body| body.player < current.players).collect();
    bodies.sort_unstable_by_key(|body| body.player);
    for body in bodies {
        let player = body.player;
        if storm.hearts[player] == 0 || current.clock_s < storm.next_s[player] || body.lost_s > 0.0 {
            continue;
        }
        let skill = storm.skills[player];
        let pace = Pace::of(storm.wave, &skill, current.difficulty);
        storm.next_s[player] = current.clock_s + pace.pause_s;
        let kind = kind(storm.wave, &mut chance);
        let to = aim(kind, body, &skill, pace.spread, &mut chance);
        let from = Vec3::new(to.x * 0.5 + chance.between(-2.2, 2.2), chance.between(0.9, 2.0), FROM_Z_M);
        storm.tallies[player].thrown += 1;
        storm.tallies[player].kinds[kind as usize].0 += 1;
        let thrown = commands
            .spawn((
                Ball { kind, player, state: BallState::Flying, at_s: current.clock_s, nearest_m: f32::MAX },
                kind.look(),
                ball(kind.radius_m(), kind.mass_kg(), from, throw(from, to, pace.flight_s)),
                GravityScale(GRAVITY_SHARE),
            ))
            .id();
        let ring = Look { shape: Shape::Ring(kind.radius_m() * 1.25), tint: kind.look().tint, glows: true };
        commands.spawn((
            InMatch,
            Marker { ball: thrown, arrives_s: current.clock_s + f64::from(pace.flight_s), flight_s: pace.flight_s },
            ring,
            Transform::from_translation(to).with_scale(Vec3::ZERO),
            Visibility::default(),
        ));
    }
}

/// From wave to wave, to the end: after the last one, or when nobody has a heart left.
pub(super) fn advance(
    current: Res<Match>,
    mut storm: ResMut<Storm>,
    mut hud: ResMut<Hud>,
    mut scores: ResMut<Scoreboard>,
    mut cues: MessageWriter<Cue>,
    mut over: MessageWriter<MatchOver>,
) {
    if storm.is_over {
        return;
    }
    hud.hearts = Some(std::array::from_fn(|player| if player < current.players { storm.hearts[player] } else { 0 }));
    hud.progress = Some((current.clock_s / (f64::from(WAVES) * (WAVE_S + BREAK_S))).min(1.0) as f32);
    for (score, tally) in scores.players.iter_mut().zip(&storm.tallies) {
        score.line = format!("{} of {}", tally.met + tally.dodged, tally.thrown);
    }
    let wave = (current.clock_s / (WAVE_S + BREAK_S)) as u32;
    if wave > storm.wave && wave < WAVES {
        storm.wave = wave;
        hud.announce(current.clock_s, format!("Wave {}", wave + 1));
        cues.write(Cue::of(Sound::Wave));
    }
    let is_anybody_left = storm.hearts.iter().take(current.players).any(|hearts| *hearts > 0);
    if wave < WAVES && is_anybody_left && !current.is_ending {
        return;
    }
    storm.is_over = true;
    let players = (0..current.players).map(|player| result(&storm.tallies[player], &scores, player)).collect();
    over.write(MatchOver { players });
}

fn result(tally: &Tally, scores: &Scoreboard, player: usize) -> PlayerResult {
    let score = &scores.players[player];
    let share = f64::from(tally.met + tally.dodged) / f64::from(tally.thrown.max(1));
    let mut figures = vec![
        ("Met as they asked".to_owned(), format!("{} of {}", tally.met + tally.dodged, tally.thrown)),
        ("Longest row".to_owned(), score.best_combo.to_string()),
        ("Hardest blow".to_owned(), format!("{:.1} m/s", tally.hardest_m_s)),
    ];
    if tally.broken > 0 {
        figures.push(("Crates and targets".to_owned(), tally.broken.to_string()));
    }
    let mut weakest: Vec<(f32, BallKind)> = BallKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let (thrown, met) = tally.kinds[kind as usize];
            (thrown >= 3).then(|| (met as f32 / thrown as f32, kind))
        })
        .filter(|(share, _)| *share < 0.7)
        .collect();
    weakest.sort_by(|a, b| a.0.total_cmp(&b.0));
    let advice = weakest.into_iter().take(2).map(|(_, kind)| advice(kind).to_owned()).collect();
    PlayerResult {
        points: score.points,
        percent: Some((share * 100.0) as f32),
        stars: (share * 5.6).min(5.0) as u32,
        figures,
        advice,
    }
}

const fn advice(kind: BallKind) -> &'static str {
    match kind {
        BallKind::Punch => "Punch towards the ring, a moment before the ball is there.",
        BallKind::Kick => "Banded balls come low: lift the foot early.",
        BallKind::Head => "Step under the diamonds and meet them with the forehead.",
        BallKind::Catch => "Bring both hands together around the golden balls.",
        BallKind::Dodge => "Spiked balls aim at your chest: step aside or crouch.",
    }
}
