//! Layers, what is written, and that every setting is declared.

use std::path::Path;

use toml::{Table, Value};

use super::*;
use crate::motion::fit::BoneLengths;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("settings.toml");
    (folder, path)
}

fn calibrated() -> Settings {
    let calibration = Some(Calibration::from(&BoneLengths::average(1.62)));
    Settings { calibration, ..Settings::default() }
}

/// What a file becomes when these settings are changed.
fn changed(path: &Path, text: &str, change: impl FnOnce(&mut Settings)) -> String {
    std::fs::write(path, text).expect("writes");
    let before = Settings::load_with(Some(path), |_| None).expect("loads");
    let mut after = before.clone();
    change(&mut after);
    after.save_changes(&before, path).expect("saves");
    std::fs::read_to_string(path).expect("reads")
}

#[test]
fn saved_settings_are_read_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("deeper/settings.toml");
    let games = GameSettings { palette: Palette::HighContrast, dwell_s: 0.6, ..GameSettings::default() };
    let settings = Settings {
        model: ModelVariant::Heavy,
        alpha: 0.25,
        mirror: false,
        background: Background::Colour([1, 2, 3]),
        recent_avatars: vec!["/a \"b\".vrm".to_owned()],
        games,
        ..calibrated()
    };
    settings.save_changes(&Settings::default(), &path).expect("saves");
    assert_eq!(Settings::load_with(Some(&path), |_| None).expect("loads"), settings);
    let text = std::fs::read_to_string(&path).expect("reads");
    assert!(text.contains("alpha = 0.25\n") && text.contains("dwell_s = 0.6\n"), "no digits too many: {text}");
}

#[test]
fn a_missing_file_means_defaults() {
    let settings = Settings::load_with(Some(Path::new("/nowhere/settings.toml")), |_| None);
    assert_eq!(settings.expect("defaults"), Settings::default());
}

#[test]
fn the_file_weighs_less_than_variables_and_those_less_than_options() {
    let (_folder, path) = folder();
    std::fs::write(&path, "model = \"lite\"\npeople = 2\nthreads = 3\nheight_cm = 170\n").expect("writes");
    let variable = |name: &str| match name {
        "LIVEDANCE_PEOPLE" => Some(" 4 ".into()),
        "LIVEDANCE_THREADS" => Some("5".into()),
        "LIVEDANCE_MIRROR" => Some("false".into()),
        "LIVEDANCE_AVATAR" => Some("007".into()),
        "LIVEDANCE_VMC_OUT" => Some("".into()),
        _ => None,
    };
    let mut settings = Settings::load_with(Some(&path), variable).expect("loads");
    let threads = declared().find(|setting| setting.key == "threads").expect("a setting");
    settings.lay_over(threads, "6").expect("in range");
    let expected = Settings {
        model: ModelVariant::Lite,
        people: 4,
        threads: 6,
        height_cm: 170.0,
        mirror: false,
        avatar: "007".to_owned(),
        ..Settings::default()
    };
    assert_eq!(settings, expected);
}

#[test]
fn wrong_values_are_refused_by_name() {
    let (_folder, path) = folder();
    let bones = toml::to_string(&calibrated()).expect("writes");
    for (text, word) in [
        ("alpha = 2.0", "alpha"),
        ("alpha = nan", "alpha"),
        ("model = \"huge\"", "model"),
        ("threads = 65", "threads"),
        ("people = 1\nthreads = -1", "threads"),
        ("countdown_s = 11", "countdown_s"),
        ("remote_fallback_s = -1.0", "remote_fallback_s"),
        ("short_side = 10", "0 (full size) or lie between 64 and 4320 pixels"),
        ("colour = 1", "colour"),
        ("alpha = \"much\"", "alpha must be a number, not \"much\""),
        ("people = 1.5", "people must be a whole number, not 1.5"),
        ("mirror = 1", "mirror must be true or false"),
        ("model = lite", "line 1"),
        ("avatar = 7", "avatar must be a text"),
        ("recent_avatars = 7", "recent_avatars"),
        ("background = \"blue\"", "#RRGGBB"),
        ("framing = \"feet\"", "framing"),
        ("games = 3", "games must be a table"),
        ("[games]\nvolume = 1", "games.volume"),
        ("[games]\nplayers = 5", "games.players"),
        ("[colours]", "colours"),
        ("mirror = true\n\nalpha =", "line 3"),
        (&bones.replace("thigh = ", "thigh = 9"), "calibration"),
        (&bones.replace("thigh = ", "tail = "), "tail"),
    ] {
        std::fs::write(&path, text).expect("writes");
        let message = Settings::load_with(Some(&path), |_| None).expect_err(text).to_string();
        assert!(message.contains(word) && message.contains("settings.toml"), "{message}");
    }
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, text, word) in [
        ("LIVEDANCE_PEOPLE", "many", "whole number"),
        ("LIVEDANCE_PEOPLE", "9", "between 1 and 8"),
        ("LIVEDANCE_ALPHA", "", "number"),
        ("LIVEDANCE_MIRROR", "yes", "true or false"),
        ("LIVEDANCE_MODEL", "huge", "lite, full, heavy"),
        ("LIVEDANCE_BACKGROUND", "blue", "#RRGGBB"),
    ] {
        let variable = |known: &str| (known == name).then(|| text.into());
        let message = Settings::load_with(None, variable).expect_err(text).to_string();
        assert!(message.contains(name) && message.contains(word), "{message}");
    }
}

#[test]
fn only_what_was_changed_is_written_and_the_rest_stays_byte_for_byte() {
    let (_folder, path) = folder();
    let text = "# Mine.\nalpha   = 0.30 # calm\n\n# In the evening\nmirror = true\t# for now\n\n\n[games] # and play\nplayers = 2\n# end\n";
    assert_eq!(changed(&path, text, |_| {}), text);
    let after = changed(&path, text, |settings| settings.mirror = false);
    assert_eq!(after, text.replace("mirror = true", "mirror = false"));
    let after = changed(&path, text, |settings| settings.games.players = 4);
    assert_eq!(after, text.replace("players = 2", "players = 4"));
    let after = changed(&path, text, |settings| settings.people = 3);
    assert_eq!(after, text.replace("# for now\n", "# for now\npeople = 3\n"));
    let after = changed(&path, "games.music = 0.5\n", |settings| settings.games.music = 0.7);
    assert_eq!(after, "games.music = 0.7\n");
    let after = changed(&path, "games = { music = 0.5 }\n", |settings| settings.games.players = 2);
    assert!(after.starts_with("games = { music = 0.5") && after.contains("players = 2"), "{after}");
}

#[test]
fn a_change_back_to_the_default_is_written_too() {
    let (_folder, path) = folder();
    assert_eq!(changed(&path, "mirror = false\n", |settings| settings.mirror = true), "mirror = true\n");
}

#[test]
fn a_calibration_is_put_in_whole_and_taken_out_whole() {
    let (_folder, path) = folder();
    let text = "mirror = false\n";
    let with = changed(&path, text, |settings| settings.calibration = calibrated().calibration);
    assert!(with.starts_with("mirror = false\n\n[calibration]\n"), "{with}");
    assert_eq!(Settings::load_with(Some(&path), |_| None).expect("loads").calibration, calibrated().calibration);
    assert_eq!(changed(&path, &with, |settings| settings.calibration = None), text);
}

#[test]
fn two_that_write_the_file_keep_each_others_settings() {
    let (_folder, path) = folder();
    let begun = Settings::default();
    let (mut one, mut other) = (begun.clone(), begun.clone());
    one.people = 3;
    one.save_changes(&begun, &path).expect("saves");
    other.alpha = 0.5;
    other.save_changes(&begun, &path).expect("saves");
    // A newer version knows more, and a hand adds words.
    let text = "# words\nglow = true\n".to_owned() + &std::fs::read_to_string(&path).expect("reads");
    std::fs::write(&path, text).expect("writes");
    let before = one.clone();
    one.mirror = false;
    one.save_changes(&before, &path).expect("saves");
    let text = std::fs::read_to_string(&path).expect("reads");
    assert_eq!(text, "# words\nglow = true\npeople = 3\nalpha = 0.5\nmirror = false\n");
}

#[test]
fn a_file_that_cannot_be_added_to_is_left_alone() {
    let (folder, path) = folder();
    for (text, word) in [("alpha = = 2\n", "line 1"), ("mirror = true\ngames = 3\n", "games")] {
        std::fs::write(&path, text).expect("writes");
        let games = GameSettings { players: 3, ..GameSettings::default() };
        let after = Settings { mirror: false, games, ..Settings::default() };
        let message = after.save_changes(&Settings::default(), &path).expect_err(text).to_string();
        assert!(message.contains(word) && message.contains("settings.toml"), "{message}");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), text);
    }
    let files = std::fs::read_dir(folder.path()).expect("lists").count();
    assert_eq!(files, 1, "no draft is left");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_file_stays_a_link() {
    let (folder, path) = folder();
    let kept = folder.path().join("kept.toml");
    std::fs::write(&kept, "people = 2\n").expect("writes");
    std::os::unix::fs::symlink(&kept, &path).expect("links");
    let after = Settings { mirror: false, ..Settings::default() };
    after.save_changes(&Settings::default(), &path).expect("saves");
    assert!(path.symlink_metadata().expect("is there").is_symlink());
    assert_eq!(std::fs::read_to_string(&kept).expect("reads"), "people = 2\nmirror = false\n");
}

/// The keys of a table, those in a table of settings after its name.
fn keys(values: &Table) -> Vec<String> {
    let in_table = |name: &str, inner: &Table| inner.keys().map(|key| format!("{name}.{key}")).collect::<Vec<_>>();
    let mut keys: Vec<String> = values
        .iter()
        .flat_map(|(key, value)| match value {
            Value::Table(inner) if key == "games" => in_table(key, inner),
            _ => vec![key.clone()],
        })
        .collect();
    keys.sort();
    keys
}

#[test]
fn every_setting_is_declared_once() {
    let values = layers::values(&calibrated()).expect("a table");
    let mut known: Vec<&str> = declared().map(|setting| setting.key).collect();
    known.sort_unstable();
    assert_eq!(known, keys(&values));
    let mut flags: Vec<&str> = declared().flat_map(|setting| setting.flags).map(|flag| flag.name).collect();
    let count = flags.len();
    flags.sort_unstable();
    flags.dedup();
    assert_eq!(flags.len(), count, "{flags:?}");
}

#[test]
fn whatever_a_declaration_lets_through_can_be_laid_over() {
    for setting in declared() {
        let mut settings = Settings::default();
        if let Some(default) = setting.default_text() {
            settings.lay_over(setting, &default).expect(setting.key);
            assert_eq!(settings, Settings::default(), "{}", setting.key);
        }
        let texts: Vec<&str> = match &setting.kind {
            Kind::Switch => vec!["true", "false"],
            Kind::Choice(choices) => choices.iter().map(|choice| choice.name).collect(),
            _ => vec![],
        };
        for text in texts {
            assert_eq!(setting.accept(text), Ok(()), "{}", setting.key);
            settings.lay_over(setting, text).expect(text);
            let values = layers::values(&settings).expect("a table");
            let held = layers::find(&values, setting.key).expect("a value").to_string();
            assert_eq!(held.trim_matches('"'), text, "{}", setting.key);
        }
        for flag in setting.flags {
            if let Takes::Nothing(text) = flag.takes {
                settings.lay_over(setting, text).expect(flag.name);
            }
        }
    }
}
