//! Reads takes, whole or cut, and files of `track`.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::chunk::{Hash, Unpacked, unpack};
use super::error::TakeError;
use super::header::TakeHeader;
use super::line::{MAX_LINE, read_line, time_of_line};
use super::scan::{Chunk, Layout, MAX_CHUNK_LINES, Packing, lines, scan, too_much};
use crate::formats::record::{FrameRecord, PersonRecord};
use crate::frame::TrackedFrame;

/// How a take ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With everything that was recorded.
    Whole,
    /// In the middle: the program that wrote it ended, the disk was full, or the rest is damaged.
    Cut {
        /// Frames that can be read.
        frames: usize,
    },
}

/// An open take. The chunk that was read last stays in memory, so that frames that lie together are unpacked once.
pub struct TakeReader<R = File> {
    source: R,
    path: PathBuf,
    layout: Layout,
    loaded: Option<Loaded>,
    /// The people of the frame that was read last, for files that do not say who is new.
    seen: Option<(usize, Vec<u32>)>,
}

/// The unpacked lines of a chunk.
struct Loaded {
    chunk: usize,
    bytes: Vec<u8>,
    /// Places of its records.
    lines: Vec<Range<usize>>,
}

impl TakeReader<File> {
    /// Opens a take, or a file of `track`, which has no header.
    ///
    /// # Errors
    /// [`TakeError::Read`] when the file cannot be read; [`TakeError::NotATake`], [`TakeError::Version`] and
    /// [`TakeError::TooLarge`] when it is nothing that this program can open; [`TakeError::Damaged`] when its first part
    /// cannot be unpacked. A take that was cut off is none of these: see [`TakeReader::ending`].
    pub fn open(path: &Path) -> Result<Self, TakeError> {
        let file = File::open(path).map_err(|reason| TakeError::read(path, reason))?;
        Self::new(file, path)
    }
}

impl<R: Read + Seek> TakeReader<R> {
    /// As [`TakeReader::open`], for what is open already. `path` is what errors call it.
    ///
    /// # Errors
    /// As [`TakeReader::open`].
    pub fn new(mut source: R, path: &Path) -> Result<Self, TakeError> {
        let layout = scan(&mut source, path)?;
        Ok(Self { source, path: path.to_owned(), layout, loaded: None, seen: None })
    }

    /// What is known of the take; nothing for a file of `track`.
    #[must_use]
    pub const fn header(&self) -> &TakeHeader {
        &self.layout.header
    }

    /// Whether the file has a header: it was recorded as a take, not written by `track`.
    #[must_use]
    pub const fn has_header(&self) -> bool {
        self.layout.has_header
    }

    /// Where the file's records begin, if the header stands alone before them.
    pub(super) const fn header_length(&self) -> Option<u64> {
        self.layout.header_length
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of frames that can be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layout.chunks.last().map_or(0, |chunk| chunk.first + chunk.records)
    }

    /// Whether there is no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Time of the first frame, seconds; 0 without frames.
    #[must_use]
    pub fn first_time_s(&self) -> f64 {
        self.layout.chunks.first().map_or(0.0, |chunk| chunk.first_time_s)
    }

    /// Time of the last frame, seconds; 0 without frames.
    #[must_use]
    pub fn last_time_s(&self) -> f64 {
        self.layout.chunks.last().map_or(0.0, |chunk| chunk.last_time_s)
    }

    /// From the first frame to the last one, seconds, never below zero.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        (self.last_time_s() - self.first_time_s()).max(0.0)
    }

    /// Whether everything that was recorded is there.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        self.layout.ending
    }

    /// Whether the take ends as it was ended, and not in the middle.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.layout.ending == Ending::Whole
    }

    /// The record of frame `index`, with its angles, and with `is_new` said of everybody.
    ///
    /// # Errors
    /// [`TakeError::NoSuchFrame`]; [`TakeError::Damaged`] when it is not what was written; [`TakeError::Read`].
    pub fn frame(&mut self, index: usize) -> Result<FrameRecord, TakeError> {
        let mut record = self.frame_as_written(index)?;
        record.people.iter_mut().for_each(PersonRecord::fill_angles);
        Ok(record)
    }

    /// As [`TakeReader::frame`], with angles only where they were written.
    fn frame_as_written(&mut self, index: usize) -> Result<FrameRecord, TakeError> {
        let mut record = self.record(index)?;
        let before = match (&self.seen, index.checked_sub(1)) {
            _ if self.layout.has_header => Vec::new(),
            (Some((seen, ids)), Some(before)) if *seen == before => ids.clone(),
            (_, Some(before)) => ids(&self.record(before)?),
            (_, None) => Vec::new(),
        };
        self.seen = Some((index, ids(&record)));
        for person in &mut record.people {
            let is_new = !self.layout.has_header && !before.contains(&person.id);
            person.is_new.get_or_insert(is_new);
        }
        Ok(record)
    }

    /// Frame `index` as it was tracked, as if it had arrived at `captured_at`, without a picture.
    ///
    /// # Errors
    /// As [`TakeReader::frame`].
    pub fn tracked(&mut self, index: usize, captured_at: Instant) -> Result<TrackedFrame, TakeError> {
        Ok(self.frame_as_written(index)?.to_tracked(captured_at))
    }

    /// Index of the frame that is shown at `time_s` seconds of the take's own clock: the last one that is not later, or the
    /// first one; `None` without frames.
    ///
    /// # Errors
    /// [`TakeError::Damaged`] and [`TakeError::Read`].
    pub fn index_at(&mut self, time_s: f64) -> Result<Option<usize>, TakeError> {
        let begun = self.layout.chunks.partition_point(|chunk| chunk.first_time_s <= time_s);
        let Some(chunk) = begun.checked_sub(1) else { return Ok((!self.is_empty()).then_some(0)) };
        let path = self.path.clone();
        let first = self.layout.chunks[chunk].first;
        let loaded = self.load(chunk)?;
        let (mut low, mut high) = (0, loaded.lines.len());
        while high - low > 1 {
            let middle = low.midpoint(high);
            let time = time_of_line(&loaded.bytes[loaded.lines[middle].clone()])
                .ok_or_else(|| TakeError::damaged(&path, first + middle, "a line is no record of a frame"))?;
            if time <= time_s {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Some(first + low))
    }

    /// All frames from the first one, in order.
    pub const fn frames(&mut self) -> Frames<'_, R> {
        Frames { reader: self, next: 0 }
    }

    /// The line of frame `index` as it stands in the file, and its time.
    pub(super) fn line(&mut self, index: usize) -> Result<(&[u8], f64), TakeError> {
        let path = self.path.clone();
        let line = self.bytes(index)?;
        let time_s =
            time_of_line(line).ok_or_else(|| TakeError::damaged(&path, index, "a line is no record of a frame"))?;
        Ok((line, time_s))
    }

    fn record(&mut self, index: usize) -> Result<FrameRecord, TakeError> {
        let path = self.path.clone();
        read_line(self.bytes(index)?).map_err(|reason| TakeError::damaged(&path, index, reason))
    }

    fn bytes(&mut self, index: usize) -> Result<&[u8], TakeError> {
        let frames = self.len();
        if index >= frames {
            return Err(TakeError::NoSuchFrame { path: self.path.clone(), index, frames });
        }
        let chunk = self.layout.chunks.partition_point(|chunk| chunk.first <= index) - 1;
        let place = index - self.layout.chunks[chunk].first;
        let loaded = self.load(chunk)?;
        Ok(&loaded.bytes[loaded.lines[place].clone()])
    }

    fn load(&mut self, chunk: usize) -> Result<&Loaded, TakeError> {
        let loaded = match self.loaded.take() {
            Some(loaded) if loaded.chunk == chunk => loaded,
            _ => {
                let place = &self.layout.chunks[chunk];
                let bytes = read_chunk(&mut self.source, &self.path, place)?;
                let lines =
                    places(&bytes, place).map_err(|reason| TakeError::damaged(&self.path, place.first, reason))?;
                Loaded { chunk, bytes, lines }
            }
        };
        Ok(self.loaded.insert(loaded))
    }
}

/// Everybody in a frame.
fn ids(record: &FrameRecord) -> Vec<u32> {
    record.people.iter().map(|person| person.id).collect()
}

fn read_chunk<R: Read + Seek>(source: &mut R, path: &Path, chunk: &Chunk) -> Result<Vec<u8>, TakeError> {
    let failed = |reason| TakeError::read(path, reason);
    source.seek(SeekFrom::Start(chunk.at)).map_err(failed)?;
    let mut source = source.take(chunk.length);
    let Packing::Zstd(hash) = chunk.packing else {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    };
    match (unpack(BufReader::new(source)).map_err(failed)?, hash) {
        (Unpacked::Whole(bytes), Some(hash)) if Hash::of(&bytes) != hash => {
            Err(TakeError::damaged(path, chunk.first, "what is in it is not what was written"))
        }
        (Unpacked::Whole(bytes), _) | (Unpacked::Partly(bytes, _), None) => Ok(bytes),
        (Unpacked::Partly(_, reason), Some(_)) => Err(TakeError::damaged(path, chunk.first, reason)),
        (Unpacked::TooMuch, _) => Err(too_much(path)),
    }
}

/// Where the records of a chunk lie in its lines.
fn places(bytes: &[u8], chunk: &Chunk) -> Result<Vec<Range<usize>>, String> {
    let found: Vec<Range<usize>> = lines(bytes)
        .take(MAX_CHUNK_LINES)
        .skip(chunk.header_lines)
        .take(chunk.records)
        .map(|line| {
            let from = line.as_ptr().addr() - bytes.as_ptr().addr();
            from..from + line.len()
        })
        .collect();
    if found.len() < chunk.records {
        return Err(format!("{} lines are there in the place of {}", found.len(), chunk.records));
    }
    if found.iter().any(|place| place.len() > MAX_LINE) {
        return Err(format!("a line has more than {MAX_LINE} bytes"));
    }
    Ok(found)
}

/// The frames of a take in order; ends after the first error.
pub struct Frames<'a, R> {
    reader: &'a mut TakeReader<R>,
    next: usize,
}

impl<R: Read + Seek> Iterator for Frames<'_, R> {
    type Item = Result<FrameRecord, TakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.reader.len() {
            return None;
        }
        let frame = self.reader.frame(self.next);
        self.next = if frame.is_ok() { self.next + 1 } else { usize::MAX };
        Some(frame)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.reader.len().saturating_sub(self.next)))
    }
}
