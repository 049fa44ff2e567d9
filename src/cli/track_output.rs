//! What `track` writes: JSON lines, or a take.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::formats::record::FrameRecord;
use crate::formats::take::{TakeHeader, TakeWriter, is_take};
use crate::pipeline::offline::OfflineFrame;
use crate::pipeline::recorder;

/// A file of frames. Nothing is made before the first frame, so that a source without pictures leaves an older file alone.
pub(super) struct Output {
    target: Target,
    /// Frames written.
    pub(super) written: u64,
    /// Those with anybody in view.
    pub(super) with_person: u64,
}

enum Target {
    Lines(Lines),
    Take(Box<TakeFile>),
}

impl Output {
    /// For JSON lines, or for a take where the name says so. A take is not written over another file unless `force` says so.
    pub(super) fn new(path: &Path, header: impl FnOnce() -> TakeHeader, force: bool) -> anyhow::Result<Self> {
        let target = if is_take(path) {
            refuse_existing(path, force)?;
            Target::Take(Box::new(TakeFile { path: path.to_owned(), header: header(), force, writer: None }))
        } else {
            Target::Lines(Lines { path: path.to_owned(), target: None, line: Vec::new() })
        };
        Ok(Self { target, written: 0, with_person: 0 })
    }

    /// Writes a frame; `false` when the reader of standard output has gone.
    pub(super) fn write(&mut self, tracked: &OfflineFrame) -> anyhow::Result<bool> {
        let has_person = match &mut self.target {
            Target::Lines(lines) => {
                let record = FrameRecord::with_angles(&tracked.frame, &tracked.angles);
                if !lines.write(&record)? {
                    return Ok(false);
                }
                !record.people.is_empty()
            }
            Target::Take(take) => {
                take.write(tracked)?;
                !tracked.frame.people.is_empty() || tracked.frame.loose_hands.iter().next().is_some()
            }
        };
        self.written += 1;
        self.with_person += u64::from(has_person);
        Ok(true)
    }

    /// Completes the file.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        match &mut self.target {
            Target::Take(take) => Ok(take.writer.take().map_or(Ok(()), TakeWriter::finish)?),
            Target::Lines(_) => Ok(()),
        }
    }
}

/// What was recorded is not written over by a slip of the hand.
pub(super) fn refuse_existing(path: &Path, force: bool) -> anyhow::Result<()> {
    if !force && path.exists() {
        bail!("{} is there already; choose another name, or add --force to replace it", path.display());
    }
    Ok(())
}

/// A take, made with its first frame, whose size it has.
struct TakeFile {
    path: PathBuf,
    header: TakeHeader,
    force: bool,
    writer: Option<TakeWriter>,
}

impl TakeFile {
    fn write(&mut self, tracked: &OfflineFrame) -> anyhow::Result<()> {
        if self.writer.is_none() {
            let (width, height) = (tracked.frame.width, tracked.frame.height);
            let header = TakeHeader { width, height, ..self.header.clone() };
            if self.force && self.path.is_file() {
                std::fs::remove_file(&self.path).with_context(|| format!("cannot replace {}", self.path.display()))?;
            }
            self.writer = Some(TakeWriter::create(&self.path, &recorder::with_versions(header))?);
        }
        if let Some(writer) = &mut self.writer {
            writer.push_tracked(&tracked.frame)?;
        }
        tracing::trace!(time_s = tracked.frame.time_s, "recorded");
        Ok(())
    }
}

/// A file, or standard output, that only ever holds whole lines.
struct Lines {
    path: PathBuf,
    target: Option<Box<dyn Write>>,
    line: Vec<u8>,
}

impl Lines {
    /// Writes one line at once; `false` when the reader of standard output has gone.
    fn write(&mut self, record: &FrameRecord) -> anyhow::Result<bool> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)?;
        self.line.push(b'\n');
        let cannot_write = || format!("cannot write {}", self.path.display());
        let target = match &mut self.target {
            Some(target) => target,
            None => self.target.insert(if self.path == Path::new("-") {
                Box::new(io::stdout().lock())
            } else {
                Box::new(File::create(&self.path).with_context(cannot_write)?)
            }),
        };
        match target.write_all(&self.line).and_then(|()| target.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error).with_context(cannot_write),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::formats::take::TakeReader;
    use crate::frame::TrackedFrame;

    fn frame(frame_id: u64) -> OfflineFrame {
        let empty = TrackedFrame::empty(frame_id, Instant::now(), frame_id as f64 / 30.0, Arc::default());
        let frame = TrackedFrame { width: 4, height: 3, ..empty };
        OfflineFrame { frame, angles: Vec::new() }
    }

    fn output(path: &Path) -> Output {
        Output::new(path, TakeHeader::default, false).expect("an output")
    }

    #[test]
    fn nothing_is_touched_before_the_first_line() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out.jsonl");
        std::fs::write(&path, "older").expect("writes");
        let mut lines = output(&path);
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "older");
        assert!(lines.write(&frame(0)).expect("writes"));
        assert!(lines.write(&frame(1)).expect("writes"));
        let text = std::fs::read_to_string(&path).expect("reads");
        assert_eq!(text.lines().count(), 2);
        assert!(text.ends_with('\n'), "whole lines while it is still open");
        assert_eq!((lines.written, lines.with_person), (2, 0));
    }

    #[test]
    fn an_output_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["missing/out.jsonl", "missing/out.ldt"] {
            let message = format!("{:#}", output(&folder.path().join(name)).write(&frame(0)).expect_err("refused"));
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn a_take_is_finished_and_not_written_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out.ldt");
        let mut take = output(&path);
        for index in 0..3 {
            assert!(take.write(&frame(index)).expect("writes"));
        }
        take.finish().expect("finishes");
        let reader = TakeReader::open(&path).expect("opens");
        assert!(reader.is_whole() && reader.len() == 3 && reader.header().width == 4);
        assert_eq!(reader.header().versions.app, env!("CARGO_PKG_VERSION"));
        let message = Output::new(&path, TakeHeader::default, false).err().expect("refused").to_string();
        assert!(message.contains("out.ldt") && message.contains("--force"), "{message}");
        let mut again = Output::new(&path, TakeHeader::default, true).expect("may be replaced");
        assert_eq!(TakeReader::open(&path).expect("opens").len(), 3, "still there before the first frame");
        again.write(&frame(0)).expect("writes");
        again.finish().expect("finishes");
        assert_eq!(TakeReader::open(&path).expect("opens").len(), 1);
    }
}
