//! The normal equations of a least-squares problem of points, and their solution.

use glam::DVec3;

use super::joints::{JOINT_COUNT, Joint};

const UNKNOWNS: usize = 3 * JOINT_COUNT;
/// Keeps what nothing says anything about where it is.
const DAMPING: f64 = 1e-3;

/// `JᵀWJ` and `-JᵀWr`, collected residual by residual.
pub(super) struct NormalEquations {
    matrix: [[f64; UNKNOWNS]; UNKNOWNS],
    side: [f64; UNKNOWNS],
}

impl NormalEquations {
    pub(super) const fn new() -> Self {
        Self { matrix: [[0.0; UNKNOWNS]; UNKNOWNS], side: [0.0; UNKNOWNS] }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// A residual that grows with `share * direction` for each of the joints. `sigma` is its standard deviation.
    pub(super) fn add(&mut self, shares: &[(Joint, f64)], direction: DVec3, residual: f64, sigma: f64) {
        let weight = (sigma * sigma).recip();
        if !(weight.is_finite() && residual.is_finite() && direction.is_finite()) {
            return;
        }
        for (joint, share) in shares {
            let row = *joint as usize * 3;
            let scaled = direction * (weight * share);
            for (axis, value) in scaled.to_array().into_iter().enumerate() {
                self.side[row + axis] -= value * residual;
                for (other, other_share) in shares {
                    let column = *other as usize * 3;
                    // Only what lies on and below the diagonal is read.
                    if column > row {
                        continue;
                    }
                    for (other_axis, along) in direction.to_array().into_iter().enumerate() {
                        self.matrix[row + axis][column + other_axis] += value * along * other_share;
                    }
                }
            }
        }
    }

    /// The step of each joint that the residuals ask for together, by Cholesky's decomposition; `None` where there is no
    /// one answer.
    pub(super) fn solve(&mut self) -> Option<[DVec3; JOINT_COUNT]> {
        let matrix = &mut self.matrix;
        for row in 0..UNKNOWNS {
            matrix[row][row] += DAMPING;
            for column in 0..=row {
                let (above, below) = matrix.split_at_mut(row);
                let own = &mut below[0];
                let known = if column < row { &above[column] } else { &*own };
                let sum: f64 = (0..column).map(|k| own[k] * known[k]).sum();
                let rest = own[column] - sum;
                if column < row {
                    own[column] = rest / known[column];
                } else if rest > 0.0 {
                    own[column] = rest.sqrt();
                } else {
                    return None;
                }
            }
        }
        let mut x = self.side;
        for row in 0..UNKNOWNS {
            let sum: f64 = (0..row).map(|k| matrix[row][k] * x[k]).sum();
            x[row] = (x[row] - sum) / matrix[row][row];
        }
        for row in (0..UNKNOWNS).rev() {
            let sum: f64 = (row + 1..UNKNOWNS).map(|k| matrix[k][row] * x[k]).sum();
            x[row] = (x[row] - sum) / matrix[row][row];
        }
        let steps = std::array::from_fn(|joint| DVec3::new(x[3 * joint], x[3 * joint + 1], x[3 * joint + 2]));
        steps.iter().all(|step: &DVec3| step.is_finite()).then_some(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_answer_is_found() {
        let mut equations = NormalEquations::new();
        let (a, b) = (Joint::LeftHip, Joint::RightAnkle);
        // a.x should move by 2, or, half as surely, by 5; b.x - a.x by 1; b.z by -3.
        equations.add(&[(a, 1.0)], DVec3::X, -2.0, 1.0);
        equations.add(&[(a, 1.0)], DVec3::X, -5.0, 2.0_f64.sqrt());
        equations.add(&[(b, 1.0), (a, -1.0)], DVec3::X, -1.0, 0.01);
        equations.add(&[(b, 1.0)], DVec3::Z, 3.0, 0.1);
        equations.add(&[(a, 1.0)], DVec3::Y, f64::NAN, 0.1);
        let steps = equations.solve().expect("an answer");
        let [a, b] = [a, b].map(|joint| steps[joint as usize]);
        assert!((a.x - 3.0).abs() < 0.01 && (b.x - 4.0).abs() < 0.01 && (b.z + 3.0).abs() < 0.01, "{a} {b}");
        assert!(a.y == 0.0 && steps[0] == DVec3::ZERO);
    }
}
