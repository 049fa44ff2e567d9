//! Many files, all cores, with progress.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::files::{FileKind, is_draft};

/// What came of one file.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// It was worked on now.
    Done(T),
    /// It had been done before.
    Before,
    /// It could not be.
    Failed(String),
    /// Nobody came to it, as the run was stopped.
    NotReached,
}

/// Works on every file, as many at once as there are cores, and returns what came of each, in order.
///
/// `work` gets a file and its bar, which counts to a thousand, and returns `None` for a file that was done before. Once `stop`
/// says so, no further file is begun.
pub(super) fn run<T: Send>(
    files: &[PathBuf],
    workers: usize,
    stop: &(dyn Fn() -> bool + Sync),
    work: &(dyn Fn(&Path, &ProgressBar) -> anyhow::Result<Option<T>> + Sync),
) -> Vec<Outcome<T>> {
    let bars = MultiProgress::new();
    let total = bars.add(bar(files.len() as u64, "{bar:40} {pos}/{len} files, {elapsed}, {eta} left"));
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<Outcome<T>>> = Mutex::new(files.iter().map(|_| Outcome::NotReached).collect());
    std::thread::scope(|scope| {
        for number in 0..workers.clamp(1, files.len().max(1)) {
            let task = || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(index).filter(|_| !stop()) else { return };
                    let own = bars.insert_before(&total, bar(1000, "{bar:20} {msg}"));
                    own.set_message(
                        file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
                    );
                    let outcome = match work(file, &own) {
                        Ok(Some(done)) => Outcome::Done(done),
                        Ok(None) => Outcome::Before,
                        Err(error) => Outcome::Failed(format!("{error:#}").replace('\n', " ")),
                    };
                    own.finish_and_clear();
                    total.inc(1);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes[index] = outcome;
                    }
                }
            };
            // Without a thread of its own the work is done by the others, or, without any, nothing is reached.
            let _ = std::thread::Builder::new().name(format!("batch-{number}")).spawn_scoped(scope, task);
        }
    });
    total.finish_and_clear();
    outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn bar(length: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The files of a kind in a folder, in the order of their names, without those in the making; a file stands for itself.
pub(super) fn files_of(path: &Path, kind: FileKind) -> anyhow::Result<Vec<PathBuf>> {
    let wanted = |path: &Path| kind.has_name(path) && !is_draft(path);
    let metadata = std::fs::metadata(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| wanted(path) && path.is_file()).collect();
    files.sort();
    if files.is_empty() {
        bail!("{} holds no file that fits", path.display());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::DraftPath;

    #[test]
    fn every_file_is_worked_on_once_and_the_outcomes_keep_their_order() {
        let files: Vec<PathBuf> = (0..50).map(|index| PathBuf::from(format!("{index}"))).collect();
        let count = AtomicUsize::new(0);
        let work = |file: &Path, _: &ProgressBar| {
            count.fetch_add(1, Ordering::Relaxed);
            let number: usize = file.to_string_lossy().parse()?;
            match number % 3 {
                0 => Ok(Some(number)),
                1 => Ok(None),
                _ => bail!("no {number}"),
            }
        };
        let outcomes = run(&files, 4, &|| false, &work);
        assert_eq!(count.load(Ordering::Relaxed), 50);
        for (number, outcome) in outcomes.iter().enumerate() {
            match (number % 3, outcome) {
                (0, Outcome::Done(own)) => assert_eq!(*own, number),
                (1, Outcome::Before) => {}
                (2, Outcome::Failed(reason)) => assert_eq!(*reason, format!("no {number}")),
                other => panic!("{number}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_run_that_is_stopped_leaves_the_rest() {
        let files: Vec<PathBuf> = (0..20).map(|index| PathBuf::from(format!("{index}"))).collect();
        let count = AtomicUsize::new(0);
        let work = |_: &Path, _: &ProgressBar| Ok(Some(count.fetch_add(1, Ordering::Relaxed)));
        let outcomes = run(&files, 1, &|| count.load(Ordering::Relaxed) >= 5, &work);
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_))).count(), 5);
        assert!(matches!(outcomes[19], Outcome::NotReached));
    }

    #[test]
    fn a_folder_gives_its_files_and_a_file_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.LDT", "a.ldt", "notes.txt"] {
            std::fs::write(folder.path().join(name), "").expect("writes");
        }
        let _draft = DraftPath::beside(&folder.path().join("c.ldt")).expect("a draft");
        let takes = |path: &Path| files_of(path, FileKind::Take);
        let names = |files: Vec<PathBuf>| -> Vec<String> {
            files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(takes(folder.path()).expect("two")), ["a.ldt", "b.LDT"]);
        assert_eq!(names(takes(&folder.path().join("notes.txt")).expect("itself")), ["notes.txt"]);
        assert!(takes(&folder.path().join("none")).is_err());
        std::fs::create_dir(folder.path().join("empty")).expect("creates");
        assert!(takes(&folder.path().join("empty")).is_err());
    }
}
