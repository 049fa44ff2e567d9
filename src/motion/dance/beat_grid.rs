//! An even beat, as tapped by hand.

/// Slowest beat, beats a minute.
pub const MIN_BPM: f64 = 20.0;
/// Fastest beat, beats a minute.
pub const MAX_BPM: f64 = 300.0;
/// Taps that are looked at, the newest.
const MAX_TAPS: usize = 64;
/// Fewer taps have no beat.
const MIN_TAPS: usize = 4;
/// Share of a beat that a tap may be off and still belong to it.
const NEAR: f64 = 0.2;
/// Share of the taps that must lie on the grid.
const MIN_ON_GRID: f64 = 0.6;
/// Beats without a tap that count in one pause.
const MAX_UNTAPPED: f64 = 3.0;
/// Most beats of one grid.
const MAX_BEATS: usize = 20_000;

/// Why taps have no beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BeatGridError {
    /// There are too few taps.
    #[error("there are {found} taps; tap at least {MIN_TAPS} beats in a row")]
    TooFew {
        /// How many there are, without those that are not finite.
        found: usize,
    },
    /// No even beat runs through them.
    #[error("the taps are not even, or not between 20 and 300 a minute; tap along with the beat again")]
    Uneven,
}

/// A beat that never changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BeatGrid {
    /// Beats a minute, above zero.
    pub bpm: f64,
    /// When the first beat is, seconds.
    pub first_beat_s: f64,
}

impl BeatGrid {
    /// From one beat to the next, seconds.
    #[must_use]
    pub fn period_s(&self) -> f64 {
        60.0 / self.bpm
    }

    /// The beats from the first one up to `end_s` (included) in rising seconds. Empty where a number is not finite or `bpm`
    /// is not from [`MIN_BPM`] to [`MAX_BPM`]; at most 20,000.
    #[must_use]
    pub fn beats_s(&self, end_s: f64) -> Vec<f64> {
        let valid = (MIN_BPM..=MAX_BPM).contains(&self.bpm) && self.first_beat_s.is_finite() && end_s.is_finite();
        if !valid || end_s < self.first_beat_s {
            return Vec::new();
        }
        // A beat that the end falls on is not lost to rounding.
        let count = ((end_s - self.first_beat_s) / self.period_s() + 1e-9).floor() as usize + 1;
        (0..count.min(MAX_BEATS)).map(|beat| self.first_beat_s + beat as f64 * self.period_s()).collect()
    }

    /// The same beat, beginning with the earliest one at or after zero.
    #[must_use]
    pub fn from_zero(&self) -> Self {
        Self { first_beat_s: self.first_beat_s.rem_euclid(self.period_s()), ..*self }
    }

    /// The even beat that runs through taps, given in seconds in any order, beginning at the first tap that lies on it.
    ///
    /// One tap off the beat, one too many or some missing ones do no harm: of the beats that two neighbouring taps suggest, it
    /// takes the one that most taps lie on and that has the fewest beats without a tap, and fits it to the taps on it by least
    /// squares. Of more than 64 taps the latest count.
    ///
    /// # Errors
    /// [`BeatGridError`] when there are fewer than four taps, or fewer than six in ten of them lie on one beat between 20
    /// and 300 a minute.
    pub fn fit(taps_s: &[f64]) -> Result<Self, BeatGridError> {
        let mut taps: Vec<f64> = taps_s.iter().copied().filter(|tap| tap.is_finite()).collect();
        taps.sort_by(f64::total_cmp);
        taps.drain(..taps.len().saturating_sub(MAX_TAPS));
        if taps.len() < MIN_TAPS {
            return Err(BeatGridError::TooFew { found: taps.len() });
        }
        let mut best: Option<(f64, Fit)> = None;
        for period_s in periods(&taps) {
            for anchor in 0..taps.len() {
                let along = Fit::through(&walk(&taps, anchor, period_s));
                // What the walk found is exact enough to look at every tap again.
                let again = |fit: Fit| Fit::through(&near(&taps, fit.first_s, fit.period_s));
                let fit = along.and_then(again).and_then(again);
                let Some(fit) = fit else { continue };
                let worth = fit.worth(taps.len());
                if best.as_ref().is_none_or(|(most, _)| worth > most + 1e-9) {
                    best = Some((worth, fit));
                }
            }
        }
        let enough = |fit: &Fit| fit.taps >= MIN_TAPS.max((MIN_ON_GRID * taps.len() as f64).ceil() as usize);
        let grid = |fit: Fit| Self { bpm: 60.0 / fit.period_s, first_beat_s: fit.first_s };
        let fit = best.map(|(_, fit)| fit).filter(enough).ok_or(BeatGridError::Uneven)?;
        let grid = grid(fit);
        // What is just beyond the range is still what somebody tapped at its edge.
        if (MIN_BPM * 0.99..=MAX_BPM * 1.01).contains(&grid.bpm) {
            Ok(Self { bpm: grid.bpm.clamp(MIN_BPM, MAX_BPM), ..grid })
        } else {
            Err(BeatGridError::Uneven)
        }
    }
}

/// Periods that neighbouring taps suggest, seconds: each once or nearly so, the median first, so that it wins where all else
/// is equal.
fn periods(taps: &[f64]) -> Vec<f64> {
    let mut intervals: Vec<f64> = taps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals.sort_by(f64::total_cmp);
    let mut periods = vec![intervals[intervals.len() / 2]];
    for interval in intervals {
        if periods.iter().all(|period| (period - interval).abs() > 0.02 * period.abs()) {
            periods.push(interval);
        }
    }
    periods.retain(|period| (60.0 / MAX_BPM * 0.9..=60.0 / MIN_BPM * 1.1).contains(period));
    periods
}

/// Taps that lie on a beat, found from one to the next on both sides of the tap `anchor`, so that a period that is a little
/// off does not drift away from far ones. Rising (beat, seconds), one tap a beat.
fn walk(taps: &[f64], anchor: usize, period_s: f64) -> Vec<(f64, f64)> {
    let anchor_s = taps[anchor];
    let follow = |taps: &mut dyn Iterator<Item = &f64>| {
        let mut last = (0.0, anchor_s);
        let mut found = Vec::new();
        for tap_s in taps {
            let steps = (tap_s - last.1) / period_s;
            if steps.round() != 0.0 && (steps - steps.round()).abs() <= NEAR {
                last = (last.0 + steps.round(), *tap_s);
                found.push(last);
            }
        }
        found
    };
    let mut on_grid = follow(&mut taps[..anchor].iter().rev());
    on_grid.reverse();
    on_grid.push((0.0, anchor_s));
    on_grid.extend(follow(&mut taps[anchor + 1..].iter()));
    on_grid
}

/// Taps that lie on a beat of a grid, the nearest one of each. Rising (beat, seconds).
fn near(taps: &[f64], anchor_s: f64, period_s: f64) -> Vec<(f64, f64)> {
    let mut on_grid: Vec<(f64, f64)> = Vec::with_capacity(taps.len());
    for tap_s in taps {
        let beat = ((tap_s - anchor_s) / period_s).round();
        let off = |tap_s: f64| (tap_s - anchor_s - beat * period_s).abs();
        if off(*tap_s) > NEAR * period_s {
            continue;
        }
        match on_grid.last_mut() {
            Some(last) if last.0 >= beat => {
                if off(*tap_s) < off(last.1) {
                    last.1 = *tap_s;
                }
            }
            _ => on_grid.push((beat, *tap_s)),
        }
    }
    on_grid
}

/// A grid fitted to the taps that lie on it.
#[derive(Debug, Clone, Copy)]
struct Fit {
    first_s: f64,
    period_s: f64,
    /// How many taps lie on it, one a beat.
    taps: usize,
    /// Sum of how well they do, each 0 to 1.
    closeness: f64,
    /// Beats between them without a tap, a few at most for each pause.
    untapped: f64,
}

impl Fit {
    /// By least squares through taps, each with its beat; `None` where fewer than two beats have a tap.
    fn through(on_grid: &[(f64, f64)]) -> Option<Self> {
        let first = on_grid.first()?.0;
        let count = on_grid.len() as f64;
        let (mean_beat, mean_s) =
            on_grid.iter().fold((0.0, 0.0), |sum, tap| (sum.0 + tap.0 / count, sum.1 + tap.1 / count));
        let spread: f64 = on_grid.iter().map(|tap| (tap.0 - mean_beat).powi(2)).sum();
        let together: f64 = on_grid.iter().map(|tap| (tap.0 - mean_beat) * (tap.1 - mean_s)).sum();
        let period_s = together / spread;
        if !(spread > 0.0 && period_s.is_finite() && period_s > 0.0) {
            return None;
        }
        let at = |beat: f64| mean_s + (beat - mean_beat) * period_s;
        let close = |tap: &(f64, f64)| (1.0 - ((tap.1 - at(tap.0)) / (NEAR * period_s)).powi(2)).max(0.0);
        Some(Self {
            first_s: at(first),
            period_s,
            taps: on_grid.len(),
            closeness: on_grid.iter().map(close).sum(),
            untapped: on_grid.windows(2).map(|pair| (pair[1].0 - pair[0].0 - 1.0).min(MAX_UNTAPPED)).sum(),
        })
    }

    /// How well it explains `taps` taps: taps off it and beats without a tap both take away, so that neither half nor double
    /// the tempo wins.
    fn worth(&self, taps: usize) -> f64 {
        let off_grid = taps as f64 - self.closeness;
        self.closeness - off_grid - 0.5 * self.untapped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::random::Random;

    fn taps(bpm: f64, first_s: f64, count: usize, jitter_s: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..count).map(|n| first_s + n as f64 * 60.0 / bpm + jitter_s * f64::from(random.signed())).collect()
    }

    #[test]
    fn clean_and_shaky_taps_give_their_tempo() {
        for bpm in [21.0, 60.0, 90.0, 120.0, 174.0, 299.0] {
            for (jitter, within) in [(0.0, 0.001), (0.05, 0.02)] {
                for seed in 1..6 {
                    let grid = BeatGrid::fit(&taps(bpm, 2.5, 12, jitter * 60.0 / bpm, seed)).expect("a beat");
                    assert!((grid.bpm / bpm - 1.0).abs() < within, "{bpm} {jitter}: {grid:?}");
                    assert!((grid.first_beat_s - 2.5).abs() < within * 60.0 / bpm * 5.0, "{bpm} {jitter}: {grid:?}");
                }
            }
        }
    }

    #[test]
    fn missed_doubled_and_stray_taps_do_no_harm() {
        for seed in 1..20 {
            let even = taps(110.0, 1.0, 14, 0.02, seed);
            let mut changed = vec![even.clone(); 5];
            changed[0].remove(5);
            changed[1].drain(4..7);
            changed[2].push(even[7] + 0.25);
            changed[3][6] += 0.2;
            changed[4].extend([even[3] + 0.04, 60.0, f64::NAN, f64::INFINITY]);
            changed[4].remove(9);
            for (index, taps) in changed.iter().enumerate() {
                let grid = BeatGrid::fit(taps).expect("a beat");
                assert!((grid.bpm - 110.0).abs() < 1.5, "{seed} {index}: {grid:?}");
                assert!((grid.first_beat_s - 1.0).abs() < 0.03, "{seed} {index}: {grid:?}");
            }
        }
    }

    #[test]
    fn what_is_no_beat_is_refused() {
        assert_eq!(BeatGrid::fit(&[1.0, f64::NAN, 2.0, 3.0]), Err(BeatGridError::TooFew { found: 3 }));
        assert_eq!(BeatGrid::fit(&[1.0; 8]), Err(BeatGridError::Uneven));
        assert_eq!(BeatGrid::fit(&[0.0, 10.0, 20.0, 30.0]), Err(BeatGridError::Uneven));
        assert_eq!(BeatGrid::fit(&[0.0, 0.1, 0.2, 0.3, 0.4]), Err(BeatGridError::Uneven));
        assert_eq!(BeatGrid::fit(&[-1e300, 0.0, 1e300, f64::MAX]), Err(BeatGridError::Uneven));
        let many = taps(120.0, 0.0, 5000, 0.0, 1);
        assert!((BeatGrid::fit(&many).expect("a beat").bpm - 120.0).abs() < 1e-6);
    }

    #[test]
    fn beats_over_a_duration() {
        let grid = BeatGrid { bpm: 120.0, first_beat_s: 0.3 };
        assert_eq!(grid.beats_s(0.2), [] as [f64; 0]);
        assert_eq!(grid.beats_s(0.3).len(), 1);
        let beats = grid.beats_s(10.3);
        assert_eq!(beats.len(), 21);
        assert!((beats[20] - 10.3).abs() < 1e-9);
        for broken in [0.0, -5.0, f64::NAN, 1e9] {
            assert!(BeatGrid { bpm: broken, ..grid }.beats_s(10.0).is_empty());
        }
        assert!(grid.beats_s(f64::INFINITY).is_empty());
        assert_eq!(grid.beats_s(1e12).len(), MAX_BEATS);
        let late = BeatGrid { bpm: 120.0, first_beat_s: 7.9 }.from_zero();
        assert!((late.first_beat_s - 0.4).abs() < 1e-9);
    }
}
