//! Frames in, tracked people out: the one use of the trackers that files, benchmarks and the live app share.

pub mod live;
pub mod offline;
mod scale;
pub mod stage;

use std::time::Instant;

use crate::frame::{Frame, TrackedFrame};
use crate::inference::{InferenceError, ModelStore};
use crate::settings::{HandsMode, ModelVariant, Provider};
use stage::{BodyStage, HandStage};

/// How a [`Pipeline`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineOptions {
    /// Landmark model.
    pub model: ModelVariant,
    /// Threads of each inference session, at least 1.
    pub threads: usize,
    /// Pictures whose shorter side is longer are scaled down to it; 0 never scales.
    pub short_side: u32,
    /// Every picture stands alone: detected afresh, with a new id for each person found.
    pub static_image: bool,
    /// People followed at most, at least 1.
    pub people: usize,
    /// Whether hands are tracked, and how.
    pub hands: HandsMode,
    /// Which hardware runs the models.
    pub provider: Provider,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            model: ModelVariant::default(),
            threads: 1,
            short_side: 0,
            static_image: false,
            people: 1,
            hands: HandsMode::Off,
            provider: Provider::Cpu,
        }
    }
}

/// The synchronous pipeline: scaling down, strictly rising time, bodies, hands. Landmarks come out unsmoothed.
pub struct Pipeline {
    bodies: BodyStage,
    hands: Option<HandStage>,
}

impl Pipeline {
    /// Opens the pipeline with the models that ship with the program.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(options: PipelineOptions) -> Result<Self, InferenceError> {
        Self::with_store(&ModelStore::shipped()?, options)
    }

    /// Opens the pipeline with the models of `store`.
    ///
    /// # Errors
    /// As [`Pipeline::open`].
    pub fn with_store(store: &ModelStore, options: PipelineOptions) -> Result<Self, InferenceError> {
        let hands = HandStage::open(store, options, cores() > 1)?;
        Ok(Self { bodies: BodyStage::open(store, options)?, hands })
    }

    /// Tracks one frame. Everything in pixels is in those of the frame's own picture, whatever it was scaled to.
    ///
    /// # Errors
    /// [`InferenceError::Run`] or [`InferenceError::Scale`]; the pipeline can go on with the next frame.
    pub fn process(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        let mut tracked = self.bodies.process(frame)?;
        if let Some(hands) = &mut self.hands {
            hands.process(&mut tracked)?;
        }
        Ok(tracked)
    }

    /// Scales later pictures down to this short side; 0 never scales. No model is opened anew.
    pub fn set_short_side(&mut self, short_side: u32) {
        self.bodies.set_short_side(short_side);
    }

    /// Forgets everybody and the clock, as at the start of another source.
    pub fn reset(&mut self) {
        self.bodies.reset();
        if let Some(hands) = &mut self.hands {
            hands.reset();
        }
    }
}

/// Cores that this process may use, at least 1.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn milliseconds_since(start: Instant) -> f32 {
    start.elapsed().as_secs_f32() * 1e3
}
