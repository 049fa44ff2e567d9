//! Whether the avatar's bones point where the landmarks do, and how late.

use glam::{DQuat, Vec3};

use super::part::{BodyPart, SEGMENTS};
use super::posed::Posed;
use super::{AvatarStretch, best_rotation};
use crate::motion::quality::series::{SHORTEST_SPAN, ranges};
use crate::motion::quality::{Against, DVec3, measure};
use crate::motion::skeleton::RestSkeleton;
use crate::motion::statistics::{percentile, sorted};

/// A part that turns slower than this rests, units of its direction a second; only the trembling at rest, which is not
/// asked for, depends on it.
const REST_PER_S: f64 = 0.1;
/// Directions that tell a turn of the whole body from errors of single bones.
const ENOUGH: usize = 4;

/// Angles between the avatar's bones and the landmarks' in the frames where these are visible, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DirectionError {
    /// Which bones.
    pub part: BodyPart,
    /// How many pairs were compared: frames times sides.
    pub count: usize,
    /// Half of the angles are below this.
    pub median_deg: f64,
    /// 95 % of them are below this.
    pub p95_deg: f64,
    /// The median after the whole avatar is turned, frame by frame, so that limbs and trunk fit best: what is left of the
    /// errors of a solver that turns the whole body on purpose.
    pub turned_median_deg: f64,
}

/// The errors of every part that is seen at all.
pub(super) fn direction_errors(skeleton: &RestSkeleton, stretches: &[AvatarStretch]) -> Vec<DirectionError> {
    let mut errors: [Vec<f64>; BodyPart::ALL.len()] = Default::default();
    let mut turned: [Vec<f64>; BodyPart::ALL.len()] = Default::default();
    for stretch in stretches {
        for (body, pose) in stretch.fed.iter().zip(&stretch.poses) {
            let posed = Posed::new(skeleton, pose);
            let visible = SEGMENTS.iter().filter(|segment| segment.is_visible(&body.world));
            let pairs: Vec<(BodyPart, DVec3, DVec3)> = visible
                .filter_map(|segment| {
                    let avatar = segment.avatar_direction(skeleton, &posed)?;
                    let source = segment.source_direction(&body.world)?;
                    Some((segment.part, avatar.as_dvec3(), source.as_dvec3()))
                })
                .collect();
            let limbs: Vec<_> = pairs.iter().filter(|(part, ..)| part.is_limb()).map(|pair| (pair.1, pair.2)).collect();
            let enough = limbs.len() >= ENOUGH;
            let fit = best_rotation(limbs).filter(|_| enough).unwrap_or(DQuat::IDENTITY);
            for (part, avatar, source) in pairs {
                errors[part as usize].push(avatar.angle_between(source).to_degrees());
                turned[part as usize].push((fit * avatar).angle_between(source).to_degrees());
            }
        }
    }
    let figures = |part: BodyPart| {
        let count = errors[part as usize].len();
        let [errors, turned] = [&errors, &turned].map(|by_part| sorted(by_part[part as usize].iter().copied()));
        Some(DirectionError {
            part,
            count,
            median_deg: percentile(&errors, 0.5)?,
            p95_deg: percentile(&errors, 0.95)?,
            turned_median_deg: percentile(&turned, 0.5)?,
        })
    };
    BodyPart::ALL.into_iter().filter_map(figures).collect()
}

/// How late the avatar's directions are against those of the unfiltered landmarks, seconds.
pub(super) fn lag(skeleton: &RestSkeleton, stretches: &[AvatarStretch], fps: f64) -> Option<f64> {
    let (mut avatar, mut raw) = (Vec::new(), Vec::new());
    for stretch in stretches {
        let posed: Vec<Posed> = stretch.poses.iter().map(|pose| Posed::new(skeleton, pose)).collect();
        for segment in &SEGMENTS {
            let pairs: Vec<Option<(Vec3, Vec3)>> = stretch
                .raw
                .iter()
                .zip(&posed)
                .map(|(body, posed)| {
                    let source = segment.source_direction(&body.world).filter(|_| segment.is_visible(&body.world));
                    segment.avatar_direction(skeleton, posed).zip(source)
                })
                .collect();
            let known = |frame: usize| pairs[frame].is_some();
            for span in ranges(pairs.len(), |frame| known(frame) == known(frame - 1), known) {
                debug_assert!(span.len() >= SHORTEST_SPAN, "shorter ones are left out");
                let seen = || pairs[span.clone()].iter().flatten();
                avatar.push(seen().map(|(avatar, _)| avatar.as_dvec3()).collect());
                raw.push(seen().map(|(_, raw)| raw.as_dvec3()).collect());
            }
        }
    }
    measure(&avatar, &raw, fps, REST_PER_S, Against::ZeroPhase).lag_s
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::super::fixture::{self, FPS};
    use super::*;
    use crate::motion::skeleton::HumanoidBone as B;

    #[test]
    fn bones_that_point_elsewhere_are_found_with_their_angle() {
        let mut stretch = fixture::standing(30);
        for error in direction_errors(&fixture::skeleton(), std::slice::from_ref(&stretch)) {
            assert!(error.p95_deg < 0.1 && error.turned_median_deg < 0.1, "{error:?}");
        }
        for pose in &mut stretch.poses {
            pose.rotations[B::LeftLowerArm as usize] = Quat::from_rotation_y(0.2);
        }
        let errors = direction_errors(&fixture::skeleton(), std::slice::from_ref(&stretch));
        let of = |part: BodyPart| errors.iter().find(|error| error.part == part).expect("seen");
        // Left at 0.2 radians, right at nothing: the median lies between.
        assert!((of(BodyPart::Forearms).p95_deg - 0.2_f64.to_degrees()).abs() < 0.1);
        assert!((of(BodyPart::Forearms).median_deg - 0.1_f64.to_degrees()).abs() < 0.1);
        assert!(of(BodyPart::UpperArms).p95_deg < 0.1 && of(BodyPart::Thighs).p95_deg < 0.1);
        assert_eq!(of(BodyPart::Forearms).count, 60);
    }

    #[test]
    fn a_turn_of_the_whole_avatar_is_told_apart() {
        let mut stretch = fixture::standing(30);
        for pose in &mut stretch.poses {
            pose.rotations[B::Hips as usize] = Quat::from_rotation_x(0.15);
        }
        for error in direction_errors(&fixture::skeleton(), &[stretch]) {
            // Feet are seen from above, where a lean is no turn.
            assert!(error.turned_median_deg < 0.1 || error.part == BodyPart::Feet, "{error:?}");
            if error.part == BodyPart::Trunk {
                assert!((error.median_deg - 0.15_f64.to_degrees()).abs() < 0.1, "{error:?}");
            }
        }
    }

    #[test]
    fn hidden_landmarks_are_left_out() {
        let mut stretch = fixture::standing(30);
        for body in &mut stretch.fed {
            for landmark in &mut body.world {
                landmark.visibility = 0.2;
            }
        }
        assert!(direction_errors(&fixture::skeleton(), &[stretch]).is_empty());
    }

    #[test]
    fn a_late_avatar_is_found_late() {
        let swing = |t: f64| 0.6 * (2.0 * std::f64::consts::PI * 0.8 * t).sin();
        for frames in [0.0, 1.0, 2.5] {
            let stretch = fixture::waving(120, swing, |t| swing(t - frames / FPS));
            let lag = lag(&fixture::skeleton(), &[stretch], FPS).expect("it moves");
            assert!((lag - frames / FPS).abs() < 0.003, "{lag} s for {frames} frames");
        }
    }
}
