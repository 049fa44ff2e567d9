//! Motion for a dance: of bones out of a BVH file or a VRM animation, or solved from a take.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::DanceError;
use crate::files::FileKind;
use crate::formats::take::{TakeError, TakePeople, TakeReader};
use crate::formats::{bvh, vrma};
use crate::motion::BodyPose;
use crate::motion::clip::MotionClip;
use crate::motion::offline::{self, OfflineOptions};
use crate::motion::skeleton::RestSkeleton;
use crate::settings::Settings;

/// Largest file of bones that is read, bytes: an hour of text.
const MAX_BYTES: u64 = 512 << 20;
/// Longest take that is solved, frames: an hour at 60 a second.
const MAX_FRAMES: usize = 216_000;

/// The motion of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// On the skeleton that was asked for.
    pub clip: MotionClip,
    /// When the clip's first frame is, seconds from the beginning of the file: above zero for who came into a take later.
    pub starts_s: f64,
}

/// Reads the motion of a `.bvh`, `.vrma`, `.ldt` or `.jsonl` file, told apart by what is in it. `person` counts those of a
/// take from 0 in the order in which they came; other files have one.
///
/// # Errors
/// [`DanceError::Io`], [`DanceError::Motion`], [`DanceError::Nobody`].
pub fn read_motion(path: &Path, person: usize, skeleton: &RestSkeleton) -> Result<Motion, DanceError> {
    match FileKind::of_motion(path) {
        Some(FileKind::Take) => return solve_take(path, person, skeleton),
        Some(_) => {}
        // A VRM animation is glTF, whatever it is called.
        None if is_gltf(&beginning(path)?) => {}
        None => {
            let reason = "neither a BVH file, a VRM animation nor a take; give one of these".to_owned();
            return Err(DanceError::Motion { path: path.to_owned(), reason });
        }
    }
    Ok(Motion { clip: read_bones(path)?.onto(skeleton), starts_s: 0.0 })
}

fn beginning(path: &Path) -> Result<Vec<u8>, DanceError> {
    let failed = |error| DanceError::Io { path: path.to_owned(), error };
    let mut begin = Vec::new();
    File::open(path).map_err(failed)?.take(64).read_to_end(&mut begin).map_err(failed)?;
    Ok(begin)
}

fn is_gltf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"glTF") || bytes.trim_ascii_start().starts_with(b"{")
}

fn read_bones(path: &Path) -> Result<MotionClip, DanceError> {
    let wrong = |reason: String| DanceError::Motion { path: path.to_owned(), reason };
    let failed = |error| DanceError::Io { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(wrong(format!("it has more than {} megabytes", MAX_BYTES >> 20)));
    }
    let clip = if is_gltf(&bytes) {
        vrma::read(&bytes, None).map_err(|error| wrong(error.to_string()))?.clip
    } else {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let options = bvh::ReadOptions { name, ..bvh::ReadOptions::default() };
        bvh::read(&String::from_utf8_lossy(&bytes), &options).map_err(|error| wrong(error.to_string()))?
    };
    if clip.poses.is_empty() { Err(wrong("it has no frames".to_owned())) } else { Ok(clip) }
}

/// One person of a take, solved as a whole, as it was filmed: not as in a mirror.
fn solve_take(path: &Path, person: usize, skeleton: &RestSkeleton) -> Result<Motion, DanceError> {
    let wrong = |reason: String| DanceError::Motion { path: path.to_owned(), reason };
    let unread = |error: TakeError| wrong(error.to_string());
    let mut take = TakeReader::open(path).map_err(unread)?;
    if take.len() > MAX_FRAMES {
        return Err(wrong("the take is longer than an hour; cut it first".to_owned()));
    }
    let TakePeople { people, size } = take.people((0.0, f64::INFINITY), &mut |_| true).map_err(unread)?;
    let found = people.len();
    let dancer = people.into_iter().nth(person).ok_or(DanceError::Nobody { path: path.to_owned(), person, found })?;
    let settings = Settings { mirror: false, ..Settings::default() };
    let options = OfflineOptions::new(settings.solver_options(size.0, size.1));
    let frames: Vec<(f64, &BodyPose)> = dancer.frames.iter().map(|(time_s, body)| (*time_s, body)).collect();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let solved = offline::solve(&name, &frames, skeleton, &options)
        .ok_or_else(|| wrong("no motion can be solved from it".to_owned()))?;
    Ok(Motion { clip: solved.clip, starts_s: (solved.start_s - take.first_time_s()).max(0.0) })
}
