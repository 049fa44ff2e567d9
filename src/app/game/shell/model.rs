//! What the shell is given, what it remembers, and what it asks for.

use bevy_egui::egui::Id;

use super::super::dance::Preview;
use super::super::high_scores::{HighScore, HighScores};
use super::super::{GameInfo, GamePhase, Hud, Match, MatchResult, Scoreboard, Sound};
use super::dwell::Dwell;
use super::target::Target;
use crate::motion::Difficulty;
use crate::settings::{GameSettings, MAX_PLAYERS};

/// Number of players that there can be.
pub(super) const PLAYERS: usize = MAX_PLAYERS as usize;

/// Everything the shell shows in one frame, filled by the application.
#[derive(Debug, Clone)]
pub struct ShellModel {
    /// Which screen.
    pub phase: GamePhase,
    /// The settings of the games in force.
    pub settings: GameSettings,
    /// All games.
    pub games: Vec<GameInfo>,
    /// The best of all games.
    pub scores: HighScores,
    /// How far everything is that has to be there before anybody can play.
    pub loading: LoadingView,
    /// Who is in view, by player.
    pub players: [PlayerView; PLAYERS],
    /// The hand that points; `None` while none does.
    pub hand: Option<HandView>,
    /// What gamepads have done since the last frame.
    pub pad: PadInput,
    /// The match that is played.
    pub current: Option<Match>,
    /// What the game shows.
    pub hud: Hud,
    /// What each player has.
    pub board: Scoreboard,
    /// Who is missed in a match, from 0, and whether the match waits for them.
    pub missing: Option<Missing>,
    /// How the last match went.
    pub results: Option<ResultsView>,
    /// Whether what was played can be seen again.
    pub can_replay: bool,
    /// What is seen again.
    pub replay: Option<ReplayView>,
    /// The next moves of a dance, the nearest first.
    pub preview: Preview,
    /// Captions of sounds that are just heard.
    pub captions: Vec<&'static str>,
    /// What is to be told now, such as a gamepad that was connected; empty for nothing.
    pub notice: String,
    /// What is wrong with the camera or the tracking; empty for nothing.
    pub problem: String,
    /// The game for which choices can be made out of takes; empty for none.
    pub creates: &'static str,
}

impl Default for ShellModel {
    fn default() -> Self {
        Self {
            phase: GamePhase::Title,
            settings: GameSettings::default(),
            games: Vec::new(),
            scores: HighScores::default(),
            loading: LoadingView::default(),
            players: [PlayerView::default(); PLAYERS],
            hand: None,
            pad: PadInput::default(),
            current: None,
            hud: Hud::default(),
            board: Scoreboard::default(),
            missing: None,
            results: None,
            can_replay: false,
            replay: None,
            preview: Preview::default(),
            captions: Vec::new(),
            notice: String::new(),
            problem: String::new(),
            creates: "",
        }
    }
}

/// How far the games are ready.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LoadingView {
    /// 0 to 1.
    pub share: f32,
    /// What is waited for, in a few words.
    pub what: String,
}

/// One player before the camera.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlayerView {
    /// Head, left hand, right hand, left foot, right foot of the avatar: whether each is surely seen.
    pub seen: [bool; 5],
    /// How much of the time is over that the whole body has to be seen, 0 to 1.
    pub held: f32,
    /// Where the player is in the window, 0 at its left edge, 1 at its right; `None` while nobody is there.
    pub across: Option<f32>,
}

/// A hand that points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HandView {
    /// Share of the window, 0 at the left and top edges.
    pub at: [f32; 2],
    /// Whether it is the hand that is seen at the right.
    pub is_right: bool,
}

/// A way in which the focus moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Way {
    Up,
    Down,
    Left,
    Right,
}

/// What gamepads ask for in one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PadInput {
    /// The focus moves.
    pub way: Option<Way>,
    /// What is in focus is pressed.
    pub press: bool,
    /// Back.
    pub back: bool,
    /// Pause, or on.
    pub pause: bool,
}

/// Somebody who is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// From 0.
    pub player: usize,
    /// Whether the match waits for them, and goes on by itself.
    pub waits: bool,
}

/// How a match went, and what it did to the table of the best.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultsView {
    /// How it went.
    pub result: MatchResult,
    /// The best of this game, choice and difficulty, the best first.
    pub table: Vec<HighScore>,
    /// Which of them are of this match: places in `table`.
    pub new: Vec<usize>,
}

/// A dance that is seen again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplayView {
    /// Whose, from 0.
    pub player: usize,
    /// Whether it runs.
    pub is_playing: bool,
    /// Where it is, seconds.
    pub time_s: f64,
    /// How long it is, seconds.
    pub duration_s: f64,
    /// How fast it runs, 1 as it was danced.
    pub speed: f64,
    /// What the judge said just there.
    pub verdict: Option<String>,
    /// When something was missed, seconds.
    pub misses_s: Vec<f64>,
}

/// What is changed about a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplayChange {
    /// Show what this player danced, from 0.
    Open(usize),
    /// Let it run, or hold it.
    Play(bool),
    /// Go to this moment, seconds.
    Seek(f64),
    /// Run this fast.
    Speed(f64),
    /// Keep the motion as a file.
    Save,
    /// Back to the results.
    Close,
}

/// What somebody asked for and the application has to carry out.
#[derive(Debug, Clone, PartialEq)]
pub enum ShellAction {
    /// Show this screen; `Off` is the studio.
    Go(GamePhase),
    /// Begin this match.
    Start {
        /// The game's name in code.
        game: &'static str,
        /// What was chosen.
        choice: String,
    },
    /// Use these settings from now on and keep them.
    Set(GameSettings),
    /// Hold the match.
    Pause,
    /// Go on with it, after a countdown.
    Resume,
    /// Begin it anew.
    Restart,
    /// End it now, with a result.
    Finish,
    /// End it now, without one.
    Leave,
    /// This is to be heard.
    Hear(Sound),
    /// Something about the replay.
    Replay(ReplayChange),
}

/// What the shell remembers from frame to frame.
#[derive(Debug, Clone)]
pub struct ShellState {
    /// The game that was chosen: its place in [`ShellModel::games`].
    pub game: usize,
    /// What was chosen of what it offers: a place in its choices.
    pub choice: usize,
    /// Where the options were opened from.
    pub options_from: GamePhase,
    /// Whose results are shown in full, from 0.
    pub player: usize,
    /// How hard it is to be, where the player has said so since the games were opened.
    pub difficulty: Option<Difficulty>,
    /// The page of choices that is shown; `None` for that of the choice.
    pub(super) page: Option<usize>,
    pub(super) targets: Vec<Target>,
    pub(super) next_targets: Vec<Target>,
    /// What a gamepad, a key or a hand presses in this frame.
    pub(super) pressed: Option<Id>,
    pub(super) dwell: Dwell,
    pub(super) focus: Option<Id>,
    pub(super) shown: Option<GamePhase>,
    /// Seconds that the screen has been shown.
    pub(super) shown_s: f32,
    /// How high what is told of a problem is, points.
    pub(super) told_px: f32,
}

impl Default for ShellState {
    fn default() -> Self {
        Self {
            game: 0,
            choice: 0,
            options_from: GamePhase::Title,
            player: 0,
            difficulty: None,
            page: None,
            targets: Vec::new(),
            next_targets: Vec::new(),
            pressed: None,
            dwell: Dwell::default(),
            focus: None,
            shown: None,
            shown_s: 0.0,
            told_px: 0.0,
        }
    }
}

impl ShellModel {
    /// The game that is chosen.
    #[must_use]
    pub fn game(&self, state: &ShellState) -> Option<&GameInfo> {
        self.games.get(state.game).or_else(|| self.games.first())
    }

    /// What a game of this name is called.
    pub(super) fn title(&self, id: &str) -> String {
        self.games.iter().find(|game| game.id == id).map_or_else(|| id.to_owned(), |game| game.title.to_owned())
    }

    /// How many play the chosen game.
    #[must_use]
    pub fn players(&self, state: &ShellState) -> usize {
        let most = self.game(state).map_or(1, |game| game.max_players);
        (self.settings.players as usize).clamp(1, most.clamp(1, PLAYERS))
    }
}

impl ShellState {
    /// The name in code of what is chosen of a game; empty where it offers nothing.
    #[must_use]
    pub fn choice_id(&self, game: &GameInfo) -> String {
        game.choices.get(self.choice).or_else(|| game.choices.first()).map_or_else(String::new, |it| it.id.clone())
    }

    /// How hard a game is to be: as the player has said, else as what is chosen is meant, else as the last time.
    #[must_use]
    pub fn difficulty(&self, game: &GameInfo, settings: &GameSettings) -> Difficulty {
        let chosen = game.choices.get(self.choice).or_else(|| game.choices.first());
        self.difficulty.or_else(|| chosen?.difficulty).unwrap_or(settings.difficulty)
    }

    /// How full the ring of the hand is, 0 to 1.
    #[must_use]
    pub const fn dwelt(&self) -> f32 {
        self.dwell.share
    }
}
