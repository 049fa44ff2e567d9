//! A body over time: where its parts are between two samples, and how fast they move.

use std::array;
use std::collections::VecDeque;

use glam::Vec3;

use super::part::PART_COUNT;
use super::sample::BodySample;

/// Nothing of a body moves faster, metres a second: a boxer's fist makes 12, a kick 15. What seems to be faster was lost
/// and found elsewhere.
pub const FASTEST_M_S: f32 = 16.0;
/// Speeds are measured over this long, seconds: short enough for a punch, long enough for a camera's trembling.
const SPEED_OVER_S: f64 = 0.05;
/// After a gap of this length a body begins anew, seconds.
const GAP_S: f64 = 0.3;
/// Samples that are no further apart are of the same moment, seconds.
const SAME_S: f64 = 1e-9;
/// Samples kept: more than lie within the time that speeds are measured over, at any frame rate of a display.
const KEPT: usize = 64;

/// A part at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PartMotion {
    /// Metres, in the scene.
    pub position: Vec3,
    /// Metres a second; nothing where it is not known. Never more than [`FASTEST_M_S`].
    pub velocity: Vec3,
    /// How sure it is that the part is there, 0 to 1: 0 also after it jumped.
    pub confidence: f32,
}

/// The samples of one body, newest last.
#[derive(Debug, Clone, Default)]
pub struct BodyTrack {
    samples: VecDeque<(f64, BodySample)>,
}

impl BodyTrack {
    /// Takes a sample in. Time rises from call to call; a sample that comes with an earlier time, or after a gap, begins
    /// the track anew.
    pub fn push(&mut self, time_s: f64, sample: BodySample) {
        if !time_s.is_finite() {
            return;
        }
        match self.samples.back_mut() {
            Some((last_s, last)) if (time_s - *last_s).abs() < SAME_S => {
                *last = sample;
                return;
            }
            Some((last_s, _)) if time_s < *last_s || time_s - *last_s > GAP_S => self.samples.clear(),
            _ => {}
        }
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back((time_s, sample));
    }

    /// Forgets everything: the next sample begins the track.
    pub fn clear(&mut self) {
        self.samples.clear();
    }

    /// When the newest sample was, seconds.
    #[must_use]
    pub fn newest_s(&self) -> Option<f64> {
        self.samples.back().map(|(time_s, _)| *time_s)
    }

    /// Every part at `time_s`, between the samples around it; the newest or oldest one outside of them. `None` before the
    /// first sample.
    #[must_use]
    pub fn at(&self, time_s: f64) -> Option<[PartMotion; PART_COUNT]> {
        let (now, is_jump) = self.between(time_s)?;
        let before_s = time_s.min(self.newest_s()?) - SPEED_OVER_S;
        let oldest_s = self.samples.front()?.0;
        // A body at rest stays there: past the newest sample nothing moves.
        let (start, over_s) =
            (self.between(before_s.max(oldest_s))?.0, time_s.min(self.newest_s()?) - before_s.max(oldest_s));
        Some(array::from_fn(|index| {
            let way = now.positions[index] - start.positions[index];
            let velocity = if over_s > 1e-4 { way / over_s as f32 } else { Vec3::ZERO };
            PartMotion {
                position: now.positions[index],
                velocity: velocity.clamp_length_max(FASTEST_M_S),
                confidence: if is_jump[index] { 0.0 } else { now.confidences[index] },
            }
        }))
    }

    /// Between the two samples around a moment, and which parts jumped from the one to the other.
    fn between(&self, time_s: f64) -> Option<(BodySample, [bool; PART_COUNT])> {
        let next = self.samples.iter().position(|(at, _)| *at >= time_s);
        let pair = match next {
            Some(next) if next > 0 => Some((&self.samples[next - 1], &self.samples[next])),
            _ => None,
        };
        let Some(((from_s, from), (to_s, to))) = pair else {
            let (_, held) = if next == Some(0) { self.samples.front()? } else { self.samples.back()? };
            return Some((*held, [false; PART_COUNT]));
        };
        let span_s = to_s - from_s;
        let share = ((time_s - from_s) / span_s) as f32;
        let farthest_m = FASTEST_M_S * span_s as f32;
        let jumped = array::from_fn(|index| from.positions[index].distance(to.positions[index]) > farthest_m);
        let sample = BodySample {
            positions: array::from_fn(|index| from.positions[index].lerp(to.positions[index], share)),
            confidences: array::from_fn(|index| from.confidences[index].min(to.confidences[index])),
        };
        Some((sample, jumped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::player::{BodyPart, test_body};
    use crate::motion::retarget::AvatarPose;

    fn sample(x: f32) -> BodySample {
        let rest = test_body::rest();
        BodySample::of_pose(&rest, &AvatarPose::t_pose(&rest), x, [1.0; PART_COUNT]).expect("finite")
    }

    #[test]
    fn places_lie_between_samples_and_speeds_are_those_of_the_motion() {
        let mut track = BodyTrack::default();
        for frame in 0..30 {
            track.push(f64::from(frame) / 30.0, sample(frame as f32 / 30.0 * 2.0));
        }
        for time_s in [0.2, 0.517, 0.9] {
            let hips = track.at(time_s).expect("known")[BodyPart::Hips as usize];
            assert!((hips.position.x - 2.0 * time_s as f32).abs() < 1e-4, "{hips:?}");
            assert!((hips.velocity - Vec3::X * 2.0).length() < 1e-3, "{hips:?}");
        }
        let held = track.at(5.0).expect("known")[BodyPart::Hips as usize];
        assert!((held.position.x - 2.0 * 29.0 / 30.0).abs() < 1e-4, "past the newest sample it stays");
    }

    #[test]
    fn what_jumps_is_not_sure_and_gaps_begin_anew() {
        let mut track = BodyTrack::default();
        track.push(0.0, sample(0.0));
        track.push(0.05, sample(2.0));
        let jumped = track.at(0.03).expect("known")[BodyPart::Head as usize];
        assert_eq!(jumped.confidence, 0.0);
        assert!(jumped.velocity.length() <= FASTEST_M_S + 1e-3);
        track.push(3.0, sample(-1.0));
        let after = track.at(3.0).expect("known")[BodyPart::Head as usize];
        assert_eq!((after.velocity, after.confidence), (Vec3::ZERO, 1.0));
        track.push(f64::NAN, sample(9.0));
        track.push(1.0, sample(1.0));
        assert_eq!(track.newest_s(), Some(1.0), "time that runs back begins anew");
        track.clear();
        assert!(track.at(0.0).is_none());
    }
}
