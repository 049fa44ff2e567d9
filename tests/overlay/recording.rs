//! The button that records, and the list of takes.

use std::path::PathBuf;

use bevy_egui::egui::{Key, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::{
    Action, ExportForm, ExportView, LibraryView, RecordingView, TakeFigure, TakeRequest, TakeStateView, TakeView,
};

use livedance::export::Format;

use crate::fixture::{Scene, bones, harness, harness_of, model};

fn recording(view: RecordingView) -> Harness<'static, Scene> {
    let mut scene = Scene::new(model());
    scene.model.recording = view;
    harness(scene)
}

fn take(name: &str, state: TakeStateView) -> TakeView {
    TakeView {
        path: PathBuf::from(format!("/takes/{name}.ldt")),
        name: name.to_owned(),
        notes: String::new(),
        recorded: "2026-03-14 09:26:53".to_owned(),
        duration_s: 75.0,
        frames: 2250,
        people: 2,
        bytes: 3_400_000,
        state,
        figure: Some(TakeFigure { lines: vec![([pos2(0.1, 0.1), pos2(0.9, 0.9)], 1.0)] }),
    }
}

/// The list, open, without a picture beside it.
fn library(takes: Vec<TakeView>) -> Harness<'static, Scene> {
    let mut scene = Scene::new(model());
    scene.model.people.clear();
    scene.model.library =
        LibraryView { folder: PathBuf::from("/takes"), takes: takes.into(), ..LibraryView::default() };
    scene.state.library.open = true;
    harness_of(1280.0, 900.0, scene)
}

#[test]
fn the_button_records_and_stops() {
    let mut harness = recording(RecordingView::Idle);
    harness.get_by_label("Record").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::ToggleRecording]);
    harness.state_mut().model.recording = RecordingView::Recording { seconds: 75.4, bytes: 1_250_000, lost: 0 };
    // The bar is wider now, and stands in the middle again one frame later.
    harness.run_steps(3);
    assert!(harness.query_by_label("1:15").is_some() && harness.query_by_label("1.2 MB").is_some());
    assert!(harness.query_by_label("Record").is_none());
    harness.get_by_label("Stop").click();
    harness.step();
    harness.step();
    assert_eq!(harness.state().actions, [Action::ToggleRecording, Action::ToggleRecording]);
    harness.state_mut().model.recording = RecordingView::Finishing;
    harness.step();
    assert!(harness.query_by_label("Saving the take").is_some());
}

#[test]
fn frames_that_were_lost_are_told() {
    let mut harness = recording(RecordingView::Idle);
    harness.state_mut().model.recording = RecordingView::Recording { seconds: 1.0, bytes: 10, lost: 7 };
    harness.step();
    assert!(harness.query_by_label("7 lost").is_some());
}

#[test]
fn nothing_is_recorded_without_a_source() {
    let mut harness = recording(RecordingView::Unavailable { why: "there is no source" });
    harness.get_by_label("Record").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
}

#[test]
fn the_countdown_is_large_and_can_be_cancelled() {
    let mut harness = recording(RecordingView::Idle);
    for (left_s, text) in [(3.0, "3"), (2.4, "3"), (0.2, "1"), (f64::NAN, "1")] {
        harness.state_mut().model.recording = RecordingView::Countdown { left_s };
        harness.step();
        harness.step();
        assert!(harness.get_by_label(text).rect().height() > 100.0, "{left_s}");
    }
    harness.get_by_label("Cancel").click();
    harness.step();
    harness.step();
    assert_eq!(harness.state().actions, [Action::ToggleRecording]);
}

#[test]
fn a_hidden_interface_says_nothing_of_a_recording() {
    let mut scene = Scene::new(model());
    scene.model.recording = RecordingView::Recording { seconds: 75.4, bytes: 1_250_000, lost: 0 };
    scene.state.visible = false;
    let harness = harness_of(1280.0, 720.0, scene);
    assert!(harness.query_by_label("1:15").is_none() && harness.query_by_label("Stop").is_none());
}

#[test]
fn the_list_says_what_is_there() {
    let broken = TakeStateView::Broken { reason: "/takes/bad.ldt is not a take".to_owned() };
    let mut takes =
        vec![take("waltz", TakeStateView::Whole), take("tango", TakeStateView::Recovered), take("bad", broken)];
    takes[0].notes = "the slow one".to_owned();
    let harness = library(takes);
    let facts = "1:15  ·  2 people  ·  2250 frames  ·  3.4 MB  ·  2026-03-14 09:26:53";
    assert_eq!(harness.query_all_by_label(facts).count(), 3);
    for text in ["waltz", "the slow one", "Recovered, up to 1:15", "/takes/bad.ldt is not a take"] {
        assert!(harness.query_by_label(text).is_some(), "{text} is not on the screen");
    }
    assert!(harness.query_by_label("Open bad").is_none() && harness.query_by_label("Delete bad").is_some());
    assert_eq!(bones(&harness).len(), 3, "a little skeleton each");
}

#[test]
fn an_empty_list_says_how_to_record() {
    let harness = library(Vec::new());
    assert!(harness.query_by_label("No takes yet: R records what is tracked.").is_some());
}

#[test]
fn a_take_is_opened_as_a_source() {
    let mut harness = library(vec![take("waltz", TakeStateView::Whole)]);
    harness.get_by_label("Open waltz").click();
    harness.run();
    harness.get_by_label("Show waltz").click();
    harness.run();
    let path = PathBuf::from("/takes/waltz.ldt");
    assert_eq!(
        harness.state().actions,
        [Action::SetSource("/takes/waltz.ldt".to_owned()), Action::Takes(TakeRequest::Reveal(path))]
    );
}

#[test]
fn a_take_is_renamed() {
    let mut harness = library(vec![take("waltz", TakeStateView::Whole), take("tango", TakeStateView::Whole)]);
    harness.get_by_label("Rename waltz").click();
    harness.run();
    harness.get_by_label("Name of the take").focus();
    harness.run();
    harness.get_by_label("Name of the take").type_text(" in May");
    // Letters are letters while somebody writes.
    harness.key_press(Key::R);
    harness.run();
    assert!(harness.state().actions.is_empty(), "{:?}", harness.state().actions);
    harness.key_press(Key::Enter);
    harness.run();
    let [Action::Takes(TakeRequest::Rename { path, name })] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!(*path, PathBuf::from("/takes/waltz.ldt"));
    assert!(name.contains("waltz") && name.contains("in May"), "{name}");
    assert!(harness.query_by_label("Name of the take").is_none());
}

#[test]
fn notes_are_written() {
    let mut harness = library(vec![take("waltz", TakeStateView::Whole)]);
    harness.get_by_label("Notes waltz").click();
    harness.run();
    harness.get_by_label("Notes on the take").focus();
    harness.run();
    harness.get_by_label("Notes on the take").type_text("knees!");
    harness.run();
    harness.get_by_label("Save").click();
    harness.run();
    let (path, notes) = (PathBuf::from("/takes/waltz.ldt"), "knees!".to_owned());
    assert_eq!(harness.state().actions, [Action::Takes(TakeRequest::Annotate { path, notes })]);
}

#[test]
fn deleting_asks_first() {
    let mut harness = library(vec![take("waltz", TakeStateView::Whole)]);
    harness.get_by_label("Delete waltz").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
    assert!(harness.query_by_label("Move “waltz” to the bin?").is_some());
    harness.get_by_label("Cancel").click();
    harness.run();
    assert!(harness.state().actions.is_empty() && harness.query_by_label("Move to the bin").is_none());
    harness.get_by_label("Delete waltz").click();
    harness.run();
    harness.get_by_label("Move to the bin").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Takes(TakeRequest::Delete(PathBuf::from("/takes/waltz.ldt")))]);
}

#[test]
fn the_take_that_is_recorded_is_left_alone() {
    let mut scene = Scene::new(model());
    scene.model.library = LibraryView {
        takes: vec![take("waltz", TakeStateView::Recovered)].into(),
        recording: Some(PathBuf::from("/takes/waltz.ldt")),
        ..LibraryView::default()
    };
    scene.state.library.open = true;
    let harness = harness(scene);
    assert!(harness.query_by_label("Being recorded").is_some());
    assert!(harness.query_by_label("Delete waltz").is_none() && harness.query_by_label("Rename waltz").is_none());
}

#[test]
fn a_take_is_exported_to_what_was_chosen() {
    let mut harness = library(vec![take("waltz", TakeStateView::Whole)]);
    harness.get_by_label("Export waltz").click();
    harness.run();
    for format in ["GLB", "C3D"] {
        harness.get_by_label(format).click();
        harness.run();
    }
    harness.get_by_label("Export now").click();
    harness.run();
    let form = ExportForm { formats: vec![Format::Bvh, Format::C3d], fps: None, smooth: true };
    let path = PathBuf::from("/takes/waltz.ldt");
    assert_eq!(harness.state().actions, [Action::Takes(TakeRequest::Export { path: path.clone(), form })]);
    assert!(harness.query_by_label("Export now").is_none());

    let mut export = ExportView {
        take: path,
        folder: PathBuf::from("/takes/exports"),
        progress: Some(0.4),
        outcome: Ok(String::new()),
    };
    harness.state_mut().model.library.export = Some(export.clone());
    harness.run();
    assert!(harness.query_by_label_contains("Exporting").is_some());
    export.progress = None;
    export.outcome = Err("the disk is full".to_owned());
    harness.state_mut().model.library.export = Some(export.clone());
    harness.run();
    assert!(harness.query_by_label("the disk is full").is_some());
    export.outcome = Ok("9 files: 75 frames at 30".to_owned());
    harness.state_mut().model.library.export = Some(export);
    harness.run();
    harness.get_by_label("Show the files").click();
    harness.run();
    let shown = Action::Takes(TakeRequest::Reveal(PathBuf::from("/takes/exports")));
    assert_eq!(harness.state().actions.last(), Some(&shown));
}

#[test]
fn nothing_is_exported_to_no_format() {
    let mut harness = library(vec![take("waltz", TakeStateView::Whole)]);
    harness.get_by_label("Export waltz").click();
    harness.run();
    for format in ["BVH", "GLB"] {
        harness.get_by_label(format).click();
        harness.run();
    }
    harness.get_by_label("Export now").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
}
