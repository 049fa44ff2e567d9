//! From a take to the files that other programs read.
//!
//! A take is solved as a whole ([`motion::offline`](crate::motion::offline)), once for each person in it, and written in
//! every format that was asked for: one file a person. Files are written aside and put into place when they are whole.

mod avatar;
mod error;
mod markers;
mod poses;
mod write;

use std::cell::OnceCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use avatar::ExportAvatar;
pub use error::ExportError;

use crate::formats::take::{TakePeople, TakeReader};
use crate::motion::BodyPose;
use crate::motion::avatar_solver::SolverOptions;
use crate::motion::fit::View;
use crate::motion::offline::{self, Known, OfflineMotion, OfflineOptions};
use crate::settings::Settings;

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
    /// How everybody in the take is turned into poses. The size of its view is that of the take's pictures, whatever stands
    /// here.
    pub solver: SolverOptions,
}

impl ExportOptions {
    /// All of a take, smoothed as usual, in these formats, solved as `settings` say, wherever it is exported. Of these, the
    /// mirror is left out, which is a way of looking while files hold what was done; and the height and the calibrated bones,
    /// since who is in a take need not be who was measured, and there may be several. Whoever wants a mirror image or knows the
    /// people's height says so in `solver`.
    #[must_use]
    pub fn new(formats: Vec<Format>, settings: &Settings) -> Self {
        let range_s = (0.0, f64::INFINITY);
        let solver = SolverOptions { mirror: false, height_m: None, bones: None, ..settings.solver_options(0, 0) };
        Self { formats, fps: None, range_s, cutoff_hz: Some(6.0), t_pose_first: false, solver }
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

/// Writes a take into `folder`, its files named like the take. `goes_on` hears how far it is, 0 to 1, and says whether to go
/// on; files that are complete when it says no stay, others are not left behind.
///
/// # Errors
/// [`ExportError`]: the take cannot be read, nobody is in it, a rate that is none, a file that cannot be written, stopped.
pub fn export(
    take: &Path,
    folder: &Path,
    avatar: &ExportAvatar,
    options: &ExportOptions,
    goes_on: &mut dyn FnMut(f32) -> bool,
) -> Result<Exported, ExportError> {
    let stopped = || ExportError::Stopped { take: take.to_owned() };
    let mut reader = TakeReader::open(take)?;
    let name = take.file_stem().map_or_else(|| "take".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let mut is_stopped = false;
    let mut ask = |share: f32| {
        is_stopped = is_stopped || !goes_on(share);
        !is_stopped
    };
    let TakePeople { people, size } = reader.people(options.range_s, &mut |share| ask(0.4 * share))?;
    if !ask(0.4) {
        return Err(stopped());
    }
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
    let view = View { width: size.0, height: size.1, ..options.solver.view };
    let solver = SolverOptions { view, ..options.solver };
    let how = OfflineOptions { fps: options.fps, cutoff_hz: options.cutoff_hz, ..OfflineOptions::new(solver) };
    let steps = (people.len() * (1 + options.formats.len())) as f32;
    let (mut done, is_one) = (0.0, people.len() == 1);
    // Whose files are written needs no landmarks as they were recorded any more.
    for (number, person) in people.into_iter().enumerate() {
        let name = if is_one { name.clone() } else { format!("{name}-person{}", number + 1) };
        let at = |done: f32| 0.4 + 0.6 * done / steps;
        let frames: Vec<(f64, &BodyPose)> = person.frames.iter().map(|(time_s, body)| (*time_s, body)).collect();
        let motion = offline::solve_while(&name, &frames, &avatar.humanoid.rest, &how, &mut || ask(at(done)));
        if !ask(at(done)) {
            return Err(stopped());
        }
        let motion = motion.ok_or_else(|| ExportError::Unsolvable { take: take.to_owned(), fps: options.fps })?;
        let id = person.id;
        drop(person);
        let job = write::Job {
            folder,
            name: &name,
            person: id,
            avatar,
            motion: &motion,
            size,
            t_pose_first: options.t_pose_first,
            markers: OnceCell::new(),
        };
        done += 1.0;
        for format in &options.formats {
            if !ask(at(done)) {
                return Err(stopped());
            }
            exported.files.extend(write::write(*format, &job)?);
            done += 1.0;
        }
        let seconds = |kind: Known| count(&motion, kind) / motion.clip.fps;
        exported.fps = motion.clip.fps;
        exported.frames = exported.frames.max(motion.clip.poses.len());
        exported.duration_s = exported.duration_s.max(motion.clip.duration_s());
        exported.filled_s += seconds(Known::Filled);
        exported.missing_s += seconds(Known::Missing);
    }
    ask(1.0);
    Ok(exported)
}

fn count(motion: &OfflineMotion, kind: Known) -> f64 {
    motion.known.iter().filter(|known| **known == kind).count() as f64
}

#[cfg(test)]
mod tests;
