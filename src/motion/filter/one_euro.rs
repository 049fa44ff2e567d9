//! Filters for one number.

use std::f64::consts::TAU;

/// Sampling rate assumed until two timestamps are known, hertz.
const NOMINAL_FREQUENCY: f64 = 30.0;

/// First-order low-pass filter whose weight is given with each value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LowPass {
    state: Option<State>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct State {
    raw: f32,
    filtered: f32,
}

impl LowPass {
    /// A filter that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: None }
    }

    /// Returns `alpha * value + (1 - alpha) * previous result`; the first value passes through.
    ///
    /// `alpha` lies between 0 and 1. A value or weight that is not finite leaves the filter as it was and returns its
    /// last result, or `value` itself when there is none yet.
    pub fn filter(&mut self, value: f32, alpha: f32) -> f32 {
        if !value.is_finite() || !alpha.is_finite() {
            return self.last().unwrap_or(value);
        }
        let filtered = match self.state {
            Some(state) => alpha * value + (1.0 - alpha) * state.filtered,
            None => value,
        };
        self.state = Some(State { raw: value, filtered });
        filtered
    }

    /// The last result, `None` before the first value.
    #[must_use]
    pub fn last(&self) -> Option<f32> {
        self.state.map(|state| state.filtered)
    }

    /// The last value given, unfiltered; `None` before the first.
    #[must_use]
    pub fn last_raw(&self) -> Option<f32> {
        self.state.map(|state| state.raw)
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.state = None;
    }
}

/// One Euro filter: a low-pass whose cutoff rises with the speed of the value, so that it is steady at rest and quick
/// in motion.
///
/// As in `MediaPipe`, speed is measured against the previous *unfiltered* value, and can be scaled so that one set of
/// constants serves values of any unit.
///
/// Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012; `one_euro_filter.cc` in `MediaPipe` 0.10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneEuro {
    min_cutoff: f64,
    beta: f64,
    derivative_cutoff: f64,
    frequency: f64,
    last_time_s: Option<f64>,
    value: LowPass,
    derivative: LowPass,
}

impl OneEuro {
    /// A filter that has seen nothing.
    ///
    /// `min_cutoff` and `derivative_cutoff` are cutoff frequencies in hertz, above 0; `beta` is the rise of the cutoff in
    /// hertz per unit of scaled speed, at least 0.
    #[must_use]
    pub const fn new(min_cutoff: f64, beta: f64, derivative_cutoff: f64) -> Self {
        Self {
            min_cutoff,
            beta,
            derivative_cutoff,
            frequency: NOMINAL_FREQUENCY,
            last_time_s: None,
            value: LowPass::new(),
            derivative: LowPass::new(),
        }
    }

    /// Filters `value`, seen at `time_s` seconds; its speed is multiplied by `value_scale` before `beta` is applied.
    ///
    /// The first value passes through. A timestamp that does not rise, or a number that is not finite, leaves the filter
    /// as it was and returns the last result (`value` itself when there is none yet).
    pub fn filter(&mut self, time_s: f64, value: f32, value_scale: f32) -> f32 {
        let rises = self.last_time_s.is_none_or(|last| time_s > last);
        if !rises || !time_s.is_finite() || !value.is_finite() || !value_scale.is_finite() {
            return self.value.last().unwrap_or(value);
        }
        if let Some(last) = self.last_time_s {
            self.frequency = 1.0 / (time_s - last);
        }
        self.last_time_s = Some(time_s);

        let speed = match self.value.last_raw() {
            Some(raw) => f64::from(value - raw) * f64::from(value_scale) * self.frequency,
            None => 0.0,
        };
        let speed = self.derivative.filter(speed as f32, self.alpha(self.derivative_cutoff));
        let cutoff = self.min_cutoff + self.beta * f64::from(speed).abs();
        self.value.filter(value, self.alpha(cutoff))
    }

    /// The last result, `None` before the first value.
    #[must_use]
    pub fn last(&self) -> Option<f32> {
        self.value.last()
    }

    /// Forgets everything but the constants.
    pub fn reset(&mut self) {
        *self = Self::new(self.min_cutoff, self.beta, self.derivative_cutoff);
    }

    /// Weight of a new value at the present sampling rate for a cutoff in hertz.
    fn alpha(&self, cutoff: f64) -> f32 {
        let sample_time = 1.0 / self.frequency;
        let time_constant = 1.0 / (TAU * cutoff);
        (1.0 / (1.0 + time_constant / sample_time)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_pass_weighs_new_and_old() {
        let mut filter = LowPass::new();
        assert_eq!(filter.filter(2.0, 0.1), 2.0, "the first value passes through");
        assert!((filter.filter(12.0, 0.1) - 3.0).abs() < 1e-6);
        assert_eq!(filter.last_raw(), Some(12.0));
        assert!((filter.filter(f32::NAN, 0.1) - 3.0).abs() < 1e-6, "what is not a number is ignored");
        filter.reset();
        assert_eq!(filter.last(), None);
    }

    /// Worked by hand: at 10 Hz with all cutoffs 1 Hz the weight is 1 / (1 + 10 / 2π) = 0.385870.
    #[test]
    fn one_euro_gives_known_numbers() {
        let mut filter = OneEuro::new(1.0, 0.5, 1.0);
        assert_eq!(filter.filter(1.0, 0.0, 2.0), 0.0);
        // raw speed 1 * 2 / 0.1 = 20, filtered 7.717393, cutoff 4.858697, weight 0.753251
        assert!((filter.filter(1.1, 1.0, 2.0) - 0.753_251).abs() < 1e-5);
        // raw speed 0, filtered 4.739481, cutoff 3.369741, weight 0.679201: 0.679201 + 0.320799 * 0.753251
        assert!((filter.filter(1.2, 1.0, 2.0) - 0.920_843).abs() < 1e-5);
    }

    #[test]
    fn time_that_stands_still_or_runs_back_changes_nothing() {
        let mut filter = OneEuro::new(0.5, 1.0, 1.0);
        filter.filter(1.0, 1.0, 1.0);
        let before = filter;
        for time in [1.0, 0.5, f64::NAN, f64::INFINITY] {
            assert_eq!(filter.filter(time, 9.0, 1.0), 1.0);
        }
        assert_eq!(filter, before);
    }

    #[test]
    fn not_a_number_never_poisons() {
        let mut filter = OneEuro::new(0.5, 1.0, 1.0);
        assert!(filter.filter(0.5, f32::NAN, 1.0).is_nan(), "there is nothing better to return yet");
        filter.filter(1.0, 3.0, 1.0);
        assert_eq!(filter.filter(2.0, f32::NAN, 1.0), 3.0);
        assert_eq!(filter.filter(3.0, f32::INFINITY, 1.0), 3.0);
        assert!(filter.filter(4.0, 3.0, f32::NAN).is_finite());
        assert!((filter.filter(5.0, 3.0, 1.0) - 3.0).abs() < 1e-6);
    }
}
