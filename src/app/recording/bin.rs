//! Where deleted takes go: the desktop's bin, or a folder beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::formats::take::local_time;

/// The folder beside the takes.
const FOLDER: &str = ".bin";

/// Moves a take, and the video beside it, to the bin, and says where it is now. Nothing is ever copied or erased.
pub(super) fn discard(path: &Path) -> Result<PathBuf, String> {
    let kept = discard_into(path, desktop_bin().as_deref())?;
    let video = path.with_extension("mp4");
    if video.is_file() {
        // The take is what was asked for; a video that stays is still to be seen in the folder.
        let _ = discard_into(&video, desktop_bin().as_deref());
    }
    Ok(kept)
}

/// The bin of the desktops that keep to freedesktop.org's Trash specification, 1.0. Elsewhere takes stay beside the others.
fn desktop_bin() -> Option<PathBuf> {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return None;
    }
    directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("Trash")).filter(|bin| bin.is_dir())
}

fn discard_into(path: &Path, desktop: Option<&Path>) -> Result<PathBuf, String> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // Renaming fails between two disks, and a take is not copied for being deleted.
    if let Some(kept) = desktop.and_then(|bin| into_desktop_bin(&path, bin)) {
        return Ok(kept);
    }
    let failed = |error: std::io::Error| format!("{} could not be moved to the bin: {error}", path.display());
    let folder = path.parent().unwrap_or(Path::new("")).join(FOLDER);
    fs::create_dir_all(&folder).map_err(failed)?;
    let kept = free_name(&folder, &path);
    fs::rename(&path, &kept).map_err(failed)?;
    Ok(kept)
}

fn into_desktop_bin(path: &Path, bin: &Path) -> Option<PathBuf> {
    let (files, notes) = (bin.join("files"), bin.join("info"));
    fs::create_dir_all(&files).and_then(|()| fs::create_dir_all(&notes)).ok()?;
    let kept = free_name(&files, path);
    let mut name = kept.file_name()?.to_owned();
    name.push(".trashinfo");
    let note = notes.join(name);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let text =
        format!("[Trash Info]\nPath={}\nDeletionDate={}\n", escaped(path.to_str()?), local_time(now).replace(' ', "T"));
    // The note comes first, as the specification wants it, so that no desktop sees a file without one.
    fs::write(&note, text).ok()?;
    if fs::rename(path, &kept).is_err() {
        let _ = fs::remove_file(&note);
        return None;
    }
    Some(kept)
}

/// A name in `folder` that is free, the file's own if it is.
fn free_name(folder: &Path, path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let named = |number: u32| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        folder.join(format!("{stem}{number}.{ending}"))
    };
    (1..10_000).map(named).find(|name| !name.exists()).unwrap_or_else(|| named(10_000))
}

/// As in an address: everything but plain letters stands as `%XX`.
fn escaped(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_goes_to_the_desktops_bin() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bin = folder.path().join("Trash");
        for expected in ["my take.ldt", "my take-2.ldt"] {
            let take = folder.path().join("my take.ldt");
            fs::write(&take, "a take").expect("writes");
            let kept = discard_into(&take, Some(&bin)).expect("moves");
            assert_eq!(kept, bin.join("files").join(expected));
            assert!(kept.is_file() && !take.exists());
            let note = fs::read_to_string(bin.join("info").join(format!("{expected}.trashinfo"))).expect("a note");
            assert!(note.starts_with("[Trash Info]\nPath=/") && note.contains("my%20take.ldt\n"), "{note}");
            assert!(note.contains("DeletionDate=20"), "{note}");
        }
    }

    #[test]
    fn without_a_desktop_it_stays_beside_the_others() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let take = folder.path().join("take.ldt");
        fs::write(&take, "a take").expect("writes");
        let kept = discard_into(&take, None).expect("moves");
        assert_eq!(kept, folder.path().join(".bin/take.ldt"));
        assert_eq!(fs::read_to_string(kept).expect("reads"), "a take");
        assert!(discard_into(&take, None).expect_err("is gone").contains("take.ldt"));
    }
}
