//! The avatar that motion is written for.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::ExportError;
use crate::avatar_library::{self, ReadAvatar};
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
    /// Another one whenever anything of it is another: its file, what lies beside that and belongs to it, its bone map.
    pub fingerprint: String,
}

impl ExportAvatar {
    /// Reads an avatar: empty for the usual one, the name of a bundled one, or a path.
    ///
    /// # Errors
    /// [`ExportError::Avatar`]: which file, why, and what to do.
    pub fn load(spec: &str) -> Result<Self, ExportError> {
        let ReadAvatar { path, bytes, avatar } = avatar_library::read(spec).map_err(ExportError::Avatar)?;
        let mut hash = Sha256::new();
        hash.update(&bytes);
        // What is shown of it holds what lies beside it, and its bones are those that the map names.
        hash.update(&avatar.glb);
        hash.update(format!("{:?}", avatar.humanoid));
        let fingerprint = format!("{:x}", hash.finalize());
        Ok(Self { bytes, folder: path.parent().map(PathBuf::from), humanoid: avatar.humanoid, fingerprint })
    }
}
