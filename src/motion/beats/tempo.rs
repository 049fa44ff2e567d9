//! The time after which onsets repeat themselves.

use super::FRAMES_PER_S;

/// Tempos that are looked for, beats a minute.
const SLOWEST_BPM: f64 = 40.0;
const FASTEST_BPM: f64 = 200.0;
/// Where people tap along of themselves, and how widely they differ, in octaves.
const USUAL_BPM: f64 = 120.0;
const SPREAD_OCTAVES: f64 = 0.9;
/// A tempo twice as fast is the tempo where it fits so nearly as well, and is no faster than this.
const AS_GOOD: f64 = 0.9;
const FASTEST_DOUBLE_BPM: f64 = 185.0;
/// Similarity that chance alone brings about, in music of a length; and what a regular piece has beyond.
const CHANCE: f64 = 0.08;
const REGULAR: f64 = 0.55;
/// So many beats ahead the period is made exact.
const FURTHEST: usize = 8;

/// What repeats.
#[derive(Debug)]
pub(super) struct Tempo {
    /// Frames from beat to beat.
    pub period: f64,
    /// How much a beat resembles the next, 0 (as chance has it) to 1.
    pub regularity: f32,
}

/// The tempo of onset strengths; `None` where they are too short to repeat.
pub(super) fn find(strengths: &[f32]) -> Option<Tempo> {
    let smooth = super::track::smoothed(strengths, 2.0);
    let lag_of = |bpm: f64| 60.0 * FRAMES_PER_S / bpm;
    let (shortest, longest) = (lag_of(FASTEST_BPM), lag_of(SLOWEST_BPM));
    let most = (longest as usize * FURTHEST + 2).min(strengths.len().saturating_sub(1));
    let similar = autocorrelation(&smooth, most);
    let liked = |lag: usize| {
        let octaves = (lag_of(USUAL_BPM) / lag as f64).log2() / SPREAD_OCTAVES;
        (-0.5 * octaves * octaves).exp() * similar.get(lag).copied().unwrap_or(0.0)
    };
    let lags = shortest.ceil() as usize..=(longest as usize).min(similar.len().checked_sub(2)?);
    let mut best = lags.max_by(|a, b| liked(*a).total_cmp(&liked(*b)))?;
    let peak = |lag: f64, reach: usize| -> Option<(f64, f64)> {
        let middle = lag.round() as usize;
        let range = middle.saturating_sub(reach).max(1)..=(middle + reach).min(similar.len().checked_sub(2)?);
        let at = range.max_by(|a, b| similar[*a].total_cmp(&similar[*b]))?;
        Some((at as f64 + summit(similar[at - 1], similar[at], similar[at + 1]), similar[at]))
    };
    if let Some((half, value)) = peak(best as f64 / 2.0, 3)
        && value > AS_GOOD * similar[best]
        && half >= lag_of(FASTEST_DOUBLE_BPM)
    {
        best = half.round() as usize;
    }
    let (mut period, value) = peak(best as f64, 2)?;
    // Each beat further ahead tells the period that much more exactly, as long as there still is a likeness.
    for ahead in 2..=FURTHEST {
        match peak(period * ahead as f64, 3) {
            Some((lag, likeness)) if likeness > 0.5 * value => period = lag / ahead as f64,
            _ => break,
        }
    }
    let regularity = ((value - CHANCE) / REGULAR).clamp(0.0, 1.0) as f32;
    (period.is_finite() && period >= 1.0).then_some(Tempo { period, regularity })
}

/// Likeness of a series with itself later, from -1 to 1, by how much later.
fn autocorrelation(series: &[f32], most: usize) -> Vec<f64> {
    let product = |lag: usize| -> f64 {
        let later = series.get(lag..).unwrap_or_default();
        // Sums of a few thousand products keep single precision exact enough, and are several times as fast.
        series.chunks(4096).zip(later.chunks(4096)).map(|(a, b)| f64::from(dot(a, b))).sum()
    };
    let whole = product(0).max(f64::MIN_POSITIVE);
    let count = series.len() as f64;
    (0..=most).map(|lag| product(lag) / whole * count / (count - lag as f64).max(count / 4.0)).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (eights_a, eights_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = if a.len() == b.len() {
        eights_a.remainder().iter().zip(eights_b.remainder()).map(|(a, b)| a * b).sum()
    } else {
        0.0
    };
    for (a, b) in eights_a.zip(eights_b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Where a parabola through three neighbours is highest, from the middle one; -0.5 to 0.5.
fn summit(before: f64, at: f64, after: f64) -> f64 {
    let bend = before - 2.0 * at + after;
    if bend < -1e-12 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}
