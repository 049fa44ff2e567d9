//! Recording takes in the app, and the list of those that are there.
//!
//! Architecture invariant: frames go from the inference thread to the recorder past everything here; a picture that is
//! drawn late loses none. The disk is only met on the threads `recorder` and `takes`.

mod bin;
mod exports;
mod figure;
mod library;
mod session;

use std::path::PathBuf;

use bevy::prelude::*;

use super::capture::Live;
use super::notify::Notify;
use super::overlay::{LibraryView, RecordingView, TakeRequest, ToastKind};
use super::preferences::Preferences;
use super::schedule::MeasureSystems;
use crate::paths::takes_folder;
#[cfg(test)]
pub(crate) use exports::export_as_asked;
use session::Session;

/// How often the takes' folder is looked at while its list is open, seconds.
const LOOK_EVERY_S: f64 = 2.0;

/// Records and lists takes.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Recording>()
        .init_resource::<ListShown>()
        .add_message::<Notify>()
        .add_systems(Update, (drive, keep_list_fresh, pass_on_news).chain())
        .add_systems(Last, finish_on_exit.in_set(MeasureSystems::Save));
}

/// A recording that begins by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlan {
    /// The take.
    pub path: PathBuf,
    /// Whether the source is kept beside it.
    pub video: bool,
    /// Whether it may take the place of another file.
    pub force: bool,
}

/// Whether somebody looks at the list of takes: it is kept fresh meanwhile.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ListShown(pub(super) bool);

/// The recording that runs, if one does, and the takes that are there.
#[derive(Resource, Default)]
pub(super) struct Recording {
    session: Session,
    library: library::Library,
    exports: exports::Exports,
    looked_at_s: Option<f64>,
}

impl Recording {
    /// Begins with a recording as soon as frames come.
    pub(super) fn begin_with(&mut self, plan: RecordPlan) {
        self.session.plan = Some(plan);
    }

    /// Records after the countdown; during it or while recording, ends that.
    pub(super) fn toggle(&mut self) {
        self.session.is_toggled = true;
    }

    /// Does something with the takes.
    pub(super) fn ask(&mut self, request: TakeRequest, preferences: &Preferences) {
        let folder = takes_folder(&preferences.settings.takes_folder);
        match request {
            TakeRequest::Export { path, form } => {
                if let Err(error) = self.exports.begin(path, &folder, form, preferences.settings.clone()) {
                    self.library.tell(ToastKind::Error, error);
                }
            }
            request => self.library.ask(&folder, request),
        }
    }

    /// What the overlay shows of the recording.
    pub(super) fn view(&self, live: &Live, now_s: f64) -> RecordingView {
        self.session.view(live, now_s)
    }

    /// What the overlay shows of the takes.
    pub(super) fn library_view(&self) -> LibraryView {
        LibraryView { recording: self.session.path(), export: self.exports.view(), ..self.library.view() }
    }
}

fn drive(
    mut recording: ResMut<Recording>,
    mut live: ResMut<Live>,
    preferences: Res<Preferences>,
    time: Res<Time<Real>>,
    mut news: MessageWriter<Notify>,
) {
    let Recording { session, looked_at_s, .. } = &mut *recording;
    let mut tell = |kind, text: String| {
        news.write(Notify { kind, text });
    };
    if session.drive(&mut live, &preferences.settings, time.elapsed_secs_f64(), &mut tell) {
        // A take was begun or ended.
        *looked_at_s = None;
    }
}

/// Reads the folder when the app starts, when a take was made, and again and again while the list is open.
fn keep_list_fresh(
    mut recording: ResMut<Recording>,
    preferences: Res<Preferences>,
    shown: Res<ListShown>,
    time: Res<Time<Real>>,
) {
    let now_s = time.elapsed_secs_f64();
    let is_due = recording.looked_at_s.is_none_or(|at_s| shown.0 && now_s - at_s >= LOOK_EVERY_S);
    if is_due {
        recording.looked_at_s = Some(now_s);
        recording.ask(TakeRequest::Refresh, &preferences);
    }
}

fn pass_on_news(recording: Res<Recording>, mut news: MessageWriter<Notify>) {
    news.write_batch(recording.library.take_news().into_iter().map(|(kind, text)| Notify { kind, text }));
}

/// The window is closed: the take is completed, and an export stopped, before the program ends.
fn finish_on_exit(mut recording: ResMut<Recording>, mut exits: MessageReader<AppExit>) {
    if exits.read().next().is_some() {
        recording.session.finish();
        recording.exports.stop();
    }
}

#[cfg(test)]
mod tests;
