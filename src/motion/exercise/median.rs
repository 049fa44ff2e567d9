//! A running median over a short time.

use std::collections::VecDeque;

/// So many samples at most: enough against outliers, whatever the rate.
const MOST_SAMPLES: usize = 9;

/// The median of what was measured within the last moments. Always of an odd number of samples, so that it is one of
/// them: at rates too low for three it passes the newest on.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningMedian {
    samples: VecDeque<(f64, f32)>,
}

impl RunningMedian {
    /// Takes a sample in and returns the median of the last `window_s` seconds.
    pub(super) fn push(&mut self, time_s: f64, value: f32, window_s: f64) -> f32 {
        self.samples.push_back((time_s, value));
        while self.samples.len() > MOST_SAMPLES || self.samples.front().is_some_and(|(at, _)| time_s - at > window_s) {
            self.samples.pop_front();
        }
        let newest = self.samples.len() - (self.samples.len() + 1) % 2;
        let mut values: Vec<f32> = self.samples.iter().rev().take(newest).map(|(_, value)| *value).collect();
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(value)
    }

    pub(super) fn clear(&mut self) {
        self.samples.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_is_gone_and_a_step_comes_through() {
        let mut median = RunningMedian::default();
        let out: Vec<f32> = [1.0, 1.0, 50.0, 1.0, 1.0, 2.0, 2.0, 2.0]
            .into_iter()
            .enumerate()
            .map(|(index, value)| median.push(index as f64 / 30.0, value, 0.1))
            .collect();
        assert_eq!(out, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn slow_samples_pass_unchanged_and_many_stay_bounded() {
        let mut median = RunningMedian::default();
        for (index, value) in [1.0, 5.0, 2.0].into_iter().enumerate() {
            assert_eq!(median.push(index as f64 / 5.0, value, 0.25), value);
        }
        for index in 0..1000 {
            median.push(1.0 + f64::from(index) * 1e-6, 3.0, 0.25);
        }
        assert!(median.samples.len() <= MOST_SAMPLES);
    }
}
