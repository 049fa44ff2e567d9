//! What the panels say.

use bevy_egui::egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::{Action, OverlayState, PerformanceView, SourceStateView, ToastKind};
use livedance::motion::hand::HAND_CONNECTIONS;
use livedance::motion::landmark::{POSE_CONNECTIONS, POSE_LANDMARK_NAMES};
use livedance::pipeline::live::InferenceState;

use crate::fixture::{Scene, bones, file_model, hand, hand_bones, harness, harness_of, model};

#[test]
fn performance_shows_the_figures_as_given() {
    let harness = harness(Scene::new(model()));
    for figure in [
        "30.0", "28.7", "59.9", "42 ms", "63 ms", "3 %", "22.30", "16.90", "1.25", "0.81", "2.37", "17.42", "0.05",
        "0.11",
    ] {
        assert!(harness.query_by_label(figure).is_some(), "{figure} is not on the screen");
    }
    for name in
        ["decode", "downscale", "detect", "pose", "angles", "smoothing", "model full  ·  12 of 400 frames dropped"]
    {
        assert!(harness.query_by_label(name).is_some(), "{name} is not on the screen");
    }
}

#[test]
fn quality_that_was_given_up_is_told() {
    let told = "Reduced: hands in every second frame";
    assert!(harness(Scene::new(model())).query_by_label(told).is_none());
    let mut slow = model();
    slow.performance.given_up = "hands in every second frame";
    assert!(harness(Scene::new(slow)).query_by_label(told).is_some());
}

#[test]
fn performance_can_be_one_line() {
    let mut harness = harness(Scene::new(model()));
    harness.get_by_label("Compact").click();
    harness.run();
    assert!(harness.state().state.performance.compact);
    assert!(harness.query_by_label("28.7 fps  ·  42 ms  ·  12 dropped").is_some());
    assert!(harness.query_by_label("decode").is_none());
}

#[test]
fn what_was_not_measured_is_a_dash() {
    let mut scene = Scene::new(model());
    scene.model.performance = PerformanceView::default();
    let harness = harness(scene);
    // Three rates, two latencies, the share of dropped frames.
    assert_eq!(harness.query_all_by_label("–").count(), 6);
}

#[test]
fn the_top_bar_names_the_source_and_its_state() {
    let mut harness = harness(Scene::new(model()));
    assert!(harness.query_by_label("Running").is_some());
    assert!(harness.query_by_label("Desk camera  ·  1280 × 720  ·  30 fps").is_some());
    harness.state_mut().model.source.state = SourceStateView::Paused;
    harness.run();
    assert!(harness.query_by_label("Paused").is_some());
}

#[test]
fn a_failed_source_is_told_with_what_can_be_done() {
    let message = "waltz.mp4 holds no video; pick another file";
    let mut scene = Scene::new(file_model());
    scene.model.source.state = SourceStateView::Failed { message: message.to_owned() };
    let mut harness = harness(scene);
    assert!(harness.query_by_label(message).is_some());
    harness.get_by_label("Try again").click();
    harness.run();
    harness.get_by_label("Play the demo").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Reopen, Action::SetSource("demo".to_owned())]);
    harness.state_mut().model.source.state = SourceStateView::Running;
    harness.run();
    assert!(harness.query_by_label(message).is_none());
}

#[test]
fn failed_models_are_told_even_when_the_interface_is_hidden() {
    let message = "ONNX Runtime was not found; run make setup";
    let mut scene = Scene::new(model());
    scene.model.inference = InferenceState::Failed { message: message.to_owned() };
    scene.state.visible = false;
    let harness = harness(scene);
    assert!(harness.query_by_label(message).is_some());
    assert!(harness.query_by_label("Settings").is_none());
}

#[test]
fn a_banner_pushes_the_panels_down_instead_of_covering_them() {
    let mut scene = Scene::new(model());
    scene.model.source.state = SourceStateView::Waiting { message: "the camera was unplugged".to_owned() };
    let harness = harness_of(800.0, 600.0, scene);
    let banner = harness.get_by_label("Play the demo").rect();
    let panel = harness.get_by_role_and_label(Role::Image, "Camera picture with skeleton").rect();
    assert!(banner.bottom() < panel.top(), "{banner} {panel}");
}

#[test]
fn a_lost_camera_and_its_return_are_told_once() {
    let mut harness = harness(Scene::new(model()));
    harness.state_mut().model.source.state = SourceStateView::Waiting { message: "unplugged".to_owned() };
    harness.step();
    harness.step();
    assert_eq!(harness.query_all_by_label("Desk camera was lost").count(), 1);
    harness.state_mut().model.source.state = SourceStateView::Opening;
    harness.step();
    harness.state_mut().model.source.state = SourceStateView::Running;
    harness.step();
    harness.step();
    assert_eq!(harness.query_all_by_label("Desk camera is back").count(), 1);
}

#[test]
fn a_message_goes_by_itself() {
    let mut harness = harness(Scene::new(model()));
    harness.state_mut().state.notify(ToastKind::Success, "Saved to /tmp/pose.json");
    harness.step();
    harness.step();
    assert!(harness.query_by_label("Saved to /tmp/pose.json").is_some());
    // A step is a quarter of a second.
    harness.run_steps(24);
    assert!(harness.query_by_label("Saved to /tmp/pose.json").is_none());
}

#[test]
fn data_lists_every_landmark_and_a_dash_for_hidden_angles() {
    let mut scene = Scene::new(model());
    scene.state.data.open = true;
    let mut harness = harness(scene);
    for name in POSE_LANDMARK_NAMES {
        assert!(harness.query_all_by_label(&name.replace('_', " ")).count() >= 1, "{name} is missing");
    }
    assert!(harness.query_by_label("171.2°").is_some());
    assert!(harness.query_by_label("92.0°").is_some());
    assert_eq!(harness.query_all_by_label("–").count(), 1, "the right elbow has no angle");
    // The last landmark's coordinates.
    for figure in ["+0.32", "+0.80", "-0.16"] {
        assert!(harness.query_all_by_label(figure).count() >= 1, "{figure} is missing");
    }
    harness.get_by_label("Save JSON").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::SaveData]);
}

#[test]
fn data_says_when_nobody_is_there() {
    let mut scene = Scene::new(model());
    scene.state.data.open = true;
    scene.model.people.clear();
    scene.model.angles.clear();
    let harness = harness(scene);
    assert!(harness.query_by_label("Nobody in view").is_some());
    assert!(harness.query_by_label("left knee").is_none());
}

#[test]
fn the_skeleton_lies_on_the_picture_and_turns_with_the_mirror() {
    let mut scene = Scene::new(model());
    scene.model.settings.mirror = false;
    let mut harness = harness(scene);
    let straight = bones(&harness);
    assert_eq!(straight.len(), POSE_CONNECTIONS.len());
    let rect = harness.get_by_role_and_label(Role::Image, "Camera picture with skeleton").rect();
    let nose = &harness.state().model.people[0].image[0].position;
    let expected = rect.left() + nose.x / 1280.0 * rect.width();
    assert!((straight[0].0[0].x - expected).abs() < 1.0, "{} {expected}", straight[0].0[0].x);

    harness.state_mut().model.settings.mirror = true;
    harness.run();
    for ((there, _), (here, _)) in bones(&harness).iter().zip(&straight) {
        assert!((there[0].x - rect.left() - (rect.right() - here[0].x)).abs() < 1.0);
        assert!((there[0].y - here[0].y).abs() < 0.5);
    }
}

#[test]
fn hidden_limbs_are_drawn_fainter() {
    let mut scene = Scene::new(model());
    for index in [15, 13] {
        scene.model.people[0].image[index].visibility = 0.05;
    }
    let harness = harness(scene);
    let place = POSE_CONNECTIONS.iter().position(|pair| *pair == (13, 15)).expect("the forearm");
    let bones = bones(&harness);
    assert_eq!(bones.len(), POSE_CONNECTIONS.len());
    assert!(bones[place].1.a() < 60 && bones[0].1.a() > 240, "{:?} {:?}", bones[place].1, bones[0].1);
}

#[test]
fn hands_are_drawn_in_teal_and_guessed_ones_fainter() {
    let mut scene = Scene::new(model());
    scene.model.people[0].hands.left = Some(hand(0.9, 400.0));
    scene.model.people[0].hands.right = Some(hand(0.3, 700.0));
    let harness = harness(scene);
    let lines = hand_bones(&harness);
    let (seen, guessed) = lines.split_at(HAND_CONNECTIONS.len());
    assert_eq!(guessed.len(), HAND_CONNECTIONS.len());
    assert!(seen.iter().all(|(_, colour)| colour.a() > 240) && guessed.iter().all(|(_, colour)| colour.a() < 120));
    assert_eq!(bones(&harness).len(), POSE_CONNECTIONS.len(), "the body is still there");
}

#[test]
fn hands_without_a_body_are_drawn_and_nobody_is_missed() {
    let mut scene = Scene::new(model());
    scene.model.people.clear();
    scene.model.loose_hands.right = Some(hand(0.8, 500.0));
    let mut harness = harness(scene);
    assert_eq!(hand_bones(&harness).len(), HAND_CONNECTIONS.len());
    assert!(harness.query_by_label("Nobody in view").is_none());
    let here = hand_bones(&harness)[0].0;
    let picture = harness.get_by_role_and_label(Role::Image, "Camera picture with skeleton").rect();
    harness.state_mut().model.settings.mirror = false;
    harness.run();
    let there = hand_bones(&harness)[0].0;
    assert!((picture.right() - here[0].x - (there[0].x - picture.left())).abs() < 1.0, "{here:?} {there:?} {picture}");
}

#[test]
fn the_data_panel_tells_which_hands_are_seen() {
    let mut scene = Scene::new(model());
    scene.state.data.open = true;
    scene.model.people[0].hands.right = Some(hand(0.874, 400.0));
    let mut harness = harness(scene);
    assert!(harness.query_by_label("Left hand not seen  ·  right hand 0.87").is_some());
    harness.state_mut().model.people[0].hands.left = Some(hand(f32::NAN, 600.0));
    harness.run();
    assert!(harness.query_by_label("Left hand –  ·  right hand 0.87").is_some());
}

#[test]
fn an_empty_picture_says_so() {
    let mut scene = Scene::new(model());
    scene.model.people.clear();
    let mut harness = harness(scene);
    assert!(harness.query_by_label("Nobody in view").is_some());
    assert!(bones(&harness).is_empty());
    harness.state_mut().model.inference = InferenceState::Loading;
    harness.run();
    assert!(harness.query_all_by_label("Loading the model").count() >= 1);
}

#[test]
fn a_file_has_a_place_and_can_be_held() {
    let mut harness = harness(Scene::new(file_model()));
    assert!(harness.query_by_label("0:12 / 1:15").is_some());
    assert!(harness.query_by_label("Live").is_none());
    harness.get_by_label("Pause").click();
    harness.run();
    harness.state_mut().model.source.state = SourceStateView::Ended;
    harness.run();
    harness.get_by_label("Play again").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetPaused(true), Action::Reopen]);
}

#[test]
fn each_panel_is_closed_by_its_own_button() {
    let mut scene = Scene::new(model());
    scene.state.data.open = true;
    scene.state.settings.open = true;
    let mut harness = harness_of(1920.0, 1080.0, scene);
    let open =
        |state: &OverlayState| [state.picture.open, state.performance.open, state.data.open, state.settings.open];
    for (index, name) in ["picture", "performance", "data", "settings"].iter().enumerate() {
        harness.get_by_label(&format!("Close {name}")).click();
        harness.run();
        assert!(!open(&harness.state().state)[index], "{name} is still open");
    }
    assert!(harness.state().state.scene_rect.width() > 1899.0, "the scene has the whole window");
}

#[test]
fn the_line_for_newcomers_can_be_dismissed() {
    let mut harness = harness(Scene::new(model()));
    harness.get_by_label("Got it").click();
    harness.run();
    assert!(harness.query_by_label("New here?").is_none());
}
