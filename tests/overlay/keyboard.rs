//! Every key does what the help says.

use bevy_egui::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::{Action, KEY_BINDINGS, OverlayModel, OverlayState, SourceStateView};
use livedance::settings::{ModelVariant, SmoothingMode};

use crate::fixture::{Scene, harness, harness_of, model, shapes};

/// Presses one key in a fresh overlay; returns what it asked for and what it remembers.
fn press(key: Key) -> Scene {
    let mut harness = harness(Scene::new(model()));
    harness.key_press(key);
    harness.run();
    let state = harness.state_mut();
    std::mem::replace(state, Scene::new(model()))
}

#[test]
fn help_lists_every_binding_at_every_size() {
    for (width, height) in [(1920.0, 1080.0), (1280.0, 720.0), (800.0, 600.0), (480.0, 640.0)] {
        let mut harness = harness_of(width, height, Scene::new(model()));
        harness.key_press(Key::Questionmark);
        harness.run();
        for binding in KEY_BINDINGS {
            assert!(harness.query_all_by_label(binding.shown).count() >= 1, "{} at {width}", binding.shown);
            assert!(harness.query_all_by_label(binding.description).count() >= 1, "{} at {width}", binding.description);
        }
    }
}

#[test]
fn help_opens_and_closes_by_key() {
    let mut harness = harness(Scene::new(model()));
    harness.key_press(Key::F1);
    harness.run();
    assert!(harness.state().state.help.open);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().state.help.open);
    // A layout that reports the key and not its character.
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Slash);
    harness.run();
    assert!(harness.state().state.help.open);
}

#[test]
fn every_binding_has_an_effect() {
    for binding in KEY_BINDINGS {
        for key in binding.keys {
            let mut scene = Scene::new(model());
            // What Esc closes has to be open.
            scene.state.help.open = *key == Key::Escape;
            let mut harness = harness(scene);
            let before = format!("{:?}", harness.state().state);
            harness.key_press(*key);
            harness.run();
            let changed = format!("{:?}", harness.state().state) != before || !harness.state().actions.is_empty();
            assert!(changed, "{key:?} does nothing");
        }
    }
}

#[test]
fn keys_ask_the_application() {
    assert_eq!(press(Key::Space).actions, [Action::SetPaused(true)]);
    assert_eq!(press(Key::O).actions, [Action::OpenFile]);
    assert_eq!(press(Key::Home).actions, [Action::Reopen]);
    assert_eq!(press(Key::J).actions, [Action::SaveData]);
    assert_eq!(press(Key::R).actions, [Action::ToggleRecording]);
    assert_eq!(press(Key::Num0).actions, [Action::ResetView]);
    assert!(!press(Key::M).settings_asked().expect("settings").mirror);
    assert_eq!(press(Key::Num1).settings_asked().expect("settings").model, ModelVariant::Lite);
    assert_eq!(press(Key::Num2).settings_asked().expect("settings").model, ModelVariant::Full);
    assert_eq!(press(Key::Num3).settings_asked().expect("settings").model, ModelVariant::Heavy);
}

#[test]
fn keys_open_and_close_panels() {
    let before = OverlayState::default();
    assert_ne!(press(Key::V).state.picture.open, before.picture.open);
    assert_ne!(press(Key::P).state.performance.open, before.performance.open);
    assert_ne!(press(Key::C).state.performance.compact, before.performance.compact);
    assert_ne!(press(Key::D).state.data.open, before.data.open);
    assert_ne!(press(Key::L).state.library.open, before.library.open);
    assert_ne!(press(Key::S).state.settings.open, before.settings.open);
    assert_ne!(press(Key::G).state.plots.open, before.plots.open);
    assert_ne!(press(Key::H).state.visible, before.visible);
}

#[test]
fn smoothing_goes_round_through_every_mode() {
    let mut harness = harness(Scene::new(model()));
    let mut seen = Vec::new();
    for _ in 0..4 {
        harness.key_press(Key::F);
        harness.run();
        seen.push(harness.state().model.settings.smoothing);
    }
    let expected = [SmoothingMode::OneEuro, SmoothingMode::Mediapipe, SmoothingMode::None, SmoothingMode::Ema];
    assert_eq!(seen, expected);
}

#[test]
fn space_goes_on_when_paused() {
    let mut scene = Scene::new(model());
    scene.model.source.state = SourceStateView::Paused;
    let mut harness = harness(scene);
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetPaused(false)]);
}

#[test]
fn a_hidden_interface_needs_no_more_than_source_tracking_and_settings() {
    let full = model();
    let little = OverlayModel {
        source: full.source.clone(),
        inference: full.inference.clone(),
        settings: full.settings.clone(),
        transparent_window: full.transparent_window,
        ..OverlayModel::default()
    };
    for key in KEY_BINDINGS.iter().flat_map(|binding| binding.keys) {
        let asked = |model: &OverlayModel| {
            let mut scene = Scene::new(model.clone());
            scene.state.visible = false;
            let mut harness = harness(scene);
            harness.key_press(*key);
            harness.run_steps(1);
            (harness.state().actions.clone(), shapes(&harness).len())
        };
        assert_eq!(asked(&full), asked(&little), "{key:?}");
    }
}

#[test]
fn a_hidden_interface_comes_back() {
    let mut harness = harness(Scene::new(model()));
    harness.key_press(Key::H);
    harness.run();
    assert!(harness.query_by_label("Performance").is_none());
    assert!(harness.state().state.scene_rect.width() > 1279.0, "the scene has the whole window");
    harness.key_press(Key::H);
    harness.run();
    assert!(harness.query_all_by_label("Performance").count() >= 1);
}

#[test]
fn typing_is_not_taken_for_keys() {
    let mut scene = Scene::new(model());
    scene.state.settings.open = true;
    let mut harness = harness_of(1280.0, 1000.0, scene);
    harness.get_by_label("Path of the source").focus();
    harness.run();
    harness.get_by_label("Path of the source").type_text("/media/dh.mp4");
    for key in [Key::M, Key::D, Key::H, Key::Num1, Key::Space] {
        harness.key_press(key);
    }
    harness.run();
    assert!(harness.state().actions.is_empty(), "{:?}", harness.state().actions);
    assert!(harness.state().state.visible && !harness.state().state.data.open);
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetSource("/media/dh.mp4".to_owned())]);
}

#[test]
fn space_uses_the_control_in_focus_and_not_the_pause() {
    let mut scene = Scene::new(model());
    scene.state.settings.open = true;
    let mut harness = harness_of(1280.0, 1000.0, scene);
    harness.get_by_label("Mirror").focus();
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert!(!harness.state().actions.iter().any(|action| matches!(action, Action::SetPaused(_))));
    assert!(!harness.state().settings_asked().expect("the checkbox was used").mirror);
}

#[test]
fn shortcuts_of_the_system_are_left_alone() {
    let mut harness = harness(Scene::new(model()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    harness.key_press_modifiers(Modifiers::ALT, Key::D);
    harness.run();
    assert!(!harness.state().state.settings.open && !harness.state().state.data.open);
}
