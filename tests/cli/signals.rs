//! Commands that are asked to end before their work is done.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::*;

/// Starts a command, asks it to end by this signal once `has_begun`, and returns what it said.
fn interrupted(mut command: Command, signal: &str, has_begun: impl Fn() -> bool) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("livedance runs");
    let began = Instant::now();
    while !has_begun() && child.try_wait().expect("a child").is_none() {
        assert!(began.elapsed() < Duration::from_mins(2), "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
    child.wait_with_output().expect("it ends")
}

#[test]
fn an_interrupted_track_keeps_whole_lines() {
    let bench = Bench::new();
    let out = bench.path("out.jsonl");
    let lines = || std::fs::read_to_string(&out).map_or(0, |text| text.lines().count());
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let _ = std::fs::remove_file(&out);
        let output = interrupted(bench.track("demo", &[]), signal, || lines() > 3);
        let text = std::fs::read_to_string(&out).expect("a file");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("interrupted") && stderr(&output).contains("out.jsonl"),
            "{}",
            stderr(&output)
        );
        assert!(stderr(&output).contains(&format!("first {} frame", text.lines().count())), "{}", stderr(&output));
        assert!(text.ends_with('\n') && text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        assert!(text.lines().count() < 600, "the rest was left out");
    }
}

#[cfg(feature = "app")]
#[test]
fn an_interrupted_render_leaves_no_file() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("out")).expect("a folder");
    let out = bench.named("out/film.mp4");
    let command = bench.command(&["render", "demo", "-o", &out, "--size", "320x180", "--model", "lite"]);
    let files = || std::fs::read_dir(bench.path("out")).map_or(0, Iterator::count);
    let output = interrupted(command, "-TERM", || files() > 0);
    if !can_draw(&stderr(&output)) {
        return;
    }
    assert_eq!(output.status.code(), Some(143), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("interrupted") && said.contains("film.mp4 was not written"), "{said}");
    assert_eq!(files(), 0, "nothing is left");
}
