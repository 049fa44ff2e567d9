//! One take, every driver, one motion: whatever shows it, the poses are the same, bit for bit.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::*;
use livedance::app::avatar::Animator;
use livedance::app::game::headless::{Performer, RecordedPlayer};
use livedance::app::offscreen::RenderJob;
use livedance::app::offscreen::course::Course;
use livedance::app::player::Player;
use livedance::capture::SourceSpec;
use livedance::formats::take::{TakeHeader, TakeWriter};
use livedance::motion::filter::SmoothingParams;
use livedance::motion::locomotion::keep_above_floor;
use livedance::motion::quality::avatar::pose_first;
use livedance::motion::session::{Cast, MotionSession, PoseSampler};
use livedance::motion::skeleton::RestSkeleton;
use livedance::pipeline::take_frames::TakeFrames;
use livedance::pipeline::take_player::{PlayerState, TakePlayer};
use livedance::settings::Background;

const FRAMES: u64 = 96;
/// Exact in binary, so that no driver's arithmetic with times rounds.
const FPS: f64 = 32.0;

/// Somebody who steps to the side and raises the left arm.
fn take(folder: &Path) -> PathBuf {
    let path = folder.join("one.ldt");
    let header = TakeHeader { width: 640, height: 480, ..TakeHeader::default() };
    let mut writer = TakeWriter::create(&path, &header).expect("begins");
    for frame in 0..FRAMES {
        let mut body = person([frame >= 48, false]);
        for (index, landmark) in body.image.iter_mut().enumerate() {
            let tremble = ((frame * 31 + index as u64 * 17) % 23) as f32 * 0.02;
            landmark.position.x += frame as f32 + tremble;
        }
        for (index, landmark) in body.world.iter_mut().enumerate() {
            landmark.position.x += ((frame * 13 + index as u64 * 7) % 19) as f32 * 1e-3;
        }
        let empty = TrackedFrame::empty(frame, Instant::now(), frame as f64 / FPS, Arc::default());
        let tracked = TrackedFrame { width: 640, height: 480, people: vec![body], ..empty };
        writer.push_tracked(&tracked).expect("writes");
    }
    writer.finish().expect("ends");
    path
}

/// The take's frames as they were tracked.
fn raw_frames(path: &Path) -> Vec<TrackedFrame> {
    let mut take = TakeFrames::open(path, SmoothingParams::None, None).expect("opens");
    std::iter::from_fn(|| take.next_raw().expect("reads")).collect()
}

fn skeleton(app: &mut App) -> Arc<RestSkeleton> {
    let world = app.world_mut();
    Arc::clone(world.query::<&Animator>().single(world).expect("one avatar").0.skeleton())
}

fn newest(app: &App) -> Option<(u64, AvatarPose)> {
    let latest = app.world().resource::<LatestTracked>();
    let frame = latest.frame.as_ref().filter(|_| latest.is_fresh)?;
    Some((frame.frame_id, latest.actors.first()?.pose))
}

#[test]
fn every_driver_finds_the_same_poses() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = take(folder.path());
    let frames = raw_frames(&path);
    assert_eq!(frames.len() as u64, FRAMES);
    let settings = Settings { mirror: false, ..Settings::default() };
    let mut app = studio(settings.clone());
    let rest = skeleton(&mut app);

    let cast = Cast::Avatars { skeletons: vec![Arc::clone(&rest)], followed: 1 };
    let mut session = MotionSession::new(settings.session_options(), cast);
    let expected: Vec<AvatarPose> =
        frames.iter().map(|frame| session.push(&frame.motion_input()).actors[0].pose).collect();
    assert!(expected.windows(2).all(|pair| pair[0] != pair[1]), "every frame moves it");
    let on_the_floor = |pose: &AvatarPose| {
        let mut pose = *pose;
        keep_above_floor(&rest, &mut pose);
        pose
    };

    // The window, with frames as a live source hands them over; and what it shows at a frame's own time.
    app.update();
    let mut sampler = PoseSampler::new(Arc::clone(&rest));
    sampler.skip_easing(0.0);
    for (frame, expected) in frames.iter().zip(&expected) {
        let posed = app.world().resource::<Source>().0.lock().expect("no panic").pose(frame.clone());
        sampler.push(posed.motion.time_s, posed.motion.continuity, &posed.motion.actors[0]);
        app.world().resource::<TrackedSlot>().0.publish(posed);
        app.update();
        assert_eq!(newest(&app), Some((frame.frame_id, *expected)), "live");
        assert_eq!(sampler.sample(frame.time_s, frame.time_s, true), on_the_floor(expected), "sampled");
    }

    // The window, playing the take; a slow drawing may pass frames over, never change those it shows.
    app.world_mut().resource_mut::<Player>().open(&path);
    let began = Instant::now();
    let mut shown = 0;
    loop {
        assert!(began.elapsed() < Duration::from_mins(1), "it never came to its end");
        std::thread::sleep(Duration::from_millis(1));
        app.update();
        let Some((number, pose)) = newest(&app) else {
            let player = app.world().resource::<Player>().get().map(TakePlayer::state);
            if shown > 0 && player == Some(PlayerState::Paused) {
                break;
            }
            continue;
        };
        if shown == 0 {
            app.world_mut().resource_mut::<Player>().get_mut().expect("a take").set_looping(false);
        }
        assert_eq!(pose, expected[number as usize], "frame {number} of the take that plays");
        shown += 1;
    }
    assert!(shown > FRAMES / 2, "{shown} frames were shown");

    // A game whose player is the take.
    let mut player = RecordedPlayer::open(&path, &settings, RestSkeleton::clone(&rest), None).expect("opens");
    let mut world = World::new();
    for (frame, expected) in frames.iter().zip(&expected) {
        let input = player.perform(&mut world, frame.time_s).expect("in view");
        assert_eq!(input.pose, on_the_floor(expected), "the game at {}", frame.time_s);
    }

    // A video of it.
    let job = RenderJob {
        source: SourceSpec::Path(path.clone()),
        output: None,
        stills: None,
        still_times_s: Vec::new(),
        size: (1280, 720),
        fps: FPS,
        clock_fps: None,
        avatar_only: true,
        background: Background::default(),
        remote: None,
        settings: settings.clone(),
    };
    let stop = AtomicBool::new(false);
    let mut course = Course::open(&job, &stop).expect("opens");
    let mut samplers = [PoseSampler::new(Arc::clone(&rest))];
    course.begin(&mut samplers);
    for (frame, expected) in frames.iter().zip(&expected) {
        assert!(course.advance(frame.time_s, &mut samplers).expect("goes on"));
        let current = course.current().expect("a frame");
        assert_eq!((current.tracked.frame_id, current.motion.actors[0].pose), (frame.frame_id, *expected), "rendered");
    }

    // The measure of its quality.
    let times: Vec<f64> = frames.iter().map(|frame| frame.time_s).collect();
    let people: Vec<Option<BodyPose>> = frames.iter().map(|frame| frame.people.first().cloned()).collect();
    let measured = pose_first(&rest, &times, &people, (640, 480), settings.session_options());
    let measured: Vec<AvatarPose> = measured.into_iter().map(|person| person.expect("seen").pose).collect();
    assert_eq!(measured, expected, "measured");

    // Everybody on their own, as a server answers.
    let mut each = MotionSession::new(settings.session_options(), Cast::EachPerson(Arc::clone(&rest)));
    let served: Vec<AvatarPose> = frames.iter().map(|frame| each.push(&frame.motion_input()).actors[0].pose).collect();
    assert_eq!(served, expected, "served");
}
