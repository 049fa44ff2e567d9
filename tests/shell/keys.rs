//! Keys and gamepads.

use bevy_egui::egui::Key;
use bevy_egui::egui::accesskit::{Role, Toggled};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT as _, Queryable as _};
use livedance::app::game::shell::{PadInput, ShellAction, Way, samples};
use livedance::app::game::{GamePhase, Sound};
use livedance::motion::Difficulty;

use crate::fixture::{Scene, harness};

/// The names of everything that can be pressed, by role.
fn buttons(harness: &Harness<'_, Scene>) -> Vec<String> {
    [Role::Button, Role::RadioButton]
        .into_iter()
        .flat_map(|role| harness.query_all(By::new().role(role)).collect::<Vec<_>>())
        .filter(|node| !node.accesskit_node().is_disabled())
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

/// The name of what is in focus.
fn focused(harness: &Harness<'_, Scene>) -> Option<String> {
    [Role::Button, Role::RadioButton]
        .into_iter()
        .flat_map(|role| harness.query_all(By::new().role(role)).collect::<Vec<_>>())
        .find(|node| node.accesskit_node().is_focused())
        .and_then(|node| node.accesskit_node().label())
}

#[test]
fn every_button_is_reached_by_tab_at_every_size() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0), (480.0, 800.0)] {
        for name in samples::NAMES.into_iter().filter(|name| *name != "hand") {
            let mut harness = harness(width, height, Scene::sample(name));
            let all = buttons(&harness);
            let mut reached = Vec::new();
            for _ in 0..all.len() + 3 {
                reached.extend(focused(&harness));
                harness.key_press(Key::Tab);
                harness.run_steps(3);
            }
            for button in &all {
                assert!(reached.contains(button), "{name} at {width}: {button} in {reached:?}");
            }
            assert!(name == "loading" || !all.is_empty(), "{name} has nothing to press");
        }
    }
}

#[test]
fn arrows_go_through_the_title_and_enter_presses() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Title));
    assert_eq!(focused(&harness).as_deref(), Some("Play"));
    harness.run_steps(20);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    assert_eq!(focused(&harness).as_deref(), Some("Options"));
    assert_eq!(harness.state().heard(Sound::UiMove), 1, "{:?}", harness.state().actions);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().asked(), [&ShellAction::Go(GamePhase::Choose)]);
    assert_eq!(harness.state().heard(Sound::UiSelect), 1);
}

#[test]
fn arrows_reach_every_card_and_the_way_back() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Choose));
    let mut way = Vec::new();
    for key in [Key::ArrowRight, Key::ArrowDown, Key::ArrowLeft, Key::ArrowUp, Key::ArrowUp] {
        harness.key_press(key);
        harness.run_steps(3);
        way.extend(focused(&harness));
    }
    assert_eq!(way, ["Repetitions", "Balloons", "Dance", "Ball Storm", "Back"]);
}

#[test]
fn a_gamepad_moves_and_presses_and_goes_back() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Title));
    let pad = |harness: &mut Harness<'static, Scene>, pad: PadInput| {
        harness.state_mut().model.pad = pad;
        harness.step();
        harness.state_mut().model.pad = PadInput::default();
        harness.run_steps(3);
    };
    pad(&mut harness, PadInput { way: Some(Way::Down), ..PadInput::default() });
    assert_eq!(focused(&harness).as_deref(), Some("Options"));
    pad(&mut harness, PadInput { press: true, ..PadInput::default() });
    assert_eq!(harness.state().model.phase, GamePhase::Options);
    pad(&mut harness, PadInput { back: true, ..PadInput::default() });
    assert_eq!(harness.state().model.phase, GamePhase::Title, "back to where the options were opened");
}

#[test]
fn escape_goes_back_and_pauses() {
    for (phase, expected) in [
        (GamePhase::Loading, ShellAction::Go(GamePhase::Off)),
        (GamePhase::Title, ShellAction::Go(GamePhase::Off)),
        (GamePhase::Choose, ShellAction::Go(GamePhase::Title)),
        (GamePhase::Setup, ShellAction::Go(GamePhase::Choose)),
        (GamePhase::Calibrate, ShellAction::Go(GamePhase::Setup)),
        (GamePhase::Create, ShellAction::Go(GamePhase::Setup)),
        (GamePhase::Results, ShellAction::Go(GamePhase::Choose)),
        (GamePhase::Options, ShellAction::Go(GamePhase::Title)),
        (GamePhase::Playing, ShellAction::Pause),
        (GamePhase::Paused, ShellAction::Resume),
    ] {
        let mut harness = harness(1280.0, 720.0, Scene::of(phase));
        harness.key_press(Key::Escape);
        harness.run_steps(3);
        assert_eq!(harness.state().asked(), [&expected], "{phase:?}");
    }
}

#[test]
fn p_and_start_pause_and_go_on() {
    let mut harness = harness(1280.0, 720.0, Scene::sample("playing"));
    harness.key_press(Key::P);
    harness.run_steps(3);
    assert_eq!(harness.state().asked(), [&ShellAction::Pause]);
    assert_eq!(harness.state().heard(Sound::Pause), 1);
    harness.state_mut().model.phase = GamePhase::Paused;
    harness.state_mut().model.pad.pause = true;
    harness.step();
    assert_eq!(harness.state().asked().last(), Some(&&ShellAction::Resume));
}

#[test]
fn nothing_is_in_focus_while_a_match_runs() {
    let mut harness = harness(1280.0, 720.0, Scene::sample("playing"));
    assert_eq!(focused(&harness), None);
    harness.key_press(Key::Space);
    harness.run_steps(3);
    assert!(harness.state().asked().is_empty(), "a jump on the keyboard pauses nothing");
}

#[test]
fn the_way_through_all_screens_ends_in_a_match() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Title));
    for name in ["Play", "Repetitions", "Hard", "2 players", "Exercise 2, against the clock", "Start", "Skip"] {
        harness.get_by_label(name).click();
        harness.run_steps(4);
    }
    let start = ShellAction::Start { game: "repetitions", choice: "exercise_2".to_owned() };
    assert_eq!(harness.state().asked().last(), Some(&&start));
    assert_eq!(harness.state().model.settings.players, 2);
    assert_eq!(harness.state().model.settings.difficulty, livedance::motion::Difficulty::Hard);
}

#[test]
fn a_choice_is_as_hard_as_it_is_meant_until_the_player_says_otherwise() {
    let mut scene = Scene::of(GamePhase::Setup);
    scene.state.game = 1;
    scene.model.games[1].choices[1].difficulty = Some(Difficulty::Hard);
    let mut harness = harness(1280.0, 720.0, scene);
    let shown = |harness: &Harness<'_, Scene>| {
        let Scene { model, state, .. } = harness.state();
        let difficulty = state.difficulty(&model.games[1], &model.settings);
        let button = harness.get_by_label(difficulty.title()).accesskit_node().toggled();
        assert_eq!(button, Some(Toggled::True), "what is meant is seen");
        difficulty
    };
    assert_eq!(shown(&harness), Difficulty::Normal, "as the last time");
    for (pressed, meant) in [
        ("Exercise 2, against the clock", Difficulty::Hard),
        ("Exercise 1, against the clock", Difficulty::Normal),
        ("Easy", Difficulty::Easy),
        ("Exercise 2, against the clock", Difficulty::Easy),
    ] {
        harness.get_by_label(pressed).click();
        harness.run_steps(4);
        assert_eq!(shown(&harness), meant, "after {pressed}");
    }
}

#[test]
fn pages_of_choices_are_turned() {
    let mut scene = Scene::of(GamePhase::Setup);
    scene.state.game = 1;
    let mut harness = harness(1280.0, 720.0, scene);
    assert!(harness.query_by_label("Exercise 9, against the clock").is_none());
    for _ in 0..4 {
        if let Some(next) = harness.query_by_label("Next page").filter(|node| !node.accesskit_node().is_disabled()) {
            next.click();
        }
        harness.run_steps(3);
    }
    harness.get_by_label("Exercise 9, against the clock").click();
    harness.run_steps(3);
    assert_eq!(harness.state().state.choice, 8);
}

#[test]
fn options_change_what_is_kept() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Options));
    let before = harness.state().model.settings;
    for name in [
        "More: music",
        "Less: sounds",
        "Less: holding a hand still",
        "Show sounds in words",
        "Less motion",
        "High contrast",
    ] {
        harness.get_by_label(name).click();
        harness.run_steps(3);
    }
    let after = harness.state().model.settings;
    assert!(after.music > before.music && after.effects < before.effects && after.dwell_s < before.dwell_s);
    assert!(after.captions != before.captions && after.reduced_motion != before.reduced_motion);
    assert_ne!(after.palette, before.palette);
    for _ in 0..30 {
        for name in ["Less: holding a hand still", "More: music"] {
            harness.get_by_label(name).click();
            harness.run_steps(2);
        }
    }
    let ends = harness.state().model.settings;
    assert!((ends.dwell_s - 0.5).abs() < 1e-6 && (ends.music - 1.0).abs() < 1e-6, "{ends:?}");
}
