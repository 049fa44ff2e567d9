//! Frames in, tracked people out: the one use of the trackers that files, benchmarks and the live app share.

pub mod carried_hands;
pub mod live;
pub mod offline;
pub mod recorder;
#[cfg(feature = "remote")]
pub mod remote;
pub mod resolve;
mod scale;
pub mod stage;
pub mod take_player;
pub mod video_file;

use crate::frame::{Frame, TrackedFrame, milliseconds_since};
use crate::inference::{InferenceError, ModelStore};
use crate::settings::{HandsMode, ModelVariant, Provider};
use stage::{BodyStage, HandStage};

/// How a [`Pipeline`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineOptions {
    /// Landmark model.
    pub model: ModelVariant,
    /// Threads of each inference session; 0 for as many as suit the machine.
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
            threads: 0,
            short_side: 0,
            static_image: false,
            people: 1,
            hands: HandsMode::Off,
            provider: Provider::Cpu,
        }
    }
}

/// More threads than these do not make the models faster.
const MOST_THREADS: usize = 4;

impl PipelineOptions {
    /// The same with a number of threads: the one asked for, or what `cores` without the `spare` ones, which others need,
    /// give each session that works at the same time.
    #[must_use]
    pub fn for_machine(self, cores: usize, spare: usize) -> Self {
        let hands = if cores > 1 { 2 } else { 1 };
        let at_once = match self.hands {
            HandsMode::Off => 1,
            HandsMode::Only => hands,
            // Bodies, then hands.
            HandsMode::On if self.static_image => hands,
            HandsMode::On => 1 + hands,
        };
        let suitable = (cores.saturating_sub(spare) / at_once).clamp(1, MOST_THREADS);
        Self { threads: if self.threads == 0 { suitable } else { self.threads }, ..self }
    }

    /// [`Self::for_machine`] for this machine and a source that is read to its end: a video has a decoder beside it.
    #[must_use]
    pub fn for_file(self) -> Self {
        self.for_machine(cores(), usize::from(!self.static_image))
    }
}

/// The synchronous pipeline: scaling down, strictly rising time, bodies, hands. Landmarks come out unsmoothed.
pub struct Pipeline {
    place: Place,
}

/// Who tracks.
enum Place {
    Here {
        bodies: Box<BodyStage>,
        hands: Option<Box<HandStage>>,
    },
    #[cfg(feature = "remote")]
    Server(Box<remote::offline::RemotePipeline>),
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
        let options = options.for_file();
        let hands = HandStage::open(store, options, cores() > 1)?.map(Box::new);
        let bodies = Box::new(BodyStage::open(store, options)?);
        Ok(Self { place: Place::Here { bodies, hands } })
    }

    /// Opens the pipeline on a server. No model is opened here.
    ///
    /// # Errors
    /// [`InferenceError::Remote`] when the server cannot be reached or refuses.
    #[cfg(feature = "remote")]
    pub fn open_remote(target: &remote::RemoteTarget, options: PipelineOptions) -> Result<Self, InferenceError> {
        let server = remote::offline::RemotePipeline::open(target, options)?;
        Ok(Self { place: Place::Server(Box::new(server)) })
    }

    /// Tracks one frame. Everything in pixels is in those of the frame's own picture, whatever it was scaled to.
    ///
    /// # Errors
    /// [`InferenceError::Run`] or [`InferenceError::Scale`]; the pipeline can go on with the next frame.
    /// [`InferenceError::Remote`] where a server tracks.
    pub fn process(&mut self, frame: Frame) -> Result<TrackedFrame, InferenceError> {
        match &mut self.place {
            Place::Here { bodies, hands } => {
                let mut tracked = bodies.process(frame)?;
                if let Some(hands) = hands {
                    hands.process(&mut tracked)?;
                }
                Ok(tracked)
            }
            #[cfg(feature = "remote")]
            Place::Server(server) => server.process(frame),
        }
    }

    /// Scales later pictures down to this short side; 0 never scales. No model is opened anew.
    pub fn set_short_side(&mut self, short_side: u32) {
        match &mut self.place {
            Place::Here { bodies, .. } => bodies.set_short_side(short_side),
            #[cfg(feature = "remote")]
            Place::Server(server) => server.set_short_side(short_side),
        }
    }

    /// Forgets everybody and the clock, as at the start of another source.
    pub fn reset(&mut self) {
        match &mut self.place {
            Place::Here { bodies, hands } => {
                bodies.reset();
                if let Some(hands) = hands {
                    hands.reset();
                }
            }
            #[cfg(feature = "remote")]
            Place::Server(server) => server.reset(),
        }
    }
}

/// Cores that this process may use, at least 1.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_follow_the_machine_unless_asked_for() {
        let bodies = PipelineOptions { threads: 0, ..PipelineOptions::default() };
        let with_hands = PipelineOptions { hands: HandsMode::On, ..bodies };
        let threads = |options: PipelineOptions, cores, spare| options.for_machine(cores, spare).threads;
        assert_eq!([1, 2, 4, 16].map(|cores| threads(bodies, cores, 1)), [1, 1, 3, 4]);
        assert_eq!([1, 2, 4, 16].map(|cores| threads(with_hands, cores, 1)), [1, 1, 1, 4]);
        let picture = PipelineOptions { static_image: true, ..bodies };
        assert_eq!(threads(picture, 2, 0), 2);
        assert_eq!(threads(PipelineOptions { threads: 7, ..bodies }, 2, 1), 7);
    }
}
