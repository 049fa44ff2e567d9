//! Which of the hands that were seen is whose: the body's wrists, the model's handedness and the frame before decide.

use glam::Vec2;

use super::wrists::Wrists;
use crate::inference::hand::SeenHand;
use crate::motion::Side;
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose};

/// Wrists and hands this far apart, in units of the body, disagree.
const WRIST_REACH: f32 = 0.25;
/// Further away than so many reaches from a wrist that is well seen, a hand is hardly that wrist's.
const FAR_REACHES: f32 = 2.0;
const FAR_COST: f32 = 2.0;
/// Movement since the last frame, in units of the body, that says nothing more about continuity.
const JUMP: f32 = 0.3;
const JUMP_COST: f32 = 0.6;
/// What it costs to have no history.
const NEW_COST: f32 = 0.3;
const SIDE_WEIGHT: f32 = 0.8;
/// At most so much it costs that the model calls a hand the other one where the wrists know better: in fast movement it
/// is often wrong.
const MAX_LONE_SIDE_COST: f32 = 0.8;
/// What it costs to leave a side without a hand.
const NONE_COST: f32 = 1.8;
/// Hands whose points lie nearer than this share of their size are one and the same.
const SAME_HAND: f32 = 0.25;
/// A wrist is well seen from this visibility on.
const WELL_SEEN: f32 = 0.5;
/// Below this probability the model says that the hand is of the other side.
const CONTRARY: f32 = 0.1;

/// Middle of the points of a hand in the picture.
pub(super) fn middle(hand: &HandPose) -> Vec2 {
    hand.image.iter().map(|point| point.truncate()).sum::<Vec2>() / HAND_LANDMARK_COUNT as f32
}

/// Longer side of the box around a hand, but not less than twice its palm, in pixels.
pub(super) fn size(hand: &HandPose) -> f32 {
    let points = || hand.image.iter().map(|point| point.truncate());
    let (min, max) = points().fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(min, max), p| (min.min(p), max.max(p)));
    let palm = hand.image[9].truncate().distance(hand.image[0].truncate());
    (max - min).max_element().max(2.0 * palm).max(1.0)
}

/// Mean distance of the points of two hands, in pixels.
pub(super) fn apart(a: &HandPose, b: &HandPose) -> f32 {
    let pairs = a.image.iter().zip(&b.image);
    pairs.map(|(a, b)| a.truncate().distance(b.truncate())).sum::<f32>() / HAND_LANDMARK_COUNT as f32
}

/// Whether two hands are the same one, within `share` of the smaller one's size.
pub(super) fn coincide(a: &HandPose, b: &HandPose, share: f32) -> bool {
    apart(a, b) < share * size(a).min(size(b))
}

/// Two choices among the hands seen, and what is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    /// Left, right: index of the hand.
    pub(super) hands: [Option<usize>; 2],
    /// Larger is less certain.
    pub(super) cost: f32,
}

/// Gives each side a hand, or none, so that together it is most plausible.
pub(super) fn choose(seen: &[SeenHand], wrists: &Wrists, before: [Option<&HandPose>; 2]) -> Choice {
    let costs =
        |side: Side| -> Vec<f32> { seen.iter().map(|hand| cost(hand, side, wrists, before[side as usize])).collect() };
    let (left, right) = (costs(Side::Left), costs(Side::Right));
    let options = || std::iter::once(None).chain((0..seen.len()).map(Some));
    let price = |costs: &[f32], choice: Option<usize>| choice.map_or(NONE_COST, |index| costs[index]);
    let mut best = Choice { hands: [None, None], cost: f32::INFINITY };
    for a in options() {
        for b in options() {
            let cost = price(&left, a) + price(&right, b);
            let is_one = |a: usize, b: usize| a == b || coincide(&seen[a].pose, &seen[b].pose, SAME_HAND);
            if cost < best.cost && !matches!((a, b), (Some(a), Some(b)) if is_one(a, b)) {
                best = Choice { hands: [a, b], cost };
            }
        }
    }
    best
}

/// How implausible it is that this hand is the one of `side`.
fn cost(hand: &SeenHand, side: Side, wrists: &Wrists, before: Option<&HandPose>) -> f32 {
    let wrist = wrists.get(side);
    let reaches = hand.pose.image[0].truncate().distance(wrist.place) / (WRIST_REACH * wrists.unit);
    let mut cost = reaches.min(2.5) * wrist.visibility * wrist.visibility;
    if wrist.visibility > WELL_SEEN && reaches > FAR_REACHES {
        cost += FAR_COST;
    }
    let contrary = -SIDE_WEIGHT * hand.probability(side).clamp(0.03, 0.97).ln();
    cost += if is_beside_no_other(hand, side, wrists) { contrary.min(MAX_LONE_SIDE_COST) } else { contrary };
    cost -= hand.pose.score.max(0.01).ln();
    cost += before.map_or(NEW_COST, |before| {
        let jump = middle(&hand.pose).distance(middle(before)) / (JUMP * wrists.unit);
        JUMP_COST * jump.min(1.0)
    });
    cost
}

/// Whether the wrists leave no doubt whose hand this is: it begins at its own one, far from the other, and both are seen.
fn is_beside_no_other(hand: &SeenHand, side: Side, wrists: &Wrists) -> bool {
    let reaches = |side: Side| {
        let wrist = wrists.get(side);
        let is_seen = wrist.visibility > WELL_SEEN;
        is_seen.then(|| hand.pose.image[0].truncate().distance(wrist.place) / (WRIST_REACH * wrists.unit))
    };
    let (Some(own), Some(other)) = (reaches(side), reaches(side.other())) else { return false };
    own < 1.0 && other > FAR_REACHES + 1.0
}

/// Whether both the model and the wrists say that the hand chosen for `side` is the other one.
pub(super) fn is_contrary(hand: &SeenHand, side: Side, wrists: &Wrists) -> bool {
    let (own, other) = (wrists.get(side), wrists.get(side.other()));
    let begin = hand.pose.image[0].truncate();
    hand.probability(side) < CONTRARY
        && own.visibility > WELL_SEEN
        && other.visibility > WELL_SEEN
        && begin.distance(other.place) < begin.distance(own.place)
}
