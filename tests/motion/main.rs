//! Motion: synthetic bodies with known answers, invariants, the demo's ground truth, real footage.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may panic, and say what they measure")]

mod avatar;
mod avatars;
mod body;
mod exercises;
mod figure;
mod footage;
mod invariants;
mod known;
mod locomotion;
#[path = "../support/media.rs"]
mod media;
mod offline;
#[path = "../support/requirement.rs"]
mod requirement;
mod truth;
