//! Which dances there are, how one is read, and how a motion and a beat become one.
//!
//! - [`list`]: the bundled dances and the user's own, and what is wrong with those that cannot be danced.
//! - [`load`]: a dance with its motion, its beats and the place of its music.
//! - [`create`]: a new dance in the user's folder, out of any motion.
//!
//! Music is looked for beside the dance file, then among the bundled pieces, so that anybody can dance to those.

mod create;
mod error;
mod motion;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::formats::dance::{DANCE_FILE_ENDING, DanceFile};
use crate::motion::clip::MotionClip;
use crate::motion::dance::{DanceTrack, TrackError, TrackOptions};
use crate::motion::skeleton::RestSkeleton;
use crate::paths::{data_folder, shipped_folder};

pub use create::{DanceDraft, DraftBeats, MIN_TAPS, create, create_in};
pub use error::DanceError;
pub use motion::{Motion, read_motion};

/// A dance that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct DanceEntry {
    /// The name in code and in scores: the file's name without its ending.
    pub id: String,
    /// What stands in the file.
    pub file: DanceFile,
    /// Where the file lies.
    pub path: PathBuf,
    /// Whether the program ships with it.
    pub is_bundled: bool,
}

impl DanceEntry {
    /// A few words: beats a minute, length, level.
    #[must_use]
    pub fn note(&self) -> String {
        let seconds = self.file.duration_s.round() as u64;
        let level = self.file.difficulty.name();
        let bpm = self.bpm().map_or_else(String::new, |bpm| format!("{bpm:.0} bpm · "));
        format!("{bpm}{}:{:02} · {level}", seconds / 60, seconds % 60)
    }

    /// Beats a minute: what the file says, else what its listed beats give; `None` for a single beat.
    #[must_use]
    pub fn bpm(&self) -> Option<f64> {
        self.file.bpm.or_else(|| {
            let beats = self.file.beats_s();
            let (first, last) = (beats.first()?, beats.last()?);
            (last > first).then(|| 60.0 * (beats.len() - 1) as f64 / (last - first))
        })
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new(""))
    }
}

/// All dances.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DanceList {
    /// Those that can be chosen: the bundled ones, the easiest first, then the user's own by name.
    pub dances: Vec<DanceEntry>,
    /// What is wrong with the others, one sentence each, with the file's place.
    pub problems: Vec<String>,
}

impl DanceList {
    /// The dance with this name; the first one where it is empty.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&DanceEntry> {
        if id.is_empty() { self.dances.first() } else { self.dances.iter().find(|dance| dance.id == id) }
    }
}

/// A dance, ready to be danced.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedDance {
    /// The name in code and in scores.
    pub id: String,
    /// What stands in the file.
    pub file: DanceFile,
    /// The motion, on the skeleton that was asked for.
    pub clip: MotionClip,
    /// Motion time at which the music begins, seconds, in the clip's own time.
    pub motion_start_s: f64,
    /// Rising seconds of the music at its own speed; at least one.
    pub beats_s: Vec<f64>,
    /// The music, a file that is there; `None` for a dance without.
    pub music: Option<PathBuf>,
}

impl LoadedDance {
    /// What a player is scored against when the dance is played at `speed`, 1 for its own.
    ///
    /// # Errors
    /// [`TrackError`]: no beat falls into the motion, nothing moves at any of them.
    pub fn track(&self, speed: f64) -> Result<DanceTrack, TrackError> {
        let options = TrackOptions { speed, motion_start_s: self.motion_start_s, ..TrackOptions::default() };
        DanceTrack::new(&self.clip, &self.beats_s, options)
    }
}

/// Where the user's own dances lie; it need not be there.
#[must_use]
pub fn own_folder() -> PathBuf {
    data_folder("dances")
}

/// The bundled dances and the user's own.
#[must_use]
pub fn list() -> DanceList {
    list_in(&shipped_folder("assets").join("dances"), &own_folder())
}

/// As [`list`], of these folders. A folder that is not there has no dances.
#[must_use]
pub fn list_in(bundled: &Path, own: &Path) -> DanceList {
    let mut list = DanceList::default();
    for (folder, is_bundled) in [(bundled, true), (own, false)] {
        let from = list.dances.len();
        for path in dance_files(folder, &mut list.problems) {
            match entry(&path, is_bundled) {
                Ok(found) if list.dances.iter().any(|known| known.id == found.id) => {
                    let place = path.display();
                    list.problems.push(format!("{place}: a bundled dance is called {}; rename this file", found.id));
                }
                Ok(found) => list.dances.push(found),
                Err(error) => list.problems.push(error.to_string()),
            }
        }
        if is_bundled {
            list.dances[from..].sort_by_key(|dance| dance.file.difficulty as u8);
        }
    }
    list
}

/// The dance files of a folder, by name.
fn dance_files(folder: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                problems.push(format!("{}: cannot be read: {error}", folder.display()));
            }
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| id(path).is_some()).collect();
    files.sort();
    files
}

/// The name of a dance by its file's; `None` for other files.
fn id(path: &Path) -> Option<String> {
    let id = path.file_name()?.to_str()?.strip_suffix(DANCE_FILE_ENDING)?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// Reads a dance file and looks whether what it names is there.
///
/// # Errors
/// [`DanceError::File`], [`DanceError::Missing`].
pub fn entry(path: &Path, is_bundled: bool) -> Result<DanceEntry, DanceError> {
    let file = DanceFile::read(path).map_err(|error| DanceError::File { path: path.to_owned(), error })?;
    let id = id(path).unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    let entry = DanceEntry { id, file, path: path.to_owned(), is_bundled };
    let motion = entry.file.motion_path(entry.folder());
    if !motion.is_file() {
        return Err(DanceError::Missing { path: path.to_owned(), what: "motion", file: motion });
    }
    music(&entry)?;
    Ok(entry)
}

/// Where the music of a dance lies.
fn music(entry: &DanceEntry) -> Result<Option<PathBuf>, DanceError> {
    let Some(beside) = entry.file.music_path(entry.folder()) else { return Ok(None) };
    if beside.is_file() {
        return Ok(Some(beside));
    }
    let bundled = beside.file_name().map(|name| shipped_folder("assets").join("music").join(name));
    match bundled.filter(|bundled| bundled.is_file()) {
        Some(bundled) => Ok(Some(bundled)),
        None => Err(DanceError::Missing { path: entry.path.clone(), what: "music", file: beside }),
    }
}

/// The skeleton that dances are kept on: the usual avatar's, read once.
///
/// # Errors
/// [`DanceError::Avatar`]: the shipped avatar cannot be read.
pub fn skeleton() -> Result<&'static RestSkeleton, DanceError> {
    static USUAL: OnceLock<Result<RestSkeleton, String>> = OnceLock::new();
    let usual = USUAL.get_or_init(|| crate::avatar_library::load("").map(|avatar| avatar.humanoid.rest));
    usual.as_ref().map_err(|message| DanceError::Avatar(message.clone()))
}

/// Reads a dance with its motion, put onto this skeleton.
///
/// # Errors
/// [`DanceError`]: the motion or the music is not there, the motion cannot be used, nothing can be scored in it.
pub fn load(entry: &DanceEntry, skeleton: &RestSkeleton) -> Result<LoadedDance, DanceError> {
    let path = entry.file.motion_path(entry.folder());
    let motion = read_motion(&path, entry.file.person, skeleton)?;
    let dance = LoadedDance {
        id: entry.id.clone(),
        beats_s: entry.file.beats_s(),
        music: music(entry)?,
        motion_start_s: entry.file.motion_start_s - motion.starts_s,
        clip: motion.clip,
        file: entry.file.clone(),
    };
    dance.track(1.0).map_err(|error| DanceError::Track { path: entry.path.clone(), error })?;
    Ok(dance)
}

#[cfg(test)]
mod tests;
