//! The settings while the app runs: changed live, saved a moment after the last change and when the app ends.

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::*;

use super::schedule::MeasureSystems;
use crate::settings::Settings;

/// How long a change rests before it is written, so that dragging a slider writes once.
const SAVE_AFTER: Duration = Duration::from_millis(800);

/// Saves [`Preferences`].
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Preferences>()
        .init_resource::<Unsaved>()
        .add_systems(Last, (mark_changed, save_when_rested.run_if(has_unsaved)).chain().in_set(MeasureSystems::Save));
}

/// The settings in force and where they are kept.
#[derive(Resource, Debug, Clone, Default)]
pub struct Preferences {
    /// What every part reads, each frame.
    pub settings: Settings,
    /// The file, unless nothing shall be saved.
    pub path: Option<PathBuf>,
}

/// The change that waits to be written.
#[derive(Resource, Debug, Default)]
struct Unsaved {
    since: Option<Duration>,
    written: Option<Settings>,
}

fn mark_changed(preferences: Res<Preferences>, time: Res<Time<Real>>, mut unsaved: ResMut<Unsaved>) {
    // What the app started with came from the file and the command line; only what is changed in the app is kept.
    let written = unsaved.written.get_or_insert_with(|| preferences.settings.clone());
    if preferences.is_changed() && *written != preferences.settings {
        unsaved.since = Some(time.elapsed());
    }
}

fn has_unsaved(unsaved: Res<Unsaved>) -> bool {
    unsaved.since.is_some()
}

fn save_when_rested(
    preferences: Res<Preferences>,
    time: Res<Time<Real>>,
    mut exits: MessageReader<AppExit>,
    mut unsaved: ResMut<Unsaved>,
) {
    let is_exiting = exits.read().next().is_some();
    let rested = unsaved.since.is_some_and(|since| time.elapsed().saturating_sub(since) >= SAVE_AFTER);
    if !is_exiting && !rested {
        return;
    }
    unsaved.since = None;
    unsaved.written = Some(preferences.settings.clone());
    if let Some(path) = &preferences.path
        && let Err(error) = preferences.settings.save(path)
    {
        warn!("{error}");
    }
}
