//! Cameras and avatars that can be chosen.

use bevy::prelude::*;

use crate::app::overlay::{AvatarView, CameraView};
use crate::avatar_library as library;

/// Cameras and avatars that can be chosen, as they were found last.
#[derive(Resource, Debug, Default)]
pub(super) struct Choices {
    pub(super) cameras: Vec<CameraView>,
    pub(super) avatars: Vec<AvatarView>,
}

impl Choices {
    /// Asks the system for its cameras.
    pub(super) fn find_cameras(&mut self) {
        let found = crate::capture::list_cameras().unwrap_or_else(|error| {
            // The source's own state says what is wrong; here there is just nothing to choose.
            debug!("cameras cannot be listed: {error}");
            Vec::new()
        });
        let view = |camera: crate::capture::CameraDevice| CameraView {
            spec: format!("camera:{}", camera.index),
            name: camera.name,
        };
        self.cameras = found.into_iter().map(view).collect();
    }

    /// The bundled avatars, the one that the app began with, then files that were shown before.
    pub(super) fn list_avatars(&mut self, first: &str, recent: &[String]) {
        let bundled = library::bundled().into_iter().enumerate();
        // The usual one is the one that is shown when none is named.
        let bundled = bundled.map(|(place, name)| if place == 0 { String::new() } else { name });
        let is_listed = |spec: &String| spec.is_empty() || library::is_bundled(spec) || recent.contains(spec);
        let first = Some(first.to_owned()).filter(|spec| !is_listed(spec));
        let specs = bundled.chain(first).chain(recent.iter().cloned());
        self.avatars = specs.map(|spec| AvatarView { name: library::display_name(&spec), spec }).collect();
    }
}

/// Once, when the app starts.
pub(super) fn find_cameras(mut choices: ResMut<Choices>) {
    choices.find_cameras();
}
