use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

const SHORT: &str = "title = \"Steps\"\nmotion = \"steps.bvh\"\nbpm = 120\nduration_s = 10\n";

fn full() -> DanceFile {
    DanceFile {
        version: 1,
        title: "Äight \"steps\"".into(),
        author: "somebody".into(),
        credits: "Motion: A\nMusic: B".into(),
        licence: "CC BY 4.0".into(),
        motion: "motions/steps.ldt".into(),
        motion_start_s: -1.25,
        person: 1,
        music: Some("steps.ogg".into()),
        bpm: Some(112.5),
        first_beat_s: Some(0.35),
        beats: None,
        duration_s: 92.0,
        difficulty: Difficulty::Hard,
    }
}

fn wrong(text: &str) -> String {
    DanceFile::parse(text).expect_err(text).to_string()
}

#[test]
fn the_example_of_the_documentation_is_read() {
    let lines: Vec<&str> = include_str!("mod.rs")
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| line.trim_start_matches("//!").trim_start())
        .collect();
    let text = lines.join("\n");
    let file = DanceFile::parse(&text).expect("the example");
    assert_eq!((file.title.as_str(), file.bpm, file.first_beat_s), ("Eight steps", Some(112.0), Some(0.35)));
}

#[test]
fn what_is_left_out_has_its_default() {
    let file = DanceFile::parse(SHORT).expect("a dance");
    assert_eq!((file.version, file.person, file.difficulty), (1, 0, Difficulty::Normal));
    assert_eq!((file.music.as_ref(), file.motion_start_s), (None, 0.0));
    assert_eq!(file.beats_s().len(), 21);
    assert_eq!(file.motion_path(Path::new("dances")), PathBuf::from("dances/steps.bvh"));
    assert_eq!(full().music_path(Path::new("dances")), Some(PathBuf::from("dances/steps.ogg")));
}

#[test]
fn a_file_comes_back_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("steps.dance.toml");
    let listed = DanceFile { first_beat_s: None, beats: Some(vec![0.0, 0.51, 1.0, 93.0]), ..full() };
    for file in [full(), listed, DanceFile::parse(SHORT).expect("a dance")] {
        file.write(&path).expect("writes");
        assert_eq!(DanceFile::read(&path).expect("reads"), file);
    }
    assert!(
        DanceFile::read(&folder.path().join("none.dance.toml")).expect_err("none").to_string().contains("none.dance")
    );
    assert!(full().write(folder.path()).expect_err("a folder").to_string().contains("cannot be written"));
    let invalid = DanceFile { duration_s: f64::NAN, ..full() };
    assert!(invalid.write(&path).is_err() && DanceFile::read(&path).is_ok(), "what was there stays");
}

#[test]
fn listed_beats_end_with_the_dance() {
    let file = DanceFile { first_beat_s: None, beats: Some(vec![0.0, 0.51, 91.9, 93.0]), ..full() };
    assert_eq!(file.beats_s(), [0.0, 0.51, 91.9]);
}

#[test]
fn what_is_wrong_is_named() {
    for (change, words) in [
        ("version = 2\nnew = 1", "version 2"),
        ("colour = 1", "colour"),
        ("difficulty = \"mad\"", "`easy`, `normal` or `hard`"),
        ("first_beat_s = nan", "`first_beat_s`"),
        ("first_beat_s = -0.1", "`first_beat_s` is -0.1"),
        ("first_beat_s = 11", "from 0 to 10"),
        ("motion_start_s = inf", "`motion_start_s`"),
        ("person = 64", "`person`"),
        ("person = -1", "-1"),
        ("beats = []", "no beats"),
        ("beats = [1.0, 1.0]", "beat 1 of `beats`"),
        ("beats = [-1.0]", "beat 0 of `beats`"),
        ("beats = [0.0, nan]", "beat 1 of `beats`"),
        ("beats = [1.0]\nfirst_beat_s = 0.0", "contradict"),
        ("music = \"\"", "empty"),
        ("music = \"../song.ogg\"", "leads out of the folder"),
        ("music = \"a/../../song.ogg\"", "leads out of the folder"),
        ("music = 'a\\..\\..\\song.ogg'", "leads out of the folder"),
        ("music = \"so\\u0000ng.ogg\"", "cannot be seen"),
        ("= =", "cannot be understood"),
    ] {
        let message = wrong(&format!("{SHORT}{change}\n"));
        assert!(message.contains(words), "{change}: {message}");
    }
    for (from, to, words) in [
        ("Steps", " ", "`title` is empty"),
        ("title = \"Steps\"", "", "title"),
        ("steps.bvh", "steps.fbx", ".bvh, .vrma or .ldt"),
        ("steps.bvh", "steps", ".bvh, .vrma or .ldt"),
        ("steps.bvh", "../steps.bvh", "leads out"),
        ("bpm = 120", "", "`bpm` and `first_beat_s`, or `beats`"),
        ("120", "19.9", "from 20 to 300"),
        ("120", "301", "from 20 to 300"),
        ("120", "nan", "`bpm`"),
        ("= 10", "= 0", "`duration_s` is 0"),
        ("= 10", "= 1e9", "`duration_s`"),
    ] {
        let message = wrong(&SHORT.replace(from, to));
        assert!(message.contains(words), "{to}: {message}");
    }
    assert!(wrong(&format!("{SHORT}author = \"{}\"", "x".repeat(2001))).contains("`author` is longer"));
    assert!(wrong(&" ".repeat(2 << 20)).contains("1 MiB"));
    let many: Vec<String> = (0..20_001).map(|beat| beat.to_string()).collect();
    assert!(wrong(&format!("{SHORT}beats = [{}]", many.join(".0,"))).contains("at most 20000"));
}

#[test]
fn an_absolute_path_is_taken_as_it_is() {
    let absolute = std::env::temp_dir().join("steps.BVH");
    let file = DanceFile { motion: absolute.clone(), ..full() };
    let file = DanceFile::parse(&file.to_text().expect("writes")).expect("reads");
    assert_eq!(file.motion_path(Path::new("dances")), absolute);
}

proptest! {
    #[test]
    fn any_valid_file_comes_back(
        title in "[^\\p{Cc}]{1,40}", start in -3600.0..3600.0, bpm in 20.0..=300.0, duration in 1.0..3600.0, person in 0_usize..64,
        at in 0.0..1.0,
    ) {
        let title = format!("x{title}");
        let file = DanceFile {
            title, motion_start_s: start, bpm: Some(bpm), duration_s: duration, person, first_beat_s: Some(at * duration), ..full()
        };
        prop_assert_eq!(DanceFile::parse(&file.to_text().expect("writes")).expect("reads"), file);
    }

    #[test]
    fn no_text_panics(text in "(title|motion|bpm|beats|duration_s|version|[ =\"\\[\\]0-9.\n-]|inf|nan){0,60}") {
        let _ = DanceFile::parse(&text);
    }
}
