//! Writes a take as it happens.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::chunk::{ChunkNote, Hash, Note, Packer, pack_header};
use super::error::TakeError;
use super::header::{TAKE_VERSION, TakeHeader};
use super::line::{MAX_LINE, Steps, write_line};
use crate::files::Draft;
use crate::formats::record::FrameRecord;
use crate::frame::TrackedFrame;

/// Frames wait at most so long before they are written, seconds of their own time. A little less than the second that
/// may be lost, since the next frame is what shows that it is over.
const FLUSH_S: f64 = 0.9;
/// A chunk is ended after so long: what is unpacked for one frame.
const CHUNK_S: f64 = 10.0;
/// Or after so many frames or bytes, whatever their times.
const CHUNK_RECORDS: u64 = 1200;
const CHUNK_BYTES: usize = 8 << 20;
/// Frames wait in no more memory than this.
const PENDING_BYTES: usize = 1 << 20;

/// Where a take is written to: a file, or something in its place.
pub trait TakeSink: Write {
    /// Cuts off everything behind the first `length` bytes and goes on there.
    ///
    /// # Errors
    /// What the system says.
    fn cut_to(&mut self, length: u64) -> io::Result<()>;

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&mut self) -> io::Result<()>;
}

impl TakeSink for File {
    fn cut_to(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(io::SeekFrom::Start(length)).map(drop)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A take that is put into its place when it is whole; whoever writes it commits it.
impl TakeSink for &mut Draft {
    fn cut_to(&mut self, length: u64) -> io::Result<()> {
        Draft::cut_to(self, length)
    }

    fn sync(&mut self) -> io::Result<()> {
        Draft::sync(self)
    }
}

/// A take that is being written.
///
/// Frames are handed to the system at least once a second of their own time, so that a crash of this program loses no more; a
/// power cut may lose what the system had not yet put onto the disk. Dropped without [`TakeWriter::finish`], it writes
/// what still waits, but the take counts as cut.
pub struct TakeWriter<W: TakeSink = File> {
    sink: W,
    path: PathBuf,
    steps: Steps,
    /// Lines that wait to be packed, their number, and the time of the first.
    pending: Vec<u8>,
    pending_records: u64,
    pending_since_s: f64,
    /// The open chunk; its note counts what was written of it.
    packer: Option<Packer>,
    note: ChunkNote,
    chunk_bytes: usize,
    /// Bytes that were written and can be read back.
    written: u64,
    last_time_s: f64,
    /// Set when the sink failed or the take was ended: nothing more is written.
    is_closed: bool,
}

impl TakeWriter<File> {
    /// Makes a new file and writes the header into it. The header's version and, where it is empty, its precision are set
    /// here.
    ///
    /// # Errors
    /// [`TakeError::Create`] when the file exists already or cannot be made; [`TakeError::DiskFull`] and
    /// [`TakeError::Write`] when not even the header can be written.
    pub fn create(path: &Path, header: &TakeHeader) -> Result<Self, TakeError> {
        let file = File::create_new(path).map_err(|reason| TakeError::Create { path: path.to_owned(), reason })?;
        Self::new(file, path, header)
    }
}

impl<W: TakeSink> TakeWriter<W> {
    /// Writes the header to an empty sink. `path` is what errors call it.
    ///
    /// # Errors
    /// [`TakeError::DiskFull`] or [`TakeError::Write`] when it cannot be written.
    pub fn new(mut sink: W, path: &Path, header: &TakeHeader) -> Result<Self, TakeError> {
        let steps = Steps::for_picture(header.width, header.height);
        // A precision that is there already is that of lines which are copied.
        let precision = header.precision.or(Some(steps.precision()));
        let header = TakeHeader { version: TAKE_VERSION, precision, ..header.clone() };
        let failed = |reason| TakeError::write(path, 0, reason);
        let frame = pack_header(&header.to_line()).map_err(failed)?;
        sink.write_all(&frame).map_err(failed)?;
        Ok(Self {
            sink,
            path: path.to_owned(),
            steps,
            pending: Vec::new(),
            pending_records: 0,
            pending_since_s: 0.0,
            packer: None,
            note: ChunkNote { records: 0, before: 0, first_time_s: 0.0, last_time_s: 0.0, hash: Hash::new() },
            chunk_bytes: 0,
            written: frame.len() as u64,
            last_time_s: 0.0,
            is_closed: false,
        })
    }

    /// Frames so far, those that still wait included.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.kept() + self.pending_records
    }

    /// Bytes in the file so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.written
    }

    /// Frames in the file.
    const fn kept(&self) -> u64 {
        self.note.before + self.note.records
    }

    /// Adds a frame as it was tracked: raw, not smoothed.
    ///
    /// # Errors
    /// As [`TakeWriter::push`].
    pub fn push_tracked(&mut self, frame: &TrackedFrame) -> Result<(), TakeError> {
        self.push(&FrameRecord::for_take(frame))
    }

    /// Adds a record. Its numbers are rounded as the take's [`Precision`](super::Precision) says; a number that is not finite
    /// becomes zero.
    ///
    /// # Errors
    /// [`TakeError::DiskFull`] and [`TakeError::Write`]: the take is ended then, and what was written before it can be
    /// opened. [`TakeError::Refused`] when the take was ended before, or a record is too large to be a frame's.
    pub fn push(&mut self, record: &FrameRecord) -> Result<(), TakeError> {
        let began = self.begin_line(record.time_s)?;
        write_line(&mut self.pending, record, &self.steps);
        self.end_line(began, record.time_s)
    }

    /// Adds a line of another take as it stands.
    pub(super) fn push_line(&mut self, line: &[u8], time_s: f64) -> Result<(), TakeError> {
        let began = self.begin_line(time_s)?;
        self.pending.extend_from_slice(line);
        self.pending.push(b'\n');
        self.end_line(began, time_s)
    }

    fn begin_line(&mut self, time_s: f64) -> Result<usize, TakeError> {
        if self.is_closed {
            return Err(self.refused("the take was ended; begin a new one"));
        }
        // Before the line, so that what waits never spans more than it may.
        let waited_s = time_s - self.pending_since_s;
        if self.pending_records > 0 && (!(0.0..FLUSH_S).contains(&waited_s) || self.pending.len() >= PENDING_BYTES) {
            self.flush()?;
            let chunk_s = time_s - self.note.first_time_s;
            if !(0.0..CHUNK_S).contains(&chunk_s)
                || self.note.records >= CHUNK_RECORDS
                || self.chunk_bytes >= CHUNK_BYTES
            {
                self.end_chunk()?;
            }
        }
        Ok(self.pending.len())
    }

    fn end_line(&mut self, began: usize, time_s: f64) -> Result<(), TakeError> {
        if self.pending.len() - began > MAX_LINE {
            self.pending.truncate(began);
            return Err(self.refused("a frame has more people than any take can hold"));
        }
        if self.pending_records == 0 {
            self.pending_since_s = time_s;
        }
        if self.kept() == self.note.before && self.pending_records == 0 {
            self.note.first_time_s = time_s;
        }
        self.pending_records += 1;
        self.last_time_s = time_s;
        Ok(())
    }

    /// Writes what waits, for instance when no frame has come for a while.
    ///
    /// # Errors
    /// As [`TakeWriter::push`].
    pub fn flush(&mut self) -> Result<(), TakeError> {
        if self.pending_records == 0 || self.is_closed {
            return Ok(());
        }
        let packed = self.pack_pending();
        let ended = packed.and_then(|packed| self.append(&packed));
        if let Err(reason) = ended {
            return Err(self.give_up(reason));
        }
        self.note.hash.add(&self.pending);
        self.note.records += self.pending_records;
        self.note.last_time_s = self.last_time_s;
        self.chunk_bytes += self.pending.len();
        self.pending.clear();
        self.pending_records = 0;
        Ok(())
    }

    fn pack_pending(&mut self) -> io::Result<Vec<u8>> {
        let packer = match &mut self.packer {
            Some(packer) => packer,
            None => self.packer.insert(Packer::new()?),
        };
        packer.pack(&self.pending)
    }

    /// Writes bytes after which the file can be read.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Ends the open chunk, if there is one, and writes its note.
    fn end_chunk(&mut self) -> Result<(), TakeError> {
        if self.packer.is_none() {
            return Ok(());
        }
        let mut ending = Packer::last_block().to_vec();
        ending.extend(Note::Chunk(self.note).to_frame());
        if let Err(reason) = self.append(&ending) {
            return Err(self.give_up(reason));
        }
        self.next_chunk();
        Ok(())
    }

    fn next_chunk(&mut self) {
        self.packer = None;
        self.chunk_bytes = 0;
        self.note = ChunkNote { records: 0, before: self.kept(), hash: Hash::new(), ..self.note };
    }

    /// Ends the take after an error. What was written half is cut off, so that the file ends with a whole line; then there
    /// is often room for the few bytes that end the chunk.
    fn give_up(&mut self, reason: io::Error) -> TakeError {
        self.is_closed = true;
        if self.sink.cut_to(self.written).is_ok() && self.note.records > 0 {
            let mut ending = Packer::last_block().to_vec();
            ending.extend(Note::Chunk(self.note).to_frame());
            if self.sink.write_all(&ending).is_err() {
                // An open chunk can be read as well.
                let _ = self.sink.cut_to(self.written);
            }
        }
        let _ = self.sink.sync();
        TakeError::write(&self.path, self.kept(), reason)
    }

    /// Writes what waits and the mark that the take is whole, and waits until everything is on the disk.
    ///
    /// # Errors
    /// As [`TakeWriter::push`]; the take is not whole then, but its frames are kept.
    pub fn finish(mut self) -> Result<(), TakeError> {
        if self.is_closed {
            return Err(self.refused("the take was ended by an earlier error"));
        }
        self.flush()?;
        self.end_chunk()?;
        self.is_closed = true;
        let end = Note::End(self.note.before).to_frame();
        let ended = self.append(&end).and_then(|()| self.sink.sync());
        ended.map_err(|reason| {
            let _ = self.sink.cut_to(self.written);
            TakeError::write(&self.path, self.note.before, reason)
        })
    }

    fn refused(&self, reason: &str) -> TakeError {
        TakeError::Refused { path: self.path.clone(), reason: reason.to_owned() }
    }
}

impl<W: TakeSink> Drop for TakeWriter<W> {
    fn drop(&mut self) {
        // Whoever wants to know calls `finish`.
        let _ = self.flush();
    }
}
