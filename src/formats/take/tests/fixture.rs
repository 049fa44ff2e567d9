//! A person who moves, tracked with the trembling of a model, and places in the place of files.

use std::f32::consts::TAU;
use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use glam::Vec3;

use crate::formats::record::FrameRecord;
use crate::formats::take::{TakeHeader, TakeReader, TakeSink, TakeWriter};
use crate::frame::{Timings, TrackedFrame};
use crate::motion::landmark::Landmark;
use crate::motion::{BodyPose, HandPose, Hands, Provenance};

/// Numbers without a pattern, the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        // Source: Vigna's splitmix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// Below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Between -1 and 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn point(&mut self) -> Vec3 {
        Vec3::new(self.unit(), self.unit(), self.unit())
    }
}

/// What a person's hands do in a made-up take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    Nobody,
    Body,
    Hands,
}

/// A frame at `index` thirtieths of a second: limbs that swing, all of them, and the trembling of a model: less than a tenth
/// of a pixel, some tenths of a millimetre.
pub(super) fn tracked(index: u64, with: With) -> TrackedFrame {
    let mut random = Random(index.wrapping_mul(77));
    let time_s = index as f64 / 30.0 + 1e-3 * f64::from(random.unit());
    let at = |seed: usize, random: &mut Random| {
        let rest = Random(seed as u64 + 1).point();
        let swing = (time_s as f32 * (0.3 + 0.02 * seed as f32) * TAU + seed as f32).sin();
        rest * (0.5 + 0.03 * swing) + random.point() * 2e-4
    };
    let seen = |random: &mut Random| (0.995 + 0.01 * random.unit()).clamp(0.0, 1.0);
    let mut body = |id: u32| {
        let mut image = [Landmark::default(); 33];
        let mut world = image;
        for (seed, (image, world)) in image.iter_mut().zip(&mut world).enumerate() {
            let position = at(seed, &mut random);
            let (visibility, presence) = (seen(&mut random), seen(&mut random));
            *world = Landmark { position, visibility, presence };
            let position = Vec3::new(320.0, 240.0, 0.0) + position * 250.0 + random.point() * 0.06;
            *image = Landmark { position, visibility, presence };
        }
        let mut hand = |side: usize| HandPose {
            provenance: Provenance::Measured,
            score: 0.95 + 0.05 * random.unit(),
            image: std::array::from_fn(|point| {
                Vec3::new(300.0, 200.0, 0.0) + at(100 * side + point, &mut random) * 60.0 + random.point() * 0.06
            }),
            world: std::array::from_fn(|point| at(100 * side + point, &mut random) * 0.1),
        };
        let hands = match with {
            With::Hands => Hands { left: Some(hand(1)), right: Some(hand(2)) },
            With::Nobody | With::Body => Hands::default(),
        };
        BodyPose { id, is_new: index == 0, score: 0.98765, image, world, size_px: 321.04, hands }
    };
    TrackedFrame {
        frame_id: index,
        captured_at: Instant::now(),
        time_s,
        width: 640,
        height: 480,
        people: if with == With::Nobody { Vec::new() } else { vec![body(3)] },
        loose_hands: Hands::default(),
        timings: Timings { total: 21.37, pose: 9.1, ..Timings::default() },
        picture: Arc::default(),
    }
}

pub(super) fn header() -> TakeHeader {
    TakeHeader { name: "a take".into(), source: "camera".into(), width: 640, height: 480, ..TakeHeader::default() }
}

/// A file in memory that may be too small.
pub(super) struct Memory<'a> {
    pub(super) bytes: &'a mut Vec<u8>,
    pub(super) room: usize,
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(self.room.saturating_sub(self.bytes.len()));
        if fits == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(&bytes[..fits]);
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TakeSink for Memory<'_> {
    fn cut_to(&mut self, length: u64) -> io::Result<()> {
        self.bytes.truncate(length as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A whole take in memory.
pub(super) fn take_of(frames: impl IntoIterator<Item = TrackedFrame>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sink = Memory { bytes: &mut bytes, room: usize::MAX };
    let mut writer = TakeWriter::new(sink, Path::new("memory.ldt"), &header()).expect("begins");
    for frame in frames {
        writer.push_tracked(&frame).expect("writes");
    }
    writer.finish().expect("ends");
    bytes
}

/// Opens what is in memory.
pub(super) fn open(bytes: &[u8]) -> Result<TakeReader<Cursor<&[u8]>>, crate::formats::take::TakeError> {
    TakeReader::new(Cursor::new(bytes), Path::new("memory.ldt"))
}

/// All records of a take, which must be sound.
pub(super) fn all(bytes: &[u8]) -> Vec<FrameRecord> {
    open(bytes).expect("opens").frames().collect::<Result<_, _>>().expect("reads")
}
