//! VRM Animation (`.vrma`): motion for any VRM avatar, as a GLB with bones and nothing to see.
//!
//! [`write()`] gives a T-pose whose bones are not turned, so that what is in the file is the normalised motion itself. [`read()`]
//! takes files of any program: bones turned at rest, nodes between and above them, keys at any times, in any interpolation.
//!
//! Where it is weak: the way the eyes look is neither written nor read: eyes are no bones in this format, but a target.
//!
//! Source: VRM Consortium, `VRMC_vrm_animation` 1.0.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Vrma, read};
pub use write::write;

use crate::motion::skeleton::HumanoidBone;

/// The name of the extension.
const EXTENSION: &str = "VRMC_vrm_animation";

/// Expressions that VRM knows and animations may move. How the eyes look is not among them.
const PRESETS: [&str; 14] = [
    "happy",
    "angry",
    "sad",
    "relaxed",
    "surprised",
    "aa",
    "ih",
    "ou",
    "ee",
    "oh",
    "blink",
    "blinkLeft",
    "blinkRight",
    "neutral",
];

/// The weight of an expression over time.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionTrack {
    /// As in VRM 1.0: `blink`, `aa`, `happy`, or a name of the avatar's own.
    pub name: String,
    /// One a frame of the clip, 0 to 1.
    pub weights: Vec<f32>,
}

/// Whether the format has the bone: eyes are turned by where they look.
const fn has_bone(bone: HumanoidBone) -> bool {
    !matches!(bone, HumanoidBone::LeftEye | HumanoidBone::RightEye)
}
