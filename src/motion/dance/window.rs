//! A short stretch of motion, and how two of them differ.

use glam::Vec3;

use super::limb::{DANCE_LIMB_COUNT, DanceLimb};
use super::shape::Shape;

/// Samples of one window.
const TAPS: usize = 5;
/// Where they are, in spans from the window's moment. A beat is arrived at, so most of them lie before it; one lies behind, so
/// that a pose that is held differs from one that is passed.
const TAP_PLACES: [f64; TAPS] = [-0.6, -0.4, -0.2, 0.0, 0.2];
/// Fewer samples than these that both know are no motion.
const MIN_TAPS: usize = 3;
/// Below this confidence a limb is not seen.
const MIN_CONFIDENCE: f32 = 0.5;
/// Each sample is a mean around its time, so that tracking noise of single frames weighs less: offsets in seconds, shares.
const KERNEL: [(f64, f32); 3] = [(-0.04, 0.25), (0.0, 0.5), (0.04, 0.25)];
/// Share of a bent hinge in where its limb points.
const FLEXION_SHARE: f32 = 0.25;

/// From the moment to the end of what is sampled, seconds.
pub(super) fn behind_s(span_s: f64) -> f64 {
    TAP_PLACES[TAPS - 1] * span_s + KERNEL[2].0
}

/// From the beginning of what is sampled to the moment, seconds.
pub(super) fn before_s(span_s: f64) -> f64 {
    -TAP_PLACES[0] * span_s + KERNEL[2].0
}

/// Samples of a motion around a moment; `None` where the motion is not known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    taps: [Option<Shape>; TAPS],
}

/// How one limb of a player differs from the reference's in a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Difference {
    /// How far apart the limb is on average: radians, zero and above.
    pub bias_rad: f32,
    /// Mean squared difference of the motion without that: radians².
    pub motion_error: f32,
    /// Mean square of the reference's motion about its own mean: radians².
    pub motion: f32,
    /// Mean squared difference in all: radians².
    pub square: f32,
}

impl Window {
    /// Samples what `shape_at` gives at times in seconds.
    pub(super) fn gather(shape_at: impl Fn(f64) -> Option<Shape>, centre_s: f64, span_s: f64) -> Self {
        Self { taps: TAP_PLACES.map(|place| smoothed(&shape_at, centre_s + place * span_s)) }
    }

    /// The same stretch of motion in the mirror.
    pub(super) fn mirrored(&self) -> Self {
        Self { taps: self.taps.map(|tap| tap.map(|shape| shape.mirrored())) }
    }

    /// Where a limb points on average and how far it moves about that (root mean square, radians); `None` where it is not known.
    pub(super) fn mean_and_motion(&self, limb: DanceLimb) -> Option<(Vec3, f32)> {
        let known = self.taps.iter().flatten().filter(|shape| sees(shape, limb));
        let directions: Vec<Vec3> = known.map(|shape| shape.directions[limb as usize]).collect();
        if directions.len() < MIN_TAPS {
            return None;
        }
        let count = directions.len() as f32;
        let mean = directions.iter().sum::<Vec3>() / count;
        let square = directions.iter().map(|direction| direction.distance_squared(mean)).sum::<f32>() / count;
        Some((mean, square.sqrt()))
    }

    /// How a limb of `player` differs from this reference, where both know it; `None` where they hardly do.
    pub(super) fn compare(&self, player: &Self, limb: DanceLimb) -> Option<Difference> {
        let (mut count, mut flexion, mut flexions) = (0_u8, 0.0_f32, 0_u8);
        let (mut sum, mut difference) = (Vec3::ZERO, Vec3::ZERO);
        let (mut squares, mut square) = (0.0_f32, 0.0_f32);
        let hinge = Shape::hinge(limb);
        for (reference, player) in self.taps.iter().zip(&player.taps) {
            let (Some(reference), Some(player)) = (reference, player) else { continue };
            if !(sees(reference, limb) && sees(player, limb)) {
                continue;
            }
            let own = reference.directions[limb as usize];
            let apart = player.directions[limb as usize] - own;
            count += 1;
            sum += own;
            difference += apart;
            squares += own.length_squared();
            square += apart.length_squared();
            if let Some((hinge, before)) = hinge
                && sees(reference, before)
                && sees(player, before)
            {
                flexions += 1;
                flexion += player.flexions[hinge] - reference.flexions[hinge];
            }
        }
        if usize::from(count) < MIN_TAPS {
            return None;
        }
        let share = 1.0 / f32::from(count);
        let (mean, difference, square) = (sum * share, difference * share, square * share);
        let apart = 2.0 * (difference.length() / 2.0).min(1.0).asin();
        let bias_rad = if flexions > 0 {
            apart * (1.0 - FLEXION_SHARE) + (flexion / f32::from(flexions)).abs() * FLEXION_SHARE
        } else {
            apart
        };
        Some(Difference {
            bias_rad,
            motion_error: (square - difference.length_squared()).max(0.0),
            motion: (squares * share - mean.length_squared()).max(0.0),
            square,
        })
    }
}

pub(super) fn sees(shape: &Shape, limb: DanceLimb) -> bool {
    shape.confidence.get(limb) >= MIN_CONFIDENCE
}

/// The mean shape around a time; what is not seen beside the middle is taken to be as in the middle.
fn smoothed(shape_at: &impl Fn(f64) -> Option<Shape>, time_s: f64) -> Option<Shape> {
    let middle = shape_at(time_s)?;
    let mut mean = Shape { directions: [Vec3::ZERO; DANCE_LIMB_COUNT], flexions: [0.0; 4], ..middle };
    for (offset_s, share) in KERNEL {
        let beside = if offset_s == 0.0 { middle } else { shape_at(time_s + offset_s).unwrap_or(middle) };
        for limb in DanceLimb::ALL {
            let shape = if sees(&beside, limb) { &beside } else { &middle };
            mean.directions[limb as usize] += shape.directions[limb as usize] * share;
            if let Some((hinge, before)) = Shape::hinge(limb) {
                let shape = if sees(&beside, limb) && sees(&beside, before) { &beside } else { &middle };
                mean.flexions[hinge] += shape.flexions[hinge] * share;
            }
        }
    }
    Some(mean)
}
