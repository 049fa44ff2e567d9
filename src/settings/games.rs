//! What a user can set for the games.

use serde::{Deserialize, Serialize};

use super::declare::{Group, Kind, Range, Setting, choices, settings, value};

/// Most players at once.
pub const MAX_PLAYERS: u32 = 4;

choices! {
    /// Colours by which things are told apart.
    pub enum Palette: ColourSafe {
        /// Colours that all kinds of colour vision tell apart (Okabe and Ito, 2008).
        ColourSafe = "colour-safe",
        /// Warm and cold, as in the rest of the app.
        Vivid = "vivid",
        /// Black, white and yellow, with outlines.
        HighContrast = "high-contrast",
    }
}

choices! {
    /// How hard a game is.
    pub enum Difficulty: Normal {
        /// Slower and more forgiving.
        Easy = "easy",
        /// As meant.
        Normal = "normal",
        /// Faster and stricter.
        Hard = "hard",
    }
}

impl Difficulty {
    /// From the easiest to the hardest.
    pub const ALL: [Self; 3] = [Self::Easy, Self::Normal, Self::Hard];

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Easy => "Easy",
            Self::Normal => "Normal",
            Self::Hard => "Hard",
        }
    }
}

settings! {
    /// Settings of the games, the table `[games]` of the settings file.
    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct GameSettings in "games." {
        /// volume of the music, 0 to 1
        music: f32 = 0.6 => Kind::Number(Range::between(0.0, 1.0, ""));
        /// volume of the sounds, 0 to 1
        effects: f32 = 0.8 => Kind::Number(Range::between(0.0, 1.0, ""));
        /// show in words what is heard
        captions: bool = true => Kind::Switch;
        /// colours of what has to be told apart: `colour-safe`, `vivid`, `high-contrast`
        palette: Palette = Palette::ColourSafe => Kind::Choice(Palette::CHOICES);
        /// no shaking, no flashes, no flying letters
        reduced_motion: bool = false => Kind::Switch;
        /// how many play, 1 to 4
        players: u32 = 1 => Kind::Whole(Range::between(1.0, MAX_PLAYERS as f64, "")),
            value("players", "N", "How many play, 1 to 4 [default: as last time]", Group::Games);
        /// how hard games are: `easy`, `normal`, `hard`
        difficulty: Difficulty = Difficulty::Normal => Kind::Choice(Difficulty::CHOICES),
            value("difficulty", "DIFFICULTY", "How hard it is [default: as last time]", Group::Games);
        /// seconds that a hand has to rest on a button, 0.5 to 4
        dwell_s: f32 = 1.2 => Kind::Number(Range::between(0.5, 4.0, "seconds"));
    }
}
