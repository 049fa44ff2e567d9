//! Models that see hands where a test puts them.

use std::sync::{Arc, Mutex};

use glam::{Vec2, Vec3};

use super::Region;
use super::models::HandModels;
use crate::frame::{RgbImage, Timings};
use crate::inference::InferenceError;
use crate::inference::hand::SeenHand;
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose, Provenance};

/// Length of a hand, pixels.
pub(super) const LENGTH: f32 = 60.0;
/// A hand is seen in a region whose middle lies within this share of its side.
const SIGHT: f32 = 0.25;

/// An upright hand of this length around `center`, its wrist below.
pub(super) fn hand_at(center: Vec2, length: f32, rightness: f32) -> SeenHand {
    let mut image = [(center + Vec2::new(0.0, 0.5 * length)).extend(0.0); HAND_LANDMARK_COUNT];
    for (index, point) in image.iter_mut().enumerate().skip(1) {
        let (finger, joint) = ((index - 1) / 4, (index - 1) % 4);
        *point += Vec3::new((finger as f32 - 2.0) * 0.15, -0.25 * (joint + 1) as f32, 0.0) * length;
    }
    SeenHand { pose: HandPose { provenance: Provenance::Measured, score: 0.95, image, world: image }, rightness }
}

/// What a model was run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Look,
    Palms,
}

/// Hands, and every run that was needed to see them.
#[derive(Debug, Default)]
pub(super) struct FakeModels {
    /// Middle and probability that it is a right one of each hand in the picture.
    pub(super) hands: Vec<(Vec2, f32)>,
    pub(super) runs: Vec<Run>,
    /// Whether every run is an error, or a panic.
    pub(super) fails: bool,
    pub(super) panics: bool,
}

impl FakeModels {
    fn run(&mut self, run: Run) -> Result<(), InferenceError> {
        assert!(!self.panics, "a model panics");
        self.runs.push(run);
        if self.fails {
            return Err(InferenceError::Run { name: "fake".to_owned(), reason: "planned".to_owned() });
        }
        Ok(())
    }
}

impl HandModels for FakeModels {
    fn look(
        &mut self,
        _: &Arc<RgbImage>,
        regions: &[Region],
        _: &mut Timings,
    ) -> Result<Vec<Option<SeenHand>>, InferenceError> {
        let mut seen = Vec::new();
        for region in regions {
            self.run(Run::Look)?;
            let near = |hand: &&(Vec2, f32)| hand.0.distance(region.center) < SIGHT * region.size;
            seen.push(self.hands.iter().find(near).map(|(center, rightness)| hand_at(*center, LENGTH, *rightness)));
        }
        Ok(seen)
    }

    fn find_palms(
        &mut self,
        _: &RgbImage,
        view: Region,
        limit: usize,
        _: &mut Timings,
    ) -> Result<Vec<Region>, InferenceError> {
        self.run(Run::Palms)?;
        let inside = self.hands.iter().filter(|hand| (hand.0 - view.center).abs().max_element() < view.size / 2.0);
        let regions = inside.map(|hand| Region { center: hand.0, size: 1.5 * LENGTH, rotation: 0.0 });
        Ok(regions.take(limit).collect())
    }
}

/// The same, shared with the test.
#[derive(Clone, Default)]
pub(super) struct SharedModels(pub(super) Arc<Mutex<FakeModels>>);

impl SharedModels {
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut FakeModels) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl HandModels for SharedModels {
    fn look(
        &mut self,
        image: &Arc<RgbImage>,
        regions: &[Region],
        timings: &mut Timings,
    ) -> Result<Vec<Option<SeenHand>>, InferenceError> {
        self.with(|models| models.look(image, regions, timings))
    }

    fn find_palms(
        &mut self,
        image: &RgbImage,
        view: Region,
        limit: usize,
        timings: &mut Timings,
    ) -> Result<Vec<Region>, InferenceError> {
        self.with(|models| models.find_palms(image, view, limit, timings))
    }
}
