//! A hinged limb of two segments: what arms and legs have in common.

use std::f32::consts::FRAC_PI_2;

use glam::{Quat, Vec3};

use super::rotation::{align, reject, smoothstep};

/// Directions of a limb in the T-pose, avatar space, unit length; of the left side (the right one is reflected).
#[derive(Debug, Clone, Copy)]
pub(super) struct LimbRest {
    /// From the upper joint to the hinge.
    pub(super) upper: Vec3,
    /// From the hinge to the lower joint.
    pub(super) lower: Vec3,
    /// Axis about which bending is a positive turn.
    pub(super) hinge: Vec3,
}

impl LimbRest {
    /// A limb through three joints that bends towards `bend`.
    pub(super) fn new(joints: [Vec3; 3], fallback: Vec3, bend: Vec3) -> Self {
        let upper = (joints[1] - joints[0]).try_normalize().unwrap_or(fallback);
        let lower = (joints[2] - joints[1]).try_normalize().unwrap_or(fallback);
        let hinge = upper.cross(bend).try_normalize().unwrap_or(Vec3::X);
        Self { upper, lower, hinge }
    }
}

/// How clearly a limb with these segment directions shows its bend plane, 0 (straight) to 1.
pub(super) fn bend_clarity(upper: Vec3, lower: Vec3, vague: f32, clear: f32) -> f32 {
    smoothstep(vague, clear, upper.cross(lower).length())
}

/// The lower segment's direction as a hinge allows it: never bent backwards, never beyond `max_flexion`.
///
/// What leans out of the bend plane stays.
pub(super) fn limit_hinge(upper: Vec3, lower: Vec3, hinge: Vec3, max_flexion: f32) -> Vec3 {
    let bend = hinge.cross(upper);
    let (along, across) = (lower.dot(upper), lower.dot(bend));
    let flexion = across.atan2(along);
    // Beyond a full fold the angle wraps; folded is nearer to the truth than straight.
    let limited = if flexion < -FRAC_PI_2 { max_flexion } else { flexion.clamp(0.0, max_flexion) };
    let in_plane = along.hypot(across);
    let limited = (upper * limited.cos() + bend * limited.sin()) * in_plane + hinge * lower.dot(hinge);
    limited.try_normalize().unwrap_or(lower)
}

/// Turn from the T-pose of the segment below the hinge.
pub(super) fn lower_turn(rest: &LimbRest, upper_turn: Quat, lower: Vec3) -> Quat {
    let rest_hinge = reject(rest.hinge, rest.lower);
    align((rest.lower, rest_hinge), (lower, upper_turn * rest.hinge))
        .unwrap_or_else(|| Quat::from_rotation_arc(upper_turn * rest.lower, lower) * upper_turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hinge_bends_one_way_only() {
        let (upper, hinge) = (Vec3::NEG_Y, Vec3::X);
        let bent = |flexion: f32| Quat::from_axis_angle(hinge, flexion) * upper;
        for (flexion, expected) in [(1.0, 1.0), (0.0, 0.0), (-0.5, 0.0), (2.9, 2.7), (-3.0, 2.7)] {
            let limited = limit_hinge(upper, bent(flexion), hinge, 2.7);
            assert!(limited.distance(bent(expected)) < 1e-5, "{flexion}: {limited}");
        }
    }

    #[test]
    fn a_lean_out_of_the_plane_stays() {
        let lean = Vec3::new(0.3, -0.9, 0.1).try_normalize().unwrap();
        let limited = limit_hinge(Vec3::NEG_Y, lean, Vec3::X, 2.7);
        assert!((limited.x - lean.x).abs() < 1e-5 && limited.z.abs() < 1e-6);
    }
}
