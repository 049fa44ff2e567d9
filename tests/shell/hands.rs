//! A hand that rests on a button.

use bevy_egui::egui::pos2;
use egui_kittest::kittest::Queryable as _;
use livedance::app::game::shell::ShellAction;
use livedance::app::game::{GamePhase, Sound};

use crate::fixture::{Scene, harness, hold};

#[test]
fn a_resting_hand_presses_once() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Title));
    let play = harness.get_by_label("Play").rect().center();
    // The screen has just come: nothing is meant yet.
    hold(&mut harness, pos2(900.0, 100.0), 1.2);
    hold(&mut harness, play, 0.9);
    assert!(harness.state().asked().is_empty(), "1.2 seconds are not over");
    assert!(harness.state().state.dwelt() > 0.5);
    assert_eq!(harness.state().heard(Sound::Dwell), 1);
    hold(&mut harness, play, 0.6);
    assert_eq!(harness.state().asked(), [&ShellAction::Go(GamePhase::Choose)]);
    assert_eq!(harness.state().heard(Sound::UiSelect), 1);
}

#[test]
fn a_hand_that_leaves_presses_nothing() {
    let mut harness = harness(1280.0, 720.0, Scene::of(GamePhase::Title));
    let play = harness.get_by_label("Play").rect().center();
    hold(&mut harness, pos2(900.0, 100.0), 1.2);
    for _ in 0..3 {
        hold(&mut harness, play, 0.9);
        hold(&mut harness, pos2(900.0, 100.0), 0.4);
        assert!(harness.state().state.dwelt() <= 0.0);
    }
    assert!(harness.state().asked().is_empty());
}

#[test]
fn the_pause_button_takes_two_seconds() {
    let mut harness = harness(1280.0, 720.0, Scene::sample("playing"));
    let pause = harness.get_by_label("Pause").rect().center();
    hold(&mut harness, pos2(640.0, 360.0), 1.2);
    hold(&mut harness, pause, 1.8);
    assert!(harness.state().asked().is_empty());
    hold(&mut harness, pause, 0.4);
    assert_eq!(harness.state().asked(), [&ShellAction::Pause]);
}

#[test]
fn a_hand_scrolls_what_does_not_fit() {
    let mut harness = harness(480.0, 800.0, Scene::sample("advice"));
    let arrow = harness.get_by_label("Scroll down: results").rect().center();
    let before = harness.get_by_label("For the next time").rect().top();
    hold(&mut harness, pos2(10.0, 10.0), 1.2);
    hold(&mut harness, arrow, 1.5);
    harness.run_steps(40);
    let after = harness.get_by_label("For the next time").rect().top();
    assert!(after < before - 100.0, "{before} {after}");
}
