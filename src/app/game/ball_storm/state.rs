//! What is known of a storm, and what flies in it.

use bevy::prelude::*;

use super::kind::BallKind;
use crate::app::game::PlayerBody;
use crate::motion::player::BodyPart;
use crate::settings::MAX_PLAYERS;

/// Players that there can be.
pub(super) const PLAYERS: usize = MAX_PLAYERS as usize;
/// How much of a new success or failure goes into the skill.
const GAIN: f32 = 0.08;

/// How the storm goes.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Storm {
    /// From 0.
    pub(super) wave: u32,
    /// When the next ball comes, by player, on the match's clock, seconds.
    pub(super) next_s: [f64; PLAYERS],
    /// By player.
    pub(super) skills: [Skill; PLAYERS],
    /// By player: hearts left.
    pub(super) hearts: [u32; PLAYERS],
    /// By player.
    pub(super) tallies: [Tally; PLAYERS],
    /// Whether there is nothing more to play.
    pub(super) is_over: bool,
}

/// What a player has met.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) thrown: u32,
    pub(super) met: u32,
    pub(super) dodged: u32,
    pub(super) spiked: u32,
    pub(super) broken: u32,
    pub(super) hardest_m_s: f32,
    /// By [`BallKind`]: thrown and met.
    pub(super) kinds: [(u32, u32); 5],
}

/// A ball of the storm.
#[derive(Component, Debug, Clone)]
pub struct Ball {
    /// What it asks for.
    pub kind: BallKind,
    /// Whom it was thrown at, from 0.
    pub player: usize,
    /// What has happened to it.
    pub state: BallState,
    /// When that happened, on the match's clock, seconds.
    pub(super) at_s: f64,
    /// How near it came to its player's chest, metres.
    pub(super) nearest_m: f32,
}

/// What has happened to a ball.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BallState {
    /// Nothing yet.
    Flying,
    /// It was struck by this player, and may hit something.
    Struck(usize),
    /// It counts no longer.
    Spent,
}

/// The ring where a ball will arrive: it closes as the ball comes.
#[derive(Component, Debug)]
pub(super) struct Marker {
    pub(super) ball: Entity,
    pub(super) arrives_s: f64,
    pub(super) flight_s: f32,
}

/// How well a player does, and how far they reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skill {
    /// 0 for who meets nothing, 1 for who meets everything.
    pub share: f32,
    /// Highest place that a hand was seen at, metres.
    pub high_m: f32,
    /// Farthest that a hand was seen to the side of the hips, metres.
    pub wide_m: f32,
    /// Highest place that a foot was seen at, metres.
    pub kick_m: f32,
}

impl Default for Skill {
    fn default() -> Self {
        Self { share: 0.5, high_m: 1.3, wide_m: 0.45, kick_m: 0.3 }
    }
}

impl Skill {
    /// One more success or failure.
    pub fn learn(&mut self, is_success: bool) {
        self.share += GAIN * (f32::from(u8::from(is_success)) - self.share);
    }

    /// What is reached with a hand and a foot.
    pub(super) fn reach(&mut self, body: &PlayerBody) {
        let hips = body.position(BodyPart::Hips);
        for hand in [BodyPart::LeftHand, BodyPart::RightHand] {
            if body.is_sure(hand) {
                let at = body.position(hand);
                // No farther than arms are long, whatever a camera says.
                self.high_m = self.high_m.max(at.y.min(body.reach_m()));
                self.wide_m = self.wide_m.max((at.x - hips.x).abs().min(1.1));
            }
        }
        for foot in [BodyPart::LeftFoot, BodyPart::RightFoot] {
            if body.is_sure(foot) {
                self.kick_m = self.kick_m.max(body.position(foot).y.min(hips.y));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skill_follows_what_happens() {
        let mut skill = Skill::default();
        (0..60).for_each(|_| skill.learn(true));
        assert!(skill.share > 0.95);
        (0..60).for_each(|_| skill.learn(false));
        assert!(skill.share < 0.05);
    }
}
