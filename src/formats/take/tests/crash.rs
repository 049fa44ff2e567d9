//! The program is killed while it writes.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::fixture::{With, header, tracked};
use crate::formats::record::FrameRecord;
use crate::formats::take::{Ending, TakeReader, TakeWriter};
use crate::motion::random::Random;

const FOLDER: &str = "LIVEDANCE_TEST_CRASH_FOLDER";
/// Frames in a second.
const RATE: u64 = 30;

/// Not a test of its own: what the other one starts and kills. Writes frames, and beside them how many it wrote.
#[test]
#[ignore = "started by `a_killed_recorder_loses_a_second_at_most`"]
fn recorder() {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from).expect("the other test names a folder");
    let mut progress = File::create(folder.join("progress")).expect("a file");
    let mut writer = TakeWriter::create(&folder.join("take.ldt"), &header()).expect("begins");
    for index in 0..1_000_000 {
        writer.push_tracked(&tracked(index, With::Hands)).expect("writes");
        progress.rewind().expect("rewinds");
        progress.write_all(&(index + 1).to_le_bytes()).expect("writes");
    }
}

fn pushed(folder: &Path) -> u64 {
    fs::read(folder.join("progress")).ok().and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this program itself is started again")]
fn a_killed_recorder_loses_a_second_at_most() {
    let mut random = Random::new(u64::from(std::process::id()));
    for run in 0..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "formats::take::tests::crash::recorder", "--ignored", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        while pushed(folder.path()) == 0 {
            assert!(child.try_wait().expect("waits").is_none(), "the recorder ended early");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(random.below(300_000) as u64));
        child.kill().expect("kills");
        child.wait().expect("waits");

        let pushed = pushed(folder.path());
        let mut take = TakeReader::open(&folder.path().join("take.ldt")).expect("opens");
        let frames = take.len();
        println!("run {run}: {pushed} frames were pushed, {frames} are there");
        // One more may have been written than was counted.
        assert!(frames as u64 + RATE >= pushed && frames as u64 <= pushed + 1, "{frames} of {pushed}");
        assert_eq!(take.ending(), Ending::Cut { frames });
        for (index, record) in take.frames().enumerate() {
            let record = record.expect("reads");
            let original = FrameRecord::for_take(&tracked(index as u64, With::Hands));
            assert_eq!((record.frame, record.time_s), (original.frame, original.time_s));
        }
    }
}
