//! What a viewer sees of an avatar: whether its limbs point where the tracked ones do, whether anything jumps, whether
//! its feet slide or sink, how late it is, and how near it comes to the truth where that is known.
//!
//! - [`measure_avatar`] takes the solver's poses beside the landmarks they were solved from ([`AvatarStretch`]).
//! - [`accuracy`], [`mpjpe`], [`pa_mpjpe`] and [`joint_angle_errors`] compare any twelve joints with true ones: those of
//!   a tracker, of a fitted body, or of the avatar itself ([`avatar_main_joints`]).
//! - [`best_rotation`] is the least-squares rotation that both use.
//!
//! All lengths are metres, all angles degrees, as in the rest of [`quality`](super).

mod accuracy;
mod align;
mod direction;
mod feet;
mod first;
mod lengths;
mod part;
mod pops;
mod posed;
mod shown;

#[cfg(test)]
mod fixture;

pub use accuracy::{
    ANGLE_JOINTS, Accuracy, MainJoints, accuracy, avatar_main_joints, joint_angle_errors, main_joints, mpjpe, pa_mpjpe,
};
pub use align::best_rotation;
pub use direction::DirectionError;
pub use feet::{FootFigures, PLANTED_M_S};
pub use first::{PosedPerson, pose_first};
pub use lengths::LengthVariation;
pub use part::{BodyPart, MIN_VISIBILITY};
pub use pops::{POP_DEG, Pops};
pub use shown::SHOWN_HZ;

use crate::motion::pose::BodyPose;
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::RestSkeleton;

/// A stretch of frames through which one person is seen; every list is as long as `times`.
#[derive(Debug, Clone, Default)]
pub struct AvatarStretch {
    /// Capture times in seconds, rising.
    pub times: Vec<f64>,
    /// Landmarks as the tracker gives them: what the delay is measured against.
    pub raw: Vec<BodyPose>,
    /// Landmarks as they were given to the solver.
    pub fed: Vec<BodyPose>,
    /// What the solver made of them, not mirrored.
    pub poses: Vec<AvatarPose>,
}

/// What [`measure_avatar`] finds. What never occurs in the source is `None` or missing from its list.
#[derive(Debug, Clone, PartialEq)]
pub struct AvatarFigures {
    /// How far bones point from where the landmarks say, by part of the body.
    pub directions: Vec<DirectionError>,
    /// Bones that jump.
    pub pops: Pops,
    /// How the feet stand.
    pub feet: FootFigures,
    /// How much the bones of the landmarks change their lengths.
    pub lengths: Vec<LengthVariation>,
    /// How late the avatar is against the unfiltered landmarks, seconds; without the playout delay of a live view.
    pub lag_s: Option<f64>,
}

/// Measures the poses of an avatar with this T-pose over all stretches together. `fps` is frames a second of the source.
#[must_use]
pub fn measure_avatar(skeleton: &RestSkeleton, stretches: &[AvatarStretch], fps: f64) -> AvatarFigures {
    let shown: Vec<_> = stretches.iter().map(|stretch| shown::shown(skeleton, stretch)).collect();
    AvatarFigures {
        directions: direction::direction_errors(skeleton, stretches),
        pops: pops::pops(&shown),
        feet: feet::foot_figures(skeleton, stretches, &shown, fps),
        lengths: lengths::length_variations(stretches),
        lag_s: direction::lag(skeleton, stretches, fps),
    }
}
