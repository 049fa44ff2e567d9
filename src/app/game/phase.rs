//! How far a player is: from the title to the results.

use bevy::prelude::*;

/// The screens of the games. `Off` is the studio.
#[derive(States, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GamePhase {
    /// Nobody plays: the studio.
    #[default]
    Off,
    /// Sounds, models and shaders are being made ready.
    Loading,
    /// The title.
    Title,
    /// Which game.
    Choose,
    /// Which dance or exercise, how hard, how many players; what to do.
    Setup,
    /// Volumes, captions, colours.
    Options,
    /// A dance is made out of a take.
    Create,
    /// Everybody steps into view.
    Calibrate,
    /// The game runs, or counts down to it.
    Playing,
    /// It stands still.
    Paused,
    /// How it went.
    Results,
}

impl GamePhase {
    /// Whether a match has begun and not ended.
    #[must_use]
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Playing | Self::Paused)
    }
}
