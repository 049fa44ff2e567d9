//! Finding hands in a part of a picture.

use ndarray::{ArrayView1, ArrayView2};

use super::crop::{Border, crop_into};
use super::model::Model;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore, detection};
use crate::frame::{RgbImage, Timings};
use crate::settings::ModelVariant;

/// Strides of the palm detector's output layers on its 192 x 192 input.
///
/// Source: `MediaPipe` `palm_detection_cpu.pbtxt`, `SsdAnchorsCalculator`.
const PALM_STRIDES: [usize; 4] = [8, 16, 16, 16];
/// Values of one detected box: its place and size, seven keypoints.
const BOX_VALUES: usize = 18;

/// Finds palms.
pub(super) struct PalmDetector {
    model: Model,
    anchors: Vec<glam::Vec2>,
}

impl PalmDetector {
    pub(super) fn open(store: &ModelStore, variant: ModelVariant, compute: Compute) -> Result<Self, InferenceError> {
        let name = match variant {
            ModelVariant::Lite => "palm_detection_lite",
            ModelVariant::Full | ModelVariant::Heavy => "palm_detection_full",
        };
        let model = Model::open(store, name, compute)?;
        let anchors = detection::anchors(model.input_side(), &PALM_STRIDES);
        Ok(Self { model, anchors })
    }

    /// The regions of the hands inside `view`, the surest first, at most `limit` of them.
    pub(super) fn find(
        &mut self,
        image: &RgbImage,
        view: Region,
        limit: usize,
        timings: &mut Timings,
    ) -> Result<Vec<Region>, InferenceError> {
        let (side, range) = (self.model.input_side(), self.model.input_range());
        crop_into(image, view, Border::Zero, side, range, self.model.input_mut());
        let outputs = self.model.run(timings)?;
        let count = self.anchors.len();
        let scores = ArrayView1::from(outputs.tensor("scores", count)?);
        let boxes = ArrayView2::from_shape((count, BOX_VALUES), outputs.tensor("boxes", count * BOX_VALUES)?)
            .map_err(|error| InferenceError::Run { name: "palm_detection".to_owned(), reason: error.to_string() })?;
        let palms = detection::weighted_nms(detection::decode(boxes, scores, &self.anchors, side));
        Ok(palms.iter().filter_map(|palm| Region::around_palm(palm, view)).take(limit).collect())
    }
}
