//! Takes into other formats, one after the other, on a thread that no picture waits for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::app::overlay::{ExportForm, ExportView};
use crate::export::{ExportAvatar, ExportError, ExportOptions, Exported, export};
use crate::settings::Settings;

/// The folder beside the takes that files go to.
const FOLDER: &str = "exports";

/// The export that runs, or ran last. Dropped, it stops the one that runs.
#[derive(Default)]
pub(super) struct Exports {
    shown: Arc<Mutex<Option<ExportView>>>,
    is_stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Exports {
    /// Begins with an export, unless one is under way.
    ///
    /// # Errors
    /// Why it is not begun, as a sentence.
    pub(super) fn begin(
        &mut self,
        take: PathBuf,
        takes: &Path,
        form: ExportForm,
        settings: Settings,
    ) -> Result<(), String> {
        let mut shown = lock(&self.shown);
        if shown.as_ref().is_some_and(|export| export.progress.is_some()) {
            return Err("another take is being exported; try again when it is done".to_owned());
        }
        let folder = takes.join(FOLDER);
        let begun =
            ExportView { take: take.clone(), folder: folder.clone(), progress: Some(0.0), outcome: Ok(String::new()) };
        *shown = Some(begun);
        drop(shown);
        let (report, is_stopped) = (Arc::clone(&self.shown), Arc::clone(&self.is_stopped));
        let work = move || {
            let outcome = export_as_asked(&take, &folder, &form, &settings, &mut |share| {
                if let Some(export) = lock(&report).as_mut() {
                    export.progress = Some(share);
                }
                !is_stopped.load(Ordering::Relaxed)
            });
            if let Some(export) = lock(&report).as_mut() {
                export.progress = None;
                export.outcome = match outcome {
                    Ok(done) => Ok(told(&done)),
                    Err(error) => Err(error.to_string()),
                };
            }
        };
        match std::thread::Builder::new().name("export".to_owned()).spawn(work) {
            // The one before has ended.
            Ok(thread) => self.thread = Some(thread),
            Err(error) => {
                *lock(&self.shown) = None;
                return Err(format!("nothing can be exported: {error}"));
            }
        }
        Ok(())
    }

    pub(super) fn view(&self) -> Option<ExportView> {
        lock(&self.shown).clone()
    }

    /// Stops the export that runs, for good, and waits until what it had not completed is removed.
    pub(super) fn stop(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Exports {
    fn drop(&mut self) {
        self.stop();
    }
}

// Each change under this lock is complete in itself.
fn lock(shown: &Mutex<Option<ExportView>>) -> MutexGuard<'_, Option<ExportView>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Exports a take as `livedance export` does, with what the form asks for.
pub(crate) fn export_as_asked(
    take: &Path,
    folder: &Path,
    form: &ExportForm,
    settings: &Settings,
    goes_on: &mut dyn FnMut(f32) -> bool,
) -> Result<Exported, ExportError> {
    let avatar = ExportAvatar::load(&settings.avatar)?;
    let mut options = ExportOptions { fps: form.fps, ..ExportOptions::new(form.formats.clone(), settings) };
    if !form.smooth {
        options.cutoff_hz = None;
    }
    export(take, folder, &avatar, &options, goes_on)
}

fn told(done: &Exported) -> String {
    let people = if done.people > 1 { format!(" of {} people", done.people) } else { String::new() };
    // Writing into a string cannot fail.
    let mut told = format!("{} files{people}: {} frames at {}", done.files.len(), done.frames, done.fps);
    if done.filled_s > 0.0 {
        let _ = write!(told, ", {:.1} s filled", done.filled_s);
    }
    if done.missing_s > 0.0 {
        let _ = write!(told, ", nobody seen for {:.1} s", done.missing_s);
    }
    told
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::export::Format;
    use crate::formats::take::made_up::{body, write_take};

    #[test]
    fn what_cannot_be_exported_is_told_and_one_at_a_time_is_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = folder.path().join("broken.ldt");
        std::fs::write(&take, "no take").expect("writes");
        let mut exports = Exports::default();
        let form = ExportForm { formats: vec![Format::Bvh], ..ExportForm::default() };
        let begin =
            |exports: &mut Exports| exports.begin(take.clone(), folder.path(), form.clone(), Settings::default());
        begin(&mut exports).expect("begins");
        let _ = begin(&mut exports);
        let since = Instant::now();
        let ended = loop {
            let view = exports.view().expect("one was begun");
            if view.progress.is_none() {
                break view;
            }
            assert!(since.elapsed() < Duration::from_secs(30), "it never ends");
            std::thread::sleep(Duration::from_millis(5));
        };
        assert!(ended.outcome.expect_err("broken").contains("broken.ldt"));
        begin(&mut exports).expect("begins anew");
    }

    #[test]
    fn closing_stops_the_export_and_leaves_no_part_of_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = folder.path().join("take.ldt");
        write_take(&take, 60, |time_s| vec![body(0, time_s, true)]);
        let mut exports = Exports::default();
        let form = ExportForm { formats: Format::ALL.into(), ..ExportForm::default() };
        exports.begin(take, folder.path(), form, Settings::default()).expect("begins");
        let shown = Arc::clone(&exports.shown);
        drop(exports);
        let ended = lock(&shown).clone().expect("one was begun");
        assert_eq!(ended.progress, None, "nothing goes on after it was dropped");
        assert!(ended.outcome.expect_err("it was not done").contains("stopped"));
        assert!(!folder.path().join(FOLDER).exists(), "nothing was written yet");
    }
}
