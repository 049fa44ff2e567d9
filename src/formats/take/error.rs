//! What can go wrong with a take.

use std::io;
use std::path::{Path, PathBuf};

/// Why a take cannot be written, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The system refuses to open or read the file.
    #[error("{path}: the take cannot be read: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The file is something else.
    #[error("{path} is not a take: {reason}")]
    NotATake {
        /// The file.
        path: PathBuf,
        /// What was found in the place of a take.
        reason: String,
    },
    /// The take was written by a later LiveDance.
    #[error("{path} is a take of version {found}, and this program reads version {supported}: update LiveDance")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The version this program reads.
        supported: u32,
    },
    /// A part of the take is not what was written.
    #[error("{path} is damaged near frame {frame}: {reason}; frames elsewhere in it may still be read")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Index of the frame, or of the first frame of the part that cannot be read.
        frame: usize,
        /// What is wrong.
        reason: String,
    },
    /// The take asks for more memory than any take needs.
    #[error("{path} cannot be opened: {reason}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Which limit is passed.
        reason: String,
    },
    /// There is no such frame.
    #[error("{path} has {frames} frame(s), so there is no frame {index}; frames count from 0")]
    NoSuchFrame {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        index: usize,
        /// How many there are.
        frames: usize,
    },
    /// The file cannot be made.
    #[error("{path}: the take cannot be made: {reason}")]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The disk is full. What was written before is kept and can be opened.
    #[error(
        "{path}: the disk is full; the take was ended and its first {kept} frame(s) are kept. Free some space, then record again"
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// Frames in the file.
        kept: u64,
    },
    /// The file cannot be written any more. What was written before is kept and can be opened.
    #[error("{path}: the take cannot be written: {reason}; its first {kept} frame(s) are kept")]
    Write {
        /// The file.
        path: PathBuf,
        /// Frames in the file.
        kept: u64,
        /// What the system said.
        reason: io::Error,
    },
    /// A take was to be written over itself, or over nothing that is a take.
    #[error("{path}: {reason}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
}

impl TakeError {
    pub(super) fn read(path: &Path, reason: io::Error) -> Self {
        Self::Read { path: path.to_owned(), reason }
    }

    pub(super) fn not_a_take(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotATake { path: path.to_owned(), reason: reason.into() }
    }

    pub(super) fn too_large(path: &Path, reason: impl Into<String>) -> Self {
        Self::TooLarge { path: path.to_owned(), reason: reason.into() }
    }

    pub(super) fn damaged(path: &Path, frame: usize, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), frame, reason: reason.into() }
    }

    pub(super) fn write(path: &Path, kept: u64, reason: io::Error) -> Self {
        let path = path.to_owned();
        match reason.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, kept },
            _ => Self::Write { path, kept, reason },
        }
    }
}
