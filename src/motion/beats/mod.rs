//! Tempo and beats of a piece of music, from its samples.
//!
//! How much new sound there is at each moment (`onset`) repeats itself at the tempo (`tempo`); the beats are the chain
//! of moments that has both the strongest onsets and the evenest steps (`track`).
//!
//! Weak where music has no drums and no clear attacks, and where the tempo changes by more than about a tenth. Of a tempo and
//! its double either may be taken, as people differ there, too.
//!
//! Source: Ellis 2007, "Beat Tracking by Dynamic Programming", Journal of New Music Research 36(1).

mod fft;
mod onset;
mod tempo;
#[cfg(test)]
mod tests;
mod track;

/// Onset strengths a second.
const FRAMES_PER_S: f64 = 200.0;
/// Rates of samples that are understood, hertz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=400_000;
/// Music that is listened to at most, seconds.
const LONGEST_S: f64 = 3600.0;
/// The shortest that can have a tempo, seconds.
const SHORTEST_S: f64 = 2.0;
/// Below this, what was found is chance.
const LEAST_CONFIDENCE: f32 = 0.1;

/// The beats of a piece of music.
#[derive(Debug, Clone, PartialEq)]
pub struct Beats {
    /// Beats a minute, the mean over the piece; 40 to 200.
    pub bpm: f64,
    /// When each beat is, seconds from the first sample, rising; at least four.
    pub times_s: Vec<f64>,
    /// How regular the music is: 0.1 is hardly more than chance, a metronome has about 1.
    pub confidence: f32,
}

/// Tempo and beats of music: mono, `rate_hz` samples a second, full scale 1. Samples that are no numbers count as silence.
///
/// `None` for silence, noise, fewer than two seconds, a rate outside 4 to 400 kHz, and wherever else nothing repeats itself.
/// Of more than an hour only the first hour is heard.
#[must_use]
pub fn find_beats(samples: &[f32], rate_hz: u32) -> Option<Beats> {
    if !RATES_HZ.contains(&rate_hz) {
        return None;
    }
    let rate = f64::from(rate_hz);
    let heard = samples.get(..(LONGEST_S * rate) as usize).unwrap_or(samples);
    if (heard.len() as f64) < SHORTEST_S * rate {
        return None;
    }
    let strengths = onset::strengths(heard, rate)?;
    let tempo = tempo::find(&strengths)?;
    let beats = track::beats(&strengths, tempo.period)?;
    let confidence = tempo.regularity * track::contrast(&strengths, &beats);
    let period = track::mean_period(&beats).unwrap_or(tempo.period);
    if confidence < LEAST_CONFIDENCE {
        return None;
    }
    let times_s = beats.into_iter().map(|frame| (frame / FRAMES_PER_S).max(0.0)).collect();
    Some(Beats { bpm: 60.0 * FRAMES_PER_S / period, times_s, confidence })
}
