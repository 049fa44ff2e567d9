//! Rules of the repository that no compiler checks: which folder may import which, how long a file may grow, and what
//! must not stand in it. Each rule is tried on something that breaks it, too.

mod games;
mod repository;
mod source;

use livedance::settings::{self, Kind, Setting};
use repository::{Repository, foreign_words};
use source::{crate_modules, foreign_crates, without_comments};

/// A folder or file at the top of `src`, what it may import of this crate, and the foreign crates that are its own.
struct Layer {
    module: &'static str,
    may_use: &'static [&'static str],
}

/// The map of `src/lib.rs`: a layer may use what is named here and nothing else.
const LAYERS: &[Layer] = &[
    Layer { module: "motion", may_use: &[] },
    Layer { module: "slot", may_use: &[] },
    Layer { module: "helper_thread", may_use: &[] },
    Layer { module: "paths", may_use: &[] },
    Layer { module: "files", may_use: &[] },
    Layer { module: "resources", may_use: &[] },
    Layer { module: "frame", may_use: &["motion"] },
    Layer { module: "settings", may_use: &["motion", "frame", "slot", "paths", "files"] },
    Layer { module: "formats", may_use: &["motion", "frame", "slot", "paths", "files", "settings"] },
    Layer { module: "avatar_library", may_use: &["motion", "paths", "files", "settings", "formats"] },
    Layer { module: "dance_library", may_use: &["motion", "paths", "files", "settings", "formats", "avatar_library"] },
    Layer {
        module: "export",
        may_use: &["motion", "frame", "paths", "files", "settings", "formats", "avatar_library"],
    },
    Layer { module: "net", may_use: &["motion", "frame", "slot", "paths", "files", "settings", "formats"] },
    Layer { module: "wire", may_use: &["motion", "frame", "settings", "formats"] },
    Layer { module: "capture", may_use: &["motion", "frame", "slot", "paths", "files", "settings", "net"] },
    Layer { module: "inference", may_use: &["motion", "frame", "slot", "helper_thread", "paths", "files", "settings"] },
    Layer {
        module: "pipeline",
        may_use: &[
            "motion",
            "frame",
            "slot",
            "helper_thread",
            "paths",
            "files",
            "settings",
            "formats",
            "net",
            "wire",
            "capture",
            "inference",
        ],
    },
    Layer {
        module: "app",
        may_use: &[
            "motion",
            "frame",
            "slot",
            "paths",
            "files",
            "settings",
            "formats",
            "avatar_library",
            "dance_library",
            "export",
            "net",
            "wire",
            "capture",
            "inference",
            "pipeline",
        ],
    },
    Layer {
        module: "server",
        may_use: &[
            "motion",
            "frame",
            "slot",
            "paths",
            "files",
            "resources",
            "settings",
            "formats",
            "avatar_library",
            "wire",
            "capture",
            "inference",
            "pipeline",
        ],
    },
    Layer {
        module: "cli",
        may_use: &[
            "motion",
            "frame",
            "slot",
            "paths",
            "files",
            "resources",
            "settings",
            "formats",
            "avatar_library",
            "dance_library",
            "export",
            "net",
            "wire",
            "capture",
            "inference",
            "pipeline",
            "app",
            "server",
        ],
    },
    Layer { module: "main", may_use: &["cli"] },
];

/// Foreign crates that belong to some layers, and those layers.
const OWNED_CRATES: &[(&str, &[&str])] = &[
    ("ort", &["inference"]),
    ("ndarray", &["inference"]),
    ("nokhwa", &["capture"]),
    ("bevy", &["app"]),
    ("bevy_egui", &["app"]),
    ("bevy_panorbit_camera", &["app"]),
    ("bevy_rapier3d", &["app"]),
    ("kira", &["app"]),
    ("winit", &["app"]),
    ("rfd", &["app"]),
    ("anyhow", &["cli", "main"]),
    ("indicatif", &["app", "cli"]),
    ("clap", &["wire", "cli", "main"]),
    ("toml_edit", &["settings"]),
    ("rosc", &["formats"]),
    ("zstd", &["formats"]),
    ("prost", &["wire", "pipeline", "server"]),
    ("mozjpeg", &["capture", "pipeline"]),
    ("rustls_native_certs", &["pipeline"]),
    ("tokio_tungstenite", &["pipeline", "server"]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("socketioxide", &["server"]),
    ("utoipa", &["server"]),
];

/// What pure maths does without: clocks, files, threads, serialisation, logging.
const NOT_IN_MOTION: &[&str] =
    &["serde", "serde_json", "tracing", "std::time", "std::fs", "std::io", "std::thread", "std::env", "std::sync"];

const LONGEST_FILE: usize = 600;

/// Every breach of the layers in one file, as sentences.
fn breaches(module: &str, file: &str, text: &str) -> Vec<String> {
    let code = without_comments(text);
    let Some(layer) = LAYERS.iter().find(|layer| layer.module == module) else {
        return vec![format!("{file}: `{module}` is not on the map of layers; add it here and in src/lib.rs")];
    };
    let mut found: Vec<String> = crate_modules(&code)
        .into_iter()
        .filter(|used| used != module && LAYERS.iter().any(|layer| layer.module == used))
        .filter(|used| !layer.may_use.contains(&used.as_str()))
        .map(|used| format!("{file}: `{module}` must not use `{used}`"))
        .collect();
    for (name, owners) in OWNED_CRATES {
        if !owners.contains(&module) && foreign_crates(&code, name) {
            found.push(format!("{file}: only {} may use the crate `{name}`", owners.join(" and ")));
        }
    }
    if module == "motion" {
        // Sharing what nobody changes is no side effect.
        let code = code.replace("use std::sync::Arc;", "");
        let impure = NOT_IN_MOTION.iter().filter(|name| foreign_crates(&code, name));
        found.extend(impure.map(|name| format!("{file}: `motion` is pure and must not use `{name}`")));
    }
    found
}

/// Whether a tracked file holds Rust.
fn is_rust(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|extension| extension == "rs")
}

#[test]
fn each_folder_imports_only_what_lies_below_it() {
    let repository = Repository::here();
    let mut found = Vec::new();
    let mut seen = 0;
    for file in repository.files().iter().filter(|file| file.starts_with("src/") && is_rust(file)) {
        let module = file["src/".len()..].split(['/', '.']).next().unwrap_or_default();
        if module != "lib" {
            found.extend(breaches(module, file, &repository.text(file)));
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} source files were found");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_wrong_import_is_found() {
    for (module, text, word) in [
        ("motion", "use crate::frame::Frame;", "`frame`"),
        ("motion", "use serde::Serialize;", "`serde`"),
        ("motion", "fn now() -> std::time::Instant { std::time::Instant::now() }", "`std::time`"),
        ("capture", "use crate::{\n    frame::Frame,\n    inference::{BodyTracker, ModelStore},\n};", "`inference`"),
        ("pipeline", "fn f() { crate::app::run(); }", "`app`"),
        ("app", "use ort::session::Session;", "`ort`"),
        ("inference", "pub(crate) use nokhwa::Camera;", "`nokhwa`"),
        ("elsewhere", "", "`elsewhere`"),
    ] {
        let found = breaches(module, "snippet.rs", text);
        assert!(found.len() == 1 && found[0].contains(word), "{text:?} in {module}: {found:?}");
    }
}

#[test]
fn a_right_import_is_let_through() {
    for (module, text) in [
        ("frame", "use crate::motion::BodyPose;"),
        ("cli", "use crate::{app, pipeline::Pipeline};"),
        ("inference", "use ort::session::Session; // not crate::app"),
        ("motion", "/// Not [`crate::app`].\nuse super::landmark::Landmark; use crate::motion::BodyPose;"),
        ("capture", "mod export { pub fn f() {} } fn g() { export::f() }"),
    ] {
        assert_eq!(breaches(module, "snippet.rs", text), Vec::<String>::new(), "{text:?} in {module}");
    }
}

#[test]
fn no_source_file_grows_too_long() {
    let repository = Repository::here();
    let long: Vec<String> = repository
        .files()
        .iter()
        .filter(|file| is_rust(file))
        .map(|file| (file, repository.text(file).lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{file} has {lines} lines: split it by meaning"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_of_one_machine_stands_in_the_repository() {
    let repository = Repository::here();
    let mut found = Vec::new();
    for file in repository.files() {
        // The lock file is cargo's, and names the source of every crate.
        if file != "Cargo.lock" {
            found.extend(foreign_words(&repository.text(file)).into_iter().map(|word| format!("{file}: {word}")));
        }
    }
    assert!(found.is_empty(), "paths of one machine or hosts of package registries:\n{}", found.join("\n"));
}

#[test]
fn foreign_words_are_found() {
    // Put together here, so that this file does not break the rule it tests.
    let home = format!("see /{}/ann/notes", "home");
    let root = format!("PATH=/{}/bin", "root");
    let host = format!("https://pypi-{}.example.org/simple", "mirror");
    for text in [&home, &root, &host] {
        assert_eq!(foreign_words(text).len(), 1, "{text}");
    }
    for text in ["https://example.org/index.html", "$HOME/.cargo/bin", "the working folder", "/usr/share/vulkan"] {
        assert_eq!(foreign_words(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = Repository::here().text("README.md");
    let commands =
        ["run", "play", "dance", "render", "track", "export", "takes", "bench", "serve", "devices", "models"]
            .map(|name| format!("livedance {name}"));
    for command in commands.iter().map(String::as_str).chain(["make run", "make test"]) {
        assert!(readme.contains(command), "README.md does not name `{command}`");
    }
}

#[test]
fn the_readme_lists_every_key_once() {
    let repository = Repository::here();
    let bound = source::key_bindings(&repository.text("src/app/overlay/keys.rs"));
    assert!(bound.len() > 20, "only {} key bindings were found", bound.len());
    assert_eq!(
        repository::key_table(&repository.text("README.md")),
        bound,
        "left: README.md, right: the program's keys"
    );
}

#[test]
fn keys_are_read_from_the_source_and_from_the_table() {
    let text = "    bind(&[Key::Questionmark, Key::F1], \"? or F1\", PANELS, \"This list\", Command::ToggleHelp),\n";
    let help = ("? or F1".to_owned(), "This list".to_owned());
    assert_eq!(source::key_bindings(text), std::slice::from_ref(&help));
    let table = "| key | what |\n| --- | --- |\n| `Space` or `P` | Hold |\n| `?` or `F1` | This list |\n\n| `A` | of another table |";
    assert_eq!(
        repository::key_table(&format!("Before\n\n{table}")),
        [("Space or P".to_owned(), "Hold".to_owned()), help]
    );
}

/// What a test prints nobody sees unless it fails: only `tests/support/requirement.rs` says what is skipped.
#[test]
fn no_test_skips_by_itself() {
    let repository = Repository::here();
    let word = format!("\"skip{}", "ped");
    let found: Vec<&String> = repository
        .files()
        .iter()
        .filter(|file| is_rust(file) && file.as_str() != "tests/support/requirement.rs")
        .filter(|file| repository.text(file).to_lowercase().contains(&format!("{word}: ")))
        .collect();
    assert!(found.is_empty(), "use `need` of tests/support/requirement.rs in {found:?}");
}

#[test]
fn the_readme_lists_every_setting_as_it_is_declared() {
    let row = |setting: &Setting| {
        let default = match (&setting.kind, setting.default_text()) {
            (Kind::List | Kind::Table, _) => "none".to_owned(),
            (_, None) => "empty".to_owned(),
            (Kind::Switch | Kind::Whole(_) | Kind::Number(_), Some(text)) => text,
            (Kind::Choice(_) | Kind::Text | Kind::TextLike(_), Some(text)) => format!("`{text}`"),
        };
        let is_table = matches!(setting.kind, Kind::Table);
        let key = if is_table { format!("[{}]", setting.key) } else { setting.key.to_owned() };
        format!("| `{key}` | {default} | {} |", setting.means)
    };
    let expected: Vec<String> = settings::declared().map(row).collect();
    let readme = Repository::here().text("README.md");
    let table = readme.lines().skip_while(|line| *line != "| setting | default | means |").skip(2);
    let found: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
    assert!(found == expected, "the table of settings in README.md must be:\n{}", expected.join("\n"));
}

#[test]
fn documents_point_to_files_that_are_there() {
    let repository = Repository::here();
    for document in
        ["README.md", "ARCHITECTURE.md", "assets/README.md", "docs/games.md", "docs/protocol.md", "docs/server.md"]
    {
        let text = repository.text(document);
        let folder = std::path::Path::new(document).parent().map(std::path::Path::to_path_buf).unwrap_or_default();
        for target in repository::links(&text) {
            let path = repository.root().join(&folder).join(&target);
            assert!(path.exists(), "{document} points to `{target}`, which is not there");
        }
    }
}

#[test]
fn the_game_to_begin_from_stays_small() {
    let lines = Repository::here().text("src/app/game/balloons.rs").lines().count();
    assert!(lines < 150, "balloons.rs has {lines} lines; README.md and docs/games.md promise less than 150");
}

#[test]
fn links_are_read_from_markdown() {
    let text = "See [the map](ARCHITECTURE.md#pipeline), ![hero](assets/hero.jpg), [site](https://example.org) and [keys](#keys).";
    assert_eq!(repository::links(text), ["ARCHITECTURE.md", "assets/hero.jpg"]);
}
