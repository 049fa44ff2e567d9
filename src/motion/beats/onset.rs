//! How much new sound there is at each moment.

use super::FRAMES_PER_S;
use super::fft::Fft;

/// Length of the pieces that are transformed, seconds: short, so that a beat's time is known well.
const PIECE_S: f64 = 0.023;
/// Bands of equal musical width between these frequencies, hertz.
const BANDS: usize = 30;
const LOWEST_HZ: f64 = 40.0;
const HIGHEST_HZ: f64 = 10_000.0;
/// So far below its loudest moment, decibels, a band counts as silent.
const DEPTH_DB: f32 = 50.0;
/// And so far below the loudest band.
const WHOLE_DEPTH_DB: f32 = 75.0;
/// Bands below this carry the bass drum, on which most beats lie; they count more.
const BASS_HZ: f64 = 160.0;
const BASS_WEIGHT: f32 = 2.0;
/// An onset's strength is compared with the mean over so long a time, seconds.
const AROUND_S: f64 = 1.0;
/// Sounds louder than this are no sounds, of full scale 1.
const ABSURD: f32 = 1e6;
/// Rise is counted over so many frames.
const RISE_FRAMES: usize = 2;

/// Strength of onsets, [`FRAMES_PER_S`] a second, with mean 0 and deviation 1; `None` where there are none.
pub(super) fn strengths(samples: &[f32], rate: f64) -> Option<Vec<f32>> {
    let bands = band_powers(samples, rate);
    let frames = bands.len();
    let loudest = bands.iter().flat_map(|(frame, _)| frame.iter()).copied().fold(f32::MIN, f32::max);
    // The quietest 16 bit sound has -96 dB.
    // Also where it is no number.
    if loudest <= -90.0 || loudest.is_nan() {
        return None;
    }
    let tops = bands.iter().fold([f32::MIN; BANDS], |mut tops, (frame, _)| {
        tops.iter_mut().zip(frame).for_each(|(top, level)| *top = top.max(*level));
        tops
    });
    let floors = tops.map(|top| (top - DEPTH_DB).max(loudest - WHOLE_DEPTH_DB));
    let weights: [f32; BANDS] =
        std::array::from_fn(|band| if band_edge(band + 1) < BASS_HZ { BASS_WEIGHT } else { 1.0 });
    let mut rises = vec![0.0_f32; frames];
    for at in RISE_FRAMES..frames {
        let (now, before) = (&bands[at].0, &bands[at - RISE_FRAMES].0);
        rises[at] = (0..BANDS)
            .map(|band| {
                let floor = floors[band];
                (now[band].max(floor) - before[band].max(floor)).max(0.0) * weights[band]
            })
            .sum();
    }
    standardised(&rises)
}

/// The lower edge of a band, hertz.
fn band_edge(band: usize) -> f64 {
    LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(band as f64 / BANDS as f64)
}

/// Decibels of each band in each frame, and the frame's number.
fn band_powers(samples: &[f32], rate: f64) -> Vec<([f32; BANDS], usize)> {
    let mut fft = Fft::new((PIECE_S * rate * 0.75) as usize);
    let half = fft.len() / 2;
    let bin_hz = rate / fft.len() as f64;
    // Each bin belongs to the band in which its middle lies; low bands may be narrower than a bin and stay empty.
    let band_of: Vec<Option<usize>> = (0..=half)
        .map(|bin| {
            let hz = bin as f64 * bin_hz;
            let band = BANDS as f64 * (hz.max(1.0) / LOWEST_HZ).ln() / (HIGHEST_HZ / LOWEST_HZ).ln();
            (0.0..BANDS as f64).contains(&band).then_some(band as usize)
        })
        .collect();
    let sample = |at: usize| -> f32 {
        let value = samples.get(at).copied().unwrap_or(0.0);
        if value.abs() < ABSURD { value } else { 0.0 }
    };
    let scale = 1.0 / (half as f32 * half as f32);
    let frames = (samples.len() as f64 / rate * FRAMES_PER_S) as usize;
    let mut power = Vec::new();
    (0..frames)
        .map(|frame| {
            let middle = (frame as f64 / FRAMES_PER_S * rate) as usize;
            fft.power(|at| (middle + at).checked_sub(half).map_or(0.0, sample), &mut power);
            let mut sums = [1e-12_f32; BANDS];
            for (power, band) in power.iter().zip(&band_of) {
                if let Some(band) = band {
                    sums[*band] += power * scale;
                }
            }
            (sums.map(|sum| 10.0 * sum.log10()), frame)
        })
        .collect()
}

/// Less the mean around, nothing below zero, and then with mean 0 and deviation 1.
fn standardised(rises: &[f32]) -> Option<Vec<f32>> {
    let reach = (AROUND_S * FRAMES_PER_S / 2.0) as usize;
    let mut sums = Vec::with_capacity(rises.len() + 1);
    let mut sum = 0.0_f64;
    sums.push(sum);
    for rise in rises {
        sum += f64::from(*rise);
        sums.push(sum);
    }
    let mut out: Vec<f32> = (0..rises.len())
        .map(|at| {
            let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(rises.len()));
            (f64::from(rises[at]) - (sums[to] - sums[from]) / (to - from) as f64).max(0.0) as f32
        })
        .collect();
    let count = out.len().max(1) as f32;
    let mean = out.iter().sum::<f32>() / count;
    for value in &mut out {
        *value -= mean;
    }
    let deviation = (out.iter().map(|value| value * value).sum::<f32>() / count).sqrt();
    if deviation <= 1e-3 || deviation.is_nan() {
        return None;
    }
    for value in &mut out {
        *value /= deviation;
    }
    Some(out)
}
