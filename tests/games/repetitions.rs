//! Repetitions: real squats through the whole chain, from the video to the result.

use std::process::Command;

use livedance::app::game::StartMatch;
use livedance::app::game::headless::{Performer, RecordedPlayer, headless_app, play};
use livedance::app::game::repetitions::ID;
use livedance::motion::Difficulty;
use livedance::settings::Settings;

use crate::media::media;
use crate::rest;

#[test]
fn two_squats_are_complete_and_a_third_is_under_way() {
    let Some(video) = media("pose_squats.mp4") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tracked = folder.path().join("squats.jsonl");
    let track = Command::new(env!("CARGO_BIN_EXE_livedance"))
        .args(["track", "--no-hands"])
        .arg(&video)
        .arg("-o")
        .arg(&tracked)
        .env("LIVEDANCE_CONFIG", folder.path().join("none.toml"))
        .output()
        .expect("runs");
    assert!(track.status.success(), "{}", String::from_utf8_lossy(&track.stderr));
    let run = || {
        let player = RecordedPlayer::open(&tracked, &Settings::default(), (*rest()).clone(), None).expect("a take");
        let mut performers: [Box<dyn Performer>; 1] = [Box::new(player)];
        let start =
            StartMatch { game: ID, choice: "squat".to_owned(), difficulty: Difficulty::Easy, players: 1, seed: 1 };
        play(&mut headless_app(), start, &mut performers, 60.0).expect("a result")
    };
    let result = run();
    let figures = &result.players[0].figures;
    let figure = |name: &str| figures.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(figure("Repetitions"), Some("2 of 8"), "{figures:?}");
    assert_eq!(figure("Good form"), Some("100 %"), "{figures:?}");
    assert_eq!(figure("Under way"), Some("one more"), "{figures:?}");
    assert_eq!(run(), result, "the same take, the same score");
}

#[test]
fn an_exercise_that_is_not_there_is_refused_in_words() {
    let body = rest();
    let mut performers: [Box<dyn Performer>; 1] =
        [Box::new(move |_: &mut bevy::prelude::World, _: f64| Some(crate::bot::standing(&body, 0.0)))];
    let start = StartMatch { game: ID, choice: "flight".to_owned(), difficulty: Difficulty::Easy, players: 1, seed: 1 };
    let refusal = play(&mut headless_app(), start, &mut performers, 10.0).expect_err("refused").to_string();
    assert!(refusal.contains("flight") && refusal.contains("assets/exercises"), "{refusal}");
}
