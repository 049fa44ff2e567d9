//! Finds out what a file holds, without unpacking what says so of itself.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::chunk::{ChunkNote, Hash, MAX_UNPACKED, Note, Unpacked, unpack};
use super::error::TakeError;
use super::header::TakeHeader;
use super::line::{MAX_LINE, read_line, time_of_line};
use super::reader::Ending;
use super::walk::{Step, Walker, is_frame};

/// Frames of zstd that a file may have: a month of ours.
const MAX_FRAMES: usize = 1 << 18;
/// Lines that one chunk may have, so that the places of all take little memory.
pub(super) const MAX_CHUNK_LINES: usize = 1 << 18;
/// Bytes that are unpacked to count lines in frames that do not say how many they hold.
const MAX_COUNTED: usize = 512 << 20;
/// Bytes of a file that is not compressed that are taken together.
const PLAIN_CHUNK: usize = 1 << 20;

/// Some lines that lie together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    /// Where it begins in the file.
    pub(super) at: u64,
    /// Bytes in the file.
    pub(super) length: u64,
    pub(super) packing: Packing,
    /// Lines at its head that are no records: 1 where the header stands in it.
    pub(super) header_lines: usize,
    /// Index of its first record.
    pub(super) first: usize,
    /// Records in it; more lines may follow where the file was cut.
    pub(super) records: usize,
    pub(super) first_time_s: f64,
    pub(super) last_time_s: f64,
}

/// How the lines of a chunk are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As they are.
    Plain,
    /// As a zstd frame, with the hash of what is in it where that is known.
    Zstd(Option<Hash>),
}

/// What a file holds.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) header: TakeHeader,
    /// Whether the file has a header at all.
    pub(super) has_header: bool,
    /// Bytes of the frame in which the header stands alone, as we write it.
    pub(super) header_length: Option<u64>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) ending: Ending,
}

impl Layout {
    fn records(&self) -> usize {
        self.chunks.last().map_or(0, |chunk| chunk.first + chunk.records)
    }

    fn add(&mut self, chunk: Chunk) {
        if chunk.records > 0 {
            self.chunks.push(chunk);
        }
    }
}

/// Looks through a file.
///
/// # Errors
/// As [`TakeReader::open`](super::TakeReader::open).
pub(super) fn scan<R: Read + Seek>(source: &mut R, path: &Path) -> Result<Layout, TakeError> {
    let failed = |reason| TakeError::read(path, reason);
    let mut head = Vec::new();
    source.rewind().and_then(|()| source.by_ref().take(4).read_to_end(&mut head)).map_err(failed)?;
    match <[u8; 4]>::try_from(head.as_slice()) {
        Ok(magic) if is_frame(u32::from_le_bytes(magic)) => scan_packed(source, path),
        _ if head.is_empty() => Err(TakeError::not_a_take(path, "it is empty")),
        _ => scan_plain(source, path),
    }
}

/// A data frame of the file, and what the note behind it says.
struct Part {
    at: u64,
    length: u64,
    is_complete: bool,
    note: Option<ChunkNote>,
}

fn scan_packed<R: Read + Seek>(source: &mut R, path: &Path) -> Result<Layout, TakeError> {
    let (parts, end, is_garbage) = walk(source, path)?;
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or_else(|| TakeError::not_a_take(path, "nothing is in it"))?;
    let mut counted = 0;
    let (bytes, is_unpacked) = read_part(source, path, &first, &mut counted, 0)?;
    let line = lines(&bytes).next().ok_or_else(|| {
        TakeError::not_a_take(
            path,
            "no line of it is whole; it was cut off within its first bytes, or is something else",
        )
    })?;
    let header = TakeHeader::from_line(path, line)?;
    let has_header = header.is_some();
    let mut layout = Layout {
        header: header.unwrap_or_default(),
        has_header,
        header_length: None,
        chunks: Vec::new(),
        ending: Ending::Whole,
    };
    let is_ours = has_header && first.is_complete && lines(&bytes).nth(1).is_none();
    let mut is_cut = false;
    if is_ours {
        layout.header_length = Some(first.at + first.length);
    } else {
        let Counted { chunk, whole } = count(&bytes, &first, usize::from(has_header), 0);
        layout.add(chunk);
        is_cut = !whole || !is_unpacked;
    }
    for part in parts {
        if is_cut {
            break;
        }
        let before = layout.records();
        if let Some(note) = part.note.filter(|note| part.is_complete && is_plausible(note, before)) {
            layout.add(Chunk {
                at: part.at,
                length: part.length,
                packing: Packing::Zstd(Some(note.hash)),
                header_lines: 0,
                first: before,
                records: note.records as usize,
                first_time_s: note.first_time_s,
                last_time_s: note.last_time_s,
            });
        } else {
            let (bytes, is_unpacked) = read_part(source, path, &part, &mut counted, before)?;
            let Counted { chunk, whole } = count(&bytes, &part, 0, before);
            layout.add(chunk);
            is_cut = !whole || !is_unpacked;
        }
    }
    // What others packed has no mark at its end.
    let is_marked_whole = end.map_or(!is_ours && !is_garbage, |records| records == layout.records() as u64);
    if is_cut || !is_marked_whole {
        layout.ending = Ending::Cut { frames: layout.records() };
    }
    Ok(layout)
}

/// All data frames up to the mark at the end or to where nothing can be made of the file, the number of records that the
/// mark names, and whether something stands there that is neither.
fn walk<R: Read + Seek>(source: &mut R, path: &Path) -> Result<(Vec<Part>, Option<u64>, bool), TakeError> {
    let failed = |reason| TakeError::read(path, reason);
    let mut walker = Walker::new(source).map_err(failed)?;
    let mut parts: Vec<Part> = Vec::new();
    for _ in 0..MAX_FRAMES {
        let at = walker.at();
        match walker.step().map_err(failed)? {
            Step::Data { length, complete: is_complete } => {
                parts.push(Part { at, length, is_complete, note: None });
                if !is_complete {
                    return Ok((parts, None, true));
                }
            }
            Step::Note { content, .. } => match Note::from_content(&content) {
                // The first note behind a frame is its own.
                Some(Note::Chunk(note)) => {
                    if let Some(part) = parts.last_mut() {
                        part.note = part.note.or(Some(note));
                    }
                }
                Some(Note::End(records)) => return Ok((parts, Some(records), false)),
                None => {}
            },
            Step::End => return Ok((parts, None, false)),
            Step::Garbage => return Ok((parts, None, true)),
        }
    }
    Err(TakeError::too_large(path, format!("it has more than {MAX_FRAMES} parts, which no take has")))
}

/// Whether a note can be true: believed, it decides how much is unpacked and where frames are looked for.
fn is_plausible(note: &ChunkNote, before: usize) -> bool {
    note.before == before as u64 && note.records <= MAX_CHUNK_LINES as u64
}

/// Unpacks a part whose lines must be counted; whether all of it came out.
fn read_part<R: Read + Seek>(
    source: &mut R,
    path: &Path,
    part: &Part,
    counted: &mut usize,
    frame: usize,
) -> Result<(Vec<u8>, bool), TakeError> {
    source.seek(SeekFrom::Start(part.at)).map_err(|reason| TakeError::read(path, reason))?;
    let unpacked = unpack(BufReader::new(source.take(part.length))).map_err(|reason| TakeError::read(path, reason))?;
    let (bytes, is_whole) = match unpacked {
        Unpacked::Whole(bytes) => (bytes, part.is_complete),
        Unpacked::Partly(bytes, reason) if bytes.is_empty() && part.is_complete => {
            return Err(TakeError::damaged(path, frame, reason));
        }
        Unpacked::Partly(bytes, _) => (bytes, false),
        Unpacked::TooMuch => return Err(too_much(path)),
    };
    *counted += bytes.len();
    if *counted > MAX_COUNTED {
        return Err(too_much(path));
    }
    Ok((bytes, is_whole))
}

pub(super) fn too_much(path: &Path) -> TakeError {
    let megabytes = MAX_UNPACKED >> 20;
    TakeError::too_large(
        path,
        format!(
            "a part of it holds more than {megabytes} MB, as none of ours does; unpack it with `zstd -d` and open that"
        ),
    )
}

struct Counted {
    chunk: Chunk,
    /// Whether every line is a record.
    whole: bool,
}

/// Counts records up to the first line that is none.
fn count(bytes: &[u8], part: &Part, header_lines: usize, first: usize) -> Counted {
    let mut chunk = Chunk {
        at: part.at,
        length: part.length,
        packing: Packing::Zstd(None),
        header_lines,
        first,
        records: 0,
        first_time_s: 0.0,
        last_time_s: 0.0,
    };
    for line in lines(bytes).skip(header_lines) {
        let record = if line.len() <= MAX_LINE { read_line(line).ok() } else { None };
        let Some(record) = record.filter(|_| chunk.records < MAX_CHUNK_LINES - header_lines) else {
            return Counted { chunk, whole: false };
        };
        if chunk.records == 0 {
            chunk.first_time_s = record.time_s;
        }
        chunk.last_time_s = record.time_s;
        chunk.records += 1;
    }
    Counted { chunk, whole: true }
}

/// The lines that are not blank.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

/// A file that is not compressed, such as `track` writes.
fn scan_plain<R: Read + Seek>(source: &mut R, path: &Path) -> Result<Layout, TakeError> {
    let failed = |reason| TakeError::read(path, reason);
    source.rewind().map_err(failed)?;
    let mut layout: Option<Layout> = None;
    let (mut at, mut bytes) = (0_u64, Vec::new());
    loop {
        let read = source.by_ref().take(PLAIN_CHUNK as u64).read_to_end(&mut bytes).map_err(failed)?;
        let is_last = read < PLAIN_CHUNK;
        let Some(end) = (if is_last { Some(bytes.len()) } else { last_line_end(&bytes) }) else {
            if bytes.len() > MAX_LINE {
                return Err(TakeError::not_a_take(path, format!("it has a line of more than {MAX_LINE} bytes")));
            }
            continue;
        };
        let layout = match &mut layout {
            Some(layout) => layout,
            None => layout.insert(plain_header(&bytes[..end], path)?),
        };
        let header_lines = usize::from(at == 0 && layout.has_header);
        let is_cut = add_plain(layout, &bytes[..end], at, header_lines, is_last);
        if is_cut {
            layout.ending = Ending::Cut { frames: layout.records() };
        }
        at += end as u64;
        bytes.drain(..end);
        if is_last || is_cut {
            break;
        }
    }
    layout.ok_or_else(|| TakeError::not_a_take(path, "it is empty"))
}

fn last_line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1)
}

fn plain_header(bytes: &[u8], path: &Path) -> Result<Layout, TakeError> {
    let line = lines(bytes).next().ok_or_else(|| TakeError::not_a_take(path, "it has no lines"))?;
    if line.len() > MAX_LINE {
        return Err(TakeError::not_a_take(path, format!("it has a line of more than {MAX_LINE} bytes")));
    }
    let header = TakeHeader::from_line(path, line)?;
    if header.is_none() {
        read_line(line).map_err(|reason| TakeError::not_a_take(path, reason))?;
    }
    Ok(Layout {
        has_header: header.is_some(),
        header: header.unwrap_or_default(),
        header_length: None,
        chunks: Vec::new(),
        ending: Ending::Whole,
    })
}

/// Adds lines of a file that is not compressed; whether they end with one that is not whole.
fn add_plain(layout: &mut Layout, bytes: &[u8], at: u64, header_lines: usize, is_last: bool) -> bool {
    let mut records = lines(bytes).skip(header_lines).count();
    let Some(first_time_s) = lines(bytes).nth(header_lines).and_then(time_of_line) else { return records > 0 };
    let time_of = |index: usize| lines(bytes).nth(header_lines + index).and_then(time_of_line);
    let mut is_cut = records + header_lines > MAX_CHUNK_LINES;
    records = records.min(MAX_CHUNK_LINES - header_lines);
    // A line that ends with a newline was written whole, whatever else is wrong with it.
    if is_last && !bytes.ends_with(b"\n") && time_of(records - 1).is_none() {
        records -= 1;
        is_cut = true;
    }
    let last_time_s = records.checked_sub(1).and_then(time_of).unwrap_or(first_time_s);
    let first = layout.records();
    let length = bytes.len() as u64;
    let packing = Packing::Plain;
    layout.add(Chunk { at, length, packing, header_lines, first, records, first_time_s, last_time_s });
    is_cut
}
