//! Steps over zstd frames without unpacking them.
//!
//! Source: RFC 8878, 3.1.1 (frame and block headers) and 3.1.2 (skippable frames).

use std::io::{self, BufReader, Read, Seek};

/// First bytes of a zstd frame, little-endian.
pub(super) const FRAME_MAGIC: u32 = 0xFD2F_B528;
/// First bytes of a skippable frame, but for their last four bits.
pub(super) const SKIPPABLE_MAGIC: u32 = 0x184D_2A50;
/// The longest skippable frame that is looked into, bytes.
const MAX_NOTE: u32 = 1 << 10;
/// Blocks of one frame at most, so that a file of zeros is not walked for ever.
const MAX_BLOCKS: u32 = 1 << 16;

/// Whether `magic` begins any frame.
pub(super) const fn is_frame(magic: u32) -> bool {
    magic == FRAME_MAGIC || magic & !0xF == SKIPPABLE_MAGIC
}

/// What was stepped over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A frame of data, of so many bytes; not `complete` where the file ends within it.
    Data {
        /// From its first byte to its last one, or to the end of the file.
        length: u64,
        /// Whether all of it is there and its blocks are sound.
        complete: bool,
    },
    /// A skippable frame with its content, empty where that is longer than any of ours.
    Note {
        /// As in `Data`.
        length: u64,
        /// What stands in it.
        content: Vec<u8>,
    },
    /// The end of the file, with no byte left.
    End,
    /// Something else, or a skippable frame that is not all there.
    Garbage,
}

/// Walks from frame to frame.
pub(super) struct Walker<R> {
    source: BufReader<R>,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> Walker<R> {
    /// Begins at the first of the `length` bytes of `source`.
    pub(super) fn new(mut source: R) -> io::Result<Self> {
        let length = source.seek(io::SeekFrom::End(0))?;
        source.rewind()?;
        // Small: only the heads of blocks are looked at, which lie kilobytes apart.
        Ok(Self { source: BufReader::with_capacity(512, source), at: 0, length })
    }

    /// Where the next step begins, bytes.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    fn left(&self) -> u64 {
        self.length.saturating_sub(self.at)
    }

    /// The next `N` bytes, `None` where the file is over.
    fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        if self.left() < N as u64 {
            return Ok(None);
        }
        self.source.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(Some(bytes))
    }

    /// Whether there were that many bytes to step over.
    fn skip(&mut self, bytes: u64) -> io::Result<bool> {
        if self.left() < bytes {
            return Ok(false);
        }
        self.source.seek_relative(bytes as i64)?;
        self.at += bytes;
        Ok(true)
    }

    /// Steps over one frame. After anything but a complete frame, nothing more is to be asked for.
    pub(super) fn step(&mut self) -> io::Result<Step> {
        let began = self.at;
        if self.left() == 0 {
            return Ok(Step::End);
        }
        let Some(magic) = self.take()?.map(u32::from_le_bytes) else { return Ok(Step::Garbage) };
        if magic & !0xF == SKIPPABLE_MAGIC {
            let Some(size) = self.take()?.map(u32::from_le_bytes) else { return Ok(Step::Garbage) };
            if self.left() < u64::from(size) {
                return Ok(Step::Garbage);
            }
            let mut content = Vec::new();
            if size <= MAX_NOTE {
                content.resize(size as usize, 0);
                self.source.read_exact(&mut content)?;
                self.at += u64::from(size);
            } else if !self.skip(size.into())? {
                return Ok(Step::Garbage);
            }
            return Ok(Step::Note { length: self.at - began, content });
        }
        if magic != FRAME_MAGIC {
            return Ok(Step::Garbage);
        }
        let complete = self.blocks()?;
        let end = if complete { self.at } else { self.length };
        Ok(Step::Data { length: end - began, complete })
    }

    /// Whether all blocks of a frame are there and sound.
    fn blocks(&mut self) -> io::Result<bool> {
        let Some([descriptor]) = self.take()? else { return Ok(false) };
        let is_single_segment = descriptor & 0x20 != 0;
        let has_checksum = descriptor & 0x04 != 0;
        let window = u64::from(!is_single_segment);
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 0x03)];
        let content_size = [u64::from(is_single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
        if !self.skip(window + dictionary + content_size)? {
            return Ok(false);
        }
        for _ in 0..MAX_BLOCKS {
            let Some([low, middle, high]) = self.take()? else { return Ok(false) };
            let head = u32::from_le_bytes([low, middle, high, 0]);
            let (is_last, kind, size) = (head & 1 != 0, (head >> 1) & 0x03, u64::from(head >> 3));
            let stored = match kind {
                // One byte, repeated.
                1 => 1,
                0 | 2 => size,
                _ => return Ok(false),
            };
            if !self.skip(stored)? {
                return Ok(false);
            }
            if is_last {
                return self.skip(if has_checksum { 4 } else { 0 });
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn frames_of_any_kind_are_stepped_over() {
        let text: Vec<u8> = (0..400_000_u32).map(|index| (index.wrapping_mul(index) >> 7) as u8).collect();
        for (level, checksum) in [(1, false), (9, true), (19, true)] {
            for length in [0, 1, 200, 70_000, 400_000] {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), level).expect("an encoder");
                encoder.include_checksum(checksum).expect("set");
                encoder.set_pledged_src_size((length > 100).then_some(length as u64)).expect("set");
                io::Write::write_all(&mut encoder, &text[..length]).expect("packs");
                let mut file = encoder.finish().expect("packs");
                let packed = file.len() as u64;
                file.extend_from_slice(&(SKIPPABLE_MAGIC + 7).to_le_bytes());
                file.extend_from_slice(&3_u32.to_le_bytes());
                file.extend_from_slice(b"abcx");
                let mut walker = Walker::new(Cursor::new(file)).expect("walks");
                assert_eq!(walker.step().expect("reads"), Step::Data { length: packed, complete: true });
                assert_eq!(walker.step().expect("reads"), Step::Note { length: 11, content: b"abc".to_vec() });
                assert_eq!(walker.step().expect("reads"), Step::Garbage);
            }
        }
    }

    #[test]
    fn zeros_without_end_are_given_up() {
        let mut file = FRAME_MAGIC.to_le_bytes().to_vec();
        file.resize(1 << 20, 0);
        let mut walker = Walker::new(Cursor::new(file)).expect("walks");
        assert_eq!(walker.step().expect("reads"), Step::Data { length: 1 << 20, complete: false });
    }
}
