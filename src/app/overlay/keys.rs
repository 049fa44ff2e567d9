//! The keyboard: one table that both the handling and the help window read.

use bevy_egui::egui::{self, Key};

use crate::settings::{Framing, ModelVariant};

/// What a key, or a button that stands for the same, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Hold or go on.
    TogglePause,
    /// Open the source again.
    Reopen,
    /// Hold a recording and go one frame back.
    StepBack,
    /// Hold a recording and go one frame on.
    StepOn,
    /// Let the user pick a file.
    OpenFile,
    /// Show the person as in a mirror, or not.
    ToggleMirror,
    /// Use this landmark model.
    UseModel(ModelVariant),
    /// Go to the next smoothing mode.
    NextSmoothing,
    /// Save the newest landmarks and angles.
    SaveData,
    /// Put the orbit camera back.
    ResetView,
    /// Move the camera there.
    Frame(Framing),
    /// Go to the next background.
    NextBackground,
    /// Open or close the picture.
    TogglePicture,
    /// Open or close the performance panel.
    TogglePerformance,
    /// Performance in one line, or in full.
    ToggleCompact,
    /// Open or close landmarks and angles.
    ToggleData,
    /// Open or close the plots of joint angles.
    TogglePlots,
    /// Open or close the settings.
    ToggleSettings,
    /// Record after the countdown, or end that.
    ToggleRecording,
    /// Open or close the list of takes.
    ToggleLibrary,
    /// Hide or show the whole interface.
    ToggleInterface,
    /// Leave the studio for the games.
    OpenGames,
    /// Open or close the list of keys.
    ToggleHelp,
    /// Close the list of keys.
    CloseHelp,
}

/// A key and what it does.
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding {
    /// Any of these, without Ctrl, Alt or Command.
    pub keys: &'static [Key],
    /// As the help writes them.
    pub shown: &'static str,
    /// Heading in the help.
    pub group: &'static str,
    /// What it does, in a few words.
    pub description: &'static str,
    /// What it does.
    pub command: Command,
}

const fn bind(
    keys: &'static [Key],
    shown: &'static str,
    group: &'static str,
    description: &'static str,
    command: Command,
) -> KeyBinding {
    KeyBinding { keys, shown, group, description, command }
}

const SOURCE: &str = "Source";
const TRACKING: &str = "Tracking";
const VIEW: &str = "View";
const PANELS: &str = "Panels";

/// Every key, in the order of the help.
pub const KEY_BINDINGS: [KeyBinding; 28] = [
    bind(&[Key::Space], "Space", SOURCE, "Pause or go on", Command::TogglePause),
    bind(&[Key::Comma], ",", SOURCE, "One frame back in a recording", Command::StepBack),
    bind(&[Key::Period], ".", SOURCE, "One frame on in a recording", Command::StepOn),
    bind(&[Key::O], "O", SOURCE, "Open a video, an image or a recording", Command::OpenFile),
    bind(&[Key::R], "R", SOURCE, "Record, or stop recording", Command::ToggleRecording),
    bind(&[Key::Home], "Home", SOURCE, "Open the source again from the start", Command::Reopen),
    bind(&[Key::J], "J", SOURCE, "Save landmarks and angles as JSON", Command::SaveData),
    bind(&[Key::Num1], "1", TRACKING, "Model lite", Command::UseModel(ModelVariant::Lite)),
    bind(&[Key::Num2], "2", TRACKING, "Model full", Command::UseModel(ModelVariant::Full)),
    bind(&[Key::Num3], "3", TRACKING, "Model heavy", Command::UseModel(ModelVariant::Heavy)),
    bind(&[Key::F], "F", TRACKING, "Next smoothing filter", Command::NextSmoothing),
    bind(&[Key::M], "M", VIEW, "Mirror or not", Command::ToggleMirror),
    bind(&[Key::Num0], "0", VIEW, "Reset the view", Command::ResetView),
    bind(&[Key::Num4], "4", VIEW, "Full body", Command::Frame(Framing::Full)),
    bind(&[Key::Num5], "5", VIEW, "Upper body", Command::Frame(Framing::Upper)),
    bind(&[Key::Num6], "6", VIEW, "Face", Command::Frame(Framing::Face)),
    bind(&[Key::B], "B", VIEW, "Next background", Command::NextBackground),
    bind(&[Key::H], "H", VIEW, "Hide or show the interface", Command::ToggleInterface),
    bind(&[Key::V], "V", PANELS, "Camera picture", Command::TogglePicture),
    bind(&[Key::P], "P", PANELS, "Performance", Command::TogglePerformance),
    bind(&[Key::C], "C", PANELS, "Performance in one line", Command::ToggleCompact),
    bind(&[Key::D], "D", PANELS, "Landmarks and angles", Command::ToggleData),
    bind(&[Key::G], "G", PANELS, "Plots of joint angles", Command::TogglePlots),
    bind(&[Key::L], "L", PANELS, "Takes", Command::ToggleLibrary),
    bind(&[Key::S], "S", PANELS, "Settings", Command::ToggleSettings),
    bind(&[Key::A], "A", PANELS, "Games, played with the whole body", Command::OpenGames),
    bind(&[Key::Questionmark, Key::F1], "? or F1", PANELS, "This list", Command::ToggleHelp),
    bind(&[Key::Escape], "Esc", PANELS, "Close this list", Command::CloseHelp),
];

/// The key that stands for a command, for tooltips.
pub(super) fn key_of(command: Command) -> &'static str {
    KEY_BINDINGS.iter().find(|binding| binding.command == command).map_or("", |binding| binding.shown)
}

/// What the keys pressed since the last frame stand for, in order; nothing while somebody is typing.
pub(super) fn pressed(ctx: &egui::Context) -> Vec<Command> {
    if ctx.text_edit_focused() || ctx.any_popup_open() {
        return Vec::new();
    }
    // A focused button takes Space for itself: that is how it is used without a mouse.
    let control_focused = ctx.memory(|memory| memory.focused().is_some());
    let keys: Vec<Key> = ctx.input(|input| {
        let keys = input.events.iter().filter_map(|event| match event {
            egui::Event::Key { key, pressed: true, repeat: false, modifiers, .. }
                if !(modifiers.ctrl || modifiers.alt || modifiers.command) =>
            {
                // Layouts that report the key and not its character.
                Some(if *key == Key::Slash && modifiers.shift { Key::Questionmark } else { *key })
            }
            _ => None,
        });
        keys.collect()
    });
    let command = |key: Key| KEY_BINDINGS.iter().find(|binding| binding.keys.contains(&key)).map(|it| it.command);
    keys.into_iter().filter(|key| !(*key == Key::Space && control_focused)).filter_map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice() {
        let keys: Vec<Key> = KEY_BINDINGS.iter().flat_map(|binding| binding.keys).copied().collect();
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(key), "{key:?} is bound twice");
        }
    }
}
