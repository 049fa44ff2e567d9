//! Chance that can be had again: the same seed gives the same game.

use bevy::prelude::{Deref, DerefMut, Resource};

use crate::motion::random::Random;

/// What a match takes its chance from.
#[derive(Resource, Debug, Clone, Copy, Deref, DerefMut)]
pub struct Chance(Random);

impl Chance {
    /// The one of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }
}

impl Default for Chance {
    fn default() -> Self {
        Self::new(1)
    }
}
