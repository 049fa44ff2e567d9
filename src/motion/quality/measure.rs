//! Trembling at rest, error of the acceleration, and delay.

use std::ops::Range;

use super::{DVec3, zero_phase};

/// Cutoff of the reference in hertz: voluntary motion lies below it.
pub const REFERENCE_HZ: f64 = 6.0;
/// Slower than this in hertz, somebody who stands still sways; faster, the picture trembles.
pub const SWAY_HZ: f64 = 2.0;
/// Seconds for which a joint must rest.
const REST_S: f64 = 0.3;
/// Longest delay that is looked for, seconds.
const MOST_DELAY_S: f64 = 0.5;

/// What the references are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// What truly happened: the error is what trembles and is accelerated wrongly.
    Truth,
    /// The unfiltered signals, smoothed without delay: they hold some of the noise, which is not taken off the jitter.
    ZeroPhase,
}

/// What a person sees of a filter, over all signals; `None` where nothing could be measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Root of the mean square of the trembling faster than 2 Hz in the frames where the signal rests, in its own unit.
    pub jitter: Option<f64>,
    /// Mean length of the acceleration's error, in the signal's unit per second squared.
    pub acceleration_error: Option<f64>,
    /// How late the signal is, seconds; below 0 if it is early.
    pub lag_s: Option<f64>,
}

/// Compares signals with their references, pair by pair, and sums up over all of them.
///
/// All have `fps` frames a second. A signal rests where its reference moves slower than `rest_speed` (its unit a second)
/// for at least 0.3 s. The delay is where the velocities agree best (the peak of their cross-correlation, between frames
/// by a parabola), so fast motion counts most, as it does for the eye.
#[must_use]
pub fn measure(
    signals: &[Vec<DVec3>],
    references: &[Vec<DVec3>],
    fps: f64,
    rest_speed: f64,
    against: Against,
) -> Figures {
    if !(fps > 0.0 && fps.is_finite()) {
        return Figures::default();
    }
    let mut jitter = Mean::default();
    let mut acceleration = Mean::default();
    let mut delay = Correlation::new(fps);
    for (signal, reference) in signals.iter().zip(references) {
        // A truth that ends early is compared as far as it goes.
        let length = signal.len().min(reference.len());
        let (signal, reference) = (&signal[..length], &reference[..length]);
        for span in resting(reference, fps, rest_speed) {
            let tremor: Vec<DVec3> = match against {
                Against::Truth => span.map(|frame| signal[frame] - reference[frame]).collect(),
                Against::ZeroPhase => signal[span].to_vec(),
            };
            // Smoothed within the span alone, so that motion before and after it leaks nothing into it.
            for (value, sway) in tremor.iter().zip(zero_phase(&tremor, fps, SWAY_HZ)) {
                jitter.add(value.distance_squared(sway));
            }
        }
        for (ours, theirs) in signal.windows(3).zip(reference.windows(3)) {
            let second = |w: &[DVec3]| (w[0] - 2.0 * w[1] + w[2]) * fps * fps;
            acceleration.add(second(ours).distance(second(theirs)));
        }
        // Without their noise, which agrees with itself at no delay, and narrow enough in band for the parabola.
        let velocity = |signal: &[DVec3]| -> Vec<DVec3> {
            zero_phase(signal, fps, REFERENCE_HZ).windows(2).map(|w| w[1] - w[0]).collect()
        };
        delay.add(&velocity(signal), &velocity(reference));
    }
    Figures {
        jitter: jitter.value().map(f64::sqrt),
        acceleration_error: acceleration.value(),
        lag_s: delay.peak().map(|frames| frames / fps),
    }
}

/// Stretches in which `reference` moves slower than `rest_speed` for at least 0.3 s.
fn resting(reference: &[DVec3], fps: f64, rest_speed: f64) -> Vec<Range<usize>> {
    let shortest = (REST_S * fps).ceil().max(3.0) as usize;
    let mut spans = Vec::new();
    let mut start = 0;
    for frame in 1..=reference.len() {
        let moves = |pair: &[DVec3]| pair[1].distance(pair[0]) * fps >= rest_speed;
        if frame == reference.len() || moves(&reference[frame - 1..=frame]) {
            if frame - start > shortest {
                spans.push(start..frame);
            }
            start = frame;
        }
    }
    spans
}

/// A mean of what is finite.
#[derive(Debug, Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.sum += value;
            self.count += 1;
        }
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Cross-correlation of several pairs of signals, summed: products and both energies for each delay in frames.
#[derive(Debug)]
struct Correlation {
    most: usize,
    sums: Vec<[f64; 3]>,
}

impl Correlation {
    fn new(fps: f64) -> Self {
        // Two at least, for the parabola's neighbours; no more than any signal is long.
        let most = (MOST_DELAY_S * fps).ceil().clamp(2.0, 1000.0) as usize;
        Self { most, sums: vec![[0.0; 3]; 2 * most + 1] }
    }

    fn add(&mut self, late: &[DVec3], early: &[DVec3]) {
        for (place, sums) in self.sums.iter_mut().enumerate() {
            let (skip_late, skip_early) = (place.saturating_sub(self.most), self.most.saturating_sub(place));
            let late = late.get(skip_late..).unwrap_or_default();
            let early = early.get(skip_early..).unwrap_or_default();
            for (a, b) in late.iter().zip(early) {
                let terms = [a.dot(*b), a.length_squared(), b.length_squared()];
                if terms.iter().all(|term| term.is_finite()) {
                    for (sum, term) in sums.iter_mut().zip(terms) {
                        *sum += term;
                    }
                }
            }
        }
    }

    /// By how many frames the first signals are later than the second; `None` where nothing moves.
    fn peak(&self) -> Option<f64> {
        let agreement = |&[product, late, early]: &[f64; 3]| {
            let energy = (late * early).sqrt();
            if energy > 1e-12 { product / energy } else { f64::NEG_INFINITY }
        };
        let values: Vec<f64> = self.sums.iter().map(agreement).collect();
        let (place, &best) = values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        if !best.is_finite() {
            return None;
        }
        let neighbour = |place: Option<usize>| place.and_then(|p| values.get(p)).copied().filter(|v| v.is_finite());
        let between = match (neighbour(place.checked_sub(1)), neighbour(place.checked_add(1))) {
            (Some(left), Some(right)) if left + right < 2.0 * best => {
                0.5 * (left - right) / (left - 2.0 * best + right)
            }
            _ => 0.0,
        };
        Some(place as f64 - self.most as f64 + between)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    const FPS: f64 = 30.0;

    fn signal(frames: usize, value: impl Fn(f64) -> f64) -> Vec<Vec<DVec3>> {
        vec![(0..frames).map(|frame| DVec3::X * value(frame as f64 / FPS)).collect()]
    }

    #[test]
    fn a_delay_is_found_between_the_frames() {
        for delay in [0.0, 0.008, 0.02, 0.045, 0.1] {
            let motion = |t: f64| (2.0 * PI * 0.9 * t).sin() + 0.3 * (2.0 * PI * 2.1 * t + 1.0).sin();
            let (late, early) = (signal(300, |t| motion(t - delay)), signal(300, motion));
            let lag = measure(&late, &early, FPS, 0.05, Against::Truth).lag_s.expect("it moves");
            assert!((lag - delay).abs() < 0.001, "{lag} s is {delay} s");
            let lag = measure(&early, &late, FPS, 0.05, Against::Truth).lag_s.expect("it moves");
            assert!((lag + delay).abs() < 0.001, "early: {lag} s is -{delay} s");
        }
    }

    #[test]
    fn trembling_counts_and_sway_does_not() {
        let sway = |t: f64| 0.005 * (2.0 * PI * 0.3 * t).sin();
        let trembling = |t: f64| sway(t) + 0.001 * (2.0 * PI * 7.0 * t).sin();
        let references = signal(300, sway);
        for against in [Against::Truth, Against::ZeroPhase] {
            let steady = measure(&references, &references, FPS, 0.05, against).jitter.expect("it rests");
            assert!(steady < 2e-5, "{against:?}: {steady}");
            let jitter = measure(&signal(300, trembling), &references, FPS, 0.05, against).jitter.expect("it rests");
            assert!((jitter - 0.001 / 2.0_f64.sqrt()).abs() < 3e-5, "{against:?}: {jitter}");
        }
    }

    #[test]
    fn what_moves_is_not_at_rest() {
        let moving = signal(90, |t| t);
        assert_eq!(measure(&moving, &moving, FPS, 0.05, Against::Truth).jitter, None);
        // One second of rest in the middle.
        let stops = signal(90, |t| t.min(1.0) + (t - 2.0).max(0.0));
        assert_eq!(resting(&stops[0], FPS, 0.05), std::slice::from_ref(&(30..61)));
    }

    #[test]
    fn an_acceleration_is_in_units_a_second_squared() {
        let (falls, stands) = (signal(60, |t| 4.905 * t * t), signal(60, |_| 0.0));
        let figures = measure(&falls, &stands, FPS, 0.05, Against::Truth);
        assert!((figures.acceleration_error.expect("long enough") - 9.81).abs() < 1e-6);
    }

    #[test]
    fn nothing_gives_nothing() {
        let stands = signal(60, |_| 1.0);
        assert_eq!(measure(&stands, &stands, FPS, 0.05, Against::Truth).lag_s, None);
        assert_eq!(measure(&[], &[], FPS, 0.05, Against::Truth), Figures::default());
        assert_eq!(measure(&stands, &stands, f64::NAN, 0.05, Against::Truth), Figures::default());
        assert_eq!(measure(&[vec![]], &[vec![]], FPS, 0.05, Against::Truth), Figures::default());
        let broken = vec![vec![DVec3::NAN; 60]];
        assert_eq!(measure(&broken, &broken, FPS, 0.05, Against::Truth), Figures::default());
    }
}
