//! Where finished pictures go: into a video, or one file each, and those that are to be looked at into stills.

use std::path::{Path, PathBuf};

use super::cutout::Cutout;
use super::{Moment, RenderJob, sheet};
use crate::app::error::AppError;
use crate::frame::RgbImage;
use crate::pipeline::video_file::{Pixels, VideoWriter};
use crate::settings::Background;

/// A picture that is done.
#[derive(Debug)]
pub(super) enum Finished {
    Opaque(RgbImage),
    Transparent(Cutout),
}

pub(super) struct Sink {
    frames: Option<Frames>,
    stills: sheet::Stills,
    count: u64,
}

enum Frames {
    Video(VideoWriter),
    /// Pictures in a folder.
    Sequence(PathBuf),
}

/// Whether this name stands for a folder of pictures rather than for a video.
pub(super) fn is_sequence(output: &Path) -> bool {
    output.extension().is_none() || output.is_dir()
}

impl Sink {
    pub(super) fn open(job: &RenderJob) -> Result<Self, AppError> {
        let (width, height) = job.size;
        let pixels = if job.background == Background::Transparent { Pixels::Rgba } else { Pixels::Rgb };
        let frames = match &job.output {
            Some(folder) if is_sequence(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|error| AppError::Write { path: folder.clone(), reason: error.to_string() })?;
                Some(Frames::Sequence(folder.clone()))
            }
            Some(path) => Some(Frames::Video(VideoWriter::create(path, width, height, job.fps, pixels)?)),
            None => None,
        };
        Ok(Self { frames, stills: sheet::Stills::new(job.stills.clone())?, count: 0 })
    }

    pub(super) fn take(&mut self, moment: Moment, picture: &Finished) -> Result<(), AppError> {
        if let Some(index) = moment.still {
            match picture {
                Finished::Opaque(picture) => self.stills.write(index, moment.time_s, picture)?,
                Finished::Transparent(cutout) => self.stills.write_cutout(index, moment.time_s, cutout)?,
            }
        }
        if !moment.is_video {
            return Ok(());
        }
        match &mut self.frames {
            Some(Frames::Video(video)) => match picture {
                Finished::Opaque(picture) => video.write(picture)?,
                Finished::Transparent(cutout) => video.write_bytes(&cutout.data)?,
            },
            Some(Frames::Sequence(folder)) => {
                let path = folder.join(format!("frame_{:06}.png", self.count));
                match picture {
                    Finished::Opaque(picture) => sheet::save(&path, picture)?,
                    Finished::Transparent(cutout) => sheet::save_cutout(&path, cutout)?,
                }
            }
            None => return Ok(()),
        }
        self.count += 1;
        Ok(())
    }

    /// How many pictures of the video, and which stills, were written.
    pub(super) fn finish(self) -> Result<(u64, Vec<PathBuf>), AppError> {
        if let Some(Frames::Video(video)) = self.frames {
            video.finish()?;
        }
        Ok((self.count, self.stills.finish()?))
    }
}
