//! Joints against true ones.
//!
//! Points may be in any axes, as long as estimate and truth share them; only the angles do not care.

use glam::Vec3;

use super::align::best_rotation;
use super::posed::Posed;
use crate::motion::landmark::{MAIN_JOINTS, POSE_LANDMARK_COUNT};
use crate::motion::quality::DVec3;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::{HumanoidBone as B, RestSkeleton};
use crate::motion::statistics::{mean, percentile, sorted};

/// The twelve joints of [`MAIN_JOINTS`], in its order, in metres.
pub type MainJoints = [Vec3; MAIN_JOINTS.len()];

/// Left and right hip in [`MainJoints`].
const HIPS: [usize; 2] = [6, 7];

/// The joints of [`joint_angle_errors`], in its order: name, and which of the [`MainJoints`] lie before, at and behind it.
///
/// An angle is that at the middle point, 180° when straight, as in [`JointAngle`](crate::motion::angle::JointAngle).
pub const ANGLE_JOINTS: [(&str, [usize; 3]); 8] = [
    ("left_elbow", [0, 2, 4]),
    ("right_elbow", [1, 3, 5]),
    ("left_knee", [6, 8, 10]),
    ("right_knee", [7, 9, 11]),
    ("left_shoulder", [2, 0, 6]),
    ("right_shoulder", [3, 1, 7]),
    ("left_hip", [0, 6, 8]),
    ("right_hip", [1, 7, 9]),
];

/// How near joints are to the true ones over many frames; `None` where there was nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Accuracy {
    /// Frames that were compared.
    pub frames: usize,
    /// Mean of [`mpjpe`], metres.
    pub mpjpe_m: Option<f64>,
    /// Mean of [`pa_mpjpe`], metres.
    pub pa_mpjpe_m: Option<f64>,
    /// Median of all [`joint_angle_errors`], degrees.
    pub angle_median_deg: Option<f64>,
    /// Their mean, degrees.
    pub angle_mean_deg: Option<f64>,
    /// The mean of each, by [`ANGLE_JOINTS`], degrees.
    pub angles_deg: [Option<f64>; ANGLE_JOINTS.len()],
}

/// The main joints out of 33 points in the order of the landmarks.
#[must_use]
pub fn main_joints(points: &[Vec3; POSE_LANDMARK_COUNT]) -> MainJoints {
    MAIN_JOINTS.map(|joint| points[joint as usize])
}

/// The main joints of an avatar, in the scene's axes; `None` when it lacks one.
#[must_use]
pub fn avatar_main_joints(skeleton: &RestSkeleton, pose: &AvatarPose) -> Option<MainJoints> {
    const BONES: [B; MAIN_JOINTS.len()] = [
        B::LeftUpperArm,
        B::RightUpperArm,
        B::LeftLowerArm,
        B::RightLowerArm,
        B::LeftHand,
        B::RightHand,
        B::LeftUpperLeg,
        B::RightUpperLeg,
        B::LeftLowerLeg,
        B::RightLowerLeg,
        B::LeftFoot,
        B::RightFoot,
    ];
    let posed = Posed::new(skeleton, pose);
    let mut joints = MainJoints::default();
    for (joint, bone) in joints.iter_mut().zip(BONES) {
        *joint = posed.joint(bone)?;
    }
    Some(joints)
}

/// Mean distance of the joints in metres after the middles of the hips are laid on each other ("mean per joint position
/// error"). NaN for joints that are not finite.
#[must_use]
pub fn mpjpe(estimate: &MainJoints, truth: &MainJoints) -> f64 {
    let middle = |joints: &MainJoints| 0.5 * (joints[HIPS[0]] + joints[HIPS[1]]);
    let offset = middle(truth) - middle(estimate);
    let distances = estimate.iter().zip(truth).map(|(ours, theirs)| f64::from((*ours + offset).distance(*theirs)));
    distances.sum::<f64>() / MAIN_JOINTS.len() as f64
}

/// Mean distance of the joints in metres after the estimate is moved, turned and scaled to fit best in least squares
/// ("Procrustes-aligned"). `None` when the estimate is a single point or not finite.
#[must_use]
pub fn pa_mpjpe(estimate: &MainJoints, truth: &MainJoints) -> Option<f64> {
    let centred = |joints: &MainJoints| {
        let joints = joints.map(DVec3::from);
        let middle = joints.iter().sum::<DVec3>() / joints.len() as f64;
        joints.map(|joint| joint - middle)
    };
    let (estimate, truth) = (centred(estimate), centred(truth));
    let pairs = || estimate.iter().copied().zip(truth.iter().copied());
    let rotation = best_rotation(pairs())?;
    let size: f64 = estimate.iter().map(|joint| joint.length_squared()).sum();
    let scale = pairs().map(|(ours, theirs)| (rotation * ours).dot(theirs)).sum::<f64>() / size;
    mean([pairs().map(|(ours, theirs)| (scale * (rotation * ours)).distance(theirs)).sum::<f64>()])
        .map(|sum| sum / MAIN_JOINTS.len() as f64)
}

/// By how many degrees each of the [`ANGLE_JOINTS`] is bent otherwise than in truth, never below 0; `None` where a bone
/// has no length.
#[must_use]
pub fn joint_angle_errors(estimate: &MainJoints, truth: &MainJoints) -> [Option<f64>; ANGLE_JOINTS.len()] {
    let angle = |joints: &MainJoints, [before, at, behind]: [usize; 3]| {
        let from = (joints[before] - joints[at]).try_normalize()?.as_dvec3();
        let to = (joints[behind] - joints[at]).try_normalize()?.as_dvec3();
        Some(from.angle_between(to).to_degrees())
    };
    ANGLE_JOINTS.map(|(_, joints)| Some((angle(estimate, joints)? - angle(truth, joints)?).abs()))
}

/// All three over many frames; frames of the estimate that are `None` are left out.
#[must_use]
pub fn accuracy(estimates: &[Option<MainJoints>], truth: &[MainJoints]) -> Accuracy {
    let pairs = || estimates.iter().zip(truth).filter_map(|(ours, theirs)| Some((ours.as_ref()?, theirs)));
    let angles: Vec<_> = pairs().map(|(ours, theirs)| joint_angle_errors(ours, theirs)).collect();
    let all: Vec<f64> = angles.iter().flatten().flatten().copied().collect();
    Accuracy {
        frames: angles.len(),
        mpjpe_m: mean(pairs().map(|(ours, theirs)| mpjpe(ours, theirs))),
        pa_mpjpe_m: mean(pairs().filter_map(|(ours, theirs)| pa_mpjpe(ours, theirs))),
        angle_median_deg: percentile(&sorted(all.iter().copied()), 0.5),
        angle_mean_deg: mean(all.iter().copied()),
        angles_deg: std::array::from_fn(|joint| mean(angles.iter().filter_map(|errors| errors[joint]))),
    }
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::super::fixture;
    use super::*;

    fn t_pose() -> MainJoints {
        let skeleton = fixture::skeleton();
        avatar_main_joints(&skeleton, &AvatarPose::t_pose(&skeleton)).expect("it has all")
    }

    #[test]
    fn a_moved_body_is_the_same_body() {
        let truth = t_pose();
        let moved = truth.map(|joint| joint + Vec3::new(1.0, -2.0, 0.5));
        assert!(mpjpe(&moved, &truth) < 1e-6);
        let other = truth.map(|joint| Quat::from_rotation_y(0.7) * joint * 0.8 + Vec3::X);
        assert!(mpjpe(&other, &truth) > 0.05);
        assert!(pa_mpjpe(&other, &truth).expect("aligned") < 1e-6);
        assert!(joint_angle_errors(&other, &truth).iter().all(|error| error.expect("known") < 0.05));
    }

    #[test]
    fn one_joint_that_is_off_counts_a_twelfth() {
        let truth = t_pose();
        let mut wrong = truth;
        wrong[4] += Vec3::Z * 0.24;
        assert!((mpjpe(&wrong, &truth) - 0.02).abs() < 1e-6);
        // Least squares share the one large error out.
        assert!((0.01..0.05).contains(&pa_mpjpe(&wrong, &truth).expect("aligned")));
        let errors = joint_angle_errors(&wrong, &truth);
        // The forearm of 25 cm, moved aside by 24 cm.
        assert!((errors[0].expect("known") - 0.96_f64.atan().to_degrees()).abs() < 0.1, "{errors:?}");
        assert!(errors[1..].iter().all(|error| error.expect("known") < 0.05), "{errors:?}");
    }

    #[test]
    fn a_mirror_image_is_not_aligned_away() {
        let mut truth = t_pose();
        truth[4] += Vec3::new(-0.2, 0.1, 0.3);
        truth[10] += Vec3::new(0.0, 0.2, -0.3);
        let mirrored = truth.map(|joint| Vec3::new(joint.x, joint.y, -joint.z));
        assert!(pa_mpjpe(&mirrored, &truth).expect("aligned") > 0.02);
    }

    #[test]
    fn frames_without_anybody_are_left_out() {
        let truth = t_pose();
        let found = accuracy(&[None, Some(truth)], &[truth, truth]);
        assert_eq!((found.frames, found.mpjpe_m, found.angle_median_deg), (1, Some(0.0), Some(0.0)));
        assert_eq!(accuracy(&[], &[]), Accuracy::default());
        assert_eq!(pa_mpjpe(&MainJoints::default(), &truth), None);
    }
}
