//! Exercises as TOML: `[[exercise]]`, any number of them in a file. `assets/exercises/exercises.toml` says what is what.

mod record;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use record::{Document, ExerciseRecord};

use crate::motion::exercise::Exercise;
use crate::paths::shipped_folder;

/// Largest file that is read, bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Why exercises cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExerciseError {
    /// A file or folder cannot be read.
    #[error("{path}: exercises cannot be read: {reason}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The text is no TOML, or no list of exercises.
    #[error("not a file of exercises: {reason}")]
    NotExercises {
        /// What is wrong, with the line where that is known.
        reason: String,
    },
    /// A field of an exercise is missing, unknown or wrong.
    #[error("exercise {exercise}: {reason}")]
    Wrong {
        /// Its `id` in quotes, or its place in the file.
        exercise: String,
        /// Which field, and what is wrong with it.
        reason: String,
    },
    /// What is wrong in one file of several.
    #[error("{path}: {source}")]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<ExerciseError>,
    },
}

/// Parses exercises, in their order in the text.
///
/// # Errors
/// [`ExerciseError::NotExercises`] for what is no TOML or holds anything but `[[exercise]]`, [`ExerciseError::Wrong`] for
/// a field that is missing, unknown or wrong, and for an `id` that comes twice.
pub fn parse_exercises(text: &str) -> Result<Vec<Exercise>, ExerciseError> {
    let not_exercises = |reason: String| ExerciseError::NotExercises { reason };
    let mut table: toml::Table = toml::from_str(text).map_err(|error| not_exercises(error.to_string()))?;
    let list = match table.remove("exercise") {
        Some(toml::Value::Array(list)) => list,
        Some(_) => return Err(not_exercises("`exercise` is written `[[exercise]]`, a list".into())),
        None => return Err(not_exercises("there is no `[[exercise]]` in it".into())),
    };
    if let Some(name) = table.keys().next() {
        return Err(not_exercises(format!("unknown field `{name}` beside `[[exercise]]`")));
    }
    let mut exercises: Vec<Exercise> = Vec::with_capacity(list.len());
    for (index, value) in list.into_iter().enumerate() {
        let name = match value.get("id").and_then(toml::Value::as_str) {
            Some(id) => format!("`{id}`"),
            None => format!("number {}", index + 1),
        };
        let wrong = |reason: String| ExerciseError::Wrong { exercise: name.clone(), reason };
        let record: ExerciseRecord = value.try_into().map_err(|error: toml::de::Error| wrong(one_line(&error)))?;
        let exercise = record.into_exercise().map_err(wrong)?;
        exercise.check().map_err(|fault| wrong(fault.to_string()))?;
        if exercises.iter().any(|known| known.id == exercise.id) {
            return Err(wrong("`id`: there is another one with it".into()));
        }
        exercises.push(exercise);
    }
    Ok(exercises)
}

/// Writes exercises as text that [`parse_exercises`] reads back the same.
///
/// # Errors
/// [`ExerciseError::NotExercises`] when they cannot be written as TOML.
pub fn write_exercises(exercises: &[Exercise]) -> Result<String, ExerciseError> {
    let document = Document { exercise: exercises.iter().map(ExerciseRecord::from_exercise).collect() };
    toml::to_string(&document).map_err(|error| ExerciseError::NotExercises { reason: error.to_string() })
}

/// Reads the exercises of a file, or of all `.toml` files of a folder in the order of their names.
///
/// # Errors
/// [`ExerciseError`], with the file in which something is wrong. An `id` may come once in all files of a folder.
pub fn read_exercises(path: &Path) -> Result<Vec<Exercise>, ExerciseError> {
    let unreadable =
        |path: &Path, error: std::io::Error| ExerciseError::Unreadable { path: path.into(), reason: error.to_string() };
    if !path.is_dir() {
        return read_file(path);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| unreadable(path, error))? {
        let file = entry.map_err(|error| unreadable(path, error))?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    let mut exercises: Vec<Exercise> = Vec::new();
    let mut known = BTreeSet::new();
    for file in files {
        for exercise in read_file(&file)? {
            if !known.insert(exercise.id.clone()) {
                let reason = "`id`: another file has one with it".into();
                let source = Box::new(ExerciseError::Wrong { exercise: format!("`{}`", exercise.id), reason });
                return Err(ExerciseError::InFile { path: file, source });
            }
            exercises.push(exercise);
        }
    }
    Ok(exercises)
}

/// Reads the exercises that the program ships with, and those that a user has put beside them: all of the folder
/// `exercises` in the assets.
///
/// # Errors
/// As [`read_exercises`].
pub fn shipped_exercises() -> Result<Vec<Exercise>, ExerciseError> {
    read_exercises(&shipped_folder("assets").join("exercises"))
}

fn read_file(path: &Path) -> Result<Vec<Exercise>, ExerciseError> {
    let unreadable = |reason: String| ExerciseError::Unreadable { path: path.into(), reason };
    let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(unreadable(format!("{size} bytes are too many, {MOST_BYTES} at most")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    parse_exercises(&text).map_err(|error| ExerciseError::InFile { path: path.to_owned(), source: Box::new(error) })
}

/// The parser's words, with the field, on one line.
fn one_line(error: &toml::de::Error) -> String {
    error.to_string().split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::exercise::PhaseNames;

    const SHIPPED: &str = include_str!("../../assets/exercises/exercises.toml");

    const SMALL: &str = "[[exercise]]\nid = 'curl'\ntitle = 'Curl'\nsignal = 'elbow.min'\nrest = 150\neffort = 60.1\n";

    fn refused(text: &str) -> String {
        parse_exercises(text).expect_err("refused").to_string()
    }

    #[test]
    fn the_shipped_exercises_come_back_the_same() {
        let exercises = parse_exercises(SHIPPED).expect("reads");
        let ids: Vec<&str> = exercises.iter().map(|exercise| exercise.id.as_str()).collect();
        assert_eq!(ids, ["squat", "push_up", "jumping_jack", "lunge"]);
        assert!(exercises.iter().all(|exercise| exercise.hints.len() >= 3 && !exercise.stand.is_empty()));
        let text = write_exercises(&exercises).expect("writes");
        assert_eq!(parse_exercises(&text).expect("reads"), exercises);
        assert!(text.contains("0.11") && !text.contains("0.1099"), "{text}");
        assert_eq!(shipped_exercises().expect("reads")[..4], exercises);
    }

    #[test]
    fn an_exercise_needs_little() {
        let [curl] = &parse_exercises(SMALL).expect("reads")[..] else { panic!("one exercise") };
        assert_eq!((curl.rest, curl.effort, curl.signal.name().as_str()), (150.0, 60.1, "elbow.min"));
        assert_eq!(curl.phases, PhaseNames::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_exercise_and_field() {
        let with = |line: &str| format!("{SMALL}{line}\n");
        let hint = "[[exercise.hints]]\nwhen = 'during'\nis = 'above'\nseverity = 'tip'\ntext = 'x'\n";
        for (text, words) in [
            (with("reps = 3"), vec!["`curl`", "unknown field `reps`"]),
            (SMALL.replace("title = 'Curl'\n", ""), vec!["`curl`", "`title`"]),
            (SMALL.replace("150", "'high'"), vec!["`curl`", "rest", "string"]),
            (SMALL.replace("150", "nan"), vec!["`curl`", "`rest`"]),
            (SMALL.replace("150", "60.1"), vec!["`curl`", "`effort`", "differ"]),
            (SMALL.replace("elbow.min", "elbow.least"), vec!["`curl`", "`signal`", "elbow.least", "knees_apart"]),
            (SMALL.replace("'curl'", "' '"), vec!["`id`", "empty"]),
            (with("max_duration_s = 0.1"), vec!["`curl`", "`max_duration_s`"]),
            (with("side = { quantity = 'trunk_lean', is = 'above' }"), vec!["`curl`", "`side.quantity`"]),
            (with("view = 'behind'"), vec!["`curl`", "behind"]),
            (with(&format!("{hint}measure = 'nose'\nthreshold = 1")), vec!["`curl`", "`hints[0].measure`", "`nose`"]),
            (with(&format!("{hint}measure = 'knee'\nthreshold = inf")), vec!["`curl`", "`hints[0].threshold`"]),
            (with(&format!("{hint}measure = 'knee'")), vec!["`curl`", "threshold"]),
            (format!("{SMALL}{SMALL}"), vec!["`curl`", "`id`", "another"]),
            (SMALL.replace("id = 'curl'\n", ""), vec!["number 1", "`id`"]),
            ("exercise = 3".into(), vec!["[[exercise]]"]),
            (String::new(), vec!["[[exercise]]"]),
            (format!("version = 1\n{SMALL}"), vec!["`version`"]),
            ("[[exercise".into(), vec!["line 1"]),
        ] {
            let error = refused(&text);
            assert!(words.iter().all(|word| error.contains(word)), "{words:?} in: {error}");
            assert!(!error.trim_end().contains('\n') || error.contains("line"), "{error}");
        }
    }

    #[test]
    fn a_folder_is_read_in_order_and_an_id_counts_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writes");
        put("b.toml", SMALL);
        put("a.toml", SHIPPED);
        put("notes.txt", "no exercise");
        let exercises = read_exercises(folder.path()).expect("reads");
        assert_eq!((exercises.len(), exercises[4].id.as_str()), (5, "curl"));
        put("c.toml", SMALL);
        let error = read_exercises(folder.path()).expect_err("refused").to_string();
        assert!(error.contains("c.toml") && error.contains("`curl`"), "{error}");
        put("c.toml", &"#".repeat(MOST_BYTES as usize + 1));
        assert!(read_exercises(folder.path()).expect_err("refused").to_string().contains("too many"));
        let missing = read_exercises(&folder.path().join("none.toml")).expect_err("refused").to_string();
        assert!(missing.contains("none.toml"), "{missing}");
    }
}
