//! The thread that reads: opens the file, then keeps some frames ahead of whoever shows them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::clip::Clip;
use super::error::PlayerError;
use crate::capture::{SourceInfo, SourceSpec};
use crate::formats::take::{Ending, TakeReader};
use crate::frame::{RgbImage, TrackedFrame};
use crate::pipeline::take_frames;

/// Frames read ahead: a slow display that shows motion at double speed takes many at once.
pub(super) const AHEAD: usize = 48;

/// Where reading is to go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    /// At the frame that is shown at this time on the take's own clock.
    Time(f64),
    /// At this frame, or the last one.
    Frame(usize),
}

/// A frame that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) index: usize,
    pub(super) frame: TrackedFrame,
}

/// What a file turned out to be.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) info: SourceInfo,
    /// Time of the first frame on the file's own clock.
    pub(super) first_s: f64,
    /// `None` for a take.
    pub(super) clip: Option<Arc<Clip>>,
    /// What is to be told although it can be played.
    pub(super) warning: Option<String>,
}

/// What both threads see.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Counts the jumps; frames of earlier ones are of no use any more.
    pub(super) generation: u64,
    pub(super) target: Option<Target>,
    pub(super) closed: bool,
    pub(super) opened: Option<Result<Opened, String>>,
    /// Why frames behind those in the queue cannot be read.
    pub(super) failure: Option<String>,
    /// Frames of the present generation, in order.
    pub(super) queue: VecDeque<Read>,
}

/// The state and what tells of its changes.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    // A panic while the lock is held leaves nothing half written that matters: each change is a few assignments.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake(&self) {
        self.changed.notify_all();
    }

    /// Waits for room, a jump, or the end; `None` at the end.
    fn wait(&self, generation: u64, can_read: bool) -> Option<MutexGuard<'_, State>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let has_room = can_read && state.queue.len() < AHEAD && state.failure.is_none();
            if state.generation != generation || has_room {
                return Some(state);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Opens the file and reads until the player is dropped.
pub(super) fn run(shared: &Shared, path: &Path) {
    let (opened, take) = match open(path) {
        Ok((opened, take)) => (Ok(opened), take),
        Err(error) => (Err(error.to_string()), None),
    };
    shared.lock().opened = Some(opened);
    if let Some(take) = take {
        read(shared, take);
    }
}

fn open(path: &Path) -> Result<(Opened, Option<TakeReader>), PlayerError> {
    if SourceSpec::Path(path.to_owned()).read_matter() == crate::capture::SourceMatter::Clip {
        let clip = Clip::open(path)?;
        let info = clip.info(path);
        return Ok((Opened { info, first_s: 0.0, clip: Some(Arc::new(clip)), warning: None }, None));
    }
    let mut take = TakeReader::open(path)?;
    if take.is_empty() {
        return Err(PlayerError::Empty { path: path.to_owned() });
    }
    let warning = match take.ending() {
        Ending::Whole => None,
        Ending::Cut { frames } => Some(format!("{} was cut off: its first {frames} frames are there", path.display())),
    };
    let info = take_frames::source_info(&mut take)?;
    Ok((Opened { info, first_s: take.first_time_s(), clip: None, warning }, Some(take)))
}

fn read(shared: &Shared, mut take: TakeReader) {
    let (mut generation, mut next) = (0, 0);
    let mut plain: Arc<RgbImage> = Arc::default();
    while let Some(state) = shared.wait(generation, next < take.len()) {
        let target = if state.generation == generation { None } else { state.target };
        generation = state.generation;
        drop(state);
        let last = take.len().saturating_sub(1);
        let place = match target {
            None => Ok(next),
            Some(Target::Frame(index)) => Ok(index.min(last)),
            Some(Target::Time(time_s)) => take.index_at(time_s).map(|index| index.unwrap_or(0)),
        };
        let read = place.and_then(|index| {
            let mut frame = take.tracked(index, Instant::now())?;
            take_frames::dress(&mut frame, &mut plain);
            Ok(Read { index, frame })
        });
        let mut state = shared.lock();
        if state.generation != generation {
            continue;
        }
        match read {
            Ok(read) => {
                next = read.index + 1;
                state.queue.push_back(read);
            }
            Err(error) => state.failure = Some(error.to_string()),
        }
    }
}
