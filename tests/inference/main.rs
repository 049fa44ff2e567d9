//! The tracker with its real models: on the bundled demo against its ground truth, on real footage against MediaPipe and
//! the published expectations where that footage is there, and on everything that can be wrong.
#![cfg(feature = "inference")]
#![expect(clippy::disallowed_methods, reason = "tests start programs of every kind")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

mod accuracy;
mod faults;
mod fit;
mod hands;
#[path = "../support/media.rs"]
mod media;
mod people;
#[path = "../support/requirement.rs"]
mod requirement;
mod support;
mod tracking;
