//! The transport of takes and clips, and the plots.

use std::sync::Arc;

use bevy_egui::egui::{self, Key, PointerButton, Pos2, Rect, Shape, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use livedance::app::overlay::TimelineAction as T;
use livedance::app::overlay::{Action, OverlayModel, PlotsView, SourceStateView};
use livedance::motion::angle::{JointAngle, joint_angles};
use livedance::motion::angle_series::AngleSeries;

use crate::fixture::{Scene, file_model, harness, harness_of, model, person, shapes, take_model};

fn timeline_actions(scene: &Scene) -> Vec<T> {
    let timeline = |action: &Action| match action {
        Action::Timeline(action) => Some(*action),
        _ => None,
    };
    scene.actions.iter().filter_map(timeline).collect()
}

/// Presses at one place, drags to another, and lets go.
fn drag(harness: &mut Harness<'_, Scene>, from: Pos2, to: Pos2) {
    let modifiers = egui::Modifiers::NONE;
    let button = |pos, pressed| egui::Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers };
    harness.event(egui::Event::PointerMoved(from));
    harness.step();
    harness.event(button(from, true));
    harness.step();
    for step in 1..=4 {
        harness.event(egui::Event::PointerMoved(from.lerp(to, step as f32 / 4.0)));
        harness.step();
    }
    harness.event(button(to, false));
    harness.step();
}

#[test]
fn only_recordings_have_a_transport() {
    for (model, has) in [(model(), false), (file_model(), false), (take_model(), true)] {
        let harness = harness(Scene::new(model));
        assert_eq!(harness.query_by_label("Place in the recording").is_some(), has);
        assert_eq!(harness.query_by_label("Next frame").is_some(), has);
    }
}

#[test]
fn time_and_frame_are_written_out() {
    let harness = harness(Scene::new(take_model()));
    assert!(harness.query_by_label("0:02.00 / 0:08.00").is_some());
    assert!(harness.query_by_label("frame 61 of 240").is_some());
}

#[test]
fn buttons_and_keys_ask_for_the_same() {
    for (label, key, asked) in [("Previous frame", Key::Comma, T::Step(-1)), ("Next frame", Key::Period, T::Step(1))] {
        let mut harness = harness(Scene::new(take_model()));
        harness.get_by_label(label).click();
        harness.run();
        harness.key_press(key);
        harness.run();
        assert_eq!(timeline_actions(harness.state()), [asked, asked], "{label}");
    }
    let mut harness = harness(Scene::new(take_model()));
    harness.get_by_label("Pause").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::SetPaused(true)]);
    harness.state_mut().model.source.state = SourceStateView::Paused;
    harness.run();
    harness.get_by_label("Play").click();
    harness.run();
    assert_eq!(harness.state().actions.last(), Some(&Action::SetPaused(false)));
}

#[test]
fn loop_and_range_are_asked_for() {
    let mut harness = harness(Scene::new(take_model()));
    for (label, asked) in [
        ("Loop", T::SetLooping(false)),
        ("From here", T::SetRange(2.0, 8.0)),
        ("To here", T::SetRange(0.0, 2.0)),
        ("Save part…", T::Trim),
    ] {
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(timeline_actions(harness.state()).last(), Some(&asked), "{label}");
    }
    harness.state_mut().model.timeline.as_mut().expect("a timeline").range_s = (1.0, 3.0);
    harness.run();
    harness.get_by_label("All").click();
    harness.run();
    assert_eq!(timeline_actions(harness.state()).last(), Some(&T::SetRange(0.0, 8.0)));
}

#[test]
fn a_speed_is_chosen_from_a_menu() {
    let mut harness = harness(Scene::new(take_model()));
    harness.get_by_label("Speed").click();
    harness.run();
    harness.get_by_label("0.25×").click();
    harness.run();
    assert_eq!(timeline_actions(harness.state()), [T::SetSpeed(0.25)]);
}

#[test]
fn a_clip_cannot_be_cut() {
    let mut model = take_model();
    model.timeline.as_mut().expect("a timeline").can_trim = false;
    assert!(harness(Scene::new(model)).query_by_label("Save part…").is_none());
}

#[test]
fn the_slider_goes_where_it_is_dragged() {
    let mut harness = harness(Scene::new(take_model()));
    let slider = harness.get_by_label("Place in the recording").rect();
    drag(&mut harness, slider.center(), pos2(slider.right() - 10.0, slider.center().y));
    let sought: Vec<f64> = timeline_actions(harness.state())
        .iter()
        .map(|action| match action {
            T::Seek(time_s) => *time_s,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!((sought[0] - 4.0).abs() < 0.05, "{sought:?}");
    assert!((sought[sought.len() - 1] - 8.0).abs() < 0.05, "{sought:?}");
    assert!(sought.is_sorted() && sought.len() >= 4, "a picture at every place: {sought:?}");
}

#[test]
fn the_ends_of_the_range_are_dragged_and_never_cross() {
    let mut harness = harness(Scene::new(take_model()));
    let slider = harness.get_by_label("Place in the recording").rect();
    let (from, to) =
        (harness.get_by_label("Start of the range").rect(), harness.get_by_label("End of the range").rect());
    drag(&mut harness, from.center(), slider.center());
    let last = timeline_actions(harness.state()).last().copied();
    let Some(T::SetRange(start, end)) = last else { panic!("{last:?}") };
    assert!((start - 4.0).abs() < 0.1 && (end - 8.0).abs() < 1e-9, "{start} {end}");
    harness.state_mut().model.timeline.as_mut().expect("a timeline").range_s = (4.0, 8.0);
    harness.run();
    drag(&mut harness, to.center(), pos2(slider.left(), slider.center().y));
    let last = timeline_actions(harness.state()).last().copied();
    assert_eq!(last, Some(T::SetRange(4.0, 4.0)));
}

/// A series of ten seconds that begins at `start_s`; in its middle the elbow is hidden.
fn series(start_s: f64) -> Arc<AngleSeries> {
    let mut series = AngleSeries::new();
    for frame in 0..300 {
        let mut world = person().world;
        world[15].position.x += 0.002 * frame as f32;
        if (100..150).contains(&frame) {
            world[13].visibility = 0.0;
        }
        series.push(start_s + f64::from(frame) / 30.0, Some(&joint_angles(&world)));
    }
    Arc::new(series)
}

fn plotted(mut model: OverlayModel, plots: PlotsView) -> Scene {
    model.plots = plots;
    let mut scene = Scene::new(model);
    scene.state.plots.open = true;
    scene.state.plots.chosen = JointAngle::ALL.map(|joint| joint == JointAngle::LeftElbow);
    scene
}

fn of_a_take() -> Scene {
    let plots =
        PlotsView { series: Some(series(50.0)), cursor_s: Some(52.0), start_s: Some(50.0), ..PlotsView::default() };
    plotted(take_model(), plots)
}

/// Lines of the colour of the left elbow, by their number of points.
fn curves(harness: &Harness<'_, Scene>) -> Vec<usize> {
    shapes(harness)
        .iter()
        .filter_map(|shape| match shape {
            Shape::Path(path) if path.points.len() > 20 && !path.closed => Some(path.points.len()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_joint_is_drawn_with_a_gap_where_it_is_hidden() {
    let harness = harness(of_a_take());
    assert_eq!(curves(&harness), [100, 150]);
    for label in ["Joint angles over time", "degrees", "min", "now", "max"] {
        assert!(harness.query_by_label(label).is_some(), "{label}");
    }
}

#[test]
fn joints_are_chosen_one_by_one() {
    let mut harness = harness(of_a_take());
    harness.get_by_label("Plot spine").click();
    harness.run();
    assert!(harness.state().state.plots.chosen[JointAngle::Spine as usize]);
    harness.get_by_label("Plot left elbow").click();
    harness.run();
    assert_eq!(curves(&harness), [300], "the spine alone");
}

#[test]
fn a_click_goes_to_the_moment() {
    let mut harness = harness(of_a_take());
    let plot = harness.get_by_label("Joint angles over time").rect();
    drag(&mut harness, plot.center(), plot.center() + vec2(1.0, 0.0));
    let asked = timeline_actions(harness.state());
    let Some(T::Seek(time_s)) = asked.first() else { panic!("{asked:?}") };
    assert!((3.0..7.0).contains(time_s), "{time_s}");

    let plots = PlotsView { series: Some(series(50.0)), cursor_s: Some(52.0), ..PlotsView::default() };
    let mut live = self::harness(plotted(model(), plots));
    let plot = live.get_by_label("Joint angles over time").rect();
    drag(&mut live, plot.center(), plot.center() + vec2(1.0, 0.0));
    assert!(live.state().actions.is_empty(), "nobody goes back before a camera");
}

#[test]
fn what_is_not_there_yet_is_told() {
    let progress = PlotsView { progress: Some(0.37), ..PlotsView::default() };
    let harness = harness(plotted(take_model(), progress));
    assert!(harness.query_by_label("Measuring the whole take: 37 %").is_some());
    let broken = PlotsView { message: Some("This take cannot be read.".into()), ..PlotsView::default() };
    assert!(self::harness(plotted(take_model(), broken)).query_by_label("This take cannot be read.").is_some());
}

#[test]
fn a_long_take_costs_what_can_be_seen() {
    let mut long = AngleSeries::new();
    let angles = joint_angles(&person().world);
    for frame in 0..18_000 {
        long.push(f64::from(frame) / 30.0, Some(&angles));
    }
    let plots = PlotsView { series: Some(Arc::new(long)), start_s: Some(0.0), ..PlotsView::default() };
    let mut scene = plotted(take_model(), plots);
    scene.state.plots.chosen = [true; 14];
    let harness = harness(scene);
    assert!(curves(&harness).iter().all(|points| *points < 4_000), "{:?}", curves(&harness));
}

#[test]
fn everything_lies_inside_the_window() {
    for (width, height) in [(1920.0, 1080.0), (1280.0, 720.0), (800.0, 600.0)] {
        let harness = harness_of(width, height, of_a_take());
        let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
        for label in ["Pause", "Next frame", "Loop", "Save part…", "Place in the recording", "Joint angles over time"]
        {
            let rect = harness.get_by_label(label).rect();
            assert!(window.contains_rect(rect), "{label} at {width} × {height}: {rect}");
        }
    }
    for (width, height) in [(1.0, 1.0), (40.0, 2000.0), (2000.0, 12.0), (320.0, 240.0)] {
        harness_of(width, height, of_a_take()).run_steps(3);
    }
}

#[test]
fn wild_numbers_do_no_harm() {
    let mut scene = of_a_take();
    let timeline = scene.model.timeline.as_mut().expect("a timeline");
    (timeline.position_s, timeline.duration_s) = (f64::NAN, f64::INFINITY);
    (timeline.range_s, timeline.speed) = ((f64::NAN, -1.0), f64::NAN);
    (timeline.frame, timeline.frames) = (usize::MAX - 1, 0);
    scene.model.plots.cursor_s = Some(f64::NAN);
    let mut harness = harness(scene);
    harness.run_steps(3);
    assert!(harness.query_by_label("Next frame").is_some());
}
