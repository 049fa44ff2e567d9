//! What people are looked for and looked at with.

use crate::frame::{RgbImage, Timings};
use crate::inference::body::{BodyLandmarker, PersonDetector};
use crate::inference::landmarks::DecodedBody;
use crate::inference::region::Region;
use crate::inference::{Compute, InferenceError, ModelStore};
use crate::settings::ModelVariant;

/// The two models of the body.
pub(super) trait BodyModels: Send {
    /// The regions of everybody in the picture, the surest first.
    fn find(&mut self, image: &RgbImage, timings: &mut Timings) -> Result<Vec<Region>, InferenceError>;

    /// The body in `region`; `None` when there is none.
    fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<DecodedBody>, InferenceError>;
}

/// Both models in sessions of ONNX Runtime.
pub(super) struct Sessions {
    detector: PersonDetector,
    landmarker: BodyLandmarker,
}

impl Sessions {
    pub(super) fn open(store: &ModelStore, variant: ModelVariant, compute: Compute) -> Result<Self, InferenceError> {
        let detector = PersonDetector::open(store, compute)?;
        Ok(Self { detector, landmarker: BodyLandmarker::open(store, variant, compute)? })
    }
}

impl BodyModels for Sessions {
    fn find(&mut self, image: &RgbImage, timings: &mut Timings) -> Result<Vec<Region>, InferenceError> {
        self.detector.find(image, timings)
    }

    fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<DecodedBody>, InferenceError> {
        self.landmarker.look(image, region, timings)
    }
}
