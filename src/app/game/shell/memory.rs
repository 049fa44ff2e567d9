//! What the shell remembers beside its screens.

use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;

use super::super::high_scores::HighScores;
use super::super::{PrepareMatch, Sound, SoundsReady, StartMatch};
use super::model::{HandView, LoadingView, PLAYERS, PlayerView, ResultsView, ShellState};
use super::pad::Stick;
use super::pointer::Pointer;
use super::warm::Warm;
use crate::app::avatar::AvatarState;
use crate::app::capture::Live;
use crate::app::preferences::Preferences;
use crate::motion::Difficulty;
use crate::pipeline::live::InferenceState;

/// Seconds that a notice is seen.
const NOTICE_S: f64 = 4.0;

/// How the games begin where the app is started with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GamesPlan {
    /// The game that is set up at once, by its name in code; `None` for the title.
    pub game: Option<String>,
    /// What is chosen of what it offers.
    pub choice: Option<String>,
    /// How hard, instead of what a dance says of itself.
    pub difficulty: Option<Difficulty>,
    /// A screen with made-up contents, to look at: see [`super::samples::NAMES`].
    pub screen: Option<String>,
}

/// What the shell remembers beside its screens.
#[derive(Resource, Default)]
pub(super) struct Shell {
    pub(super) plan: Option<GamesPlan>,
    pub(super) has_begun: bool,
    pub(super) state: ShellState,
    pub(super) pointer: Pointer,
    pub(super) hand: Option<HandView>,
    pub(super) stick: Stick,
    pub(super) captions: Vec<(Sound, f64)>,
    pub(super) notice: Option<(String, f64)>,
    /// Seconds that each player has been in view as a whole.
    pub(super) held_s: [f32; PLAYERS],
    pub(super) players: [PlayerView; PLAYERS],
    pub(super) scores: HighScores,
    pub(super) results: Option<ResultsView>,
    pub(super) told: Option<String>,
    /// What was announced last, while it is on the screens before a match.
    pub(super) announced: Option<PrepareMatch>,
}

impl Shell {
    pub(super) fn load_scores(&mut self, preferences: &Preferences) {
        let Some(path) = &preferences.path else { return };
        match HighScores::load(&HighScores::path_beside(path)) {
            Ok(scores) => self.scores = scores,
            Err(error) => {
                warn!("{error}");
                self.told = Some(error.to_string());
            }
        }
    }

    pub(super) fn notify(&mut self, now_s: f64, text: impl Into<String>) {
        self.notice = Some((text.into(), now_s + NOTICE_S));
    }
}

/// What is waited for, in the order in which it is told, and how far it is.
pub(super) fn loading(
    avatar: &AvatarState,
    live: &Live,
    warm: &Warm,
    sounds: Option<&SoundsReady>,
) -> (LoadingView, bool) {
    let parts = [
        ("the avatar", if *avatar == AvatarState::Loading { 0.0 } else { 1.0 }),
        ("the tracking", if live.status.inference == InferenceState::Loading { 0.0 } else { 1.0 }),
        // An app without sounds waits for none.
        ("the sounds", if sounds.is_some_and(|sounds| !sounds.0) { 0.0 } else { 1.0 }),
        ("the pictures", warm.share()),
    ];
    let share = parts.iter().map(|(_, share)| share).sum::<f32>() / parts.len() as f32;
    let missing = parts.iter().find(|(_, share)| *share < 1.0);
    let what = missing.map_or_else(String::new, |(what, _)| format!("Loading {what}"));
    (LoadingView { share, what }, missing.is_none())
}

/// Another match each time.
pub(super) fn start(game: &'static str, choice: String, difficulty: Difficulty, players: usize) -> StartMatch {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    StartMatch { game, choice, difficulty, players, seed }
}
