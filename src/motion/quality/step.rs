//! What a filter makes of a jump.

use crate::motion::filter::{PeopleSmoother, SmoothingParams};
use crate::motion::hand::Hands;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::pose::BodyPose;

/// Height of the jump in metres: an arm's quick move. Filters whose cutoff follows the speed answer to it.
const STEP_M: f32 = 0.3;
/// Seconds of rest before the jump, and of watching after it.
const REST_S: f64 = 2.0;
/// Most frames of each, for frame rates that no camera has.
const MOST_FRAMES: f64 = 4000.0;

/// A filter's answer to a jump of a world landmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepResponse {
    /// How far it goes beyond the jump, as a share of the jump.
    pub overshoot: f64,
    /// Seconds from the first frame after the jump until nine tenths of it are shown; `None` if never.
    pub rise_s: Option<f64>,
}

impl StepResponse {
    /// Lets a world landmark jump by 0.3 m between two frames, after two seconds of rest, at `fps` frames a second.
    #[must_use]
    pub fn of(params: SmoothingParams, fps: f64) -> Self {
        let fps = if fps > 0.0 { fps } else { 30.0 };
        let frames = (REST_S * fps).ceil().clamp(2.0, MOST_FRAMES) as usize;
        let mut smoother = PeopleSmoother::new(params);
        let mut show = |frame: usize, x: f32| {
            let people = smoother.smooth(frame as f64 / fps, &[body(x)]);
            people.first().map_or(x, |person| person.world[0].position.x)
        };
        for frame in 0..frames {
            show(frame, 0.0);
        }
        let shown: Vec<f64> =
            (frames..2 * frames).map(|frame| f64::from(show(frame, STEP_M)) / f64::from(STEP_M)).collect();
        Self::from_samples(&shown, fps)
    }

    /// Reads off the answer: `shown` begins with the first frame after the jump, 0 is before and 1 after it. Between
    /// frames it is taken as straight.
    #[must_use]
    pub fn from_samples(shown: &[f64], fps: f64) -> Self {
        let overshoot = shown.iter().fold(0.0, |most: f64, value| most.max(value - 1.0));
        // What is a rounding error is none.
        let overshoot = if overshoot < 1e-5 { 0.0 } else { overshoot };
        let reached = shown.iter().position(|&value| value >= 0.9);
        let rise_s = reached.map(|frame| {
            let Some(before) = frame.checked_sub(1) else { return 0.0 };
            let share = (0.9 - shown[before]) / (shown[frame] - shown[before]);
            (before as f64 + share) / fps
        });
        Self { overshoot, rise_s }
    }
}

/// Somebody all of whose landmarks are at the same point.
fn body(x: f32) -> BodyPose {
    let landmark = Landmark { position: glam::Vec3::X * x, visibility: 1.0, presence: 1.0 };
    let all = [landmark; POSE_LANDMARK_COUNT];
    BodyPose { id: 1, is_new: false, score: 1.0, image: all, world: all, size_px: 400.0, hands: Hands::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_off_between_the_frames() {
        let response = StepResponse::from_samples(&[0.5, 0.8, 1.2, 1.1, 1.0], 10.0);
        assert!((response.overshoot - 0.2).abs() < 1e-12);
        assert!((response.rise_s.expect("reached") - 0.125).abs() < 1e-12);
        assert_eq!(StepResponse::from_samples(&[0.5, 0.6], 10.0).rise_s, None);
        assert_eq!(StepResponse::from_samples(&[], 10.0).rise_s, None);
    }

    #[test]
    fn the_filters_answer_as_their_formulas_say() {
        let none = StepResponse::of(SmoothingParams::None, 30.0);
        assert_eq!((none.overshoot, none.rise_s), (0.0, Some(0.0)));
        // 0.5, 0.75, 0.875, 0.9375: nine tenths lie 0.4 of a frame after the third.
        let ema = StepResponse::of(SmoothingParams::Ema { alpha: 0.5 }, 30.0);
        assert_eq!(ema.overshoot, 0.0);
        assert!((ema.rise_s.expect("reached") - 2.4 / 30.0).abs() < 1e-4);
        let slow = StepResponse::of(SmoothingParams::OneEuro { min_cutoff: 1e-3, beta: 0.0 }, 30.0);
        assert_eq!(slow.rise_s, None, "it takes longer than anybody watches");
    }
}
