//! What a broken installation says.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use livedance::inference::{InferenceError, ModelStore};
use livedance::pipeline::PipelineOptions;
use livedance::pipeline::stack::{HandsPolicy, TrackingStack};

use crate::support::packaged;

/// A folder with only the two models that the full variant needs.
fn models_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pose_detection.onnx", "pose_landmark_full.onnx"] {
        std::fs::copy(packaged("models").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn open_with(folder: &Path) -> Result<TrackingStack, InferenceError> {
    TrackingStack::with_store(Arc::new(ModelStore::in_folder(folder)?), PipelineOptions::default(), HandsPolicy::After)
}

#[test]
fn only_the_models_in_use_are_needed() {
    assert!(open_with(models_folder().path()).is_ok());
}

#[test]
fn an_altered_model_is_refused_by_name() {
    let folder = models_folder();
    let path = folder.path().join("pose_landmark_full.onnx");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = open_with(folder.path()).err().unwrap();
    assert!(matches!(&error, InferenceError::ModelAltered { name, .. } if name == "pose_landmark_full"), "{error}");
    assert!(error.to_string().contains("pose_landmark_full.onnx"), "{error}");
}

#[test]
fn a_missing_model_is_named() {
    let folder = models_folder();
    std::fs::remove_file(folder.path().join("pose_detection.onnx")).unwrap();
    let error = open_with(folder.path()).err().unwrap();
    assert!(matches!(&error, InferenceError::ModelMissing { name, .. } if name == "pose_detection"), "{error}");
}

fn livedance(arguments: &[&str], variables: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_livedance"));
    command.args(arguments).env("LIVEDANCE_CONFIG", "/nowhere/settings.toml").env_remove("RUST_LOG");
    command.envs(variables.iter().copied()).output().unwrap()
}

/// Exit code 1 and one line on stderr that holds `words`.
fn assert_refused(output: &Output, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "{word} is not in: {stderr}");
    }
}

/// The library can be loaded once a process, so a broken one is tried in another process.
#[test]
fn a_broken_library_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("libonnxruntime.so");
    std::fs::write(&text, "not a library").unwrap();
    for path in [text.as_path(), Path::new("/nowhere/libonnxruntime.so"), folder.path()] {
        let output = livedance(&["models"], &[("ORT_DYLIB_PATH", path)]);
        assert_refused(&output, &["ONNX Runtime", "make setup", "ORT_DYLIB_PATH"]);
        let out = folder.path().join("out.jsonl");
        let demo = packaged("assets/demo/demo.mp4");
        let arguments = ["track", demo.to_str().unwrap(), "-o", out.to_str().unwrap()];
        assert_refused(&livedance(&arguments, &[("ORT_DYLIB_PATH", path)]), &["ONNX Runtime", "make setup"]);
        assert!(!out.exists(), "nothing was tracked, so nothing is written");
    }
}

#[test]
fn the_list_of_models_tells_missing_from_altered() {
    let folder = models_folder();
    std::fs::write(folder.path().join("pose_detection.onnx"), "other").unwrap();
    let output = livedance(&["models", "--json"], &[("LIVEDANCE_MODELS", folder.path())]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let state = |name: &str| {
        let models = report["models"].as_array().unwrap();
        models.iter().find(|model| model["name"] == name).unwrap()["state"].clone()
    };
    assert_eq!(state("pose_detection"), "altered");
    assert_eq!(state("pose_landmark_full"), "ok");
    assert_eq!(state("hand_landmark_lite"), "missing");
    assert!(report["runtime"]["version"].is_string());
}

#[test]
fn the_list_of_models_is_whole_as_shipped() {
    let output = livedance(&["models"], &[]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(table.lines().filter(|line| line.contains(" ok ")).count(), 8, "{table}");
    assert!(table.contains("ONNX Runtime"), "{table}");
}
