//! The `livedance` program: parses arguments and dispatches.

use std::process::ExitCode;

fn main() -> ExitCode {
    livedance::cli::run()
}
