//! The app's systems without window and graphics adapter: tracked frames go in through the slot, time is stepped by
//! hand, the bones of the bundled avatar are looked at.

mod avatars;
mod bundled;
mod calibration;
mod faces;
mod one_way;
mod people;
mod recordings;
mod vmc;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bevy::ecs::system::RunSystemOnce;
use bevy::gltf::GltfPlugin;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bevy::world_serialization::WorldSerializationPlugin;
use livedance::app::StudioPlugin;
use livedance::app::avatar::{AvatarState, HumanoidRig, ShownPose, apply_pose};
use livedance::app::metrics::{Metrics, Spread};
use livedance::app::preferences::Preferences;
use livedance::app::schedule::forbid_ambiguities;
use livedance::app::tracking::{HoldLost, LatestTracked, Motion, TrackedSlot};
use livedance::frame::{RgbImage, TrackedFrame};
use livedance::motion::retarget::AvatarPose;
use livedance::motion::skeleton::HumanoidBone;
use livedance::motion::{BodyPose, Hands, Landmark, PoseLandmark as L};
use livedance::pipeline::poser::Poser;
use livedance::settings::{Settings, SmoothingMode};

/// One rendered frame.
const STEP: Duration = Duration::from_nanos(16_666_667);

/// An app with everything but a renderer, its avatar loaded, time still standing.
fn studio(settings: Settings) -> App {
    let assets = livedance::paths::shipped_folder("assets");
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        TransformPlugin,
        AssetPlugin { file_path: assets.to_string_lossy().into_owned(), ..default() },
        WorldSerializationPlugin,
        ImagePlugin::default(),
        bevy::mesh::MeshPlugin,
        AnimationPlugin,
        GltfPlugin::default(),
    ))
    // What the renderer's plugins would register: the avatar's file holds them.
    .init_asset::<StandardMaterial>()
    .register_type::<Visibility>()
    .register_type::<InheritedVisibility>()
    .register_type::<ViewVisibility>()
    .register_type::<bevy::camera::primitives::Aabb>()
    .register_type::<MeshMaterial3d<StandardMaterial>>()
    .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO))
    .insert_resource(Preferences::new(settings, None))
    .add_plugins(StudioPlugin);
    let motion = app.world().resource::<Motion>().0.clone();
    app.insert_resource(Source(Mutex::new(Poser::new(motion))));
    forbid_ambiguities(&mut app);
    app.finish();
    app.cleanup();
    let began = Instant::now();
    while *app.world().resource::<AvatarState>() == AvatarState::Loading {
        assert!(began.elapsed() < Duration::from_mins(1), "the avatar never became ready");
        app.update();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(*app.world().resource::<AvatarState>(), AvatarState::Ready);
    app.insert_resource(TimeUpdateStrategy::ManualDuration(STEP));
    app
}

/// Settings under which landmarks arrive as they are.
fn unsmoothed() -> Settings {
    Settings { smoothing: SmoothingMode::None, ..Settings::default() }
}

/// A person facing the camera: arms hanging unless raised, by side (the person's own left, right).
fn person(raised: [bool; 2]) -> BodyPose {
    let mut world = [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; 33];
    let mut put = |landmark: L, x: f32, y: f32, z: f32| world[landmark as usize].position = Vec3::new(x, y, z);
    put(L::Nose, 0.0, -0.66, -0.12);
    put(L::LeftEye, 0.03, -0.69, -0.10);
    put(L::RightEye, -0.03, -0.69, -0.10);
    put(L::LeftEyeInner, 0.015, -0.69, -0.10);
    put(L::RightEyeInner, -0.015, -0.69, -0.10);
    put(L::LeftEyeOuter, 0.045, -0.69, -0.10);
    put(L::RightEyeOuter, -0.045, -0.69, -0.10);
    put(L::LeftEar, 0.08, -0.67, 0.0);
    put(L::RightEar, -0.08, -0.67, 0.0);
    put(L::MouthLeft, 0.02, -0.61, -0.11);
    put(L::MouthRight, -0.02, -0.61, -0.11);
    let left = [L::LeftShoulder, L::LeftElbow, L::LeftWrist, L::LeftPinky, L::LeftIndex, L::LeftThumb];
    let right = [L::RightShoulder, L::RightElbow, L::RightWrist, L::RightPinky, L::RightIndex, L::RightThumb];
    let left_leg = [L::LeftHip, L::LeftKnee, L::LeftAnkle, L::LeftHeel, L::LeftFootIndex];
    let right_leg = [L::RightHip, L::RightKnee, L::RightAnkle, L::RightHeel, L::RightFootIndex];
    for (side, arm, leg, up) in [(1.0, left, left_leg, raised[0]), (-1.0, right, right_leg, raised[1])] {
        put(arm[0], side * 0.17, -0.50, 0.0);
        // Down along the body, or straight up.
        let way = if up { -1.0 } else { 1.0 };
        put(arm[1], side * 0.20, -0.50 + way * 0.28, 0.0);
        put(arm[2], side * 0.20, -0.50 + way * 0.53, 0.0);
        put(arm[3], side * 0.21, -0.50 + way * 0.60, 0.03);
        put(arm[4], side * 0.21, -0.50 + way * 0.61, -0.02);
        put(arm[5], side * 0.19, -0.50 + way * 0.57, -0.04);
        put(leg[0], side * 0.09, 0.0, 0.0);
        put(leg[1], side * 0.10, 0.42, 0.0);
        put(leg[2], side * 0.10, 0.83, 0.02);
        put(leg[3], side * 0.10, 0.88, 0.06);
        put(leg[4], side * 0.12, 0.90, -0.12);
    }
    BodyPose {
        id: 0,
        is_new: false,
        score: 0.9,
        image: pictured(&world),
        world,
        size_px: 400.0,
        hands: Hands::default(),
    }
}

/// Where a distant camera sees these landmarks.
fn pictured(world: &[Landmark; 33]) -> [Landmark; 33] {
    world.map(|landmark| Landmark { position: Vec3::new(320.0, 240.0, 0.0) + landmark.position * 200.0, ..landmark })
}

fn publish(app: &App, frame_id: u64, time_s: f64, people: Vec<BodyPose>) {
    let picture = Arc::new(RgbImage::new(2, 2, vec![0; 12]).expect("a picture"));
    let empty = TrackedFrame::empty(frame_id, Instant::now(), time_s, picture);
    let frame = TrackedFrame { width: 640, height: 480, people, ..empty };
    let posed = app.world().resource::<Source>().0.lock().expect("no panic").pose(frame);
    app.world().resource::<TrackedSlot>().0.publish(posed);
}

/// What makes the motion of the published frames, as a source would.
#[derive(Resource)]
struct Source(Mutex<Poser>);

/// Runs `seconds` at 60 frames a second with a result every other frame, from `start_s` on the capture clock.
fn play(app: &mut App, start_s: f64, seconds: f64, people: impl Fn(f64) -> Vec<BodyPose>) -> f64 {
    let frames = (seconds * 60.0).round() as u64;
    for frame in 0..frames {
        let time_s = start_s + frame as f64 / 60.0;
        if frame % 2 == 0 {
            publish(app, frame / 2, time_s, people(time_s));
        }
        app.update();
    }
    start_s + frames as f64 / 60.0
}

fn bone_at(app: &mut App, bone: HumanoidBone) -> Vec3 {
    let world = app.world_mut();
    let entity = world.query::<&HumanoidRig>().single(world).expect("one avatar").bones[bone as usize].expect("bone");
    world.get::<GlobalTransform>(entity).expect("a transform").translation()
}

fn shown(app: &mut App) -> AvatarPose {
    let world = app.world_mut();
    world.query::<&ShownPose>().single(world).expect("one avatar").0
}

fn rest(app: &mut App) -> AvatarPose {
    let world = app.world_mut();
    AvatarPose::rest(&world.query::<&HumanoidRig>().single(world).expect("one avatar").rest)
}

/// Largest angle between the bones of two poses, radians.
fn distance(a: &AvatarPose, b: &AvatarPose) -> f32 {
    a.rotations.iter().zip(&b.rotations).map(|(a, b)| a.angle_between(*b)).fold(0.0, f32::max)
}

#[test]
fn three_hundred_frames_run_without_anybody() {
    let mut app = studio(unsmoothed());
    for _ in 0..300 {
        app.update();
    }
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-3);
    let (hand, hips) = (bone_at(&mut app, HumanoidBone::LeftHand), bone_at(&mut app, HumanoidBone::Hips));
    assert!(hand.y < hips.y + 0.15, "arms hang: hand {hand}, hips {hips}");
}

#[test]
fn a_raised_arm_raises_the_avatars_hand() {
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    let (left, right) = (bone_at(&mut app, HumanoidBone::LeftHand), bone_at(&mut app, HumanoidBone::RightHand));
    let head = bone_at(&mut app, HumanoidBone::Head);
    assert!(left.y > head.y, "the left hand is over the head: {left}, head {head}");
    assert!(right.y < 1.1, "the right hand hangs: {right}");
    assert!(left.x > 0.0 && right.x < 0.0, "hands stay on their sides: {left} {right}");
}

#[test]
fn mirroring_switches_sides() {
    let mut app = studio(Settings { mirror: true, ..unsmoothed() });
    let end = play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    let (left, right) = (bone_at(&mut app, HumanoidBone::LeftHand), bone_at(&mut app, HumanoidBone::RightHand));
    assert!(right.y > 1.5 && left.y < 1.1, "in a mirror the person's left arm is the avatar's right: {left} {right}");

    app.world_mut().resource_mut::<Preferences>().settings.mirror = false;
    play(&mut app, end, 2.0, |_| vec![person([true, false])]);
    let (left, right) = (bone_at(&mut app, HumanoidBone::LeftHand), bone_at(&mut app, HumanoidBone::RightHand));
    assert!(left.y > 1.5 && right.y < 1.1, "the change takes effect while running: {left} {right}");
}

#[test]
fn it_eases_to_rest_when_everybody_leaves() {
    let mut app = studio(unsmoothed());
    let end = play(&mut app, 0.0, 2.0, |_| vec![person([true, true])]);
    let tracked = shown(&mut app);
    assert!(distance(&tracked, &rest(&mut app)) > 1.0);
    let end = play(&mut app, end, 0.3, |_| Vec::new());
    let between = shown(&mut app);
    assert!(distance(&between, &tracked) > 0.05 && distance(&between, &rest(&mut app)) > 0.05, "no jump");
    play(&mut app, end, 2.0, |_| Vec::new());
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-2);
    assert!(app.world().resource::<LatestTracked>().people.is_empty());
}

#[test]
fn it_eases_to_rest_when_results_stop_coming() {
    let mut app = studio(unsmoothed());
    play(&mut app, 0.0, 2.0, |_| vec![person([true, true])]);
    for _ in 0..240 {
        app.update();
    }
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-2);
}

#[test]
fn while_a_game_waits_who_is_lost_keeps_their_pose() {
    let mut app = studio(unsmoothed());
    let end = play(&mut app, 0.0, 2.0, |_| vec![person([true, true])]);
    let tracked = shown(&mut app);
    app.insert_resource(HoldLost(true));
    let end = play(&mut app, end, 3.0, |_| Vec::new());
    assert!(distance(&shown(&mut app), &tracked) < 1e-3, "frozen");
    app.insert_resource(HoldLost(false));
    play(&mut app, end, 2.0, |_| Vec::new());
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-2, "and let go");
}

#[test]
fn motion_between_results_is_even() {
    let mut app = studio(unsmoothed());
    // A lean that grows evenly; results at 30 a second, frames at 60.
    let leaning = |time_s: f64| {
        let turn = Quat::from_rotation_z(0.4 * (time_s - 1.0).max(0.0) as f32);
        let mut body = person([false, false]);
        for (index, landmark) in body.world.iter_mut().enumerate() {
            if index < L::LeftHip as usize {
                landmark.position = turn * landmark.position;
            }
        }
        body.image = pictured(&body.world);
        vec![body]
    };
    let mut now = play(&mut app, 0.0, 1.5, leaning);
    let mut steps = Vec::new();
    let mut before = bone_at(&mut app, HumanoidBone::Head);
    for frame in 0..40_u64 {
        if frame % 2 == 0 {
            publish(&app, frame, now, leaning(now));
        }
        now += 1.0 / 60.0;
        app.update();
        let head = bone_at(&mut app, HumanoidBone::Head);
        steps.push(head.distance(before));
        before = head;
    }
    let mean = steps.iter().sum::<f32>() / steps.len() as f32;
    assert!(mean > 0.001, "the head moves: {mean}");
    assert!(steps.iter().all(|step| (step - mean).abs() < 0.5 * mean), "evenly, every frame: {steps:?}");
}

#[test]
fn smoothing_is_changed_while_running() {
    let jump = |time_s: f64| vec![person([time_s >= 1.0, false])];
    let after_jump = |settings: Settings, changed: Option<Settings>| {
        let mut app = studio(Settings { mirror: false, ..settings });
        let now = play(&mut app, 0.0, 1.0, jump);
        if let Some(changed) = changed {
            app.world_mut().resource_mut::<Preferences>().settings = Settings { mirror: false, ..changed };
        }
        play(&mut app, now, 1.0 / 15.0, jump);
        let latest = app.world().resource::<LatestTracked>();
        latest.people[0].world[L::LeftWrist as usize].position.y
    };
    let slow = Settings { smoothing: SmoothingMode::Ema, alpha: 0.05, ..Settings::default() };
    let raised = person([true, false]).world[L::LeftWrist as usize].position.y;
    assert!((after_jump(unsmoothed(), None) - raised).abs() < 1e-4, "without a filter it is there at once");
    assert!((after_jump(slow.clone(), None) - raised).abs() > 0.3, "a slow filter is far behind");
    assert!((after_jump(slow, Some(unsmoothed())) - raised).abs() < 1e-4, "the change takes effect");
}

#[test]
fn a_new_source_whose_clock_starts_anew_is_followed() {
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    play(&mut app, 100.0, 1.0, |_| vec![person([false, false])]);
    play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    assert!(bone_at(&mut app, HumanoidBone::LeftHand).y > 1.5);
}

#[test]
fn changed_settings_are_saved_after_a_rest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("settings.toml");
    let mut app = studio(unsmoothed());
    app.world_mut().resource_mut::<Preferences>().path = Some(path.clone());
    play(&mut app, 0.0, 2.0, |_| Vec::new());
    assert!(!path.exists(), "nothing was changed, nothing is written");
    app.world_mut().resource_mut::<Preferences>().settings.alpha = 0.31;
    play(&mut app, 2.0, 0.2, |_| Vec::new());
    assert!(!path.exists(), "a slider may still be moving");
    play(&mut app, 2.2, 1.5, |_| Vec::new());
    // The filter was given at the start, not changed here.
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "alpha = 0.31\n");
    app.world_mut().resource_mut::<Preferences>().settings.alpha = 0.47;
    app.update();
    app.world_mut().write_message(AppExit::Success);
    app.update();
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "alpha = 0.47\n", "written at once on exit");
}

#[test]
fn figures_count_frames_and_latency() {
    let mut app = studio(unsmoothed());
    let began = Instant::now();
    let mut now = 0.0;
    let figures = loop {
        now = play(&mut app, now, 0.1, |_| vec![person([false, false])]);
        let figures = app.world().resource::<Metrics>().figures;
        if figures.render_fps > 0.0 && figures.latency_ms.is_some() {
            break figures;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no figures came: {figures:?}");
    };
    let latency = figures.latency_ms.expect("results were shown");
    assert!(latency.p50 >= 0.0 && latency.p95 >= latency.p50, "{latency:?}");
    assert!(figures.stages_ms.is_some());
}

/// Prints what pose and avatar systems cost. Says nothing about the machine it runs on, so it asserts no time.
#[test]
#[ignore = "a measurement: cargo test --test app cost_of -- --ignored --nocapture"]
fn cost_of_pose_and_avatar_systems() {
    let mut app = studio(Settings { smoothing: SmoothingMode::OneEuro, ..Settings::default() });
    let mut now = play(&mut app, 0.0, 1.0, |_| vec![person([true, false])]);
    let (mut pose_ms, mut frame_ms, mut moved) = (Vec::new(), Vec::new(), 0.0_f32);
    for frame in 0..1_000_u64 {
        // Every frame brings a result, which is more than any camera gives: the dearest case.
        publish(&app, frame, now, vec![person([frame % 40 < 20, frame % 60 < 30])]);
        now += STEP.as_secs_f64();
        let began = Instant::now();
        app.world_mut().run_schedule(RunFixedMainLoop);
        app.world_mut().run_system_once(apply_pose).expect("bones are written");
        pose_ms.push(began.elapsed().as_secs_f32() * 1e3);
        let began = Instant::now();
        app.update();
        frame_ms.push(began.elapsed().as_secs_f32() * 1e3);
        moved = moved.max(distance(&shown(&mut app), &rest(&mut app)));
    }
    let (pose, frame) = (Spread::of(pose_ms), Spread::of(frame_ms));
    println!("pose and avatar systems, ms: {pose:?}; a whole frame without a renderer: {frame:?}");
    assert!(moved > 0.5, "they did their work: {moved}");
}
