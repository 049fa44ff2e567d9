//! Where avatars stand beside each other when they do not walk: side by side, as their people are in the picture.

use crate::motion::ease::gain;
use crate::motion::{BodyPose, PoseLandmark};

/// Metres that the square around a body stands for.
const BODY_SIZE_M: f32 = 2.0;
/// Time constant of an avatar's place, in seconds.
pub(super) const PLACE_S: f64 = 0.2;
/// Time constant of the size that metres are measured by, in seconds: the square around a body grows with raised arms,
/// and the others are not to step aside for that.
const SIZE_S: f64 = 3.0;
/// Farthest from the middle, metres: the floor ends a little behind.
const FARTHEST_M: f32 = 10.0;

/// Where a person stands in the picture, and how large they are there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ImageAnchor {
    time_s: f64,
    x_px: f32,
    size_px: f32,
}

impl ImageAnchor {
    /// Between the hips; `None` when that is no number. `before` is where the same person stood last.
    pub(super) fn of(time_s: f64, person: &BodyPose, before: Option<Self>) -> Option<Self> {
        let hip = |landmark: PoseLandmark| person.image[landmark as usize].position.x;
        let x_px = f32::midpoint(hip(PoseLandmark::LeftHip), hip(PoseLandmark::RightHip));
        let is_usable = x_px.is_finite() && person.size_px.is_finite() && person.size_px > 0.0;
        let size_px = before.map_or(person.size_px, |before| {
            before.size_px + gain(time_s - before.time_s, SIZE_S) * (person.size_px - before.size_px)
        });
        is_usable.then_some(Self { time_s, x_px, size_px })
    }

    /// Metres to the right of `origin` in the scene, by the size of the person there.
    pub(super) fn across_m(self, origin: Self, mirror: bool) -> f32 {
        let across_m = (self.x_px - origin.x_px) * BODY_SIZE_M / origin.size_px;
        (if mirror { -across_m } else { across_m }).clamp(-FARTHEST_M, FARTHEST_M)
    }
}

/// An avatar's place, smoothed on capture time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Placement {
    across_m: f32,
    /// When it was last moved, and whether in a mirror; `None` before the first time.
    last: Option<(f64, bool)>,
}

impl Placement {
    /// A place from which the next one is not approached but taken.
    pub(super) const fn at(across_m: f32) -> Self {
        Self { across_m, last: None }
    }

    /// Metres to the right of the middle.
    pub(super) const fn across_m(&self) -> f32 {
        self.across_m
    }

    /// Nobody is there to say where to go.
    pub(super) fn stay(&mut self, time_s: f64) {
        self.last = self.last.map(|(_, mirror)| (time_s, mirror));
    }

    /// Moves towards `wanted_m`. Turning the mirror is a cut, not a walk to the other side.
    pub(super) fn approach(&mut self, time_s: f64, wanted_m: f32, mirror: bool) {
        self.across_m = match self.last {
            Some((last_s, before)) if before == mirror && time_s >= last_s => {
                self.across_m + gain(time_s - last_s, PLACE_S) * (wanted_m - self.across_m)
            }
            _ => wanted_m,
        };
        self.last = Some((time_s, mirror));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_at_once_then_approached() {
        let mut place = Placement::default();
        place.approach(0.0, 2.0, false);
        assert_eq!(place.across_m(), 2.0);
        place.approach(1.0 / 30.0, 3.0, false);
        let next = place.across_m();
        assert!(next > 2.05 && next < 2.4, "{next}");
        for frame in 2..60 {
            place.approach(f64::from(frame) / 30.0, 3.0, false);
        }
        assert!((place.across_m() - 3.0).abs() < 1e-3);
        let before = place.across_m();
        place.stay(2.5);
        assert_eq!(place.across_m(), before);
        place.approach(2.6, -3.0, true);
        assert_eq!(place.across_m(), -3.0, "a turned mirror is a cut");
    }

    #[test]
    fn raised_arms_do_not_push_the_others_aside() {
        let landmark = crate::motion::Landmark::default();
        let hands = crate::motion::Hands::default();
        let (image, world) = ([landmark; 33], [landmark; 33]);
        let person = BodyPose { id: 0, is_new: false, score: 1.0, image, world, size_px: 400.0, hands };
        let first = ImageAnchor::of(0.0, &person, None).expect("an anchor");
        let larger = BodyPose { size_px: 500.0, ..person.clone() };
        let larger = ImageAnchor::of(1.0 / 30.0, &larger, Some(first)).expect("an anchor");
        assert!(larger.size_px > 400.0 && larger.size_px < 402.0, "{larger:?}");
        assert_eq!(ImageAnchor::of(0.0, &BodyPose { size_px: f32::NAN, ..person }, Some(first)), None);
    }

    #[test]
    fn metres_follow_the_size_of_whoever_stands_in_the_middle() {
        let first = ImageAnchor { time_s: 0.0, x_px: 300.0, size_px: 400.0 };
        let second = ImageAnchor { time_s: 0.0, x_px: 500.0, size_px: 200.0 };
        assert_eq!(second.across_m(first, false), 1.0);
        assert_eq!(second.across_m(first, true), -1.0);
        let tiny = ImageAnchor { time_s: 0.0, x_px: 0.0, size_px: 1e-30 };
        assert_eq!(second.across_m(tiny, false), FARTHEST_M);
    }
}
