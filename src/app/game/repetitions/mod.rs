//! Repetitions: squats, push-ups, jumping jacks, lunges, counted, with hints on form and sets with rests.
//!
//! What is counted stands in the data files of `assets/exercises` and of the user's folder `exercises`; the counting is
//! [`crate::motion::exercise`]. Here it is led through sets, and points are given.

mod coach;

use bevy::prelude::*;

use super::{Choice, GameApp, GameInfo, GameStart, GameStep, GameView, game_is};
use crate::formats::exercise::{read_exercises, shipped_exercises};
use crate::motion::Difficulty;
use crate::motion::exercise::{Exercise, Goal, SetPlan};
use crate::paths::data_folder;

/// The game's name in code.
pub const ID: &str = "repetitions";
/// Ending of the choices whose sets are timed.
const TIMED: &str = "-timed";

/// Adds the game.
pub(super) fn plugin(app: &mut App) {
    let exercises = Exercises::load();
    app.add_game(GameInfo {
        id: ID,
        title: "Repetitions",
        tagline: "Squats, push-ups, jumping jacks, lunges: counted, with a word on your form.",
        how_to: &[
            "Stand so that your whole body is in view.",
            "Go all the way: only whole repetitions count.",
            "Watch the hints: clean ones are worth more.",
        ],
        max_players: 4,
        view: GameView::Mirror,
        music: Some("workout"),
        choices: exercises.choices(),
    })
    .insert_resource(exercises)
    .init_resource::<coach::Coach>()
    .add_systems(GameStart, coach::begin.run_if(game_is(ID)))
    .add_systems(GameStep, (coach::count, coach::tell, coach::finish).chain().run_if(game_is(ID)));
}

/// What can be trained.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Exercises(Vec<Exercise>);

impl Exercises {
    /// The bundled ones, then the user's own. A file that cannot be read is told and left out.
    fn load() -> Self {
        let mut all = shipped_exercises().unwrap_or_else(|error| {
            warn!("{error}");
            Vec::new()
        });
        let own = data_folder("exercises");
        if own.is_dir() {
            match read_exercises(&own) {
                Ok(own) => all.extend(
                    own.into_iter().filter(|own| all.iter().all(|known| known.id != own.id)).collect::<Vec<_>>(),
                ),
                Err(error) => warn!("{error}"),
            }
        }
        Self(all)
    }

    /// Each of them for a number of repetitions, and for a time.
    fn choices(&self) -> Vec<Choice> {
        let counted = |exercise: &Exercise| Choice {
            id: exercise.id.clone(),
            title: exercise.title.clone(),
            note: exercise.stand.clone(),
            difficulty: None,
        };
        let timed = |exercise: &Exercise| Choice {
            id: format!("{}{TIMED}", exercise.id),
            title: format!("{}, against the clock", exercise.title),
            note: exercise.stand.clone(),
            difficulty: None,
        };
        self.0.iter().map(counted).chain(self.0.iter().map(timed)).collect()
    }

    /// The exercise and the plan of a choice.
    pub(super) fn get(&self, choice: &str, difficulty: Difficulty) -> Option<(&Exercise, SetPlan)> {
        let (id, is_timed) = choice.strip_suffix(TIMED).map_or((choice, false), |id| (id, true));
        let exercise = if id.is_empty() { self.0.first() } else { self.0.iter().find(|known| known.id == id) };
        Some((exercise?, plan(difficulty, is_timed)))
    }
}

/// What is to be done.
const fn plan(difficulty: Difficulty, is_timed: bool) -> SetPlan {
    let (sets, count, seconds) = match difficulty {
        Difficulty::Easy => (1, 8, 30.0),
        Difficulty::Normal => (2, 10, 45.0),
        Difficulty::Hard => (3, 12, 60.0),
    };
    SetPlan {
        sets: if is_timed { 1 } else { sets },
        goal: if is_timed { Goal::Seconds(seconds) } else { Goal::Repetitions(count) },
        rest_s: 20.0,
        // The match counts down by itself.
        lead_in_s: 0.0,
    }
}
