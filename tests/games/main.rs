//! Games without a window: played from beginning to end by scripts and takes, in steps of the match's own clock.
#![cfg(feature = "app")]

mod balloons;
mod bot;
mod coach;
mod dance;
mod loss;
mod physics;
mod repetitions;
mod storm;

use std::sync::Arc;

use livedance::motion::skeleton::RestSkeleton;

/// The T-pose of the bundled avatar.
fn rest() -> Arc<RestSkeleton> {
    let avatar = livedance::avatar_library::load("").expect("the bundled avatar");
    Arc::new(avatar.humanoid.rest.clone())
}
