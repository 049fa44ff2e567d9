//! One motion, one format.

use std::cell::OnceCell;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::error::FormatFault;
use super::poses::Document;
use super::{ExportAvatar, ExportError, Format, markers};
use crate::files::Draft;
use crate::formats::c3d::write_c3d;
use crate::formats::csv::{AngleTable, HandTable, LandmarkTable, Points};
use crate::formats::lab::LabError;
use crate::formats::record::{FrameRecord, PersonRecord, TimingsRecord};
use crate::formats::trc::write_trc;
use crate::formats::{bvh, gltf_animation, vrma};
use crate::motion::angle::joint_angles;
use crate::motion::clip::MarkerSeries;
use crate::motion::offline::OfflineMotion;

/// What is to be written.
pub(super) struct Job<'a> {
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
    pub(super) person: u32,
    pub(super) avatar: &'a ExportAvatar,
    pub(super) motion: &'a OfflineMotion,
    /// Pixels of the source picture.
    pub(super) size: (u32, u32),
    pub(super) t_pose_first: bool,
    /// Of the motion, for those formats that have markers; empty until one of them is written.
    pub(super) markers: OnceCell<MarkerSeries>,
}

/// Writes the files of one format and returns where they lie.
pub(super) fn write(format: Format, job: &Job<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let clip = &job.motion.clip;
    let file = match format {
        Format::Csv => return tables(job),
        Format::Bvh => {
            let options = bvh::WriteOptions { t_pose_first: job.t_pose_first };
            job.file("bvh", |out| Ok(bvh::write(clip, &options, out)?))
        }
        Format::Glb => job.file("glb", |out| {
            let ExportAvatar { bytes, folder, humanoid, .. } = job.avatar;
            Ok(out.write_all(&gltf_animation::write(bytes, folder.as_deref(), humanoid, clip)?)?)
        }),
        Format::Vrma => job.file("vrma", |out| Ok(out.write_all(&vrma::write(clip, &[])?)?)),
        Format::Trc => job.file("trc", |out| Ok(write_trc(job.markers(), out)?)),
        Format::C3d => job.file("c3d", |out| Ok(write_c3d(job.markers(), out)?)),
        Format::Json => job.file("json", |out| Ok(serde_json::to_writer(out, &Document::new(job.motion, job.person))?)),
    };
    file.map(|file| vec![file])
}

/// All tables at once, so that what stands in a frame is worked out once.
fn tables(job: &Job<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let [points, angles, hands] = ["landmarks.csv", "angles.csv", "hands.csv"].map(|ending| job.path(ending));
    let mut point_table = at(&points, LandmarkTable::new(begin(&points)?, Points::World))?;
    let mut angle_table = at(&angles, AngleTable::new(begin(&angles)?))?;
    let mut hand_table =
        if markers::has_hands(job.motion) { Some(at(&hands, HandTable::new(begin(&hands)?))?) } else { None };
    for record in records(job) {
        at(&points, point_table.push(&record))?;
        at(&angles, angle_table.push(&record))?;
        if let Some(table) = &mut hand_table {
            at(&hands, table.push(&record))?;
        }
    }
    let end = |path: &Path, finished: Result<Draft, LabError>| at(path, at(path, finished)?.commit());
    end(&points, point_table.finish())?;
    end(&angles, angle_table.finish())?;
    let mut files = vec![points, angles];
    if let Some(table) = hand_table {
        end(&hands, table.finish())?;
        files.push(hands);
    }
    Ok(files)
}

fn begin(path: &Path) -> Result<Draft, ExportError> {
    at(path, Draft::beside(path))
}

/// Says where something went wrong.
fn at<T, E: Into<FormatFault>>(path: &Path, result: Result<T, E>) -> Result<T, ExportError> {
    result.map_err(|source| ExportError::Format { path: path.to_owned(), source: source.into() })
}

/// The smoothed motion as the records of frames.
fn records<'a>(job: &'a Job<'_>) -> impl Iterator<Item = FrameRecord> + 'a {
    job.motion.bodies.iter().enumerate().map(|(index, body)| FrameRecord {
        frame: index as u64,
        // Six digits are a microsecond.
        time_s: (index as f64 / job.motion.clip.fps * 1e6).round() / 1e6,
        width: job.size.0,
        height: job.size.1,
        people: body.iter().map(|body| PersonRecord::new(body, &joint_angles(&body.world))).collect(),
        timings_ms: TimingsRecord::default(),
    })
}

impl Job<'_> {
    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    fn markers(&self) -> &MarkerSeries {
        self.markers.get_or_init(|| markers::series(self.motion))
    }

    /// Writes a file aside and puts it into place when it is whole.
    fn file(
        &self,
        ending: &str,
        write: impl FnOnce(&mut Draft) -> Result<(), FormatFault>,
    ) -> Result<PathBuf, ExportError> {
        let path = self.path(ending);
        let mut draft = begin(&path)?;
        at(&path, write(&mut draft))?;
        at(&path, draft.commit())?;
        Ok(path)
    }
}
