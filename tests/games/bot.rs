//! Scripted players: a body that stands, and hands, feet and head that go where a script says.

use std::sync::Arc;

use bevy::prelude::*;
use livedance::app::game::PlayerInput;
use livedance::app::game::ball_storm::{Ball, BallKind, BallState};
use livedance::app::game::headless::posed;
use livedance::motion::player::BodyPart;
use livedance::motion::retarget::AvatarPose;
use livedance::motion::skeleton::RestSkeleton;

/// Fastest way of a bot's hand, metres a second: a quick player's.
const HAND_M_S: f32 = 5.0;
/// One step, seconds.
const STEP_S: f32 = 1.0 / 60.0;

/// Standing at ease, `across_m` to the right of the middle.
pub(crate) fn standing(rest: &Arc<RestSkeleton>, across_m: f32) -> PlayerInput {
    posed(rest, AvatarPose::rest(rest), across_m).expect("a finite pose")
}

/// Plays Ball Storm by what it sees of the balls.
#[derive(Clone)]
pub(crate) struct StormBot {
    rest: Arc<RestSkeleton>,
    player: usize,
    across_m: f32,
    /// How many of the balls it goes for, 0 to 1.
    eager: f32,
    places: [Vec3; 4],
    lean_m: f32,
}

impl StormBot {
    pub(crate) fn new(rest: &Arc<RestSkeleton>, player: usize, across_m: f32, eager: f32) -> Self {
        let body = standing(rest, across_m);
        let places = PARTS.map(|part| body.sample.at(part));
        Self { rest: rest.clone(), player, across_m, eager, places, lean_m: 0.0 }
    }

    /// Where the body is in this step.
    pub(crate) fn act(&mut self, world: &mut World) -> PlayerInput {
        let ease = standing(&self.rest, self.across_m);
        let mut wanted = PARTS.map(|part| ease.sample.at(part));
        let mut lean_m = 0.0;
        let mut balls: Vec<(Entity, BallKind, Vec3)> = world
            .query::<(Entity, &Ball, &Transform)>()
            .iter(world)
            .filter(|(_, ball, _)| ball.player == self.player && ball.state == BallState::Flying)
            .map(|(entity, ball, at)| (entity, ball.kind, at.translation))
            // Whoever is not eager lets some go: always the same ones.
            .filter(|(entity, ..)| (entity.index_u32() * 37 % 100) as f32 / 100.0 < self.eager)
            .collect();
        balls.sort_by(|a, b| a.2.z.total_cmp(&b.2.z).then(a.0.cmp(&b.0)));
        for (_, kind, at) in balls.into_iter().filter(|(.., at)| at.z < 2.2).take(2) {
            let is_near = at.z < 0.75;
            match kind {
                BallKind::Punch => {
                    let hand = usize::from(at.x < self.across_m);
                    // Drawn back, then through the ball.
                    wanted[hand] = if is_near { at + Vec3::Z * 0.25 } else { Vec3::new(at.x, at.y, 0.1) };
                }
                BallKind::Catch => {
                    let middle = Vec3::new(at.x, at.y, at.z.min(0.45));
                    let gap_m = if at.z < 0.6 { 0.1 } else { 0.35 };
                    wanted[0] = middle + Vec3::X * gap_m;
                    wanted[1] = middle - Vec3::X * gap_m;
                }
                BallKind::Kick => {
                    let foot = 2 + usize::from(at.x < self.across_m);
                    wanted[foot] = if is_near { at + Vec3::Z * 0.2 } else { Vec3::new(at.x, at.y, 0.05) };
                }
                BallKind::Head => {}
                BallKind::Dodge => lean_m = if at.x > self.across_m { -0.7 } else { 0.7 },
            }
        }
        for (place, wanted) in self.places.iter_mut().zip(wanted) {
            *place += (wanted - *place).clamp_length_max(HAND_M_S * STEP_S);
        }
        self.lean_m += (lean_m - self.lean_m).clamp(-0.05, 0.05);
        let mut body = standing(&self.rest, self.across_m + self.lean_m);
        for (part, place) in PARTS.into_iter().zip(self.places) {
            body.sample.positions[part as usize] = place + Vec3::X * self.lean_m;
        }
        body
    }
}

/// What it moves.
const PARTS: [BodyPart; 4] = [BodyPart::LeftHand, BodyPart::RightHand, BodyPart::LeftFoot, BodyPart::RightFoot];
