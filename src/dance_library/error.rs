//! Why a dance cannot be danced or made.

use std::path::PathBuf;

use crate::formats::dance::DanceFileError;
use crate::motion::dance::{BeatGridError, TrackError};

/// Why a dance cannot be danced or made: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DanceError {
    /// The dance file is broken.
    #[error("{path}: {error}")]
    File {
        /// The dance file.
        path: PathBuf,
        /// What is wrong with it.
        error: DanceFileError,
    },
    /// What the dance file names is not there.
    #[error("{path}: its {what} {file} is not there; put it there or correct `{what}`")]
    Missing {
        /// The dance file.
        path: PathBuf,
        /// `motion` or `music`.
        what: &'static str,
        /// What it names.
        file: PathBuf,
    },
    /// The motion cannot be read.
    #[error("{path}: {reason}")]
    Motion {
        /// The motion file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The music is of a kind that games cannot play.
    #[error("{path}: music has to be an OGG, MP3, FLAC or WAV file; `ffmpeg -i FILE music.ogg` makes one")]
    Music {
        /// The music.
        path: PathBuf,
    },
    /// The avatar that motion is put onto cannot be read.
    #[error("{0}")]
    Avatar(String),
    /// Nobody with this number is in a take.
    #[error("{path}: there is no person {person} in this take, counted from 0; it has {found}")]
    Nobody {
        /// The take.
        path: PathBuf,
        /// Who was asked for.
        person: usize,
        /// How many are in it.
        found: usize,
    },
    /// Nothing in it can be scored.
    #[error("{path}: {error}")]
    Track {
        /// The dance file or the motion.
        path: PathBuf,
        /// Why not.
        error: TrackError,
    },
    /// Taps have no beat.
    #[error(transparent)]
    Beats(#[from] BeatGridError),
    /// Too few taps for a dance.
    #[error("there are {found} taps; tap at least {least} beats in a row")]
    FewTaps {
        /// How many there are.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// A value of a new dance is not what it must be.
    #[error(transparent)]
    Draft(DanceFileError),
    /// A name without a letter or digit.
    #[error("`{name}` has no letter or digit that a file could be named by; choose another name")]
    Name {
        /// The name.
        name: String,
    },
    /// There is a dance of this name.
    #[error("there is already a dance called {id}; choose another name or remove {path}")]
    Exists {
        /// Its name in code.
        id: String,
        /// Its file.
        path: PathBuf,
    },
    /// The system refuses to read or write a file.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What it said.
        error: std::io::Error,
    },
}
