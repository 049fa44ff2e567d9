//! The command line: one file for each subcommand.

use std::process::ExitCode;

/// Parses the arguments and runs the command. 0 done, 1 failed with one line on stderr, 2 wrong usage.
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
