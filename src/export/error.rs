//! What can go wrong.

use std::path::PathBuf;

use crate::formats::bvh::BvhError;
use crate::formats::gltf_animation::GltfAnimationError;
use crate::formats::lab::LabError;
use crate::formats::take::TakeError;

/// Why a take cannot be written in another format.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The take cannot be read.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// Nobody is seen in it.
    #[error("{}: nobody is seen in it for two frames on end, so there is no motion to write", take.display())]
    Nobody {
        /// The take.
        take: PathBuf,
    },
    /// The rate is none, or the take's times make no sense.
    #[error(
        "{}: cannot be solved{}; its times must rise, and the frame rate must lie between 0 and 240",
        take.display(), fps.map(|fps| format!(" at {fps} frames a second")).unwrap_or_default()
    )]
    Unsolvable {
        /// The take.
        take: PathBuf,
        /// The rate that was asked for.
        fps: Option<f64>,
    },
    /// Whoever asked for it wanted no more.
    #[error("{}: the export was stopped", take.display())]
    Stopped {
        /// The take.
        take: PathBuf,
    },
    /// The avatar cannot be read.
    #[error("{0}")]
    Avatar(String),
    /// A file cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A format cannot hold the motion.
    #[error("{}: {source}", path.display())]
    Format {
        /// The file that was to be written.
        path: PathBuf,
        /// Why.
        source: FormatFault,
    },
}

/// What a format says.
#[derive(Debug, thiserror::Error)]
pub enum FormatFault {
    /// BVH.
    #[error(transparent)]
    Bvh(#[from] BvhError),
    /// GLB and VRMA.
    #[error(transparent)]
    Gltf(#[from] GltfAnimationError),
    /// CSV, TRC and C3D.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The system refuses.
    #[error("cannot be written: {0}")]
    Io(#[from] std::io::Error),
}
