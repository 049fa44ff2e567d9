//! Nothing that comes in makes the overlay panic or hide its controls.

use bevy_egui::egui::{Pos2, Rect, vec2};
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::{AngleView, OverlayModel, SourceStateView};
use livedance::frame::Timings;
use livedance::settings::{Settings, SmoothingMode};

use crate::fixture::{Scene, bones, file_model, harness_of, model};

/// Everything open at once.
fn everything(model: OverlayModel) -> Scene {
    let mut scene = Scene::new(model);
    scene.state.data.open = true;
    scene.state.settings.open = true;
    scene.state.help.open = true;
    scene
}

#[test]
fn a_model_of_nothing_is_shown() {
    let mut harness = harness_of(1280.0, 720.0, everything(OverlayModel::default()));
    harness.step();
    assert!(harness.query_by_label("Opening").is_some());
}

#[test]
fn values_that_are_no_numbers_become_dashes() {
    let mut model = file_model();
    let nan = f32::NAN;
    model.source.position_s = f64::NAN;
    model.source.fps = Some(f64::INFINITY);
    for rate in [
        &mut model.performance.capture_fps,
        &mut model.performance.inference_fps,
        &mut model.performance.latency_p50_ms,
        &mut model.performance.latency_p95_ms,
    ] {
        *rate = Some(nan);
    }
    model.performance.render_fps = Some(f32::INFINITY);
    model.performance.stages = Timings {
        decode: nan,
        downscale: -1.0,
        detect: f32::INFINITY,
        pose: nan,
        angles: nan,
        smoothing: nan,
        ..Timings::default()
    };
    model.angles = vec![AngleView { name: "neck", degrees: Some(nan) }];
    let person = &mut model.people[0];
    for landmark in person.image.iter_mut().chain(&mut person.world) {
        landmark.position = glam::Vec3::splat(nan);
        landmark.visibility = nan;
    }
    let mut harness = harness_of(1280.0, 720.0, everything(model));
    harness.step();
    assert!(bones(&harness).is_empty());
    assert!(harness.query_all_by_label("–").count() > 33 * 3);
    assert!(harness.query_all_by_label_contains("NaN").next().is_none());
    assert!(harness.query_all_by_label_contains("inf").next().is_none());
}

#[test]
fn settings_out_of_their_range_are_shown_and_left_alone() {
    for smoothing in [SmoothingMode::Ema, SmoothingMode::OneEuro] {
        let mut model = model();
        let nan = f32::NAN;
        model.settings = Settings { smoothing, min_cutoff: nan, beta: nan, alpha: nan, ..Settings::default() };
        model.max_threads = 0;
        let mut harness = harness_of(1280.0, 720.0, everything(model));
        harness.step();
        assert!(harness.state().actions.is_empty());
    }
}

#[test]
fn pictures_of_no_size_are_left_out() {
    for (width, height) in
        [(0.0, 0.0), (0.0, 720.0), (1280.0, 0.0), (f32::NAN, 720.0), (f32::INFINITY, 1.0), (1.0, 1e9)]
    {
        let mut scene = Scene::new(model());
        let picture = scene.model.picture.as_mut().expect("a picture");
        (picture.width, picture.height) = (width, height);
        let mut harness = harness_of(1280.0, 720.0, scene);
        harness.step();
        assert!(harness.query_by_label("Settings").is_some());
    }
}

#[test]
fn tiny_windows_do_no_harm() {
    for (width, height) in [(1.0, 1.0), (40.0, 2000.0), (2000.0, 12.0), (320.0, 240.0)] {
        let mut harness = harness_of(width, height, everything(model()));
        harness.run_steps(3);
        let rect = harness.state().state.scene_rect;
        assert!(rect.width() >= 0.0 && rect.height() >= 0.0 && rect.right() <= width && rect.bottom() <= height);
    }
}

#[test]
fn every_control_lies_inside_ordinary_windows() {
    for (width, height) in [(1920.0, 1080.0), (1280.0, 720.0), (800.0, 600.0)] {
        let mut scene = everything(file_model());
        scene.state.help.open = false;
        scene.model.source.name =
            "a camera with a name that is far too long for any bar at the top of a window".repeat(3);
        let harness = harness_of(width, height, scene);
        let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
        for label in
            ["Picture", "Performance", "Data", "Settings", "Help", "Pause", "Got it", "Save JSON", "Reset", "Compact"]
        {
            let inside = harness.get_all_by_label(label).all(|node| window.contains_rect(node.rect()));
            assert!(inside, "{label} at {width} × {height}");
        }
    }
}

#[test]
fn long_messages_are_wrapped_inside_the_window() {
    let mut scene = Scene::new(model());
    scene.model.source.state = SourceStateView::Failed { message: "no frames came; ".repeat(40) };
    let mut harness = harness_of(800.0, 600.0, scene);
    harness.run();
    let button = harness.get_by_label("Try again").rect();
    assert!(button.right() < 800.0 && button.bottom() < 600.0, "{button}");
}
