//! Body tracking on one picture after another: the only user of ONNX Runtime.
//!
//! ```text
//! picture ── letterbox ──▶ detector ──▶ anchors, NMS ──▶ region ─┐      (while nobody is followed)
//!    └────── rotated crop ◀──────────── region ◀─────────────────┤
//!                 └──▶ landmark model ──▶ heatmap, projection ──▶│──▶ body
//!                                     auxiliary points, filtered ┘      (the next picture's region)
//! ```
//!
//! The constants and the order of the steps are those of `MediaPipe` 0.10.21's pose graph, so that results can be compared
//! number by number. Weak where it is: one person only, the one the detector is most sure of; the points of limbs outside
//! the picture wander.

mod body;
mod budget;
mod crop;
mod detection;
mod error;
mod hand;
mod hands;
mod landmarks;
mod manifest;
mod model;
mod palm;
mod people;
mod provider;
mod region;
mod runtime;

pub use error::InferenceError;
pub use hands::{HandMemory, HandTracker, HandTrackerOptions};
pub use manifest::{ModelSource, ModelSpec, ModelStore, TensorSpec};
pub use model::Compute;
pub use people::{PeopleMemory, PeopleTracker, PeopleTrackerOptions};
pub use runtime::{RuntimeInfo, runtime_info};
