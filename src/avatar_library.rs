//! Which avatars there are, and how one that a user names is read.

use std::path::{Path, PathBuf};

use crate::files::write_atomically;
use crate::formats::avatar::{self, AvatarError, AvatarFile, BoneMap};
use crate::settings::settings_path;

/// The avatar that is shown when none is named.
const USUAL: &str = "livedance";

/// The names of the avatars that the program ships with, in order.
#[must_use]
pub fn bundled() -> Vec<String> {
    let folder = crate::paths::shipped_folder("assets").join("avatar");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "glb"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    // The usual one first.
    names.sort_by_key(|name| (name != USUAL, name.clone()));
    names
}

/// For people: the name of an avatar as the settings hold it.
#[must_use]
pub fn display_name(spec: &str) -> String {
    let name = if spec.is_empty() { USUAL } else { spec };
    if is_bundled(spec) {
        let mut letters = name.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        return first + letters.as_str();
    }
    Path::new(spec).file_name().map_or_else(|| spec.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Whether the settings name an avatar that the program ships with.
#[must_use]
pub fn is_bundled(spec: &str) -> bool {
    let is_plain = !spec.contains(['/', '\\', '.', ':']);
    spec.is_empty() || (is_plain && !Path::new(spec).exists() && bundled_path(spec).is_file())
}

fn bundled_path(name: &str) -> PathBuf {
    crate::paths::shipped_folder("assets").join("avatar").join(format!("{name}.glb"))
}

/// The file that the settings mean: empty for the usual avatar, the name of a bundled one, or a path.
#[must_use]
pub fn path_of(spec: &str) -> PathBuf {
    if spec.is_empty() {
        bundled_path(USUAL)
    } else if is_bundled(spec) {
        bundled_path(spec)
    } else {
        PathBuf::from(spec)
    }
}

/// Where the bone map of an avatar is written: beside the settings, named like the avatar's file, ending included, as
/// `Ann.vrm.toml`.
#[must_use]
pub fn bone_map_path(spec: &str) -> Option<PathBuf> {
    bone_map_in(&bone_maps()?, spec)
}

/// The folder of bone maps.
fn bone_maps() -> Option<PathBuf> {
    Some(settings_path()?.parent()?.join("bone-maps"))
}

fn bone_map_in(folder: &Path, spec: &str) -> Option<PathBuf> {
    Some(folder.join(format!("{}.toml", path_of(spec).file_name()?.to_string_lossy())))
}

/// A bone map that is named without the ending of the avatar's file, so that it may be another avatar's: it is used where it
/// fits.
fn shared_bone_map_in(folder: &Path, spec: &str) -> Option<PathBuf> {
    Some(folder.join(format!("{}.toml", path_of(spec).file_stem()?.to_string_lossy())))
}

/// Writes the bone map of an avatar, with what was found, unless there is one already; returns where it lies.
///
/// # Errors
/// What is wrong with the avatar, or what the system said, as one sentence.
pub fn write_bone_map(spec: &str) -> Result<PathBuf, String> {
    write_bone_map_in(&bone_maps().ok_or("there is no folder for settings")?, spec)
}

/// As [`write_bone_map`], in this folder.
///
/// # Errors
/// As [`write_bone_map`].
pub fn write_bone_map_in(folder: &Path, spec: &str) -> Result<PathBuf, String> {
    let path = bone_map_in(folder, spec).ok_or("this is no file name")?;
    if path.exists() {
        return Ok(path);
    }
    if let Some(shared) = shared_bone_map_in(folder, spec).filter(|shared| shared.is_file())
        && let Ok(map) = read_bone_map(&shared)
        && avatar::read(&path_of(spec), Some(&map)).is_ok()
    {
        return Ok(shared);
    }
    let (found, nodes) = avatar::propose_bone_map(&path_of(spec)).map_err(|error| error.to_string())?;
    std::fs::create_dir_all(folder)
        .and_then(|()| write_atomically(&path, found.template(&nodes).as_bytes()))
        .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    Ok(path)
}

/// An avatar as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadAvatar {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What was made of it.
    pub avatar: AvatarFile,
}

/// Reads an avatar: empty for the usual one, the name of a bundled one, or a path.
///
/// # Errors
/// Which file cannot be used, why, and what to do, as one sentence.
pub fn load(spec: &str) -> Result<AvatarFile, String> {
    read(spec).map(|read| read.avatar)
}

/// As [`load`], with the file's own bytes.
///
/// # Errors
/// As [`load`].
pub fn read(spec: &str) -> Result<ReadAvatar, String> {
    read_in(bone_maps().as_deref(), spec)
}

/// As [`read`], with bone maps in this folder.
///
/// # Errors
/// As [`load`].
pub fn read_in(bone_maps: Option<&Path>, spec: &str) -> Result<ReadAvatar, String> {
    let path = path_of(spec);
    let is_bundled = is_bundled(spec);
    let refused = |error: &AvatarError, hint: String| format!("the avatar {}: {error}{hint}", path.display());
    let bytes = avatar::read_bytes(&path).map_err(|error| {
        let hint = if is_bundled { "; set LIVEDANCE_ASSETS to the assets folder" } else { "" };
        refused(&error, hint.to_owned())
    })?;
    let parse = |map: Option<&BoneMap>| avatar::parse(&bytes, path.parent(), map);
    let own_folder = bone_maps.filter(|_| !is_bundled);
    let there = |map: Option<PathBuf>| map.filter(|map| map.is_file());
    if let Some(own) = there(own_folder.and_then(|folder| bone_map_in(folder, spec))) {
        let parsed = parse(Some(&read_bone_map(&own)?));
        let avatar = parsed.map_err(|error| refused(&error, correction(&error, &own)))?;
        return Ok(ReadAvatar { path, bytes, avatar });
    }
    if let Some(shared) = there(own_folder.and_then(|folder| shared_bone_map_in(folder, spec))) {
        // One that names nodes which are not there, or leaves bones open, is another avatar's.
        if let Ok(avatar) = parse(Some(&read_bone_map(&shared)?)) {
            return Ok(ReadAvatar { path, bytes, avatar });
        }
    }
    match parse(None) {
        Ok(avatar) => Ok(ReadAvatar { path, bytes, avatar }),
        Err(error) => {
            let map = own_folder.filter(|_| matches!(error, AvatarError::MissingBones { .. }));
            let hint = map.and_then(|folder| write_bone_map_in(folder, spec).ok()).map_or_else(String::new, |map| {
                format!("; write the names of its bones into {}, then open it again", map.display())
            });
            Err(refused(&error, hint))
        }
    }
}

/// What to do about a bone map with which an avatar cannot be used.
fn correction(error: &AvatarError, map: &Path) -> String {
    match error {
        AvatarError::MissingBones { .. } | AvatarError::BoneMap { .. } => {
            format!("; correct {}, then open it again", map.display())
        }
        _ => String::new(),
    }
}

fn read_bone_map(path: &Path) -> Result<BoneMap, String> {
    let wrong = |reason: String| format!("the bone map {}: {reason}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    BoneMap::parse(&text).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_avatars_are_listed_and_named() {
        let names = bundled();
        assert_eq!(names.first().map(String::as_str), Some(USUAL), "{names:?}");
        assert!(names.iter().all(|name| is_bundled(name)));
        assert_eq!(display_name(""), "Livedance");
        assert_eq!(display_name("/somewhere/Ann.vrm"), "Ann.vrm");
        assert!(!is_bundled("../livedance") && !is_bundled("nobody"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = load("/nowhere/Ann.vrm").map(drop).expect_err("not there");
        assert!(message.contains("/nowhere/Ann.vrm") && message.contains("cannot be read"), "{message}");
    }
}
