use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::*;
use crate::formats::take::{Ending, TakeReader};
use crate::frame::Timings;
use crate::motion::Hands;
use crate::motion::session::Continuity;
use crate::requirement::need;

const PATIENCE: Duration = Duration::from_secs(30);

fn tracked(index: u64) -> TrackedFrame {
    TrackedFrame {
        frame_id: index,
        captured_at: Instant::now(),
        time_s: index as f64 / 30.0,
        width: 64,
        height: 48,
        people: Vec::new(),
        loose_hands: Hands::default(),
        timings: Timings::default(),
        picture: Arc::new(RgbImage::new(5, 3, vec![(index * 20) as u8; 45]).expect("a picture")),
        continuity: Continuity::Follows,
        measured_hands: None,
    }
}

fn start(path: &Path, options: RecorderOptions) -> Recorder {
    Recorder::start(path, TakeHeader { width: 64, height: 48, ..TakeHeader::default() }, options).expect("starts")
}

/// A file in memory that can be slow, and full.
#[derive(Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: Option<usize>,
    pause: Duration,
}

impl Disk {
    fn take(&self) -> TakeReader<io::Cursor<Vec<u8>>> {
        TakeReader::new(io::Cursor::new(self.bytes.lock().unwrap().clone()), Path::new("disk.ldt")).expect("opens")
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        std::thread::sleep(self.pause);
        let mut kept = self.bytes.lock().unwrap();
        let fits = bytes.len().min(self.room.unwrap_or(usize::MAX).saturating_sub(kept.len()));
        if fits == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        kept.extend_from_slice(&bytes[..fits]);
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TakeSink for Disk {
    fn cut_to(&mut self, length: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().truncate(length as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start_on(disk: &Disk, queue: usize) -> Recorder {
    let options = RecorderOptions { queue, ..RecorderOptions::default() };
    Recorder::start_with(disk.clone(), Path::new("disk.ldt"), TakeHeader::default(), options).expect("starts")
}

#[test]
fn every_frame_is_kept_and_the_header_says_what_recorded_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("deeper/take.ldt");
    let recorder = start(&path, RecorderOptions::default());
    let tap = recorder.tap();
    (0..200).for_each(|index| tap(&tracked(index)));
    let status = recorder.stop();
    assert_eq!((status.frames, status.lost, &status.error), (200, 0, &None));
    assert!(status.is_finished && (status.seconds - 199.0 / 30.0).abs() < 1e-9, "{status:?}");
    let on_disk = std::fs::metadata(&path).expect("a file").len();
    assert!((status.bytes..status.bytes + 200).contains(&on_disk), "{on_disk}, but for the marks at the end");
    let mut take = TakeReader::open(&path).expect("opens");
    assert!(take.is_whole());
    let frames: Vec<u64> = take.frames().map(|frame| frame.expect("reads").frame).collect();
    assert_eq!(frames, (0..200).collect::<Vec<_>>());
    assert_eq!(take.header().versions.app, env!("CARGO_PKG_VERSION"));
    assert!(!take.header().versions.models.is_empty());
    tap(&tracked(200));
    assert_eq!(TakeReader::open(&path).expect("opens").len(), 200, "nothing is added after the end");
}

#[test]
fn a_slow_disk_keeps_every_frame_that_the_queue_can_hold() {
    let disk = Disk { pause: Duration::from_millis(20), ..Disk::default() };
    let recorder = start_on(&disk, 900);
    // Two frames a second, so that each is written by itself.
    (0..60).for_each(|index| recorder.record(&TrackedFrame { time_s: index as f64 / 2.0, ..tracked(index) }));
    let status = recorder.stop();
    assert_eq!((status.frames, status.lost), (60, 0));
    assert_eq!((disk.take().len(), disk.take().is_whole()), (60, true));
}

#[test]
fn what_is_lost_to_a_full_queue_is_counted() {
    let disk = Disk { pause: Duration::from_millis(50), ..Disk::default() };
    let recorder = start_on(&disk, 2);
    let began = Instant::now();
    (0..400).for_each(|index| recorder.record(&TrackedFrame { time_s: index as f64, ..tracked(index) }));
    assert!(began.elapsed() < Duration::from_secs(10), "the tracker never waits");
    let status = recorder.stop();
    assert!(status.lost > 0, "{status:?}");
    assert_eq!(status.frames + status.lost, 400);
    assert_eq!(disk.take().len() as u64, status.frames);
}

#[test]
fn a_full_disk_ends_the_recording_and_keeps_what_was_written() {
    let disk = Disk { room: Some(9_000), ..Disk::default() };
    let recorder = start_on(&disk, 900);
    let began = Instant::now();
    let mut index = 0;
    while !recorder.status().is_finished {
        assert!(began.elapsed() < PATIENCE, "never full");
        recorder.record(&tracked(index));
        index += 1;
        std::thread::sleep(Duration::from_micros(50));
    }
    let status = recorder.status();
    let error = status.error.expect("an error");
    assert!(error.contains("disk is full") && error.contains("kept"), "{error}");
    let mut take = disk.take();
    let kept = take.len();
    assert!(kept > 0);
    assert_eq!(take.ending(), Ending::Cut { frames: kept });
    // A busy machine may have lost some in between: the tracker never waits.
    let numbers: Vec<u64> = take.frames().map(|frame| frame.expect("reads").frame).collect();
    assert!(numbers.len() == kept && numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    let again = recorder.stop();
    assert!(again.error.is_some() && again.is_finished);
}

#[test]
fn dropping_finishes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("take.ldt");
    let recorder = start(&path, RecorderOptions::default());
    let tap = recorder.tap();
    (0..40).for_each(|index| tap(&tracked(index)));
    drop(recorder);
    let take = TakeReader::open(&path).expect("opens");
    assert!(take.is_whole() && take.len() == 40, "although the tap lives on");
}

#[test]
fn what_waits_is_written_when_no_more_frames_come() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("take.ldt");
    let recorder = start(&path, RecorderOptions::default());
    (0..10).for_each(|index| recorder.record(&tracked(index)));
    let began = Instant::now();
    while TakeReader::open(&path).map_or(0, |take| take.len()) < 10 {
        assert!(began.elapsed() < PATIENCE, "never written");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!TakeReader::open(&path).expect("opens").is_whole(), "it is still being recorded");
}

#[test]
fn no_take_is_recorded_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("take.ldt");
    std::fs::write(&path, "older").expect("writes");
    let error = Recorder::start(&path, TakeHeader::default(), RecorderOptions::default()).err().expect("refused");
    assert!(error.to_string().contains("take.ldt is there already"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), "older");
    let names: Vec<_> = (0..3)
        .map(|_| {
            let options = RecorderOptions::default();
            let recorder = Recorder::start_in(folder.path(), "take", TakeHeader::default(), options).expect("starts");
            recorder.path().file_name().expect("a name").to_owned()
        })
        .collect();
    assert_eq!(names, ["take-2.ldt", "take-3.ldt", "take-4.ldt"]);
    let error = Recorder::start(&path.join("no"), TakeHeader::default(), RecorderOptions::default());
    assert!(matches!(error.err(), Some(RecorderError::Folder { .. })), "a file is no folder");
}

#[test]
fn the_source_is_kept_beside_the_take() {
    let programs = crate::capture::ffmpeg::Programs::find().ok();
    let Some(programs) = need("ffmpeg", programs, "there is no ffmpeg on this machine") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("take.ldt");
    let recorder = start(&path, RecorderOptions { video: true, fps: 10.0, ..RecorderOptions::default() });
    // Ten frames of a tenth of a second, one left out; odd sides, and another size in between.
    for index in (0..10).filter(|index| *index != 4) {
        let picture = if index == 6 { RgbImage::new(9, 9, vec![9; 243]) } else { RgbImage::new(33, 21, vec![7; 2079]) };
        let picture = Arc::new(picture.expect("a picture"));
        recorder.record(&TrackedFrame { time_s: 5.0 + index as f64 / 10.0, picture, ..tracked(index) });
        std::thread::sleep(Duration::from_millis(20));
    }
    let status = recorder.stop();
    assert_eq!((status.frames, &status.error, &status.video_error), (9, &None, &None));
    let asked = ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,width", "-of", "csv=p=0"];
    let told = programs.ffprobe().args(asked).arg(folder.path().join("take.mp4")).output();
    assert_eq!(String::from_utf8_lossy(&told.expect("ffprobe").stdout).trim(), "32,10");
}

#[test]
fn an_encoder_that_fails_does_not_hurt_the_take() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("take.ldt");
    std::fs::write(folder.path().join("take.mp4"), "older").expect("writes");
    let recorder = start(&path, RecorderOptions { video: true, ..RecorderOptions::default() });
    (0..40).for_each(|index| recorder.record(&tracked(index)));
    let status = recorder.stop();
    assert!(status.video_error.expect("an error").contains("take.mp4"));
    assert_eq!((status.frames, status.error), (40, None));
    assert!(TakeReader::open(&path).expect("opens").is_whole());
}

/// What the inference thread pays a frame for being recorded. Says nothing about the machine, so it asserts no time.
#[test]
fn cost_on_the_inference_thread() {
    let disk = Disk::default();
    let recorder = start_on(&disk, 100_000);
    let frame = crate::motion::BodyPose {
        id: 0,
        is_new: false,
        score: 1.0,
        image: [crate::motion::Landmark::default(); 33],
        world: [crate::motion::Landmark::default(); 33],
        size_px: 100.0,
        hands: Hands::default(),
    };
    let tap = recorder.tap();
    let frames: Vec<_> =
        (0..3000).map(|index| TrackedFrame { people: vec![frame.clone()], ..tracked(index) }).collect();
    let began = Instant::now();
    for frame in &frames {
        tap(frame);
    }
    let each = began.elapsed() / 3000;
    println!("{each:?} a frame on the inference thread: {:.4} % of a core at 30 Hz", each.as_secs_f64() * 30.0 * 100.0);
    assert_eq!(recorder.stop().frames, 3000);
}
