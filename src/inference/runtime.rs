//! Finding and loading the ONNX Runtime library, once for the whole process.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

use super::InferenceError;
use crate::paths::shipped_folder;

/// The library in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeInfo {
    /// The file, or a bare name when the system's own search found it.
    pub path: PathBuf,
    /// Its version, for example `1.22.1`, or `build` and the commit where a library does not tell its version.
    pub version: String,
}

struct Loaded {
    environment: Environment,
    path: PathBuf,
}

/// ONNX Runtime allows one environment a process; a failed attempt leaves this empty, so that a user who installs the
/// library while the app runs can try again.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// Loads ONNX Runtime if that has not happened yet and says which library is in use.
///
/// # Errors
/// [`InferenceError::RuntimeMissing`] with every place that was tried.
pub fn runtime_info() -> Result<RuntimeInfo, InferenceError> {
    let path = with_loaded(|loaded| loaded.path.clone())?;
    let version = version(&std::fs::read(&path).unwrap_or_default(), ort::info());
    Ok(RuntimeInfo { path, version })
}

/// The process-wide environment in which sessions are made.
pub(super) fn environment() -> Result<Environment, InferenceError> {
    with_loaded(|loaded| loaded.environment.clone())
}

fn with_loaded<T>(read: impl FnOnce(&Loaded) -> T) -> Result<T, InferenceError> {
    let mut slot = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.is_none() {
        *slot = Some(load(&candidates())?);
    }
    slot.as_ref().map(read).ok_or_else(|| missing(Vec::new()))
}

/// The library's usual file name on this system.
fn library_name() -> String {
    format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// Libraries to try, the first that loads wins: `ORT_DYLIB_PATH` alone if it is set; else beside the executable, in the
/// shipped `runtime` folder, in the user's data folder, and wherever the system looks.
fn candidates() -> Vec<PathBuf> {
    if let Some(path) = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return if path.is_dir() { libraries_in(&path) } else { vec![path] };
    }
    let mut folders = Vec::new();
    if let Some(folder) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        folders.push(folder.to_owned());
    }
    folders.push(shipped_folder("runtime"));
    if let Some(dirs) = directories::ProjectDirs::from("", "", "livedance") {
        folders.push(dirs.data_local_dir().join("runtime"));
    }
    let system = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib", "/opt/onnxruntime/lib"];
    let mut found: Vec<_> = folders.iter().flat_map(|folder| libraries_in(folder)).collect();
    found.push(PathBuf::from(library_name()));
    found.extend(system.iter().flat_map(|folder| libraries_in(Path::new(folder))));
    found.extend(libraries_in(&Path::new("/usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH))));
    found
}

/// Files in `folder` that bear the library's name, with or without a version at its end; the plain name first.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let plain = library_name();
    let stem = format!("{}onnxruntime.", std::env::consts::DLL_PREFIX);
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name == plain || (name.starts_with(&stem) && name.contains(std::env::consts::DLL_EXTENSION))
        })
        .collect();
    found.sort_by_key(|path| (path.file_name().is_some_and(|name| name != plain.as_str()), path.clone()));
    found
}

fn load(candidates: &[PathBuf]) -> Result<Loaded, InferenceError> {
    let mut failures = Vec::new();
    for path in candidates {
        // A relative path is searched beside the executable by `ort`, a bare name by the system.
        let builder = match ort::init_from(path) {
            Ok(builder) => builder,
            Err(error) => {
                failures.push(error.to_string());
                continue;
            }
        };
        // The library stays loaded from here on, so another candidate cannot be tried any more.
        let environment = builder.with_name("livedance").with_telemetry(false).build().map_err(|error| {
            failures.push(format!("{}: {error}", path.display()));
            missing(std::mem::take(&mut failures))
        })?;
        environment.set_log_level(LogLevel::Error);
        return Ok(Loaded { environment, path: path.clone() });
    }
    Err(missing(failures))
}

fn missing(failures: Vec<String>) -> InferenceError {
    let tried = if failures.is_empty() { "no library of that name was found".to_owned() } else { failures.join("; ") };
    InferenceError::RuntimeMissing { tried, library: library_name() }
}

/// The version that the library's symbols bear, else the release or the commit of its build.
///
/// The interface has no call for it that `ort` offers, and wheels are built from a detached commit without a release name.
fn version(library: &[u8], build_info: &str) -> String {
    let tag = b"VERS_";
    let symbols = library.windows(tag.len()).position(|window| window == tag).map(|at| &library[at + tag.len()..]);
    let number = |bytes: &[u8]| -> String {
        bytes.iter().map(|&byte| char::from(byte)).take_while(|c| c.is_ascii_digit() || *c == '.').collect()
    };
    let after = |word: &str| build_info.split_once(word).map_or("", |(_, rest)| rest);
    let found = [number(symbols.unwrap_or_default()), number(after("git-branch=rel-").as_bytes())];
    let commit = after("git-commit-id=").split(',').next().unwrap_or_default();
    found.into_iter().find(|number| number.contains('.')).unwrap_or_else(|| format!("build {commit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_symbols_or_build_information() {
        let wheel = "ORT Build Info: git-branch=HEAD, git-commit-id=89746dc, build type=Release";
        assert_eq!(version(b"..\0VERS_1.22.1\0..", wheel), "1.22.1");
        assert_eq!(version(b"", "ORT Build Info: git-branch=rel-1.20.0, git-commit-id=c4fb724"), "1.20.0");
        assert_eq!(version(b"VERS_", wheel), "build 89746dc");
    }

    #[test]
    fn the_plain_name_comes_before_versioned_ones_and_strangers_are_left_out() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plain = library_name();
        for name in [format!("{plain}.1"), plain.clone(), "libonnxruntime_providers_shared.so".into(), "other".into()] {
            std::fs::write(folder.path().join(name), b"").expect("writes");
        }
        let names: Vec<_> = libraries_in(folder.path())
            .iter()
            .filter_map(|path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned))
            .collect();
        assert_eq!(names, [plain.clone(), format!("{plain}.1")]);
    }

    #[test]
    fn a_file_that_is_no_library_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("libonnxruntime.so");
        std::fs::write(&path, b"not a library").expect("writes");
        let message = load(std::slice::from_ref(&path)).err().expect("refused").to_string();
        assert!(message.contains(&path.display().to_string()) && message.contains("make setup"), "{message}");
    }
}
