//! Small pieces of rotation arithmetic that retargeting is made of. None of them returns a number that is not finite for
//! finite input.

use std::f32::consts::{PI, TAU};

use glam::{Mat3, Quat, Vec3};

/// Rotation that carries x onto `primary` and y into the half plane of `secondary`; `None` when they are zero or parallel.
pub(super) fn frame(primary: Vec3, secondary: Vec3) -> Option<Quat> {
    let x = primary.try_normalize()?;
    let across = x.cross(secondary.try_normalize()?);
    if across.length_squared() < 1e-8 {
        return None;
    }
    let z = across.try_normalize()?;
    Some(Quat::from_mat3(&Mat3::from_cols(x, z.cross(x), z)).normalize())
}

/// Rotation that carries one pair of directions onto another: the first exactly, the second as nearly as possible.
pub(super) fn align(from: (Vec3, Vec3), to: (Vec3, Vec3)) -> Option<Quat> {
    Some((frame(to.0, to.1)? * frame(from.0, from.1)?.inverse()).normalize())
}

/// The direction from `from` to `to`, `None` when they coincide.
pub(super) fn direction(from: Vec3, to: Vec3) -> Option<Vec3> {
    let along = to - from;
    if along.length_squared() < 1e-8 { None } else { along.try_normalize() }
}

/// `vector` without its part along the unit vector `axis`.
pub(super) fn reject(vector: Vec3, axis: Vec3) -> Vec3 {
    vector - axis * vector.dot(axis)
}

/// Angle about the unit vector `axis` that turns `from` to `to`, both seen along it; -π to π.
pub(super) fn signed_angle(from: Vec3, to: Vec3, axis: Vec3) -> f32 {
    let (from, to) = (reject(from, axis), reject(to, axis));
    axis.dot(from.cross(to)).atan2(from.dot(to))
}

/// The same angle between -π and π.
pub(crate) fn wrap(angle: f32) -> f32 {
    (angle + PI).rem_euclid(TAU) - PI
}

/// The unit vector `direction`, moved to at most `max` radians from the unit vector `centre`.
pub(super) fn limit_cone(direction: Vec3, centre: Vec3, max: f32) -> Vec3 {
    let angle = centre.angle_between(direction);
    if angle <= max || angle.is_nan() {
        return direction;
    }
    let swing = Quat::from_rotation_arc(centre, direction);
    Quat::IDENTITY.slerp(swing, max / angle) * centre
}

/// The unit vector `direction` with its part along the unit vector `axis` at least `min` (-1 to 1), nearest otherwise.
/// `fallback` is where to go, at right angles to `axis`, when `direction` points straight against it.
pub(super) fn limit_along(direction: Vec3, axis: Vec3, min: f32, fallback: Vec3) -> Vec3 {
    if direction.dot(axis) >= min {
        return direction;
    }
    let beside = reject(direction, axis).try_normalize().unwrap_or(fallback);
    beside * (1.0 - min * min).max(0.0).sqrt() + axis * min
}

/// The rotation with each component of its rotation vector (axis times angle) held between `min` and `max`.
pub(super) fn limit_rotation(rotation: Quat, min: Vec3, max: Vec3) -> Quat {
    let rotation = if rotation.w < 0.0 { -rotation } else { rotation };
    Quat::from_scaled_axis(rotation.to_scaled_axis().clamp(min, max))
}

/// The part of a rotation that turns about the unit vector `axis`.
pub(super) fn twist(rotation: Quat, axis: Vec3) -> Quat {
    let along = axis * rotation.xyz().dot(axis);
    let twist = Quat::from_xyzw(along.x, along.y, along.z, rotation.w);
    if twist.length_squared() > 1e-12 { twist.normalize() } else { Quat::IDENTITY }
}

/// A part of a rotation, `share` between 0 and 1, the short way round.
pub(super) fn part(rotation: Quat, share: f32) -> Quat {
    Quat::IDENTITY.slerp(rotation, share)
}

/// The point as a mirror at x = 0 shows it.
pub(crate) fn reflect_point(point: Vec3) -> Vec3 {
    Vec3::new(-point.x, point.y, point.z)
}

/// The rotation as a mirror at x = 0 shows it.
pub(super) fn reflect_rotation(rotation: Quat) -> Quat {
    Quat::from_xyzw(rotation.x, -rotation.y, -rotation.z, rotation.w)
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(crate) fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn align_carries_both_directions() {
        let (from, to) = ((Vec3::X, Vec3::Y), (Vec3::NEG_Z, Vec3::X));
        let rotation = align(from, to).expect("neither is parallel");
        assert!((rotation * from.0).distance(to.0) < 1e-6 && (rotation * from.1).distance(to.1) < 1e-6);
        assert_eq!(align((Vec3::X, Vec3::X), to), None);
        assert_eq!(align(from, (Vec3::ZERO, Vec3::X)), None);
    }

    #[test]
    fn signs_and_limits() {
        assert!((signed_angle(Vec3::X, Vec3::Y, Vec3::Z) - PI / 2.0).abs() < 1e-6);
        assert!((signed_angle(Vec3::X, Vec3::Y, Vec3::NEG_Z) + PI / 2.0).abs() < 1e-6);
        assert!((wrap(1.5 * PI) + 0.5 * PI).abs() < 1e-6);
        let limited = limit_cone(Vec3::Y, Vec3::X, 0.5);
        assert!((limited.angle_between(Vec3::X) - 0.5).abs() < 1e-5 && limited.z.abs() < 1e-6);
        assert_eq!(limit_cone(Vec3::X, Vec3::X, 0.5), Vec3::X);
        assert!(limit_along(Vec3::NEG_Z, Vec3::Z, -0.6, Vec3::X).distance(Vec3::new(0.8, 0.0, -0.6)) < 1e-6);
        assert_eq!(limit_along(Vec3::Y, Vec3::Z, -0.6, Vec3::X), Vec3::Y);
    }

    #[test]
    fn a_mirror_keeps_what_rotations_do() {
        let (rotation, point) = (Quat::from_rotation_z(0.4) * Quat::from_rotation_y(1.1), Vec3::new(0.3, -0.2, 0.9));
        let mirrored = reflect_rotation(rotation) * reflect_point(point);
        assert!(mirrored.distance(reflect_point(rotation * point)) < 1e-6);
    }
}
