//! Exponential easing: how far a value that follows another one with a time constant goes in a step. Any number of steps
//! come as far as one step as long as all of them.

/// Share of the way to the new value that is gone in `dt_s` seconds with a time constant of `time_constant_s` seconds,
/// 0 to 1; 0 where time stands still or runs back.
#[must_use]
pub fn gain(dt_s: f64, time_constant_s: f64) -> f32 {
    (1.0 - (-dt_s.max(0.0) / time_constant_s).exp()) as f32
}

/// As [`gain`], in the precision of the solvers' steps: what they give depends on the last bit.
#[must_use]
pub fn gain_f32(dt_s: f32, time_constant_s: f32) -> f32 {
    1.0 - decay(dt_s, time_constant_s)
}

/// Share of the way that is still to go after the step of [`gain_f32`], 1 to 0; 1 where time stands still or runs back.
#[must_use]
pub fn decay(dt_s: f32, time_constant_s: f32) -> f32 {
    (-dt_s.max(0.0) / time_constant_s).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_where_time_stands_still_or_runs_back() {
        for dt_s in [0.0, -0.0, -1.0, f32::NAN, f32::NEG_INFINITY] {
            assert_eq!(gain(dt_s.into(), 0.5), 0.0, "{dt_s}");
            assert_eq!(gain_f32(dt_s, 0.5), 0.0, "{dt_s}");
            assert_eq!(decay(dt_s, 0.5), 1.0, "{dt_s}");
        }
    }

    #[test]
    fn the_time_constant_is_the_time_of_63_per_cent() {
        assert!((gain(0.3, 0.3) - 0.632_12).abs() < 1e-5);
        assert!((gain_f32(0.3, 0.3) - 0.632_12).abs() < 1e-5);
        assert!((decay(0.6, 0.3) - 0.135_34).abs() < 1e-5);
        assert_eq!(gain(f64::INFINITY, 0.3), 1.0);
        assert_eq!(gain_f32(f32::INFINITY, 0.3), 1.0);
    }

    #[test]
    fn short_steps_come_as_far_as_one_long_step() {
        let mut left = 1.0;
        for _ in 0..10 {
            left -= gain(0.02, 0.15) * left;
        }
        assert!((left - (1.0 - gain(0.2, 0.15))).abs() < 1e-6, "{left}");
        assert!((left - decay(0.2, 0.15)).abs() < 1e-6, "{left}");
    }
}
