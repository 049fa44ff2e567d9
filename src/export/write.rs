//! One motion, one format.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::FormatFault;
use super::poses::Document;
use super::{ExportAvatar, ExportError, ExportOptions, Format, markers};
use crate::formats::c3d::write_c3d;
use crate::formats::csv::{AngleTable, HandTable, LandmarkTable, Points};
use crate::formats::record::{FrameRecord, PersonRecord, TimingsRecord};
use crate::formats::trc::write_trc;
use crate::formats::{bvh, gltf_animation, vrma};
use crate::motion::angle::joint_angles;
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
    pub(super) options: &'a ExportOptions,
}

/// Writes the files of one format and returns where they lie.
pub(super) fn write(format: Format, job: &Job<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let clip = &job.motion.clip;
    let file = match format {
        Format::Csv => return tables(job),
        Format::Bvh => {
            let options = bvh::WriteOptions { t_pose_first: job.options.t_pose_first };
            job.file("bvh", |out| Ok(bvh::write(clip, &options, out)?))
        }
        Format::Glb => job.file("glb", |out| {
            let ExportAvatar { bytes, folder, humanoid } = job.avatar;
            Ok(out.write_all(&gltf_animation::write(bytes, folder.as_deref(), humanoid, clip)?)?)
        }),
        Format::Vrma => job.file("vrma", |out| Ok(out.write_all(&vrma::write(clip, &[])?)?)),
        Format::Trc => job.file("trc", |out| Ok(write_trc(&markers::series(job.motion), out)?)),
        Format::C3d => job.file("c3d", |out| Ok(write_c3d(&markers::series(job.motion), out)?)),
        Format::Json => job.file("json", |out| Ok(serde_json::to_writer(out, &Document::new(job.motion, job.person))?)),
    };
    file.map(|file| vec![file])
}

fn tables(job: &Job<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let mut files = vec![
        job.file("landmarks.csv", |out| {
            let mut table = LandmarkTable::new(out, Points::World)?;
            records(job).try_for_each(|record| table.push(&record))?;
            table.finish()?;
            Ok(())
        })?,
        job.file("angles.csv", |out| {
            let mut table = AngleTable::new(out)?;
            records(job).try_for_each(|record| table.push(&record))?;
            table.finish()?;
            Ok(())
        })?,
    ];
    if markers::has_hands(job.motion) {
        files.push(job.file("hands.csv", |out| {
            let mut table = HandTable::new(out)?;
            records(job).try_for_each(|record| table.push(&record))?;
            table.finish()?;
            Ok(())
        })?);
    }
    Ok(files)
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
    /// Writes a file aside and puts it into place when it is whole.
    fn file(
        &self,
        ending: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> Result<(), FormatFault>,
    ) -> Result<PathBuf, ExportError> {
        let path = self.folder.join(format!("{}.{ending}", self.name));
        let aside = self.folder.join(format!("{}.{ending}.partial", self.name));
        let written = File::create(&aside).map_err(FormatFault::from).and_then(|file| {
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            out.flush()?;
            Ok(std::fs::rename(&aside, &path)?)
        });
        written.map(|()| path.clone()).map_err(|source| {
            let _ = std::fs::remove_file(&aside);
            ExportError::Format { path, source }
        })
    }
}
