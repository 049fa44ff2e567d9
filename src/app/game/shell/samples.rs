//! Screens with made-up contents, to be looked at and tested without anybody playing.

use super::super::high_scores::HighScore;
use super::super::score::Verdict;
use super::super::{GamePhase, Match, MatchResult, PlayerResult, Sound};
use super::model::{HandView, LoadingView, Missing, PLAYERS, PlayerView, ResultsView, ShellModel, ShellState};

/// The screens that there are.
pub const NAMES: [&str; 16] = [
    "loading",
    "title",
    "choose",
    "setup",
    "options",
    "create",
    "calibrate",
    "countdown",
    "playing",
    "four",
    "paused",
    "lost",
    "results",
    "results-four",
    "hand",
    "advice",
];

/// The phase of a screen; `None` for a name that there is not.
#[must_use]
pub fn phase(name: &str) -> Option<GamePhase> {
    Some(match name {
        "loading" => GamePhase::Loading,
        "title" => GamePhase::Title,
        "choose" | "hand" => GamePhase::Choose,
        "setup" => GamePhase::Setup,
        "options" => GamePhase::Options,
        "create" => GamePhase::Create,
        "calibrate" => GamePhase::Calibrate,
        "playing" | "countdown" | "four" => GamePhase::Playing,
        "paused" | "lost" => GamePhase::Paused,
        "results" | "results-four" | "advice" => GamePhase::Results,
        _ => return None,
    })
}

/// Fills a model with what a screen may hold. Does nothing for a name that there is not.
pub fn fill(name: &str, model: &mut ShellModel, state: &mut ShellState) {
    let game = model.game(state).map_or("balloons", |game| game.id);
    let choice = model.game(state).map(|game| state.choice_id(game)).unwrap_or_default();
    let players = if matches!(name, "four" | "results-four") { PLAYERS } else { 2 };
    match name {
        "loading" => model.loading = LoadingView { share: 0.62, what: "Loading the pictures".to_owned() },
        "choose" | "hand" => {
            for (place, game) in model.games.iter().enumerate().step_by(2) {
                model.scores.add(game.id, "", model.settings.difficulty, row(0, 12_480.0 / (place + 1) as f64));
            }
            if name == "hand" {
                model.hand = Some(HandView { at: [0.68, 0.42], is_right: true });
                model.settings.dwell_s = 4.0;
            }
        }
        "calibrate" => {
            model.settings.players = 2;
            model.players[0] = PlayerView { seen: [true; 5], held: 0.7, across: Some(0.4) };
            model.players[1] = PlayerView { seen: [true, true, true, false, false], held: 0.0, across: Some(0.6) };
        }
        "playing" | "countdown" | "four" | "paused" | "lost" => {
            let wait_s = if name == "countdown" { 2.4 } else { 0.0 };
            play(model, game, choice, if name == "four" { PLAYERS } else { 1 }, wait_s);
            if name == "lost" {
                model.missing = Some(Missing { player: 0, waits: true });
            }
        }
        "results" | "results-four" | "advice" => {
            let count = if name == "results-four" { players } else { 1 };
            model.results = Some(results(game, choice, count, name == "advice"));
        }
        _ => {}
    }
}

fn row(place: usize, points: f64) -> HighScore {
    let name = format!("Player {}", 1 + place % 4);
    HighScore { name, points, stars: 5_u32.saturating_sub(place as u32 / 2), date: "2026-05-01".to_owned() }
}

fn play(model: &mut ShellModel, game: &'static str, choice: String, players: usize, wait_s: f64) {
    let clock_s = 31.4;
    model.current = Some(Match {
        game,
        choice,
        difficulty: model.settings.difficulty,
        players,
        seed: 1,
        clock_s,
        wait_s,
        is_ending: false,
    });
    for (player, score) in model.board.players.iter_mut().take(players).enumerate() {
        score.points = 12_480.0 - 3_275.0 * player as f64;
        score.combo = [12, 3, 0, 7][player];
        ["18 of 20", "wave 3", "", "11 of 20"][player].clone_into(&mut score.line);
    }
    model.hud.progress = Some(0.55);
    model.hud.left_s = Some(42.0);
    model.hud.hearts = Some([3, 2, 1, 3]);
    if wait_s <= 0.0 {
        model.hud.announce(clock_s - 0.6, "Wave 3");
        "Bend your knees a little more".clone_into(&mut model.hud.hint);
        for (player, (words, worth)) in
            [("Perfect", 1.0), ("Good", 0.6), ("Miss", 0.0), ("+100", 1.0)].into_iter().enumerate().take(players)
        {
            model.hud.judgements[player] = Some(Verdict { words: words.to_owned(), worth, at_s: clock_s - 0.3 });
        }
        model.captions = [Sound::Punch, Sound::Combo].into_iter().filter_map(Sound::caption).collect();
    }
}

fn results(game: &'static str, choice: String, players: usize, is_long: bool) -> ResultsView {
    let one = |player: usize| PlayerResult {
        points: 12_480.0 - 3_275.0 * player as f64,
        percent: Some(87.0 - 11.0 * player as f32),
        stars: 4_u32.saturating_sub(player as u32),
        figures: [("Longest row", "23"), ("Hit", "41 of 52"), ("Fastest blow", "7.2 m/s")]
            .map(|(what, value)| (what.to_owned(), value.to_owned()))
            .to_vec(),
        advice: if is_long {
            vec![
                "Your left elbow stays bent when you reach out: straighten it all the way, and keep the shoulder low."
                    .to_owned();
                7
            ]
        } else {
            vec!["Kick a little earlier: most misses came late.".to_owned()]
        },
    };
    let mut table: Vec<HighScore> = (0..10).map(|place| row(place, 15_000.0 - 1_260.0 * place as f64)).collect();
    table[2] = row(0, 12_480.0);
    ResultsView {
        result: MatchResult {
            game,
            choice,
            difficulty: crate::motion::Difficulty::Normal,
            duration_s: 93.0,
            players: (0..players).map(one).collect(),
        },
        table,
        new: vec![2],
    }
}
