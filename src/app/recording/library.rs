//! The takes' folder, read and changed on a thread of its own, so that no picture waits for a disk.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::bin;
use super::figure::figure_of;
use crate::app::overlay::{LibraryView, TakeRequest, TakeStateView, TakeView, ToastKind};
use crate::formats::take::{TakeSummary, local_time, rewrite_header, takes_in};

/// Requests that wait at most; more than a person clicks while a disk spins up.
const QUEUE: usize = 32;
/// Takes that are read before the list is shown with them.
const BATCH: usize = 12;

/// The takes' thread. It begins with the first request and ends with this.
#[derive(Default)]
pub(in crate::app) struct Library {
    requests: Option<Sender<(PathBuf, TakeRequest)>>,
    thread: Option<JoinHandle<()>>,
    shelf: Arc<Shelf>,
}

#[derive(Default)]
struct Shelf {
    is_closed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    view: LibraryView,
    news: Vec<(ToastKind, String)>,
}

impl Shelf {
    // Each change under this lock is complete in itself.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }
}

impl Library {
    /// Has a request carried out, and the folder read after it.
    pub(in crate::app) fn ask(&mut self, folder: &Path, request: TakeRequest) {
        let is_refresh = request == TakeRequest::Refresh;
        if self.requests.is_none() {
            let (requests, inbox) = bounded(QUEUE);
            let shelf = Arc::clone(&self.shelf);
            let thread = std::thread::Builder::new().name("takes".to_owned()).spawn(move || work(&shelf, &inbox));
            match thread {
                Ok(thread) => (self.thread, self.requests) = (Some(thread), Some(requests)),
                Err(error) => self.tell(ToastKind::Error, format!("takes cannot be listed: {error}")),
            }
        }
        let Some(requests) = &self.requests else { return };
        // The folder is read again soon anyhow.
        if requests.try_send((folder.to_owned(), request)).is_err() && !is_refresh {
            self.tell(ToastKind::Error, "the disk is busy; try again in a moment".to_owned());
        }
    }

    /// Says something to the user.
    pub(in crate::app) fn tell(&self, kind: ToastKind, text: String) {
        self.shelf.state().news.push((kind, text));
    }

    /// The list as it is known.
    pub(in crate::app) fn view(&self) -> LibraryView {
        self.shelf.state().view.clone()
    }

    /// What is to be told since the last time.
    pub(super) fn take_news(&self) -> Vec<(ToastKind, String)> {
        std::mem::take(&mut self.shelf.state().news)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.shelf.is_closed.store(true, Ordering::Relaxed);
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a take was when it was looked into.
struct Known {
    changed: Option<SystemTime>,
    bytes: u64,
    created_unix_s: u64,
    view: TakeView,
}

fn work(shelf: &Shelf, requests: &Receiver<(PathBuf, TakeRequest)>) {
    let mut known = HashMap::new();
    while let Ok((folder, request)) = requests.recv() {
        if let Err(message) = carry_out(shelf, request) {
            shelf.state().news.push((ToastKind::Error, message));
        }
        // Once for all that was asked meanwhile.
        if requests.is_empty() && !shelf.is_closed() {
            read(shelf, &folder, &mut known);
        }
    }
}

fn carry_out(shelf: &Shelf, request: TakeRequest) -> Result<(), String> {
    match request {
        // Exports have a thread of their own.
        TakeRequest::Refresh | TakeRequest::Export { .. } => Ok(()),
        TakeRequest::Rename { path, name } => {
            rewrite_header(&path, |header| header.name = name).map_err(|error| error.to_string())
        }
        TakeRequest::Annotate { path, notes } => {
            rewrite_header(&path, |header| header.notes = notes).map_err(|error| error.to_string())
        }
        TakeRequest::Reveal(path) => reveal(&path),
        TakeRequest::Delete(path) => {
            let now = bin::discard(&path)?;
            let text = format!("Moved to the bin: {}", now.display());
            shelf.state().news.push((ToastKind::Success, text));
            Ok(())
        }
    }
}

fn read(shelf: &Shelf, folder: &Path, known: &mut HashMap<PathBuf, Known>) {
    {
        let view = &mut shelf.state().view;
        folder.clone_into(&mut view.folder);
        view.is_reading = true;
    }
    let (paths, error) = match takes_in(folder) {
        Ok(paths) => (paths, None),
        Err(error) => (Vec::new(), Some(format!("{} cannot be read: {error}", folder.display()))),
    };
    known.retain(|path, _| paths.contains(path));
    for (number, path) in paths.iter().enumerate() {
        if shelf.is_closed() {
            return;
        }
        let metadata = fs::metadata(path).ok();
        let changed = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let bytes = metadata.as_ref().map_or(0, fs::Metadata::len);
        if known.get(path).is_some_and(|known| known.changed == changed && known.bytes == bytes) {
            continue;
        }
        let (created_unix_s, view) = look_into(path, bytes);
        known.insert(path.clone(), Known { changed, bytes, created_unix_s, view });
        if number % BATCH == BATCH - 1 {
            shelf.state().view.takes = sorted(known);
        }
    }
    let takes = sorted(known);
    let view = &mut shelf.state().view;
    (view.takes, view.error, view.is_reading) = (takes, error, false);
}

/// The newest first.
fn sorted(known: &HashMap<PathBuf, Known>) -> Arc<[TakeView]> {
    let mut takes: Vec<&Known> = known.values().collect();
    takes.sort_by(|a, b| (b.created_unix_s, &b.view.path).cmp(&(a.created_unix_s, &a.view.path)));
    takes.into_iter().map(|known| known.view.clone()).collect()
}

fn look_into(path: &Path, bytes: u64) -> (u64, TakeView) {
    match TakeSummary::read(path) {
        Ok(take) => {
            let view = TakeView {
                path: path.to_owned(),
                name: take.name(),
                notes: take.header.notes.clone(),
                recorded: take.created_unix_s.map(local_time).unwrap_or_default(),
                duration_s: take.duration_s,
                frames: take.frames,
                people: take.people,
                bytes: take.bytes,
                state: if take.is_whole() { TakeStateView::Whole } else { TakeStateView::Recovered },
                figure: take.poster.as_ref().and_then(figure_of),
            };
            (take.created_unix_s.unwrap_or(0), view)
        }
        Err(error) => {
            let view = TakeView {
                path: path.to_owned(),
                name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                notes: String::new(),
                recorded: String::new(),
                duration_s: 0.0,
                frames: 0,
                people: 0,
                bytes,
                state: TakeStateView::Broken { reason: error.to_string() },
                figure: None,
            };
            (0, view)
        }
    }
}

/// Opens the system's file manager at a file or a folder.
#[expect(clippy::disallowed_methods, reason = "a file manager is one of the system's own, found by its name")]
fn reveal(path: &Path) -> Result<(), String> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    // A folder in which nothing was recorded yet.
    let _ = fs::create_dir_all(folder);
    let started = if cfg!(target_os = "macos") {
        Command::new("open").arg("-R").arg(path).spawn()
    } else if cfg!(windows) {
        Command::new("explorer").arg(folder).spawn()
    } else {
        Command::new("xdg-open").arg(folder).spawn()
    };
    let failed = |error: std::io::Error| {
        format!("no file manager could be opened ({error}); the takes lie in {}", folder.display())
    };
    let mut program = started.map_err(failed)?;
    // It may stay open for hours; somebody has to wait for it, or it stays behind as a zombie.
    let waiting = std::thread::Builder::new().name("file-manager".to_owned()).spawn(move || program.wait().map(drop));
    waiting.map(drop).map_err(failed)
}
