//! What those who show the avatar to others choose, and that a hidden interface leaves nothing in the picture.

use bevy_egui::egui::Key;
use bevy_egui::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::{Action, SourceStateView, ToastKind};
use livedance::settings::{Background, Framing, Settings};

use crate::fixture::{Scene, harness, harness_of, model, shapes};

fn opened(settings: Settings) -> Harness<'static, Scene> {
    let mut scene = Scene::new(model());
    scene.model.settings = settings;
    scene.state.settings.open = true;
    harness_of(1280.0, 1400.0, scene)
}

#[test]
fn backgrounds_are_chosen_by_name_and_by_key() {
    let mut harness = opened(Settings::default());
    for (name, background) in [
        ("Background: green", Background::Green),
        ("Background: transparent", Background::Transparent),
        ("Background: studio", Background::Studio),
    ] {
        harness.get_by_label(name).click();
        harness.run();
        assert_eq!(harness.state().settings_asked().expect("settings").background, background);
    }
    harness.get_by_label("Background: colour").click();
    harness.run();
    assert!(matches!(harness.state().settings_asked().expect("settings").background, Background::Colour(_)));
    for expected in [Background::Studio, Background::Green, Background::Transparent] {
        harness.key_press(Key::B);
        harness.run();
        assert_eq!(harness.state().model.settings.background, expected);
    }
}

#[test]
fn a_window_that_is_not_transparent_yet_says_what_to_do() {
    let mut harness = opened(Settings { background: Background::Transparent, ..Settings::default() });
    harness.run();
    assert!(harness.query_by_label_contains("Start LiveDance again").is_some());
    harness.state_mut().model.transparent_window = true;
    harness.run();
    assert!(harness.query_by_label_contains("Start LiveDance again").is_none());
}

#[test]
fn framings_move_the_camera_and_are_kept() {
    let mut harness = harness(Scene::new(model()));
    for (key, framing) in [(Key::Num5, Framing::Upper), (Key::Num6, Framing::Face), (Key::Num4, Framing::Full)] {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().actions.last(), Some(&Action::Frame(framing)));
        assert_eq!(harness.state().model.settings.framing, framing);
    }
    let asked = harness.state().actions.len();
    harness.key_press(Key::Num4);
    harness.run();
    assert_eq!(harness.state().actions[asked..], [Action::Frame(Framing::Full)], "the same one again moves back to it");
}

#[test]
fn poses_are_sent_where_the_field_says_once_it_is_entered() {
    let mut harness = opened(Settings::default());
    harness.get_by_role_and_label(Role::TextInput, "VMC to").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "VMC to").type_text("192.168.0.7");
    harness.run();
    assert!(harness.state().settings_asked().is_none(), "not while it is typed");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().settings_asked().expect("settings").vmc_out, "192.168.0.7");
    harness.state_mut().model.stream = Ok("Sending to 192.168.0.7:39539".to_owned());
    harness.run();
    assert!(harness.query_by_label("Sending to 192.168.0.7:39539").is_some());
}

#[test]
fn a_hidden_interface_draws_nothing() {
    let mut scene = Scene::new(model());
    scene.model.settings.background = Background::Green;
    scene.model.source.state = SourceStateView::Waiting { message: "the camera was lost".to_owned() };
    let mut harness = harness(scene);
    harness.run();
    assert!(!shapes(&harness).is_empty());
    harness.key_press(Key::H);
    harness.run();
    harness.state_mut().state.notify(ToastKind::Success, "Saved somewhere");
    harness.run_steps(3);
    let seen: Vec<_> =
        shapes(&harness).into_iter().filter(|shape| shape.visual_bounding_rect().is_positive()).collect();
    assert!(seen.is_empty(), "{seen:?}");
    harness.state_mut().state.notify(ToastKind::Error, "it is broken");
    harness.run_steps(3);
    assert!(harness.query_by_label("it is broken").is_some(), "errors are told all the same");
}

#[test]
fn in_the_studio_the_way_back_is_told() {
    let mut harness = harness(Scene::new(model()));
    harness.key_press(Key::H);
    // Not until nothing moves any more, which is when the message has gone.
    harness.run_steps(3);
    assert!(harness.query_by_label("Interface hidden: H brings it back").is_some());
}

#[test]
fn poses_that_have_not_come_yet_are_no_error() {
    let mut scene = Scene::new(model());
    scene.model.source.name = "VMC 127.0.0.1:39540, waiting".to_owned();
    scene.model.source.state = SourceStateView::Listening;
    let mut harness = harness(scene);
    harness.run();
    assert!(harness.query_by_label("Waiting").is_some());
    assert!(harness.query_by_label("Waiting for the source").is_none());
    assert!(harness.query_by_label_contains("VMC 127.0.0.1:39540, waiting").is_some());
}
