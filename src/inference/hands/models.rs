//! What hands are looked at with.

use std::sync::Arc;

use super::crew::Crew;
use super::{HandTrackerOptions, Region};
use crate::frame::{RgbImage, Timings};
use crate::inference::hand::{HandLandmarker, SeenHand};
use crate::inference::palm::PalmDetector;
use crate::inference::{InferenceError, ModelStore};

/// The two models of hands.
pub(super) trait HandModels: Send {
    /// What is seen in each of the regions, in their order. One run of the landmark model each.
    fn look(
        &mut self,
        image: &Arc<RgbImage>,
        regions: &[Region],
        timings: &mut Timings,
    ) -> Result<Vec<Option<SeenHand>>, InferenceError>;

    /// The regions of the hands inside `view`, the surest first, at most `limit`. One run of the palm detector.
    fn find_palms(
        &mut self,
        image: &RgbImage,
        view: Region,
        limit: usize,
        timings: &mut Timings,
    ) -> Result<Vec<Region>, InferenceError>;
}

/// Both models in sessions of ONNX Runtime.
pub(super) struct Sessions {
    palms: PalmDetector,
    crew: Crew<HandLandmarker>,
}

impl Sessions {
    pub(super) fn open(store: &ModelStore, options: HandTrackerOptions) -> Result<Self, InferenceError> {
        let HandTrackerOptions { variant, compute, side_by_side } = options;
        let palms = PalmDetector::open(store, variant, compute)?;
        let store = store.clone();
        let crew = Crew::open(move || HandLandmarker::open(&store, variant, compute), side_by_side)?;
        Ok(Self { palms, crew })
    }
}

impl HandModels for Sessions {
    fn look(
        &mut self,
        image: &Arc<RgbImage>,
        regions: &[Region],
        timings: &mut Timings,
    ) -> Result<Vec<Option<SeenHand>>, InferenceError> {
        self.crew.look(image, regions, timings)
    }

    fn find_palms(
        &mut self,
        image: &RgbImage,
        view: Region,
        limit: usize,
        timings: &mut Timings,
    ) -> Result<Vec<Region>, InferenceError> {
        self.palms.find(image, view, limit, timings)
    }
}

/// The models and the picture that they look at.
pub(super) struct Tools<'a> {
    pub(super) models: &'a mut dyn HandModels,
    pub(super) image: &'a Arc<RgbImage>,
    pub(super) timings: &'a mut Timings,
}

impl Tools<'_> {
    pub(super) fn look(&mut self, regions: &[Region]) -> Result<Vec<Option<SeenHand>>, InferenceError> {
        if regions.is_empty() {
            return Ok(Vec::new());
        }
        self.models.look(self.image, regions, self.timings)
    }

    pub(super) fn find_palms(&mut self, view: Region, limit: usize) -> Result<Vec<Region>, InferenceError> {
        self.models.find_palms(self.image, view, limit, self.timings)
    }
}
