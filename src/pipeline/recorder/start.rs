//! The beginning of a recording: its file and its header.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::RecorderError;
use crate::capture::SourceInfo;
use crate::formats::take::{TakeError, TakeHeader, Versions, local_time};
use crate::inference::{ModelStore, runtime_info};
use crate::settings::Settings;

/// Names of one stem that are tried.
const MOST_NAMES: u32 = 10_000;

/// What a take of this source, tracked with these settings, begins with. The versions are filled in by the recorder.
#[must_use]
pub fn header(source: &str, info: Option<&SourceInfo>, settings: &Settings) -> TakeHeader {
    let created_unix_s = SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
    let of = info.map_or(source, |info| info.name.as_str());
    let at = created_unix_s.map(local_time).unwrap_or_default();
    TakeHeader {
        name: format!("{of} {}", at.get(11..16).unwrap_or_default()).trim().to_owned(),
        created_unix_s,
        source: source.to_owned(),
        width: info.map_or(0, |info| info.width),
        height: info.map_or(0, |info| info.height),
        fps: info.and_then(|info| info.fps),
        model: Some(settings.model),
        hands: Some(settings.hands),
        // Settings are strings, numbers and lists: they can always be written.
        settings: serde_json::to_value(settings).unwrap_or_default(),
        ..TakeHeader::default()
    }
}

/// The header with what records it. What cannot be found out is left empty: it keeps nobody from recording.
pub(crate) fn with_versions(header: TakeHeader) -> TakeHeader {
    let models = ModelStore::shipped()
        .map(|store| store.models().iter().map(|model| (model.name.clone(), model.sha256.clone())).collect());
    let versions = Versions {
        app: env!("CARGO_PKG_VERSION").to_owned(),
        onnxruntime: runtime_info().map(|info| info.version).unwrap_or_default(),
        models: models.unwrap_or_default(),
    };
    TakeHeader { versions, ..header }
}

/// A new file, and its folder.
pub(super) fn create(path: &Path) -> Result<File, RecorderError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder)?;
    }
    File::create_new(path).map_err(|reason| match reason.kind() {
        io::ErrorKind::AlreadyExists => RecorderError::Exists { path: path.to_owned() },
        _ => TakeError::Create { path: path.to_owned(), reason }.into(),
    })
}

/// A new file in `folder` whose name begins with `stem`.
pub(super) fn create_free(folder: &Path, stem: &str) -> Result<(File, PathBuf), RecorderError> {
    let named = |number| if number == 1 { format!("{stem}.ldt") } else { format!("{stem}-{number}.ldt") };
    let mut paths = (1..=MOST_NAMES).map(|number| folder.join(named(number)));
    loop {
        let Some(path) = paths.next() else { return Err(RecorderError::Exists { path: folder.join(named(1)) }) };
        match create(&path) {
            Err(RecorderError::Exists { .. }) => {}
            created => return created.map(|file| (file, path)),
        }
    }
}

fn make_folder(folder: &Path) -> Result<(), RecorderError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| RecorderError::Folder { path: folder.to_owned(), reason: error.to_string() })
}
