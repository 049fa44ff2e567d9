//! Files that are cut, changed or made to hurt.

use std::path::Path;

use super::fixture::{Memory, With, all, header, open, take_of, tracked};
use crate::formats::record::FrameRecord;
use crate::formats::take::{Ending, TakeError, TakeWriter};
use crate::frame::TrackedFrame;
use crate::motion::random::Random;

/// A small take of three chunks: frames a third of a second apart, somebody in every fifth.
fn small(frames: u64) -> impl Iterator<Item = TrackedFrame> {
    (0..frames).map(|index| {
        let mut frame = tracked(index, if index % 5 == 0 { With::Body } else { With::Nobody });
        frame.time_s = index as f64 / 3.0;
        frame
    })
}

fn text_of(take: &[u8]) -> Vec<u8> {
    zstd::stream::decode_all(take).expect("one stream of zstd frames")
}

/// Reads everything that can be read, in order and by time. What comes out must be a record; what does not, an error.
fn read_all(bytes: &[u8]) -> usize {
    let Ok(mut take) = open(bytes) else { return 0 };
    let mut read = 0;
    for index in 0..take.len().min(100) {
        if let Ok(record) = take.frame(index) {
            let counts = record.people.iter().all(|person| matches!(person.landmarks.len(), 0 | 33));
            assert!(counts && record.time_s.is_finite());
            read += 1;
        }
    }
    for time_s in [f64::NEG_INFINITY, -1.0, 3.3, 12.0, 1e9, f64::NAN] {
        if let Ok(Some(index)) = take.index_at(time_s) {
            assert!(index < take.len());
        }
    }
    assert!(take.frame(take.len()).is_err());
    read
}

#[test]
fn a_take_that_is_cut_anywhere_opens_up_to_its_last_whole_line() {
    let mut bytes = Vec::new();
    let sink = Memory { bytes: &mut bytes, room: usize::MAX };
    let mut writer = TakeWriter::new(sink, Path::new("memory.ldt"), &header()).expect("begins");
    // Bytes from which on so many frames must be there.
    let mut kept = vec![(writer.bytes(), 0)];
    for (index, frame) in small(80).enumerate() {
        let before = writer.bytes();
        writer.push_tracked(&frame).expect("writes");
        if writer.bytes() > before {
            // It was written before this frame was added.
            kept.push((writer.bytes(), index));
        }
    }
    writer.finish().expect("ends");
    let records = all(&bytes);
    assert_eq!(records.len(), 80);
    assert!(kept.len() > 20, "{kept:?}");
    for cut in 0..bytes.len() {
        let expected = kept.iter().rev().find(|(from, _)| *from <= cut as u64);
        let Some((_, expected)) = expected else {
            assert!(open(&bytes[..cut]).is_err(), "{cut} bytes do not hold the header");
            continue;
        };
        let mut take = open(&bytes[..cut]).expect("opens");
        let frames = take.len();
        assert!(frames >= *expected, "{cut} bytes: {frames} of {expected}");
        assert_eq!(take.ending(), Ending::Cut { frames });
        for index in [0, frames / 2, frames.saturating_sub(1)] {
            if index < frames {
                assert_eq!(take.frame(index).expect("reads"), records[index]);
            }
        }
    }
}

#[test]
fn ten_thousand_changed_files_harm_nobody() {
    let take = take_of(small(70));
    let text = text_of(&take);
    let repacked = zstd::stream::encode_all(text.as_slice(), 1).expect("packs");
    let mut random = Random::new(1);
    let mut read = 0;
    for round in 0..10_000 {
        let mut bytes = match round % 5 {
            0..3 => take.clone(),
            3 => text.clone(),
            _ => repacked.clone(),
        };
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            let length = random.below(30).min(bytes.len() - at);
            match random.below(7) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => bytes[at] = random.next_u64() as u8,
                2 => drop(bytes.drain(at..at + length)),
                3 => bytes.truncate(at.max(1)),
                4 => {
                    let part = bytes[at..at + length].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, part);
                }
                5 => bytes[at..at + length].fill(0),
                _ => {
                    let word: &[u8] =
                        [&b"1e999"[..], b"null", b"-", b"[[[[", b"\n", b"\"", b"99999999999999999999"][random.below(7)];
                    bytes.splice(at..at, word.iter().copied());
                }
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
        // Half of the changed texts come packed, so that their lines are reached through a sound frame.
        if round % 10 == 3 {
            bytes = zstd::stream::encode_all(bytes.as_slice(), 1).expect("packs");
        }
        read += read_all(&bytes);
    }
    assert!(read > 100_000, "most frames are still read: {read}");
}

#[test]
fn bytes_at_random_are_no_take() {
    let mut random = Random::new(2);
    for round in 0..2_000 {
        let mut bytes: Vec<u8> = (0..random.below(2_000)).map(|_| random.next_u64() as u8).collect();
        if round % 2 == 0 {
            bytes.splice(0..0, 0xFD2F_B528_u32.to_le_bytes());
        }
        assert_eq!(read_all(&bytes), 0);
    }
}

#[test]
fn a_change_inside_a_chunk_is_found_and_the_others_are_read() {
    let mut take = take_of(small(90));
    let records = all(&take);
    // The hash of the chunk tells, whatever zstd makes of it.
    let middle = take.len() / 2;
    take[middle] ^= 0x55;
    let mut reader = open(&take).expect("opens");
    let read: Vec<_> = (0..reader.len()).map(|index| reader.frame(index)).collect();
    let damaged = read.iter().filter(|record| record.is_err()).count();
    assert!(reader.len() < 90 || (damaged > 0 && damaged < 60), "{damaged} of {}", reader.len());
    for (record, original) in read.iter().zip(&records) {
        match record {
            Ok(record) => assert_eq!(record, original),
            Err(error) => assert!(error.to_string().contains("memory.ldt is damaged near frame"), "{error}"),
        }
    }
}

fn refusal(bytes: &[u8]) -> String {
    open(bytes).err().expect("refused").to_string()
}

#[test]
fn what_is_wrong_is_said() {
    assert!(refusal(b"").contains("memory.ldt is not a take: it is empty"));
    assert!(refusal(b"\n \n").contains("no lines"));
    assert!(refusal(b"RIFF and so on").contains("not a JSON object"));
    assert!(refusal(b"{}\n").contains("no record of a frame"));
    let later = br#"{"livedance_take":2,"name":"later"}"#;
    let message = refusal(later);
    assert!(message.contains("version 2") && message.contains("update LiveDance"), "{message}");
    assert!(refusal(br#"{"livedance_take":1,"width":-4}"#).contains("header cannot be used"));
    let packed = zstd::stream::encode_all(&later[..], 1).expect("packs");
    assert!(refusal(&packed).contains("version 2"));
    let error = crate::formats::take::TakeReader::open(Path::new("/nowhere/x.ldt")).err().expect("refused");
    assert!(matches!(error, TakeError::Read { .. }) && error.to_string().contains("/nowhere/x.ldt"), "{error}");
    let mut take = open(&take_of(small(4)).clone()).map(|mut take| take.frame(4).expect_err("none").to_string());
    assert!(take.as_mut().expect("opens").contains("4 frame(s)"), "{take:?}");
}

/// A line of `track` with something replaced in it.
fn altered(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let first = serde_json::to_string(&FrameRecord::new(&tracked(0, With::Hands))).expect("writes");
    let mut value = serde_json::to_value(FrameRecord::new(&tracked(1, With::Hands))).expect("writes");
    change(&mut value);
    format!("{first}\n{value}\n{first}\n").into_bytes()
}

#[test]
fn a_record_that_is_none_is_an_error_and_the_others_are_read() {
    let cases: [(Vec<u8>, &str); 6] = [
        (
            altered(|line| drop(line["people"][0]["landmarks"].as_array_mut().map(Vec::pop))),
            "32 landmarks and 33 world",
        ),
        (
            altered(|line| drop(line["people"][0]["hands"]["left"]["world"].as_array_mut().map(Vec::pop))),
            "21 landmarks and 20",
        ),
        (altered(|line| line["people"][0]["world"][3][1] = serde_json::json!(1e300)), "out of its range"),
        (altered(|line| line["people"][0]["world"][3][1] = serde_json::json!("x")), "no record"),
        (altered(|line| line["people"][0]["size_px"] = serde_json::json!(-1)), "out of its range"),
        (altered(|line| line["time_s"] = serde_json::Value::Null), "no record"),
    ];
    for (bytes, word) in cases {
        let mut take = open(&bytes).expect("opens");
        assert_eq!(take.len(), 3);
        let message = take.frame(1).expect_err("refused").to_string();
        assert!(message.contains(word) && message.contains("near frame 1"), "{message}");
        assert!(take.frame(0).is_ok());
        assert_eq!(take.frames().flatten().count(), 1, "ends after the first error");
    }
    // No number of JSON is not a number, but some programs write it.
    let text = String::from_utf8(altered(|_| ())).expect("text").replacen("\"time_s\":0.0", "\"time_s\":NaN", 1);
    assert!(open(text.as_bytes()).is_err() || !text.contains("NaN"));
}

#[test]
fn bombs_and_endless_lines_are_given_up() {
    let line = zstd::stream::encode_all(std::io::Read::take(std::io::repeat(b' '), 1 << 30), 1).expect("packs");
    assert!(line.len() < 200_000);
    assert!(refusal(&line).contains("more than 64 MB"));
    let take = take_of(small(3));
    let mut behind = take.clone();
    behind.truncate(take.len() - 28);
    behind.extend(&line);
    let outcome = open(&behind);
    assert!(matches!(outcome, Err(TakeError::TooLarge { .. })), "{:?}", outcome.map(|take| take.ending()));
    let plain = vec![b'{'; 40 << 20];
    assert!(refusal(&plain).contains("a line of more than"));
    // Many small parts that do not say what they hold.
    let part = zstd::stream::encode_all(std::io::Read::take(std::io::repeat(b'\n'), 60 << 20), 1).expect("packs");
    let many: Vec<u8> = take[..].iter().copied().take(take.len() - 28).chain(part.repeat(12)).collect();
    assert!(matches!(open(&many), Err(TakeError::TooLarge { .. })));
    // A line that is too long, behind a sound one.
    let mut long = serde_json::to_vec(&FrameRecord::new(&tracked(0, With::Nobody))).expect("writes");
    long.push(b'\n');
    long.resize(3 << 20, b' ');
    long.extend(b"{}\n");
    assert!(refusal(&long).contains("a line of more than"));
}
