//! The recorder thread.

use std::path::Path;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::late_hands::LateHands;
use super::{Shared, start};
use crate::formats::take::{TakeError, TakeHeader, TakeSink, TakeWriter};
use crate::frame::TrackedFrame;

/// How soon the end of a recording is noticed while no frames come.
const NOTICE_WITHIN: Duration = Duration::from_millis(40);
/// What waits is written when no frame has come for so long: the writer itself only looks at the clock of the frames.
const FLUSH_AFTER: Duration = Duration::from_millis(300);

/// Writes frames until the end is asked for or the disk fails.
pub(super) fn run<W: TakeSink>(
    shared: &Shared,
    frames: &Receiver<TrackedFrame>,
    sink: W,
    path: &Path,
    header: TakeHeader,
) {
    // Here rather than before the thread began, since it reads the whole library of the models.
    let header = start::with_versions(header);
    let ended = TakeWriter::new(sink, path, &header).and_then(|writer| write(shared, frames, writer));
    // Frames that still come are not recorded; they are not lost for want of speed either.
    shared.end();
    let mut status = shared.status();
    status.is_finished = true;
    if let Err(error) = ended {
        status.error = Some(error.to_string());
    }
}

fn write<W: TakeSink>(
    shared: &Shared,
    frames: &Receiver<TrackedFrame>,
    mut writer: TakeWriter<W>,
) -> Result<(), TakeError> {
    let mut first_s = None;
    let mut late = LateHands::default();
    let mut record = |writer: &mut TakeWriter<W>, settled: Vec<TrackedFrame>| -> Result<(), TakeError> {
        for frame in settled {
            writer.push_tracked(&frame)?;
            let seconds = (frame.time_s - *first_s.get_or_insert(frame.time_s)).max(0.0);
            let mut status = shared.status();
            (status.frames, status.bytes, status.seconds) = (writer.frames(), writer.bytes(), seconds);
        }
        Ok(())
    };
    let mut quiet_since = Some(Instant::now());
    loop {
        // Read before the queue, so that what came before the end is written.
        let is_ending = shared.is_ending();
        match frames.recv_timeout(if is_ending { Duration::ZERO } else { NOTICE_WITHIN }) {
            Ok(frame) => {
                record(&mut writer, late.push(frame))?;
                quiet_since = Some(Instant::now());
            }
            Err(_) if is_ending => break,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                if quiet_since.is_some_and(|since| since.elapsed() >= FLUSH_AFTER) {
                    record(&mut writer, late.drain())?;
                    writer.flush()?;
                    shared.status().bytes = writer.bytes();
                    quiet_since = None;
                }
            }
        }
    }
    record(&mut writer, late.drain())?;
    writer.flush()?;
    shared.status().bytes = writer.bytes();
    writer.finish()
}
