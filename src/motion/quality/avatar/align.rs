//! The rotation that carries one set of vectors onto another.

use std::array;

use glam::{DMat3, DQuat, DVec3};

/// Sweeps of the Jacobi iteration; a 4×4 matrix needs about five.
const SWEEPS: usize = 24;

/// The rotation that brings each first vector of the pairs as near as possible to its second, in least squares: never a
/// reflection. `None` without pairs or with numbers that are not finite. Vectors that leave a turn open (all parallel)
/// give one of the best.
///
/// Source: Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987.
#[must_use]
pub fn best_rotation(pairs: impl IntoIterator<Item = (DVec3, DVec3)>) -> Option<DQuat> {
    // s.col(j)[i] is the sum of from_i * to_j.
    let s = pairs
        .into_iter()
        .fold(DMat3::ZERO, |s, (from, to)| s + DMat3::from_cols(from * to.x, from * to.y, from * to.z));
    if !s.is_finite() || s == DMat3::ZERO {
        return None;
    }
    let (x, y, z) = (s.row(0), s.row(1), s.row(2));
    let matrix = [
        [x.x + y.y + z.z, y.z - z.y, z.x - x.z, x.y - y.x],
        [y.z - z.y, x.x - y.y - z.z, x.y + y.x, z.x + x.z],
        [z.x - x.z, x.y + y.x, y.y - x.x - z.z, y.z + z.y],
        [x.y - y.x, z.x + x.z, y.z + z.y, z.z - x.x - y.y],
    ];
    let [w, x, y, z] = largest_eigenvector(matrix);
    let rotation = DQuat::from_xyzw(x, y, z, w);
    (rotation.length_squared() > 0.0).then(|| rotation.normalize())
}

/// The eigenvector of a symmetric matrix's largest eigenvalue, by Jacobi's rotations.
fn largest_eigenvector(mut a: [[f64; 4]; 4]) -> [f64; 4] {
    let mut vectors = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for p in 0..3 {
            for q in p + 1..4 {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let tangent = 1.0_f64.copysign(theta) / (theta.abs() + theta.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                let sine = tangent * cosine;
                for row in &mut a {
                    (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
                }
                let (before, after) = (a[p], a[q]);
                a[p] = array::from_fn(|k| cosine * before[k] - sine * after[k]);
                a[q] = array::from_fn(|k| sine * before[k] + cosine * after[k]);
                for row in &mut vectors {
                    (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
                }
            }
        }
    }
    let largest = (1..4).fold(0, |best, index| if a[index][index] > a[best][best] { index } else { best });
    vectors.map(|row| row[largest])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_rotation_is_found() {
        let points = [DVec3::new(1.0, 0.2, -0.3), DVec3::new(-0.4, 0.9, 0.1), DVec3::new(0.2, -0.5, 0.8)];
        for axis in [DVec3::X, DVec3::Y, DVec3::Z, DVec3::new(1.0, 2.0, -3.0).normalize()] {
            for degrees in [0.0_f64, 1.0, 45.0, 90.0, 179.0, 180.0] {
                let truth = DQuat::from_axis_angle(axis, degrees.to_radians());
                let found = best_rotation(points.map(|point| (point, truth * point))).expect("found");
                assert!(found.angle_between(truth) < 1e-6, "{degrees}° about {axis}: {found}");
            }
        }
    }

    #[test]
    fn a_mirror_image_is_never_matched_by_reflection() {
        let points = [DVec3::X, DVec3::Y, DVec3::Z];
        let found = best_rotation(points.map(|point| (point, -point))).expect("found");
        assert!((DMat3::from_quat(found).determinant() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(best_rotation([]), None);
        assert_eq!(best_rotation([(DVec3::NAN, DVec3::X)]), None);
    }
}
