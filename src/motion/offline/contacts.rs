//! Feet that stand, known from both sides.

use std::ops::Range;

use glam::{DVec3, Vec3};

use crate::motion::filter::zero_phase;
use crate::motion::locomotion::Feet;
use crate::motion::retarget::{AvatarPose, LegChain, Sole, smoothstep, sole_heights, wrap};
use crate::motion::skeleton::RestSkeleton;

/// A foot that is slower and lower than the first stands; as long as it stays under the second, it stood before and
/// still does. Metres a second, metres.
const STANDS: (f64, f32) = (0.15, 0.03);
const STAYS: (f64, f32) = (0.4, 0.06);
/// The camera sees depth so badly that only a share of the speed counts.
const DEPTH_SHARE: f64 = 0.25;
/// Cutoff for the feet's path that speeds come from, hertz.
const SPEED_HZ: f64 = 4.0;
/// Shorter stands are none, seconds.
const SHORTEST_S: f64 = 0.1;
/// A foot that drifts further than this while it stands has been set down anew, metres.
const FURTHEST_M: f32 = 0.12;
/// Letting go of a foot, and taking hold of it, takes so long, seconds.
const FADE_S: f64 = 0.2;
const LEGS: [LegChain; 2] = [LegChain::Left, LegChain::Right];

/// Whether each foot stands, frame by frame.
pub(super) fn find(
    poses: &[AvatarPose],
    stands: &[Option<Feet>],
    rate: f64,
    skeleton: &RestSkeleton,
) -> Vec<[bool; 2]> {
    let mut contacts = vec![[false; 2]; poses.len()];
    let soles: Vec<[Option<Sole>; 2]> = poses.iter().map(|pose| sole_heights(skeleton, pose)).collect();
    for side in [0, 1] {
        let speeds = speeds(stands, side, rate);
        let below = |frame: usize, (speed, height): (f64, f32)| {
            let seen = stands[frame].as_ref().is_some_and(|stand| stand.seen[side] > 0.5);
            seen && speeds[frame] < speed && soles[frame][side].is_some_and(|sole| sole.height < height)
        };
        for run in runs(poses.len(), |frame| below(frame, STAYS)) {
            let stands = run.clone().any(|frame| below(frame, STANDS));
            if stands && run.len() as f64 >= SHORTEST_S * rate {
                contacts[run].iter_mut().for_each(|contact| contact[side] = true);
            }
        }
    }
    contacts
}

/// Metres a second, by frame.
fn speeds(stands: &[Option<Feet>], side: usize, rate: f64) -> Vec<f64> {
    let mut last = DVec3::ZERO;
    let path: Vec<DVec3> = stands
        .iter()
        .map(|stand| {
            if let Some(at) = stand.as_ref().map(|stand| stand.ankles[side]).filter(|at| at.is_finite()) {
                last = at.as_dvec3() * DVec3::new(1.0, 1.0, DEPTH_SHARE);
            }
            last
        })
        .collect();
    let path = zero_phase(&path, rate, SPEED_HZ);
    (0..path.len())
        .map(|frame| {
            let (from, to) = (frame.saturating_sub(1), (frame + 1).min(path.len() - 1));
            path[to].distance(path[from]) * rate / (to - from).max(1) as f64
        })
        .collect()
}

/// Frames on end that hold.
fn runs(length: usize, holds: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut begun = None;
    for frame in 0..=length {
        match (begun, frame < length && holds(frame)) {
            (None, true) => begun = Some(frame),
            (Some(from), false) => {
                runs.push(from..frame);
                begun = None;
            }
            _ => {}
        }
    }
    runs
}

/// Moves the feet that stand to one place each, and hips and legs with them.
pub(super) fn hold(poses: &mut [AvatarPose], contacts: &[[bool; 2]], rate: f64, skeleton: &RestSkeleton) {
    let soles: Vec<[Option<Sole>; 2]> = poses.iter().map(|pose| sole_heights(skeleton, pose)).collect();
    let moves = [0, 1].map(|side| {
        let soles: Option<Vec<Sole>> = soles.iter().map(|soles| soles[side]).collect();
        soles.map(|soles| moves(&soles, |frame| contacts[frame][side], rate))
    });
    let [Some(left), Some(right)] = moves else { return };
    for ((pose, left), right) in poses.iter_mut().zip(left).zip(right) {
        // The hips go with the feet that stand, so that no leg is overstretched; each leg makes up for the rest.
        let held = left.held + right.held;
        let shift = if held > 1e-3 {
            (left.offset * left.held + right.offset * right.held) / held * left.held.max(right.held)
        } else {
            Vec3::ZERO
        };
        pose.hips_position += shift;
        for (leg, foot) in LEGS.into_iter().zip([left, right]) {
            leg.move_foot(skeleton, pose, foot.offset - shift);
            leg.turn_foot(pose, foot.yaw);
        }
    }
}

/// From where a pose has a foot to where it is to be.
#[derive(Debug, Clone, Copy, Default)]
struct Move {
    offset: Vec3,
    yaw: f32,
    /// How far it is held, 0 to 1.
    held: f32,
}

impl Move {
    fn scaled(self, share: f32) -> Self {
        Self { offset: self.offset * share, yaw: self.yaw * share, held: self.held * share }
    }

    fn plus(self, other: Self) -> Self {
        Self { offset: self.offset + other.offset, yaw: self.yaw + other.yaw, held: self.held + other.held }
    }
}

fn moves(soles: &[Sole], stands: impl Fn(usize) -> bool, rate: f64) -> Vec<Move> {
    let mut moves = vec![Move::default(); soles.len()];
    let mut held: Vec<Range<usize>> = Vec::new();
    for run in runs(soles.len(), stands) {
        for part in without_drift(soles, run, (2.0 * FADE_S * rate) as usize) {
            let mean =
                |value: &dyn Fn(&Sole) -> f32| soles[part.clone()].iter().map(value).sum::<f32>() / part.len() as f32;
            let place = Vec3::new(mean(&|sole| sole.ankle.x), 0.0, mean(&|sole| sole.ankle.z));
            let first = soles[part.start].yaw;
            let yaw = first + mean(&|sole| wrap(sole.yaw - first));
            for frame in part.clone() {
                let sole = &soles[frame];
                let offset = (place - sole.ankle).with_y(-sole.height);
                moves[frame] = Move { offset, yaw: wrap(yaw - sole.yaw), held: 1.0 };
            }
            held.push(part);
        }
    }
    // Between two stands the first move fades out and the second one in.
    let fade = (FADE_S * rate).max(1.0) as f32;
    let ends = held.iter().map(|part| part.start).skip(1).chain([soles.len()]);
    let mut before: Range<usize> = 0..0;
    for (index, end) in std::iter::once(held.first().map_or(0, |part| part.start)).chain(ends).enumerate() {
        let from = before.end;
        let last = before.end.checked_sub(1).filter(|_| index > 0).map(|frame| moves[frame]).unwrap_or_default();
        let next = moves.get(end).copied().unwrap_or_default();
        let length = end - from;
        // In a short swing one goes over into the other.
        let reach = fade.min(length as f32 + 1.0);
        for (frame, swing) in moves[from..end].iter_mut().enumerate() {
            let out = smoothstep(0.0, 1.0, 1.0 - (frame + 1) as f32 / reach);
            let into = smoothstep(0.0, 1.0, 1.0 - (length - frame) as f32 / reach);
            *swing = last.scaled(out).plus(next.scaled(into));
        }
        before = held.get(index).cloned().unwrap_or(soles.len()..soles.len());
    }
    moves
}

/// The stand in parts through which the foot stays near one place, with about `gap` frames between them for going over.
fn without_drift(soles: &[Sole], run: Range<usize>, gap: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut from, mut sum) = (run.start, Vec3::ZERO);
    for frame in run.clone() {
        let at = soles[frame].ankle.with_y(0.0);
        let count = frame.saturating_sub(from) as f32;
        if count > 0.0 && (sum / count).distance(at) > FURTHEST_M {
            parts.push(from..frame);
            (from, sum) = (frame + gap, Vec3::ZERO);
        }
        if frame >= from {
            sum += at;
        }
    }
    if from < run.end {
        parts.push(from..run.end);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sole(x: f32, height: f32) -> Sole {
        Sole { ankle: Vec3::new(x, 0.1 + height, 0.0), height, yaw: 0.0 }
    }

    #[test]
    fn runs_are_found_at_both_ends() {
        let holds = [true, true, false, true, false, false, true];
        assert_eq!(runs(holds.len(), |frame| holds[frame]), [0..2, 3..4, 6..7]);
        assert!(runs(0, |_| true).is_empty());
    }

    #[test]
    fn a_foot_is_held_at_one_place_and_comes_there_without_a_jump() {
        // Drifts by 2 cm, swings half a metre in half a second, stands again.
        let soles: Vec<Sole> = (0..120)
            .map(|frame| match frame {
                0..45 => sole(0.02 * frame as f32 / 45.0, 0.0),
                45..60 => sole(0.02 + 0.5 * (frame - 45) as f32 / 15.0, 0.08),
                _ => sole(0.52, 0.004),
            })
            .collect();
        let moves = moves(&soles, |frame| !(45..60).contains(&frame), 30.0);
        let shown: Vec<Vec3> = soles.iter().zip(&moves).map(|(sole, foot)| sole.ankle + foot.offset).collect();
        for frame in 0..45 {
            assert!((shown[frame] - shown[0]).length() < 1e-6, "stands");
        }
        assert!(shown[60..].iter().all(|at| (at.y - 0.1).abs() < 1e-6), "on the floor");
        for pair in shown.windows(2) {
            assert!((pair[1].x - pair[0].x).abs() < 0.05, "{pair:?}");
        }
        assert!(moves.iter().all(|foot| (0.0..=1.001).contains(&foot.held)));
    }

    #[test]
    fn a_foot_that_creeps_away_is_set_down_anew() {
        let soles: Vec<Sole> = (0..100).map(|frame| sole(0.005 * frame as f32, 0.0)).collect();
        let parts = without_drift(&soles, 0..100, 6);
        assert!(parts.len() > 1 && parts.first().map(|part| part.start) == Some(0));
        assert!(parts.windows(2).all(|pair| pair[0].end + 6 == pair[1].start));
        let moves = moves(&soles, |_| true, 30.0);
        let shown: Vec<f32> = soles.iter().zip(&moves).map(|(sole, foot)| (sole.ankle + foot.offset).x).collect();
        assert!(shown.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.04), "{shown:?}");
    }
}
