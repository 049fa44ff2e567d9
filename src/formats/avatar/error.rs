//! Why a file cannot be used as an avatar.

/// Why a file cannot be used as an avatar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AvatarError {
    /// The file, or one that it refers to, cannot be read.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// Neither a binary glTF 2.0 file nor glTF as JSON.
    #[error("not a glTF 2.0 file (.vrm, .glb, .gltf): {reason}")]
    NotGltf {
        /// What is wrong with it.
        reason: String,
    },
    /// The glTF does not hold together.
    #[error("the glTF is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// The glTF holds together, but is larger than can be shown.
    #[error("too large: {reason}")]
    TooLarge {
        /// What is too large, and the limit.
        reason: String,
    },
    /// The glTF needs something that is not supported.
    #[error("not supported: {reason}")]
    Unsupported {
        /// What it needs, and what to do.
        reason: String,
    },
    /// Bones that a humanoid must have were not found.
    #[error("no humanoid: bones missing: {missing}")]
    MissingBones {
        /// VRM names, separated by commas.
        missing: String,
    },
    /// The bone map beside the settings cannot be used.
    #[error("the bone map cannot be used: {reason}")]
    BoneMap {
        /// What is wrong with it.
        reason: String,
    },
}

/// The glTF does not hold together.
pub(super) fn damaged(reason: impl Into<String>) -> AvatarError {
    AvatarError::Damaged { reason: reason.into() }
}

/// Larger than can be shown.
pub(super) fn too_large(reason: impl Into<String>) -> AvatarError {
    AvatarError::TooLarge { reason: reason.into() }
}
