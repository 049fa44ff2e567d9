//! The kinds of balls, and what each asks for.

use crate::app::game::{Look, Shape, Sound, Tint};
use crate::motion::player::Blow;

/// What a ball asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BallKind {
    /// A blow with an arm.
    Punch,
    /// A blow with a leg.
    Kick,
    /// A blow with the head.
    Head,
    /// Both hands around it.
    Catch,
    /// Nothing at all: it must not touch.
    Dodge,
}

impl BallKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Punch, Self::Kick, Self::Head, Self::Catch, Self::Dodge];

    /// Its radius, metres.
    #[must_use]
    pub const fn radius_m(self) -> f32 {
        match self {
            Self::Punch | Self::Head => 0.13,
            Self::Kick => 0.15,
            Self::Catch => 0.16,
            Self::Dodge => 0.2,
        }
    }

    /// Its mass, kilograms: as light as a beach ball to as heavy as a football.
    #[must_use]
    pub const fn mass_kg(self) -> f32 {
        match self {
            Self::Punch | Self::Head | Self::Catch => 0.25,
            Self::Kick => 0.4,
            Self::Dodge => 0.6,
        }
    }

    /// What it looks like: each has a shape of its own, so that colour need not tell them apart.
    #[must_use]
    pub const fn look(self) -> Look {
        let radius = self.radius_m();
        let (shape, tint) = match self {
            Self::Punch => (Shape::Ball(radius), Tint::Kind(0)),
            Self::Kick => (Shape::Banded(radius), Tint::Kind(1)),
            Self::Head => (Shape::Diamond(radius), Tint::Kind(2)),
            Self::Catch => (Shape::Ball(radius), Tint::Gold),
            Self::Dodge => (Shape::Spikes(radius), Tint::Bad),
        };
        Look { shape, tint, glows: matches!(self, Self::Catch) }
    }

    /// Whether a blow is the one that it asks for.
    #[must_use]
    pub const fn wants(self, blow: Blow) -> bool {
        matches!((self, blow), (Self::Punch, Blow::Punch) | (Self::Kick, Blow::Kick) | (Self::Head, Blow::Head))
    }

    /// Points of a clean one, before speed and rows.
    #[must_use]
    pub const fn points(self) -> f64 {
        match self {
            Self::Punch => 100.0,
            Self::Kick => 120.0,
            Self::Head => 150.0,
            Self::Catch => 200.0,
            Self::Dodge => 80.0,
        }
    }

    /// What is heard when it was met as it asks.
    #[must_use]
    pub const fn sound(self) -> Sound {
        match self {
            Self::Punch => Sound::Punch,
            Self::Kick => Sound::Kick,
            Self::Head => Sound::Head,
            Self::Catch => Sound::Catch,
            Self::Dodge => Sound::Dodge,
        }
    }
}
