//! What the overlay asks of the system: pick a file, save the data, look for cameras.

use std::path::{Path, PathBuf};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::avatar::AvatarReopened;
use super::capture::Live;
use super::interface::Interface;
use super::overlay::CameraView;
use super::preferences::Preferences;
use super::tracking::LatestTracked;
use crate::avatar_library as library;
use crate::formats::record::FrameRecord;
use crate::frame::TrackedFrame;

/// A file dialog that is open.
#[derive(Resource, Default)]
pub(super) struct Dialogs {
    picking: Option<(Purpose, Task<Option<rfd::FileHandle>>)>,
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
                .set_title("Open a video or a picture")
                .add_filter(
                    "Videos and pictures",
                    &["mp4", "mov", "mkv", "webm", "avi", "png", "jpg", "jpeg", "webp", "bmp"],
                )
                .add_filter("All files", &["*"]);
            self.picking = Some((Purpose::Source, IoTaskPool::get().spawn(dialog.pick_file())));
        }
    }

    /// Opens the system's file dialog for an avatar, one at a time.
    pub(super) fn pick_avatar(&mut self) {
        if self.picking.is_none() {
            let dialog = rfd::AsyncFileDialog::new()
                .set_title("Open an avatar")
                .add_filter("Avatars", &library::EXTENSIONS)
                .add_filter("All files", &["*"]);
            self.picking = Some((Purpose::Avatar, IoTaskPool::get().spawn(dialog.pick_file())));
        }
    }
}

/// Switches to the file that was picked.
pub(super) fn take_picked_file(
    mut dialogs: ResMut<Dialogs>,
    mut interface: ResMut<Interface>,
    mut live: ResMut<Live>,
    mut preferences: ResMut<Preferences>,
    mut reopened: MessageWriter<AvatarReopened>,
) {
    let Some((purpose, picked)) =
        dialogs.picking.as_mut().and_then(|(purpose, task)| Some((*purpose, block_on(poll_once(task))?)))
    else {
        return;
    };
    dialogs.picking = None;
    let Some(file) = picked else { return };
    let path = file.path().to_string_lossy();
    match purpose {
        Purpose::Source => interface.use_source(&path, &mut live, &mut preferences),
        Purpose::Avatar => {
            preferences.settings.avatar = path.into_owned();
            reopened.write(AvatarReopened);
        }
    }
}

/// The cameras that can be chosen.
pub(super) fn cameras() -> Vec<CameraView> {
    let found = crate::capture::list_cameras().unwrap_or_else(|error| {
        // The source's own state says what is wrong; here there is just nothing to choose.
        debug!("cameras cannot be listed: {error}");
        Vec::new()
    });
    found.into_iter().map(|camera| CameraView { spec: format!("camera:{}", camera.index), name: camera.name }).collect()
}

/// Writes the newest landmarks and angles, as they are shown, into the user's data folder.
pub(super) fn save_data(latest: &LatestTracked) -> Result<PathBuf, String> {
    let Some(frame) = &latest.frame else { return Err("nothing was tracked yet".to_owned()) };
    let record = FrameRecord::new(&TrackedFrame { people: latest.people.clone(), ..frame.clone() });
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
