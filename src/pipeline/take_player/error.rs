//! Why recorded motion cannot be played.

use std::path::PathBuf;

use crate::formats::take::TakeError;

/// Why recorded motion cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayerError {
    /// What is wrong with a take.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// A file that cannot be read.
    #[error("{path}: cannot be read ({reason}); check the spelling and the rights")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file of bones' motion that cannot be understood.
    #[error("{path}: cannot be played ({reason}); export it anew as BVH or VRM animation")]
    Clip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A recording without a frame.
    #[error("{path}: there is no frame in it; choose another recording")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no thread.
    #[error("the thread {name} could not be started ({reason}); close other programs and open the recording again")]
    Thread {
        /// Its name.
        name: &'static str,
        /// What the system said.
        reason: String,
    },
}
