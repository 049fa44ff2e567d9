//! Why the app, or its offscreen renderer, had to stop.

use std::path::PathBuf;

use crate::capture::CaptureError;
use crate::formats::take::TakeError;
use crate::inference::InferenceError;
use crate::pipeline::take_player::PlayerError;
use crate::pipeline::video_file::EncodeError;

/// Why the app, or its offscreen renderer, had to stop.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No graphics adapter at all, not even one in software.
    #[error(
        "no graphics adapter was found ({reason}); install your graphics driver, or a software one (Debian and Ubuntu: \
         sudo apt-get install mesa-vulkan-drivers)"
    )]
    NoAdapter {
        /// What the graphics library said.
        reason: String,
    },
    /// The window system refused.
    #[error("no window could be opened ({reason}); `livedance render` needs none")]
    NoWindow {
        /// What the window system said.
        reason: String,
    },
    /// The avatar is missing or unusable.
    #[error("{message}")]
    Avatar {
        /// What is wrong and what to do.
        message: String,
    },
    /// The source of frames.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The models.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// A take that is the source.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// A clip that is the source.
    #[error(transparent)]
    Recording(#[from] PlayerError),
    /// The source gave no frame at all.
    #[error("{source_name} holds no frame that can be decoded")]
    NoFrames {
        /// The source as the user named it.
        source_name: String,
    },
    /// Whoever asked for the work wants no more of it.
    #[error("interrupted")]
    Interrupted,
    /// The video could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A file could not be written.
    #[error("{path} could not be written: {reason}")]
    Write {
        /// The output.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A size, a rate or a time that cannot be rendered.
    #[error("{reason}")]
    Usage {
        /// What is wrong, and the allowed range.
        reason: String,
    },
    /// A thread could not be started or died.
    #[error("the thread {name} failed: {reason}")]
    Thread {
        /// The thread.
        name: &'static str,
        /// What happened.
        reason: String,
    },
    /// The renderer gave no picture back.
    #[error("the graphics adapter {adapter} returned no picture; update its driver, or try a software one")]
    NoPicture {
        /// The adapter.
        adapter: String,
    },
}
