//! The avatar that motion is written for.

use std::path::PathBuf;

use super::ExportError;
use crate::avatar_library;
use crate::formats::avatar::Humanoid;

/// An avatar's own file, and where its bones are in it.
#[derive(Debug, Clone)]
pub struct ExportAvatar {
    /// The file as it is.
    pub bytes: Vec<u8>,
    /// Where it lies; files beside it may belong to it.
    pub folder: Option<PathBuf>,
    /// Its bones.
    pub humanoid: Humanoid,
}

impl ExportAvatar {
    /// Reads an avatar: empty for the usual one, the name of a bundled one, or a path.
    ///
    /// # Errors
    /// [`ExportError::Avatar`]: which file, why, and what to do.
    pub fn load(spec: &str) -> Result<Self, ExportError> {
        let humanoid = avatar_library::load(spec).map_err(ExportError::Avatar)?.humanoid;
        let path = avatar_library::path_of(spec);
        let bytes = std::fs::read(&path)
            .map_err(|error| ExportError::Avatar(format!("{}: cannot be read: {error}", path.display())))?;
        Ok(Self { bytes, folder: path.parent().map(PathBuf::from), humanoid })
    }
}
