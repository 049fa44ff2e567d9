//! `livedance serve` as a program of its own, and other programs beside it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::there::has_program;

/// A running program, ended with the test.
pub(crate) struct Program(Child);

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// Sends a signal by its name, `-TERM` and the like.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap().success());
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server with the smallest models on a free port.
pub(crate) fn serve(more: &[&str]) -> (Program, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_livedance"));
    command.args(["serve", "--addr", "127.0.0.1:0", "--model", "lite", "--no-hands", "--workers", "1"]).args(more);
    command.env("LIVEDANCE_CONFIG", "none.toml").env_remove("LIVEDANCE_TOKEN").env_remove("LIVEDANCE_ADDR");
    let mut program = Program::start(command.stderr(Stdio::piped()));
    let mut lines = BufReader::new(program.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let said = |line: String| line.split_once("listening on http://")?.1.split(' ').next()?.parse().ok();
    let address = lines.find_map(said).expect("the server listens");
    // What it says later goes nowhere, but must go.
    let rest = std::thread::Builder::new().name("stderr".to_owned()).spawn(move || lines.for_each(drop));
    drop(rest.unwrap());
    (program, address)
}

#[test]
fn options_that_only_clients_need_are_refused() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_livedance"));
        command.arg("serve").args(arguments).env("LIVEDANCE_CONFIG", "none.toml").env_remove("LIVEDANCE_TOKEN");
        // Meant for the clients on this machine, so it keeps no server from starting.
        let output = command.env("LIVEDANCE_REMOTE", "ws://127.0.0.1:9").output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    for arguments in [
        &["--remote", "ws://127.0.0.1:9"][..],
        &["--remote-token", "secret"],
        &["--remote-ca", "ca.pem"],
        &["--remote-fallback-s", "2"],
        &["--fps", "30"],
        &["--fixed-quality"],
        &["--mirror"],
        &["--no-mirror"],
    ] {
        let (code, _, said) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        let line = format!("error: {} is of no use to a server", arguments[0]);
        assert!(said.starts_with(&line) && said.lines().count() == 1, "{said}");
    }
    let (code, _, said) = run(&["--max-people", "0"]);
    assert_eq!(code, Some(1), "another fault comes first, so the variable is none: {said}");
    let (code, help, _) = run(&["--help"]);
    assert!(code == Some(0) && help.contains("--people") && !help.contains("--remote"), "{help}");
}

/// The program of this name, which is a need of the same name, also where only administrators look for it; says so where it
/// is not there.
pub(crate) fn daemon(name: &str) -> Option<String> {
    let places = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(|folder| format!("{folder}/{name}"));
    let found = places.into_iter().find(|place| Path::new(place).exists());
    found.or_else(|| has_program(name, name, "-v").then(|| name.to_owned()))
}
