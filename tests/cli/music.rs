//! Music is played, and read, by the programs that were named.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::{Bench, assert_fails};

/// A stand-in for a program of FFmpeg: it says that it was called.
fn stand_in(bench: &Bench, name: &str, script: &str) {
    let path = bench.path(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("writes");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("may be run");
}

#[test]
fn music_is_played_by_the_program_that_was_named() {
    let bench = Bench::new();
    let music = bench.write("song.ogg", b"music");
    let motion = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/dances/groove.bvh");
    // Half a second of silence for who decodes it.
    stand_in(
        &bench,
        "ffmpeg",
        "case \"$*\" in -version) echo 'ffmpeg version 7.1';; *) head -c 44100 /dev/zero;; esac",
    );
    stand_in(&bench, "ffplay", "echo \"$@\" > playing; mv playing played");
    let mut command =
        bench.command(&["dance", &motion.to_string_lossy(), "--name", "Song", "--music", &music, "--tap"]);
    command.env("LIVEDANCE_FFMPEG", bench.folder.path()).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("livedance runs");
    let input = child.stdin.take().expect("its input");
    let since = std::time::Instant::now();
    while !bench.path("played").exists() {
        assert!(since.elapsed().as_secs() < 60, "the named program is never started");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    drop(input);
    assert_fails(&child.wait_with_output().expect("ends"), &["tap at least 8"]);
    let played = std::fs::read_to_string(bench.path("played")).expect("reads");
    assert!(played.contains("-nodisp") && played.contains("song.ogg"), "{played}");
}
