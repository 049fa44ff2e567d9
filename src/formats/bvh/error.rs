//! Why a BVH file cannot be read or written.

use crate::formats::avatar::AvatarError;

/// Why a BVH file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BvhError {
    /// The text is no BVH, or breaks off.
    #[error("line {line}: {reason}")]
    Text {
        /// Counted from 1.
        line: usize,
        /// What was expected there, and what was found.
        reason: String,
    },
    /// The file holds together, but is larger than is read.
    #[error("line {line}: too large: {reason}")]
    TooLarge {
        /// Counted from 1.
        line: usize,
        /// What is too large, and the limit.
        reason: String,
    },
    /// Its joints make no humanoid.
    #[error("{0}; a bone map says which joint is which bone")]
    NoHumanoid(#[from] AvatarError),
    /// Its joints stand nowhere in one of the frames.
    #[error("frame {frame}: its joints stand nowhere or far away from everything")]
    Nowhere {
        /// Counted from 0.
        frame: usize,
    },
    /// The clip cannot be written.
    #[error("the clip cannot be written: {reason}")]
    Clip {
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be written.
    #[error("it cannot be written: {0}")]
    Io(#[from] std::io::Error),
}
