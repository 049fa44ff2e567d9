//! From a body to a place in the window: a hand points where it is held beside its shoulder, as far as an arm reaches.

use glam::{Vec2, Vec3};

use crate::motion::filter::OneEuro;
use crate::motion::player::{BodyPart as P, BodySample, SURE};

use super::model::HandView;

/// How far to the side of its shoulder a hand is at the edges of the window, in lengths of an arm: at the near edge, in
/// front of the other shoulder, and at the far one, aside.
const ACROSS: [f32; 2] = [-0.55, 0.8];
/// How far above its shoulder a hand is at the lower and the upper edge, in lengths of an arm.
const UP: [f32; 2] = [-0.45, 0.65];
/// A hand takes the place of the other when it is so much higher, in lengths of an arm.
const TAKES_OVER: f32 = 0.35;
/// Seconds for which a hand that is not surely seen still points.
const PATIENCE_S: f64 = 0.25;
/// One Euro, on shares of the window: still at rest, quick in motion.
const FILTER: [f64; 3] = [1.1, 6.0, 1.0];

/// The hand that points, and its filters.
#[derive(Debug, Clone)]
pub struct Pointer {
    hand: Option<P>,
    filters: [OneEuro; 2],
    seen_s: f64,
    last: Option<HandView>,
}

impl Default for Pointer {
    fn default() -> Self {
        let [min_cutoff, beta, derivative_cutoff] = FILTER;
        let filter = OneEuro::new(min_cutoff, beta, derivative_cutoff);
        Self { hand: None, filters: [filter; 2], seen_s: f64::NEG_INFINITY, last: None }
    }
}

impl Pointer {
    /// Where a body points at `time_s` seconds, which rise from call to call; `None` while no hand is raised. `right` is
    /// where the scene's x axis goes in the window: 1 to the right, as seen from the front, or −1.
    pub fn point(&mut self, time_s: f64, body: Option<&BodySample>, right: f32) -> Option<HandView> {
        let found = body.and_then(|body| self.find(body, right));
        let Some((hand, raw)) = found else {
            // A hand is missed for a frame now and then.
            if time_s - self.seen_s > PATIENCE_S {
                *self = Self::default();
            }
            return self.last;
        };
        if self.hand != Some(hand) {
            *self = Self { hand: Some(hand), ..Self::default() };
        }
        let [x, y] = &mut self.filters;
        let at = [x.filter(time_s, raw.x, 1.0), y.filter(time_s, raw.y, 1.0)];
        let is_right = (hand == P::LeftHand) == (right > 0.0);
        (self.seen_s, self.last) = (time_s, Some(HandView { at, is_right }));
        self.last
    }

    /// The hand that is raised, the one that pointed before unless the other is much higher.
    fn find(&self, body: &BodySample, right: f32) -> Option<(P, Vec2)> {
        let hands = [(P::LeftHand, P::LeftElbow, P::LeftShoulder), (P::RightHand, P::RightElbow, P::RightShoulder)];
        let mut raised: Vec<(P, Vec2, f32)> = hands
            .into_iter()
            .filter_map(|(hand, elbow, shoulder)| {
                let (at, height) = place(body, hand, elbow, shoulder, right)?;
                Some((hand, at, height + if self.hand == Some(hand) { TAKES_OVER } else { 0.0 }))
            })
            .collect();
        raised.sort_by(|a, b| b.2.total_cmp(&a.2));
        raised.first().map(|(hand, at, _)| (*hand, *at))
    }
}

/// Where a hand points, and how high it is above its shoulder in lengths of an arm; `None` where it is not raised or not
/// surely seen.
fn place(body: &BodySample, hand: P, elbow: P, shoulder: P, right: f32) -> Option<(Vec2, f32)> {
    let sure = |part: P| body.confidences[part as usize] >= SURE;
    if ![hand, elbow, shoulder].into_iter().all(sure) {
        return None;
    }
    let at = |part: P| body.at(part);
    let arm_m = at(hand).distance(at(elbow)) + at(elbow).distance(at(shoulder));
    let from: Vec3 = (at(hand) - at(shoulder)) / arm_m;
    let is_raised = at(hand).y > at(elbow).y && at(hand).y > at(P::Hips).y + 0.05 * arm_m;
    if !(arm_m.is_finite() && arm_m > 0.05 && from.is_finite() && is_raised) {
        return None;
    }
    // The far edge lies on the side of the shoulder, which is where it is seen.
    let side = (at(shoulder).x - at(P::Hips).x).signum();
    let share = |value: f32, [low, high]: [f32; 2]| (value - low) / (high - low);
    let aside = share(from.x * side, ACROSS);
    let is_at_right = side * right > 0.0;
    let x = if is_at_right { aside } else { 1.0 - aside };
    let y = 1.0 - share(from.y, UP);
    Some((Vec2::new(x, y).clamp(Vec2::ZERO, Vec2::ONE), from.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::player::PART_COUNT;

    /// A body that stands, its left side at positive x, its left hand so far from the shoulder.
    fn body(hand: Vec3) -> BodySample {
        let mut positions = [Vec3::ZERO; PART_COUNT];
        for (part, at) in [
            (P::Hips, Vec3::new(0.0, 0.95, 0.0)),
            (P::LeftShoulder, Vec3::new(0.17, 1.4, 0.0)),
            (P::LeftElbow, Vec3::new(0.3, 1.2, 0.1)),
            (P::RightShoulder, Vec3::new(-0.17, 1.4, 0.0)),
            (P::RightElbow, Vec3::new(-0.2, 1.15, 0.0)),
            (P::RightHand, Vec3::new(-0.2, 0.85, 0.0)),
        ] {
            positions[part as usize] = at;
        }
        positions[P::LeftHand as usize] = Vec3::new(0.17, 1.4, 0.0) + hand;
        BodySample { positions, confidences: [1.0; PART_COUNT] }
    }

    fn at(hand: Vec3, right: f32) -> Option<HandView> {
        Pointer::default().point(1.0, Some(&body(hand)), right)
    }

    #[test]
    fn the_hand_covers_the_window_and_left_and_right_are_as_seen() {
        let out = at(Vec3::new(0.45, 0.0, 0.1), 1.0).expect("raised");
        assert!(out.at[0] > 0.9 && out.is_right, "{out:?}");
        let across = at(Vec3::new(-0.25, 0.1, 0.3), 1.0).expect("raised");
        assert!(across.at[0] < 0.2, "{across:?}");
        let high = at(Vec3::new(0.1, 0.45, 0.1), 1.0).expect("raised");
        // The elbow of this body stays where it is, so that its arm is longer than it is in life.
        assert!(high.at[1] < 0.2, "{high:?}");
        let low = at(Vec3::new(0.2, -0.15, 0.3), 1.0).expect("raised");
        assert!(low.at[1] > 0.7, "{low:?}");
        let behind = at(Vec3::new(0.45, 0.0, 0.1), -1.0).expect("raised");
        assert!((behind.at[0] - (1.0 - out.at[0])).abs() < 1e-5 && !behind.is_right, "{behind:?}");
    }

    #[test]
    fn only_a_raised_hand_that_is_surely_seen_points() {
        assert_eq!(at(Vec3::new(0.05, -0.6, 0.0), 1.0), None, "it hangs");
        let mut unsure = body(Vec3::new(0.3, 0.2, 0.1));
        unsure.confidences[P::LeftHand as usize] = 0.2;
        assert_eq!(Pointer::default().point(1.0, Some(&unsure), 1.0), None);
        let mut broken = body(Vec3::new(0.3, 0.2, 0.1));
        broken.positions[P::LeftHand as usize].x = f32::NAN;
        assert_eq!(Pointer::default().point(1.0, Some(&broken), 1.0), None);
        assert_eq!(Pointer::default().point(1.0, None, 1.0), None);
    }

    #[test]
    fn a_frame_that_is_missed_does_not_let_go() {
        let mut pointer = Pointer::default();
        let held = pointer.point(1.0, Some(&body(Vec3::new(0.3, 0.2, 0.1))), 1.0);
        assert_eq!(pointer.point(1.1, None, 1.0), held);
        assert_eq!(pointer.point(1.5, None, 1.0), None);
    }

    #[test]
    fn trembling_is_smoothed_and_a_way_is_followed() {
        let mut pointer = Pointer::default();
        let mut places = Vec::new();
        for frame in 0..60 {
            let tremble = if frame % 2 == 0 { 0.01 } else { -0.01 };
            let hand = Vec3::new(0.25 + tremble, 0.1, 0.1);
            places.extend(pointer.point(f64::from(frame) / 60.0, Some(&body(hand)), 1.0).map(|hand| hand.at[0]));
        }
        let late = &places[40..];
        let spread = late.iter().copied().fold(0.0, f32::max) - late.iter().copied().fold(1.0, f32::min);
        assert!(spread < 0.008, "{spread}");
        let mut last = 0.0;
        for frame in 60..90 {
            let hand = Vec3::new(0.45, 0.1, 0.1);
            last = pointer.point(f64::from(frame) / 60.0, Some(&body(hand)), 1.0).expect("raised").at[0];
        }
        assert!(last > 0.85, "{last}");
    }
}
