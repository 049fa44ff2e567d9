//! What happens to a ball: struck, caught, dodged, missed.

use bevy::prelude::*;
use bevy_rapier3d::prelude::GravityScale;

use super::kind::BallKind;
use super::state::{Ball, BallState, Marker, Storm};
use crate::app::game::{Cue, Hud, Match, PlayerBody, Scoreboard, Sound, Struck};
use crate::motion::player::BodyPart;

/// Both hands this near to the ball's surface hold it, metres: the radius of a fist and some room.
const CATCH_M: f32 = 0.2;
/// A ball that is this far behind its player has passed, metres.
const PASSED_M: f32 = 0.7;
/// Seconds that a ball stays when it no longer counts.
const LINGER_S: f64 = 3.0;
/// Longest life of a ball, seconds.
const LIFE_S: f64 = 9.0;
/// From this speed on a blow counts in full; below it less, above it more, metres a second.
const FULL_M_S: f32 = 3.0;

/// Rings close, and go with their ball or when it is past.
pub(super) fn mark(
    mut commands: Commands,
    current: Res<Match>,
    balls: Query<&Ball>,
    mut markers: Query<(Entity, &Marker, &mut Transform)>,
) {
    for (entity, marker, mut transform) in &mut markers {
        let left_s = (marker.arrives_s - current.clock_s) as f32;
        let is_flying = balls.get(marker.ball).is_ok_and(|ball| ball.state == BallState::Flying);
        if !is_flying || left_s < -0.15 {
            commands.entity(entity).despawn();
            continue;
        }
        transform.scale = Vec3::splat(1.0 + 1.6 * (left_s / marker.flight_s).clamp(0.0, 1.0));
    }
}

/// Blows of this step.
pub(super) fn strike(
    current: Res<Match>,
    mut struck: MessageReader<Struck>,
    mut balls: Query<&mut Ball>,
    mut storm: ResMut<Storm>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    for blow in struck.read() {
        let Ok(mut ball) = balls.get_mut(blow.thing) else { continue };
        if ball.state != BallState::Flying || blow.player >= current.players {
            continue;
        }
        let player = blow.player;
        match ball.kind {
            // Hands that are about to close around it touch it before.
            BallKind::Catch if blow.blow() == crate::motion::player::Blow::Punch => {}
            BallKind::Dodge => {
                ball.state = BallState::Spent;
                ball.at_s = current.clock_s;
                storm.hearts[player] = storm.hearts[player].saturating_sub(1);
                storm.tallies[player].spiked += 1;
                storm.skills[player].learn(false);
                scores.players[player].fail();
                hud.judge(current.clock_s, player, "Ouch!", 0.0);
                cues.write(Cue::of(Sound::Miss));
            }
            kind => {
                let is_clean = kind.wants(blow.blow());
                let speed_m_s = blow.velocity.length();
                let hard = f64::from((0.5 + 0.5 * speed_m_s / FULL_M_S).clamp(0.5, 2.0));
                let points = kind.points() * hard * if is_clean { 1.0 } else { 0.3 };
                ball.state = BallState::Struck(player);
                ball.at_s = current.clock_s;
                storm.tallies[player].hardest_m_s = storm.tallies[player].hardest_m_s.max(speed_m_s);
                storm.skills[player].learn(is_clean);
                if is_clean {
                    storm.tallies[player].met += 1;
                    storm.tallies[player].kinds[kind as usize].1 += 1;
                    let worth = scores.players[player].succeed(points);
                    hud.judge(current.clock_s, player, format!("+{worth:.0}"), hard.min(1.5) as f32 / 1.5);
                    cues.write(Cue::blow(kind.sound(), speed_m_s));
                    if scores.players[player].combo.is_multiple_of(5) {
                        cues.write(Cue::of(Sound::Combo));
                    }
                } else {
                    // Touched, but not as it asks: a little for the trouble.
                    scores.players[player].points += points;
                    hud.judge(current.clock_s, player, format!("+{points:.0}"), 0.3);
                    cues.write(Cue::blow(Sound::Punch, speed_m_s));
                }
            }
        }
    }
}

/// Golden balls between two hands are caught.
pub(super) fn catch(
    mut commands: Commands,
    current: Res<Match>,
    players: Query<&PlayerBody>,
    mut balls: Query<(Entity, &mut Ball, &Transform)>,
    mut storm: ResMut<Storm>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    for (entity, mut ball, transform) in &mut balls {
        if ball.kind != BallKind::Catch || ball.state != BallState::Flying {
            continue;
        }
        let within_m = ball.kind.radius_m() + CATCH_M;
        let holds = |body: &&PlayerBody| {
            [BodyPart::LeftHand, BodyPart::RightHand]
                .iter()
                .all(|hand| body.is_sure(*hand) && body.position(*hand).distance(transform.translation) < within_m)
        };
        let holder = players.iter().filter(|body| body.player < current.players).find(holds);
        let Some(player) = holder.map(|body| body.player) else { continue };
        ball.state = BallState::Spent;
        storm.tallies[player].met += 1;
        storm.tallies[player].kinds[BallKind::Catch as usize].1 += 1;
        storm.skills[player].learn(true);
        let worth = scores.players[player].succeed(ball.kind.points());
        hud.judge(current.clock_s, player, format!("+{worth:.0}"), 1.0);
        cues.write(Cue::of(Sound::Catch));
        commands.entity(entity).despawn();
    }
}

/// What has passed its player, or rolls about, is missed, or dodged.
pub(super) fn pass(
    current: Res<Match>,
    players: Query<&PlayerBody>,
    mut balls: Query<(&mut Ball, &Transform, &mut GravityScale)>,
    mut storm: ResMut<Storm>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    for (mut ball, transform, mut gravity) in &mut balls {
        if ball.state != BallState::Flying {
            // What was struck or missed falls as anything does.
            if gravity.0 < 1.0 {
                gravity.0 = 1.0;
            }
            continue;
        }
        let Some(body) = players.iter().find(|body| body.player == ball.player) else { continue };
        let chest = body.position(BodyPart::Chest);
        ball.nearest_m = ball.nearest_m.min(chest.distance(transform.translation));
        let is_past = transform.translation.z < chest.z - PASSED_M;
        if !is_past && current.clock_s - ball.at_s < LIFE_S / 2.0 {
            continue;
        }
        let player = ball.player;
        ball.state = BallState::Spent;
        ball.at_s = current.clock_s;
        if ball.kind == BallKind::Dodge {
            storm.tallies[player].dodged += 1;
            storm.tallies[player].kinds[BallKind::Dodge as usize].1 += 1;
            storm.skills[player].learn(true);
            let worth = scores.players[player].succeed(ball.kind.points());
            hud.judge(current.clock_s, player, format!("+{worth:.0}"), 0.8);
            cues.write(Cue::of(Sound::Dodge));
        } else {
            storm.skills[player].learn(false);
            scores.players[player].fail();
            hud.judge(current.clock_s, player, "Missed", 0.0);
            cues.write(Cue { sound: Sound::Miss, loudness: 0.5 });
        }
    }
}

/// What counts no longer goes after a while.
pub(super) fn clear(mut commands: Commands, current: Res<Match>, balls: Query<(Entity, &Ball)>) {
    for (entity, ball) in &balls {
        let age_s = current.clock_s - ball.at_s;
        if (ball.state != BallState::Flying && age_s > LINGER_S) || age_s > LIFE_S {
            commands.entity(entity).despawn();
        }
    }
}
