//! Where the program finds what it ships with, and keeps what it records.

use std::path::{Path, PathBuf};

/// The folder `name` (`assets`, `models`, `runtime`): named by the environment variable `LIVEDANCE_<NAME>`, else beside
/// the executable, in `../share/livedance` of it, in the package it was built from, or in the working folder.
/// Returns the last candidate when none exists, so that an error can name a sensible place.
#[must_use]
pub fn shipped_folder(name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(format!("LIVEDANCE_{}", name.to_uppercase())) {
        return PathBuf::from(path);
    }
    let mut candidates = Vec::new();
    if let Some(folder) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        candidates.push(folder.join(name));
        candidates.push(folder.join("../share/livedance").join(name));
    }
    candidates.push(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    candidates.into_iter().find(|path| path.is_dir()).unwrap_or_else(|| PathBuf::from(name))
}

/// Where takes are kept: the folder that the user has chosen, else `takes` in the user's data folder, or in the working folder of
/// a user without a home.
#[must_use]
pub fn takes_folder(chosen: &str) -> PathBuf {
    if !chosen.trim().is_empty() {
        return PathBuf::from(chosen.trim());
    }
    directories::ProjectDirs::from("", "", "livedance")
        .map_or_else(|| PathBuf::from("takes"), |dirs| dirs.data_dir().join("takes"))
}

/// A folder of the user's own data by its name, such as `dances`: in their data folder, or in the working folder of a user
/// without a home. It need not be there.
#[must_use]
pub fn data_folder(name: &str) -> PathBuf {
    directories::ProjectDirs::from("", "", "livedance")
        .map_or_else(|| PathBuf::from(name), |dirs| dirs.data_dir().join(name))
}
