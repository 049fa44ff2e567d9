//! The compressed parts of a take: how lines are packed, what stands between the parts, and how they are unpacked.

use std::io::{self, BufRead, Read, Write};

use zstd::stream::raw::CParameter;
use zstd::stream::{read, write};
use zstd::zstd_safe::Strategy;

use super::walk::SKIPPABLE_MAGIC;

/// Bytes of lines that one chunk may hold; ours hold about one million.
pub(super) const MAX_UNPACKED: usize = 64 << 20;
/// Largest window of a zstd frame that is unpacked: what `zstd -19` uses, 8 MiB. Ours use 32 KiB.
const MAX_WINDOW_LOG: u32 = 23;
/// What ends a frame whose blocks were flushed: an empty raw block, the last one.
const LAST_BLOCK: [u8; 3] = [1, 0, 0];
/// Which of the sixteen skippable frames ours are.
const NOTE_MAGIC: u32 = SKIPPABLE_MAGIC + 0xB;
const CHUNK_TAG: [u8; 4] = *b"LDTi";
const END_TAG: [u8; 4] = *b"LDTe";

/// What the compressor is told: the cheapest that keeps ten minutes with both hands below 15 MB; `ARCHITECTURE.md` has the
/// figures of `what_a_take_costs`. The window holds some ten lines; motion does not repeat itself further back.
const PARAMETERS: [CParameter; 7] = [
    CParameter::Strategy(Strategy::ZSTD_btopt),
    CParameter::WindowLog(15),
    CParameter::ChainLog(15),
    CParameter::HashLog(15),
    CParameter::SearchLog(3),
    CParameter::MinMatch(5),
    CParameter::TargetLength(16),
];

/// A running hash of what was written (FNV-1a, 64 bits): against accidents, not against forgery.
///
/// Source: IETF draft-eastlake-fnv.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash(u64);

impl Hash {
    pub(super) const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut hash = Self::new();
        hash.add(bytes);
        hash
    }
}

/// What a chunk holds, as the note behind it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ChunkNote {
    /// Lines in the chunk.
    pub(super) records: u64,
    /// Lines before the chunk.
    pub(super) before: u64,
    /// Time of its first line, seconds.
    pub(super) first_time_s: f64,
    /// Time of its last line, seconds.
    pub(super) last_time_s: f64,
    /// Of the unpacked lines.
    pub(super) hash: Hash,
}

/// A skippable frame of ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Note {
    /// Behind a chunk.
    Chunk(ChunkNote),
    /// The take is whole and has so many records.
    End(u64),
}

impl Note {
    /// The note as a skippable frame.
    pub(super) fn to_frame(self) -> Vec<u8> {
        let mut content = Vec::new();
        match self {
            Self::Chunk(chunk) => {
                content.extend(CHUNK_TAG);
                content.extend(chunk.records.to_le_bytes());
                content.extend(chunk.before.to_le_bytes());
                content.extend(chunk.first_time_s.to_le_bytes());
                content.extend(chunk.last_time_s.to_le_bytes());
                content.extend(chunk.hash.0.to_le_bytes());
            }
            Self::End(records) => {
                content.extend(END_TAG);
                content.extend(records.to_le_bytes());
            }
        }
        content.extend(Hash::of(&content).0.to_le_bytes());
        let mut frame = NOTE_MAGIC.to_le_bytes().to_vec();
        frame.extend((content.len() as u32).to_le_bytes());
        frame.extend(content);
        frame
    }

    /// Reads a skippable frame's content; `None` where it is not ours or not sound.
    pub(super) fn from_content(content: &[u8]) -> Option<Self> {
        let (body, hash) = content.split_last_chunk::<8>()?;
        if u64::from_le_bytes(*hash) != Hash::of(body).0 {
            return None;
        }
        let (tag, body) = body.split_first_chunk::<4>()?;
        let (words, rest) = body.as_chunks::<8>();
        if !rest.is_empty() {
            return None;
        }
        match (*tag, words) {
            (CHUNK_TAG, [records, before, first, last, hash]) => {
                let times = [f64::from_le_bytes(*first), f64::from_le_bytes(*last)];
                times.iter().all(|time_s| time_s.is_finite()).then_some(Self::Chunk(ChunkNote {
                    records: u64::from_le_bytes(*records),
                    before: u64::from_le_bytes(*before),
                    first_time_s: times[0],
                    last_time_s: times[1],
                    hash: Hash(u64::from_le_bytes(*hash)),
                }))
            }
            (END_TAG, [records]) => Some(Self::End(u64::from_le_bytes(*records))),
            _ => None,
        }
    }
}

/// A zstd frame that is being written.
pub(super) struct Packer {
    encoder: write::Encoder<'static, Vec<u8>>,
}

impl Packer {
    /// Begins a frame.
    pub(super) fn new() -> io::Result<Self> {
        let mut encoder = write::Encoder::new(Vec::new(), 0)?;
        for parameter in PARAMETERS {
            encoder.set_parameter(parameter)?;
        }
        Ok(Self { encoder })
    }

    /// Packs `lines` into blocks of their own, which can be unpacked without what follows.
    pub(super) fn pack(&mut self, lines: &[u8]) -> io::Result<Vec<u8>> {
        self.encoder.write_all(lines)?;
        self.encoder.flush()?;
        Ok(std::mem::take(self.encoder.get_mut()))
    }

    /// What ends the frame, after everything was packed: the same bytes whatever was in it.
    pub(super) const fn last_block() -> [u8; 3] {
        LAST_BLOCK
    }
}

/// The first line of a take as a frame of its own.
pub(super) fn pack_header(line: &[u8]) -> io::Result<Vec<u8>> {
    zstd::stream::encode_all(line, 19)
}

/// What came out of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unpacked {
    /// All of it.
    Whole(Vec<u8>),
    /// What came before an error or the end of the file, and what was wrong.
    Partly(Vec<u8>, String),
    /// More than [`MAX_UNPACKED`] bytes.
    TooMuch,
}

/// Unpacks one frame from the start of `packed`.
pub(super) fn unpack(packed: impl BufRead) -> io::Result<Unpacked> {
    let mut decoder = read::Decoder::with_buffer(packed)?.single_frame();
    decoder.window_log_max(MAX_WINDOW_LOG)?;
    let mut lines = Vec::new();
    // One step above the limit, to tell what fits from what does not.
    let read = decoder.take(MAX_UNPACKED as u64 + 1).read_to_end(&mut lines);
    Ok(match read {
        Ok(_) if lines.len() > MAX_UNPACKED => Unpacked::TooMuch,
        Ok(_) => Unpacked::Whole(lines),
        Err(error) => Unpacked::Partly(lines, error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flushed_blocks_are_a_frame_that_others_unpack() {
        let parts: [&[u8]; 4] = [b"one\n", b"two\n", b"", b"three\n"];
        let mut packer = Packer::new().expect("begins");
        let mut file = Vec::new();
        for part in parts {
            file.extend(packer.pack(part).expect("packs"));
            let Unpacked::Partly(lines, _) = unpack(file.as_slice()).expect("reads") else { panic!("not ended yet") };
            assert!(lines.ends_with(part), "what was flushed is there");
        }
        file.extend(Packer::last_block());
        assert_eq!(zstd::stream::decode_all(file.as_slice()).expect("a frame"), b"one\ntwo\nthree\n");
        file.extend(b"whatever follows");
        assert_eq!(unpack(file.as_slice()).expect("reads"), Unpacked::Whole(b"one\ntwo\nthree\n".to_vec()));
    }

    #[test]
    fn a_bomb_is_given_up() {
        let bomb = zstd::stream::encode_all(io::repeat(b'0').take(MAX_UNPACKED as u64 + 1), 1).expect("packs");
        assert!(bomb.len() < 20_000);
        assert_eq!(unpack(bomb.as_slice()).expect("reads"), Unpacked::TooMuch);
    }

    #[test]
    fn a_window_that_takes_too_much_memory_is_refused() {
        let mut encoder = write::Encoder::new(Vec::new(), 3).expect("begins");
        encoder.window_log(27).expect("set");
        encoder.write_all(&[7; 1000]).expect("packs");
        let file = encoder.finish().expect("packs");
        let Unpacked::Partly(lines, reason) = unpack(file.as_slice()).expect("reads") else { panic!("refused") };
        assert!(lines.is_empty() && reason.contains("memory"), "{reason}");
    }

    #[test]
    fn notes_are_read_back_and_nothing_else_is() {
        let note = Note::Chunk(ChunkNote {
            records: 300,
            before: 600,
            first_time_s: 20.0,
            last_time_s: 29.97,
            hash: Hash::of(b"lines"),
        });
        for note in [note, Note::End(7)] {
            let frame = note.to_frame();
            assert_eq!(Note::from_content(&frame[8..]), Some(note));
            for at in 8..frame.len() {
                let mut other = frame.clone();
                other[at] ^= 1;
                assert_eq!(Note::from_content(&other[8..]), None, "byte {at}");
                assert_eq!(Note::from_content(&frame[8..at]), None);
            }
        }
    }
}
