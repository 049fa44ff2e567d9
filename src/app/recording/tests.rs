//! Without a window: a scripted source and a scripted tracker, whose frames are compared with what lies in the take.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bevy::time::TimeUpdateStrategy;

use super::*;
use crate::capture::{CaptureError, FrameSource, SourceInfo, SourceKind, SourceSpec};
use crate::formats::take::{Precision, TakeReader, takes_in};
use crate::frame::{Frame, RgbImage, Timings, TrackedFrame};
use crate::inference::InferenceError;
use crate::motion::session::Continuity;
use crate::motion::{BodyPose, Hands, Landmark};
use crate::pipeline::live::{LiveOptions, LivePipeline, SourceState, Tracker};
use crate::settings::{HandsMode, ModelVariant, Provider, Settings};

const PATIENCE: Duration = Duration::from_secs(30);
const WIDTH: u32 = 64;
const HEIGHT: u32 = 48;

/// A camera of 125 pictures a second that never ends.
struct Camera(SourceInfo, u64);

impl FrameSource for Camera {
    fn info(&self) -> &SourceInfo {
        &self.0
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        std::thread::sleep(Duration::from_millis(8));
        self.1 += 1;
        let image = RgbImage::new(WIDTH, HEIGHT, vec![9; (WIDTH * HEIGHT * 3) as usize]).expect("a picture");
        let time_s = self.1 as f64 * 0.008;
        Ok(Some(Frame::new(self.1, Instant::now(), time_s, image)))
    }
}

/// Finds somebody who moves, and remembers what it said.
struct Fake(Arc<Mutex<Vec<TrackedFrame>>>);

impl Tracker for Fake {
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let at = |index: usize| glam::Vec3::new((frame.time_s as f32 * 3.0).sin(), index as f32 / 40.0, 0.123_456);
        let landmark = |scale: f32| {
            std::array::from_fn(|index| Landmark { position: at(index) * scale, visibility: 0.9, presence: 0.8 })
        };
        let body = BodyPose {
            id: 4,
            is_new: frame.frame_id == 0,
            score: 0.876,
            image: landmark(40.0),
            world: landmark(1.0),
            size_px: 33.0,
            hands: Hands::default(),
        };
        let tracked = TrackedFrame {
            frame_id: frame.frame_id,
            captured_at: frame.captured_at,
            time_s: frame.time_s,
            width: WIDTH,
            height: HEIGHT,
            people: vec![body],
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: Arc::new(frame.image),
            continuity: Continuity::Follows,
            measured_hands: None,
        };
        self.0.lock().unwrap().push(tracked.clone());
        Ok(tracked)
    }

    fn set_short_side(&mut self, _: u32) {}
    fn set_hand_interval(&mut self, _: u32) {}
}

/// An app that records from the scripted camera, and everything that its tracker found.
fn studio(settings: Settings, folder: &Path) -> (App, Arc<Mutex<Vec<TrackedFrame>>>) {
    studio_of(SourceSpec::Camera(None), settings, folder)
}

/// As [`studio`], with the scripted camera in the place of another source.
fn studio_of(source: SourceSpec, settings: Settings, folder: &Path) -> (App, Arc<Mutex<Vec<TrackedFrame>>>) {
    let log = Arc::<Mutex<Vec<TrackedFrame>>>::default();
    let options = LiveOptions {
        model: ModelVariant::Full,
        threads: 1,
        short_side: 0,
        people: 1,
        hands: HandsMode::Off,
        provider: Provider::Cpu,
        fixed_quality: true,
        looping: false,
    };
    let found = Arc::clone(&log);
    let info = SourceInfo {
        name: "Desk camera".to_owned(),
        kind: SourceKind::Camera,
        width: WIDTH,
        height: HEIGHT,
        fps: Some(125.0),
        frame_count: None,
        duration_s: None,
    };
    let pipeline = LivePipeline::start_with(
        source.clone(),
        options,
        Box::new(move |_| Ok(Box::new(Camera(info.clone(), 0)))),
        Box::new(move |_| Ok(Box::new(Fake(Arc::clone(&found))))),
    );
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(500)))
        .insert_resource(Preferences::new(Settings { takes_folder: folder.display().to_string(), ..settings }, None))
        .insert_resource(Live::with_pipeline(pipeline, source))
        .add_systems(PreUpdate, |mut live: ResMut<Live>| live.poll())
        .add_plugins(plugin);
    (app, log)
}

/// Draws a picture now and then until it holds.
fn run_until(app: &mut App, wanted: impl Fn(&App) -> bool) {
    let began = Instant::now();
    while !wanted(app) {
        assert!(began.elapsed() < PATIENCE, "never came; last was {:?}", view(app));
        std::thread::sleep(Duration::from_millis(40));
        app.update();
    }
}

fn view(app: &App) -> RecordingView {
    let now_s = app.world().resource::<Time<Real>>().elapsed_secs_f64();
    app.world().resource::<Recording>().view(app.world().resource::<Live>(), now_s)
}

fn toggle(app: &mut App) {
    app.world_mut().resource_mut::<Recording>().toggle();
    app.update();
}

fn is_recording(app: &App) -> bool {
    matches!(view(app), RecordingView::Recording { .. })
}

fn told(app: &App) -> Vec<Notify> {
    let messages = app.world().resource::<Messages<Notify>>();
    messages.get_cursor().read(messages).cloned().collect()
}

fn at_once() -> Settings {
    Settings { countdown_s: 0, ..Settings::default() }
}

/// Compares a whole take with what the tracker found between its first and its last frame: none may be missing.
fn assert_same(path: &Path, log: &[TrackedFrame]) {
    let mut take = TakeReader::open(path).expect("opens");
    assert!(take.is_whole());
    let header = take.header().clone();
    assert_eq!((header.width, header.height, header.fps), (WIDTH, HEIGHT, Some(125.0)));
    assert!(header.name.starts_with("Desk camera "), "{}", header.name);
    assert_eq!((header.source.as_str(), header.model), ("camera", Some(ModelVariant::Full)));
    assert_eq!(header.settings["alpha"], 0.7_f32);
    let precision = Precision::for_picture(WIDTH, HEIGHT);
    let first = take.frame(0).expect("a frame").frame;
    let from = log.iter().position(|frame| frame.frame_id == first).expect("was tracked");
    for (index, truth) in log[from..from + take.len()].iter().enumerate() {
        let kept = take.tracked(index, truth.captured_at).expect("reads");
        assert_eq!((kept.frame_id, kept.people.len()), (truth.frame_id, 1));
        assert!((kept.time_s - truth.time_s).abs() < 1e-6);
        let (kept, truth) = (&kept.people[0], &truth.people[0]);
        assert_eq!((kept.id, kept.is_new), (truth.id, truth.is_new));
        let off = |a: &[Landmark; 33], b: &[Landmark; 33]| {
            let apart = a.iter().zip(b).map(|(a, b)| (a.position - b.position).truncate().abs().max_element());
            f64::from(apart.fold(0.0, f32::max))
        };
        assert!(off(&kept.world, &truth.world) <= precision.body_m, "{}", off(&kept.world, &truth.world));
        assert!(off(&kept.image, &truth.image) <= precision.image_px, "{}", off(&kept.image, &truth.image));
    }
}

#[test]
fn every_tracked_frame_is_in_the_take_although_the_renderer_is_slow() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut app, log) = studio(at_once(), folder.path());
    run_until(&mut app, |app| view(app) == RecordingView::Idle);
    toggle(&mut app);
    run_until(&mut app, is_recording);
    run_until(
        &mut app,
        |app| matches!(view(app), RecordingView::Recording { seconds, bytes, .. } if seconds > 1.5 && bytes > 0),
    );
    toggle(&mut app);
    run_until(&mut app, |app| view(app) == RecordingView::Idle);
    assert!(told(&app).iter().any(|told| told.text.starts_with("Recorded ")), "{:?}", told(&app));
    let takes = takes_in(folder.path()).expect("a folder");
    assert_eq!(takes.len(), 1);
    assert_same(&takes[0], &log.lock().unwrap());
    let pictures = TakeReader::open(&takes[0]).expect("opens").len();
    assert!(pictures > 100, "{pictures} frames, of which the renderer could have seen a fifth");
    // The list may have been read while the take was begun; it is read again now that it has ended.
    run_until(&mut app, |app| {
        let library = app.world().resource::<Recording>().library_view();
        library.takes.len() == 1 && library.takes[0].frames == pictures
    });
    let library = app.world().resource::<Recording>().library_view();
    let take = &library.takes[0];
    assert!(take.name.starts_with("Desk camera ") && take.people == 1 && take.frames == pictures, "{take:?}");
    assert!(take.figure.as_ref().is_some_and(|figure| figure.lines.len() > 20), "{:?}", take.figure);
}

#[test]
fn the_countdown_can_be_cancelled() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut app, _) = studio(Settings::default(), folder.path());
    run_until(&mut app, |app| view(app) == RecordingView::Idle);
    toggle(&mut app);
    assert_eq!(view(&app), RecordingView::Countdown { left_s: 3.0 });
    app.update();
    assert_eq!(view(&app), RecordingView::Countdown { left_s: 2.5 });
    toggle(&mut app);
    assert_eq!(view(&app), RecordingView::Idle);
    (0..8).for_each(|_| app.update());
    assert_eq!(takes_in(folder.path()).expect("a folder"), Vec::<PathBuf>::new());
    toggle(&mut app);
    run_until(&mut app, is_recording);
}

#[test]
fn closing_the_app_completes_the_take() {
    for exits in [true, false] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("plan.ldt");
        std::fs::write(&path, "older").expect("writes");
        let (mut app, log) = studio(Settings::default(), folder.path());
        let plan = RecordPlan { path: path.clone(), video: false, force: true };
        app.world_mut().resource_mut::<Recording>().begin_with(plan);
        run_until(&mut app, |app| matches!(view(app), RecordingView::Recording { seconds, .. } if seconds > 0.3));
        if exits {
            app.world_mut().write_message(AppExit::Success);
            app.update();
        } else {
            drop(app);
        }
        assert_same(&path, &log.lock().unwrap());
    }
}

#[test]
fn nothing_is_recorded_without_a_source_nor_over_another_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut app, _) = studio(at_once(), folder.path());
    app.world_mut().resource_mut::<Live>().set_source("vmc".parse().expect("a source"));
    app.update();
    toggle(&mut app);
    assert!(told(&app).iter().any(|told| told.kind == ToastKind::Warning), "{:?}", told(&app));
    assert!(matches!(view(&app), RecordingView::Unavailable { .. }));

    let (mut app, _) = studio(at_once(), folder.path());
    let path = folder.path().join("older.ldt");
    std::fs::write(&path, "older").expect("writes");
    app.world_mut().resource_mut::<Recording>().begin_with(RecordPlan {
        path: path.clone(),
        video: false,
        force: false,
    });
    run_until(&mut app, |app| told(app).iter().any(|told| told.text.contains("older.ldt is there already")));
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), "older");
}

#[test]
fn what_a_file_holds_is_looked_at_when_it_is_opened_and_never_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("clip");
    std::fs::write(&path, "a video").expect("writes");
    let (mut app, _) = studio_of(SourceSpec::Path(path.clone()), at_once(), folder.path());
    run_until(&mut app, |app| view(app) == RecordingView::Idle);
    // Whoever reads the file now takes it for motion, of which no take can be made.
    std::fs::write(&path, "HIERARCHY").expect("writes");
    app.update();
    assert_eq!(view(&app), RecordingView::Idle);
    toggle(&mut app);
    run_until(&mut app, is_recording);
}

#[test]
fn another_source_is_another_take() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut app, _) = studio(at_once(), folder.path());
    run_until(&mut app, |app| app.world().resource::<Live>().status.source == SourceState::Running);
    toggle(&mut app);
    run_until(&mut app, is_recording);
    app.world_mut().resource_mut::<Live>().set_source(SourceSpec::Camera(Some(1)));
    run_until(&mut app, |app| !is_recording(app));
    run_until(&mut app, |app| view(app) == RecordingView::Idle);
    assert!(TakeReader::open(&takes_in(folder.path()).expect("a folder")[0]).expect("opens").is_whole());
}

#[test]
fn takes_are_renamed_annotated_and_thrown_away() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut app, _) = studio(at_once(), folder.path());
    let path = folder.path().join("plan.ldt");
    std::fs::write(folder.path().join("broken.ldt"), "no take").expect("writes");
    app.world_mut().resource_mut::<Recording>().begin_with(RecordPlan {
        path: path.clone(),
        video: false,
        force: false,
    });
    run_until(&mut app, is_recording);
    toggle(&mut app);
    run_until(&mut app, |app| view(app) == RecordingView::Idle);
    let preferences = app.world().resource::<Preferences>().clone();
    for request in [
        TakeRequest::Rename { path: path.clone(), name: "waltz".to_owned() },
        TakeRequest::Annotate { path: path.clone(), notes: "slow".to_owned() },
    ] {
        app.world_mut().resource_mut::<Recording>().ask(request, &preferences);
    }
    run_until(&mut app, |app| {
        let library = app.world().resource::<Recording>().library_view();
        library.takes.iter().any(|take| take.name == "waltz" && take.notes == "slow")
    });
    let library = app.world().resource::<Recording>().library_view();
    assert!(
        matches!(&library.takes[1].state, crate::app::overlay::TakeStateView::Broken { reason } if reason.contains("broken.ldt"))
    );
}
