//! What can be wrong with a dance file.

use std::io;
use std::path::PathBuf;

/// Why a dance file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DanceFileError {
    /// The system does not give it.
    #[error("{path} cannot be read: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The system does not take it.
    #[error("{path} cannot be written: {error}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is far too large.
    #[error("the dance file is larger than 1 MiB; it is probably another kind of file")]
    TooLarge,
    /// It is no TOML, a field is missing, of the wrong kind or unknown.
    #[error("the dance file cannot be understood: {0}")]
    Toml(Box<toml::de::Error>),
    /// It cannot be put into words.
    #[error("the dance file cannot be written: {reason}")]
    Text {
        /// What stands against it.
        reason: String,
    },
    /// It is of another version.
    #[error("the dance file is of version {version}; this program knows version 1, look for a newer one")]
    Version {
        /// Its version.
        version: i64,
    },
    /// There is no title.
    #[error("`title` is empty; give the dance a name")]
    NoTitle,
    /// A text is too long.
    #[error("`{field}` is longer than {most} characters; shorten it")]
    TooLong {
        /// The field.
        field: &'static str,
        /// How long it may be.
        most: usize,
    },
    /// A path is refused.
    #[error("`{field}` cannot be `{path}`: {reason}")]
    Path {
        /// The field.
        field: &'static str,
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The motion is of a kind that is not read.
    #[error("`motion` is `{path}`; give a .bvh, .vrma or .ldt file")]
    Motion {
        /// The path.
        path: PathBuf,
    },
    /// A number is out of its range.
    #[error("`{field}` is {value}; give a number from {least} to {most}")]
    Number {
        /// The field.
        field: &'static str,
        /// What it is.
        value: f64,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
    /// There are no beats.
    #[error("there are no beats; give `bpm` and `first_beat_s`, or `beats`")]
    NoBeats,
    /// There are beats and a first beat.
    #[error("`beats` and `first_beat_s` contradict each other; give one of them")]
    TwoFirstBeats,
    /// There are too many beats.
    #[error("`beats` lists {count} beats; a dance has at most {most}")]
    TooManyBeats {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// A beat is out of place.
    #[error("beat {index} of `beats` (counted from 0) is {value}; give rising seconds from 0 on")]
    Beat {
        /// Its index.
        index: usize,
        /// What it is.
        value: f64,
    },
}
