//! What to do better next time.

use super::limb::{DanceLimb, LimbGroup};
use super::result::LimbScore;

/// A mean offset from which on it is spoken of, seconds.
const MIN_OFFSET_S: f64 = 0.06;
/// Score under which a limb, and a group of limbs, is spoken of, percent.
const WEAK_LIMB: f32 = 80.0;
const WEAK_GROUP: f32 = 70.0;
/// How far a group is behind the best one when it is the group and not a single limb that is weak, percent.
const BEHIND: f32 = 15.0;
/// Below this mean of all limbs no single part is to blame, percent.
const ALL_WEAK: f32 = 25.0;
/// Share of moments that were not seen from which on it is spoken of.
const MUCH_UNSEEN: f64 = 0.2;

/// One piece of advice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Advice {
    /// The player was often out of sight.
    Unseen {
        /// Share of moments that could not be judged, 0 to 100.
        percent: f32,
    },
    /// Hardly anything matched.
    Follow,
    /// A group of limbs is behind the others.
    Group {
        /// Which.
        group: LimbGroup,
        /// Its score, 0 to 100.
        percent: f32,
    },
    /// A single limb is the weakest.
    Limb {
        /// The player's own limb.
        limb: DanceLimb,
        /// Its score, 0 to 100.
        percent: f32,
    },
    /// The player is late on average.
    Late {
        /// By how much: seconds, above zero.
        by_s: f64,
    },
    /// The player is early on average.
    Early {
        /// By how much: seconds, above zero.
        by_s: f64,
    },
    /// Nothing to improve worth a word.
    WellDone,
}

impl Advice {
    /// It as a sentence or two of plain English.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Unseen { percent } => {
                format!(
                    "You were out of sight in {percent:.0} % of the moves: step back until the camera sees all of you."
                )
            }
            Self::Follow => "Hardly a move matched: watch the coach for a while, or play it slower.".to_owned(),
            Self::Group { group: LimbGroup::Body, percent } => {
                format!("Your body is behind at {percent:.0} %: turn and lean as the coach does.")
            }
            Self::Group { group, percent } => {
                format!("Your {0} are behind at {percent:.0} %: watch the coach's {0}.", group.name())
            }
            Self::Limb { limb: DanceLimb::Facing, percent } => {
                format!("Your turns are lowest at {percent:.0} %: face where the coach faces.")
            }
            Self::Limb { limb, percent } => format!("Your {} is lowest at {percent:.0} %.", limb.name()),
            Self::Late { by_s } => format!("You are {:.0} ms late on average: listen for the beat.", 1000.0 * by_s),
            Self::Early { by_s } => format!("You are {:.0} ms early on average: wait for the beat.", 1000.0 * by_s),
            Self::WellDone => "Well done: nothing to improve.".to_owned(),
        }
    }
}

/// What follows from a dance in which `judged` moments were judged and `unseen` were not.
pub(super) fn advise(limbs: &[LimbScore], mean_offset_s: Option<f64>, judged: usize, unseen: usize) -> Vec<Advice> {
    let mut advice = Vec::new();
    let unseen_share = unseen as f64 / (judged + unseen).max(1) as f64;
    if unseen_share >= MUCH_UNSEEN {
        advice.push(Advice::Unseen { percent: 100.0 * unseen_share as f32 });
    }
    if judged == 0 {
        return advice;
    }
    let mean = |of: &dyn Fn(&LimbScore) -> bool| {
        let share: f32 = limbs.iter().filter(|score| of(score)).map(|score| score.share).sum();
        let sum: f32 = limbs.iter().filter(|score| of(score)).map(|score| score.share * score.percent).sum();
        (share > 0.0).then(|| sum / share)
    };
    if mean(&|_| true).is_none_or(|all| all < ALL_WEAK) {
        advice.push(Advice::Follow);
        return advice;
    }
    let groups = LimbGroup::ALL.map(|group| mean(&|score| score.limb.group() == group).map(|percent| (group, percent)));
    let best = groups.iter().flatten().map(|(_, percent)| *percent).fold(0.0, f32::max);
    let weakest = groups.into_iter().flatten().min_by(|a, b| a.1.total_cmp(&b.1));
    let weak_group = weakest.filter(|(_, percent)| *percent < WEAK_GROUP && *percent < best - BEHIND);
    if let Some((group, percent)) = weak_group {
        advice.push(Advice::Group { group, percent });
    }
    let weakest = limbs.iter().min_by(|a, b| a.percent.total_cmp(&b.percent));
    if let Some(weakest) = weakest.filter(|weakest| weakest.percent < WEAK_LIMB) {
        advice.push(Advice::Limb { limb: weakest.limb, percent: weakest.percent });
    }
    match mean_offset_s {
        Some(by_s) if by_s >= MIN_OFFSET_S => advice.push(Advice::Late { by_s }),
        Some(by_s) if by_s <= -MIN_OFFSET_S => advice.push(Advice::Early { by_s: -by_s }),
        _ => {}
    }
    if advice.is_empty() {
        advice.push(Advice::WellDone);
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limbs(percents: &[(DanceLimb, f32)]) -> Vec<LimbScore> {
        let share = 1.0 / percents.len() as f32;
        percents.iter().map(|&(limb, percent)| LimbScore { limb, percent, share }).collect()
    }

    #[test]
    fn the_weakest_is_named_and_the_timing_told() {
        let one =
            limbs(&[(DanceLimb::LeftUpperArm, 88.0), (DanceLimb::LeftForearm, 62.0), (DanceLimb::LeftShin, 90.0)]);
        let words: Vec<String> = advise(&one, Some(0.12), 20, 0).iter().map(Advice::words).collect();
        assert_eq!(
            words,
            ["Your left forearm is lowest at 62 %.", "You are 120 ms late on average: listen for the beat."]
        );
        let legs = limbs(&[(DanceLimb::LeftUpperArm, 95.0), (DanceLimb::LeftThigh, 30.0), (DanceLimb::LeftShin, 20.0)]);
        let advice = advise(&legs, Some(-0.1), 20, 10);
        assert!(matches!(advice[0], Advice::Unseen { percent } if (percent - 33.3).abs() < 0.1));
        assert_eq!(advice[1].words(), "Your legs are behind at 25 %: watch the coach's legs.");
        assert_eq!(advice[2], Advice::Limb { limb: DanceLimb::LeftShin, percent: 20.0 });
        assert_eq!(advice[3].words(), "You are 100 ms early on average: wait for the beat.");
        assert_eq!(advise(&limbs(&[(DanceLimb::Head, 95.0)]), Some(0.01), 5, 0), [Advice::WellDone]);
        assert_eq!(advise(&limbs(&[(DanceLimb::Head, 5.0)]), None, 5, 0), [Advice::Follow]);
        assert_eq!(advise(&[], None, 0, 0), []);
    }
}
