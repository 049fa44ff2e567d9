//! Frames in, tracked people and their motion out: the one use of the trackers that files, benchmarks, the live app and the
//! server share.

pub mod carried_hands;
pub mod live;
pub mod offline;
mod overlap;
pub mod poser;
pub mod recorder;
#[cfg(feature = "remote")]
pub mod remote;
mod scale;
pub mod stack;
pub mod stage;
pub mod take_frames;
pub mod take_player;
pub mod video_file;

use crate::frame::milliseconds_since;
use crate::settings::{HandsMode, ModelVariant, Provider};

/// How a tracking stack works.
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
