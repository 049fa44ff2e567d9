//! Which avatars there are, and how one that a user names is read.

use std::path::{Path, PathBuf};

use crate::formats::avatar::{self, AvatarError, AvatarFile, BoneMap};
use crate::settings::settings_path;

/// The avatar that is shown when none is named.
const USUAL: &str = "livedance";
/// Endings of files that can be avatars.
pub const EXTENSIONS: [&str; 3] = ["vrm", "glb", "gltf"];

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

/// Where the bone map of an avatar lies: beside the settings, named like the avatar.
#[must_use]
pub fn bone_map_path(spec: &str) -> Option<PathBuf> {
    let stem = path_of(spec).file_stem()?.to_string_lossy().into_owned();
    Some(settings_path()?.parent()?.join("bone-maps").join(format!("{stem}.toml")))
}

/// Writes the bone map of an avatar, with what was found, unless there is one already; returns where it lies.
///
/// # Errors
/// What is wrong with the avatar, or what the system said, as one sentence.
pub fn write_bone_map(spec: &str) -> Result<PathBuf, String> {
    let path = bone_map_path(spec).ok_or("there is no folder for settings")?;
    if !path.exists() {
        let (found, nodes) = avatar::propose_bone_map(&path_of(spec)).map_err(|error| error.to_string())?;
        let folder = path.parent().ok_or("there is no folder for settings")?;
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, found.template(&nodes)))
            .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    }
    Ok(path)
}

/// Reads an avatar: empty for the usual one, the name of a bundled one, or a path.
///
/// # Errors
/// Which file cannot be used, why, and what to do, as one sentence.
pub fn load(spec: &str) -> Result<AvatarFile, String> {
    let path = path_of(spec);
    let map_path = bone_map_path(spec).filter(|map| !is_bundled(spec) && map.is_file());
    let map = map_path.as_deref().map(read_bone_map).transpose()?;
    avatar::read(&path, map.as_ref()).map_err(|error| {
        let hint = match (&error, &map_path) {
            (AvatarError::MissingBones { .. } | AvatarError::BoneMap { .. }, Some(map)) => {
                format!("; correct {}, then open it again", map.display())
            }
            (AvatarError::MissingBones { .. }, None) if !is_bundled(spec) => match write_bone_map(spec) {
                Ok(map) => format!("; write the names of its bones into {}, then open it again", map.display()),
                Err(_) => String::new(),
            },
            (AvatarError::Unreadable { .. }, _) if is_bundled(spec) => {
                "; set LIVEDANCE_ASSETS to the assets folder".to_owned()
            }
            _ => String::new(),
        };
        format!("the avatar {}: {error}{hint}", path.display())
    })
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
