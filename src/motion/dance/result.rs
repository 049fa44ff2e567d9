//! The sum of a dance.

use super::advice::{Advice, advise};
use super::limb::{DANCE_LIMB_COUNT, DanceLimb};
use super::scorer::{Grade, Judgement};
use super::track::Moment;

/// A limb with less than this share of the dance's weight is not spoken of.
const MIN_LIMB_SHARE: f64 = 0.02;
/// Percent from which on there are one to five stars.
const STARS: [f32; 5] = [20.0, 40.0, 60.0, 75.0, 90.0];

/// How one limb did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimbScore {
    /// The player's own limb.
    pub limb: DanceLimb,
    /// 0 to 100, without timing.
    pub percent: f32,
    /// Its share of what the dance asked for, 0 to 1.
    pub share: f32,
}

/// How a dance went.
#[derive(Debug, Clone, PartialEq)]
pub struct DanceResult {
    /// 0 to 100; 0 where nothing was judged.
    pub percent: f32,
    /// 0 to 5: from 20, 40, 60, 75 and 90 percent on.
    pub stars: u8,
    /// Moments that were perfect.
    pub perfect: usize,
    /// Moments that were good.
    pub good: usize,
    /// Moments that were missed.
    pub miss: usize,
    /// Moments that came by while too little of the player was seen. They do not count.
    pub unseen: usize,
    /// Moments of the whole dance, those still to come included.
    pub moments: usize,
    /// Most moments in a row without a miss.
    pub longest_streak: usize,
    /// Whether the player danced as the coach's mirror image.
    pub mirrored: bool,
    /// How the limbs did that matter in this dance, in the order of [`DanceLimb::ALL`].
    pub limbs: Vec<LimbScore>,
    /// Mean of the offsets of all moments that were no miss: seconds, positive late; `None` where there were none.
    pub mean_offset_s: Option<f64>,
    /// What to do better, the most useful first; empty where nothing was judged.
    pub advice: Vec<Advice>,
}

/// What has been judged so far, in one of the two ways.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Sum of the scores of moments times their weights: full moments.
    pub score: f64,
    /// Moments in which too little was seen.
    pub unseen: usize,
    /// Moments in a row that were no miss, up to now.
    pub streak: usize,
    weight: f64,
    perfect: usize,
    good: usize,
    miss: usize,
    longest_streak: usize,
    offsets: f64,
    offset_weight: f64,
    /// By limb of the reference.
    limb_scores: [f64; DANCE_LIMB_COUNT],
    limb_weights: [f64; DANCE_LIMB_COUNT],
}

impl Tally {
    pub(super) fn add(&mut self, moment: &Moment, judgement: &Judgement, limbs: &[Option<f32>; DANCE_LIMB_COUNT]) {
        let weight = f64::from(moment.weight);
        self.weight += weight;
        self.score += weight * f64::from(judgement.score);
        match judgement.grade {
            Grade::Perfect => self.perfect += 1,
            Grade::Good => self.good += 1,
            Grade::Miss => self.miss += 1,
        }
        if judgement.grade == Grade::Miss {
            self.streak = 0;
        } else {
            self.streak += 1;
            self.longest_streak = self.longest_streak.max(self.streak);
            self.offsets += weight * judgement.offset_s;
            self.offset_weight += weight;
        }
        for (limb, value) in limbs.iter().enumerate() {
            if let Some(value) = value {
                let weight = weight * f64::from(moment.limb_weights[limb]);
                self.limb_weights[limb] += weight;
                self.limb_scores[limb] += weight * f64::from(*value);
            }
        }
    }

    /// 0 to 100.
    pub(super) fn percent(&self) -> f32 {
        if self.weight > 0.0 { (100.0 * self.score / self.weight) as f32 } else { 0.0 }
    }

    /// The sum, with limbs as the player's own.
    pub(super) fn result(&self, mirrored: bool, moments: usize) -> DanceResult {
        let percent = self.percent();
        let all: f64 = self.limb_weights.iter().sum();
        let limb = |limb: DanceLimb| {
            let own = if mirrored { limb.opposite() } else { limb } as usize;
            let share = if all > 0.0 { self.limb_weights[own] / all } else { 0.0 };
            (share >= MIN_LIMB_SHARE).then(|| LimbScore {
                limb,
                percent: (100.0 * self.limb_scores[own] / self.limb_weights[own]) as f32,
                share: share as f32,
            })
        };
        let limbs: Vec<LimbScore> = DanceLimb::ALL.into_iter().filter_map(limb).collect();
        let mean_offset_s = (self.offset_weight > 0.0).then(|| self.offsets / self.offset_weight);
        let judged = self.perfect + self.good + self.miss;
        DanceResult {
            percent,
            stars: STARS.iter().filter(|from| percent >= **from).count() as u8,
            perfect: self.perfect,
            good: self.good,
            miss: self.miss,
            unseen: self.unseen,
            moments,
            longest_streak: self.longest_streak,
            mirrored,
            advice: advise(&limbs, mean_offset_s, judged, self.unseen),
            limbs,
            mean_offset_s,
        }
    }
}
