//! Changes takes: a part of one as a new file, another header for the same frames.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;

use super::chunk::pack_header;
use super::error::TakeError;
use super::header::{TAKE_VERSION, TakeHeader};
use super::reader::TakeReader;
use super::writer::TakeWriter;
use crate::files::Draft;

/// Writes the frames of `range` to a take of its own, with the header of the first one and the frames' own numbers and
/// times. Frames of a take are copied digit by digit; those of a file of `track` are rounded as a take's. `output` appears
/// when it is complete, in the place of what may have been there.
///
/// # Errors
/// [`TakeError::Refused`] when the range holds no frame or `output` is the take itself, which stays as it is;
/// [`TakeError::NoSuchFrame`] when it reaches beyond the end; else as [`TakeReader::frame`] and [`TakeWriter::push`].
pub fn trim<R: Read + Seek>(take: &mut TakeReader<R>, range: Range<usize>, output: &Path) -> Result<(), TakeError> {
    let refused = |reason: &str| TakeError::Refused { path: output.to_owned(), reason: reason.to_owned() };
    if range.is_empty() {
        return Err(refused("no frame would be left; choose a range whose end lies behind its start"));
    }
    if range.end > take.len() {
        let (path, frames) = (take.path().to_owned(), take.len());
        return Err(TakeError::NoSuchFrame { path, index: range.end - 1, frames });
    }
    if let (Ok(input), Ok(output)) = (take.path().canonicalize(), output.canonicalize())
        && input == output
    {
        return Err(refused("the part cannot replace the take it is cut from; choose another file"));
    }
    replace(output, |draft| {
        let mut header = take.header().clone();
        if !take.has_header() {
            let first = take.frame(range.start)?;
            (header.width, header.height) = (first.width, first.height);
        }
        // Whoever says how finely it is rounded was rounded already.
        let is_rounded = header.precision.is_some();
        let mut writer = TakeWriter::new(draft, output, &header)?;
        for index in range {
            if is_rounded {
                let (line, time_s) = take.line(index)?;
                writer.push_line(line, time_s)?;
            } else {
                writer.push(&take.frame(index)?)?;
            }
        }
        writer.finish()
    })
}

/// Changes a take's header: its name, its notes. The frames stay as they are, byte by byte. The file is replaced in one step,
/// so that a crash leaves the old or the new one.
///
/// # Errors
/// [`TakeError::Refused`] for a file of `track`, which has no header, and for one that was packed by another
/// program: [`trim`] makes a take of either. Else as [`TakeReader::open`] and [`TakeWriter::create`].
pub fn rewrite_header(path: &Path, change: impl FnOnce(&mut TakeHeader)) -> Result<(), TakeError> {
    let take = TakeReader::open(path)?;
    let Some(header_length) = take.header_length() else {
        let reason = "it has no header of its own that could be changed; save it as a take first".to_owned();
        return Err(TakeError::Refused { path: path.to_owned(), reason });
    };
    let mut header = take.header().clone();
    change(&mut header);
    // These two tell how the frames are written, and the frames stay.
    header.version = TAKE_VERSION;
    header.precision = take.header().precision;
    drop(take);
    replace(path, |draft| {
        let copied = pack_header(&header.to_line()).and_then(|frame| {
            let mut input = File::open(path)?;
            input.seek(SeekFrom::Start(header_length))?;
            draft.write_all(&frame)?;
            io::copy(&mut input, draft)
        });
        copied.map(drop).map_err(|reason| TakeError::write(path, 0, reason))
    })
}

/// Lets `write` make a file beside `path` and puts it into the place of `path` when it is done; removes it when it fails.
fn replace(path: &Path, write: impl FnOnce(&mut Draft) -> Result<(), TakeError>) -> Result<(), TakeError> {
    let failed = |reason| TakeError::Create { path: path.to_owned(), reason };
    let mut draft = Draft::beside(path).map_err(failed)?;
    write(&mut draft).map_err(|error| match error {
        // Nothing of a draft is kept.
        TakeError::DiskFull { .. } => failed(io::ErrorKind::StorageFull.into()),
        TakeError::Write { reason, .. } => failed(reason),
        error => error,
    })?;
    draft.commit().map_err(failed)
}
