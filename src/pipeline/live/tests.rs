//! With scripted sources and trackers, so that every failure can be had.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::capture::SourceKind;
use crate::frame::{RgbImage, Timings};
use crate::motion::filter::SmoothingParams;
use crate::motion::session::{Continuity, MotionSession, SessionOptions};
use crate::motion::{BodyPose, Hands, Landmark};
use crate::requirement::need;
use crate::slot::Taken;

/// Long enough for a busy machine; nothing waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

fn options() -> LiveOptions {
    LiveOptions {
        model: ModelVariant::Full,
        threads: 1,
        short_side: 384,
        people: 1,
        hands: HandsMode::Off,
        provider: Provider::Cpu,
        fixed_quality: true,
        looping: false,
    }
}

fn clip() -> SourceSpec {
    SourceSpec::Path("clip".into())
}

/// Waits for a status; says the last one when it does not come.
fn wait_until(pipeline: &LivePipeline, wanted: impl Fn(&LiveStatus) -> bool) -> LiveStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = pipeline.status();
        if wanted(&status) {
            return status;
        }
        assert!(Instant::now() < deadline, "never came; last was {status:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn next_result(pipeline: &LivePipeline) -> TrackedFrame {
    let Taken::Value(result) = pipeline.results().take(PATIENCE) else { panic!("no result") };
    result.tracked
}

fn failed(status: &LiveStatus) -> bool {
    matches!(status.inference, InferenceState::Failed { .. })
}

/// A source of `count` frames, ten milliseconds apart, that ends with `error` or without.
struct FakeSource {
    info: SourceInfo,
    next: u64,
    count: u64,
    error: Option<CaptureError>,
    open: Arc<AtomicUsize>,
    /// When every frame says that it was captured.
    born: Instant,
}

impl FakeSource {
    fn boxed(
        kind: SourceKind,
        count: u64,
        error: Option<CaptureError>,
        open: &Arc<AtomicUsize>,
    ) -> Box<dyn FrameSource> {
        open.fetch_add(1, Ordering::SeqCst);
        let info = SourceInfo {
            name: "fake".into(),
            kind,
            width: 4,
            height: 2,
            fps: None,
            frame_count: None,
            duration_s: None,
        };
        Box::new(Self { info, next: 0, count, error, open: Arc::clone(open), born: Instant::now() })
    }
}

impl Drop for FakeSource {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl FrameSource for FakeSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        if self.next == self.count {
            return self.error.take().map_or(Ok(None), Err);
        }
        if self.info.kind == SourceKind::Camera {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.next += 1;
        let image = RgbImage { width: 4, height: 2, data: vec![0; 24] };
        let time_s = 7.0 + self.next as f64 * 0.01;
        Ok(Some(Frame::new(self.next - 1, self.born, time_s, image)))
    }
}

/// What the trackers of one test were made to do.
#[derive(Default)]
struct Log {
    opened: Mutex<Vec<PipelineOptions>>,
    resets: AtomicUsize,
    short_sides: Mutex<Vec<u32>>,
    /// Frames left until the tracker panics; zero for never.
    panic_in: AtomicUsize,
    /// Whether somebody walks through the picture.
    sees_somebody: AtomicBool,
    tracked: Mutex<Vec<TrackedFrame>>,
}

struct FakeTracker(Arc<Log>);

/// Somebody so many metres along their way.
fn walker(along_m: f32) -> BodyPose {
    let landmark = Landmark { position: glam::Vec3::X * along_m, visibility: 1.0, presence: 1.0 };
    let (image, world) = ([landmark; 33], [landmark; 33]);
    BodyPose { id: 1, is_new: false, score: 1.0, image, world, size_px: 200.0, hands: Hands::default() }
}

impl Tracker for FakeTracker {
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let left = self.0.panic_in.load(Ordering::SeqCst);
        self.0.panic_in.store(left.saturating_sub(1), Ordering::SeqCst);
        assert_ne!(left, 1, "on purpose");
        if !frame.continuity.follows() {
            self.0.resets.fetch_add(1, Ordering::SeqCst);
        }
        let mut tracked = TrackedFrame {
            frame_id: frame.frame_id,
            captured_at: frame.captured_at,
            time_s: frame.time_s,
            width: frame.image.width,
            height: frame.image.height,
            people: Vec::new(),
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: Arc::new(frame.image),
            continuity: frame.continuity,
            measured_hands: None,
        };
        if self.0.sees_somebody.load(Ordering::SeqCst) {
            tracked.people = vec![walker(frame.time_s as f32)];
            self.0.tracked.lock().expect("no panic").push(tracked.clone());
        }
        Ok(tracked)
    }

    fn set_hand_interval(&mut self, _frames: u32) {}

    fn set_short_side(&mut self, short_side: u32) {
        self.0.short_sides.lock().expect("no panic").push(short_side);
    }
}

/// Opens always, but for the heavy model.
fn trackers(log: &Arc<Log>) -> OpenTracker {
    let log = Arc::clone(log);
    Box::new(move |options| {
        log.opened.lock().expect("no panic").push(options);
        if options.model == ModelVariant::Heavy {
            return Err(InferenceError::Manifest { reason: "no such model".into() });
        }
        Ok(Box::new(FakeTracker(Arc::clone(&log))))
    })
}

fn start(spec: SourceSpec, options: LiveOptions, source: OpenSource, log: &Arc<Log>) -> LivePipeline {
    LivePipeline::start_with(spec, options, source, trackers(log))
}

fn frames_of(kind: SourceKind, count: u64) -> OpenSource {
    let open = Arc::default();
    Box::new(move |_| Ok(FakeSource::boxed(kind, count, None, &open)))
}

#[test]
fn a_file_plays_to_its_end_and_every_frame_is_accounted_for() {
    let log = Arc::default();
    let pipeline = start(clip(), options(), frames_of(SourceKind::Video, 30), &log);
    let status = wait_until(&pipeline, |status| status.source == SourceState::Ended);
    assert_eq!(status.captured, 30);
    assert_eq!(status.info.expect("was open").name, "fake");
    wait_until(&pipeline, |status| status.tracked + status.dropped == 30);
    let last = next_result(&pipeline);
    assert_eq!(last.frame_id, 29, "the newest frame always arrives");
    assert!((last.time_s - 0.29).abs() < 0.05, "the file's own distances from zero on: {}", last.time_s);
}

#[test]
fn times_rise_across_loops_and_the_tracker_is_reset() {
    let log: Arc<Log> = Arc::default();
    let pipeline = start(clip(), LiveOptions { looping: true, ..options() }, frames_of(SourceKind::Video, 5), &log);
    let mut last = None;
    while log.resets.load(Ordering::SeqCst) < 4 {
        let result = next_result(&pipeline);
        assert!(last.is_none_or(|(id, time_s)| result.frame_id > id && result.time_s > time_s));
        last = Some((result.frame_id, result.time_s));
        assert_ne!(pipeline.status().source, SourceState::Ended);
    }
    pipeline.set_options(options());
    wait_until(&pipeline, |status| status.source == SourceState::Ended);
    assert_eq!(log.opened.lock().expect("no panic").len(), 1, "looping reopens no model");
}

/// Waits for so many loops, through which frames come without end.
fn play_round(pipeline: &LivePipeline, loops: usize, log: &Log) {
    let mut last = None;
    while log.resets.load(Ordering::SeqCst) < loops {
        let result = next_result(pipeline);
        assert!(last.is_none_or(|last| result.captured_at > last), "a moment for each");
        last = Some(result.captured_at);
    }
}

#[test]
fn a_loop_is_opened_again_before_it_ends() {
    let (log, open): (Arc<Log>, Arc<AtomicUsize>) = (Arc::default(), Arc::default());
    let (counted, opened_while) = (Arc::clone(&open), Arc::new(Mutex::new(Vec::new())));
    let opened = Arc::clone(&opened_while);
    let source: OpenSource = Box::new(move |_| {
        opened.lock().expect("no panic").push(counted.load(Ordering::SeqCst));
        Ok(FakeSource::boxed(SourceKind::Video, 10, None, &counted))
    });
    let pipeline = start(clip(), LiveOptions { looping: true, ..options() }, source, &log);
    play_round(&pipeline, 4, &log);
    drop(pipeline);
    let opened_while = opened_while.lock().expect("no panic").clone();
    assert!(opened_while.len() >= 4 && opened_while[0] == 0, "{opened_while:?}");
    assert!(
        opened_while[1..].iter().all(|others| *others == 1),
        "one plays while the next is opened: {opened_while:?}"
    );
    assert_eq!(open.load(Ordering::SeqCst), 0, "all are closed");
}

#[test]
fn a_real_video_goes_round() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("short.mp4");
    let made = capture::ffmpeg::Programs::find().ok().map(|programs| {
        let clip = ["-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=30", "-t", "0.2"];
        programs.ffmpeg().args(clip).arg(&path).status().expect("it was seen to run")
    });
    let Some(made) = need("ffmpeg", made, "there is no ffmpeg on this machine") else { return };
    assert!(made.success(), "ffmpeg makes a video");
    let log: Arc<Log> = Arc::default();
    let source: OpenSource = Box::new(capture::open);
    let pipeline = start(SourceSpec::Path(path), LiveOptions { looping: true, ..options() }, source, &log);
    play_round(&pipeline, 3, &log);
    let status = pipeline.status();
    assert!(status.captured >= 12 && status.warning.is_none(), "{status:?}");
}

#[test]
fn a_lost_camera_is_reported_and_comes_back() {
    let (open, tries) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
    let (log, tried) = (Arc::default(), Arc::clone(&tries));
    let source: OpenSource = Box::new(move |_| match tried.fetch_add(1, Ordering::SeqCst) {
        0 => {
            let lost = CaptureError::CameraLost { index: 0, reason: "unplugged".into() };
            Ok(FakeSource::boxed(SourceKind::Camera, 10, Some(lost), &open))
        }
        1 => Err(CaptureError::NoSuchCamera { index: 0 }),
        _ => Ok(FakeSource::boxed(SourceKind::Camera, u64::MAX, None, &open)),
    });
    let pipeline = start(SourceSpec::Camera(Some(0)), options(), source, &log);
    let status = wait_until(&pipeline, |status| matches!(status.source, SourceState::Waiting { .. }));
    assert!(format!("{:?}", status.source).contains("camera 0"), "{status:?}");
    assert_eq!(status.captured, 10);
    let status = wait_until(&pipeline, |status| status.captured > 20);
    assert_eq!(status.source, SourceState::Running);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    wait_until(&pipeline, |_| log.resets.load(Ordering::SeqCst) == 2);
}

/// A tracker that waits for a word before each frame, as a slow one would.
struct HeldTracker(FakeTracker, crossbeam_channel::Receiver<()>);

impl Tracker for HeldTracker {
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let _ = self.1.recv_timeout(PATIENCE);
        self.0.track(frame)
    }

    fn set_short_side(&mut self, _: u32) {}

    fn set_hand_interval(&mut self, _: u32) {}
}

/// A frame that was being tracked while the source changed comes out after the change.
#[test]
fn after_a_change_of_source_only_frames_of_the_new_one_arrive() {
    let (word, held) = crossbeam_channel::bounded(1);
    let open: OpenTracker = Box::new(move |_| Ok(Box::new(HeldTracker(FakeTracker(Arc::default()), held.clone()))));
    let pipeline = LivePipeline::start_with(clip(), options(), frames_of(SourceKind::Camera, u64::MAX), open);
    word.send(()).expect("a tracker");
    assert_eq!(next_result(&pipeline).continuity, Continuity::NewSource);
    // One frame is in the tracker's hands, and one may wait.
    wait_until(&pipeline, |status| status.captured > 3);
    pipeline.set_source(SourceSpec::Path("other".into()));
    let before = wait_until(&pipeline, |_| pipeline.shared.control().first_frame.is_some());
    let first = pipeline.shared.control().first_frame.expect("was opened");
    assert!(before.captured <= first);
    let mut breaks = Vec::new();
    while breaks.len() < 3 {
        let _ = word.try_send(());
        let Taken::Value(result) = pipeline.results().take(Duration::from_millis(20)) else { continue };
        assert!(result.tracked.frame_id >= first, "{} is of the source before", result.tracked.frame_id);
        breaks.push(result.motion.continuity);
    }
    assert_eq!(breaks, [Continuity::NewSource, Continuity::Follows, Continuity::Follows]);
}

/// The filter sees every frame, whoever looks: a slow renderer gets what a quick one would.
#[test]
fn frames_that_a_slow_renderer_loses_are_filtered_all_the_same() {
    let smoothing = SmoothingParams::Ema { alpha: 0.3 };
    let log: Arc<Log> = Arc::default();
    log.sees_somebody.store(true, Ordering::SeqCst);
    let (word, held) = crossbeam_channel::bounded::<()>(1);
    let source: OpenSource = Box::new(move |_| {
        let _ = held.recv_timeout(PATIENCE);
        Ok(FakeSource::boxed(SourceKind::Video, 30, None, &Arc::default()))
    });
    let pipeline = start(clip(), options(), source, &log);
    let control = MotionControl::default();
    control.set_options(SessionOptions { smoothing, ..SessionOptions::default() });
    pipeline.set_motion(control);
    word.send(()).expect("a source");
    wait_until(&pipeline, |status| status.tracked + status.dropped == 30);
    wait_until(&pipeline, |_| pipeline.results().holds_value());
    let Taken::Value(result) = pipeline.results().take(PATIENCE) else { panic!("no result") };
    let mut session = MotionSession::filter(smoothing);
    let tracked = log.tracked.lock().expect("no panic").clone();
    let last = tracked.iter().map(|frame| session.push(&frame.motion_input())).last().expect("frames");
    assert_eq!(result.motion.people, last.people);
    assert_ne!(result.motion.people, result.tracked.people, "a filter that has seen one frame changes nothing");
}

#[test]
fn a_source_that_cannot_be_opened_waits_for_another() {
    let open = Arc::default();
    let log = Arc::default();
    let source: OpenSource = Box::new(move |spec| match spec {
        SourceSpec::Path(path) if path.as_os_str() == "missing" => Err(CaptureError::NotFound { path: path.clone() }),
        _ => Ok(FakeSource::boxed(SourceKind::Video, u64::MAX, None, &open)),
    });
    let pipeline = start(SourceSpec::Path("missing".into()), options(), source, &log);
    let status = wait_until(&pipeline, |status| matches!(status.source, SourceState::Failed { .. }));
    assert!(format!("{:?}", status.source).contains("missing: no such file"), "{status:?}");
    assert_eq!((status.captured, status.info), (0, None));
    pipeline.set_source(clip());
    wait_until(&pipeline, |status| status.source == SourceState::Running && status.tracked > 0);
}

#[test]
fn a_damaged_video_ends_with_a_warning() {
    let open = Arc::default();
    let log = Arc::default();
    let source: OpenSource = Box::new(move |_| {
        let cut = CaptureError::Truncated {
            path: "clip".into(),
            delivered: 3,
            expected: Some(6),
            reason: "partial file".into(),
        };
        Ok(FakeSource::boxed(SourceKind::Video, 3, Some(cut), &open))
    });
    let pipeline = start(clip(), options(), source, &log);
    let status = wait_until(&pipeline, |status| status.source == SourceState::Ended);
    assert!(status.warning.expect("a warning").contains("3 frames decoded of 6"));
}

#[test]
fn a_tracker_that_cannot_be_opened_is_tried_again_when_options_change() {
    let log: Arc<Log> = Arc::default();
    let heavy = LiveOptions { model: ModelVariant::Heavy, ..options() };
    let pipeline = start(clip(), heavy, frames_of(SourceKind::Video, u64::MAX), &log);
    let status = wait_until(&pipeline, |status| failed(status) && status.captured > 5);
    assert!(format!("{:?}", status.inference).contains("no such model"), "{status:?}");
    assert_eq!(log.opened.lock().expect("no panic").len(), 1, "not tried with the same options again");
    pipeline.set_options(options());
    wait_until(&pipeline, |status| status.inference == InferenceState::Running && status.tracked > 0);
}

#[test]
fn a_panic_while_tracking_is_a_state_and_ends_no_thread() {
    let log: Arc<Log> = Arc::default();
    log.panic_in.store(3, Ordering::SeqCst);
    let pipeline = start(clip(), options(), frames_of(SourceKind::Video, u64::MAX), &log);
    let status = wait_until(&pipeline, failed);
    assert!(format!("{:?}", status.inference).contains("on purpose"), "{status:?}");
    assert_eq!(status.tracked, 2);
    pipeline.set_options(options());
    wait_until(&pipeline, |status| status.inference == InferenceState::Running && status.tracked > 5);
}

#[test]
fn a_panic_in_the_source_is_a_state_and_another_can_be_chosen() {
    let open = Arc::default();
    let log = Arc::default();
    let source: OpenSource = Box::new(move |spec| {
        assert_ne!(*spec, SourceSpec::Demo, "on purpose");
        Ok(FakeSource::boxed(SourceKind::Video, u64::MAX, None, &open))
    });
    let pipeline = start(SourceSpec::Demo, options(), source, &log);
    let status = wait_until(&pipeline, |status| matches!(status.source, SourceState::Failed { .. }));
    assert!(format!("{:?}", status.source).contains("on purpose"), "{status:?}");
    pipeline.set_source(clip());
    wait_until(&pipeline, |status| status.source == SourceState::Running && status.tracked > 0);
}

#[test]
fn only_what_must_be_is_reopened() {
    let log: Arc<Log> = Arc::default();
    let pipeline = start(clip(), options(), frames_of(SourceKind::Video, u64::MAX), &log);
    wait_until(&pipeline, |status| status.tracked > 0);
    pipeline.set_options(LiveOptions { short_side: 256, looping: true, ..options() });
    wait_until(&pipeline, |_| *log.short_sides.lock().expect("no panic") == [256]);
    assert_eq!(log.opened.lock().expect("no panic").len(), 1);
    pipeline.set_options(LiveOptions { short_side: 256, model: ModelVariant::Lite, ..options() });
    wait_until(&pipeline, |_| log.opened.lock().expect("no panic").len() == 2);
    let before = wait_until(&pipeline, |status| status.inference == InferenceState::Running).tracked;
    wait_until(&pipeline, |status| status.tracked > before);
    assert_eq!(log.opened.lock().expect("no panic")[1].model, ModelVariant::Lite);
}

/// Latency counts from a camera's own moment of capture, but not from when a file was read ahead.
#[test]
fn a_files_frame_is_captured_when_it_is_due() {
    for (kind, kept) in [(SourceKind::Camera, true), (SourceKind::Video, false), (SourceKind::Image, false)] {
        let log = Arc::default();
        let pipeline = start(clip(), options(), frames_of(kind, u64::MAX), &log);
        let mut moments = Vec::new();
        for _ in 0..2 {
            let result = next_result(&pipeline);
            moments.push(result.captured_at);
        }
        assert_eq!(moments[0] == moments[1], kept, "{kind:?}");
    }
}

#[test]
fn a_picture_is_tracked_as_one_and_published_again() {
    let log: Arc<Log> = Arc::default();
    let pipeline = start(clip(), options(), frames_of(SourceKind::Image, 1), &log);
    wait_until(&pipeline, |status| status.tracked >= 2 && status.source == SourceState::Running);
    let opened = log.opened.lock().expect("no panic").clone();
    assert!(opened.last().expect("opened").static_image);
}

#[test]
fn a_pause_holds_files_and_cameras() {
    for kind in [SourceKind::Video, SourceKind::Camera] {
        let log = Arc::default();
        let pipeline = start(clip(), options(), frames_of(kind, u64::MAX), &log);
        wait_until(&pipeline, |status| status.captured > 3);
        pipeline.set_paused(true);
        let held = wait_until(&pipeline, |status| status.source == SourceState::Paused).captured;
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(pipeline.status().captured, held, "{kind:?}");
        pipeline.set_paused(false);
        wait_until(&pipeline, |status| status.source == SourceState::Running && status.captured > held + 3);
    }
}

#[test]
fn dropping_it_joins_both_threads_whatever_they_do() {
    for kind in [SourceKind::Video, SourceKind::Camera, SourceKind::Image] {
        for paused in [false, true] {
            let (open, log): (Arc<AtomicUsize>, _) = (Arc::default(), Arc::default());
            let counted = Arc::clone(&open);
            let source: OpenSource = Box::new(move |_| Ok(FakeSource::boxed(kind, u64::MAX, None, &counted)));
            let pipeline = start(clip(), options(), source, &log);
            wait_until(&pipeline, |status| status.captured > 0);
            pipeline.set_paused(paused);
            drop(pipeline);
            assert_eq!(open.load(Ordering::SeqCst), 0, "the source is closed");
            assert_eq!(Arc::strong_count(&log), 1, "the tracker is closed");
        }
    }
}
