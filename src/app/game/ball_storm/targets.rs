//! What struck balls may hit: discs that hang in the room, and crates that break.

use bevy::prelude::*;
use bevy_rapier3d::prelude::{Collider, CollisionEvent, CollisionGroups, RigidBody, Velocity};

use super::state::{Ball, BallState, Storm};
use crate::app::game::arena::{LIMBS, THINGS, WORLD, thing};
use crate::app::game::{Chance, Cue, Hud, InMatch, Look, Match, Scoreboard, Shape, Sound, Tint};

/// Points for a disc.
const DISC_POINTS: f64 = 150.0;
/// Points for a crate.
const CRATE_POINTS: f64 = 250.0;
/// A crate breaks when something meets it this fast, metres a second.
const BREAKS_AT_M_S: f32 = 2.5;
/// Half the edge of a crate, metres.
const CRATE_M: f32 = 0.26;
/// Seconds until a disc that was hit is there again.
const DISC_BACK_S: f64 = 6.0;
/// Seconds that splinters lie about.
const SPLINTERS_S: f64 = 4.0;

/// A disc that hangs in the room.
#[derive(Component, Debug)]
pub(super) struct Disc {
    /// When it comes back, on the match's clock, seconds; `None` while it is there.
    back_s: Option<f64>,
}

/// A crate that breaks.
#[derive(Component, Debug)]
pub(super) struct Crate;

/// A piece of a crate, which goes after this moment.
#[derive(Component, Debug)]
pub(super) struct Splinter {
    until_s: f64,
}

pub(super) fn set_up(mut commands: Commands) {
    for (x, y) in [(-2.4, 1.9), (-1.1, 2.55), (1.1, 2.55), (2.4, 1.9)] {
        commands.spawn((
            InMatch,
            Disc { back_s: None },
            Look { shape: Shape::Target(0.36), tint: Tint::Gold, glows: true },
            RigidBody::Fixed,
            Collider::ball(0.36),
            CollisionGroups::new(WORLD, THINGS),
            Transform::from_xyz(x, y, 6.2),
            Visibility::default(),
        ));
    }
    for side in [-1.0, 1.0] {
        for (column, row) in [(0, 0), (1, 0), (0, 1)] {
            let at = Vec3::new(side * (2.4 + 0.6 * column as f32), CRATE_M + 0.53 * row as f32, 5.2);
            commands.spawn((
                Crate,
                Look { shape: Shape::Block(Vec3::splat(CRATE_M)), tint: Tint::Plain, glows: false },
                thing(Collider::cuboid(CRATE_M, CRATE_M, CRATE_M), 3.0, at, Vec3::ZERO),
            ));
        }
    }
}

/// Struck balls that meet a disc.
pub(super) fn hit(
    current: Res<Match>,
    mut contacts: MessageReader<CollisionEvent>,
    balls: Query<&Ball>,
    mut discs: Query<(&mut Disc, &mut Visibility, &mut CollisionGroups)>,
    mut storm: ResMut<Storm>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    for (mut disc, mut visibility, mut groups) in &mut discs {
        if disc.back_s.is_some_and(|back_s| current.clock_s >= back_s) {
            disc.back_s = None;
            *visibility = Visibility::Inherited;
            *groups = CollisionGroups::new(WORLD, THINGS);
        }
    }
    for contact in contacts.read() {
        let CollisionEvent::Started(a, b, _) = contact else { continue };
        for (ball, other) in [(*a, *b), (*b, *a)] {
            let Ok(Ball { state: BallState::Struck(player), .. }) = balls.get(ball) else { continue };
            let Ok((mut disc, mut visibility, mut groups)) = discs.get_mut(other) else { continue };
            if disc.back_s.is_none() {
                disc.back_s = Some(current.clock_s + DISC_BACK_S);
                *visibility = Visibility::Hidden;
                *groups = CollisionGroups::new(WORLD, LIMBS & WORLD);
                reward(*player, DISC_POINTS, current.clock_s, &mut storm, &mut scores, &mut hud);
                cues.write(Cue::of(Sound::Perfect));
            }
        }
    }
}

/// Crates that are met hard enough fall to pieces; splinters go after a while.
pub(super) fn break_crates(
    mut commands: Commands,
    current: Res<Match>,
    mut contacts: MessageReader<CollisionEvent>,
    balls: Query<(&Ball, &Velocity)>,
    crates: Query<(&Transform, &Velocity), With<Crate>>,
    splinters: Query<(Entity, &Splinter)>,
    mut chance: ResMut<Chance>,
    mut storm: ResMut<Storm>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    for (entity, splinter) in &splinters {
        if current.clock_s > splinter.until_s {
            commands.entity(entity).despawn();
        }
    }
    let mut broken: Vec<Entity> = Vec::new();
    for contact in contacts.read() {
        let CollisionEvent::Started(a, b, _) = contact else { continue };
        for (ball, other) in [(*a, *b), (*b, *a)] {
            let (Ok((ball, ball_velocity)), Ok((at, velocity))) = (balls.get(ball), crates.get(other)) else {
                continue;
            };
            let speed_m_s = (ball_velocity.linear - velocity.linear).length();
            let BallState::Struck(player) = ball.state else { continue };
            if speed_m_s < BREAKS_AT_M_S || broken.contains(&other) {
                continue;
            }
            broken.push(other);
            commands.entity(other).despawn();
            reward(player, CRATE_POINTS, current.clock_s, &mut storm, &mut scores, &mut hud);
            cues.write(Cue::of(Sound::Break));
            let half = CRATE_M / 2.0;
            for corner in 0..8 {
                let sign = |bit: u32| if corner & (1 << bit) == 0 { -1.0 } else { 1.0 };
                let off = Vec3::new(sign(0), sign(1), sign(2)) * half;
                let push = velocity.linear + ball_velocity.linear * 0.3 + off * 4.0 + chance.within(Vec3::splat(0.5));
                commands.spawn((
                    Splinter { until_s: current.clock_s + SPLINTERS_S },
                    Look { shape: Shape::Block(Vec3::splat(half * 0.9)), tint: Tint::Plain, glows: false },
                    thing(
                        Collider::cuboid(half * 0.9, half * 0.9, half * 0.9),
                        0.3,
                        at.translation + at.rotation * off,
                        push,
                    ),
                ));
            }
        }
    }
}

fn reward(player: usize, points: f64, clock_s: f64, storm: &mut Storm, scores: &mut Scoreboard, hud: &mut Hud) {
    storm.tallies[player].broken += 1;
    scores.players[player].points += points;
    hud.judge(clock_s, player, format!("Bonus +{points:.0}"), 1.0);
}
