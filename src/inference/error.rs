//! What can go wrong between a picture and its landmarks.

use std::path::PathBuf;

/// Why inference could not start or go on. "Nobody in view" is not among these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InferenceError {
    /// A server that tracks in the place of this machine does not.
    #[error("{reason}")]
    Remote {
        /// What happened and what to do.
        reason: String,
    },
    /// A model file is not there or cannot be read.
    #[error("model {name} cannot be read from {}: {reason}; restore the models folder or set LIVEDANCE_MODELS to it", path.display())]
    ModelMissing {
        /// The model's name in the manifest.
        name: String,
        /// Where it was expected.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A model file is not the one this program was made with.
    #[error("model {name} is altered: {} has SHA-256 {found}, expected {expected}; restore the file from the release", path.display())]
    ModelAltered {
        /// The model's name in the manifest.
        name: String,
        /// The file.
        path: PathBuf,
        /// Hash in the manifest, lower-case hexadecimal.
        expected: String,
        /// Hash of the file, lower-case hexadecimal.
        found: String,
    },
    /// The manifest inside the program names no such model or cannot be read.
    #[error("the model manifest is unusable: {reason}; this build of livedance is broken, build it again")]
    Manifest {
        /// What is wrong.
        reason: String,
    },
    /// No ONNX Runtime library could be loaded.
    #[error(
        "no usable ONNX Runtime library: {tried}; run `make setup`, or `pip install onnxruntime` and set ORT_DYLIB_PATH \
         to the {library} in its `onnxruntime/capi` folder, or install onnxruntime (1.17 or newer) with the system's package manager"
    )]
    RuntimeMissing {
        /// Every place that was tried and what was wrong with it.
        tried: String,
        /// The library's usual file name on this system.
        library: String,
    },
    /// ONNX Runtime refused a model.
    #[error(
        "ONNX Runtime cannot load model {name}: {reason}; try a newer ONNX Runtime (`livedance models` shows the one in use)"
    )]
    Session {
        /// The model's name.
        name: String,
        /// What the runtime said.
        reason: String,
    },
    /// A model could not be run on a picture.
    #[error("model {name} failed while running: {reason}")]
    Run {
        /// The model's name.
        name: String,
        /// What the runtime said.
        reason: String,
    },
    /// A picture could not be scaled down.
    #[error("a picture of {width}x{height} pixels cannot be scaled: {reason}")]
    Scale {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// What is wrong with it.
        reason: String,
    },
}
