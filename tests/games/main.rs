//! Games without a window: played from beginning to end by scripts and takes, in steps of the match's own clock.
#![cfg(feature = "app")]
#![expect(clippy::disallowed_methods, reason = "tests start programs of every kind")]

mod balloons;
mod bot;
mod coach;
mod dance;
mod loss;
#[path = "../support/media.rs"]
mod media;
mod physics;
mod repetitions;
#[path = "../support/requirement.rs"]
mod requirement;
mod storm;

use std::sync::Arc;

use livedance::motion::skeleton::RestSkeleton;

/// The T-pose of the bundled avatar.
fn rest() -> Arc<RestSkeleton> {
    let avatar = livedance::avatar_library::load("").expect("the bundled avatar");
    Arc::new(avatar.humanoid.rest.clone())
}
