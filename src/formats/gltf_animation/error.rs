//! Why an animation cannot be read from a glTF file, or written to one.

use crate::formats::avatar::AvatarError;

/// Why an animation cannot be read from a glTF file, or written to one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GltfAnimationError {
    /// The file cannot be used, with or without an animation.
    #[error(transparent)]
    File(#[from] AvatarError),
    /// The file has no animation, or one that cannot be followed.
    #[error("its animation cannot be read: {reason}")]
    Animation {
        /// What is wrong with it.
        reason: String,
    },
    /// The clip cannot be written.
    #[error("the clip cannot be written: {reason}")]
    Clip {
        /// What is wrong with it.
        reason: String,
    },
}

/// The animation does not hold together.
pub(in crate::formats) fn wrong(reason: impl Into<String>) -> GltfAnimationError {
    GltfAnimationError::Animation { reason: reason.into() }
}

/// The clip cannot be written.
pub(in crate::formats) fn unwritable(reason: impl Into<String>) -> GltfAnimationError {
    GltfAnimationError::Clip { reason: reason.into() }
}
