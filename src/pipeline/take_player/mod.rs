//! Plays recorded motion: takes, whose people go the same way as live ones, and clips of bones.
//!
//! ```text
//! reader thread ──frames ahead──▶ queue ──TakePlayer::tick, every rendered frame──▶ LatestSlot ──▶ whoever draws
//! ```
//!
//! The thread opens and reads. Time belongs to whoever draws: [`TakePlayer::tick`] is told how much has passed, moves
//! the [`Transport`] on and hands over the frame that is due, so that a slow disk delays a picture and never the one who
//! draws. While it plays, the frame handed over is the one behind the moment shown, so that there are two to
//! interpolate between at any speed; while it is held, exactly the frame that is shown.
//!
//! Every jump has a number. What was read for an earlier one is thrown away, and the first frame of a new one says that it
//! does not follow, because filters must not run across it. Motion is made here, before the slot: frames that a slow display
//! passes over are filtered all the same.

mod clip;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod reader;
#[cfg(test)]
mod tests;
mod transport;
pub mod trim;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

pub use clip::Clip;
pub use error::PlayerError;
pub use transport::{Moved, SPEEDS, Transport};

use super::poser::{MotionControl, Poser, publish_posed};
use crate::capture::SourceInfo;
use crate::frame::{PosedFrame, TrackedFrame};
use crate::motion::session::Continuity;
use crate::slot::LatestSlot;
use reader::{Shared, Target};

const THREAD: &str = "livedance-take";
/// Frames handed over that are remembered, to know the number of the one that is shown.
const REMEMBERED: usize = 64;
/// Times that are so near are one moment, seconds.
const SAME_S: f64 = 1e-6;

/// How playing goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlayerState {
    /// The file is being opened.
    Opening,
    /// It moves.
    Playing,
    /// It is held, or at its end.
    Paused,
    /// The file, or this part of it, cannot be read.
    Failed {
        /// What is wrong and what to do.
        message: String,
    },
}

/// A recording that is open, or being opened.
#[derive(Debug)]
pub struct TakePlayer {
    path: PathBuf,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    frames: LatestSlot<PosedFrame>,
    poser: Poser,
    transport: Transport,
    info: Option<SourceInfo>,
    clip: Option<Arc<Clip>>,
    warning: Option<String>,
    failure: Option<String>,
    first_s: f64,
    generation: u64,
    /// Frames handed over since the last jump: number and time.
    fed: VecDeque<(usize, f64)>,
    /// The frame that is waited for after a step.
    awaited: Option<usize>,
    /// Where to go once the jump under way has arrived: whoever drags asks faster than a disk answers, and sees
    /// pictures all the same.
    waiting: Option<Target>,
    /// Number of the frame that was shown before the jump under way.
    before: usize,
    shown_s: Option<f64>,
}

impl TakePlayer {
    /// Opens a recording on a thread of its own and plays it from its start, in a loop. What is wrong with the file is
    /// told by [`TakePlayer::state`].
    ///
    /// # Errors
    /// [`PlayerError::Thread`].
    pub fn open(path: &Path) -> Result<Self, PlayerError> {
        let shared = Arc::new(Shared::default());
        let (theirs, file) = (Arc::clone(&shared), path.to_owned());
        let thread = std::thread::Builder::new()
            .name(THREAD.into())
            .spawn(move || reader::run(&theirs, &file))
            .map_err(|error| PlayerError::Thread { name: THREAD, reason: error.to_string() })?;
        Ok(Self {
            path: path.to_owned(),
            shared,
            thread: Some(thread),
            frames: LatestSlot::new(),
            poser: Poser::default(),
            transport: Transport::new(0.0),
            info: None,
            clip: None,
            warning: None,
            failure: None,
            first_s: 0.0,
            generation: 0,
            fed: VecDeque::with_capacity(REMEMBERED),
            awaited: None,
            waiting: None,
            before: 0,
            shown_s: None,
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the motion of later frames as `control` wants it.
    pub fn set_motion(&mut self, control: MotionControl) {
        self.poser = Poser::new(control);
    }

    /// Where the frames of a take arrive with their motion.
    #[must_use]
    pub const fn frames(&self) -> &LatestSlot<PosedFrame> {
        &self.frames
    }

    /// How it goes.
    #[must_use]
    pub fn state(&self) -> PlayerState {
        match (&self.failure, &self.info) {
            (Some(message), _) => PlayerState::Failed { message: message.clone() },
            (None, None) => PlayerState::Opening,
            (None, Some(_)) if self.transport.is_playing() => PlayerState::Playing,
            (None, Some(_)) => PlayerState::Paused,
        }
    }

    /// What is known of the file once it is open.
    #[must_use]
    pub const fn info(&self) -> Option<&SourceInfo> {
        self.info.as_ref()
    }

    /// The motion of bones, once it is open; `None` for a take.
    #[must_use]
    pub const fn clip(&self) -> Option<&Arc<Clip>> {
        self.clip.as_ref()
    }

    /// What there is to complain about although it plays, once: a take that was cut off.
    pub fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }

    /// Where playing is.
    #[must_use]
    pub const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Time of the first frame on the file's own clock, seconds.
    #[must_use]
    pub const fn first_s(&self) -> f64 {
        self.first_s
    }

    /// The moment to show, on the clock of the frames that were handed over; `None` before the first one. After a jump it
    /// stays until the first frame from there has come.
    #[must_use]
    pub const fn shown_s(&self) -> Option<f64> {
        self.shown_s
    }

    /// Number of the frame that is shown, from zero.
    #[must_use]
    pub fn frame(&self) -> usize {
        if let Some(awaited) = self.awaited {
            return awaited;
        }
        if let Some(clip) = &self.clip {
            let last = clip.motion.poses.len().saturating_sub(1);
            return ((self.transport.position_s() * clip.motion.fps + 1e-3) as usize).min(last);
        }
        let now_s = self.first_s + self.transport.position_s() + SAME_S;
        let shown = self.fed.iter().rev().find(|(_, time_s)| *time_s <= now_s);
        shown.or(self.fed.front()).map_or(self.before, |(index, _)| *index)
    }

    /// Number of frames, once it is open.
    #[must_use]
    pub fn frame_count(&self) -> usize {
        self.info.as_ref().and_then(|info| info.frame_count).unwrap_or(0) as usize
    }

    /// Plays or holds; from the end of the range it plays from its beginning.
    pub fn set_playing(&mut self, playing: bool) {
        if self.transport.set_playing(playing) {
            self.jump_to_position();
        }
    }

    /// Goes to a moment, seconds from the first frame, whether it plays or not.
    pub fn seek(&mut self, time_s: f64) {
        self.transport.seek(time_s);
        self.jump_to_position();
    }

    /// Holds and goes so many frames on, or back.
    pub fn step(&mut self, frames: i64) {
        let Some(last) = self.frame_count().checked_sub(1) else { return };
        self.transport.set_playing(false);
        let wanted = self.frame().saturating_add_signed(frames as isize).min(last);
        if let Some(clip) = &self.clip {
            self.transport.seek(wanted as f64 / clip.motion.fps);
            return;
        }
        if let Some((_, time_s)) = self.fed.back().filter(|(index, _)| *index == wanted) {
            // Handed over already, ahead of its moment.
            self.transport.seek(time_s - self.first_s);
            return;
        }
        self.awaited = Some(wanted);
        // The next one follows the last one, so filters go on.
        if self.waiting.is_some() || self.fed.back().is_none_or(|(index, _)| index + 1 != wanted) {
            self.jump(Target::Frame(wanted));
        }
    }

    /// Begins again at the end, or stays there.
    pub const fn set_looping(&mut self, looping: bool) {
        self.transport.set_looping(looping);
    }

    /// Plays so many seconds of motion a second.
    pub const fn set_speed(&mut self, speed: f64) {
        self.transport.set_speed(speed);
    }

    /// Plays from here to there, seconds from the first frame.
    pub fn set_range(&mut self, from_s: f64, to_s: f64) {
        self.transport.set_range(from_s, to_s);
    }

    /// Hands the frame that is shown over once more, as for settings that have changed while it is held.
    pub fn refresh(&mut self) {
        if self.clip.is_none() && !self.fed.is_empty() {
            self.jump(Target::Frame(self.frame()));
        }
    }

    /// So much time has passed for whoever draws, seconds. Never waits.
    pub fn tick(&mut self, elapsed_s: f64) {
        self.take_opened();
        if self.info.is_none() {
            return;
        }
        // Nothing moves on before its first picture, or where nothing can be read.
        let can_move = self.clip.is_some() || (!self.fed.is_empty() && self.failure.is_none());
        if can_move && self.transport.advance(elapsed_s) == Moved::Around {
            self.jump_to_position();
        }
        if self.clip.is_some() {
            self.shown_s = Some(self.transport.position_s());
            return;
        }
        self.hand_over();
        if !self.fed.is_empty() {
            self.shown_s = Some(self.first_s + self.transport.position_s());
        }
    }

    fn has_reader_ended(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    fn take_opened(&mut self) {
        if self.info.is_some() || self.failure.is_some() {
            return;
        }
        let has_ended = self.has_reader_ended();
        let opened = self.shared.lock().opened.take();
        match opened {
            Some(Ok(opened)) => {
                // What was asked for while it was being opened is kept, as far as it has a length.
                let before = self.transport;
                self.transport = Transport::new(opened.info.duration_s.unwrap_or(0.0));
                self.transport.set_looping(before.is_looping());
                self.transport.set_speed(before.speed());
                if !before.is_playing() {
                    self.transport.set_playing(false);
                }
                self.first_s = opened.first_s;
                (self.clip, self.warning) = (opened.clip, opened.warning);
                self.info = Some(opened.info);
            }
            Some(Err(message)) => self.failure = Some(message),
            // Asked before the look under the lock, so that what came in between is not blamed.
            None if has_ended => self.failure = Some(self.died()),
            None => {}
        }
    }

    /// The reader of a take lives as long as its player.
    fn died(&self) -> String {
        format!("{}: reading it failed inside; open it again or choose another", self.path.display())
    }

    /// Hands over at most one frame.
    fn hand_over(&mut self) {
        let now_s = self.first_s + self.transport.position_s();
        let is_first = self.fed.is_empty();
        let newest_s = self.fed.back().map_or(f64::NEG_INFINITY, |(_, time_s)| *time_s);
        let has_ended = self.has_reader_ended();
        let mut state = self.shared.lock();
        let failure = state.failure.clone().or_else(|| has_ended.then(|| self.died()));
        self.failure = failure.filter(|_| state.queue.is_empty());
        let mut passed_over = Vec::new();
        let due = if is_first || self.awaited.is_some() {
            state.queue.pop_front()
        } else if self.transport.is_playing() && newest_s <= now_s {
            // The first one that is still to come; on a slow display, those before it are passed over.
            let passed = state.queue.iter().take_while(|read| read.frame.time_s <= now_s).count();
            let last = state.queue.len().saturating_sub(1);
            passed_over.extend(state.queue.drain(..passed.min(last)));
            state.queue.pop_front()
        } else {
            None
        };
        drop(state);
        let Some(read) = due else {
            if let Some(target) = self.waiting.take_if(|_| self.failure.is_some()) {
                self.jump_now(target);
            }
            return;
        };
        self.shared.wake();
        if self.waiting.is_none() && self.awaited.take().is_some() {
            self.transport.seek(read.frame.time_s - self.first_s);
        }
        if self.fed.len() == REMEMBERED {
            self.fed.pop_front();
        }
        self.fed.push_back((read.index, read.frame.time_s));
        let continuity = match (is_first, self.generation) {
            (true, 0) => Continuity::NewSource,
            (true, _) => Continuity::Seek,
            (false, _) => Continuity::Follows,
        };
        for passed in passed_over {
            // Only filters and solvers see it.
            let _ = self.poser.pose(passed.frame);
        }
        let now = Instant::now();
        let posed = self.poser.pose(TrackedFrame { captured_at: now, continuity, ..read.frame });
        publish_posed(&self.frames, posed);
        if let Some(target) = self.waiting.take() {
            self.jump_now(target);
        }
    }

    fn jump_to_position(&mut self) {
        self.awaited = None;
        self.jump(Target::Time(self.first_s + self.transport.position_s() + SAME_S));
    }

    fn jump(&mut self, target: Target) {
        let is_under_way = self.generation > 0 && self.fed.is_empty() && self.failure.is_none();
        if is_under_way {
            self.waiting = Some(target);
        } else {
            self.jump_now(target);
        }
    }

    fn jump_now(&mut self, target: Target) {
        self.before = self.frame();
        self.generation += 1;
        self.fed.clear();
        let mut state = self.shared.lock();
        (state.generation, state.target, state.failure) = (self.generation, Some(target), None);
        state.queue.clear();
        drop(state);
        self.shared.wake();
    }
}

impl Drop for TakePlayer {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake();
        if let Some(thread) = self.thread.take() {
            // It may be reading a large file: it ends by itself and holds nothing that anybody waits for.
            drop(thread);
        }
    }
}
