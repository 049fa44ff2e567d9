//! From a take to the files that other programs read.
//!
//! A take is solved as a whole ([`motion::offline`](crate::motion::offline)), once for each person in it, and written in
//! every format that was asked for: one file a person. Files are written aside and put into place when they are whole.

mod avatar;
mod error;
mod markers;
mod poses;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

pub use avatar::ExportAvatar;
pub use error::ExportError;

use crate::formats::take::TakeReader;
use crate::motion::BodyPose;
use crate::motion::offline::{self, Known, OfflineMotion, OfflineOptions};
use crate::settings::Settings;

/// Who is seen for less than this, seconds, passed by, unless nobody else is there.
const PASSED_BY_S: f64 = 0.5;

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Biovision hierarchy: Blender, `MotionBuilder`, Maya.
    Bvh,
    /// The avatar with the motion in it: Blender, Unity, Godot, browsers.
    Glb,
    /// VRM animation.
    Vrma,
    /// Tables of landmarks, hands and joint angles.
    Csv,
    /// Marker trajectories for `OpenSim`.
    Trc,
    /// Marker trajectories for laboratories.
    C3d,
    /// Everything: poses, landmarks, foot contacts, what was filled.
    Json,
}

impl Format {
    /// Every format, in the order of lists.
    pub const ALL: [Self; 7] = [Self::Bvh, Self::Glb, Self::Vrma, Self::Csv, Self::Trc, Self::C3d, Self::Json];

    /// The name, which is the files' ending too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bvh => "bvh",
            Self::Glb => "glb",
            Self::Vrma => "vrma",
            Self::Csv => "csv",
            Self::Trc => "trc",
            Self::C3d => "c3d",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim().trim_start_matches('.').to_ascii_lowercase();
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|format| format.name() == wanted)
            .ok_or_else(|| format!("`{text}` is no format; there are {}", known()))
    }
}

/// How takes are written.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// In which formats.
    pub formats: Vec<Format>,
    /// Frames a second, `None` for the take's own.
    pub fps: Option<f64>,
    /// From when to when, seconds of the take's own length.
    pub range_s: (f64, f64),
    /// Above so many hertz, movement counts as trembling; `None` leaves the landmarks as they were recorded.
    pub cutoff_hz: Option<f64>,
    /// Begin BVH files with one frame in the T-pose.
    pub t_pose_first: bool,
    /// How people are turned into poses.
    pub settings: Settings,
}

impl ExportOptions {
    /// All of a take, smoothed as usual, in these formats.
    #[must_use]
    pub fn new(formats: Vec<Format>, settings: Settings) -> Self {
        let range_s = (0.0, f64::INFINITY);
        Self { formats, fps: None, range_s, cutoff_hz: Some(6.0), t_pose_first: false, settings }
    }
}

/// What came of one take.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// Files written.
    pub files: Vec<PathBuf>,
    /// People in them.
    pub people: usize,
    /// Frames of the longest one.
    pub frames: usize,
    /// Frames a second.
    pub fps: f64,
    /// Seconds of the longest one.
    pub duration_s: f64,
    /// Seconds, over all people, that were filled from just before and just after.
    pub filled_s: f64,
    /// Seconds, over all people, in which they were not seen for too long.
    pub missing_s: f64,
    /// Whether the take was cut off, as by a crash: it was written up to there.
    pub is_cut: bool,
}

/// Writes a take into `folder`, its files named like the take. `progress` hears how far it is, 0 to 1.
///
/// # Errors
/// [`ExportError`]: the take cannot be read, nobody is in it, a rate that is none, a file that cannot be written.
pub fn export(
    take: &Path,
    folder: &Path,
    avatar: &ExportAvatar,
    options: &ExportOptions,
    progress: &mut dyn FnMut(f32),
) -> Result<Exported, ExportError> {
    let mut reader = TakeReader::open(take)?;
    let name = take.file_stem().map_or_else(|| "take".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let (people, size) = read_people(&mut reader, options.range_s, &mut |share| progress(0.4 * share))?;
    let people: Vec<_> = in_order(people);
    if people.is_empty() {
        return Err(ExportError::Nobody { take: take.to_owned() });
    }
    std::fs::create_dir_all(folder).map_err(|source| ExportError::Write { path: folder.to_owned(), source })?;
    let mut exported = Exported {
        files: Vec::new(),
        people: people.len(),
        frames: 0,
        fps: 0.0,
        duration_s: 0.0,
        filled_s: 0.0,
        missing_s: 0.0,
        is_cut: !reader.is_whole(),
    };
    let solver = options.settings.solver_options(size.0, size.1);
    let how = OfflineOptions { fps: options.fps, cutoff_hz: options.cutoff_hz, ..OfflineOptions::new(solver) };
    let steps = (people.len() * (1 + options.formats.len())) as f32;
    let mut done = 0.0;
    let mut advance = || {
        done += 1.0;
        progress(0.4 + 0.6 * done / steps);
    };
    for (number, (id, frames)) in people.iter().enumerate() {
        let name = if people.len() == 1 { name.clone() } else { format!("{name}-person{}", number + 1) };
        let borrowed: Vec<(f64, &BodyPose)> = frames.iter().map(|(time_s, body)| (*time_s, body)).collect();
        let motion = offline::solve(&name, &borrowed, &avatar.humanoid.rest, &how)
            .ok_or_else(|| ExportError::Unsolvable { take: take.to_owned(), fps: options.fps })?;
        advance();
        for format in &options.formats {
            let job = write::Job { folder, name: &name, person: *id, avatar, motion: &motion, size, options };
            exported.files.extend(write::write(*format, &job)?);
            advance();
        }
        let seconds = |kind: Known| count(&motion, kind) / motion.clip.fps;
        exported.fps = motion.clip.fps;
        exported.frames = exported.frames.max(motion.clip.poses.len());
        exported.duration_s = exported.duration_s.max(motion.clip.duration_s());
        exported.filled_s += seconds(Known::Filled);
        exported.missing_s += seconds(Known::Missing);
    }
    Ok(exported)
}

fn count(motion: &OfflineMotion, kind: Known) -> f64 {
    motion.known.iter().filter(|known| **known == kind).count() as f64
}

type Frames = Vec<(f64, BodyPose)>;

/// Everybody's frames by id, and the size of the pictures.
fn read_people(
    reader: &mut TakeReader,
    range_s: (f64, f64),
    progress: &mut dyn FnMut(f32),
) -> Result<(BTreeMap<u32, Frames>, (u32, u32)), ExportError> {
    let mut people: BTreeMap<u32, Frames> = BTreeMap::new();
    let mut size = (reader.header().width, reader.header().height);
    let (start_s, count) = (reader.first_time_s(), reader.len());
    let first = reader.index_at(start_s + range_s.0)?.unwrap_or(0);
    let now = Instant::now();
    for index in first..count {
        let frame = reader.tracked(index, now)?;
        let at_s = frame.time_s - start_s;
        if at_s > range_s.1 {
            break;
        }
        if at_s < range_s.0 {
            continue;
        }
        size = (frame.width, frame.height);
        for body in frame.people {
            let frames = people.entry(body.id).or_default();
            // A person twice in one frame would make time stand still.
            if frames.last().is_none_or(|(time_s, _)| *time_s < frame.time_s) {
                frames.push((frame.time_s, body));
            }
        }
        if index.is_multiple_of(256) {
            progress((index - first) as f32 / (count - first) as f32);
        }
    }
    Ok((people, size))
}

/// People who are there long enough, in the order in which they came.
fn in_order(people: BTreeMap<u32, Frames>) -> Vec<(u32, Frames)> {
    let length = |frames: &Frames| match (frames.first(), frames.last()) {
        (Some((from, _)), Some((to, _))) => to - from,
        _ => 0.0,
    };
    let mut people: Vec<_> = people.into_iter().filter(|(_, frames)| frames.len() > 1).collect();
    if people.iter().any(|(_, frames)| length(frames) >= PASSED_BY_S) {
        people.retain(|(_, frames)| length(frames) >= PASSED_BY_S);
    }
    people.sort_by(|(_, a), (_, b)| a[0].0.total_cmp(&b[0].0));
    people
}

#[cfg(test)]
mod tests;
