//! `NAME.dance.toml`: which motion is danced, to which music, on which beats.
//!
//! ```toml
//! version = 1
//! title = "Eight steps"
//! author = "somebody"
//! credits = "Motion: somebody else"
//! licence = "CC BY 4.0"
//! motion = "eight-steps.bvh"  # .bvh, .vrma or .ldt, beside this file or below
//! motion_start_s = 1.5        # where in the motion the music begins; below zero where the motion begins later
//! person = 0                  # for takes: which person, counted from 0
//! music = "eight-steps.ogg"   # optional
//! bpm = 112.0
//! first_beat_s = 0.35         # or, instead of it, the beats themselves: beats = [0.35, 0.886, 1.42]
//! duration_s = 92.0
//! difficulty = "normal"       # easy, normal or hard
//! ```
//!
//! Times of beats and the duration are in the music at its own speed, from its beginning.

mod error;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::write_atomically;
use crate::motion::Difficulty;
use crate::motion::dance::{BeatGrid, MAX_BPM, MIN_BPM};
use crate::settings::difficulty_name;

pub use error::DanceFileError;

/// How the names of these files end.
pub const DANCE_FILE_ENDING: &str = ".dance.toml";
/// The newest version that is read, and the one that is written.
pub const DANCE_FILE_VERSION: u32 = 1;
/// Endings of the motion files a dance can name.
pub const MOTION_ENDINGS: [&str; 3] = ["bvh", "vrma", "ldt"];

/// Largest file that is read, bytes: room for far more beats than are allowed.
const MAX_BYTES: u64 = 1 << 20;
/// Most beats that are listed, longest dance, seconds, and longest text of one field, characters.
const MAX_BEATS: usize = 20_000;
const MAX_DURATION_S: f64 = 3600.0;
const MAX_TEXT: usize = 2000;
/// Highest number of a person in a take.
const MAX_PERSON: usize = 63;

/// What stands in a dance file, checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DanceFile {
    /// Version of the format; 1 where none is given.
    #[serde(default = "newest_version")]
    pub version: u32,
    /// What the dance is called; not empty.
    pub title: String,
    /// Who made it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// Who else is to be named; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub credits: String,
    /// On what terms motion and music may be used; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licence: String,
    /// The motion: `.bvh`, `.vrma` or `.ldt`, against the folder of this file.
    pub motion: PathBuf,
    /// Motion time at which the music begins, seconds; below zero where the motion begins later.
    #[serde(default)]
    pub motion_start_s: f64,
    /// Which person of a take, counted from 0.
    #[serde(default)]
    pub person: usize,
    /// The music, against the folder of this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub music: Option<PathBuf>,
    /// Beats a minute, 20 to 300. Beside `beats` it is only shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bpm: Option<f64>,
    /// The first beat in the music, seconds; 0 where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_beat_s: Option<f64>,
    /// The beats themselves, rising seconds, in place of `bpm` and `first_beat_s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beats: Option<Vec<f64>>,
    /// How long the dance is, seconds, above 0.
    pub duration_s: f64,
    /// How hard it is to dance, as the list of dances says. How exact they have to be, players choose for themselves.
    #[serde(default, with = "difficulty_name")]
    pub difficulty: Difficulty,
}

impl DanceFile {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`DanceFileError`] when it cannot be read, is no dance file, or a value is not what it must be.
    pub fn read(path: &Path) -> Result<Self, DanceFileError> {
        let failed = |error| DanceFileError::Read { path: path.to_owned(), error };
        let mut text = String::new();
        File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        Self::parse(&text)
    }

    /// Reads and checks the text of a file.
    ///
    /// # Errors
    /// [`DanceFileError`] when it is no dance file, or a value is not what it must be.
    pub fn parse(text: &str) -> Result<Self, DanceFileError> {
        if text.len() as u64 > MAX_BYTES {
            return Err(DanceFileError::TooLarge);
        }
        // A later version may have fields that this one does not know: its number comes first.
        let table: toml::Table = text.parse().map_err(|error| DanceFileError::Toml(Box::new(error)))?;
        if let Some(version) = table.get("version").and_then(toml::Value::as_integer)
            && version != i64::from(DANCE_FILE_VERSION)
        {
            return Err(DanceFileError::Version { version });
        }
        let file: Self = toml::from_str(text).map_err(|error| DanceFileError::Toml(Box::new(error)))?;
        file.check()?;
        Ok(file)
    }

    /// The text of a file that [`DanceFile::parse`] reads back as this one.
    ///
    /// # Errors
    /// [`DanceFileError`] when a value is not what it must be.
    pub fn to_text(&self) -> Result<String, DanceFileError> {
        self.check()?;
        toml::to_string(self).map_err(|error| DanceFileError::Text { reason: error.to_string() })
    }

    /// Writes a file, whole or not at all.
    ///
    /// # Errors
    /// [`DanceFileError`] when a value is not what it must be, or the system refuses.
    pub fn write(&self, path: &Path) -> Result<(), DanceFileError> {
        let text = self.to_text()?;
        write_atomically(path, text.as_bytes()).map_err(|error| DanceFileError::Write { path: path.to_owned(), error })
    }

    /// Whether every value is what it must be; what is read and what is written has been checked.
    ///
    /// # Errors
    /// The first one that is not.
    pub fn check(&self) -> Result<(), DanceFileError> {
        if self.version != DANCE_FILE_VERSION {
            return Err(DanceFileError::Version { version: i64::from(self.version) });
        }
        self.check_text()?;
        check_path("motion", &self.motion)?;
        if ending(&self.motion).is_none() {
            return Err(DanceFileError::Motion { path: self.motion.clone() });
        }
        if let Some(music) = &self.music {
            check_path("music", music)?;
        }
        if self.person > MAX_PERSON {
            return Err(DanceFileError::Number {
                field: "person",
                value: self.person as f64,
                least: 0.0,
                most: MAX_PERSON as f64,
            });
        }
        number("motion_start_s", self.motion_start_s, -MAX_DURATION_S, 24.0 * MAX_DURATION_S)?;
        number("duration_s", self.duration_s, 0.1, MAX_DURATION_S)?;
        self.check_beats()
    }

    fn check_text(&self) -> Result<(), DanceFileError> {
        if self.title.trim().is_empty() {
            return Err(DanceFileError::NoTitle);
        }
        for (field, text) in
            [("title", &self.title), ("author", &self.author), ("credits", &self.credits), ("licence", &self.licence)]
        {
            if text.chars().count() > MAX_TEXT {
                return Err(DanceFileError::TooLong { field, most: MAX_TEXT });
            }
        }
        Ok(())
    }

    fn check_beats(&self) -> Result<(), DanceFileError> {
        if let Some(bpm) = self.bpm {
            number("bpm", bpm, MIN_BPM, MAX_BPM)?;
        }
        if let Some(first_beat_s) = self.first_beat_s {
            number("first_beat_s", first_beat_s, 0.0, self.duration_s)?;
        }
        let Some(beats) = &self.beats else {
            return if self.bpm.is_some() { Ok(()) } else { Err(DanceFileError::NoBeats) };
        };
        if self.first_beat_s.is_some() {
            return Err(DanceFileError::TwoFirstBeats);
        }
        if beats.is_empty() {
            return Err(DanceFileError::NoBeats);
        }
        if beats.len() > MAX_BEATS {
            return Err(DanceFileError::TooManyBeats { count: beats.len(), most: MAX_BEATS });
        }
        let mut last = f64::NEG_INFINITY;
        for (index, beat) in beats.iter().enumerate() {
            if !(beat.is_finite() && *beat >= 0.0 && *beat > last) {
                return Err(DanceFileError::Beat { index, value: *beat });
            }
            last = *beat;
        }
        Ok(())
    }

    /// The beats within the duration: rising seconds of the music at its own speed.
    #[must_use]
    pub fn beats_s(&self) -> Vec<f64> {
        match (&self.beats, self.bpm) {
            (Some(beats), _) => beats.iter().copied().filter(|beat| *beat <= self.duration_s).collect(),
            (None, Some(bpm)) => {
                BeatGrid { bpm, first_beat_s: self.first_beat_s.unwrap_or(0.0) }.beats_s(self.duration_s)
            }
            (None, None) => Vec::new(),
        }
    }

    /// Where the motion lies, if this file lies in `folder`.
    #[must_use]
    pub fn motion_path(&self, folder: &Path) -> PathBuf {
        folder.join(&self.motion)
    }

    /// Where the music lies, if this file lies in `folder`; `None` where there is none.
    #[must_use]
    pub fn music_path(&self, folder: &Path) -> Option<PathBuf> {
        self.music.as_ref().map(|music| folder.join(music))
    }
}

/// The ending of a motion file in small letters, `None` where it is not one of [`MOTION_ENDINGS`].
fn ending(path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_str()?;
    MOTION_ENDINGS.into_iter().find(|known| known.eq_ignore_ascii_case(ending))
}

/// Refuses paths that leave the folder of the file without saying plainly where they go.
fn check_path(field: &'static str, path: &Path) -> Result<(), DanceFileError> {
    let refused = |reason| Err(DanceFileError::Path { field, path: path.to_owned(), reason });
    let Some(text) = path.to_str() else { return refused("it is no text in Unicode") };
    if text.trim().is_empty() {
        return refused("it is empty");
    }
    if text.chars().any(char::is_control) {
        return refused("it holds a character that cannot be seen");
    }
    // Either kind of slash, whichever system reads it: the same file must be as safe everywhere.
    if !path.is_absolute() && text.split(['/', '\\']).any(|part| part == "..") {
        return refused("it leads out of the folder; put the file beside this one or give its absolute path");
    }
    if !path.is_absolute() && text.starts_with(['/', '\\']) {
        return refused("it begins with a slash; name it from the folder of this file on or with its drive");
    }
    Ok(())
}

fn number(field: &'static str, value: f64, least: f64, most: f64) -> Result<(), DanceFileError> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(DanceFileError::Number { field, value, least, most }) }
}

const fn newest_version() -> u32 {
    DANCE_FILE_VERSION
}
