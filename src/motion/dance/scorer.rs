//! Scoring a player while they dance.

use std::collections::VecDeque;

use super::limb::{DANCE_LIMB_COUNT, DanceLimb, LimbConfidence};
use super::matching::{Match, Tolerance, best_matches};
use super::result::{DanceResult, Tally};
use super::shape::Shape;
use super::track::{DanceTrack, Moment};
use super::window::{before_s, behind_s, sees};
use crate::motion::Difficulty;
use crate::motion::retarget::AvatarPose;

/// Between frames farther apart than this nobody knows what the player did, seconds.
const MAX_GAP_S: f64 = 0.25;
/// Most frames that are remembered: some seconds even of a source that runs wild.
const MAX_FRAMES: usize = 4096;
/// By how many full moments the other tally must be ahead before the live score changes over to it.
const HYSTERESIS: f64 = 1.0;
/// Score of a moment from which on it is perfect, and good.
const PERFECT: f32 = 0.8;
const GOOD: f32 = 0.45;
/// A limb that scores this much is not the worst of anything.
const FLAWLESS: f32 = 0.9;

/// How a moment went, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grade {
    /// As the coach does it: a score of 0.8 and above.
    Perfect,
    /// Recognisable: 0.45 and above.
    Good,
    /// Something else.
    Miss,
}

impl Grade {
    fn of(score: f32) -> Self {
        if score >= PERFECT {
            Self::Perfect
        } else if score >= GOOD {
            Self::Good
        } else {
            Self::Miss
        }
    }
}

/// How one moment went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// Index into [`DanceTrack::moments`].
    pub moment: usize,
    /// The moment's song time, seconds.
    pub time_s: f64,
    /// In a word.
    pub grade: Grade,
    /// 0 to 1.
    pub score: f32,
    /// How far the player was from the beat: seconds, positive late. Means little in a miss.
    pub offset_s: f64,
    /// The player's own limb that lost most; `None` where all were well.
    pub worst_limb: Option<DanceLimb>,
    /// Whether the player was taken for a mirror image of the coach.
    pub mirrored: bool,
}

/// How a player is scored.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScorerOptions {
    /// How exact the player has to be.
    pub difficulty: Difficulty,
    /// How long after the player's motion its pose arrives with a song time: seconds, of camera, tracking and loudspeaker
    /// together. It is subtracted from every frame's time. Not finite counts as 0.
    pub latency_s: f64,
    /// The player's heading that counts as the front: radians about the vertical from +z towards +x.
    pub player_front_rad: f32,
}

/// Compares a player with a reference dance, moment by moment.
///
/// A moment is judged once everything within reach of it has been seen: [`DanceScorer::delay_s`] after it. The player may be
/// a mirror image of the coach throughout: both ways are tallied, and the better one counts.
#[derive(Debug, Clone)]
pub struct DanceScorer {
    track: DanceTrack,
    options: ScorerOptions,
    tolerance: Tolerance,
    /// Song times without latency, and what was seen; none where nothing was.
    frames: VecDeque<(f64, Shape)>,
    /// The newest song time without latency, before the first one minus infinity.
    now_s: f64,
    /// The next moment to be judged.
    next: usize,
    /// Of the player as seen, and of its mirror image.
    tallies: [Tally; 2],
    mirrored: Option<bool>,
}

impl DanceScorer {
    /// A scorer at the beginning of the dance.
    #[must_use]
    pub fn new(track: DanceTrack, options: ScorerOptions) -> Self {
        let latency_s = if options.latency_s.is_finite() { options.latency_s } else { 0.0 };
        Self {
            tolerance: Tolerance::of(options.difficulty),
            options: ScorerOptions { latency_s, ..options },
            track,
            frames: VecDeque::new(),
            now_s: f64::NEG_INFINITY,
            next: 0,
            tallies: [Tally::default(), Tally::default()],
            mirrored: None,
        }
    }

    /// What the player is compared with.
    #[must_use]
    pub fn track(&self) -> &DanceTrack {
        &self.track
    }

    /// Takes one pose of the player, seen when the song was at `time_s` seconds, and returns how the moments went that it
    /// completes, usually none or one. Times that do not rise or are not finite are ignored; a pose that is not finite, or
    /// in parts, is not seen, or in parts.
    pub fn push(&mut self, time_s: f64, pose: &AvatarPose, confidence: &LimbConfidence) -> Vec<Judgement> {
        let time_s = time_s - self.options.latency_s;
        if !(time_s.is_finite() && time_s > self.now_s) {
            return Vec::new();
        }
        self.now_s = time_s;
        let shape = Shape::new(pose, self.options.player_front_rad, *confidence);
        // A frame without anybody is a lost frame: others stand in for it if they are near.
        if DanceLimb::ALL.into_iter().any(|limb| sees(&shape, limb)) {
            self.frames.push_back((time_s, shape));
        }
        let judgements = self.judge(|scorer, moment| time_s >= moment.time_s + scorer.wait_s(moment));
        self.forget(time_s);
        judgements
    }

    /// Judges what is left up to the newest pose, at the end of the song or when the player stops. Later moments stay open.
    pub fn finish(&mut self) -> Vec<Judgement> {
        self.judge(|scorer, moment| scorer.now_s >= moment.time_s + behind_s(moment.span_s))
    }

    /// Whether every moment has been dealt with.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.next >= self.track.moments().len()
    }

    /// Longest time from a moment to its judgement, without the latency: seconds.
    #[must_use]
    pub fn delay_s(&self) -> f64 {
        self.track.moments().iter().map(|moment| self.wait_s(moment)).fold(0.0, f64::max)
    }

    /// Whether the player is taken for a mirror image of the coach just now.
    #[must_use]
    pub fn is_mirrored(&self) -> bool {
        self.mirrored.unwrap_or(false)
    }

    /// The score of what has been judged so far, 0 to 100; 0 before anything has.
    #[must_use]
    pub fn percent(&self) -> f32 {
        self.live().percent()
    }

    /// Moments in a row, up to now, that were no miss.
    #[must_use]
    pub fn streak(&self) -> usize {
        self.live().streak
    }

    /// The sum of what has been judged so far, by the better of the two tallies.
    #[must_use]
    pub fn result(&self) -> DanceResult {
        let mirrored = self.is_better_mirrored();
        self.tallies[usize::from(mirrored)].result(mirrored, self.track.moments().len())
    }

    /// Whether [`Self::result`] has a percent above 0: cheap enough for every step.
    #[must_use]
    pub fn has_scored(&self) -> bool {
        self.tallies[usize::from(self.is_better_mirrored())].percent() > 0.0
    }

    fn is_better_mirrored(&self) -> bool {
        self.tallies[1].score > self.tallies[0].score
    }

    fn live(&self) -> &Tally {
        &self.tallies[usize::from(self.is_mirrored())]
    }

    fn wait_s(&self, moment: &Moment) -> f64 {
        behind_s(moment.span_s) + self.tolerance.reach_s(moment)
    }

    /// Judges moments in their order as long as `ready` says so.
    fn judge(&mut self, ready: impl Fn(&Self, &Moment) -> bool) -> Vec<Judgement> {
        let mut judgements = Vec::new();
        while let Some(moment) = self.track.moments().get(self.next).filter(|moment| ready(self, moment)) {
            let matches = best_matches(moment, &self.tolerance, |time_s| shape_at(&self.frames, time_s));
            judgements.extend(self.settle(matches));
            self.next += 1;
        }
        judgements
    }

    /// Counts a moment both ways and says how it went in the way that counts; `None` where too little was seen.
    fn settle(&mut self, matches: [Option<Match>; 2]) -> Option<Judgement> {
        let moment = &self.track.moments()[self.next];
        let mut judgements = [None; 2];
        for (mirrored, found) in [false, true].into_iter().zip(matches) {
            let tally = &mut self.tallies[usize::from(mirrored)];
            let Some(found) = found else {
                tally.unseen += 1;
                continue;
            };
            let own = |limb: DanceLimb| if mirrored { limb.opposite() } else { limb };
            let judgement = Judgement {
                moment: self.next,
                time_s: moment.time_s,
                grade: Grade::of(found.score),
                score: found.score,
                offset_s: found.offset_s,
                worst_limb: worst_limb(moment, &found.limbs).map(own),
                mirrored,
            };
            tally.add(moment, &judgement, &found.limbs);
            judgements[usize::from(mirrored)] = Some(judgement);
        }
        let lead = self.tallies[1].score - self.tallies[0].score;
        let mirrored = match self.mirrored {
            None => lead > 0.0,
            Some(true) => lead > -HYSTERESIS,
            Some(false) => lead > HYSTERESIS,
        };
        if lead != 0.0 {
            self.mirrored = Some(mirrored);
        }
        judgements[usize::from(mirrored)]
    }

    /// Drops frames that no moment will ask for again.
    fn forget(&mut self, now_s: f64) {
        let needed = self.track.moments().get(self.next).map_or(now_s, |moment| {
            moment.time_s - self.tolerance.reach_s(moment) - before_s(moment.span_s) - MAX_GAP_S
        });
        while self.frames.len() > 2 && (self.frames[1].0 < needed || self.frames.len() > MAX_FRAMES) {
            self.frames.pop_front();
        }
    }
}

/// The player's shape at a time, between two frames that are near enough to each other.
fn shape_at(frames: &VecDeque<(f64, Shape)>, time_s: f64) -> Option<Shape> {
    let next = frames.partition_point(|(at_s, _)| *at_s < time_s);
    let (after_s, after) = frames.get(next)?;
    if *after_s <= time_s {
        return Some(*after);
    }
    let (before_s, before) = frames.get(next.checked_sub(1)?)?;
    let gap_s = after_s - before_s;
    (gap_s <= MAX_GAP_S).then(|| before.between(after, ((time_s - before_s) / gap_s) as f32))
}

/// The limb of the reference that lost most of the moment.
fn worst_limb(moment: &Moment, limbs: &[Option<f32>; DANCE_LIMB_COUNT]) -> Option<DanceLimb> {
    let lost = |limb: DanceLimb| {
        let value = limbs[limb as usize].filter(|value| *value < FLAWLESS)?;
        Some((limb, moment.limb_weights[limb as usize] * (1.0 - value)))
    };
    DanceLimb::ALL.into_iter().filter_map(lost).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(limb, _)| limb)
}
