//! What takes cost, printed. Run with
//! `LIVEDANCE_TRACKED=FILE.jsonl cargo test --no-default-features --lib what_a_take_costs -- --ignored --nocapture`,
//! the file being the output of `track --hands --smoothing none`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::fixture::{Memory, With, header, take_of, tracked};
use crate::formats::record::FrameRecord;
use crate::formats::take::{TakeHeader, TakeReader, TakeWriter};
use crate::motion::random::Random;

/// Ten minutes at 30 frames a second.
const FRAMES: u64 = 18_000;
/// What they may take, bytes.
const LIMIT: u64 = 15_000_000;

#[test]
fn ten_minutes_with_both_hands_fit_into_fifteen_megabytes() {
    // A tenth of them. Nothing rests here, so that tracked footage takes less.
    let take = take_of((0..FRAMES / 10).map(|index| tracked(index, With::Hands)));
    let bytes = take.len() as u64 * 10;
    println!("{} bytes a frame", bytes / FRAMES);
    assert!(bytes <= LIMIT, "{bytes}");
}

#[test]
#[ignore = "prints times; needs the output of `track`"]
fn what_a_take_costs() {
    let path = std::env::var_os("LIVEDANCE_TRACKED").map(PathBuf::from).expect("LIVEDANCE_TRACKED names a file");
    let frames: Vec<FrameRecord> =
        TakeReader::open(&path).expect("opens").frames().collect::<Result<_, _>>().expect("reads");
    let records = looped(&frames);
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("long.ldt");
    let header = TakeHeader { width: frames[0].width, height: frames[0].height, ..header() };

    let mut writer = TakeWriter::create(&output, &header).expect("begins");
    let mut slowest = 0.0_f64;
    let start = Instant::now();
    for record in &records {
        let began = Instant::now();
        writer.push(record).expect("writes");
        slowest = slowest.max(began.elapsed().as_secs_f64());
    }
    let each_ms = start.elapsed().as_secs_f64() * 1e3 / records.len() as f64;
    writer.finish().expect("ends");
    let bytes = std::fs::metadata(&output).expect("is there").len();
    println!("{} frames, {bytes} bytes, {} a frame", records.len(), bytes / FRAMES);
    println!("writing: {each_ms:.3} ms a frame, the slowest {:.1} ms", slowest * 1e3);
    println!("once, as it is: {} bytes a frame", in_memory(&frames, &header) / frames.len());
    lines_alone(&records, &header);
    print_reading(&output);
    assert!(bytes <= LIMIT, "{bytes}");
}

/// The frames there and back again until ten minutes are full, each with a little noise of its own, so that none is the
/// same as another.
fn looped(frames: &[FrameRecord]) -> Vec<FrameRecord> {
    let mut random = Random::new(5);
    let mut noise = |size: f32| size * (random.below(2001) as f32 / 1000.0 - 1.0);
    let round = 2 * frames.len() - 1;
    (0..FRAMES)
        .map(|index| {
            let place = index as usize % round;
            let mut record = frames[place.min(round - place)].clone();
            (record.frame, record.time_s) = (index, index as f64 / 30.0 + f64::from(noise(0.0005)));
            for person in &mut record.people {
                person.size_px = Some(300.0 + noise(5.0));
                person
                    .landmarks
                    .iter_mut()
                    .for_each(|point| point[..3].iter_mut().for_each(|value| *value += noise(0.05)));
                person.world.iter_mut().for_each(|point| point[..3].iter_mut().for_each(|value| *value += noise(2e-4)));
                for hand in [&mut person.hands.left, &mut person.hands.right].into_iter().flatten() {
                    hand.landmarks.iter_mut().flatten().for_each(|value| *value += noise(0.05));
                    hand.world.iter_mut().flatten().for_each(|value| *value += noise(1e-4));
                }
            }
            record
        })
        .collect()
}

fn in_memory(records: &[FrameRecord], header: &TakeHeader) -> usize {
    let mut bytes = Vec::new();
    let sink = Memory { bytes: &mut bytes, room: usize::MAX };
    let mut writer = TakeWriter::new(sink, Path::new("memory"), header).expect("begins");
    for record in records {
        writer.push(record).expect("writes");
    }
    writer.finish().expect("ends");
    bytes.len()
}

fn lines_alone(records: &[FrameRecord], header: &TakeHeader) {
    let mut bytes = Vec::new();
    let sink = Memory { bytes: &mut bytes, room: usize::MAX };
    let mut writer = TakeWriter::new(sink, Path::new("memory"), header).expect("begins");
    let (start, start_ms) = (Instant::now(), processor_ms());
    for record in records {
        writer.push(record).expect("writes");
    }
    let (took_ms, count) = (start.elapsed().as_secs_f64() * 1e3, records.len() as f64);
    let busy_ms = processor_ms().zip(start_ms).map_or(f64::NAN, |(end, start)| end - start);
    println!("to memory: {:.3} ms a frame, {:.3} ms of the processor", took_ms / count, busy_ms / count);
}

/// Time that this thread had a processor, milliseconds: other programs are not counted. Known to Linux alone.
fn processor_ms() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds * 1e-6)
}

fn print_reading(path: &Path) {
    let start = Instant::now();
    let mut take = TakeReader::open(path).expect("opens");
    println!("opening: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut random = Random::new(9);
    let mut slowest = 0.0_f64;
    for _ in 0..200 {
        let start = Instant::now();
        let time_s = random.below(600_000) as f64 * 1e-3;
        let index = take.index_at(time_s).expect("reads").expect("has frames");
        take.frame(index).expect("reads");
        slowest = slowest.max(start.elapsed().as_secs_f64());
    }
    println!("seeking anywhere: {:.2} ms at most", slowest * 1e3);
    let bytes = std::fs::read(path).expect("reads");
    let cut = &bytes[..bytes.len() - 100_000];
    let start = Instant::now();
    let cut = super::fixture::open(cut).expect("opens");
    println!("opening a cut one: {:.2} ms, {} frames", start.elapsed().as_secs_f64() * 1e3, cut.len());
    let start = Instant::now();
    let read: Vec<FrameRecord> = take.frames().collect::<Result<_, _>>().expect("reads");
    println!("reading all: {:.3} ms a frame", start.elapsed().as_secs_f64() * 1e3 / read.len() as f64);
}
