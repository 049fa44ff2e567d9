//! `livedance play`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use super::quiet::keep_graphics_quiet;
use super::setting_options::{Avatar, Games as GameOptions, Given};
use crate::app::game::headless::{self, Performer, RecordedPlayer};
use crate::app::game::shell::{GamesPlan, samples};
use crate::app::game::{Games, MatchResult, StartMatch};
use crate::app::preferences::Preferences;
use crate::app::window::{self, USUAL_SIZE, WindowOptions};
use crate::avatar_library;
use crate::capture::SourceSpec;
use crate::motion::Difficulty;
use crate::settings::{Settings, settings_path};

/// A match without a window that lasts longer does not end by itself, seconds of playing.
const LONGEST_MATCH_S: f64 = 3600.0;

/// Arguments of `play`.
#[derive(Debug, Clone, Args)]
pub(super) struct PlayArgs {
    /// The game that is set up at once: `ball_storm`, `balloons` and so on [default: the title]
    #[arg(value_name = "GAME")]
    game: Option<String>,
    /// Where the players are seen: as for `run`; with --headless a take or a file of `track` [default: a camera if there is one, else the demo]
    #[arg(value_name = "SOURCE")]
    source: Option<String>,
    /// What the game is to be played with: the name of a dance or an exercise [default: the first]
    #[arg(long, value_name = "NAME", requires = "game")]
    choice: Option<String>,
    #[command(flatten)]
    options: Given<GameOptions>,
    /// Let the first person of a take play, without a window, and print the result
    #[arg(long, requires_all = ["game", "source"])]
    headless: bool,
    /// Print the result as JSON
    #[arg(long, requires = "headless")]
    json: bool,
    /// What chance begins with, without a window: the same number gives the same match
    #[arg(long, value_name = "N", requires = "headless", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    tracking: super::TrackingArgs,
    #[command(flatten)]
    avatar: Given<Avatar>,
    /// Show a screen with made-up contents
    #[arg(long, value_name = "NAME", hide = true, value_parser = samples::NAMES)]
    screen: Option<String>,
    /// Size of the window
    #[arg(long, value_name = "WxH", hide = true, value_parser = size)]
    window: Option<(u32, u32)>,
    /// Save a picture of the window and close it
    #[arg(long, value_name = "FILE", hide = true)]
    screenshot: Option<PathBuf>,
    /// Seconds between the start of tracking and the picture
    #[arg(long, value_name = "SECONDS", hide = true, default_value_t = 5.0, requires = "screenshot")]
    after: f64,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = text.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    let side = |text: &str| {
        let side = text.parse::<u32>().map_err(|error| error.to_string())?;
        if (100..=8192).contains(&side) { Ok(side) } else { Err(format!("{side} must lie between 100 and 8192")) }
    };
    Ok((side(width)?, side(height)?))
}

/// Opens the games, or plays a match without a window.
pub(super) fn run(args: &PlayArgs) -> anyhow::Result<()> {
    let mut settings = args.tracking.settings()?;
    args.options.lay_over(&mut settings)?;
    super::render::use_avatar(args.avatar.text("avatar"), &mut settings)?;
    if let Some(game) = &args.game {
        check(args, game, &settings)?;
    }
    if args.headless {
        return play_headless(args, &settings);
    }
    if !window::has_display() {
        bail!("no display was found; `livedance play GAME TAKE --headless` plays a recorded match without one");
    }
    let source = args.source.clone().unwrap_or_else(|| settings.source.clone());
    let source = if source.is_empty() {
        SourceSpec::Auto
    } else {
        source.parse::<SourceSpec>().with_context(|| format!("the source {source}"))?
    };
    let after = Duration::try_from_secs_f64(args.after).context("--after must be seconds from 0 on")?;
    window::run(WindowOptions {
        source,
        preferences: Preferences::new(settings, settings_path()),
        remote_token: args.tracking.remote_token(),
        hide_interface: false,
        record: None,
        games: Some(GamesPlan {
            game: args.game.clone(),
            choice: args.choice.clone(),
            difficulty: args.options.text("games.difficulty").and_then(Difficulty::from_name),
            screen: args.screen.clone(),
        }),
        size: args.window.unwrap_or(USUAL_SIZE),
        screenshot: args.screenshot.clone().map(|path| (path, after)),
    })?;
    Ok(())
}

/// Says what is wrong with the game, its choice or the number of players.
fn check(args: &PlayArgs, name: &str, settings: &Settings) -> anyhow::Result<()> {
    let app = headless::headless_app();
    let games = app.world().resource::<Games>();
    let Some(game) = games.get(name) else {
        let known: Vec<&str> = games.0.iter().map(|game| game.id).collect();
        bail!("there is no game called {name}; there are: {}", known.join(", "));
    };
    if let Some(choice) = &args.choice
        && !game.choices.iter().any(|known| known.id == *choice)
    {
        let known: Vec<&str> = game.choices.iter().map(|choice| choice.id.as_str()).collect();
        if known.is_empty() {
            bail!("{name} has nothing to choose: leave --choice {choice} out");
        }
        bail!("{name} has no {choice}; there are: {}", known.join(", "));
    }
    let most = game.max_players;
    if args.options.text("games.players").is_some() && settings.games.players as usize > most {
        bail!("{name} is for at most {most} players");
    }
    Ok(())
}

fn play_headless(args: &PlayArgs, settings: &Settings) -> anyhow::Result<()> {
    let (Some(name), Some(take)) = (&args.game, &args.source) else {
        bail!("--headless needs a game and a take");
    };
    if args.options.text("games.players").is_some() && settings.games.players != 1 {
        bail!("one person of a take plays: leave --players out");
    }
    keep_graphics_quiet();
    let avatar = avatar_library::load(&settings.avatar).map_err(anyhow::Error::msg)?;
    let rest = avatar.humanoid.rest.clone();
    let player = RecordedPlayer::open(Path::new(take), settings, rest, args.tracking.fps)?;
    let mut performers: Vec<Box<dyn Performer>> = vec![Box::new(player)];
    let mut app = headless::headless_app();
    let (game, choice) = {
        let games = app.world().resource::<Games>();
        let Some(game) = games.get(name) else { bail!("there is no game called {name}") };
        let first = game.choices.first().map(|choice| choice.id.clone()).unwrap_or_default();
        (game.id, args.choice.clone().unwrap_or(first))
    };
    let start = StartMatch { game, choice, difficulty: settings.games.difficulty, players: 1, seed: args.seed };
    let result = headless::play(&mut app, start, &mut performers, LONGEST_MATCH_S)?;
    print(&result, args.json)
}

#[expect(clippy::print_stdout, reason = "the result is what the command is for")]
fn print(result: &MatchResult, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        // What is no number is null, so that every reader can read it.
        let players: Vec<_> = (result.players.iter())
            .map(|player| {
                json!({
                    "points": player.points,
                    "percent": player.percent,
                    "stars": player.stars,
                    "figures": player.figures.iter().map(|(what, value)| json!([what, value])).collect::<Vec<_>>(),
                    "advice": player.advice,
                })
            })
            .collect();
        let whole = json!({
            "game": result.game,
            "choice": result.choice,
            "difficulty": result.difficulty.name().to_lowercase(),
            "duration_s": result.duration_s,
            "players": players,
        });
        println!("{}", serde_json::to_string_pretty(&whole)?);
        return Ok(());
    }
    let choice = if result.choice.is_empty() { String::new() } else { format!(" {}", result.choice) };
    let how = result.difficulty.name().to_lowercase();
    println!("{}{choice}, {how}, {:.1} s", result.game, result.duration_s);
    for (number, player) in result.players.iter().enumerate() {
        let percent = player.percent.map(|percent| format!(", {percent:.0} %")).unwrap_or_default();
        println!("player {}: {:.0} points, {} of 5 stars{percent}", number + 1, player.points, player.stars);
        for (what, value) in &player.figures {
            println!("  {what}: {value}");
        }
        for advice in &player.advice {
            println!("  - {advice}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        play: PlayArgs,
    }

    #[test]
    fn players_and_difficulty_are_settings_of_this_run() {
        let options = ["livedance", "balloons", "--players", "4", "--difficulty", "hard", "--people", "3"];
        let line = Line::try_parse_from(options).expect("right usage");
        let mut settings = Settings::default();
        line.play.options.lay_over(&mut settings).expect("in range");
        assert_eq!((settings.games.players, settings.games.difficulty), (4, Difficulty::Hard));
        for wrong in [["--players", "5"], ["--difficulty", "mad"]] {
            assert!(Line::try_parse_from([&["livedance"][..], &wrong].concat()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn sizes_are_read_and_nonsense_is_refused() {
        assert_eq!(size("480x800"), Ok((480, 800)));
        for text in ["480", "x", "0x800", "480x99999", "ax800", "-480x800"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
