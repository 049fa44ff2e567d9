//! The examples of `docs/examples`, run as they stand against a real server. `scripts/check_examples.sh` installs what they
//! need, and nothing is installed here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::serve;
use crate::requirement::need;
use crate::support::*;

/// Where the script installs.
fn installed() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let cache =
        || named("XDG_CACHE_HOME").or_else(|| Some(named("HOME").or_else(|| named("USERPROFILE"))?.join(".cache")));
    named("LIVEDANCE_CHECK_EXAMPLES").or_else(|| Some(cache()?.join("livedance/examples")))
}

/// A Python that has `websockets`; says so where there is none.
fn python() -> Option<PathBuf> {
    let inside = if cfg!(windows) { "venv/Scripts/python.exe" } else { "venv/bin/python" };
    let python = installed().map(|folder| folder.join(inside)).filter(|python| {
        let import = Command::new(python).args(["-c", "import websockets.asyncio.client"]).output();
        import.is_ok_and(|it| it.status.success())
    });
    need("python", python, "there is no Python with websockets; scripts/check_examples.sh installs it")
}

/// A folder from which Node finds the `ws` that it needs before version 22; says so where there is none.
fn node_folder() -> Option<PathBuf> {
    let folder = installed().filter(|folder| {
        let version = Command::new("node").arg("--version").output();
        folder.join("node_modules/ws").is_dir() && version.is_ok_and(|it| it.status.success())
    });
    need("node", folder, "there is no Node with ws; scripts/check_examples.sh installs ws")
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
    let Some(node) = node_folder() else { return };
    // Node looks for packages beside the script.
    std::fs::copy(packaged("docs/examples/client.mjs"), node.join("client.mjs")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = serve(&["--token", "a-token"]);
    let mut command = Command::new("node");
    command.arg("client.mjs").arg(format!("ws://{address}")).args(pictures(folder.path())).current_dir(node);
    assert_prints_poses(&command.env("LIVEDANCE_TOKEN", "a-token").output().unwrap(), 3);
}
