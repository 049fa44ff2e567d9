//! The disk is full.

use std::path::Path;

use super::fixture::{Memory, With, all, header, open, take_of, tracked};
use crate::formats::take::{Ending, TakeError, TakeWriter};

const FRAMES: u64 = 340;

#[test]
fn what_was_written_before_the_disk_was_full_is_kept() {
    let frames: Vec<_> = (0..FRAMES).map(|index| tracked(index, With::Body)).collect();
    let whole = take_of(frames.iter().cloned());
    let records = all(&whole);
    let mut kept_before = 0;
    // The last few rooms leave out some bytes of the end.
    for room in (0..whole.len()).step_by(whole.len() / 20).chain((whole.len() - 40..whole.len()).step_by(3)) {
        let mut bytes = Vec::new();
        let sink = Memory { bytes: &mut bytes, room };
        let path = Path::new("full.ldt");
        let mut writer = match TakeWriter::new(sink, path, &header()) {
            Ok(writer) => writer,
            Err(error) => {
                assert!(matches!(error, TakeError::DiskFull { kept: 0, .. }), "{error}");
                assert!(room < 400, "the header fits into {room}");
                continue;
            }
        };
        let failed = frames.iter().position(|frame| writer.push_tracked(frame).is_err());
        let error = if failed.is_some() {
            let again = writer.push_tracked(&frames[0]).expect_err("has ended");
            assert!(again.to_string().contains("was ended"), "{again}");
            writer.finish().expect_err("is not whole")
        } else {
            writer.finish().expect_err("the disk is full")
        };
        assert!(failed.is_some() || matches!(error, TakeError::DiskFull { .. }), "{error}");
        assert!(bytes.len() <= room);
        let mut take = open(&bytes).expect("opens");
        let kept = take.len();
        assert_eq!(take.ending(), Ending::Cut { frames: kept });
        for (index, record) in take.frames().enumerate() {
            assert_eq!(record.expect("reads"), records[index], "frame {index} of {kept}");
        }
        // No more than a second is lost when the disk is full.
        let written = failed.map_or(FRAMES as usize, |failed| failed + 1);
        assert!(kept + 30 >= written, "{kept} of {written} with room for {room}");
        assert!(kept >= kept_before, "more room, fewer frames");
        kept_before = kept;
    }
    assert!(kept_before > 300);
}

#[test]
fn the_error_says_what_was_kept() {
    let mut bytes = Vec::new();
    let sink = Memory { bytes: &mut bytes, room: 30_000 };
    let mut writer = TakeWriter::new(sink, Path::new("full.ldt"), &header()).expect("begins");
    let error = (0..FRAMES)
        .find_map(|index| writer.push_tracked(&tracked(index, With::Body)).err())
        .expect("the disk is full")
        .to_string();
    drop(writer);
    let kept = open(&bytes).expect("opens").len();
    assert!(error.contains("full.ldt") && error.contains("disk is full"), "{error}");
    assert!(kept > 0 && error.contains(&format!("first {kept} frame(s)")), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_that_is_always_full_is_a_full_disk() {
    let device = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let error = TakeWriter::new(device, Path::new("/dev/full"), &header()).err().expect("refused");
    assert!(matches!(error, TakeError::DiskFull { kept: 0, .. }), "{error}");
}
