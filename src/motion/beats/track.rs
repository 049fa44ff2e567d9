//! The chain of onsets that are strong and evenly spaced.

/// How much an uneven step costs.
const TIGHTNESS: f32 = 100.0;
/// Beats before the first sound and after the last are not heard: those this much weaker than the usual one.
const FAINT: f32 = 0.2;
/// A beat's onset may lie so many frames off.
const NEAR: usize = 4;
/// Fewest beats.
const FEWEST: usize = 4;

/// The beats, in frames, rising; `None` if there are fewer than four. `period` is about the step, in frames, above 1.
pub(super) fn beats(strengths: &[f32], period: f64) -> Option<Vec<f64>> {
    let smooth = smoothed(strengths, (period / 32.0) as f32);
    let (nearest, furthest) = ((period / 2.0).round().max(1.0) as usize, (period * 2.0).round() as usize);
    let costs: Vec<f32> = (nearest..=furthest)
        .map(|step| {
            let uneven = (step as f64 / period).ln() as f32;
            TIGHTNESS * uneven * uneven
        })
        .collect();
    let mut totals = vec![0.0_f32; smooth.len()];
    let mut previous: Vec<Option<usize>> = vec![None; smooth.len()];
    for at in 0..smooth.len() {
        // The first beat of a chain costs nothing.
        let mut best = (0.0_f32, None);
        for (step, cost) in (nearest..).zip(&costs) {
            let Some(before) = at.checked_sub(step) else { break };
            let total = totals[before] - cost;
            if total > best.0 {
                best = (total, Some(before));
            }
        }
        totals[at] = smooth[at] + best.0;
        previous[at] = best.1;
    }
    let tail = smooth.len().saturating_sub(period.ceil() as usize);
    let mut at = (tail..smooth.len()).max_by(|a, b| totals[*a].total_cmp(&totals[*b]));
    let mut chain = Vec::new();
    while let Some(frame) = at {
        chain.push(frame);
        at = previous[frame];
    }
    chain.reverse();
    let near: Vec<f32> = chain.iter().map(|frame| strength(&smooth, *frame)).collect();
    let mut sorted = near.clone();
    sorted.sort_by(f32::total_cmp);
    let faint = FAINT * sorted.get(sorted.len() / 2).copied()?;
    let first = near.iter().position(|near| *near > faint)?;
    let last = near.iter().rposition(|near| *near > faint)?;
    let chain = chain.get(first..=last).filter(|chain| chain.len() >= FEWEST)?;
    Some(chain.iter().map(|frame| *frame as f64 + between(&smooth, *frame)).collect())
}

/// The strongest onset at a frame or next to it.
fn strength(smooth: &[f32], frame: usize) -> f32 {
    let near = smooth.get(frame.saturating_sub(NEAR)..(frame + NEAR + 1).min(smooth.len()));
    near.unwrap_or_default().iter().copied().fold(0.0, f32::max)
}

/// Where between the frames a maximum lies.
fn between(smooth: &[f32], frame: usize) -> f64 {
    let Some([before, at, after]) = frame.checked_sub(1).and_then(|from| smooth.get(from..from + 3)) else {
        return 0.0;
    };
    let bend = f64::from(before - 2.0 * at + after);
    if bend < -1e-6 && at >= before && at >= after {
        (0.5 * f64::from(before - after) / bend).clamp(-0.5, 0.5)
    } else {
        0.0
    }
}

/// From 0 to 1: how much stronger onsets are on the beats than elsewhere.
pub(super) fn contrast(strengths: &[f32], beats: &[f64]) -> f32 {
    let smooth = smoothed(strengths, 2.0);
    let on = beats.iter().map(|beat| strength(&smooth, beat.round() as usize)).sum::<f32>() / beats.len().max(1) as f32;
    // The deviation of all onsets is 1: where beats are but this strong, they are nothing special.
    ((on - 0.2) / 0.8).clamp(0.0, 1.0)
}

/// Frames from beat to beat: the slope of the straight line through the beats; `None` of fewer than two.
pub(super) fn mean_period(beats: &[f64]) -> Option<f64> {
    let count = beats.len() as f64;
    let (middle, mean) = ((count - 1.0) / 2.0, beats.iter().sum::<f64>() / count);
    let (mut across, mut along) = (0.0, 0.0);
    for (number, beat) in beats.iter().enumerate() {
        let from = number as f64 - middle;
        across += from * (beat - mean);
        along += from * from;
    }
    let slope = across / along;
    (slope.is_finite() && slope > 0.0).then_some(slope)
}

/// The series under a bell of this deviation, in frames.
pub(super) fn smoothed(series: &[f32], deviation: f32) -> Vec<f32> {
    let deviation = deviation.clamp(0.5, 50.0);
    let reach = (3.0 * deviation).ceil() as usize;
    let bell: Vec<f32> = (0..=2 * reach)
        .map(|at| {
            let x = (at as f32 - reach as f32) / deviation;
            (-0.5 * x * x).exp()
        })
        .collect();
    let whole: f32 = bell.iter().sum();
    (0..series.len())
        .map(|at| {
            let weighed = bell
                .iter()
                .enumerate()
                .filter_map(|(k, weight)| Some(weight * series.get((at + k).checked_sub(reach)?)?));
            weighed.sum::<f32>() / whole
        })
        .collect()
}
