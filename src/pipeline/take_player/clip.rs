//! Motion of bones out of a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::PlayerError;
use crate::capture::{SourceInfo, SourceKind};
use crate::formats::vrma::ExpressionTrack;
use crate::formats::{bvh, vrma};
use crate::motion::clip::MotionClip;
use crate::motion::expressions::ExpressionWeights;

/// Largest file that is read, bytes: an hour of text.
const MAX_BYTES: u64 = 512 << 20;

/// Motion of bones and, where the file has them, expressions.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The bones' motion.
    pub motion: MotionClip,
    /// The face's.
    pub expressions: Vec<ExpressionTrack>,
}

impl Clip {
    /// Reads a BVH file or a VRM animation, told apart by what is in them.
    ///
    /// # Errors
    /// [`PlayerError::Read`]; [`PlayerError::Clip`] for what is neither; [`PlayerError::Empty`] without frames.
    pub fn open(path: &Path) -> Result<Self, PlayerError> {
        let wrong = |reason: String| PlayerError::Clip { path: path.to_owned(), reason };
        let read = |reason: std::io::Error| PlayerError::Read { path: path.to_owned(), reason: reason.to_string() };
        let mut bytes = Vec::new();
        File::open(path).map_err(read)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(read)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(wrong(format!("it has more than {} megabytes", MAX_BYTES >> 20)));
        }
        let clip = if bytes.starts_with(b"glTF") || bytes.trim_ascii_start().starts_with(b"{") {
            let vrma = vrma::read(&bytes, None).map_err(|error| wrong(error.to_string()))?;
            Self { motion: vrma.clip, expressions: vrma.expressions }
        } else {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let options = bvh::ReadOptions { name, ..bvh::ReadOptions::default() };
            let motion = bvh::read(&String::from_utf8_lossy(&bytes), &options).map_err(|e| wrong(e.to_string()))?;
            Self { motion, expressions: Vec::new() }
        };
        if clip.motion.poses.is_empty() {
            return Err(PlayerError::Empty { path: path.to_owned() });
        }
        Ok(clip)
    }

    /// What is known of it as of any source.
    #[must_use]
    pub fn info(&self, path: &Path) -> SourceInfo {
        SourceInfo {
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            kind: SourceKind::Clip,
            width: 0,
            height: 0,
            fps: Some(self.motion.fps),
            frame_count: Some(self.motion.poses.len() as u64),
            duration_s: Some(self.motion.duration_s()),
        }
    }

    /// The expressions at `time_s` seconds, those of the nearest frame; none where the file has none.
    #[must_use]
    pub fn face(&self, time_s: f64) -> ExpressionWeights {
        let frame = (time_s * self.motion.fps).round().max(0.0) as usize;
        let weight = |track: &ExpressionTrack| {
            let weight = track.weights.get(frame).or(track.weights.last()).copied();
            (track.name.clone(), weight.unwrap_or(0.0))
        };
        ExpressionWeights(self.expressions.iter().map(weight).collect())
    }
}
