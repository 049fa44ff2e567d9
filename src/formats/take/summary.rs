//! What a list of takes says of each.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use std::{fs, io};

use super::error::TakeError;
use super::header::TakeHeader;
use super::reader::{Ending, TakeReader};
use crate::files::is_draft;
use crate::formats::record::FrameRecord;

/// The ending of takes' names.
pub const TAKE_EXTENSION: &str = "ldt";
/// Frames that are looked at to count people and to find a picture.
const SAMPLES: usize = 9;

/// A take in short.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeSummary {
    /// The file.
    pub path: PathBuf,
    /// What it says of itself.
    pub header: TakeHeader,
    /// Frames that can be read.
    pub frames: usize,
    /// From the first to the last of them, seconds.
    pub duration_s: f64,
    /// Time of the last of them, seconds of the take's own clock.
    pub last_time_s: f64,
    /// Size of the file.
    pub bytes: u64,
    /// Most people in one of the frames that were looked at.
    pub people: usize,
    /// Whether it is whole.
    pub ending: Ending,
    /// When it was begun, seconds since 1970 began; for a take that does not say it, when the file was changed last.
    pub created_unix_s: Option<u64>,
    /// A frame a third into the take, or another one in which somebody is seen.
    pub poster: Option<FrameRecord>,
}

impl TakeSummary {
    /// Looks into a take. Reads some of its frames, not all.
    ///
    /// # Errors
    /// As [`TakeReader::open`].
    pub fn read(path: &Path) -> Result<Self, TakeError> {
        let mut take = TakeReader::open(path)?;
        let metadata = fs::metadata(path).map_err(|reason| TakeError::read(path, reason))?;
        let (people, poster) = look_into(&mut take);
        Ok(Self {
            path: path.to_owned(),
            header: take.header().clone(),
            frames: take.len(),
            duration_s: take.duration_s(),
            last_time_s: take.last_time_s(),
            bytes: metadata.len(),
            people,
            ending: take.ending(),
            created_unix_s: take.header().created_unix_s.or_else(|| changed_unix_s(&metadata)),
            poster,
        })
    }

    /// What the user calls it: its name, else the file's.
    #[must_use]
    pub fn name(&self) -> String {
        match self.header.name.trim() {
            "" => self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            name => name.to_owned(),
        }
    }

    /// Whether everything that was recorded is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.ending == Ending::Whole
    }
}

/// The people of frames from all over the take, and the one to show. Damage elsewhere is no reason to show nothing.
fn look_into(take: &mut TakeReader) -> (usize, Option<FrameRecord>) {
    let frames = take.len();
    let third = frames / 3;
    let spread = (0..SAMPLES).map(|sample| third + sample * frames / SAMPLES);
    let (mut people, mut poster) = (0, None);
    for index in spread {
        let Ok(frame) = take.frame(index % frames.max(1)) else { continue };
        people = people.max(frame.people.len());
        if poster.is_none() && frame.people.iter().any(|person| !person.landmarks.is_empty()) {
            poster = Some(frame);
        }
    }
    (people, poster)
}

fn changed_unix_s(metadata: &fs::Metadata) -> Option<u64> {
    let changed = metadata.modified().ok()?;
    changed.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// The takes in a folder, in the order of their names, without those in the making; none in a folder that is not there.
///
/// # Errors
/// What the system says of a folder that cannot be read.
pub fn takes_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_take(path) && !is_draft(path)).collect();
    paths.sort();
    Ok(paths)
}

/// Whether a file's name says that it is a take.
#[must_use]
pub fn is_take(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(TAKE_EXTENSION))
}
