//! How well a player's motion matches one moment of a dance.

use super::limb::{DANCE_LIMB_COUNT, DanceLimb};
use super::shape::Shape;
use super::track::Moment;
use super::window::Window;
use crate::motion::Difficulty;

/// Step of the search for the best offset, seconds.
const STEP_S: f64 = 0.02;
/// Less than this share of a moment's weight in view, and it is not judged; nor with less than that of what moves.
const MIN_SEEN: f32 = 0.4;
const MIN_MOVING_SEEN: f32 = 0.34;
/// Difference of motion that is put down to tracking: radians, root mean square; but no more than this share of the motion,
/// or standing still would pass for a small one.
const MOTION_NOISE_RAD: f32 = 0.08;
const MAX_NOISE_SHARE: f32 = 0.25;
/// Motion of the reference below which a limb counts as still, radians.
const MIN_MOTION_RAD: f32 = 0.05;
/// An offset is looked for where the match is at least this share of the best.
const NEARLY_BEST: f32 = 0.9;
/// What is left of a match at the edge of the time tolerance.
const AT_TOLERANCE: f32 = 0.8;

/// What is forgiven.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tolerance {
    /// Up to this angle a limb is where it should be, radians...
    full_rad: f32,
    /// ...and from this one on it is not at all.
    none_rad: f32,
    /// The same for the difference of motion, as a share of the reference's motion. At 1 stands whoever does not move.
    full_motion: f32,
    none_motion: f32,
    /// Up to this offset nothing is lost, seconds...
    on_time_s: f64,
    /// ...up to this one little, and at twice this one everything.
    in_time_s: f64,
}

impl Tolerance {
    pub(super) fn of(difficulty: Difficulty) -> Self {
        let (angle, motion, time) = match difficulty {
            // A third more in angle, half as much again in time.
            Difficulty::Easy => (4.0 / 3.0, (0.5, 0.85), 1.5),
            // Full marks within 15° and 60 ms, little off within 200 ms.
            Difficulty::Normal => (1.0, (0.45, 0.78), 1.0),
            // Two thirds.
            Difficulty::Hard => (2.0 / 3.0, (0.35, 0.7), 2.0 / 3.0),
        };
        Self {
            full_rad: 15_f32.to_radians() * angle,
            none_rad: 60_f32.to_radians() * angle,
            full_motion: motion.0,
            none_motion: motion.1,
            on_time_s: 0.06 * time,
            in_time_s: 0.2 * time,
        }
    }

    /// Farthest offset that is searched around a moment, seconds. Near half a beat away a match belongs to another one.
    pub(super) fn reach_s(&self, moment: &Moment) -> f64 {
        (1.75 * self.in_time_s).min(0.4 * moment.span_s)
    }

    /// What is left of a match that is early or late, 0 to 1.
    fn timing(&self, offset_s: f64) -> f32 {
        let off = offset_s.abs();
        if off <= self.on_time_s {
            1.0
        } else if off <= self.in_time_s {
            let into = (off - self.on_time_s) / (self.in_time_s - self.on_time_s);
            1.0 - (1.0 - AT_TOLERANCE) * into as f32
        } else {
            AT_TOLERANCE * (2.0 - off / self.in_time_s).max(0.0) as f32
        }
    }
}

/// 1 up to `full`, 0 from `none` on, straight between.
fn falling(full: f32, none: f32, value: f32) -> f32 {
    ((none - value) / (none - full)).clamp(0.0, 1.0)
}

/// How a moment went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Match {
    /// 0 to 1, timing included.
    pub score: f32,
    /// Seconds, positive late.
    pub offset_s: f64,
    /// By [`DanceLimb`] of the reference, 0 to 1, without timing; `None` where it was not seen.
    pub limbs: [Option<f32>; DANCE_LIMB_COUNT],
}

/// The match at one offset.
struct Candidate {
    offset_s: f64,
    /// Without timing.
    score: f32,
    /// Mean squared difference of what is seen.
    cost: f32,
    limbs: [Option<f32>; DANCE_LIMB_COUNT],
}

/// The best match of a moment in what a player did around it, given in song time, for the player as seen and for its mirror
/// image; `None` where too little was seen to judge.
pub(super) fn best_matches(
    moment: &Moment,
    tolerance: &Tolerance,
    shape_at: impl Fn(f64) -> Option<Shape>,
) -> [Option<Match>; 2] {
    let steps = (tolerance.reach_s(moment) / STEP_S).floor() as i32;
    let mut candidates = [Vec::new(), Vec::new()];
    for step in -steps..=steps {
        let offset_s = f64::from(step) * STEP_S;
        let window = Window::gather(&shape_at, moment.time_s + offset_s, moment.span_s);
        candidates[0].extend(candidate(moment, tolerance, &window, offset_s));
        candidates[1].extend(candidate(moment, tolerance, &window.mirrored(), offset_s));
    }
    candidates.map(|candidates| best(&candidates, tolerance))
}

fn candidate(moment: &Moment, tolerance: &Tolerance, player: &Window, offset_s: f64) -> Option<Candidate> {
    let differences = DanceLimb::ALL.map(|limb| moment.window.compare(player, limb));
    let (mut all, mut seen, mut all_moving, mut seen_moving) = (0.0, 0.0, 0.0, 0.0);
    let (mut cost, mut moves_alike) = (0.0, 0.0);
    let mut alike = [0.0; DANCE_LIMB_COUNT];
    for limb in 0..DANCE_LIMB_COUNT {
        let weight = moment.limb_weights[limb];
        let moving = weight * moment.moving[limb];
        all += weight;
        all_moving += moving;
        let Some(difference) = differences[limb] else { continue };
        seen += weight;
        seen_moving += moving;
        cost += weight * difference.square;
        let motion = difference.motion.sqrt().max(MIN_MOTION_RAD);
        let noise = MOTION_NOISE_RAD.min(MAX_NOISE_SHARE * motion);
        let ratio = (difference.motion_error - noise * noise).max(0.0).sqrt() / motion;
        alike[limb] = falling(tolerance.full_motion, tolerance.none_motion, ratio);
        moves_alike += moving * alike[limb];
    }
    if !(seen > 0.0 && seen_moving > 0.0 && seen >= MIN_SEEN * all && seen_moving >= MIN_MOVING_SEEN * all_moving) {
        return None;
    }
    // A limb that holds still in the dance is worth what the moving ones are: standing still is no dance.
    let moves_alike = moves_alike / seen_moving;
    let mut score = 0.0;
    let mut limbs = [None; DANCE_LIMB_COUNT];
    for limb in 0..DANCE_LIMB_COUNT {
        let Some(difference) = differences[limb] else { continue };
        let moving = moment.moving[limb];
        let motion = alike[limb] * moving + moves_alike * (1.0 - moving);
        let value = falling(tolerance.full_rad, tolerance.none_rad, difference.bias_rad) * motion;
        limbs[limb] = Some(value);
        score += moment.limb_weights[limb] * value;
    }
    Some(Candidate { offset_s, score: score / seen, cost: cost / seen, limbs })
}

fn best(candidates: &[Candidate], tolerance: &Tolerance) -> Option<Match> {
    let worth = |candidate: &Candidate| candidate.score * tolerance.timing(candidate.offset_s);
    let nearer = |a: &Candidate, b: &Candidate| b.offset_s.abs().total_cmp(&a.offset_s.abs());
    let best = candidates.iter().max_by(|a, b| worth(a).total_cmp(&worth(b)).then(nearer(a, b)))?;
    // Scores are level near the best, so the offset itself is where the two motions differ least.
    let nearly = |candidate: &Candidate| candidate.score >= NEARLY_BEST * best.score;
    let (index, least) = candidates
        .iter()
        .enumerate()
        .filter(|(_, candidate)| nearly(candidate))
        .min_by(|(_, a), (_, b)| a.cost.total_cmp(&b.cost).then(nearer(b, a)))?;
    let beside = |step: isize| index.checked_add_signed(step).and_then(|index| candidates.get(index));
    let offset_s = match (beside(-1), beside(1)) {
        (Some(before), Some(behind)) => least.offset_s + vertex(before.cost, least.cost, behind.cost) * STEP_S,
        _ => least.offset_s,
    };
    Some(Match { score: (best.score * tolerance.timing(offset_s)).clamp(0.0, 1.0), offset_s, limbs: best.limbs })
}

/// Where the parabola through three values at -1, 0 and 1 is lowest, -0.5 to 0.5; 0 where it is not lowest in the middle.
fn vertex(before: f32, middle: f32, behind: f32) -> f64 {
    let bend = before - 2.0 * middle + behind;
    if bend > 0.0 { f64::from((before - behind) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timing_loses_little_within_the_tolerance_and_all_at_twice_of_it() {
        let mut last = Tolerance::of(Difficulty::Hard).timing(0.15);
        for difficulty in [Difficulty::Normal, Difficulty::Easy] {
            let next = Tolerance::of(difficulty).timing(0.15);
            assert!(next > last);
            last = next;
        }
        let normal = Tolerance::of(Difficulty::Normal);
        assert!(normal.timing(0.06) >= 1.0 && normal.timing(-0.15) > 0.85);
        assert!((normal.timing(0.2) - AT_TOLERANCE).abs() < 1e-6 && normal.timing(-0.4) < 1e-6);
        assert!((normal.timing(0.3) - AT_TOLERANCE / 2.0).abs() < 1e-6 && normal.timing(9.0) < 1e-6);
    }

    #[test]
    fn the_vertex_of_a_parabola() {
        let at = |x: f32| (x - 0.3) * (x - 0.3) + 2.0;
        assert!((vertex(at(-1.0), at(0.0), at(1.0)) - 0.3).abs() < 1e-5);
        assert!(vertex(1.0, 1.0, 1.0).abs() < 1e-9 && vertex(f32::NAN, 1.0, 2.0).abs() < 1e-9);
    }
}
