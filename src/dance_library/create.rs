//! A new dance out of any motion.

use std::path::{Path, PathBuf};

use super::{DanceError, own_folder, read_motion, skeleton};
use crate::files::FileKind;
use crate::formats::bvh;
use crate::formats::dance::{DANCE_FILE_ENDING, DANCE_FILE_VERSION, DanceFile};
use crate::motion::Difficulty;
use crate::motion::beats::Beats;
use crate::motion::clip::MotionClip;
use crate::motion::dance::{BeatGrid, DanceTrack, TrackOptions};
use crate::paths::shipped_folder;

/// Fewest taps that a dance is made of.
pub const MIN_TAPS: usize = 8;
/// Longest name of a file, characters.
const MAX_NAME: usize = 60;

/// Where the beats of a new dance come from.
#[derive(Debug, Clone, PartialEq)]
pub enum DraftBeats {
    /// Told: an even beat.
    Even(BeatGrid),
    /// Tapped along: seconds from the music's beginning, at least [`MIN_TAPS`].
    Taps(Vec<f64>),
    /// Found in the music.
    Found(Beats),
}

/// A dance that shall be made.
#[derive(Debug, Clone, PartialEq)]
pub struct DanceDraft {
    /// What to call it; its file is named by it.
    pub title: String,
    /// Who made it; may be empty.
    pub author: String,
    /// Who else is to be named; may be empty.
    pub credits: String,
    /// On what terms it may be used; may be empty.
    pub licence: String,
    /// A BVH file, a VRM animation or a take.
    pub motion: PathBuf,
    /// Which person of a take, counted from 0.
    pub person: usize,
    /// Motion time at which the music begins, seconds; below zero where the motion begins later.
    pub motion_start_s: f64,
    /// The music; it is copied.
    pub music: Option<PathBuf>,
    /// How long the music is, seconds, where that is known: the dance ends with it.
    pub music_length_s: Option<f64>,
    /// Where the beats come from.
    pub beats: DraftBeats,
    /// How hard it is to dance, as the list of dances says.
    pub difficulty: Difficulty,
}

impl DanceDraft {
    /// A dance of this name, motion and beats, with nothing else said.
    #[must_use]
    pub fn new(title: impl Into<String>, motion: impl Into<PathBuf>, beats: DraftBeats) -> Self {
        Self {
            title: title.into(),
            author: String::new(),
            credits: String::new(),
            licence: String::new(),
            motion: motion.into(),
            person: 0,
            motion_start_s: 0.0,
            music: None,
            music_length_s: None,
            beats,
            difficulty: Difficulty::Normal,
        }
    }
}

/// Makes a dance in the user's folder and returns where its file lies. A take is solved once and kept as a BVH file, so
/// that the dance begins without a wait.
///
/// # Errors
/// [`DanceError`]: a name that is taken or none, a motion that cannot be read or scored, taps without a beat, files that
/// cannot be written. Nothing is left behind.
pub fn create(draft: &DanceDraft) -> Result<PathBuf, DanceError> {
    create_in(&own_folder(), draft)
}

/// As [`create`], in this folder.
///
/// # Errors
/// As [`create`].
pub fn create_in(folder: &Path, draft: &DanceDraft) -> Result<PathBuf, DanceError> {
    let id = file_name(&draft.title).ok_or_else(|| DanceError::Name { name: draft.title.clone() })?;
    let path = folder.join(format!("{id}{DANCE_FILE_ENDING}"));
    let bundled = shipped_folder("assets").join("dances").join(format!("{id}{DANCE_FILE_ENDING}"));
    if let Some(path) = [&path, &bundled].into_iter().find(|path| path.exists()) {
        return Err(DanceError::Exists { id, path: path.clone() });
    }
    let motion = read_motion(&draft.motion, draft.person, skeleton()?)?;
    let start_s = draft.motion_start_s - motion.starts_s;
    let rest_s = motion.clip.duration_s() - start_s;
    let duration_s =
        draft.music_length_s.filter(|length| length.is_finite()).map_or(rest_s, |length| rest_s.min(length));
    let (grid, beats) = match &draft.beats {
        DraftBeats::Even(grid) => (Some(*grid), None),
        DraftBeats::Taps(taps) => {
            let found = taps.iter().filter(|tap| tap.is_finite()).count();
            if found < MIN_TAPS {
                return Err(DanceError::FewTaps { found, least: MIN_TAPS });
            }
            (Some(BeatGrid::fit(taps)?.from_zero()), None)
        }
        DraftBeats::Found(found) => {
            let inside = found.times_s.iter().copied().filter(|beat| (0.0..=duration_s).contains(beat));
            (None, Some((found.bpm, inside.collect::<Vec<f64>>())))
        }
    };
    if let Some(path) = draft.music.as_deref().filter(|music| !FileKind::Sound.has_name(music)) {
        return Err(DanceError::Music { path: path.to_owned() });
    }
    let keeps = FileKind::Bones.has_name(&draft.motion);
    let motion_name = format!("{id}.{}", if keeps { extension(&draft.motion) } else { "bvh".to_owned() });
    let music_name = draft.music.as_deref().map(|music| format!("{id}-music.{}", extension(music)));
    let file = DanceFile {
        version: DANCE_FILE_VERSION,
        title: draft.title.trim().to_owned(),
        author: draft.author.clone(),
        credits: draft.credits.clone(),
        licence: draft.licence.clone(),
        motion: PathBuf::from(&motion_name),
        motion_start_s: start_s,
        person: 0,
        music: music_name.as_ref().map(PathBuf::from),
        bpm: grid.map(|grid| grid.bpm).or(beats.as_ref().map(|(bpm, _)| *bpm)),
        first_beat_s: grid.map(|grid| grid.first_beat_s),
        beats: beats.map(|(_, times)| times),
        // An end that is past the last frame by rounding would be no fault of the user's.
        duration_s: (duration_s * 1000.0).floor() / 1000.0,
        difficulty: draft.difficulty,
    };
    file.check().map_err(DanceError::Draft)?;
    let options = TrackOptions { motion_start_s: start_s, ..TrackOptions::default() };
    DanceTrack::new(&motion.clip, &file.beats_s(), options)
        .map_err(|error| DanceError::Track { path: draft.motion.clone(), error })?;

    std::fs::create_dir_all(folder).map_err(|error| DanceError::Io { path: folder.to_owned(), error })?;
    let mut made = Made(Vec::new());
    let kept = folder.join(motion_name);
    if keeps {
        made.copy(&draft.motion, &kept)?;
    } else {
        made.write(&motion.clip, &kept)?;
    }
    if let (Some(music), Some(name)) = (&draft.music, music_name) {
        made.copy(music, &folder.join(name))?;
    }
    file.write(&path).map_err(|error| DanceError::File { path: path.clone(), error })?;
    made.0.clear();
    Ok(path)
}

/// Files that were made so far: they go again unless all of them could be made.
struct Made(Vec<PathBuf>);

impl Made {
    fn copy(&mut self, from: &Path, to: &Path) -> Result<(), DanceError> {
        let failed = |path: &Path, error| DanceError::Io { path: path.to_owned(), error };
        let mut source = std::fs::File::open(from).map_err(|error| failed(from, error))?;
        let mut file = self.create(to)?;
        std::io::copy(&mut source, &mut file).map_err(|error| failed(to, error))?;
        Ok(())
    }

    fn write(&mut self, clip: &MotionClip, to: &Path) -> Result<(), DanceError> {
        let mut file = std::io::BufWriter::new(self.create(to)?);
        bvh::write(clip, &bvh::WriteOptions::default(), &mut file)
            .map_err(|error| DanceError::Motion { path: to.to_owned(), reason: error.to_string() })?;
        std::io::Write::flush(&mut file).map_err(|error| DanceError::Io { path: to.to_owned(), error })
    }

    /// A new file; one that is there already, such as the motion of somebody's other dance, is never overwritten.
    fn create(&mut self, path: &Path) -> Result<std::fs::File, DanceError> {
        let file = std::fs::File::create_new(path).map_err(|error| DanceError::Io { path: path.to_owned(), error })?;
        self.0.push(path.to_owned());
        Ok(file)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // Whoever removed it before has done the same.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The ending of a file in small letters, empty where it has none.
fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// A name as a file's: letters and digits in small, everything else as single dashes. `None` where nothing is left.
fn file_name(title: &str) -> Option<String> {
    let mut name = String::new();
    for letter in title.chars().flat_map(char::to_lowercase).take(MAX_NAME) {
        if letter.is_alphanumeric() {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}
