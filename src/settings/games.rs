//! What a user can set for the games.

use serde::{Deserialize, Serialize};

use super::declare::{Choice, Group, Kind, Range, Setting, choices, settings, value};
use crate::motion::Difficulty;

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

/// A [`Difficulty`] by its name, for serde's `with`.
pub mod difficulty_name {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::motion::Difficulty;

    /// Writes the name.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(difficulty: &Difficulty, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(difficulty.name())
    }

    /// Reads the name.
    ///
    /// # Errors
    /// Those of the deserializer, and for a name that no difficulty has.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Difficulty, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = || D::Error::custom(format!("`{name}` is no difficulty; give `easy`, `normal` or `hard`"));
        Difficulty::from_name(&name).ok_or_else(unknown)
    }
}

/// The difficulties by name.
const DIFFICULTIES: &[Choice] = &[
    Choice { name: Difficulty::Easy.name(), means: "slower and more forgiving" },
    Choice { name: Difficulty::Normal.name(), means: "as meant" },
    Choice { name: Difficulty::Hard.name(), means: "faster and stricter" },
];

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
        #[serde(with = "difficulty_name")]
        difficulty: Difficulty = Difficulty::Normal => Kind::Choice(DIFFICULTIES),
            value("difficulty", "DIFFICULTY", "How hard it is [default: as last time]", Group::Games);
        /// seconds that a hand has to rest on a button, 0.5 to 4
        dwell_s: f32 = 1.2 => Kind::Number(Range::between(0.5, 4.0, "seconds"));
    }
}
