//! That the command line offers every setting as it is declared.

use livedance::settings::{Group, declared};

use super::*;

/// Each command's `--help`, and the groups of options that it has.
const COMMANDS: &[(&[&str], &[Group])] = &[
    (&["track"], &[Group::Tracking]),
    (&["bench"], &[Group::Tracking]),
    #[cfg(feature = "remote")]
    (&["track"], &[Group::Remote]),
    #[cfg(feature = "remote")]
    (&["bench"], &[Group::Remote]),
    #[cfg(feature = "app")]
    (&[], &[Group::Tracking, Group::Remote, Group::Scene, Group::Avatar]),
    #[cfg(feature = "app")]
    (&["run"], &[Group::Tracking, Group::Remote, Group::Scene, Group::Avatar]),
    #[cfg(feature = "app")]
    (&["render"], &[Group::Tracking, Group::Remote, Group::Avatar]),
    #[cfg(feature = "app")]
    (&["play"], &[Group::Tracking, Group::Remote, Group::Avatar, Group::Games]),
];

fn help(command: &[&str]) -> String {
    let output = Bench::new().run(&[command, &["--help"]].concat());
    assert_succeeds(&output);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn help_lists_each_option_of_a_setting_and_its_variable() {
    for (command, groups) in COMMANDS {
        let text = help(command);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for setting in declared() {
            for flag in setting.flags.iter().filter(|flag| groups.contains(&flag.group)) {
                let option = format!("--{}", flag.name);
                let is_listed = text.lines().any(|line| line.split_whitespace().next() == Some(&option));
                assert!(is_listed, "{option} of {command:?} in {text}");
                if let Some(name) = setting.variable() {
                    assert!(words.contains(&format!("[env: {name}]")), "{name} of {command:?} in {text}");
                }
            }
        }
    }
}

#[cfg(feature = "app")]
#[test]
fn help_of_the_app_names_every_variable() {
    let text = help(&[]);
    for name in declared().filter_map(livedance::settings::Setting::variable) {
        assert!(text.contains(&name), "{name} in {text}");
    }
}
