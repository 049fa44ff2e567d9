//! What was tracked comes back.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::fixture::{With, all, header, open, take_of, tracked};
use crate::formats::record::FrameRecord;
use crate::formats::take::{Ending, Precision, TakeError, TakeHeader, TakeReader, TakeWriter, rewrite_header, trim};
use crate::frame::TrackedFrame;
use crate::motion::angle::joint_angles;
use crate::motion::landmark::Landmark;
use crate::settings::{HandsMode, ModelVariant, Settings};

/// Whether two numbers are within half a step, give or take what a record was rounded to before, a hundredth of a step.
fn near(a: f32, b: f32, step: f64) -> bool {
    f64::from((a - b).abs()) <= step * 0.51
}

fn landmarks_are_near(a: &[Landmark], b: &[Landmark], steps: [f64; 3], confidence: f64) -> bool {
    a.iter().zip(b).all(|(a, b)| {
        let position = (0..3).all(|axis| near(a.position[axis], b.position[axis], steps[axis]));
        // Twice, as nothing is rounded across one half.
        let confidences =
            near(a.visibility, b.visibility, 2.0 * confidence) && near(a.presence, b.presence, 2.0 * confidence);
        position && confidences && (a.visibility < 0.5) == (b.visibility < 0.5)
    })
}

fn assert_near(read: &TrackedFrame, original: &TrackedFrame) {
    let p = Precision::for_picture(640, 480);
    assert_eq!(read.frame_id, original.frame_id);
    assert!((read.time_s - original.time_s).abs() < 1e-6);
    assert_eq!((read.width, read.height), (original.width, original.height));
    assert!(near(read.timings.total, original.timings.total, 0.1));
    assert_eq!(read.people.len(), original.people.len());
    for (read, original) in read.people.iter().zip(&original.people) {
        assert_eq!((read.id, read.is_new), (original.id, original.is_new));
        assert!(near(read.size_px, original.size_px, p.image_px) && near(read.score, original.score, p.score));
        let image = [p.image_px, p.image_px, p.body_depth_px];
        assert!(landmarks_are_near(&read.image, &original.image, image, p.confidence));
        assert!(landmarks_are_near(&read.world, &original.world, [p.body_m; 3], p.confidence));
        assert_eq!(read.hands.iter().count(), original.hands.iter().count());
        for ((side, read), (_, original)) in read.hands.iter().zip(original.hands.iter()) {
            for (read, original) in read.image.iter().zip(&original.image) {
                for (axis, step) in [p.image_px, p.image_px, p.hand_depth_px].into_iter().enumerate() {
                    assert!(near(read[axis], original[axis], step), "{side:?}");
                }
            }
            let mut world = read.world.iter().zip(&original.world);
            assert!(world.all(|(read, original)| (0..3).all(|axis| near(read[axis], original[axis], p.hand_m))));
        }
    }
}

#[test]
fn frames_come_back_within_the_precision() {
    let frames: Vec<_> = (0..650)
        .map(|index| tracked(index, [With::Hands, With::Body, With::Nobody][(index / 7) as usize % 3]))
        .collect();
    let bytes = take_of(frames.iter().cloned());
    let mut take = open(&bytes).expect("opens");
    assert!(take.is_whole() && take.len() == 650);
    assert!((take.duration_s() - 649.0 / 30.0).abs() < 0.01);
    let now = Instant::now();
    for (index, frame) in frames.iter().enumerate() {
        let read = take.tracked(index, now).expect("reads");
        assert_eq!(read.captured_at, now);
        assert_near(&read, frame);
    }
}

#[test]
fn two_readings_are_the_same_bit_for_bit_whatever_the_order() {
    let bytes = take_of((0..700).map(|index| tracked(index, With::Hands)));
    let forwards = all(&bytes);
    assert_eq!(forwards, all(&bytes));
    let mut take = open(&bytes).expect("opens");
    for index in (0..700).rev().step_by(13) {
        assert_eq!(take.frame(index).expect("reads"), forwards[index]);
    }
}

#[test]
fn hands_without_a_body_come_back_as_such() {
    let mut frame = tracked(0, With::Hands);
    frame.loose_hands = frame.people[0].hands;
    frame.people.clear();
    let read = open(&take_of([frame.clone()])).expect("opens").tracked(0, Instant::now()).expect("reads");
    assert!(read.people.is_empty());
    assert!(read.loose_hands.left.is_some() && read.loose_hands.right.is_some());
    let point = read.loose_hands.left.expect("a hand").world[4];
    assert!(point.distance(frame.loose_hands.left.expect("a hand").world[4]) < 1e-3);
}

#[test]
fn records_have_the_angles_of_their_own_landmarks() {
    let mut take_bytes = take_of([tracked(4, With::Body)]);
    let record = open(&take_bytes).expect("opens").frame(0).expect("reads");
    let angles = joint_angles(&record.people[0].world_landmarks().expect("33 landmarks"));
    assert_eq!(record.people[0].angles.len(), 14);
    for (joint, radians) in angles.iter() {
        let degrees = record.people[0].angles[joint.name()];
        assert_eq!(degrees.is_some(), radians.is_some());
        assert!(degrees.zip(radians).is_none_or(|(degrees, radians)| (degrees - radians.to_degrees()).abs() < 0.006));
    }
    take_bytes.truncate(take_bytes.len() - 28);
    let text = String::from_utf8(zstd::stream::decode_all(take_bytes.as_slice()).expect("unpacks")).expect("text");
    assert!(text.lines().nth(1).expect("a record").contains("\"angles\":{},"), "the file does not repeat them");
}

#[test]
fn frames_are_found_by_their_time() {
    let bytes = take_of((0..900).map(|index| tracked(index, With::Body)));
    let records = all(&bytes);
    let mut take = open(&bytes).expect("opens");
    for time_s in (-20..3200).map(|step| f64::from(step) * 0.01) {
        let expected = records.iter().rposition(|record| record.time_s <= time_s).unwrap_or(0);
        assert_eq!(take.index_at(time_s).expect("reads"), Some(expected), "{time_s}");
    }
    assert_eq!(open(&take_of([])).expect("opens").index_at(1.0).expect("reads"), None);
}

#[test]
fn an_empty_take_is_whole() {
    let bytes = take_of([]);
    let mut take = open(&bytes).expect("opens");
    assert!(take.is_empty() && take.is_whole() && take.duration_s() == 0.0);
    assert!(take.frame(0).is_err());
    assert_eq!(take.frames().count(), 0);
}

#[test]
fn the_header_says_how_it_was_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.ldt");
    let mut header = TakeHeader {
        name: "Ünïcode \"quoted\"\n".into(),
        created_unix_s: Some(1_790_000_000),
        fps: Some(29.97),
        model: Some(ModelVariant::Heavy),
        hands: Some(HandsMode::Only),
        settings: serde_json::to_value(Settings::default()).expect("a value"),
        ..header()
    };
    header.versions.models.insert("body".into(), "0123".into());
    header.more.insert("later".into(), serde_json::json!([1, 2]));
    let mut writer = TakeWriter::create(&path, &header).expect("begins");
    writer.push_tracked(&tracked(0, With::Hands)).expect("writes");
    writer.finish().expect("ends");
    let take = TakeReader::open(&path).expect("opens");
    header.precision = Some(Precision::for_picture(640, 480));
    assert_eq!(take.header(), &header);
    let settings: Settings = serde_json::from_value(take.header().settings.clone()).expect("settings");
    assert_eq!(settings, Settings::default());
    assert!(TakeWriter::create(&path, &header).is_err(), "an older take is never written over");
}

/// What `track` writes, and whether its last line ends.
fn lines(frames: u64, is_ended: bool) -> Vec<u8> {
    let lines: Vec<String> = (0..frames)
        .map(|index| serde_json::to_string(&FrameRecord::new(&tracked(index, With::Hands))).expect("writes"))
        .collect();
    (lines.join("\n") + if is_ended { "\n" } else { "" }).into_bytes()
}

#[test]
fn files_of_track_are_takes_without_a_header() {
    for is_ended in [true, false] {
        let bytes = lines(700, is_ended);
        assert!(bytes.len() > 2 << 20, "more than one part");
        let mut take = open(&bytes).expect("opens");
        assert!(!take.has_header() && take.is_whole() && take.len() == 700);
        assert_eq!(take.header(), &TakeHeader::default());
        for index in [699, 0, 1, 350] {
            let record = take.frame(index).expect("reads");
            assert_eq!(record.frame, index as u64);
            assert_eq!(record.people[0].is_new, Some(index == 0), "whoever was not there before is new");
            let body = record.people[0].to_body().expect("a body");
            assert!(body.size_px > 100.0 && body.size_px < 500.0);
        }
    }
    let whole = lines(30, true);
    for cut in (whole.len() - 9_000..whole.len() - 1).step_by(7).chain(whole.len() - 3..whole.len() - 1) {
        let bytes = &whole[..cut];
        let mut take = open(bytes).expect("opens");
        let ended = bytes.split(|byte| *byte == b'\n').count() - 1;
        // The last line may be whole but for its newline.
        assert!(take.len() == ended || (take.len() == ended + 1 && take.is_whole()), "{cut}");
        assert_eq!(take.is_whole(), bytes.ends_with(b"\n") || take.len() == ended + 1);
        assert!(take.frame(take.len() - 1).is_ok());
    }
}

#[test]
fn takes_that_others_unpacked_or_packed_again_are_takes() {
    let bytes = take_of((0..700).map(|index| tracked(index, With::Hands)));
    let records = all(&bytes);
    let text = zstd::stream::decode_all(bytes.as_slice()).expect("unpacks");
    assert_eq!(all(&text), records);
    let packed = zstd::stream::encode_all(text.as_slice(), 3).expect("packs");
    let mut take = open(&packed).expect("opens");
    assert!(take.is_whole() && take.has_header());
    assert_eq!(take.frames().collect::<Result<Vec<_>, _>>().expect("reads"), records);
    let cut = open(&packed[..packed.len() / 2]).expect("opens");
    assert!(!cut.is_whole() && cut.len() > 100 && cut.len() < 700, "{}", cut.len());
}

fn saved(path: &Path, frames: u64) -> Vec<FrameRecord> {
    let bytes = take_of((0..frames).map(|index| tracked(index, With::Hands)));
    fs::write(path, &bytes).expect("writes");
    all(&bytes)
}

#[test]
fn a_part_of_a_take_is_a_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, output) = (folder.path().join("a.ldt"), folder.path().join("b.ldt"));
    let records = saved(&path, 700);
    let mut take = TakeReader::open(&path).expect("opens");
    for range in [0..700, 0..1, 250..650, 699..700] {
        trim(&mut take, range.clone(), &output).expect("trims");
        let mut part = TakeReader::open(&output).expect("opens");
        assert!(part.is_whole());
        assert_eq!(part.header(), take.header());
        assert_eq!(part.frames().collect::<Result<Vec<_>, _>>().expect("reads"), records[range]);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "that it is refused is what is tested")]
    for range in [5..5, 9..3] {
        assert!(matches!(trim(&mut take, range, &output), Err(TakeError::Refused { .. })));
    }
    assert!(matches!(trim(&mut take, 0..701, &output), Err(TakeError::NoSuchFrame { index: 700, frames: 700, .. })));
    assert!(matches!(trim(&mut take, 0..9, &path), Err(TakeError::Refused { .. })));
    assert_eq!(TakeReader::open(&path).expect("opens").len(), 700);
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 2, "no draft is left");
}

#[test]
fn a_file_of_track_becomes_a_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, output) = (folder.path().join("a.jsonl"), folder.path().join("b.ldt"));
    fs::write(&path, lines(40, true)).expect("writes");
    assert!(matches!(rewrite_header(&path, |_| ()), Err(TakeError::Refused { .. })));
    trim(&mut TakeReader::open(&path).expect("opens"), 10..40, &output).expect("trims");
    let mut take = TakeReader::open(&output).expect("opens");
    assert_eq!((take.len(), take.header().width, take.is_whole()), (30, 640, true));
    assert_eq!(take.frame(0).expect("reads").frame, 10);
    rewrite_header(&output, |header| header.name = "now it has one".into()).expect("renames");
}

#[test]
fn a_name_is_changed_without_touching_the_frames() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.ldt");
    let records = saved(&path, 400);
    let long = "x".repeat(10_000);
    rewrite_header(&path, |header| (header.name, header.notes) = ("other".into(), long.clone())).expect("renames");
    let mut take = TakeReader::open(&path).expect("opens");
    assert_eq!((take.header().name.as_str(), take.header().notes.as_str()), ("other", long.as_str()));
    assert_eq!(take.header().source, "camera");
    assert!(take.is_whole());
    assert_eq!(take.frames().collect::<Result<Vec<_>, _>>().expect("reads"), records);
    // A take that was cut stays cut.
    let bytes = fs::read(&path).expect("reads");
    fs::write(&path, &bytes[..bytes.len() - 1_000]).expect("writes");
    let before = TakeReader::open(&path).expect("opens").len();
    rewrite_header(&path, |header| header.name = "cut".into()).expect("renames");
    assert_eq!(TakeReader::open(&path).expect("opens").ending(), Ending::Cut { frames: before });
}
