//! Waves: how fast, how often and how far out balls come, after how well the player does and how far they reach.

use bevy::prelude::*;

use super::kind::BallKind;
use super::state::{Skill, Storm};
use crate::app::game::{Chance, Match, PlayerBody};
use crate::motion::Difficulty;
use crate::motion::player::BodyPart;

/// Waves of a match.
pub const WAVES: u32 = 6;
/// Seconds of a wave.
pub const WAVE_S: f64 = 20.0;
/// Seconds between two waves.
pub const BREAK_S: f64 = 3.0;

/// What a wave is like for a player.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Seconds between two balls.
    pub pause_s: f64,
    /// Seconds that a ball is in the air.
    pub flight_s: f32,
    /// How much of the reach is used, 0 to 1.
    pub spread: f32,
}

impl Pace {
    /// The pace of a wave (from 0) for a player of this skill.
    #[must_use]
    pub fn of(wave: u32, skill: &Skill, difficulty: Difficulty) -> Self {
        let base = match difficulty {
            Difficulty::Easy => -0.3,
            Difficulty::Normal => 0.0,
            Difficulty::Hard => 0.35,
        };
        // Rises by itself, and with who does well; who misses much is given time.
        let heat = (base + 0.1 * wave as f32 + (skill.share - 0.6)).clamp(-0.5, 1.2);
        Self {
            pause_s: f64::from(1.5 - 0.75 * heat).clamp(0.55, 2.2),
            flight_s: (1.9 - 0.6 * heat).clamp(1.15, 2.3),
            spread: (0.55 + 0.35 * heat).clamp(0.35, 0.95),
        }
    }
}

/// The kind of the next ball: one after another joins in with the waves.
pub(super) fn kind(wave: u32, chance: &mut Chance) -> BallKind {
    let known = match wave {
        0 => &[BallKind::Punch, BallKind::Punch, BallKind::Kick][..],
        1 => &[BallKind::Punch, BallKind::Punch, BallKind::Kick, BallKind::Dodge],
        2 => &[BallKind::Punch, BallKind::Punch, BallKind::Kick, BallKind::Dodge, BallKind::Catch],
        _ => &[
            BallKind::Punch,
            BallKind::Punch,
            BallKind::Punch,
            BallKind::Kick,
            BallKind::Kick,
            BallKind::Dodge,
            BallKind::Dodge,
            BallKind::Catch,
            BallKind::Head,
        ],
    };
    known[chance.below(known.len())]
}

/// Where a ball of a kind is to arrive at a player: within reach, and for dodging in the middle of the body.
pub(super) fn aim(kind: BallKind, body: &PlayerBody, skill: &Skill, spread: f32, chance: &mut Chance) -> Vec3 {
    let hips = body.position(BodyPart::Hips);
    let side = if chance.happens(0.5) { 1.0 } else { -1.0 };
    let chest_m = body.hips_at_rest_m() * 1.25;
    let front = Vec3::Z;
    match kind {
        BallKind::Punch => {
            let up_m = chance.between(chest_m * 0.92, chest_m + spread * (skill.high_m - chest_m).max(0.1));
            let out_m = side * chance.between(0.1, (spread * skill.wide_m).max(0.25));
            Vec3::new(hips.x + out_m, up_m, hips.z) + front * 0.28
        }
        BallKind::Kick => {
            let up_m = chance.between(0.25, (spread * skill.kick_m).max(0.35));
            Vec3::new(hips.x + side * chance.between(0.08, 0.3), up_m, hips.z) + front * 0.3
        }
        BallKind::Head => body.position(BodyPart::Head) + Vec3::new(side * chance.between(0.0, 0.12), 0.06, 0.12),
        BallKind::Catch => Vec3::new(hips.x + side * chance.between(0.0, 0.25), chest_m, hips.z) + front * 0.32,
        BallKind::Dodge => {
            Vec3::new(hips.x + side * chance.between(0.0, 0.1), chest_m * chance.between(1.0, 1.2), hips.z)
        }
    }
}

/// Learns how far everybody reaches.
pub(super) fn watch_reach(players: Query<&PlayerBody>, mut storm: ResMut<Storm>, current: Res<Match>) {
    for body in players.iter().filter(|body| body.player < current.players) {
        storm.skills[body.player].reach(body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_well_gets_more_and_faster_balls() {
        let pace = |share: f32, wave: u32| Pace::of(wave, &Skill { share, ..Skill::default() }, Difficulty::Normal);
        assert!(pace(0.9, 0).pause_s < pace(0.3, 0).pause_s && pace(0.9, 0).flight_s < pace(0.3, 0).flight_s);
        assert!(pace(0.6, 5).pause_s < pace(0.6, 0).pause_s && pace(0.6, 5).spread > pace(0.6, 0).spread);
        let hard = Pace::of(2, &Skill::default(), Difficulty::Hard);
        assert!(hard.pause_s < Pace::of(2, &Skill::default(), Difficulty::Easy).pause_s);
    }
}
