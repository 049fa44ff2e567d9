//! The reference footage, which is too large for this package: real people, and what other trackers made of them.

use std::path::PathBuf;

use crate::requirement::need;

/// A file of the footage in the folder that `LIVEDANCE_MEDIA` names; `None`, said aloud, where it is not there.
pub(crate) fn media(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LIVEDANCE_MEDIA").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let (found, what) = match folder.map(|folder| folder.join(name)) {
        None => (None, format!("LIVEDANCE_MEDIA names no folder that holds {name}")),
        Some(path) => (path.is_file().then(|| path.clone()), format!("{} is not there", path.display())),
    };
    need("media", found, &what)
}
