//! Looking for hands that are not where they were: step by step, over as many pictures as that takes.

use std::collections::VecDeque;

use glam::Vec2;

use super::Region;
use super::assign::{Choice, choose, coincide, middle, size};
use super::models::Tools;
use super::wrists::Wrists;
use crate::inference::InferenceError;
use crate::inference::budget::Budget;
use crate::inference::hand::SeenHand;
use crate::motion::Side;
use crate::motion::hand::HandPose;

/// A hand is found from this presence on.
const MIN_PRESENCE: f32 = 0.5;
/// Candidates nearer than this share of their size are one.
const SAME_CANDIDATE: f32 = 0.12;
/// Choices of a higher cost are doubted.
const DOUBTED_COST: f32 = 2.6;
/// Hands nearer to each other than so many sizes can be taken for each other.
const CLOSE: f32 = 1.5;
/// Close hands are believed from this presence on and when the model does not contradict their side by more than this.
const BELIEVED_PRESENCE: f32 = 0.8;
const BELIEVED_OTHER: f32 = 0.6;
/// A wrist this badly seen says nothing about where its hand is.
const WRIST_HIDDEN: f32 = 0.3;
/// Palms looked at in one search.
const MAX_PALMS: usize = 4;
/// Candidates that are weighed together where hands are only doubted.
const WEIGHED_TOGETHER: usize = 2;
/// A region this near to a hand's own, in shares of its side, and this little turned against it (radians), shows that hand.
const SAME_REGION: f32 = 0.15;
const SAME_TURN: f32 = 0.7;
/// Places that a wrist gives for its hand.
const GUESSES: usize = 2;

/// What was seen of one person's hands in one picture.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    /// Every hand.
    pub(super) seen: Vec<SeenHand>,
    /// Which of them is whose.
    pub(super) choice: Choice,
    before: [Option<HandPose>; 2],
}

impl Sight {
    /// `seen` where hands were followed; `before` are those of the picture before, left and right.
    pub(super) fn new(seen: Vec<SeenHand>, wrists: &Wrists, before: &[Option<HandPose>; 2]) -> Self {
        let choice = choose(&seen, wrists, before.each_ref().map(Option::as_ref));
        Self { seen, choice, before: *before }
    }

    /// Weighs more hands, but for those that are there already.
    fn add(&mut self, hands: impl Iterator<Item = SeenHand>, wrists: &Wrists) {
        hands.for_each(|hand| add(&mut self.seen, &hand));
        self.choice = choose(&self.seen, wrists, self.before.each_ref().map(Option::as_ref));
    }

    /// Whether this region shows a hand that was seen already, and well.
    fn shows(&self, region: Region) -> bool {
        let believed = self.seen.iter().filter(|hand| hand.pose.score >= BELIEVED_PRESENCE);
        believed
            .filter_map(|hand| Region::around_hand(&hand.pose.image))
            .any(|own| own.center.distance(region.center) < SAME_REGION * own.size && own.turn_to(region) < SAME_TURN)
    }

    /// Whether the hands were near each other in the picture before.
    fn were_close(&self) -> bool {
        let [Some(left), Some(right)] = &self.before else { return false };
        middle(left).distance(middle(right)) < CLOSE * size(left)
    }

    /// Left, right: whether the hand is not found although its wrist is seen.
    pub(super) fn missing(&self, wrists: &Wrists) -> [bool; 2] {
        Side::BOTH.map(|side| self.choice.hands[side as usize].is_none() && wrists.get(side).visibility >= WRIST_HIDDEN)
    }

    /// Whether the choice may well be wrong.
    pub(super) fn is_doubted(&self) -> bool {
        self.choice.cost > DOUBTED_COST || self.may_be_swapped()
    }

    /// Whether two hands near each other may be taken for each other, or one is hardly seen.
    fn may_be_swapped(&self) -> bool {
        let [Some(left), Some(right)] = self.choice.hands.map(|index| index.map(|index| &self.seen[index])) else {
            return false;
        };
        let near = middle(&left.pose).distance(middle(&right.pose)) < CLOSE * size(&left.pose);
        let believed = |hand: &SeenHand, side: Side| {
            hand.pose.score >= BELIEVED_PRESENCE && hand.probability(side.other()) <= BELIEVED_OTHER
        };
        near && !(believed(left, Side::Left) && believed(right, Side::Right))
    }
}

/// Adds a hand unless it is there already.
pub(super) fn add(seen: &mut Vec<SeenHand>, hand: &SeenHand) {
    if !seen.iter().any(|other| coincide(&other.pose, &hand.pose, SAME_CANDIDATE)) {
        seen.push(*hand);
    }
}

/// Where a hand may be: a region as it was when the wrist of `side`, the nearest one, was at `wrist`.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    region: Region,
    side: Side,
    wrist: Vec2,
}

impl Candidate {
    fn new(region: Region, wrists: &Wrists) -> Self {
        let distance = |side: Side| wrists.get(side).place.distance(region.center);
        let side = if distance(Side::Left) <= distance(Side::Right) { Side::Left } else { Side::Right };
        Self { region, side, wrist: wrists.get(side).place }
    }

    /// The region now, moved as its wrist has moved.
    fn region(&self, wrists: &Wrists) -> Region {
        let moved = wrists.get(self.side).place - self.wrist;
        Region { center: self.region.center + moved, ..self.region }
    }
}

/// A search for one person's hands: from the wrists, then with the palm detector around them.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// Left, right: what is searched for; neither when what was found is doubted.
    pub(super) wanted: [bool; 2],
    pub(super) began_s: f64,
    /// When it last got on.
    pub(super) waits_since_s: f64,
    /// Left, right: how many of its wrist's guesses have been looked at since the hand is missing.
    tried: [usize; 2],
    /// Hands that were seen where they were only guessed, to be looked at in their own regions.
    guessed: VecDeque<Candidate>,
    /// Around which wrists the detector is still to look; `None` before its turn.
    views: Option<VecDeque<Side>>,
    /// What it found, the likeliest first.
    detected: VecDeque<Candidate>,
}

impl Search {
    pub(super) const fn new(wanted: [bool; 2], time_s: f64) -> Self {
        Self {
            wanted,
            began_s: time_s,
            waits_since_s: time_s,
            tried: [0; 2],
            guessed: VecDeque::new(),
            views: None,
            detected: VecDeque::new(),
        }
    }

    /// Whether it has come to the palm detector.
    pub(super) const fn has_used_detector(&self) -> bool {
        self.views.is_some()
    }

    /// Does what the budget affords and adds to `sight` what is found. Returns whether the search is over: everything is
    /// found, or every step done. A guess for a hand that was not `followed` (left, right) in this picture is free: it takes
    /// the place of following.
    ///
    /// # Errors
    /// The models'. The step is done then; the search can go on with the next picture.
    pub(super) fn go_on(
        &mut self,
        sight: &mut Sight,
        wrists: &Wrists,
        followed: [bool; 2],
        time_s: f64,
        budget: &mut Budget,
        tools: &mut Tools<'_>,
    ) -> Result<bool, InferenceError> {
        let mut free = followed.map(|followed| !followed);
        loop {
            let missing = sight.missing(wrists);
            let is_any_missing = missing != [false; 2];
            if !is_any_missing && !sight.is_doubted() {
                return Ok(true);
            }
            let is_close = sight.were_close();
            let guesses = self.take_guesses(missing, std::mem::take(&mut free), is_close, budget, wrists);
            if !guesses.is_empty() {
                self.waits_since_s = time_s;
                let found = look(&guesses, tools)?.into_iter().flatten();
                let own = found.filter_map(|hand| Region::around_hand(&hand.pose.image));
                self.guessed.extend(own.map(|region| Candidate::new(region, wrists)));
                continue;
            }
            let affordable = budget.affords();
            self.detected.retain(|candidate| !sight.shows(candidate.region(wrists)));
            let is_guess = !self.guessed.is_empty();
            let candidates = if is_guess { &mut self.guessed } else { &mut self.detected };
            if !candidates.is_empty() {
                if affordable == 0 {
                    return Ok(false);
                }
                // Hands that may be taken for each other are weighed together, on credit if need be.
                let together = if is_guess || (is_any_missing && !is_close) { 1 } else { WEIGHED_TOGETHER };
                let count = candidates.len().min(affordable.max(together));
                let regions: Vec<Region> = candidates.drain(..count).map(|place| place.region(wrists)).collect();
                budget.spend(count);
                self.waits_since_s = time_s;
                sight.add(look(&regions, tools)?.into_iter().flatten(), wrists);
                continue;
            }
            if missing.iter().zip(self.tried).any(|(missing, tried)| *missing && tried < GUESSES) {
                return Ok(false);
            }
            let views = self.views.get_or_insert_with(|| views(missing, wrists));
            let Some(side) = views.front().copied() else { return Ok(true) };
            // A hand that moves is not far from where it was detected in the same picture.
            if affordable < if is_any_missing { 2 } else { 1 } {
                return Ok(false);
            }
            views.pop_front();
            budget.spend(1);
            self.waits_since_s = time_s;
            let mut palms = tools.find_palms(wrists.view(side), MAX_PALMS)?;
            if is_any_missing {
                // They may be looked at in different pictures.
                let distance = |region: &Region| distance_to_missing(region, missing, wrists);
                palms.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
            }
            self.detected.extend(palms.into_iter().map(|region| Candidate::new(region, wrists)));
        }
    }

    /// Takes the guesses at missing hands for which it is time: one of each side at a time.
    fn take_guesses(
        &mut self,
        missing: [bool; 2],
        free: [bool; 2],
        is_close: bool,
        budget: &mut Budget,
        wrists: &Wrists,
    ) -> Vec<Region> {
        let mut regions = Vec::new();
        for side in Side::BOTH {
            let tried = &mut self.tried[side as usize];
            if !missing[side as usize] {
                *tried = 0;
                continue;
            }
            if is_close {
                // A guess would only see the other hand once more.
                *tried = GUESSES;
            }
            // A hand that was seen where it was guessed is looked at in its own region first.
            let is_seen = self.guessed.iter().any(|candidate| candidate.side == side);
            let is_free = free[side as usize] && !is_close;
            if is_seen || (!is_free && (*tried >= GUESSES || budget.affords() == 0)) {
                continue;
            }
            if let Some(region) = wrists.guesses(side)[*tried % GUESSES] {
                budget.spend(usize::from(!is_free));
                regions.push(region);
            }
            *tried += 1;
        }
        regions
    }
}

/// What is seen in these regions, if it is a hand.
fn look(regions: &[Region], tools: &mut Tools<'_>) -> Result<Vec<Option<SeenHand>>, InferenceError> {
    let seen = tools.look(regions)?;
    Ok(seen.into_iter().map(|hand| hand.filter(|hand| hand.pose.score >= MIN_PRESENCE)).collect())
}

/// Around which wrists to look for palms.
fn views(missing: [bool; 2], wrists: &Wrists) -> VecDeque<Side> {
    let sides: &[Side] = match missing {
        [true, true] if wrists.view(Side::Left) != wrists.view(Side::Right) => &Side::BOTH,
        [false, true] => &[Side::Right],
        _ => &[Side::Left],
    };
    sides.iter().copied().collect()
}

/// How far a region lies from the wrist of a hand that is missing, pixels.
fn distance_to_missing(region: &Region, missing: [bool; 2], wrists: &Wrists) -> f32 {
    let sides = Side::BOTH.into_iter().filter(|side| missing[*side as usize]);
    sides.map(|side| wrists.get(side).place.distance(region.center)).fold(f32::INFINITY, f32::min)
}
