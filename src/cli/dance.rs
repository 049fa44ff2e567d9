//! `livedance dance`: any motion becomes a dance.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::interrupt::Interrupts;
use crate::capture::ffmpeg::{Programs, Running};
use crate::capture::{AUDIO_RATE_HZ, AudioError, decode_audio};
use crate::dance_library::{DanceDraft, DraftBeats, MIN_TAPS, create};
use crate::motion::Difficulty;
use crate::motion::beats::find_beats;
use crate::motion::dance::BeatGrid;

/// Arguments of `dance`.
#[derive(Debug, Clone, Args)]
pub(super) struct DanceArgs {
    /// The motion: a BVH file, a VRM animation or a take
    #[arg(value_name = "MOTION")]
    motion: PathBuf,
    /// What to call the dance
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The music; its beats are looked for unless they are told or tapped
    #[arg(long, value_name = "FILE", required_unless_present_any = ["bpm", "tap"])]
    music: Option<PathBuf>,
    /// Beats a minute, 20 to 300
    #[arg(long, value_name = "N", conflicts_with = "tap")]
    bpm: Option<f64>,
    /// When the first beat is, seconds from the beginning of the music
    #[arg(long, value_name = "S", requires = "bpm", default_value_t = 0.0)]
    first_beat: f64,
    /// Press Enter on each beat while the music plays, at least eight times; `q` and Enter ends
    #[arg(long)]
    tap: bool,
    /// Motion time at which the music begins, seconds; below zero where the motion begins later
    #[arg(long, value_name = "S", default_value_t = 0.0, allow_negative_numbers = true)]
    motion_start: f64,
    /// Which person of a take, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    person: usize,
    /// How hard it is to dance, as the list of dances says
    #[arg(long, value_name = "LEVEL", default_value = "normal", value_parser = difficulty())]
    difficulty: Difficulty,
    /// Who made it
    #[arg(long, value_name = "TEXT", default_value = "")]
    author: String,
    /// Who else is to be named
    #[arg(long, value_name = "TEXT", default_value = "")]
    credits: String,
    /// On what terms motion and music may be used
    #[arg(long, value_name = "TEXT", default_value = "")]
    licence: String,
}

/// Reads a difficulty by its name; the help lists the names.
pub(super) fn difficulty() -> impl TypedValueParser<Value = Difficulty> {
    PossibleValuesParser::new(Difficulty::ALL.map(Difficulty::name))
        .map(|name| Difficulty::from_name(&name).unwrap_or_default())
}

/// Makes the dance and prints where it lies.
pub(super) fn run(args: &DanceArgs) -> anyhow::Result<()> {
    let interrupts = Interrupts::watch()?;
    ensure!(args.motion.is_file(), "{}: there is no such file", args.motion.display());
    let samples = args.music.as_deref().map(|music| decode(music, &interrupts)).transpose()?;
    let beats = if let Some(bpm) = args.bpm {
        DraftBeats::Even(BeatGrid { bpm, first_beat_s: args.first_beat })
    } else if args.tap {
        DraftBeats::Taps(tap(args.music.as_deref())?)
    } else {
        let music = args.music.as_deref().context("give --music, --bpm or --tap")?;
        say("looking for beats ...");
        let found = find_beats(samples.as_deref().unwrap_or_default(), AUDIO_RATE_HZ).with_context(|| {
            format!("{}: no beat was found in this music; give --bpm and --first-beat, or --tap", music.display())
        })?;
        say(&format!("{:.1} beats a minute, the first at {:.2} s", found.bpm, found.times_s.first().unwrap_or(&0.0)));
        DraftBeats::Found(found)
    };
    if interrupts.is_asked() {
        return Err(interrupts.error("nothing was made".to_owned()));
    }
    say("reading the motion ...");
    let path = create(&DanceDraft {
        title: args.name.clone(),
        author: args.author.clone(),
        credits: args.credits.clone(),
        licence: args.licence.clone(),
        motion: args.motion.clone(),
        person: args.person,
        motion_start_s: args.motion_start,
        music: args.music.clone(),
        music_length_s: samples.map(|samples| samples.len() as f64 / f64::from(AUDIO_RATE_HZ)),
        beats,
        difficulty: args.difficulty,
    })?;
    writeln!(io::stdout(), "{}", path.display())?;
    Ok(())
}

fn decode(music: &Path, interrupts: &Interrupts) -> anyhow::Result<Vec<f32>> {
    say(&format!("decoding {} ...", music.display()));
    match decode_audio(music, || interrupts.is_asked()) {
        Err(AudioError::Interrupted) => Err(interrupts.error("nothing was made".to_owned())),
        decoded => Ok(decoded?),
    }
}

/// Progress, for who watches.
fn say(line: &str) {
    // Nobody can be told that nobody can be told.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Plays the music, if there is any, and returns when Enter was pressed, seconds from its beginning.
fn tap(music: Option<&Path>) -> anyhow::Result<Vec<f64>> {
    let mut lines = io::stdin().lock().lines();
    let player = music.map(Player::start).transpose()?;
    match &player {
        Some(Some(_)) => say("Press Enter on each beat; q and Enter ends."),
        Some(None) => {
            say("ffplay, a part of ffmpeg, is not there: start the music yourself and press Enter as it begins.");
            ensure!(lines.next().transpose()?.is_some(), "nothing was tapped");
            say("Now press Enter on each beat; q and Enter ends.");
        }
        None => {
            say("Press Enter where the motion begins, then on each beat; q and Enter ends.");
            ensure!(lines.next().transpose()?.is_some(), "nothing was tapped");
        }
    }
    let began = Instant::now();
    let mut taps = Vec::new();
    for line in lines {
        let at_s = began.elapsed().as_secs_f64();
        match line.context("the keyboard cannot be read")?.trim() {
            "" => taps.push(at_s),
            "q" => break,
            _ => continue,
        }
        if io::stderr().is_terminal() {
            say(&format!("{} ...", taps.len()));
        }
    }
    if taps.len() < MIN_TAPS {
        bail!("there are {} taps; tap at least {MIN_TAPS} beats in a row", taps.len());
    }
    Ok(taps)
}

/// Music that plays; it ends with its owner.
struct Player {
    _program: Running,
}

impl Player {
    /// `None` where there is no program that could play it.
    fn start(music: &Path) -> anyhow::Result<Option<Self>> {
        let path = std::path::absolute(music).with_context(|| format!("{}: no such place", music.display()))?;
        let Ok(programs) = Programs::find() else { return Ok(None) };
        let started = programs
            .ffplay()
            .args(["-nodisp", "-autoexit", "-loglevel", "quiet"])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Ok(started.ok().map(|child| Self { _program: Running(child) }))
    }
}
