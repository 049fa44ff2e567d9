//! Click tracks whose beats are known, and sounds that have none.

use super::*;
use crate::motion::random::Random;

const RATE: u32 = 22_050;

fn noise(seconds: f64, gain: f32, rate: u32) -> Vec<f32> {
    let mut random = Random::new(7);
    (0..(seconds * f64::from(rate)) as usize).map(|_| gain * random.signed()).collect()
}

/// Adds a drum's stroke: a tone that dies away, with a click at its start.
fn strike(sound: &mut [f32], rate: u32, at_s: f64, hz: f32, gain: f32) {
    let first = (at_s * f64::from(rate)) as usize;
    for (k, sample) in sound.iter_mut().skip(first).take(rate as usize / 8).enumerate() {
        let t = k as f32 / rate as f32;
        let click = if k < rate as usize / 500 { 0.5 } else { 0.0 };
        *sample += gain * ((t * hz * std::f32::consts::TAU).sin() * (-t / 0.03).exp() + click);
    }
}

/// Beats from `first_s` on, each a low stroke, with a high one at `swing` of the way to the next.
fn click_track(bpm: f64, seconds: f64, first_s: f64, swing: Option<f64>, hiss: f32) -> (Vec<f32>, Vec<f64>) {
    let mut sound = noise(seconds, hiss, RATE);
    let step = 60.0 / bpm;
    let beats: Vec<f64> =
        (0..10_000).map(|beat| first_s + step * f64::from(beat)).take_while(|at| *at < seconds - 0.2).collect();
    for at in &beats {
        strike(&mut sound, RATE, *at, 90.0, 0.6);
        if let Some(swing) = swing {
            strike(&mut sound, RATE, at + swing * step, 2500.0, 0.15);
        }
    }
    (sound, beats)
}

/// The furthest that a found beat lies from a true one, seconds; and how many true ones were found within 30 ms, of all.
fn compared(found: &[f64], truth: &[f64]) -> (f64, f64) {
    let nearest = |at: f64, others: &[f64]| others.iter().map(|other| (at - other).abs()).fold(f64::MAX, f64::min);
    let worst = found.iter().map(|at| nearest(*at, truth)).fold(0.0, f64::max);
    let hit = truth.iter().filter(|at| nearest(**at, found) < 0.03).count();
    (worst, hit as f64 / truth.len() as f64)
}

#[test]
fn clicks_are_found_at_every_tempo() {
    for bpm in [60.0, 72.0, 84.5, 96.0, 100.0, 112.0, 120.0, 128.0, 140.3, 160.0, 180.0] {
        let (sound, truth) = click_track(bpm, 30.0, 0.4, None, 0.05);
        let found = find_beats(&sound, RATE).expect("beats");
        assert!((found.bpm / bpm - 1.0).abs() < 0.005, "{} instead of {bpm}", found.bpm);
        let (worst, hit) = compared(&found.times_s, &truth);
        assert!(worst < 0.012 && hit > 0.95, "{bpm}: {worst} s off, {hit} found");
        assert!(found.confidence > 0.6, "{bpm}: {}", found.confidence);
        assert!(found.times_s.is_sorted_by(|a, b| a < b));
    }
}

#[test]
fn swing_and_hiss_do_not_move_the_beat() {
    for (bpm, swing) in [(70.0, 0.5), (90.0, 0.66), (110.0, 0.58), (130.0, 0.5), (150.0, 0.62)] {
        let (sound, truth) = click_track(bpm, 40.0, 1.1, Some(swing), 0.12);
        let found = find_beats(&sound, RATE).expect("beats");
        assert!((found.bpm / bpm - 1.0).abs() < 0.01, "{} instead of {bpm}", found.bpm);
        let (worst, hit) = compared(&found.times_s, &truth);
        assert!(worst < 0.03 && hit > 0.95, "{bpm}: {worst} s off, {hit} found");
    }
}

#[test]
fn a_tempo_that_drifts_is_followed() {
    let seconds = 60.0;
    let mut sound = noise(seconds, 0.03, RATE);
    let (mut at, mut truth) = (0.5, Vec::new());
    while at < seconds - 0.3 {
        truth.push(at);
        strike(&mut sound, RATE, at, 100.0, 0.6);
        // From 116 to 124 beats a minute.
        at += 60.0 / (116.0 + 8.0 * at / seconds);
    }
    let found = find_beats(&sound, RATE).expect("beats");
    let (worst, hit) = compared(&found.times_s, &truth);
    assert!(worst < 0.03 && hit > 0.95, "{worst} s off, {hit} found");
    assert!((found.bpm - 120.0).abs() < 1.5, "{}", found.bpm);
}

#[test]
fn rates_do_not_matter() {
    for rate in [8_000, 44_100, 48_000, 96_000] {
        let mut sound = noise(12.0, 0.02, rate);
        let truth: Vec<f64> = (0..22).map(|beat| 0.3 + 0.5 * f64::from(beat)).collect();
        for at in &truth {
            strike(&mut sound, rate, *at, 100.0, 0.6);
        }
        let found = find_beats(&sound, rate).expect("beats");
        let (worst, hit) = compared(&found.times_s, &truth);
        assert!((found.bpm - 120.0).abs() < 0.6 && worst < 0.015 && hit > 0.9, "{rate}: {} {worst} {hit}", found.bpm);
    }
}

#[test]
fn what_has_no_beat_has_none() {
    assert_eq!(find_beats(&vec![0.0; 200_000], RATE), None);
    assert_eq!(find_beats(&vec![0.7; 200_000], RATE), None);
    for seconds in [5.0, 20.0, 60.0] {
        let confidence = find_beats(&noise(seconds, 0.5, RATE), RATE).map_or(0.0, |beats| beats.confidence);
        assert!(confidence < 0.3, "{seconds} s of noise: {confidence}");
    }
    let hum: Vec<f32> = (0..400_000).map(|at| (at as f32 * 0.05).sin() * 0.5).collect();
    let confidence = find_beats(&hum, RATE).map_or(0.0, |beats| beats.confidence);
    assert!(confidence < 0.3, "a tone: {confidence}");
}

#[test]
fn absurd_input_is_harmless() {
    for sound in [vec![], vec![1.0], vec![f32::NAN; 100_000], vec![f32::INFINITY; 100_000], vec![f32::MAX; 100_000]] {
        assert_eq!(find_beats(&sound, RATE), None);
    }
    for rate in [0, 1, 3_999, 400_001, u32::MAX] {
        assert_eq!(find_beats(&noise(3.0, 0.5, RATE), rate), None);
    }
    // Single samples that are no numbers do not hide the music around them.
    let (mut sound, truth) = click_track(120.0, 20.0, 0.5, None, 0.02);
    for (at, bad) in [(1000, f32::NAN), (40_000, f32::INFINITY), (90_000, f32::NEG_INFINITY), (140_000, 1e30)] {
        sound[at] = bad;
    }
    let found = find_beats(&sound, RATE).expect("beats");
    assert!((found.bpm - 120.0).abs() < 0.6 && compared(&found.times_s, &truth).1 > 0.95);
    // A sparse train of clicks far louder than anything.
    let mut sound = vec![0.0; 200_000];
    sound.iter_mut().step_by(50_000).for_each(|sample| *sample = 9e5);
    let _ = find_beats(&sound, RATE);
}
