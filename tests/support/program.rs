//! Programs that some tests start.

use std::process::{Command, Stdio};

use crate::requirement::need;

/// Whether this machine has a program, which is a need of this name; says so where it has not. The argument is one with
/// which the program ends at once.
pub(crate) fn has_program(name: &str, program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    let started = command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).status();
    need(name, started.is_ok().then_some(()), &format!("there is no {program} on this machine")).is_some()
}
