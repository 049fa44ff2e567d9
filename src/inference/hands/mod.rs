//! Hands: of everybody whose body is tracked, or alone.
//!
//! A hand is looked for where it was in the frame before, moved along with its wrist; then from the body's wrist; only
//! then with the palm detector, in a square around the wrists and after pauses that grow. Handedness, wrists and the frame
//! before decide together whose hand it is. Weak where it is: two hands that clasp are one in the picture, so the hidden
//! one is carried on with the fingers it had.

mod alone;
mod assign;
mod crew;
mod person;
mod wrists;

use std::sync::Arc;
use std::time::Instant;

use super::palm::PalmDetector;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore};
use crate::frame::{RgbImage, Timings};
use crate::motion::BodyPose;
use crate::motion::hand::Hands;
use crate::settings::ModelVariant;
use alone::HandsAlone;
use crew::Crew;
use person::{PersonHands, Tools};
use wrists::Wrists;

/// How a [`HandTracker`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandTrackerOptions {
    /// Size of both models; there is no heavy one, which means full.
    pub variant: ModelVariant,
    /// What runs the models.
    pub compute: Compute,
    /// A second landmark session on a thread of its own, so that two hands take the time of one.
    pub side_by_side: bool,
}

impl Default for HandTrackerOptions {
    fn default() -> Self {
        Self { variant: ModelVariant::Full, compute: Compute::default(), side_by_side: false }
    }
}

/// Tracks hands, two a person.
pub struct HandTracker {
    palms: PalmDetector,
    crew: Crew,
    memory: HandMemory,
}

/// What a [`HandTracker`] knows of the pictures before: whoever follows several streams with one tracker has one for each,
/// and puts it in before each picture.
#[derive(Default)]
pub struct HandMemory {
    people: Vec<PersonHands>,
    alone: HandsAlone,
}

impl HandMemory {
    /// Forgets every hand.
    pub fn reset(&mut self) {
        self.people.clear();
        self.alone.reset();
    }
}

impl HandTracker {
    /// Checks and opens the two models.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(store: &ModelStore, options: HandTrackerOptions) -> Result<Self, InferenceError> {
        let palms = PalmDetector::open(store, options.variant, options.compute)?;
        let crew = Crew::open(store, options)?;
        Ok(Self { palms, crew, memory: HandMemory::default() })
    }

    /// The hands of `people`, in their order; they lie in pixels of `image`, as the bodies do. Successive calls see
    /// successive pictures. Adds to `timings.hands` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails.
    pub fn track_people(
        &mut self,
        image: &Arc<RgbImage>,
        people: &[BodyPose],
        timings: &mut Timings,
    ) -> Result<Vec<Hands>, InferenceError> {
        let start = Instant::now();
        self.memory.people.retain(|known| people.iter().any(|person| person.id == known.id));
        let mut found = Vec::with_capacity(people.len());
        for person in people {
            let index = self.memory.people.iter().position(|known| known.id == person.id).unwrap_or_else(|| {
                self.memory.people.push(PersonHands::new(person.id));
                self.memory.people.len() - 1
            });
            let mut tools = Tools { crew: &mut self.crew, palms: &mut self.palms, image, timings };
            found.push(self.memory.people[index].track(&Wrists::of(person), &mut tools)?);
        }
        timings.hands += start.elapsed().as_secs_f32() * 1e3;
        Ok(found)
    }

    /// One left and one right hand in `image`, whoever's they are. Adds to `timings.hands` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails.
    pub fn track_alone(&mut self, image: &Arc<RgbImage>, timings: &mut Timings) -> Result<Hands, InferenceError> {
        if image.data.is_empty() {
            self.memory.alone.reset();
            return Ok(Hands::default());
        }
        let start = Instant::now();
        let view = Region::letterbox(image.width, image.height);
        let mut tools = Tools { crew: &mut self.crew, palms: &mut self.palms, image, timings };
        let hands = self.memory.alone.track(view, &mut tools)?;
        timings.hands += start.elapsed().as_secs_f32() * 1e3;
        Ok(hands)
    }

    /// Forgets every hand.
    pub fn reset(&mut self) {
        self.memory.reset();
    }

    /// Puts another stream's memory in, and takes the one that was there out.
    pub const fn swap_memory(&mut self, memory: &mut HandMemory) {
        std::mem::swap(&mut self.memory, memory);
    }
}
