//! What the libraries below have to say is not said to a stranger.

use super::*;

#[test]
fn rendering_without_a_desktop_complains_of_nothing() {
    let bench = Bench::new();
    let picture = bench.picture("person.png", 64, 48);
    let mut command = bench.command(&["render", &picture, "--stills", &bench.named("stills"), "--at", "0"]);
    command.env_remove("XDG_RUNTIME_DIR").env_remove("NODEVICE_SELECT").args(["--size", "128x96", "--model", "lite"]);
    let output = command.output().expect("livedance runs");
    if !can_draw(&stderr(&output)) {
        return;
    }
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}
