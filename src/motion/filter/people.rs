//! Filters for whole people.

use std::array;

use super::{LowPass, OneEuro, SmoothingParams};
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose, Hands, Side};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::pose::BodyPose;

/// Frame rate for which an exponential weight is stated.
const NOMINAL_FPS: f64 = 30.0;
/// Metres across the square that bounds a body: what `size_px` pixels stand for. The same ratio makes `MediaPipe`'s
/// constants for pixels (80) and for metres (40) agree.
const BODY_SIZE_M: f32 = 2.0;
/// Weight of a new visibility beside the One Euro filter, at the nominal frame rate.
const VISIBILITY_ALPHA: f32 = 0.5;
/// Cutoff of the speed in every One Euro filter, hertz.
const DERIVATIVE_CUTOFF: f64 = 1.0;

/// Smooths the landmarks of everybody in view, one bank of filters for each id.
///
/// A bank is forgotten when its id is missing from a frame, and starts afresh when time runs backwards.
#[derive(Debug, Clone)]
pub struct PeopleSmoother {
    params: SmoothingParams,
    banks: Vec<Bank>,
    loose: Option<(f64, Vec<HandBank>)>,
}

impl PeopleSmoother {
    /// A smoother that has seen nobody.
    #[must_use]
    pub fn new(params: SmoothingParams) -> Self {
        Self { params, banks: Vec::new(), loose: None }
    }

    /// Changes the filter. With a different one all filters start afresh, with the same one nothing happens.
    pub fn set_params(&mut self, params: SmoothingParams) {
        if self.params != params {
            *self = Self::new(params);
        }
    }

    /// Forgets everybody.
    pub fn reset(&mut self) {
        self.banks.clear();
        self.loose = None;
    }

    /// Returns `people` with smoothed positions and visibilities, in the same order; `time_s` is their capture time.
    ///
    /// Presence, score and size pass through. When `time_s` equals the previous one, the previous result is repeated.
    pub fn smooth(&mut self, time_s: f64, people: &[BodyPose]) -> Vec<BodyPose> {
        if matches!(self.params, SmoothingParams::None) {
            return people.to_vec();
        }
        self.banks.retain(|bank| people.iter().any(|person| person.id == bank.id));
        people.iter().map(|person| self.bank(person, time_s).smooth(time_s, person)).collect()
    }

    /// The same for hands that belong to no body. As in `MediaPipe`, its mode leaves hands as they are.
    pub fn smooth_loose_hands(&mut self, time_s: f64, hands: &Hands) -> Hands {
        if matches!(self.params, SmoothingParams::None | SmoothingParams::Mediapipe) {
            return *hands;
        }
        let (last_time_s, banks) = match self.loose.take() {
            Some((last, banks)) if time_s >= last => (Some(last), banks),
            _ => (None, vec![HandBank::new(self.params); 2]),
        };
        let (_, banks) = self.loose.insert((time_s, banks));
        smooth_hands(banks, self.params, last_time_s, time_s, hands)
    }

    /// The filters of one person, new ones where there are none that can go on at `time_s`.
    fn bank(&mut self, person: &BodyPose, time_s: f64) -> &mut Bank {
        let id = person.id;
        let index = self.banks.iter().position(|bank| bank.id == id).unwrap_or_else(|| {
            self.banks.push(Bank::new(id, self.params));
            self.banks.len() - 1
        });
        let bank = &mut self.banks[index];
        if person.is_new || bank.last_time_s.is_some_and(|last| time_s < last) {
            *bank = Bank::new(id, self.params);
        }
        bank
    }
}

#[derive(Debug, Clone)]
struct Bank {
    id: u32,
    params: SmoothingParams,
    last_time_s: Option<f64>,
    image: [PointFilter; POSE_LANDMARK_COUNT],
    world: [PointFilter; POSE_LANDMARK_COUNT],
    /// Left, right; on the heap, for they are large.
    hands: Vec<HandBank>,
}

impl Bank {
    fn new(id: u32, params: SmoothingParams) -> Self {
        // MediaPipe's constants differ between the picture and the world; ours are the same through the body's size.
        let (image, world) = match params {
            SmoothingParams::None | SmoothingParams::Ema { .. } => (CoordinateFilter::ema(), CoordinateFilter::ema()),
            SmoothingParams::OneEuro { min_cutoff, beta } => {
                let filter = CoordinateFilter::one_euro(f64::from(min_cutoff), f64::from(beta));
                (filter, filter)
            }
            SmoothingParams::Mediapipe => {
                (CoordinateFilter::one_euro(0.05, 80.0), CoordinateFilter::one_euro(0.1, 40.0))
            }
        };
        Self {
            id,
            params,
            last_time_s: None,
            image: [PointFilter::new(image); POSE_LANDMARK_COUNT],
            world: [PointFilter::new(world); POSE_LANDMARK_COUNT],
            hands: vec![HandBank::new(params); 2],
        }
    }

    fn smooth(&mut self, time_s: f64, person: &BodyPose) -> BodyPose {
        let step = Step::new(self.params, self.last_time_s, time_s, person.size_px);
        let hands = smooth_hands(&mut self.hands, self.params, self.last_time_s, time_s, &person.hands);
        if time_s.is_finite() {
            self.last_time_s = Some(time_s);
        }
        BodyPose {
            image: array::from_fn(|i| self.image[i].smooth(&step, step.image_scale, &person.image[i])),
            world: array::from_fn(|i| self.world[i].smooth(&step, step.world_scale, &person.world[i])),
            hands,
            ..*person
        }
    }
}

/// Filters of one hand; forgotten when the hand is not seen.
#[derive(Debug, Clone, Copy)]
struct HandBank {
    image: [[CoordinateFilter; 3]; HAND_LANDMARK_COUNT],
    world: [[CoordinateFilter; 3]; HAND_LANDMARK_COUNT],
}

impl HandBank {
    fn new(params: SmoothingParams) -> Self {
        let filter = match params {
            SmoothingParams::OneEuro { min_cutoff, beta } => {
                CoordinateFilter::one_euro(f64::from(min_cutoff), f64::from(beta))
            }
            _ => CoordinateFilter::ema(),
        };
        Self { image: [[filter; 3]; HAND_LANDMARK_COUNT], world: [[filter; 3]; HAND_LANDMARK_COUNT] }
    }
}

/// Smooths both hands of somebody; a hand that is missing loses its filters' past.
fn smooth_hands(
    banks: &mut [HandBank],
    params: SmoothingParams,
    last_time_s: Option<f64>,
    time_s: f64,
    hands: &Hands,
) -> Hands {
    let mut smoothed = *hands;
    if matches!(params, SmoothingParams::None | SmoothingParams::Mediapipe) {
        return smoothed;
    }
    for side in Side::BOTH {
        let bank = &mut banks[side as usize];
        let Some(hand) = smoothed.get_mut(side) else {
            *bank = HandBank::new(params);
            continue;
        };
        let step = Step::new(params, last_time_s, time_s, BODY_SIZE_M * hand_pixels_a_metre(hand));
        let smooth = |filters: &mut [[CoordinateFilter; 3]], points: &mut [glam::Vec3], scale: f32| {
            for (filters, point) in filters.iter_mut().zip(points) {
                for (axis, filter) in filters.iter_mut().enumerate() {
                    point[axis] = filter.filter(&step, scale, point[axis]);
                }
            }
        };
        smooth(&mut bank.image, &mut hand.image, step.image_scale);
        smooth(&mut bank.world, &mut hand.world, step.world_scale);
    }
    smoothed
}

/// How many pixels of the picture a metre is where this hand is: its palm's length in both.
fn hand_pixels_a_metre(hand: &HandPose) -> f32 {
    let palm = |points: &[glam::Vec3; HAND_LANDMARK_COUNT]| points[9].distance(points[0]);
    palm(&hand.image).max(1.0) / palm(&hand.world).max(0.02)
}

/// What all filters of a bank share at one moment.
struct Step {
    time_s: f64,
    /// Weight of a new coordinate in the exponential filter.
    alpha: f32,
    /// Weight of a new visibility.
    visibility_alpha: f32,
    /// Scale of speeds in the picture.
    image_scale: f32,
    /// Scale of speeds in metres.
    world_scale: f32,
}

impl Step {
    fn new(params: SmoothingParams, last_time_s: Option<f64>, time_s: f64, size_px: f32) -> Self {
        let interval = last_time_s.map_or(1.0 / NOMINAL_FPS, |last| time_s - last);
        let alpha_at = |alpha: f32| (1.0 - (1.0 - f64::from(alpha)).powf(interval * NOMINAL_FPS)) as f32;
        let (alpha, visibility_alpha, image_size) = match params {
            SmoothingParams::None => (1.0, 1.0, 1.0),
            SmoothingParams::Ema { alpha } => (alpha_at(alpha), alpha_at(alpha), 1.0),
            SmoothingParams::OneEuro { .. } => (1.0, alpha_at(VISIBILITY_ALPHA), BODY_SIZE_M),
            // MediaPipe's visibility filter knows no time.
            SmoothingParams::Mediapipe => (1.0, if interval > 0.0 { 0.1 } else { 0.0 }, 1.0),
        };
        Self { time_s, alpha, visibility_alpha, image_scale: image_size / size_px.max(1.0), world_scale: 1.0 }
    }
}

#[derive(Debug, Clone, Copy)]
struct PointFilter {
    position: [CoordinateFilter; 3],
    visibility: LowPass,
}

impl PointFilter {
    const fn new(coordinate: CoordinateFilter) -> Self {
        Self { position: [coordinate; 3], visibility: LowPass::new() }
    }

    fn smooth(&mut self, step: &Step, scale: f32, landmark: &Landmark) -> Landmark {
        let raw = landmark.position.to_array();
        let position = array::from_fn::<_, 3, _>(|axis| self.position[axis].filter(step, scale, raw[axis]));
        Landmark {
            position: position.into(),
            visibility: self.visibility.filter(landmark.visibility, step.visibility_alpha),
            presence: landmark.presence,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum CoordinateFilter {
    Ema(LowPass),
    OneEuro(OneEuro),
}

impl CoordinateFilter {
    const fn ema() -> Self {
        Self::Ema(LowPass::new())
    }

    const fn one_euro(min_cutoff: f64, beta: f64) -> Self {
        Self::OneEuro(OneEuro::new(min_cutoff, beta, DERIVATIVE_CUTOFF))
    }

    fn filter(&mut self, step: &Step, scale: f32, value: f32) -> f32 {
        match self {
            Self::Ema(filter) => filter.filter(value, step.alpha),
            Self::OneEuro(filter) => filter.filter(step.time_s, value, scale),
        }
    }
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::motion::hand::Provenance;

    fn person(id: u32, x: f32) -> BodyPose {
        let landmark = Landmark { position: Vec3::new(x, 2.0 * x, -x), visibility: 0.9, presence: 0.8 };
        BodyPose {
            id,
            is_new: false,
            score: 0.9,
            image: [landmark; 33],
            world: [landmark; 33],
            size_px: 400.0,
            hands: Hands::default(),
        }
    }

    fn x(people: &[BodyPose]) -> f32 {
        people[0].world[5].position.x
    }

    #[test]
    fn the_exponential_weight_follows_the_interval() {
        let mut whole = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.7 });
        whole.smooth(0.0, &[person(1, 0.0)]);
        assert!((x(&whole.smooth(1.0 / 30.0, &[person(1, 1.0)])) - 0.7).abs() < 1e-5);

        let mut halves = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.7 });
        halves.smooth(0.0, &[person(1, 0.0)]);
        halves.smooth(0.5 / 30.0, &[person(1, 1.0)]);
        assert!((x(&halves.smooth(1.0 / 30.0, &[person(1, 1.0)])) - 0.7).abs() < 1e-5, "two half steps forget as much");
    }

    #[test]
    fn a_person_who_was_lost_starts_afresh() {
        for params in [
            SmoothingParams::Ema { alpha: 0.1 },
            SmoothingParams::OneEuro { min_cutoff: 0.1, beta: 0.0 },
            SmoothingParams::Mediapipe,
        ] {
            let mut smoother = PeopleSmoother::new(params);
            smoother.smooth(0.0, &[person(1, 0.0), person(2, 7.0)]);
            assert!(x(&smoother.smooth(0.1, &[person(1, 1.0), person(2, 7.0)])) < 0.99, "{params:?} smooths");
            smoother.smooth(0.2, &[person(2, 7.0)]);
            assert_eq!(x(&smoother.smooth(0.3, &[person(1, 5.0)])), 5.0, "{params:?} forgot");
            assert_eq!(x(&smoother.smooth(0.1, &[person(1, 3.0)])), 3.0, "{params:?}: time ran backwards");
        }
    }

    #[test]
    fn a_person_seen_anew_under_their_id_starts_afresh() {
        let mut smoother = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.1 });
        smoother.smooth(0.0, &[person(1, 0.0)]);
        let again = BodyPose { is_new: true, ..person(1, 5.0) };
        assert_eq!(x(&smoother.smooth(0.1, &[again])), 5.0);
    }

    #[test]
    fn hands_are_smoothed_and_forgotten_each_for_itself() {
        let hand = |x: f32| {
            let mut points = [glam::Vec3::splat(x); HAND_LANDMARK_COUNT];
            points[9].y += 0.1;
            Some(HandPose { provenance: Provenance::Measured, score: 1.0, image: points, world: points })
        };
        let mut smoother = PeopleSmoother::new(SmoothingParams::Ema { alpha: 0.5 });
        let with = |left, right| BodyPose { hands: Hands { left, right }, ..person(1, 0.0) };
        smoother.smooth(0.0, &[with(hand(0.0), hand(0.0))]);
        let out = smoother.smooth(1.0 / 30.0, &[with(hand(1.0), None)])[0].hands;
        assert!((out.left.expect("a hand").world[3].x - 0.5).abs() < 1e-5);
        let out = smoother.smooth(2.0 / 30.0, &[with(hand(1.0), hand(1.0))])[0].hands;
        assert!((out.left.expect("a hand").image[3].x - 0.75).abs() < 1e-5);
        assert_eq!(out.right.expect("a hand").world[3].x, 1.0, "it was lost");
        let loose = Hands { left: hand(0.0), right: None };
        smoother.smooth_loose_hands(0.0, &loose);
        let out = smoother.smooth_loose_hands(1.0 / 30.0, &Hands { left: hand(1.0), right: None });
        assert!((out.left.expect("a hand").world[3].x - 0.5).abs() < 1e-5);
    }

    #[test]
    fn mediapipe_smooths_visibility_by_a_tenth() {
        let mut smoother = PeopleSmoother::new(SmoothingParams::Mediapipe);
        smoother.smooth(0.0, &[person(1, 0.0)]);
        let mut hidden = person(1, 0.0);
        hidden.world[3].visibility = 0.0;
        let smoothed = smoother.smooth(0.1, &[hidden])[0].world[3];
        assert!((smoothed.visibility - 0.81).abs() < 1e-6);
        assert_eq!(smoothed.presence, 0.8);
    }

    /// A body's size in the picture is worth the same metres, so both ways of measuring it give the same weights.
    #[test]
    fn one_euro_treats_pixels_and_metres_alike() {
        let mut smoother = PeopleSmoother::new(SmoothingParams::OneEuro { min_cutoff: 1.0, beta: 4.0 });
        for step in 0..10 {
            let metres = (step as f32).sin() * 0.3;
            let mut person = person(1, metres);
            for landmark in &mut person.image {
                landmark.position *= person.size_px / BODY_SIZE_M;
            }
            let smoothed = &smoother.smooth(f64::from(step) / 30.0, &[person])[0];
            let pixels = smoothed.image[0].position * (BODY_SIZE_M / smoothed.size_px);
            assert!(pixels.distance(smoothed.world[0].position) < 1e-5);
        }
    }
}
