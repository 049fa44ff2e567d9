//! The discrete Fourier transform of short pieces of sound.

use std::f64::consts::TAU;

/// A transform of one length, with everything computed that does not depend on the sound.
///
/// Source: Cooley and Tukey 1965, radix 2, decimation in time.
#[derive(Debug)]
pub(super) struct Fft {
    /// Cosines and sines of the first half turn.
    twiddles: Vec<(f32, f32)>,
    /// Hann window.
    window: Vec<f32>,
    real: Vec<f32>,
    imaginary: Vec<f32>,
}

impl Fft {
    /// For pieces of this length, which is rounded up to a power of two.
    pub(super) fn new(length: usize) -> Self {
        let length = length.clamp(2, 1 << 16).next_power_of_two();
        let angle = |k: usize| TAU * k as f64 / length as f64;
        Self {
            twiddles: (0..length / 2).map(|k| (angle(k).cos() as f32, -angle(k).sin() as f32)).collect(),
            window: (0..length).map(|k| (0.5 - 0.5 * angle(k).cos()) as f32).collect(),
            real: vec![0.0; length],
            imaginary: vec![0.0; length],
        }
    }

    /// Samples of a piece.
    pub(super) fn len(&self) -> usize {
        self.window.len()
    }

    /// Power at the frequencies 0, rate / length, … up to half the rate, of a piece under the window. `sample` gives the
    /// samples of the piece by their number.
    pub(super) fn power(&mut self, sample: impl Fn(usize) -> f32, out: &mut Vec<f32>) {
        let length = self.len();
        let bits = length.trailing_zeros();
        for (at, window) in self.window.iter().enumerate() {
            let to = at.reverse_bits() >> (usize::BITS - bits);
            self.real[to] = sample(at) * window;
        }
        self.imaginary.fill(0.0);
        let mut half = 1;
        while half < length {
            let stride = length / (2 * half);
            for start in (0..length).step_by(2 * half) {
                for k in 0..half {
                    let (c, s) = self.twiddles[k * stride];
                    let (a, b) = (start + k, start + k + half);
                    let real = self.real[b] * c - self.imaginary[b] * s;
                    let imaginary = self.real[b] * s + self.imaginary[b] * c;
                    self.real[b] = self.real[a] - real;
                    self.imaginary[b] = self.imaginary[a] - imaginary;
                    self.real[a] += real;
                    self.imaginary[a] += imaginary;
                }
            }
            half *= 2;
        }
        out.clear();
        out.extend(self.real.iter().zip(&self.imaginary).take(length / 2 + 1).map(|(re, im)| re * re + im * im));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_that_of_the_definition() {
        let sound = |at: usize| ((at * at) as f32 * 0.37).sin() + 0.3 * (at as f32 * 0.9).cos();
        let mut fft = Fft::new(64);
        let mut power = Vec::new();
        fft.power(sound, &mut power);
        assert_eq!(power.len(), 33);
        for (k, power) in power.iter().enumerate() {
            let (mut re, mut im) = (0.0, 0.0);
            for at in 0..64 {
                let angle = TAU * (k * at) as f64 / 64.0;
                let windowed = f64::from(sound(at)) * (0.5 - 0.5 * (TAU * at as f64 / 64.0).cos());
                re += windowed * angle.cos();
                im -= windowed * angle.sin();
            }
            let expected = re * re + im * im;
            assert!((f64::from(*power) - expected).abs() < 1e-4 * (1.0 + expected), "{k}: {power}, not {expected}");
        }
    }
}
