//! Who is shown by which avatar, and where the avatars stand beside each other.

use glam::Vec3;

use super::animator::PoseAnimator;
use crate::motion::avatar_solver::SolverOptions;
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

/// Where an avatar's person is among the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Among {
    /// Whether it is the first avatar, which is never hidden.
    pub is_first: bool,
    /// Whether there are others: it then rests where its person was, not in the middle of the scene.
    pub is_crowd: bool,
    /// The place before the camera that lies in the middle of the scene, metres; `None` for its person's own.
    pub home: Option<Vec3>,
    /// The same in the picture, for an avatar that goes nowhere by itself; `None` for one that stands there.
    pub origin: Option<Spot>,
}

/// Takes one tracked result in for all avatars. The first person who comes stands in the middle of the scene, the others
/// as far from there as they were from that person's first place, wherever that person has gone since. Where avatars do
/// not walk, they stand side by side as in the picture, the first in the middle.
///
/// An avatar keeps its person while in view. A free one, in the avatars' order, takes the first person that no other
/// has; those that find nobody ease to rest.
pub fn ingest(animators: &mut [&mut PoseAnimator], time_s: f64, people: &[BodyPose], options: &SolverOptions) {
    for animator in animators.iter_mut() {
        let person = people.iter().find(|person| Some(person.id) == animator.following());
        animator.cast(time_s, person);
    }
    for index in 0..animators.len() {
        if animators[index].following().is_none() {
            let is_free = |id: u32| animators.iter().all(|other| other.following() != Some(id));
            let person = people.iter().find(|person| is_free(person.id));
            animators[index].cast(time_s, person);
        }
    }
    // Only one person was calibrated: the first.
    let others = SolverOptions { bones: None, ..*options };
    let (is_crowd, walks) = (animators.len() > 1, options.locomotion.root_motion);
    let shared = |animator: &PoseAnimator| animator.home(time_s).filter(|_| is_crowd);
    let mut home = animators.iter().find_map(|animator| shared(animator));
    let origin = animators.first().and_then(|first| first.spot()).filter(|_| !walks);
    for (index, animator) in animators.iter_mut().enumerate() {
        let is_first = index == 0;
        animator.ingest(
            time_s,
            people,
            if is_first { options } else { &others },
            Among { is_first, is_crowd, home, origin: origin.filter(|_| !is_first) },
        );
        home = home.or_else(|| shared(animator));
    }
}

/// Where a person stands in the picture, and how large they are there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    time_s: f64,
    x_px: f32,
    size_px: f32,
}

impl Spot {
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

/// Share of the way to a new value after `elapsed_s`; nothing where time stands still or runs back.
pub(super) fn gain(elapsed_s: f64, constant_s: f64) -> f32 {
    (1.0 - (-elapsed_s.max(0.0) / constant_s).exp()) as f32
}

/// An avatar's place, smoothed on capture time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    across_m: f32,
    /// When it was last moved, and whether in a mirror; `None` before the first time.
    last: Option<(f64, bool)>,
}

impl Place {
    /// A place from which the next one is not approached but taken.
    pub(super) const fn at(across_m: f32) -> Self {
        Self { across_m, last: None }
    }

    /// Metres to the right of the middle.
    pub(super) const fn across_m(&self) -> f32 {
        self.across_m
    }

    /// Nobody is there to say where to go.
    pub(super) fn stay(&mut self, time_s: f64) -> f32 {
        self.last = self.last.map(|(_, mirror)| (time_s, mirror));
        self.across_m
    }

    /// Moves towards `wanted_m` and says how far it came. Turning the mirror is a cut, not a walk to the other side.
    pub(super) fn approach(&mut self, time_s: f64, wanted_m: f32, mirror: bool) -> f32 {
        self.across_m = match self.last {
            Some((last_s, before)) if before == mirror && time_s >= last_s => {
                self.across_m + gain(time_s - last_s, PLACE_S) * (wanted_m - self.across_m)
            }
            _ => wanted_m,
        };
        self.last = Some((time_s, mirror));
        self.across_m
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_at_once_then_approached() {
        let mut place = Place::default();
        assert_eq!(place.approach(0.0, 2.0, false), 2.0);
        let next = place.approach(1.0 / 30.0, 3.0, false);
        assert!(next > 2.05 && next < 2.4, "{next}");
        for frame in 2..60 {
            place.approach(f64::from(frame) / 30.0, 3.0, false);
        }
        assert!((place.across_m() - 3.0).abs() < 1e-3);
        assert_eq!(place.stay(2.5), place.across_m());
        assert_eq!(place.approach(2.6, -3.0, true), -3.0, "a turned mirror is a cut");
    }

    #[test]
    fn raised_arms_do_not_push_the_others_aside() {
        let landmark = crate::motion::Landmark::default();
        let hands = crate::motion::Hands::default();
        let (image, world) = ([landmark; 33], [landmark; 33]);
        let person = BodyPose { id: 0, is_new: false, score: 1.0, image, world, size_px: 400.0, hands };
        let first = Spot::of(0.0, &person, None).expect("a spot");
        let larger = Spot::of(1.0 / 30.0, &BodyPose { size_px: 500.0, ..person.clone() }, Some(first)).expect("a spot");
        assert!(larger.size_px > 400.0 && larger.size_px < 402.0, "{larger:?}");
        assert_eq!(Spot::of(0.0, &BodyPose { size_px: f32::NAN, ..person }, Some(first)), None);
    }

    #[test]
    fn metres_follow_the_size_of_whoever_stands_in_the_middle() {
        let first = Spot { time_s: 0.0, x_px: 300.0, size_px: 400.0 };
        let second = Spot { time_s: 0.0, x_px: 500.0, size_px: 200.0 };
        assert_eq!(second.across_m(first, false), 1.0);
        assert_eq!(second.across_m(first, true), -1.0);
        let tiny = Spot { time_s: 0.0, x_px: 0.0, size_px: 1e-30 };
        assert_eq!(second.across_m(tiny, false), FARTHEST_M);
    }
}
