//! What a user can set for the games.

use serde::{Deserialize, Serialize};

use crate::motion::Difficulty;

/// Most players at once.
pub const MAX_PLAYERS: u32 = 4;

/// Colours by which things are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// Colours that all kinds of colour vision tell apart (Okabe and Ito, 2008).
    #[default]
    ColourSafe,
    /// Warm and cold, as in the rest of the app.
    Vivid,
    /// Black, white and yellow, with outlines.
    HighContrast,
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

/// Settings of the games, the table `[games]` of the settings file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GameSettings {
    /// Volume of the music, 0 to 1.
    pub music: f32,
    /// Volume of the sounds, 0 to 1.
    pub effects: f32,
    /// Show in words what is heard.
    pub captions: bool,
    /// Colours of what has to be told apart.
    pub palette: Palette,
    /// No shaking, no flashes, no flying letters.
    pub reduced_motion: bool,
    /// How many play, 1 to 4.
    pub players: u32,
    /// How hard games are.
    #[serde(with = "difficulty_name")]
    pub difficulty: Difficulty,
    /// Seconds that a hand has to rest on a button, 0.5 to 4.
    pub dwell_s: f32,
}

impl Default for GameSettings {
    fn default() -> Self {
        Self {
            music: 0.6,
            effects: 0.8,
            captions: true,
            palette: Palette::ColourSafe,
            reduced_motion: false,
            players: 1,
            difficulty: Difficulty::Normal,
            dwell_s: 1.2,
        }
    }
}

impl GameSettings {
    /// Says which value is out of its range, if any.
    ///
    /// # Errors
    /// The field, its range and its value, as one sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, volume) in [("music", self.music), ("effects", self.effects)] {
            if !(0.0..=1.0).contains(&volume) {
                return Err(format!("games.{name} must lie between 0 and 1, not {volume}"));
            }
        }
        if !(1..=MAX_PLAYERS).contains(&self.players) {
            return Err(format!("games.players must lie between 1 and {MAX_PLAYERS}, not {}", self.players));
        }
        if !(0.5..=4.0).contains(&self.dwell_s) {
            return Err(format!("games.dwell_s must lie between 0.5 and 4 seconds, not {}", self.dwell_s));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difficulty_is_read_and_written_by_its_name() {
        for difficulty in Difficulty::ALL {
            let settings = GameSettings { difficulty, ..GameSettings::default() };
            let text = toml::to_string(&settings).expect("writes");
            assert!(text.contains(&format!("difficulty = \"{}\"\n", difficulty.name())), "{text}");
            assert_eq!(toml::from_str::<GameSettings>(&text).expect("reads"), settings);
        }
        assert_eq!(toml::from_str::<GameSettings>("").expect("reads"), GameSettings::default());
        let wrong = toml::from_str::<GameSettings>("difficulty = \"mad\"").expect_err("refused").to_string();
        assert!(wrong.contains("`mad`") && wrong.contains("`easy`, `normal` or `hard`"), "{wrong}");
    }
}
