//! Another source of frames: the one place that hands it to the pipeline and to the settings.

use bevy::prelude::*;

use super::capture::Live;
use super::notify::Notify;
use super::preferences::Preferences;
use crate::capture::SourceSpec;

/// Frames are to come from here, as a user types it: `camera`, `camera:N`, `demo`, a path, or empty for whatever is there.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub(super) struct SetSource(pub(super) String);

/// Carries [`SetSource`] out before anything of the frame looks at the source.
pub(super) fn plugin(app: &mut App) {
    app.add_message::<SetSource>().add_message::<Notify>().add_systems(PreUpdate, set_source);
}

/// Switches to the source that was named, or says why it cannot be one.
fn set_source(
    mut wanted: MessageReader<SetSource>,
    mut live: ResMut<Live>,
    mut preferences: ResMut<Preferences>,
    mut news: MessageWriter<Notify>,
) {
    for SetSource(text) in wanted.read() {
        match text.parse::<SourceSpec>() {
            Ok(spec) => {
                live.set_source(spec);
                text.clone_into(&mut preferences.settings.source);
            }
            Err(error) => {
                news.write(Notify::error(error.to_string()));
            }
        }
    }
}
