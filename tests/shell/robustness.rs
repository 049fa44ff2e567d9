//! Numbers that are none, and more than fits.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use livedance::app::game::shell::{HandView, Missing, samples};
use livedance::app::game::{GamePhase, PlayerResult};

use crate::fixture::{Scene, harness, texts};

#[test]
fn scores_that_are_no_numbers_are_shown_as_a_dash() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut scene = Scene::sample("results-four");
        let results = scene.model.results.as_mut().expect("results");
        for player in &mut results.result.players {
            let percent = Some(number as f32);
            *player = PlayerResult { points: number, percent, stars: 77, ..PlayerResult::default() };
        }
        for score in &mut results.table {
            score.points = number;
        }
        let harness = harness(1280.0, 720.0, scene);
        let texts = texts(&harness);
        assert!(texts.iter().any(|text| text.words == "–"));
        assert!(!texts.iter().any(|text| text.words.contains("NaN") || text.words.contains("inf")));
    }
}

#[test]
fn a_game_whose_numbers_are_none_is_shown() {
    let mut model = Scene::sample("four").model;
    for score in &mut model.board.players {
        score.points = f64::NAN;
        score.combo = u32::MAX;
        score.line = "a very long line beside the points that does not fit at all".repeat(5);
    }
    model.hud.progress = Some(f32::NAN);
    model.hud.left_s = Some(f32::NAN);
    model.hud.hearts = Some([u32::MAX; 4]);
    model.hud.headline_s = f64::NAN;
    for player in &mut model.players {
        player.across = Some(f32::NAN);
        player.held = f32::NAN;
    }
    model.hand = Some(HandView { at: [f32::NAN, 0.5], is_right: false });
    if let Some(current) = &mut model.current {
        current.wait_s = f64::INFINITY;
        current.players = 99;
    }
    model.missing = Some(Missing { player: 3, waits: false });
    for (width, height) in [(1280.0, 720.0), (480.0, 800.0), (10.0, 10.0)] {
        let harness = harness(width, height, Scene { model: model.clone(), ..Scene::of(GamePhase::Playing) });
        let words: Vec<String> = texts(&harness).into_iter().map(|text| text.words).collect();
        assert!(
            words.iter().filter(|words| *words == "–").count() >= 5,
            "four players' points and the time: {words:?}"
        );
    }
}

#[test]
fn long_advice_scrolls_and_is_all_there() {
    let mut harness = harness(1280.0, 720.0, Scene::sample("advice"));
    for _ in 0..6 {
        if let Some(down) = harness.query_by_label("Scroll down: result") {
            down.click();
        }
        harness.run_steps(30);
    }
    let lowest = lowest_advice(&harness).expect("advice");
    assert!(lowest.0 <= lowest.1 + 0.5, "the last line is seen in the end: {lowest:?}");
    assert!(harness.query_by_label("Play again").is_some(), "and the buttons stay");
}

/// The lower edges of the last advice and of what is seen of it.
fn lowest_advice(harness: &Harness<'_, Scene>) -> Option<(f32, f32)> {
    let advice = texts(harness).into_iter().filter(|text| text.words.starts_with("Your left elbow"));
    advice.map(|text| (text.rect.bottom(), text.clip.bottom())).max_by(|a, b| a.0.total_cmp(&b.0))
}

#[test]
fn screens_without_anything_to_show_say_so_or_are_left() {
    for phase in [GamePhase::Choose, GamePhase::Setup, GamePhase::Calibrate, GamePhase::Results] {
        let mut scene = Scene::of(phase);
        scene.model.games.clear();
        let harness = harness(1280.0, 720.0, scene);
        assert!(harness.query_by_label("Back").is_some(), "{phase:?}");
    }
    let mut scene = Scene::of(GamePhase::Setup);
    (scene.state.game, scene.state.choice) = (99, 99);
    assert!(harness(1280.0, 720.0, scene).query_by_label("Start").is_some());
}

#[test]
fn windows_of_any_size_are_borne() {
    for name in samples::NAMES {
        for (width, height) in [(1.0, 1.0), (40.0, 900.0), (3000.0, 60.0), (7680.0, 4320.0)] {
            harness(width, height, Scene::sample(name));
        }
    }
}
