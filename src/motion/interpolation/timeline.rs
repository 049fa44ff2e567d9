//! Values in time.

use std::array;
use std::collections::VecDeque;

use crate::motion::landmark::Landmark;
use crate::motion::pose::BodyPose;
use crate::motion::retarget::AvatarPose;

/// How many values are kept: half a second at 30 a second, far more than the playout delay.
const CAPACITY: usize = 16;

/// Something with a value between two others.
pub trait Interpolate {
    /// The value between `self` (`t` = 0) and `to` (`t` = 1).
    #[must_use]
    fn interpolate(&self, to: &Self, t: f32) -> Self;
}

impl Interpolate for f32 {
    fn interpolate(&self, to: &Self, t: f32) -> Self {
        self + (to - self) * t
    }
}

impl Interpolate for Landmark {
    fn interpolate(&self, to: &Self, t: f32) -> Self {
        Self {
            position: self.position.lerp(to.position, t),
            visibility: self.visibility.interpolate(&to.visibility, t),
            presence: self.presence.interpolate(&to.presence, t),
        }
    }
}

/// Points move on lines. A different person's pose is not blended with: the nearer of the two in time is returned.
impl Interpolate for BodyPose {
    fn interpolate(&self, to: &Self, t: f32) -> Self {
        if self.id != to.id {
            return if t < 0.5 { self.clone() } else { to.clone() };
        }
        Self {
            id: self.id,
            is_new: to.is_new,
            score: self.score.interpolate(&to.score, t),
            image: array::from_fn(|i| self.image[i].interpolate(&to.image[i], t)),
            world: array::from_fn(|i| self.world[i].interpolate(&to.world[i], t)),
            size_px: self.size_px.interpolate(&to.size_px, t),
            hands: if t < 0.5 { self.hands } else { to.hands },
        }
    }
}

impl Interpolate for AvatarPose {
    fn interpolate(&self, to: &Self, t: f32) -> Self {
        Self::interpolate(self, to, t)
    }
}

/// The last few values, by rising time.
#[derive(Debug, Clone)]
pub struct Timeline<T> {
    samples: VecDeque<(f64, T)>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { samples: VecDeque::with_capacity(CAPACITY) }
    }
}

impl<T> Timeline<T> {
    /// An empty timeline.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the newest value. A time equal to the last one replaces it; an earlier one (the clock was set back) drops what
    /// was held; one that is not finite is ignored.
    pub fn push(&mut self, time_s: f64, value: T) {
        if !time_s.is_finite() {
            return;
        }
        match self.newest_time() {
            Some(newest) if time_s < newest => self.samples.clear(),
            Some(newest) if time_s <= newest => {
                self.samples.pop_back();
            }
            _ => {}
        }
        if self.samples.len() == CAPACITY {
            self.samples.pop_front();
        }
        self.samples.push_back((time_s, value));
    }

    /// The newest value.
    #[must_use]
    pub fn newest(&self) -> Option<&T> {
        self.samples.back().map(|(_, value)| value)
    }

    /// The time of the newest value in seconds.
    #[must_use]
    pub fn newest_time(&self) -> Option<f64> {
        self.samples.back().map(|(time_s, _)| *time_s)
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.samples.clear();
    }
}

impl<T: Interpolate + Clone> Timeline<T> {
    /// The value at a time: between its two neighbours, the first or last one outside what is held. `None` when empty.
    #[must_use]
    pub fn sample(&self, time_s: f64) -> Option<T> {
        let after = self.samples.partition_point(|(sample_time, _)| *sample_time <= time_s);
        let Some((to_time, to)) = self.samples.get(after) else { return self.newest().cloned() };
        let Some((from_time, from)) = after.checked_sub(1).and_then(|before| self.samples.get(before)) else {
            return Some(to.clone());
        };
        let t = (time_s - from_time) / (to_time - from_time);
        Some(from.interpolate(to, t as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_lie_between_neighbours_and_hold_outside() {
        let mut timeline = Timeline::new();
        assert_eq!(timeline.sample(1.0), None);
        for step in 0..40 {
            timeline.push(f64::from(step), step as f32 * 10.0);
        }
        assert_eq!(timeline.sample(35.25), Some(352.5));
        assert_eq!(timeline.sample(38.0), Some(380.0));
        assert_eq!(timeline.sample(99.0), Some(390.0));
        assert_eq!(timeline.sample(0.0), Some(240.0), "only the last sixteen are held");
    }

    #[test]
    fn a_clock_set_back_starts_afresh() {
        let mut timeline = Timeline::new();
        timeline.push(5.0, 1.0);
        timeline.push(6.0, 2.0);
        timeline.push(6.0, 3.0);
        assert_eq!(timeline.sample(5.5), Some(2.0), "the same time replaces");
        timeline.push(f64::NAN, 9.0);
        timeline.push(0.5, 4.0);
        assert_eq!(timeline.sample(6.0), Some(4.0));
    }
}
