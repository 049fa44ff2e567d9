//! The one tracking stack: bodies, then hands by a policy, with one way to fail. Live, offline and on the server it is the
//! same; who drives it decides only when hands are looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::overlap::{Behind, Beside, HandsStep};
use super::stage::{BodyMemory, BodyStage, HandStage, HandStageMemory};
use super::{PipelineOptions, cores};
use crate::frame::{Frame, TrackedFrame};
use crate::helper_thread::panic_text;
use crate::inference::{InferenceError, ModelStore};
use crate::settings::HandsMode;

/// Bodies, two hands and the decoder work at the same time from so many cores on.
const CORES_TO_OVERLAP: usize = 4;

/// When the hands of a frame are looked at. Without [`HandsMode::On`] or [`HandsMode::Only`] they never are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandsPolicy {
    /// After its bodies, on the same thread: a frame comes out whole, at once.
    After,
    /// On another thread, some frames behind the bodies: frames come out whole, later.
    Behind,
    /// On another thread, always in the newest picture: a frame comes out at once, with the newest hands there are, moved
    /// to where its wrists are now, so that nobody waits for a hand.
    Beside,
}

impl HandsPolicy {
    /// The quickest way through a file on this machine.
    #[must_use]
    pub fn for_file() -> Self {
        if cores() < CORES_TO_OVERLAP { Self::After } else { Self::Behind }
    }
}

/// Frames in, tracked people out. Landmarks come out unsmoothed.
///
/// A frame whose [`continuity`](Frame::continuity) is broken makes it forget what it knew. A model that fails, or a panic
/// inside, costs the hands of one frame, or the frame itself, never the people who are followed: the next frame goes on.
pub struct TrackingStack {
    bodies: BodyStage,
    hands: HandsWork,
    /// Why the last frame has no hands of its own.
    failure: Option<InferenceError>,
}

enum HandsWork {
    None,
    After(Box<HandStage>),
    Behind(Box<Behind>),
    Beside(Box<Beside>),
}

impl TrackingStack {
    /// Opens the models that ship with the program.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(options: PipelineOptions, policy: HandsPolicy) -> Result<Self, InferenceError> {
        Self::with_store(Arc::new(ModelStore::shipped()?), options, policy)
    }

    /// Opens the models of `store`.
    ///
    /// # Errors
    /// As [`TrackingStack::open`].
    pub fn with_store(
        store: Arc<ModelStore>,
        options: PipelineOptions,
        policy: HandsPolicy,
    ) -> Result<Self, InferenceError> {
        let live = policy == HandsPolicy::Beside;
        // A core is left to whoever draws.
        let options = if live { options.for_machine(cores(), 1) } else { options.for_file() };
        // Live, one core is for bodies, one for hands, one for whoever draws: the next may look at the other hand.
        Self::open_with(store, options, policy, cores() > if live { 3 } else { 1 })
    }

    /// As [`TrackingStack::with_store`], with the options as they are. With `side_by_side` two hands are looked at at the
    /// same time, on two threads.
    ///
    /// # Errors
    /// As [`TrackingStack::open`].
    pub fn open_with(
        store: Arc<ModelStore>,
        options: PipelineOptions,
        policy: HandsPolicy,
        side_by_side: bool,
    ) -> Result<Self, InferenceError> {
        let bodies = BodyStage::open(&store, options)?;
        let open = move || HandStage::open(&store, options, side_by_side);
        // Where nothing else is tracked, or nothing comes after, there is nothing to wait beside.
        let is_alone = options.hands == HandsMode::Only || options.static_image;
        let hands = match policy {
            _ if options.hands == HandsMode::Off => HandsWork::None,
            HandsPolicy::Behind if !is_alone => HandsWork::Behind(Box::new(Behind::start(stepping(open))?)),
            HandsPolicy::Beside if !is_alone => HandsWork::Beside(Box::new(Beside::start(stepping(open))?)),
            _ => HandsWork::After(Box::new(open()?)),
        };
        Ok(Self { bodies, hands, failure: None })
    }

    /// Tracks one frame and waits for all of it. Everything in pixels is in those of the frame's own picture, whatever it
    /// was scaled to.
    ///
    /// # Errors
    /// [`InferenceError::Run`] or [`InferenceError::Scale`] where its bodies cannot be tracked; the stack can go on with
    /// the next frame. Hands that fail are left out, see [`TrackingStack::take_failure`].
    pub fn track(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let mut newest = self.push(frame)?;
        while let Some(done) = self.drain() {
            newest = Some(done);
        }
        newest.ok_or_else(|| lost("no frame came out"))
    }

    /// Tracks one frame and returns the oldest one that is done, which may be one of those before; `None` while all are
    /// on their way, which happens only with [`HandsPolicy::Behind`].
    ///
    /// # Errors
    /// As [`TrackingStack::track`].
    pub fn push(&mut self, frame: Frame) -> Result<Option<TrackedFrame>, InferenceError> {
        self.failure = None;
        let mut frame = guarded(|| self.bodies.process(frame))?;
        Ok(match &mut self.hands {
            HandsWork::None => Some(frame),
            HandsWork::After(stage) => {
                self.failure = guarded(|| stage.process(&mut frame)).err();
                Some(frame)
            }
            HandsWork::Behind(behind) => behind.push(frame, &mut self.failure),
            HandsWork::Beside(beside) => {
                self.failure = beside.attach(&mut frame).err();
                Some(frame)
            }
        })
    }

    /// Waits for the oldest frame that is on its way; `None` when there is none.
    pub fn drain(&mut self) -> Option<TrackedFrame> {
        match &mut self.hands {
            HandsWork::Behind(behind) => behind.drain(&mut self.failure),
            _ => None,
        }
    }

    /// Why the frame that came out last has no hands of its own, once.
    pub const fn take_failure(&mut self) -> Option<InferenceError> {
        self.failure.take()
    }

    /// The bodies of a frame of a stream whose memory this is.
    ///
    /// # Errors
    /// As [`TrackingStack::track`]; the memory is whole whatever happens.
    pub fn track_bodies(&mut self, memory: &mut BodyMemory, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let swap = |stage: &mut BodyStage| stage.swap_memory(memory);
        with_memory(&mut self.bodies, swap, |stage| stage.process(frame))
    }

    /// Adds the hands of a frame of a stream whose memory this is; nothing where none are tracked.
    ///
    /// # Errors
    /// [`InferenceError::Run`]; the memory and the frame's bodies are whole whatever happens.
    pub fn track_hands(
        &mut self,
        memory: &mut HandStageMemory,
        frame: &mut TrackedFrame,
    ) -> Result<(), InferenceError> {
        let HandsWork::After(stage) = &mut self.hands else { return Ok(()) };
        with_memory(stage.as_mut(), |stage| stage.swap_memory(memory), |stage| stage.process(frame))
    }

    /// Whether hands are tracked.
    #[must_use]
    pub const fn has_hands(&self) -> bool {
        !matches!(self.hands, HandsWork::None)
    }

    /// Scales later pictures down to this short side; 0 never scales. No model is opened anew.
    pub const fn set_short_side(&mut self, short_side: u32) {
        self.bodies.set_short_side(short_side);
    }

    /// Beside the bodies, hands are from now on looked at in one of so many frames, at least 1.
    pub fn set_hand_interval(&mut self, frames: u32) {
        if let HandsWork::Beside(beside) = &mut self.hands {
            beside.set_interval(frames);
        }
    }
}

/// Opens a stage and looks with it.
fn stepping(
    open: impl Fn() -> Result<HandStage, InferenceError> + Send + Sync + 'static,
) -> impl Fn() -> Result<HandsStep, InferenceError> + Send + Sync + 'static {
    move || {
        let mut stage = open()?;
        Ok(Box::new(move |frame: &mut TrackedFrame| stage.process(frame)))
    }
}

/// Lets a stage look with the memory of one stream, which is swapped out again whatever happens: what a stage keeps must
/// never be another stream's.
fn with_memory<S, T>(
    stage: &mut S,
    mut swap: impl FnMut(&mut S),
    look: impl FnOnce(&mut S) -> Result<T, InferenceError>,
) -> Result<T, InferenceError> {
    swap(stage);
    let result = guarded(|| look(stage));
    swap(stage);
    result
}

/// Runs one step of a stage; a panic inside is an error like any other.
fn guarded<T>(step: impl FnOnce() -> Result<T, InferenceError>) -> Result<T, InferenceError> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|payload| Err(lost(&panic_text(&*payload))))
}

pub(super) fn lost(reason: &str) -> InferenceError {
    InferenceError::Run { name: "tracking".to_owned(), reason: format!("it failed inside ({reason})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_panics_keeps_nobodys_memory() {
        struct Stage(&'static str);
        let (mut stage, mut memory) = (Stage("its own"), Stage("a stream's"));
        let swap = |stage: &mut Stage| std::mem::swap(stage, &mut memory);
        let looked: Result<(), InferenceError> = with_memory(&mut stage, swap, |stage| {
            assert_eq!(stage.0, "a stream's");
            stage.0 = "a stream's, changed";
            panic!("as a broken model would")
        });
        assert!(looked.expect_err("it failed").to_string().contains("as a broken model would"));
        assert_eq!((stage.0, memory.0), ("its own", "a stream's, changed"));
    }
}
