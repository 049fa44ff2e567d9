//! Rotations as angles about z, then x, then y, without jumps.

use std::f64::consts::{PI, TAU};

use glam::{DMat3, DQuat, Quat};

/// Cosine of the middle angle below which the other two turn about the same axis.
const LOCKED: f64 = 1e-5;

/// Angles (radians) about z, x, y, so that `Rz * Rx * Ry` is the rotation: of all triples that are, the one nearest to that of
/// the frame before. Where two of the angles turn about the same axis, the last one stays as it was.
pub(super) fn zxy(rotation: Quat, before: [f64; 3]) -> [f64; 3] {
    // Angles near 90° ask for more digits than a quaternion of single precision is normalised to.
    let matrix = DMat3::from_quat(rotation.as_dquat().normalize());
    let (first, second, third) = (matrix.x_axis, matrix.y_axis, matrix.z_axis);
    let cosine = second.x.hypot(second.y);
    let x = second.z.atan2(cosine);
    let found = if cosine < LOCKED {
        let sum = first.y.atan2(first.x);
        [if x > 0.0 { sum - before[2] } else { sum + before[2] }, x, before[2]]
    } else {
        [(-second.x).atan2(second.y), x, (-first.z).atan2(third.z)]
    };
    // The other way to the same rotation: around the back.
    let other = [found[0] + PI, PI - found[1], found[2] + PI];
    let (found, other) = (nearest(found, before), nearest(other, before));
    let way = |angles: [f64; 3]| angles.iter().zip(before).map(|(angle, before)| (angle - before).powi(2)).sum::<f64>();
    if way(other) < way(found) { other } else { found }
}

/// The rotation of one angle (degrees) about an axis: 0 is x.
pub(super) fn about(axis: usize, angle_deg: f64) -> DQuat {
    // Large angles lose digits in trigonometry, not here.
    let angle = angle_deg.rem_euclid(360.0).to_radians();
    match axis {
        0 => DQuat::from_rotation_x(angle),
        1 => DQuat::from_rotation_y(angle),
        _ => DQuat::from_rotation_z(angle),
    }
}

/// The same angles, each less than half a turn from the one before.
fn nearest(angles: [f64; 3], before: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| angles[i] - ((angles[i] - before[i]) / TAU).round() * TAU)
}

#[cfg(test)]
mod tests {
    use glam::Vec3;
    use proptest::prelude::*;

    use super::*;

    fn back(angles: [f64; 3]) -> DQuat {
        about(2, angles[0].to_degrees()) * about(0, angles[1].to_degrees()) * about(1, angles[2].to_degrees())
    }

    proptest! {
        #[test]
        fn angles_turn_back_into_the_rotation(
            axis in prop::array::uniform3(-1.0_f32..1.0), angle in -6.0_f32..6.0, before in prop::array::uniform3(-9.0_f64..9.0)
        ) {
            let axis = Vec3::from_array(axis).try_normalize().unwrap_or(Vec3::X);
            let rotation = Quat::from_axis_angle(axis, angle);
            let found = zxy(rotation, before);
            let off = back(found).angle_between(rotation.as_dquat().normalize());
            prop_assert!(off.min((TAU - off).abs()) < 1e-5, "{off} rad off");
            prop_assert!(found.iter().zip(before).all(|(angle, before)| (angle - before).abs() < 2.0 * PI));
        }
    }

    #[test]
    fn a_turn_through_the_lock_does_not_jump() {
        for about in [Vec3::X, Vec3::new(1.0, 0.001, 0.0), Vec3::new(1.0, 0.3, -0.2), Vec3::Y, Vec3::Z] {
            let axis = about.try_normalize().expect("an axis");
            let mut before = [0.0; 3];
            for step in 0..2000 {
                let rotation = Quat::from_axis_angle(axis, step as f32 * 0.01);
                let angles = zxy(rotation, before);
                assert!(
                    angles.iter().zip(before).all(|(a, b)| (a - b).abs() < 3.2),
                    "{about}: {before:?} to {angles:?}"
                );
                let off = back(angles).angle_between(rotation.as_dquat().normalize());
                assert!(off.min((TAU - off).abs()) < 1e-5, "{about}, step {step}: {off} rad off");
                before = angles;
            }
        }
    }

    #[test]
    fn exactly_at_the_lock_the_last_angle_stays() {
        let rotation = Quat::from_rotation_z(0.4) * Quat::from_rotation_x(std::f32::consts::FRAC_PI_2);
        let angles = zxy(rotation, [0.0, 1.5, 0.25]);
        assert!((angles[2] - 0.25).abs() < 1e-12 && (angles[1] - PI / 2.0).abs() < 1e-3, "{angles:?}");
        assert!(back(angles).angle_between(rotation.as_dquat().normalize()) < 2e-3);
    }
}
