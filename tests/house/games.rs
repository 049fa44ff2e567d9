//! The rules of games know players and matches, and nothing of the studio that shows them.

use crate::is_rust;
use crate::repository::Repository;
use crate::source::{foreign_crates, names_below, without_comments};

/// Folders and files of rules.
const RULES: [&str; 4] =
    ["src/app/game/ball_storm/", "src/app/game/dance/", "src/app/game/repetitions/", "src/app/game/balloons"];

/// What rules may import of the app.
const ALLOWED: [&str; 1] = ["game"];

/// Modules beside the rules that draw, sound and show, or know the studio: rules say what is, not how it is shown.
const NOT_OF_RULES: [&str; 3] = ["shell", "headless", "coach"];

/// Every breach in one file of rules, as sentences.
fn breaches(file: &str, text: &str) -> Vec<String> {
    let code = without_comments(text);
    let mut found: Vec<String> = ["crate::app::", "livedance::app::"]
        .iter()
        .flat_map(|root| names_below(&code, root))
        .filter(|name| !ALLOWED.contains(&name.as_str()))
        .map(|name| format!("{file}: rules must not use `app::{name}`; what they need of it belongs into `PlayerBody`"))
        .collect();
    let beside = names_below(&code, "crate::app::game::");
    found.extend(
        beside
            .iter()
            .filter(|name| NOT_OF_RULES.contains(&name.as_str()))
            .map(|name| format!("{file}: rules must not use `game::{name}`; it uses them")),
    );
    // Past the games' own folder by steps upwards.
    if code.contains("super::super::super") {
        found.push(format!("{file}: name what lies above the games by its path from `crate`"));
    }
    for clock in ["std::time", "Instant", "SystemTime", "chrono"] {
        if foreign_crates(&code, clock) {
            found.push(format!("{file}: rules know no clock but the match's, and must not use `{clock}`"));
        }
    }
    found
}

#[test]
fn rules_read_players_and_nothing_of_the_studio() {
    let repository = Repository::here();
    let files: Vec<&String> = repository
        .files()
        .iter()
        .filter(|file| is_rust(file) && RULES.iter().any(|rules| file.starts_with(rules)))
        .collect();
    assert!(files.len() > 12, "only {} files of rules were found", files.len());
    let found: Vec<String> = files.iter().flat_map(|file| breaches(file, &repository.text(file))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn rules_that_read_the_studio_are_found() {
    for (text, word) in [
        ("use crate::app::preferences::Preferences;", "`app::preferences`"),
        ("use crate::app::{game::Match, tracking::{MirrorView, Playout}};", "`app::tracking`"),
        ("fn f() { crate::app::capture::poll(); }", "`app::capture`"),
        ("use super::super::super::avatar::Avatar;", "its path"),
        ("fn now() -> f64 { Instant::now().elapsed().as_secs_f64() }", "`Instant`"),
        ("use crate::app::game::shell::GamesPlan;", "`game::shell`"),
    ] {
        let found = breaches("snippet.rs", text);
        assert!(found.len() == 1 && found[0].contains(word), "{text:?}: {found:?}");
    }
    for text in ["use crate::app::game::{Match, PlayerBody};", "use super::super::Match;", "// crate::app::vmc::x"] {
        assert_eq!(breaches("snippet.rs", text), Vec::<String>::new(), "{text:?}");
    }
}
