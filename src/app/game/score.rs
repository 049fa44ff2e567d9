//! Points while a game runs, and how it went when it is over.

use bevy::prelude::*;

use crate::motion::Difficulty;
use crate::settings::MAX_PLAYERS;

/// What each player has so far. Games write it, the shell shows it.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct Scoreboard {
    /// By player.
    pub players: [PlayerScore; MAX_PLAYERS as usize],
}

/// What one player has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlayerScore {
    /// What high scores are made of.
    pub points: f64,
    /// Successes in a row.
    pub combo: u32,
    /// Most successes in a row.
    pub best_combo: u32,
    /// A line beside the points, such as `12 of 20`.
    pub line: String,
}

impl PlayerScore {
    /// A success that is worth so many points, before the combo multiplies them; gives what it was worth. Every five in a
    /// row are worth as much again, up to four times.
    pub fn succeed(&mut self, points: f64) -> f64 {
        let worth = points * f64::from(1 + (self.combo / 5).min(3));
        self.combo += 1;
        self.best_combo = self.best_combo.max(self.combo);
        self.points += worth;
        worth
    }

    /// The row ends.
    pub const fn fail(&mut self) {
        self.combo = 0;
    }
}

/// What is shown over the game while it runs. Games write it, the shell shows it.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct Hud {
    /// A word or two, large, in the middle: `Wave 2`. It fades.
    pub headline: String,
    /// When the headline was set, on the match's clock, seconds.
    pub headline_s: f64,
    /// One line at the lower edge: what to do now, a hint of form.
    pub hint: String,
    /// How much of the game is over, 0 to 1; `None` where it has no length.
    pub progress: Option<f32>,
    /// Seconds left; `None` where time does not matter.
    pub left_s: Option<f32>,
    /// Hearts left, by player, where a game has them.
    pub hearts: Option<[u32; MAX_PLAYERS as usize]>,
    /// A judgement of what a player did just now, by player: words, and whether that is good (1) or bad (0), and when.
    pub judgements: [Option<Verdict>; MAX_PLAYERS as usize],
}

/// A judgement of what a player did just now.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// `Perfect`, `Good`, `Miss`, `+100`.
    pub words: String,
    /// 1 for the best, 0 for the worst.
    pub worth: f32,
    /// When, on the match's clock, seconds.
    pub at_s: f64,
}

impl Hud {
    /// Shows a headline from now on.
    pub fn announce(&mut self, clock_s: f64, words: impl Into<String>) {
        self.headline = words.into();
        self.headline_s = clock_s;
    }

    /// Shows a judgement of a player from now on.
    pub fn judge(&mut self, clock_s: f64, player: usize, words: impl Into<String>, worth: f32) {
        if let Some(place) = self.judgements.get_mut(player) {
            *place = Some(Verdict { words: words.into(), worth, at_s: clock_s });
        }
    }
}

/// A game is over: written by the game, once.
#[derive(Message, Debug, Clone, PartialEq)]
pub struct MatchOver {
    /// By player, as many as played.
    pub players: Vec<PlayerResult>,
}

/// How it went for one player.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlayerResult {
    /// What high scores are made of.
    pub points: f64,
    /// 0 to 100, where a game can say that.
    pub percent: Option<f32>,
    /// 0 to 5.
    pub stars: u32,
    /// Figures: what they are, and what they were.
    pub figures: Vec<(String, String)>,
    /// What to do better, the most important first.
    pub advice: Vec<String>,
}

/// A match that was played to its end.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct MatchResult {
    /// The game's name in code.
    pub game: &'static str,
    /// The choice that was played; empty where there is none.
    pub choice: String,
    /// How hard it was.
    pub difficulty: Difficulty,
    /// Seconds that it took, pauses left out.
    pub duration_s: f64,
    /// By player.
    pub players: Vec<PlayerResult>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_five_in_a_row_are_worth_more_up_to_four_times() {
        let mut score = PlayerScore::default();
        let worth: Vec<f64> = (0..25).map(|_| score.succeed(10.0)).collect();
        assert_eq!((worth[4], worth[5], worth[10], worth[24]), (10.0, 20.0, 30.0, 40.0));
        score.fail();
        assert_eq!((score.succeed(10.0), score.best_combo), (10.0, 25));
    }
}
