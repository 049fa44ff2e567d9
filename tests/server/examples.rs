//! The examples of `docs/examples`, run as they stand against a real server. What they need is installed once into a
//! folder outside the repository; where Python, Node or the network are missing, the tests say so and pass.
#![expect(clippy::print_stdout, reason = "a test says what it skips")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::{is_there, serve};
use crate::support::*;

/// Where tools of the tests live, as for the scripts.
fn cache() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".cache")))?;
    Some(cache.join("livedance"))
}

/// Runs a step of an installation; says so where it fails.
fn install(what: &str, command: &mut Command) -> bool {
    let done = command.output().is_ok_and(|output| output.status.success());
    if !done {
        println!("skipped: {what} cannot be installed here");
    }
    done
}

/// A Python that has `websockets`.
fn python() -> Option<PathBuf> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    if !is_there(python, "--version") {
        return None;
    }
    let folder = cache()?.join("websockets-venv");
    let inside = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let has = |python: &Path| {
        Command::new(python)
            .args(["-c", "import websockets.asyncio.client"])
            .output()
            .is_ok_and(|it| it.status.success())
    };
    let made = has(&inside)
        || (install("a Python environment", Command::new(python).args(["-m", "venv"]).arg(&folder))
            && install(
                "websockets",
                Command::new(&inside).args(["-m", "pip", "install", "--quiet", "websockets==15.0.1"]),
            ));
    made.then_some(inside)
}

/// A folder with the example and the `ws` that Node older than 22 needs.
fn node_folder(example: &Path) -> Option<PathBuf> {
    if !is_there("node", "--version") {
        return None;
    }
    let folder = cache()?.join("ws");
    std::fs::create_dir_all(&folder).ok()?;
    if !folder.join("node_modules/ws").is_dir() {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut command = Command::new(npm);
        command.args(["install", "--silent", "--no-audit", "--no-fund", "ws@8.18.3"]).current_dir(&folder);
        if !install("ws", &mut command) {
            return None;
        }
    }
    std::fs::copy(example, folder.join("client.mjs")).ok()?;
    Some(folder)
}

fn assert_prints_poses(output: &Output, pictures: usize) {
    let text = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{complaints}");
    assert!(text.lines().next().is_some_and(|line| line.starts_with("server:")), "{text}{complaints}");
    let poses = text.lines().filter(|line| line.contains("nose at") && line.contains("left elbow")).count();
    assert_eq!(poses, pictures, "{text}{complaints}");
    assert!(text.contains("bad_image"), "what is no picture is said so: {text}{complaints}");
}

/// Three pictures of the demo and, between them, a file that is none.
fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<Vec<u8>> = demo(3).to_vec();
    files.insert(1, b"no picture".to_vec());
    let write = |(index, bytes): (usize, &Vec<u8>)| {
        let path = folder.join(format!("{index}.jpg"));
        std::fs::write(&path, bytes).unwrap();
        path
    };
    files.iter().enumerate().map(write).collect()
}

#[test]
fn the_python_example_works() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = serve(&["--token", "a-token"]);
    let mut command = Command::new(python);
    command.arg(packaged("docs/examples/client.py")).arg(format!("ws://{address}")).args(pictures(folder.path()));
    assert_prints_poses(&command.env("LIVEDANCE_TOKEN", "a-token").output().unwrap(), 3);
}

#[test]
fn the_javascript_example_works() {
    let Some(node) = node_folder(&packaged("docs/examples/client.mjs")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = serve(&["--token", "a-token"]);
    let mut command = Command::new("node");
    command.arg("client.mjs").arg(format!("ws://{address}")).args(pictures(folder.path())).current_dir(node);
    assert_prints_poses(&command.env("LIVEDANCE_TOKEN", "a-token").output().unwrap(), 3);
}
