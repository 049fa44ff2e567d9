//! The two hands of one person from picture to picture.

use glam::{Vec2, Vec3};

use super::Region;
use super::assign::{apart, coincide, is_contrary, middle, size};
use super::models::Tools;
use super::patience::Patience;
use super::search::{Search, Sight, add};
use super::wrists::{Wrist, Wrists};
use crate::inference::InferenceError;
use crate::inference::budget::Budget;
use crate::inference::hand::SeenHand;
use crate::motion::Side;
use crate::motion::hand::{CARRIED_SCORE, HAND_LANDMARK_COUNT, HandPose, Hands, Provenance};

/// A hand that is followed is kept from this presence on: the wrist beside it vouches for it.
const KEEP_PRESENCE: f32 = 0.4;
/// Seconds for which an unseen hand moves on with its wrist or with the hand that hides it.
const CARRY_S: f64 = 0.085;
/// A region is looked at again when the hand lies this share of it off its middle, or is turned by this much (radians).
const OFF_MIDDLE: f32 = 0.16;
const OFF_TURN: f32 = 0.7;
/// Hands that were nearer to each other than this share of their size hide each other.
const CLASPED: f32 = 0.5;
/// Two hands whose points come nearer than the first share of their size, and were further apart than the second in the
/// picture before or within the seconds before, are one hand that was found twice.
const MERGED: f32 = 0.29;
const APART: f32 = 0.4;
const MERGING_S: f64 = 0.04;
/// A wrist this well seen says where its hand is not, and where it is.
const WRIST_SEEN: f32 = 0.4;
const WRIST_SURE: f32 = 0.75;
/// A wrist and the beginning of a hand that is carried on never lie further apart, in units of the body.
const CARRY_REACH: f32 = 0.12;
/// Movements of a wrist below this share of the body's unit are noise to a region that follows it.
const STILL: f32 = 0.02;
/// Seconds between the beginnings of two searches, at most: for a hand that is not found, for one that is doubted.
const LONGEST_PAUSE_S: f64 = 0.4;
const LONGEST_DOUBT_S: f64 = 0.13;

/// What is known of one side.
#[derive(Debug, Clone, Copy, Default)]
struct Track {
    /// Where the hand was in the picture before.
    hand: Option<HandPose>,
    region: Option<Region>,
    wrist: Option<Vec2>,
    /// When it was last really seen.
    seen_s: f64,
    /// When it was last seen, or known to be where the other hand is.
    known_s: f64,
    /// Whether it has moved on by guess alone since it was seen.
    is_guessed: bool,
    /// Whether it clasped the other hand, or lay behind it, in the picture before.
    clasped: bool,
}

impl Track {
    /// The hand in a picture in which it is not seen; its fingers keep the shape that they had.
    fn carried(&self, image: [Vec3; HAND_LANDMARK_COUNT], before: &HandPose, time_s: f64) -> HandPose {
        let provenance = Provenance::Carried { age_s: (time_s - self.seen_s) as f32 };
        HandPose { provenance, score: CARRIED_SCORE, image, world: before.world }
    }
}

/// Follows both hands of the person with this id.
#[derive(Debug, Clone)]
pub(super) struct PersonHands {
    pub(super) id: u32,
    tracks: [Track; 2],
    /// Time of the picture before, and when the two hands were last clearly apart.
    before_s: f64,
    apart_s: Option<f64>,
    search: Option<Search>,
    patience: Patience,
    doubt: Patience,
}

impl PersonHands {
    pub(super) fn new(id: u32) -> Self {
        Self {
            id,
            tracks: [Track::default(); 2],
            before_s: f64::NEG_INFINITY,
            apart_s: None,
            search: None,
            patience: Patience::new(LONGEST_PAUSE_S),
            doubt: Patience::new(LONGEST_DOUBT_S),
        }
    }

    /// Looks for the hands where they were, moved along with their wrists.
    pub(super) fn follow(&self, wrists: &Wrists, tools: &mut Tools<'_>) -> Result<Sight, InferenceError> {
        let seen = self.look_where_they_were(wrists, tools)?;
        Ok(Sight::new(seen, wrists, &self.tracks.map(|track| track.hand)))
    }

    /// Begins a search where something is missing or doubtful and the last one is long enough ago. Says since when a
    /// search has been waiting, `None` when there is nothing to search for.
    pub(super) fn begin_search(&mut self, sight: &Sight, wrists: &Wrists, time_s: f64) -> Option<f64> {
        let missing = sight.missing(wrists);
        let is_due = || {
            (missing != [false; 2] && self.patience.is_over(time_s))
                || (sight.is_doubted() && self.doubt.is_over(time_s))
        };
        if self.search.is_none() && is_due() {
            self.search = Some(Search::new(missing, time_s));
        }
        self.search_waits_since_s()
    }

    /// When a search that is going on last got on; `None` while there is none.
    pub(super) fn search_waits_since_s(&self) -> Option<f64> {
        self.search.as_ref().map(|search| search.waits_since_s)
    }

    /// Goes on with a search, as far as the budget allows.
    pub(super) fn search(
        &mut self,
        sight: &mut Sight,
        wrists: &Wrists,
        time_s: f64,
        budget: &mut Budget,
        tools: &mut Tools<'_>,
    ) -> Result<(), InferenceError> {
        let Some(search) = &mut self.search else { return Ok(()) };
        let followed = self.tracks.map(|track| track.region.is_some());
        if !search.go_on(sight, wrists, followed, time_s, budget, tools)? {
            return Ok(());
        }
        let Search { wanted, began_s, .. } = *search;
        let has_used_detector = search.has_used_detector();
        self.search = None;
        if wanted != [false; 2] {
            let found = wanted.iter().zip(sight.choice.hands).all(|(wanted, hand)| !wanted || hand.is_some());
            if found { self.patience.succeeded() } else { self.patience.failed(began_s) }
        }
        if has_used_detector {
            if sight.is_doubted() { self.doubt.failed(began_s) } else { self.doubt.succeeded() }
        }
        Ok(())
    }

    /// The hands in this picture; what was not seen is carried on for a moment.
    pub(super) fn finish(&mut self, sight: &Sight, wrists: &Wrists, time_s: f64) -> Hands {
        let mut hands = sight.choice.hands.map(|index| index.map(|index| sight.seen[index]));
        for side in Side::BOTH {
            let hand = &mut hands[side as usize];
            if hand.as_ref().is_some_and(|hand| is_contrary(hand, side, wrists)) {
                *hand = None;
            }
        }
        let mut poses = hands.map(|hand| hand.map(|hand| hand.pose));
        if let Some(side) = self.found_twice(&poses, time_s) {
            poses[side as usize] = None;
        }
        for side in Side::BOTH {
            if poses[side as usize].is_some() {
                let track = &mut self.tracks[side as usize];
                (track.seen_s, track.known_s) = (time_s, time_s);
                (track.is_guessed, track.clasped) = (false, false);
                continue;
            }
            // A guess is no ground for the next one, unless the hands were as good as one or the wrist says so.
            let [track, beside] = [self.tracks[side as usize], self.tracks[side.other() as usize]];
            let was_one = track.hand.zip(beside.hand).is_some_and(|(a, b)| coincide(&a, &b, MERGED));
            let is_known = |other: &&HandPose| {
                !track.is_guessed || track.clasped || was_one || is_here(wrists.get(side), &other.image, wrists.unit)
            };
            let other = poses[side.other() as usize].as_ref();
            let clasped = self.clasped(side, other.filter(is_known), wrists, time_s);
            let pose = clasped.or_else(|| self.carried(side, other, wrists, time_s));
            let track = &mut self.tracks[side as usize];
            track.clasped = clasped.is_some();
            if track.clasped {
                track.known_s = time_s;
            } else if pose.is_some() {
                track.is_guessed = true;
            }
            poses[side as usize] = pose;
        }
        for side in Side::BOTH {
            let track = &mut self.tracks[side as usize];
            track.hand = poses[side as usize];
            track.region = track.hand.as_ref().and_then(|hand| Region::around_hand(&hand.image));
            track.wrist = Some(wrists.get(side).place);
        }
        self.before_s = time_s;
        if let [Some(left), Some(right)] = &poses
            && apart(left, right) > APART * size(left)
        {
            self.apart_s = Some(time_s);
        }
        Hands { left: poses[0], right: poses[1] }
    }

    /// The side whose hand is the other one once more: a model that loses a hand likes to slide onto the other.
    fn found_twice(&self, poses: &[Option<HandPose>; 2], time_s: f64) -> Option<Side> {
        let [Some(left), Some(right)] = poses else { return None };
        let were_apart = self.apart_s.is_some_and(|then| then >= self.before_s || time_s - then <= MERGING_S);
        let merged = were_apart && apart(left, right) < MERGED * size(left);
        merged.then_some(if left.score < right.score { Side::Left } else { Side::Right })
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

    /// A hand that clasps the other one, or lies behind it: in the picture it is where the other one is, or beside it as
    /// before.
    fn clasped(&self, side: Side, other: Option<&HandPose>, wrists: &Wrists, time_s: f64) -> Option<HandPose> {
        let track = &self.tracks[side as usize];
        let (before, other_before) = (track.hand?, self.tracks[side.other() as usize].hand?);
        let other = other?;
        // A hand that points at the camera is small in the picture and hides the other one all the same.
        let size = size(&other_before).max(wrists.hand_length(side.other()));
        let was_close = middle(&before).distance(middle(&other_before)) < CLASPED * size;
        let wrist = wrists.get(side);
        if !was_close || is_elsewhere(wrist, &other.image, wrists.unit) {
            return None;
        }
        let image = if coincide(&before, &other_before, MERGED) {
            other.image
        } else {
            let moved = (middle(other) - middle(&other_before)).extend(0.0);
            within_reach(wrist, before.image.map(|point| point + moved), wrists.unit)
        };
        Some(track.carried(image, &before, time_s))
    }

    /// An unseen hand moves on for a moment.
    fn carried(&self, side: Side, other: Option<&HandPose>, wrists: &Wrists, time_s: f64) -> Option<HandPose> {
        let other_before = self.tracks[side.other() as usize].hand;
        let track = &self.tracks[side as usize];
        let before = track.hand?;
        if time_s - track.known_s > CARRY_S {
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
        Some(track.carried(image, &before, time_s))
    }
}

/// These points, moved to where their wrist, if it is seen, says that they can begin.
fn within_reach(wrist: &Wrist, image: [Vec3; HAND_LANDMARK_COUNT], unit: f32) -> [Vec3; HAND_LANDMARK_COUNT] {
    if !is_elsewhere(wrist, &image, unit) {
        return image;
    }
    let away = image[0].truncate() - wrist.place;
    let back = (away.clamp_length_max(0.75 * CARRY_REACH * unit) - away).extend(0.0);
    image.map(|point| point + back)
}

/// Whether a wrist says that its hand begins where these points do.
fn is_here(wrist: &Wrist, image: &[Vec3; HAND_LANDMARK_COUNT], unit: f32) -> bool {
    wrist.visibility > WRIST_SURE && image[0].truncate().distance(wrist.place) < CARRY_REACH * unit
}

/// Whether a wrist says that its hand does not begin where these points do.
fn is_elsewhere(wrist: &Wrist, image: &[Vec3; HAND_LANDMARK_COUNT], unit: f32) -> bool {
    wrist.visibility > WRIST_SEEN && image[0].truncate().distance(wrist.place) > CARRY_REACH * unit
}
