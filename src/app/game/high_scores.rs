//! The best ten of each game, choice and difficulty, kept in a file beside the settings.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::write_atomically;
use crate::motion::Difficulty;
use crate::settings::difficulty_name;

/// How many are kept of each game, choice and difficulty.
pub const KEPT: usize = 10;
/// A file larger than this is none of ours, bytes.
const LARGEST_FILE: u64 = 4 << 20;
/// The file's name, beside the settings file.
const FILE: &str = "scores.json";

/// Why high scores could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ScoresError {
    /// The file holds something else. It was moved aside, unless that failed, too.
    #[error("the high scores in {path} cannot be read ({reason}); they were moved to {aside}, and new ones begin")]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// Where it lies now.
        aside: PathBuf,
    },
    /// The file could not be read or written.
    #[error("the high scores in {path} cannot be kept: {reason}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// One score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HighScore {
    /// Who.
    pub name: String,
    /// How many points.
    pub points: f64,
    /// 0 to 5.
    pub stars: u32,
    /// When, as `2026-05-01`.
    pub date: String,
}

/// The best of one game, choice and difficulty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    game: String,
    #[serde(default)]
    choice: String,
    #[serde(with = "difficulty_name")]
    difficulty: Difficulty,
    scores: Vec<HighScore>,
}

/// The best of all games.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HighScores {
    tables: Vec<Table>,
}

impl HighScores {
    /// Where they lie for settings that are kept in `settings`.
    #[must_use]
    pub fn path_beside(settings: &Path) -> PathBuf {
        settings.with_file_name(FILE)
    }

    /// Reads them; none where there is no file.
    ///
    /// # Errors
    /// [`ScoresError`]. A broken file is moved aside first, so that it is not lost when new scores are written.
    pub fn load(path: &Path) -> Result<Self, ScoresError> {
        let io = |error: std::io::Error| ScoresError::Io { path: path.to_owned(), reason: error.to_string() };
        let length = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(io(error)),
            Ok(file) => file.len(),
        };
        let read = if length > LARGEST_FILE {
            Err(format!("it has {length} bytes"))
        } else {
            let bytes = std::fs::read(path).map_err(io)?;
            serde_json::from_slice::<Self>(&bytes).map_err(|error| error.to_string())
        };
        match read {
            Ok(mut scores) => {
                scores.tidy();
                Ok(scores)
            }
            Err(reason) => {
                let aside = path.with_extension("json.broken");
                std::fs::rename(path, &aside).map_err(io)?;
                Err(ScoresError::Broken { path: path.to_owned(), reason, aside })
            }
        }
    }

    /// Writes them, whole or not at all.
    ///
    /// # Errors
    /// [`ScoresError::Io`] with what the system said.
    pub fn save(&self, path: &Path) -> Result<(), ScoresError> {
        let io = |reason: String| ScoresError::Io { path: path.to_owned(), reason };
        let text = serde_json::to_string_pretty(self).map_err(|error| io(error.to_string()))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| io(error.to_string()))?;
        }
        write_atomically(path, text.as_bytes()).map_err(|error| io(error.to_string()))
    }

    /// Puts a score in its place and returns that, from 0; `None` where ten were better, or where it is no score: not a
    /// number, or nothing. Of equal ones the older is the better.
    pub fn add(&mut self, game: &str, choice: &str, difficulty: Difficulty, score: HighScore) -> Option<usize> {
        if !(score.points.is_finite() && score.points > 0.0) {
            return None;
        }
        let known = self.tables.iter().position(|table| table.is_of(game, choice, difficulty));
        let known = known.unwrap_or_else(|| {
            let (game, choice) = (game.to_owned(), choice.to_owned());
            self.tables.push(Table { game, choice, difficulty, scores: Vec::new() });
            self.tables.len() - 1
        });
        let table = &mut self.tables[known];
        let place = table.scores.partition_point(|known| known.points >= score.points);
        if place >= KEPT {
            return None;
        }
        table.scores.insert(place, score);
        table.scores.truncate(KEPT);
        Some(place)
    }

    /// The best, the best first.
    #[must_use]
    pub fn of(&self, game: &str, choice: &str, difficulty: Difficulty) -> &[HighScore] {
        self.tables.iter().find(|table| table.is_of(game, choice, difficulty)).map_or(&[], |table| &table.scores)
    }

    /// The best of a game, whatever was chosen and however hard.
    #[must_use]
    pub fn best_of(&self, game: &str) -> Option<&HighScore> {
        let tables = self.tables.iter().filter(|table| table.game == game);
        tables.filter_map(|table| table.scores.first()).max_by(|a, b| a.points.total_cmp(&b.points))
    }

    /// What somebody wrote into the file by hand is put in order.
    fn tidy(&mut self) {
        for table in &mut self.tables {
            table.scores.retain(|score| score.points.is_finite() && score.points > 0.0);
            table.scores.sort_by(|a, b| b.points.total_cmp(&a.points));
            table.scores.truncate(KEPT);
            for score in &mut table.scores {
                score.stars = score.stars.min(5);
                score.name = score.name.chars().take(40).collect();
                score.date = score.date.chars().take(10).collect();
            }
        }
    }
}

impl Table {
    fn is_of(&self, game: &str, choice: &str, difficulty: Difficulty) -> bool {
        self.game == game && self.choice == choice && self.difficulty == difficulty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(points: f64) -> HighScore {
        HighScore { name: "Player 1".to_owned(), points, stars: 3, date: "2026-05-01".to_owned() }
    }

    #[test]
    fn the_best_ten_are_kept_in_order_and_the_older_wins() {
        let mut scores = HighScores::default();
        for points in 1..=12 {
            scores.add("storm", "", Difficulty::Normal, score(f64::from(points) * 10.0));
        }
        let kept: Vec<f64> = scores.of("storm", "", Difficulty::Normal).iter().map(|s| s.points).collect();
        assert_eq!(kept, (3..=12).rev().map(|p| f64::from(p) * 10.0).collect::<Vec<_>>());
        assert_eq!(scores.add("storm", "", Difficulty::Normal, score(120.0)), Some(1), "the older is first");
        assert_eq!(scores.add("storm", "", Difficulty::Normal, score(20.0)), None);
        assert_eq!(scores.add("storm", "", Difficulty::Hard, score(20.0)), Some(0), "a table of its own");
        assert_eq!(scores.add("storm", "waltz", Difficulty::Hard, score(500.0)), Some(0));
        assert_eq!(scores.best_of("storm").map(|s| s.points), Some(500.0));
        assert_eq!(scores.best_of("chess"), None);
    }

    #[test]
    fn what_is_no_score_is_not_kept() {
        let mut scores = HighScores::default();
        for points in [f64::NAN, f64::INFINITY, 0.0, -5.0] {
            assert_eq!(scores.add("storm", "", Difficulty::Easy, score(points)), None);
        }
        assert!(scores.of("storm", "", Difficulty::Easy).is_empty());
    }

    #[test]
    fn they_are_read_back_and_a_missing_file_holds_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = HighScores::path_beside(&folder.path().join("deeper/settings.toml"));
        assert_eq!(HighScores::load(&path).expect("none"), HighScores::default());
        let mut scores = HighScores::default();
        scores.add("storm", "", Difficulty::Normal, score(10.5));
        scores.save(&path).expect("saves");
        assert_eq!(HighScores::load(&path).expect("loads"), scores);
        assert!(path.ends_with("deeper/scores.json"));
        assert_eq!(std::fs::read_dir(path.parent().expect("a folder")).expect("lists").count(), 1, "no draft is left");
    }

    #[test]
    fn scores_that_cannot_be_saved_leave_no_draft() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // A file cannot take the place of a folder that holds something.
        let path = folder.path().join("scores.json");
        std::fs::create_dir_all(path.join("kept")).expect("a folder");
        let told = HighScores::default().save(&path).expect_err("refused").to_string();
        assert!(told.contains("scores.json"), "{told}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1);
    }

    #[test]
    fn a_broken_file_is_kept_aside_and_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("scores.json");
        for text in ["{\"tables\": [", "", "[1, 2]", "{\"tables\": 5}", "\u{0}\u{1}"] {
            std::fs::write(&path, text).expect("writes");
            let told = HighScores::load(&path).expect_err("broken").to_string();
            assert!(told.contains("scores.json.broken"), "{told}");
            let aside = std::fs::read_to_string(folder.path().join("scores.json.broken")).expect("kept");
            assert_eq!(aside, text);
            assert!(!path.exists());
        }
    }

    #[test]
    fn what_was_written_by_hand_is_put_in_order() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("scores.json");
        let row = |points: &str| format!(r#"{{"name":"A","points":{points},"stars":99,"date":"2026-05-01, late"}}"#);
        let rows = ["1.0", "-4", "30", "2"].map(row).join(",");
        let text = format!(r#"{{"tables":[{{"game":"storm","difficulty":"normal","scores":[{rows}]}}]}}"#);
        std::fs::write(&path, text).expect("writes");
        let scores = HighScores::load(&path).expect("loads");
        let found = scores.of("storm", "", Difficulty::Normal);
        assert_eq!(found.iter().map(|s| s.points).collect::<Vec<_>>(), [30.0, 2.0, 1.0]);
        assert!(found.iter().all(|s| s.stars == 5 && s.date == "2026-05-01"));
    }
}
