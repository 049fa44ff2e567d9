//! Takes and clips that play: without a model, in their own time, with the settings of now.

use std::path::{Path, PathBuf};

use super::*;
use livedance::app::player::Player;
use livedance::app::tracking::Playout;
use livedance::formats::bvh;
use livedance::formats::take::{TakeHeader, TakeWriter};
use livedance::motion::clip::MotionClip;
use livedance::pipeline::take_player::{PlayerState, TakePlayer};

/// A take of three seconds: the left arm goes up after one and a half.
fn take(folder: &Path) -> PathBuf {
    let path = folder.join("take.ldt");
    let header = TakeHeader { width: 640, height: 480, ..TakeHeader::default() };
    let mut writer = TakeWriter::create(&path, &header).expect("begins");
    for frame in 0..90_u64 {
        let empty = TrackedFrame::empty(frame, Instant::now(), 100.0 + frame as f64 / 30.0, Arc::default());
        let people = vec![person([frame >= 45, false])];
        let tracked = TrackedFrame { width: 640, height: 480, people, ..empty };
        writer.push_tracked(&tracked).expect("writes");
    }
    writer.finish().expect("ends");
    path
}

fn open(app: &mut App, path: &Path) {
    app.world_mut().resource_mut::<Player>().open(path);
    let began = Instant::now();
    while recording(app).state() == PlayerState::Opening {
        assert!(began.elapsed() < Duration::from_secs(20), "it never opened");
        std::thread::sleep(Duration::from_millis(2));
        app.update();
    }
}

fn recording(app: &mut App) -> &mut TakePlayer {
    app.world_mut().resource_mut::<Player>().into_inner().get_mut().expect("a recording")
}

/// Draws so many frames; the reader has time enough between them.
fn draw(app: &mut App, frames: usize) {
    for _ in 0..frames {
        std::thread::sleep(Duration::from_millis(1));
        app.update();
    }
}

/// How high the left hand is over the head.
fn hand_over_head(app: &mut App) -> f32 {
    bone_at(app, HumanoidBone::LeftHand).y - bone_at(app, HumanoidBone::Head).y
}

#[test]
fn a_take_moves_the_avatar_as_its_person_moved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    open(&mut app, &take(folder.path()));
    recording(&mut app).set_looping(false);
    draw(&mut app, 60);
    assert!(hand_over_head(&mut app) < -0.2, "the arm hangs: {}", hand_over_head(&mut app));
    draw(&mut app, 100);
    assert!(hand_over_head(&mut app) > 0.0, "the arm is up: {}", hand_over_head(&mut app));
    draw(&mut app, 60);
    assert_eq!(recording(&mut app).state(), PlayerState::Paused, "at its end");
    // Longer than results of a camera may stay away.
    draw(&mut app, 120);
    assert!(hand_over_head(&mut app) > 0.0, "what is held stays");
}

#[test]
fn a_moment_that_is_sought_is_shown_at_once_also_while_held() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    open(&mut app, &take(folder.path()));
    draw(&mut app, 30);
    recording(&mut app).set_playing(false);
    for (time_s, is_up) in [(2.5, true), (0.2, false), (1.5, true), (1.4, false), (2.9, true)] {
        recording(&mut app).seek(time_s);
        let began = Instant::now();
        let is_there = |app: &App| {
            let latest = app.world().resource::<LatestTracked>().frame.as_ref().expect("a frame").time_s;
            (latest - 100.0 - time_s).abs() < 0.034
        };
        while !is_there(&app) {
            assert!(began.elapsed() < Duration::from_secs(20), "the frame at {time_s} never came");
            draw(&mut app, 1);
        }
        // One step more, not several: the avatar jumps to where its frame is.
        draw(&mut app, 1);
        assert_eq!(hand_over_head(&mut app) > -0.1, is_up, "at {time_s}: {}", hand_over_head(&mut app));
    }
    recording(&mut app).step(-1);
    draw(&mut app, 10);
    let frame = app.world().resource::<LatestTracked>().frame.as_ref().expect("a frame").frame_id;
    assert_eq!(frame, 86, "one before the one at 2.9 seconds");
}

#[test]
fn who_walked_aside_still_stands_there_after_a_step_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("walk.ldt");
    let mut writer = TakeWriter::create(&path, &TakeHeader::default()).expect("begins");
    for frame in 0..90_u64 {
        let mut body = person([false, false]);
        for landmark in &mut body.image {
            landmark.position.x += frame as f32 * 2.0;
        }
        let empty = TrackedFrame::empty(frame, Instant::now(), frame as f64 / 30.0, Arc::default());
        let tracked = TrackedFrame { width: 640, height: 480, people: vec![body], ..empty };
        writer.push_tracked(&tracked).expect("writes");
    }
    writer.finish().expect("ends");
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    open(&mut app, &path);
    recording(&mut app).set_looping(false);
    draw(&mut app, 220);
    let before = bone_at(&mut app, HumanoidBone::Hips);
    assert!(before.x.abs() > 0.3, "they went aside: {before}");
    recording(&mut app).step(-1);
    draw(&mut app, 10);
    let after = bone_at(&mut app, HumanoidBone::Hips);
    assert!((after - before).with_y(0.0).length() < 0.1, "{before} {after}");
}

#[test]
fn slow_motion_takes_as_many_times_longer() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    open(&mut app, &take(folder.path()));
    draw(&mut app, 20);
    let shown = |app: &App| app.world().resource::<Playout>().display_time_s.expect("a moment");
    for speed in [0.1, 0.5, 2.0] {
        recording(&mut app).seek(0.2);
        draw(&mut app, 20);
        recording(&mut app).set_speed(speed);
        let mut times = vec![shown(&app)];
        for _ in 0..30 {
            draw(&mut app, 1);
            times.push(shown(&app));
        }
        let even = times.windows(2).all(|pair| (pair[1] - pair[0] - speed / 60.0).abs() < 1e-4);
        assert!(even, "{speed}: {times:?}");
        recording(&mut app).set_speed(1.0);
    }
}

#[test]
fn settings_that_change_while_a_take_is_held_are_seen() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    open(&mut app, &take(folder.path()));
    draw(&mut app, 30);
    recording(&mut app).seek(2.5);
    recording(&mut app).set_playing(false);
    draw(&mut app, 20);
    assert!(hand_over_head(&mut app) > 0.0);
    app.world_mut().resource_mut::<Preferences>().settings.mirror = true;
    draw(&mut app, 20);
    assert!(hand_over_head(&mut app) < -0.2, "the other arm is up now");
}

#[test]
fn after_a_take_frames_of_a_camera_are_followed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut app = studio(Settings { mirror: false, ..unsmoothed() });
    open(&mut app, &take(folder.path()));
    draw(&mut app, 30);
    assert!(app.world_mut().resource_mut::<Player>().close());
    app.update();
    play(&mut app, 0.0, 2.0, |_| vec![person([true, false])]);
    assert!(hand_over_head(&mut app) > 0.0);
}

#[test]
fn a_broken_take_is_told_and_moves_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("broken.ldt");
    std::fs::write(&path, b"this is no take").expect("writes");
    let mut app = studio(unsmoothed());
    open(&mut app, &path);
    let PlayerState::Failed { message } = recording(&mut app).state() else { panic!("it was opened") };
    assert!(message.contains("broken.ldt"), "{message}");
    draw(&mut app, 30);
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-3);
}

#[test]
fn a_clip_moves_the_bones_of_the_avatar() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("wave.bvh");
    let mut app = studio(unsmoothed());
    let world = app.world_mut();
    let skeleton = world.query::<&HumanoidRig>().single(world).expect("one avatar").rest.clone();
    let mut pose = AvatarPose::t_pose(&skeleton);
    let poses: Vec<AvatarPose> = (0..120)
        .map(|frame| {
            pose.rotations[HumanoidBone::LeftUpperArm as usize] = Quat::from_rotation_z(frame as f32 * 0.01);
            pose
        })
        .collect();
    let clip = MotionClip { name: "wave".into(), fps: 60.0, skeleton, poses };
    let mut file = std::fs::File::create(&path).expect("a file");
    bvh::write(&clip, &bvh::WriteOptions::default(), &mut file).expect("writes");
    open(&mut app, &path);
    draw(&mut app, 60);
    let place_s = recording(&mut app).transport().position_s();
    assert!((0.9..1.1).contains(&place_s), "{place_s}");
    let off = distance(&shown(&mut app), &clip.sample(place_s).expect("a pose")).to_degrees();
    assert!(off < 0.5, "{off} degrees off");
    recording(&mut app).seek(0.25);
    recording(&mut app).set_playing(false);
    draw(&mut app, 2);
    let off = distance(&shown(&mut app), &clip.sample(0.25).expect("a pose")).to_degrees();
    assert!(off < 0.5, "{off} degrees off");
    app.world_mut().resource_mut::<Player>().close();
    draw(&mut app, 60);
    assert!(distance(&shown(&mut app), &rest(&mut app)) < 1e-2, "it eases back to rest");
}
