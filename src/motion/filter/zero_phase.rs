//! A low-pass that delays nothing.

use std::f64::consts::{PI, SQRT_2};

use glam::DVec3;

/// A Butterworth low-pass of second order run twice passes half the power already at this share of its cutoff, both as
/// tangents of half the angle that a frame takes.
///
/// Source: Robertson, Dowling, "Design and responses of Butterworth and critically damped digital filters", 2003.
const TWICE: f64 = 0.802;
/// Highest cutoff as a share of the frame rate; half of it is the most that a sampled signal can hold.
const MAX_SHARE: f64 = 0.28;

/// Smooths `signal` forwards and backwards, so that nothing is late: half the power passes at `cutoff_hz`.
///
/// `fps` is frames a second. A cutoff too high for the frame rate is lowered, see [`usable_cutoff`]. Both ends are continued by
/// their mirror image about the end point, so that a signal that runs straight there is left alone. The result is as
/// long as `signal`; with a rate or cutoff that is not above 0 it is `signal` itself.
#[must_use]
pub fn zero_phase(signal: &[DVec3], fps: f64, cutoff_hz: f64) -> Vec<DVec3> {
    let (Some(&first), Some(&last)) = (signal.first(), signal.last()) else { return Vec::new() };
    if !(fps > 0.0 && cutoff_hz > 0.0) {
        return signal.to_vec();
    }
    let wanted = usable_cutoff(fps, cutoff_hz) / fps;
    let share = ((PI * wanted).tan() / TWICE).atan() / PI;
    // After two periods of the cutoff nothing of the start is left.
    let margin = ((2.0 / share).ceil() as usize).min(signal.len() - 1);
    let before = signal[1..=margin].iter().rev().map(|&value| 2.0 * first - value);
    let after = signal[signal.len() - 1 - margin..signal.len() - 1].iter().rev().map(|&value| 2.0 * last - value);
    let mut padded: Vec<DVec3> = before.chain(signal.iter().copied()).chain(after).collect();
    let filter = Butterworth::new(share);
    for _ in 0..2 {
        filter.run(&mut padded);
        padded.reverse();
    }
    padded[margin..margin + signal.len()].to_vec()
}

/// The cutoff in hertz that [`zero_phase`] uses at `fps` frames a second: `cutoff_hz`, at most 0.28 of the frame rate.
#[must_use]
pub fn usable_cutoff(fps: f64, cutoff_hz: f64) -> f64 {
    cutoff_hz.min(MAX_SHARE * fps)
}

/// Second-order low-pass.
///
/// Source: the bilinear transform of the analogue prototype, as in Bristow-Johnson, "Audio EQ Cookbook", with Q = 1/√2.
struct Butterworth {
    b: [f64; 3],
    a: [f64; 2],
}

impl Butterworth {
    /// `share` is the cutoff over the frame rate, above 0 and under 0.5.
    fn new(share: f64) -> Self {
        let (sine, cosine) = (2.0 * PI * share).sin_cos();
        let alpha = sine / SQRT_2;
        let scale = 1.0 / (1.0 + alpha);
        let outer = (1.0 - cosine) * 0.5 * scale;
        Self { b: [outer, 2.0 * outer, outer], a: [-2.0 * cosine * scale, (1.0 - alpha) * scale] }
    }

    /// Filters in place, as if the first value had always been there.
    fn run(&self, signal: &mut [DVec3]) {
        let Some(&first) = signal.first() else { return };
        let ([mut x1, mut x2], [mut y1, mut y2]) = ([first; 2], [first; 2]);
        for value in signal {
            let x = *value;
            let y = x * self.b[0] + x1 * self.b[1] + x2 * self.b[2] - y1 * self.a[0] - y2 * self.a[1];
            (x2, x1, y2, y1) = (x1, x, y1, y);
            *value = y;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hertz: f64) -> Vec<DVec3> {
        (0..300).map(|frame| DVec3::splat((2.0 * PI * hertz * f64::from(frame) / 30.0).sin())).collect()
    }

    #[test]
    fn a_line_passes_unchanged() {
        let line: Vec<_> = (0..40).map(|frame| DVec3::new(f64::from(frame), 2.0, -3.0)).collect();
        for (smoothed, value) in zero_phase(&line, 30.0, 6.0).iter().zip(&line) {
            assert!(smoothed.distance(*value) < 1e-3, "{smoothed} is {value}");
        }
    }

    #[test]
    fn slow_passes_fast_does_not_and_the_cutoff_passes_half_the_power() {
        for (hertz, gain) in [(0.5, 1.0), (6.0, 0.5_f64.sqrt()), (14.0, 0.0)] {
            let signal = sine(hertz);
            let smoothed = zero_phase(&signal, 30.0, 6.0);
            let product: f64 = signal.iter().zip(&smoothed).map(|(a, b)| a.x * b.x).sum();
            let power: f64 = signal.iter().map(|a| a.x * a.x).sum();
            assert!((product / power - gain).abs() < 0.04, "{hertz} Hz passes by {}", product / power);
        }
    }

    #[test]
    fn nothing_short_or_senseless_breaks_it() {
        assert!(zero_phase(&[], 30.0, 6.0).is_empty());
        assert_eq!(zero_phase(&[DVec3::X], 30.0, 6.0).len(), 1);
        assert_eq!(zero_phase(&sine(1.0)[..3], 5.0, 60.0).len(), 3);
        assert_eq!(zero_phase(&sine(1.0), 0.0, 6.0), sine(1.0));
        assert_eq!(zero_phase(&sine(1.0), f64::NAN, 6.0), sine(1.0));
    }
}
