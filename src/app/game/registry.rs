//! The games that there are. A game makes itself known with [`GameApp::add_game`].

use bevy::prelude::*;

use crate::motion::Difficulty;

/// What the shell has to know of a game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GameInfo {
    /// The name in code, in scores and on the command line: lower case, with underscores.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// One sentence.
    pub tagline: &'static str,
    /// What to do, in a few short sentences, shown before it begins.
    pub how_to: &'static [&'static str],
    /// How many can play at once, 1 to 4.
    pub max_players: usize,
    /// From where the players are seen.
    pub view: GameView,
    /// The music that plays, by its file's name in `assets/music` without the ending; `None` where the game has its own.
    pub music: Option<&'static str>,
    /// What can be chosen before it begins: a dance, an exercise, a length. Empty for nothing.
    pub choices: Vec<Choice>,
}

/// One thing out of those that a game offers before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The name in code and in scores.
    pub id: String,
    /// For people.
    pub title: String,
    /// A few words more.
    pub note: String,
    /// How hard it is meant to be, for players who choose nothing else; `None` where that is all the same.
    pub difficulty: Option<Difficulty>,
}

/// From where players are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GameView {
    /// From the front, as in a mirror.
    #[default]
    Mirror,
    /// From behind, into the room.
    Behind,
}

/// All games, in the order in which they are shown.
#[derive(Resource, Debug, Clone, Default)]
pub struct Games(pub Vec<GameInfo>);

impl Games {
    /// The game with this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&GameInfo> {
        self.0.iter().find(|game| game.id == id)
    }
}

/// How a plugin makes its game known.
pub trait GameApp {
    /// Adds a game to the list.
    fn add_game(&mut self, game: GameInfo) -> &mut Self;
}

impl GameApp for App {
    fn add_game(&mut self, game: GameInfo) -> &mut Self {
        self.init_resource::<Games>();
        self.world_mut().resource_mut::<Games>().0.push(game);
        self
    }
}
