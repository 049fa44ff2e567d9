//! Hands: of everybody whose body is tracked, or alone.
//!
//! A hand is looked for where it was in the picture before, moved along with its wrist; then from the body's wrist; only
//! then with the palm detector, in a square around the wrists and after pauses that grow. What goes beyond following is
//! spread over pictures, so that none of them is late by it. Handedness, wrists and the picture before decide together
//! whose hand it is. All pauses are seconds of the source's clock, however many pictures they hold. Weak where it is: two
//! hands that clasp are one in the picture, so the hidden one is carried on with the fingers it had.

mod alone;
mod assign;
mod crew;
#[cfg(test)]
mod fake;
mod models;
mod patience;
mod person;
mod search;
#[cfg(test)]
mod tests;
mod wrists;

use std::sync::Arc;
use std::time::Instant;

use glam::Vec2;

use super::budget::Budget;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore};
use crate::frame::{RgbImage, Timings};
use crate::motion::BodyPose;
use crate::motion::hand::Hands;
use crate::settings::ModelVariant;
use alone::HandsAlone;
use models::{HandModels, Sessions, Tools};
use person::PersonHands;
use wrists::Wrists;

/// Model runs that a thirtieth of a second may cost beyond following everybody's hands: one a person, and at least so many.
const MIN_SEARCH_RUNS: usize = 2;

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
    models: Box<dyn HandModels>,
    memory: HandMemory,
}

/// What a [`HandTracker`] knows of the pictures before: whoever follows several streams with one tracker has one for each,
/// and puts it in before each picture.
#[derive(Default)]
pub struct HandMemory {
    people: Vec<PersonHands>,
    alone: HandsAlone,
    budget: Budget,
}

impl HandMemory {
    /// Forgets every hand.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Keeps the hands of these people alone, in their order. Returns whether any of them is known.
    fn keep(&mut self, people: &[BodyPose]) -> bool {
        let mut known = std::mem::take(&mut self.people);
        let mut is_any_known = false;
        for person in people {
            let index = known.iter().position(|hands| hands.id == person.id);
            is_any_known |= index.is_some();
            self.people.push(index.map_or_else(|| PersonHands::new(person.id), |index| known.swap_remove(index)));
        }
        is_any_known
    }
}

impl HandTracker {
    /// Checks and opens the two models.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(store: &ModelStore, options: HandTrackerOptions) -> Result<Self, InferenceError> {
        Ok(Self::with_models(Sessions::open(store, options)?))
    }

    fn with_models(models: impl HandModels + 'static) -> Self {
        Self { models: Box::new(models), memory: HandMemory::default() }
    }

    /// The hands of `people`, in their order, in pixels of `image`, to which `picture_from_body` takes those of the people's
    /// landmarks. Successive calls see
    /// successive pictures; `time_s`, the source's clock in seconds, rises from call to call. People of whom nobody was in
    /// the picture before are searched at once, as in a still; else a search goes on over several pictures. Adds to
    /// `timings.hands` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails. What is known of the hands outlives it.
    pub fn track_people(
        &mut self,
        image: &Arc<RgbImage>,
        people: &[BodyPose],
        picture_from_body: Vec2,
        time_s: f64,
        timings: &mut Timings,
    ) -> Result<Vec<Hands>, InferenceError> {
        let start = Instant::now();
        self.memory.budget.begin(time_s, people.len().max(MIN_SEARCH_RUNS));
        if !self.memory.keep(people) {
            self.memory.budget.lift();
        }
        let HandMemory { people: known, budget, .. } = &mut self.memory;
        let mut tools = Tools { models: self.models.as_mut(), image, timings };
        let wrists: Vec<Wrists> = people.iter().map(|person| Wrists::of(person, picture_from_body)).collect();
        let mut sights = Vec::with_capacity(people.len());
        for (hands, wrists) in known.iter().zip(&wrists) {
            sights.push(hands.follow(wrists, &mut tools)?);
        }
        // Whoever has waited longest is searched first.
        let mut waiting = Vec::new();
        for (index, hands) in known.iter_mut().enumerate() {
            let since = hands.begin_search(&sights[index], &wrists[index], time_s);
            waiting.extend(since.map(|since_s| (since_s, index)));
        }
        waiting.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, index) in waiting {
            known[index].search(&mut sights[index], &wrists[index], time_s, budget, &mut tools)?;
        }
        let finished = known.iter_mut().zip(&sights).zip(&wrists);
        let found = finished.map(|((hands, sight), wrists)| hands.finish(sight, wrists, time_s)).collect();
        timings.hands += start.elapsed().as_secs_f32() * 1e3;
        Ok(found)
    }

    /// One left and one right hand in `image`, whoever's they are. `time_s`, the source's clock in seconds, rises from call
    /// to call. Adds to `timings.hands` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails. What is known of the hands outlives it.
    pub fn track_alone(
        &mut self,
        image: &Arc<RgbImage>,
        time_s: f64,
        timings: &mut Timings,
    ) -> Result<Hands, InferenceError> {
        if image.data.is_empty() {
            self.memory.alone.reset();
            return Ok(Hands::default());
        }
        let start = Instant::now();
        let view = Region::letterbox(image.width, image.height);
        let mut tools = Tools { models: self.models.as_mut(), image, timings };
        let hands = self.memory.alone.track(view, time_s, &mut tools)?;
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
