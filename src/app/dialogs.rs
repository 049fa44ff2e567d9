//! What is asked of the system: pick a file, save the data.

use std::path::{Path, PathBuf};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::avatar::AvatarReopened;
use super::notify::Notify;
use super::preferences::Preferences;
use super::source::SetSource;
use super::tracking::LatestTracked;
use crate::files::FileKind;
use crate::formats::record::FrameRecord;
use crate::frame::TrackedFrame;
use crate::pipeline::take_player::{TakePlayer, trim};

/// What can be opened as a source.
const SOURCES: [FileKind; 4] = [FileKind::Video, FileKind::Picture, FileKind::Take, FileKind::Bones];

/// Waits for what is picked.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Dialogs>().add_systems(Update, (take_picked_file, tell_trimmed).chain());
}

/// A file dialog that is open.
#[derive(Resource, Default)]
pub(super) struct Dialogs {
    picking: Option<(Purpose, Task<Option<rfd::FileHandle>>)>,
    /// A part of a take that is being saved, or whose name is being asked for.
    trimming: Option<Task<Option<Result<PathBuf, String>>>>,
}

/// What a picked file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Source,
    Avatar,
}

impl Dialogs {
    /// Opens the system's file dialog, one at a time.
    pub(super) fn pick_file(&mut self) {
        if self.picking.is_none() {
            let dialog = rfd::AsyncFileDialog::new()
                .set_title("Open a video, a picture or a recording")
                .add_filter("Videos, pictures and recordings", &SOURCES.map(FileKind::endings).concat())
                .add_filter("All files", &["*"]);
            self.picking = Some((Purpose::Source, IoTaskPool::get().spawn(dialog.pick_file())));
        }
    }

    /// Asks for a name and saves what lies in the range of the take that is open, one at a time.
    pub(super) fn pick_trimmed(&mut self, recording: Option<&TakePlayer>) {
        let Some(recording) = recording.filter(|recording| self.trimming.is_none() && recording.clip().is_none())
        else {
            return;
        };
        let (path, (from_s, to_s)) = (recording.path().to_owned(), recording.transport().range_s());
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut dialog = rfd::AsyncFileDialog::new()
            .set_title("Save the part as a new take")
            .set_file_name(format!("{stem} part.ldt"))
            .add_filter("Takes", &["ldt"]);
        if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        self.trimming = Some(IoTaskPool::get().spawn(async move {
            let output = dialog.save_file().await?.path().with_extension("ldt");
            Some(trim::save_part(&path, from_s, to_s, &output).map(|()| output).map_err(|error| error.to_string()))
        }));
    }

    /// Opens the system's file dialog for an avatar, one at a time.
    pub(super) fn pick_avatar(&mut self) {
        if self.picking.is_none() {
            let dialog = rfd::AsyncFileDialog::new()
                .set_title("Open an avatar")
                .add_filter("Avatars", FileKind::Avatar.endings())
                .add_filter("All files", &["*"]);
            self.picking = Some((Purpose::Avatar, IoTaskPool::get().spawn(dialog.pick_file())));
        }
    }
}

/// Switches to the file that was picked.
fn take_picked_file(
    mut dialogs: ResMut<Dialogs>,
    mut preferences: ResMut<Preferences>,
    mut sources: MessageWriter<SetSource>,
    mut reopened: MessageWriter<AvatarReopened>,
) {
    let Some((purpose, picked)) =
        dialogs.picking.as_mut().and_then(|(purpose, task)| Some((*purpose, block_on(poll_once(task))?)))
    else {
        return;
    };
    dialogs.picking = None;
    let Some(file) = picked else { return };
    let path = file.path().to_string_lossy().into_owned();
    match purpose {
        Purpose::Source => {
            sources.write(SetSource(path));
        }
        Purpose::Avatar => {
            preferences.settings.avatar = path;
            reopened.write(AvatarReopened);
        }
    }
}

/// Says what became of a part that was to be saved.
fn tell_trimmed(mut dialogs: ResMut<Dialogs>, mut news: MessageWriter<Notify>) {
    let Some(trimmed) = dialogs.trimming.as_mut().and_then(|task| block_on(poll_once(task))) else { return };
    dialogs.trimming = None;
    if let Some(saved) = trimmed {
        news.write(Notify::outcome(saved.map(|path| format!("Saved {}", path.display()))));
    }
}

/// Writes the newest landmarks and angles, as they are shown, into the user's data folder.
pub(super) fn save_data(latest: &LatestTracked) -> Result<PathBuf, String> {
    let Some(frame) = &latest.frame else { return Err("nothing was tracked yet".to_owned()) };
    let record = FrameRecord::new(&TrackedFrame {
        people: latest.people.clone(),
        loose_hands: latest.loose_hands,
        ..frame.clone()
    });
    let text = serde_json::to_string_pretty(&record).map_err(|error| error.to_string())?;
    let folder = directories::UserDirs::new()
        .and_then(|dirs| dirs.document_dir().map(Path::to_path_buf))
        .or_else(|| std::env::current_dir().ok())
        .ok_or("there is no folder to save into")?
        .join("LiveDance");
    let path = folder.join(format!("frame_{:06}_{:.2}s.json", record.frame, record.time_s));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    Ok(path)
}
