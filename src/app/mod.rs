//! The Bevy application: an avatar that moves as the tracked person moves, in a window or offscreen.
//!
//! - [`schedule`]: the only place that orders systems.
//! - `capture`: the live pipeline as a resource. [`tracking`]: slot, filters, retargeting, interpolation.
//! - [`player`]: takes and clips, played. `plots`: joint angles over time.
//! - [`recording`]: takes are recorded and listed.
//! - [`vmc`]: poses from and to other programs. `layers`: how clips and received poses lie over the tracked one.
//! - [`avatar`]: its file, its rig, its bones. `figure`: how any figure comes out of its file. [`scene`]: the studio around.
//! - [`game`]: games played with the whole body. [`player_body`]: what they know of the studio, and nothing else.
//! - `quit`: signals close the window. `view`: framings of the camera. `transparency`: a window that can be seen through.
//! - `interface`: wires the [`overlay`], which knows nothing of the engine's world. `notify`, `source`: what anybody may
//!   ask for: something is told, frames come from elsewhere.
//! - [`offscreen`]: the same avatar without a window, deterministic.
//!
//! Architecture invariant: no system computes motion. They call [`crate::motion`] and write what it returns.

pub mod adapter;
pub mod avatar;
mod capture;
mod crowd;
mod dialogs;
mod engine;
pub mod error;
mod figure;
pub mod game;
mod interface;
mod layers;
pub mod metrics;
mod notify;
pub mod offscreen;
pub mod overlay;
pub mod picture;
pub mod player;
pub mod player_body;
mod plots;
pub mod preferences;
mod quit;
pub mod recording;
pub mod scene;
pub mod schedule;
mod source;
pub mod tracking;
mod transparency;
mod view;
pub mod vmc;
pub mod window;

use bevy::prelude::*;

pub use error::AppError;

/// Everything between a tracked frame and the avatar's bones. Needs no window and no graphics adapter.
///
/// Insert [`preferences::Preferences`] before and publish frames to [`tracking::TrackedSlot`].
pub struct StudioPlugin;

impl Plugin for StudioPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((
            schedule::plugin,
            preferences::plugin,
            tracking::plugin,
            player::plugin,
            vmc::plugin,
            layers::plugin,
            avatar::plugin,
            metrics::plugin,
        ));
    }
}
