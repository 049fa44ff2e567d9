//! What the settings panel asks for.

use bevy_egui::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::Action;
use livedance::motion::fit::BoneLengths;
use livedance::settings::{Calibration, HandsMode, ModelVariant, Settings, SmoothingMode};

use crate::fixture::{Scene, harness_of, model};

fn opened(settings: Settings) -> Harness<'static, Scene> {
    let mut scene = Scene::new(model());
    scene.model.settings = settings;
    scene.state.settings.open = true;
    harness_of(1280.0, 1600.0, scene)
}

#[test]
fn nothing_is_asked_for_by_looking() {
    let odd =
        Settings { alpha: 0.01, beta: 90.0, min_cutoff: 300.0, short_side: 640, threads: 32, ..Settings::default() };
    for smoothing in [SmoothingMode::None, SmoothingMode::Ema, SmoothingMode::OneEuro, SmoothingMode::Mediapipe] {
        let mut harness = opened(Settings { smoothing, ..odd.clone() });
        harness.run();
        assert!(harness.state().actions.is_empty(), "{:?}", harness.state().actions);
    }
}

#[test]
fn the_checkbox_mirrors() {
    let mut harness = opened(Settings::default());
    harness.get_by_role_and_label(Role::CheckBox, "Mirror").click();
    harness.run();
    assert_eq!(
        harness.state().actions,
        [Action::SetSettings(Box::new(Settings { mirror: false, ..Settings::default() }))]
    );
}

#[test]
fn only_the_sliders_of_the_active_filter_are_there() {
    for (smoothing, expected) in [
        (SmoothingMode::None, vec![]),
        (SmoothingMode::Ema, vec!["alpha"]),
        (SmoothingMode::OneEuro, vec!["min cutoff", "beta"]),
        (SmoothingMode::Mediapipe, vec![]),
    ] {
        let harness = opened(Settings { smoothing, ..Settings::default() });
        let shown: Vec<&str> = ["alpha", "min cutoff", "beta"]
            .into_iter()
            .filter(|name| harness.query_all_by_role_and_label(Role::Slider, name).count() > 0)
            .collect();
        assert_eq!(shown, expected, "{smoothing:?}");
    }
}

#[test]
fn a_slider_asks_for_its_value() {
    let mut harness = opened(Settings::default());
    harness.get_by_role_and_label(Role::Slider, "alpha").click();
    harness.run();
    let asked = harness.state().settings_asked().expect("settings").clone();
    // A click in the middle of 0.05 to 1.
    assert!((asked.alpha - 0.525).abs() < 0.05, "{}", asked.alpha);
    assert_eq!(Settings { alpha: 0.7, ..asked }, Settings::default());
}

#[test]
fn models_and_filters_are_chosen_by_name() {
    let mut harness = opened(Settings::default());
    harness.get_by_label("Heavy").click();
    harness.run();
    assert_eq!(harness.state().settings_asked().expect("settings").model, ModelVariant::Heavy);
    harness.get_by_label("One Euro").click();
    harness.run();
    assert_eq!(harness.state().settings_asked().expect("settings").smoothing, SmoothingMode::OneEuro);
    assert!(harness.query_by_label("Calm while you are still, quick while you are quick.").is_some());
    assert!(harness.query_by_label("Most exact, about four times the work of Full.").is_some());
}

#[test]
fn hands_are_chosen_by_name_and_explained() {
    let mut harness = opened(Settings::default());
    for (name, mode, words) in [
        ("Hands: hands only", HandsMode::Only, "One left and one right hand without a body, as over a desk."),
        ("Hands: off", HandsMode::Off, "Bodies alone: the least work."),
        ("Hands: on", HandsMode::On, "Fingers of everybody whose body is followed."),
    ] {
        harness.get_by_label(name).click();
        harness.run();
        assert_eq!(harness.state().settings_asked().expect("settings").hands, mode);
        assert!(harness.query_by_label(words).is_some(), "{words}");
    }
    assert_eq!(harness.state().settings_asked(), Some(&Settings::default()), "nothing else was changed");
}

#[test]
fn the_number_of_people_is_a_slider() {
    let mut harness = opened(Settings::default());
    harness.get_by_role_and_label(Role::Slider, "people").click();
    harness.run();
    let asked = harness.state().settings_asked().expect("settings").clone();
    // A click in the middle of 1 to 8.
    assert!((4..=5).contains(&asked.people), "{}", asked.people);
    assert_eq!(Settings { people: 1, ..asked }, Settings::default());
}

#[test]
fn the_short_side_is_chosen_from_a_list() {
    let mut harness = opened(Settings::default());
    harness.get_by_role_and_label(Role::ComboBox, "Short side").click();
    harness.run();
    harness.get_by_label("256 px").click();
    harness.run();
    assert_eq!(harness.state().settings_asked().expect("settings").short_side, 256);
}

#[test]
fn a_camera_is_chosen_from_those_found() {
    let mut harness = opened(Settings::default());
    harness.get_by_label("Find cameras").click();
    harness.run();
    harness.get_by_role_and_label(Role::ComboBox, "Source").click();
    harness.run();
    harness.get_by_label("Ceiling camera").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::RefreshCameras, Action::SetSource("camera:1".to_owned())]);
}

#[test]
fn a_path_can_be_typed() {
    let mut harness = opened(Settings::default());
    harness.get_by_label("Open").click();
    harness.run();
    assert!(harness.state().actions.is_empty(), "an empty field opens nothing");
    harness.get_by_label("Path of the source").focus();
    harness.run();
    harness.get_by_label("Path of the source").type_text(" /videos/waltz.mp4 ");
    harness.run();
    harness.get_by_label("Open").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetSource("/videos/waltz.mp4".to_owned())]);
}

#[test]
fn reset_keeps_the_source() {
    let changed =
        Settings { source: "camera:1".to_owned(), model: ModelVariant::Heavy, alpha: 0.2, ..Settings::default() };
    let mut harness = opened(changed);
    harness.get_by_label("Reset").click();
    harness.run();
    let expected = Settings { source: "camera:1".to_owned(), ..Settings::default() };
    assert_eq!(harness.state().actions, [Action::SetSettings(Box::new(expected))]);
}

#[test]
fn an_avatar_is_chosen_from_the_list_or_opened() {
    let mut harness = opened(Settings::default());
    harness.get_by_role_and_label(Role::ComboBox, "Avatar").click();
    harness.run();
    harness.get_by_label("Ann.vrm").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetAvatar("/avatars/Ann.vrm".to_owned())]);
    for (button, action) in [("Open an avatar…", Action::OpenAvatar), ("Bone map", Action::WriteBoneMap)] {
        harness.get_by_label(button).click();
        harness.run();
        assert_eq!(harness.state().actions.last(), Some(&action));
    }
}

#[test]
fn a_calibration_is_asked_for_and_shows_its_progress() {
    let mut scene = Scene::new(model());
    scene.state.settings.open = true;
    scene.model.calibration = Some(0.4);
    let mut harness = harness_of(1280.0, 1600.0, scene);
    harness.get_by_label("Calibrate").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Calibrate]);
    harness.get_by_label("Stand with your arms out: 40 %");
    harness.state_mut().model.calibration = None;
    harness.state_mut().model.height_m = Some(1.72);
    harness.run();
    harness.get_by_label("about 172 cm tall");
}

fn calibrated() -> Settings {
    let calibration = Some(Calibration::from(&BoneLengths::average(1.8)));
    Settings { calibration, ..Settings::default() }
}

#[test]
fn a_calibration_can_be_forgotten() {
    let mut harness = opened(Settings::default());
    assert!(harness.query_by_label("Forget calibration").is_none(), "there is none");
    harness.state_mut().model.settings = calibrated();
    harness.run();
    harness.get_by_label("Forget calibration").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetSettings(Box::default())]);
}

#[test]
fn a_reset_keeps_source_and_avatar() {
    let kept = Settings { source: "demo".to_owned(), avatar: "/avatars/Ann.vrm".to_owned(), ..calibrated() };
    let mut harness = opened(Settings { alpha: 0.3, ..kept.clone() });
    harness.get_by_label("Reset").click();
    harness.run();
    assert_eq!(harness.state().settings_asked(), Some(&kept));
}
