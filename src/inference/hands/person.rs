//! The two hands of one person from frame to frame.

use std::sync::Arc;

use glam::{Vec2, Vec3};

use super::Region;
use super::assign::{Choice, apart, choose, coincide, is_contrary, middle, size};
use super::crew::Crew;
use super::wrists::{Wrist, Wrists};
use crate::frame::{RgbImage, Timings};
use crate::inference::InferenceError;
use crate::inference::hand::SeenHand;
use crate::inference::palm::PalmDetector;
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose, Hands, Provenance, Side};

/// A hand is found from this presence on.
const MIN_PRESENCE: f32 = 0.5;
/// A hand that is followed is kept from this presence on: the wrist beside it vouches for it.
const KEEP_PRESENCE: f32 = 0.4;
/// What is written as the score of a hand that is carried on without being seen.
const CARRIED_SCORE: f32 = 0.3;
/// Frames for which an unseen hand moves on with its wrist or with the hand that hides it.
const CARRY_FRAMES: u32 = 2;
/// A region is looked at again when the hand lies this share of it off its middle, or is turned by this much (radians).
const OFF_MIDDLE: f32 = 0.16;
const OFF_TURN: f32 = 0.7;
/// Candidates nearer than this share of their size are one.
const SAME_CANDIDATE: f32 = 0.12;
/// Choices of a higher cost are doubted.
const DOUBTED_COST: f32 = 2.6;
/// Hands nearer to each other than so many sizes can be taken for each other.
const CLOSE: f32 = 1.5;
/// Close hands are believed from this presence on and when the model does not contradict their side by more than this.
const BELIEVED_PRESENCE: f32 = 0.8;
const BELIEVED_OTHER: f32 = 0.6;
/// Hands that were nearer to each other than this share of their size hide each other.
const CLASPED: f32 = 0.5;
/// Two hands whose points come nearer than the first share of their size, and were further apart than the second in the
/// frame before, are one hand that was found twice.
const MERGED: f32 = 0.29;
const APART: f32 = 0.4;
/// A wrist this well seen says where its hand is not.
const WRIST_SEEN: f32 = 0.4;
/// A wrist this badly seen says nothing about where its hand is.
const WRIST_HIDDEN: f32 = 0.3;
/// A wrist and the beginning of a hand that is carried on never lie further apart, in units of the body.
const CARRY_REACH: f32 = 0.12;
/// Movements of a wrist below this share of the body's unit are noise to a region that follows it.
const STILL: f32 = 0.02;
/// At most so many frames between two searches for a hand that is not found.
const LONGEST_WAIT: u32 = 12;
/// Palms looked at in one search.
const MAX_PALMS: usize = 4;

/// What is known of one side.
#[derive(Debug, Clone, Copy, Default)]
struct Track {
    /// Where the hand was in the last frame.
    hand: Option<HandPose>,
    region: Option<Region>,
    wrist: Option<Vec2>,
    /// Frames since it was really seen.
    carried: u32,
    /// Whether it clasped the other hand, or lay behind it, in the last frame.
    clasped: bool,
}

impl Track {
    /// What a hand is that was not seen in this frame.
    fn carried_on(&self) -> Provenance {
        Provenance::Carried { age_s: (self.carried + 1) as f32 / 30.0 }
    }
}

/// Pauses between searches that find nothing, twice as long each time.
#[derive(Debug, Clone, Copy, Default)]
struct Patience {
    left: u32,
    next: u32,
}

impl Patience {
    /// Whether to search in this frame.
    fn is_over(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        true
    }

    fn failed(&mut self) {
        self.left = self.next;
        self.next = (2 * self.next).clamp(1, LONGEST_WAIT);
    }

    fn succeeded(&mut self) {
        *self = Self::default();
    }
}

/// Follows both hands of the person with this id.
#[derive(Debug, Clone)]
pub(super) struct PersonHands {
    pub(super) id: u32,
    tracks: [Track; 2],
    patience: Patience,
    doubt: Patience,
}

/// What a person's hands are looked at with.
pub(super) struct Tools<'a> {
    pub(super) crew: &'a mut Crew,
    pub(super) palms: &'a mut PalmDetector,
    pub(super) image: &'a Arc<RgbImage>,
    pub(super) timings: &'a mut Timings,
}

impl Tools<'_> {
    fn look(&mut self, regions: &[Region]) -> Result<Vec<Option<SeenHand>>, InferenceError> {
        self.crew.look(self.image, regions, self.timings)
    }
}

impl PersonHands {
    pub(super) fn new(id: u32) -> Self {
        Self { id, tracks: [Track::default(); 2], patience: Patience::default(), doubt: Patience::default() }
    }

    /// The hands in this frame. Hands are looked for where they were, moved along with their wrists; what is missing or
    /// doubtful is looked for from the wrists, then with the palm detector around them.
    pub(super) fn track(&mut self, wrists: &Wrists, tools: &mut Tools<'_>) -> Result<Hands, InferenceError> {
        let mut seen = self.look_where_they_were(wrists, tools)?;
        let own = seen.clone();
        let mut choice = self.choose(&seen, wrists);
        if self.should_search(choice, &seen, wrists) {
            let before = seen.len();
            self.search(&mut choice, &mut seen, wrists, tools)?;
            let helped = seen.len() > before && choice.hands.iter().all(Option::is_some);
            if helped { self.patience.succeeded() } else { self.patience.failed() }
        }
        let mut hands = choice.hands.map(|index| index.map(|index| seen[index]));
        for side in Side::BOTH {
            let hand = &mut hands[side as usize];
            if hand.as_ref().is_some_and(|hand| is_contrary(hand, side, wrists)) {
                *hand = None;
            }
        }
        let mut poses = hands.map(|hand| hand.map(|hand| hand.pose));
        if let Some(side) = self.found_twice(&poses) {
            poses[side as usize] = None;
        }
        for side in Side::BOTH {
            let pose = poses[side as usize];
            if pose.is_some() {
                self.tracks[side as usize].carried = 0;
                self.tracks[side as usize].clasped = false;
                continue;
            }
            // A guess is no ground for the next one, unless the hands were as good as one.
            let [track, beside] = [self.tracks[side as usize], self.tracks[side.other() as usize]];
            let was_one = track.hand.zip(beside.hand).is_some_and(|(a, b)| coincide(&a, &b, MERGED));
            let is_known = track.carried == 0 || track.clasped || was_one;
            let other = poses[side.other() as usize].as_ref().filter(|_| is_known);
            let clasped = self.clasped(side, other, &own, wrists);
            self.tracks[side as usize].clasped = clasped.is_some();
            let carried = || self.carried(side, poses[side.other() as usize].as_ref(), wrists);
            poses[side as usize] = clasped.or_else(carried);
        }
        for side in Side::BOTH {
            let track = &mut self.tracks[side as usize];
            track.hand = poses[side as usize];
            track.region = track.hand.as_ref().and_then(|hand| Region::around_hand(&hand.image));
            track.wrist = Some(wrists.get(side).place);
        }
        Ok(Hands { left: poses[0], right: poses[1] })
    }

    /// The side whose hand is the other one once more: a model that loses a hand likes to slide onto the other.
    fn found_twice(&self, poses: &[Option<HandPose>; 2]) -> Option<Side> {
        let apart = |a: &HandPose, b: &HandPose| apart(a, b) / size(a);
        let ([Some(left), Some(right)], [Some(left_before), Some(right_before)]) =
            (poses, &[self.tracks[0].hand, self.tracks[1].hand])
        else {
            return None;
        };
        let merged = apart(left, right) < MERGED && apart(left_before, right_before) > APART;
        merged.then_some(if left.score < right.score { Side::Left } else { Side::Right })
    }

    fn choose(&self, seen: &[SeenHand], wrists: &Wrists) -> Choice {
        choose(seen, wrists, [self.tracks[0].hand.as_ref(), self.tracks[1].hand.as_ref()])
    }

    fn look_where_they_were(&self, wrists: &Wrists, tools: &mut Tools<'_>) -> Result<Vec<SeenHand>, InferenceError> {
        let regions: Vec<Region> = Side::BOTH.into_iter().filter_map(|side| self.expected(side, wrists)).collect();
        let mut found = tools.look(&regions)?;
        // A hand that moved or turned much is looked at again where it is now.
        let (mut again, mut places) = (Vec::new(), Vec::new());
        for (index, (seen, region)) in found.iter().zip(&regions).enumerate() {
            let Some(hand) = seen.as_ref().filter(|hand| hand.pose.score >= KEEP_PRESENCE) else { continue };
            let Some(now) = Region::around_hand(&hand.pose.image) else { continue };
            let off = now.center.distance(region.center) > OFF_MIDDLE * region.size;
            if off || now.turn_to(*region) > OFF_TURN {
                again.push(now);
                places.push(index);
            }
        }
        for (index, second) in places.into_iter().zip(tools.look(&again)?) {
            let first = found[index].map_or(0.0, |hand| hand.pose.score);
            if let Some(second) = second.filter(|hand| hand.pose.score >= first - 0.1) {
                found[index] = Some(second);
            }
        }
        let mut seen = Vec::with_capacity(found.len());
        for hand in found.into_iter().flatten().filter(|hand| hand.pose.score >= KEEP_PRESENCE) {
            add(&mut seen, &hand);
        }
        Ok(seen)
    }

    /// Where the hand of this side should be now: where it was, moved as its wrist moved.
    fn expected(&self, side: Side, wrists: &Wrists) -> Option<Region> {
        let track = &self.tracks[side as usize];
        let mut region = track.region?;
        let wrist = wrists.get(side);
        if let Some(before) = track.wrist.filter(|_| wrist.visibility > 0.5) {
            let moved = wrist.place - before;
            if moved.length() > STILL * wrists.unit {
                region.center += moved;
            }
        }
        Some(region)
    }

    fn should_search(&mut self, choice: Choice, seen: &[SeenHand], wrists: &Wrists) -> bool {
        let is_missing = Side::BOTH
            .into_iter()
            .any(|side| choice.hands[side as usize].is_none() && wrists.get(side).visibility >= WRIST_HIDDEN);
        let doubted = choice.cost > DOUBTED_COST || is_doubtful(choice, seen);
        (is_missing && self.patience.is_over()) || (doubted && self.doubt.is_over())
    }

    fn search(
        &mut self,
        choice: &mut Choice,
        seen: &mut Vec<SeenHand>,
        wrists: &Wrists,
        tools: &mut Tools<'_>,
    ) -> Result<(), InferenceError> {
        let missing = |choice: &Choice| {
            let is_missing =
                |side: &Side| choice.hands[*side as usize].is_none() && wrists.get(*side).visibility >= WRIST_HIDDEN;
            Side::BOTH.into_iter().filter(is_missing).collect::<Vec<_>>()
        };
        for side in missing(choice) {
            for guess in wrists.guesses(side).into_iter().flatten() {
                if let Some(hand) = look_twice(tools, guess)? {
                    add(seen, &hand);
                    break;
                }
            }
        }
        *choice = self.choose(seen, wrists);
        let mut sides = missing(choice);
        if sides.is_empty() {
            if choice.cost <= DOUBTED_COST && !is_doubtful(*choice, seen) {
                return Ok(());
            }
            sides.push(Side::Left);
        }
        let mut views: Vec<Region> = sides.into_iter().map(|side| wrists.view(side)).collect();
        views.dedup();
        for view in views {
            let regions = tools.palms.find(tools.image, view, MAX_PALMS, tools.timings)?;
            for hand in tools.look(&regions)?.into_iter().flatten().filter(|hand| hand.pose.score >= MIN_PRESENCE) {
                add(seen, &hand);
            }
        }
        *choice = self.choose(seen, wrists);
        if is_doubtful(*choice, seen) {
            self.doubt.failed();
        } else {
            self.doubt.succeeded();
        }
        Ok(())
    }

    /// A hand that clasps the other one, or lies behind it: in the picture it is where the other one is.
    fn clasped(&self, side: Side, other: Option<&HandPose>, own: &[SeenHand], wrists: &Wrists) -> Option<HandPose> {
        let (before, other_before) = (self.tracks[side as usize].hand?, self.tracks[side.other() as usize].hand?);
        let other = other?;
        let wrist = wrists.get(side);
        let was_close = middle(&before).distance(middle(&other_before)) < CLASPED * size(&other_before);
        if !was_close || is_elsewhere(wrist, &other.image, wrists.unit) {
            return None;
        }
        let same = own.iter().find(|hand| coincide(&hand.pose, other, SAME_CANDIDATE * 2.0));
        let image = same.map_or(other.image, |hand| hand.pose.image);
        // The fingers keep the shape they had when they were last seen: the other hand's are mirrored.
        Some(HandPose {
            provenance: self.tracks[side as usize].carried_on(),
            score: CARRIED_SCORE,
            image,
            world: before.world,
        })
    }

    /// An unseen hand moves on for a moment.
    fn carried(&mut self, side: Side, other: Option<&HandPose>, wrists: &Wrists) -> Option<HandPose> {
        let other_before = self.tracks[side.other() as usize].hand;
        let track = &mut self.tracks[side as usize];
        let before = track.hand?;
        if track.carried >= CARRY_FRAMES {
            return None;
        }
        let wrist = wrists.get(side);
        let behind = other_before
            .zip(other)
            .filter(|(then, _)| middle(&before).distance(middle(then)) < 1.3 * size(&before))
            .map(|(then, now)| middle(now) - middle(&then));
        let with_wrist = || track.wrist.filter(|_| wrist.visibility > 0.5).map(|then| wrist.place - then);
        let moved = behind.or_else(with_wrist)?;
        let image = before.image.map(|point| point + moved.extend(0.0));
        if is_elsewhere(wrist, &image, wrists.unit) {
            return None;
        }
        track.carried += 1;
        Some(HandPose { provenance: track.carried_on(), score: CARRIED_SCORE, image, world: before.world })
    }
}

/// Whether a wrist says that its hand does not begin where these points do.
fn is_elsewhere(wrist: &Wrist, image: &[Vec3; HAND_LANDMARK_COUNT], unit: f32) -> bool {
    wrist.visibility > WRIST_SEEN && image[0].truncate().distance(wrist.place) > CARRY_REACH * unit
}

/// Adds a hand unless it is there already.
fn add(seen: &mut Vec<SeenHand>, hand: &SeenHand) {
    if !seen.iter().any(|other| coincide(&other.pose, &hand.pose, SAME_CANDIDATE)) {
        seen.push(*hand);
    }
}

/// The hand in a region that was only guessed: looked at again in its own region.
fn look_twice(tools: &mut Tools<'_>, guess: Region) -> Result<Option<SeenHand>, InferenceError> {
    let seen = |found: Vec<Option<SeenHand>>| {
        found.into_iter().flatten().find(|hand: &SeenHand| hand.pose.score >= MIN_PRESENCE)
    };
    let Some(first) = seen(tools.look(&[guess])?) else { return Ok(None) };
    let Some(region) = Region::around_hand(&first.pose.image) else { return Ok(Some(first)) };
    Ok(seen(tools.look(&[region])?).or(Some(first)))
}

/// Whether two hands near each other may be taken for each other, or one is hardly seen.
fn is_doubtful(choice: Choice, seen: &[SeenHand]) -> bool {
    let [Some(left), Some(right)] = choice.hands.map(|index| index.map(|index| &seen[index])) else { return false };
    let near = middle(&left.pose).distance(middle(&right.pose)) < CLOSE * size(&left.pose);
    let believed = |hand: &SeenHand, side: Side| {
        hand.pose.score >= BELIEVED_PRESENCE && hand.probability(side.other()) <= BELIEVED_OTHER
    };
    near && !(believed(left, Side::Left) && believed(right, Side::Right))
}
