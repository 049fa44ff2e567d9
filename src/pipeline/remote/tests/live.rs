//! The live pipeline with a server: what is shown, when, and under which numbers.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::server::{self, Mood, set};
use super::{proxy, wait_until};
use crate::capture::{CaptureError, FrameSource, SourceInfo, SourceKind, SourceSpec};
use crate::frame::{Frame, RgbImage, Timings, TrackedFrame};
use crate::inference::InferenceError;
use crate::motion::Hands;
use crate::motion::random::Random;
use crate::pipeline::live::{InferenceState, LiveOptions, LivePipeline, Tracker};
use crate::pipeline::remote::ids::tests::person;
use crate::pipeline::remote::{LinkState, RemoteStatus, RemoteTarget, TrackedBy};
use crate::settings::{HandsMode, ModelVariant, Provider};

/// A camera of so many pixels: noise, which makes large files, fifty times a second.
struct Camera(SourceInfo, u64, Instant, Vec<u8>);

impl FrameSource for Camera {
    fn info(&self) -> &SourceInfo {
        &self.0
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        std::thread::sleep(Duration::from_millis(20));
        self.1 += 1;
        let image = RgbImage { width: self.0.width, height: self.0.height, data: self.3.clone() };
        let (captured_at, time_s) = (Instant::now(), self.2.elapsed().as_secs_f64());
        Ok(Some(Frame { decode_ms: 0.1, ..Frame::new(self.1 - 1, captured_at, time_s, image) }))
    }
}

fn camera(width: u32, height: u32) -> Box<dyn FrameSource> {
    let info = SourceInfo {
        name: "camera".into(),
        kind: SourceKind::Camera,
        width,
        height,
        fps: Some(50.0),
        frame_count: None,
        duration_s: None,
    };
    let mut random = Random::new(1);
    let data = (0..width * height * 3).map(|_| random.next_u64() as u8);
    Box::new(Camera(info, 0, Instant::now(), data.collect()))
}

/// Finds somebody in the middle of every picture, new in the first one after each reset.
struct Here(bool);

impl Tracker for Here {
    fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        self.0 &= frame.continuity.follows();
        let mut found = person(0, frame.image.width as f32 / 2.0, !self.0);
        for landmark in &mut found.image {
            landmark.position.y = frame.image.height as f32 / 2.0;
        }
        self.0 = true;
        Ok(TrackedFrame {
            frame_id: frame.frame_id,
            captured_at: frame.captured_at,
            time_s: frame.time_s,
            width: frame.image.width,
            height: frame.image.height,
            people: vec![found],
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: Arc::new(frame.image),
            continuity: frame.continuity,
            measured_hands: None,
        })
    }

    fn set_short_side(&mut self, _: u32) {}

    fn set_hand_interval(&mut self, _: u32) {}
}

/// One frame that was shown.
#[derive(Debug, Clone, Copy)]
struct Shown {
    at: Instant,
    age: Duration,
    time_s: f64,
    person: Option<(u32, bool)>,
    /// By its timings: only for a server a picture is encoded.
    by_server: bool,
}

struct Studio {
    pipeline: LivePipeline,
    shown: Arc<Mutex<Vec<Shown>>>,
    opened: Arc<Mutex<u32>>,
}

impl Studio {
    fn open(url: &str, fallback: Option<Duration>, size: (u32, u32)) -> Self {
        let options = LiveOptions {
            model: ModelVariant::Full,
            threads: 1,
            short_side: 384,
            people: 1,
            hands: HandsMode::Off,
            provider: Provider::Cpu,
            fixed_quality: true,
            looping: false,
        };
        let target = RemoteTarget { fallback, ..RemoteTarget::new(url.parse().expect("an address")) };
        let (opened, shown) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, seen) = (Arc::clone(&opened), Arc::clone(&shown));
        let pipeline = LivePipeline::start_remote_with(
            SourceSpec::Path("clip".into()),
            options,
            Some(target),
            Box::new(move |_| Ok(camera(size.0, size.1))),
            Box::new(move |_| {
                *count.lock().expect("no panic") += 1;
                Ok(Box::new(Here(false)))
            }),
        );
        pipeline.set_tap(Some(Arc::new(move |frame: &TrackedFrame| {
            seen.lock().expect("no panic").push(Shown {
                at: Instant::now(),
                age: frame.captured_at.elapsed(),
                time_s: frame.time_s,
                person: frame.people.first().map(|person| (person.id, person.is_new)),
                by_server: frame.timings.encode > 0.0,
            });
        })));
        Self { pipeline, shown, opened }
    }

    fn status(&self) -> RemoteStatus {
        let mut status = self.pipeline.status().remote;
        while status.is_none() {
            std::thread::sleep(Duration::from_millis(2));
            status = self.pipeline.status().remote;
        }
        status.expect("a server")
    }

    fn shown(&self) -> Vec<Shown> {
        self.shown.lock().expect("no panic").clone()
    }

    fn wait_for(&self, frames: usize, by_server: bool) {
        let from = self.shown().len();
        wait_until(&format!("{frames} frames, by a server: {by_server}; {:?}", self.pipeline.status()), || {
            self.shown()[from..].iter().filter(|shown| shown.by_server == by_server).count() >= frames
        });
    }

    /// What must hold of everything that was ever shown.
    fn check(&self) {
        let shown = self.shown();
        // The tap runs just after the gate that looks at the age.
        let oldest = shown.iter().map(|shown| shown.age).max().unwrap_or_default();
        assert!(oldest < Duration::from_millis(1_100), "{oldest:?} old");
        assert!(shown.windows(2).all(|pair| pair[1].time_s > pair[0].time_s), "in order");
    }
}

#[test]
fn a_server_tracks_and_no_model_is_opened() {
    let (port, book) = server::start(false);
    let studio = Studio::open(&format!("ws://127.0.0.1:{port}"), Some(Duration::from_secs(20)), (640, 480));
    studio.wait_for(12, true);
    studio.check();
    // What is shown is counted a moment later.
    wait_until("they are counted", || studio.status().answered >= 12);
    let status = studio.status();
    assert_eq!((status.tracked_by, &status.link), (TrackedBy::Server, &LinkState::Open));
    assert!(status.trip.is_some() && status.jpeg.bytes > 0, "{status:?}");
    assert_eq!(studio.pipeline.status().inference, InferenceState::Running);
    assert_eq!(*studio.opened.lock().expect("no panic"), 0);
    let people: Vec<_> = studio.shown().iter().map(|shown| shown.person).collect();
    assert_eq!((people[0], people[1]), (Some((0, true)), Some((0, false))));
    let book = book.lock().expect("no panic");
    assert!(book.sizes.iter().all(|size| size.0.min(size.1) <= 384), "scaled down: {:?}", book.sizes[0]);
    assert!(
        book.frames.windows(2).all(|pair| pair[1].1 > pair[0].1 && pair[1].2 > pair[0].2),
        "sequences and times rise"
    );
    let frame = studio.pipeline.results().take(Duration::from_secs(5));
    let crate::slot::Taken::Value(frame) = frame else { panic!("{frame:?}") };
    let frame = frame.tracked;
    assert_eq!((frame.width, frame.height), (640, 480));
    let middle = frame.people[0].image[0].position;
    assert!((middle.x - 320.0).abs() < 3.0 && (middle.y - 240.0).abs() < 3.0, "pixels of the source: {middle}");
    assert!(frame.picture.width <= 512 && frame.timings.encode > 0.0, "what was sent is shown");
}

#[test]
fn a_cut_line_is_bridged_and_the_person_stays_the_same() {
    let (port, _book) = server::start(false);
    let (front, weather) = proxy::start(port);
    let studio = Studio::open(&format!("ws://127.0.0.1:{front}"), Some(Duration::from_millis(600)), (160, 120));
    studio.wait_for(10, true);
    for _ in 0..2 {
        weather.is_cut.store(true, Ordering::SeqCst);
        studio.wait_for(10, false);
        assert!(matches!(studio.status().tracked_by, TrackedBy::ThisMachine));
        wait_until("another try", || matches!(studio.status().link, LinkState::Waiting { .. }));
        weather.is_cut.store(false, Ordering::SeqCst);
        studio.wait_for(10, true);
    }
    studio.check();
    assert_eq!(*studio.opened.lock().expect("no panic"), 1, "opened once, and kept");
    let people: Vec<_> = studio.shown().iter().filter_map(|shown| shown.person).collect();
    assert_eq!(people[0], (0, true));
    assert!(people[1..].iter().all(|person| *person == (0, false)), "{people:?}");
}

#[test]
fn a_line_that_stops_is_bridged_too_and_nothing_old_is_shown_after() {
    let (port, _book) = server::start(false);
    let (front, weather) = proxy::start(port);
    let studio = Studio::open(&format!("ws://127.0.0.1:{front}"), Some(Duration::from_millis(800)), (160, 120));
    studio.wait_for(10, true);
    weather.is_stopped.store(true, Ordering::SeqCst);
    studio.wait_for(40, false);
    weather.is_stopped.store(false, Ordering::SeqCst);
    studio.wait_for(10, true);
    studio.check();
}

#[test]
fn without_a_fallback_nothing_is_shown_until_the_server_is_back() {
    let (port, book) = server::start(false);
    let studio = Studio::open(&format!("ws://127.0.0.1:{port}"), None, (160, 120));
    studio.wait_for(5, true);
    set(&book, Mood::Silent);
    std::thread::sleep(Duration::from_millis(1_500));
    let silent = studio.shown().len();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(studio.shown().len(), silent);
    set(&book, Mood::Good);
    studio.wait_for(5, true);
    studio.check();
    assert_eq!(*studio.opened.lock().expect("no panic"), 0);
}

#[test]
fn a_long_way_is_filled() {
    let (port, _book) = server::start(false);
    let (front, weather) = proxy::start(port);
    weather.delay_ms.store(100, Ordering::SeqCst);
    let studio = Studio::open(&format!("ws://127.0.0.1:{front}"), None, (160, 120));
    wait_until("more frames on their way", || studio.status().window >= 3);
    studio.wait_for(30, true);
    studio.check();
    let trip = studio.status().trip.expect("answers");
    println!("200 ms there and back: {trip:?}, {} frames at once", studio.status().window);
    assert!(trip.network_ms >= 190.0);
}

#[test]
fn a_narrow_way_gets_small_pictures_and_never_old_answers() {
    let (port, book) = server::start(false);
    let (front, weather) = proxy::start(port);
    weather.bytes_a_second.store(100_000, Ordering::SeqCst);
    // Noise of this size is about 90 kilobytes: a second for each picture.
    let studio = Studio::open(&format!("ws://127.0.0.1:{front}"), None, (384, 384));
    studio.wait_for(20, true);
    studio.check();
    let status = studio.status();
    println!("100 kB/s: {:?}, {:?}, window {}", status.jpeg, status.trip, status.window);
    assert!(status.jpeg.quality < 85, "{status:?}");
    let book = book.lock().expect("no panic");
    let last = book.frames.len() - 1;
    assert!(book.sizes[last].0 < 384, "{:?}", book.sizes[last]);
}

#[test]
fn answers_without_order_are_put_right() {
    let (port, book) = server::start(false);
    set(&book, Mood::Confused);
    let studio = Studio::open(&format!("ws://127.0.0.1:{port}"), None, (160, 120));
    studio.wait_for(40, true);
    studio.check();
    assert_eq!(book.lock().expect("no panic").connections, 1, "and the connection lives on");
}

#[test]
fn complaints_take_no_answer_away() {
    let (port, book) = server::start(false);
    set(&book, Mood::Grumbling);
    let studio = Studio::open(&format!("ws://127.0.0.1:{port}"), None, (160, 120));
    studio.wait_for(20, true);
    studio.check();
    assert_eq!(studio.status().problem, "", "those that come after the answer are not shown");
}

#[test]
fn bad_answers_harm_nobody() {
    let (port, book) = server::start(false);
    let studio = Studio::open(&format!("ws://127.0.0.1:{port}"), Some(Duration::from_secs(20)), (160, 120));
    studio.wait_for(5, true);
    set(&book, Mood::Mad);
    std::thread::sleep(Duration::from_millis(700));
    wait_until("a word about it", || !studio.status().problem.is_empty());
    for mood in [Mood::Huge, Mood::Gone] {
        let before = book.lock().expect("no panic").connections;
        set(&book, mood);
        wait_until("the end of the connection", || book.lock().expect("no panic").connections > before);
    }
    set(&book, Mood::Good);
    studio.wait_for(10, true);
    studio.check();
}

#[test]
fn who_is_refused_is_told_why() {
    let (port, book) = server::start(false);
    for (token, code, word) in
        [(None, Some(3500), "--remote-token"), (None, Some(3504), "as many clients"), (Some("word"), None, "token")]
    {
        {
            let mut book = book.lock().expect("no panic");
            (book.token, book.closes_with) = (token, code);
        }
        let studio = Studio::open(&format!("ws://127.0.0.1:{port}"), None, (160, 120));
        wait_until("a refusal", || matches!(studio.status().link, LinkState::Refused { .. }));
        let InferenceState::Failed { message } = studio.pipeline.status().inference else {
            panic!("{:?}", studio.pipeline.status())
        };
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_token_opens_the_door_and_targets_can_be_changed() {
    let (port, book) = server::start(false);
    book.lock().expect("no panic").token = Some("word");
    let studio = Studio::open("ws://127.0.0.1:9", Some(Duration::from_secs(20)), (160, 120));
    wait_until("nobody there", || matches!(studio.status().link, LinkState::Waiting { .. }));
    let url = format!("ws://127.0.0.1:{port}").parse().expect("an address");
    let target = RemoteTarget { token: Some("word".to_owned()), ..RemoteTarget::new(url) };
    studio.pipeline.set_remote(Some(target));
    studio.wait_for(5, true);
    studio.pipeline.set_remote(None);
    wait_until("this machine", || studio.pipeline.status().remote.is_none());
    studio.wait_for(5, false);
    studio.check();
}

#[test]
fn original_backends_are_understood() {
    for is_old in [false, true] {
        let (port, book) = server::start(true);
        book.lock().expect("no panic").is_old = is_old;
        let url = format!("socketio+http://127.0.0.1:{port}");
        let studio = Studio::open(&url, Some(Duration::from_secs(20)), (160, 120));
        studio.wait_for(20, true);
        studio.check();
        let people: Vec<_> = studio.shown().iter().map(|shown| shown.person).collect();
        assert!(people.iter().all(|person| person.is_some_and(|(id, _)| id == 0)), "{people:?}");
        set(&book, Mood::Mad);
        wait_until("a word about it", || studio.status().problem.contains("could not be read"));
        set(&book, Mood::Good);
        studio.wait_for(5, true);
        let gaps = studio.shown().windows(2).map(|pair| pair[1].at - pair[0].at).max();
        println!("old backend: {is_old}; longest gap {gaps:?}");
    }
}
