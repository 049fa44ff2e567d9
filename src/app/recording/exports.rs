//! Takes into other formats, one after the other, on a thread that no picture waits for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app::overlay::{ExportForm, ExportView};
use crate::export::{ExportAvatar, ExportError, ExportOptions, Exported, export};
use crate::settings::Settings;

/// The folder beside the takes that files go to.
const FOLDER: &str = "exports";

/// The export that runs, or ran last.
#[derive(Default)]
pub(super) struct Exports {
    shown: Arc<Mutex<Option<ExportView>>>,
}

impl Exports {
    /// Begins with an export, unless one is under way.
    ///
    /// # Errors
    /// Why it is not begun, as a sentence.
    pub(super) fn begin(
        &self,
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
        let report = Arc::clone(&self.shown);
        let work = move || {
            let outcome = run(&take, &folder, &form, settings, &mut |share| {
                if let Some(export) = lock(&report).as_mut() {
                    export.progress = Some(share);
                }
            });
            if let Some(export) = lock(&report).as_mut() {
                export.progress = None;
                export.outcome = match outcome {
                    Ok(done) => Ok(told(&done)),
                    Err(error) => Err(error.to_string()),
                };
            }
        };
        std::thread::Builder::new().name("export".to_owned()).spawn(work).map(drop).map_err(|error| {
            *lock(&self.shown) = None;
            format!("nothing can be exported: {error}")
        })
    }

    pub(super) fn view(&self) -> Option<ExportView> {
        lock(&self.shown).clone()
    }
}

// Each change under this lock is complete in itself.
fn lock(shown: &Mutex<Option<ExportView>>) -> MutexGuard<'_, Option<ExportView>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(
    take: &Path,
    folder: &Path,
    form: &ExportForm,
    settings: Settings,
    progress: &mut dyn FnMut(f32),
) -> Result<Exported, ExportError> {
    let avatar = ExportAvatar::load(&settings.avatar)?;
    // A mirror is a way of looking; files hold what was done.
    let settings = Settings { mirror: false, ..settings };
    let mut options = ExportOptions { fps: form.fps, ..ExportOptions::new(form.formats.clone(), settings) };
    if !form.smooth {
        options.cutoff_hz = None;
    }
    export(take, folder, &avatar, &options, progress)
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

    #[test]
    fn what_cannot_be_exported_is_told_and_one_at_a_time_is_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = folder.path().join("broken.ldt");
        std::fs::write(&take, "no take").expect("writes");
        let exports = Exports::default();
        let form = ExportForm { formats: vec![Format::Bvh], ..ExportForm::default() };
        let begin = || exports.begin(take.clone(), folder.path(), form.clone(), Settings::default());
        begin().expect("begins");
        let _ = begin();
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
        begin().expect("begins anew");
    }
}
