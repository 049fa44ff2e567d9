//! The two models of the body: the detector that finds people, the landmark model that looks at one of them.

use std::time::Instant;

use glam::Vec3;
use ndarray::{ArrayView1, ArrayView2, ArrayView3};

use super::crop::{Border, crop_into};
use super::landmarks::{self, DecodedBody, HEATMAP_SIDE, RAW_LANDMARKS, RAW_VALUES, RawOutputs};
use super::model::Model;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore, detection};
use crate::frame::{RgbImage, Timings, milliseconds_since};
use crate::motion::filter::OneEuro;
use crate::settings::ModelVariant;

/// Finds people in a whole picture.
pub(super) struct PersonDetector {
    model: Model,
    anchors: Vec<glam::Vec2>,
}

impl PersonDetector {
    pub(super) fn open(store: &ModelStore, compute: Compute) -> Result<Self, InferenceError> {
        let model = Model::open(store, "pose_detection", compute)?;
        let anchors = detection::anchors(model.input_side(), &detection::POSE_STRIDES);
        Ok(Self { model, anchors })
    }

    /// The regions of everybody, the surest first. Adds to `timings.detect` and `.model`.
    pub(super) fn find(&mut self, image: &RgbImage, timings: &mut Timings) -> Result<Vec<Region>, InferenceError> {
        let start = Instant::now();
        let (side, range) = (self.model.input_side(), self.model.input_range());
        let view = Region::letterbox(image.width, image.height);
        crop_into(image, view, Border::Zero, side, range, self.model.input_mut());
        let outputs = self.model.run(timings)?;
        let count = self.anchors.len();
        let scores = ArrayView1::from(outputs.tensor("scores", count)?);
        let boxes = shaped2(outputs.tensor("boxes", count * BOX_VALUES)?, count, BOX_VALUES)?;
        let people = detection::weighted_nms(detection::decode(boxes, scores, &self.anchors, side));
        let in_picture = people.iter().filter_map(|person| {
            Region::around_body(view.to_picture(person.keypoints[0]), view.to_picture(person.keypoints[1]))
        });
        let regions = in_picture.collect();
        timings.detect += milliseconds_since(start);
        Ok(regions)
    }
}

/// One session of the landmark model.
pub(super) struct BodyLandmarker {
    model: Model,
}

impl BodyLandmarker {
    pub(super) fn open(store: &ModelStore, variant: ModelVariant, compute: Compute) -> Result<Self, InferenceError> {
        Ok(Self { model: Model::open(store, landmark_model(variant), compute)? })
    }

    /// What the landmark model sees in `region`. Adds to `timings.pose` and `.model`.
    pub(super) fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<DecodedBody>, InferenceError> {
        let start = Instant::now();
        let (side, range) = (self.model.input_side(), self.model.input_range());
        crop_into(image, region, Border::Replicate, side, range, self.model.input_mut());
        let outputs = self.model.run(timings)?;
        let heatmap = outputs.tensor("heatmap", RAW_LANDMARKS * HEATMAP_SIDE * HEATMAP_SIDE)?;
        let raw = RawOutputs {
            flag: outputs.tensor("flag", 1)?[0],
            landmarks: shaped2(outputs.tensor("landmarks", RAW_LANDMARKS * RAW_VALUES)?, RAW_LANDMARKS, RAW_VALUES)?,
            heatmap: ArrayView3::from_shape((RAW_LANDMARKS, HEATMAP_SIDE, HEATMAP_SIDE), heatmap)
                .map_err(shape_error)?,
            world: shaped2(outputs.tensor("world", RAW_LANDMARKS * 3)?, RAW_LANDMARKS, 3)?,
        };
        let body = landmarks::decode(&raw, region, side);
        timings.pose += milliseconds_since(start);
        Ok(body)
    }
}

/// Values of one detected box: its place and size, four keypoints.
const BOX_VALUES: usize = 12;

fn landmark_model(variant: ModelVariant) -> &'static str {
    match variant {
        ModelVariant::Lite => "pose_landmark_lite",
        ModelVariant::Full => "pose_landmark_full",
        ModelVariant::Heavy => "pose_landmark_heavy",
    }
}

fn shaped2(data: &[f32], rows: usize, columns: usize) -> Result<ArrayView2<'_, f32>, InferenceError> {
    ArrayView2::from_shape((rows, columns), data).map_err(shape_error)
}

fn shape_error(error: ndarray::ShapeError) -> InferenceError {
    InferenceError::Run { name: "pose".to_owned(), reason: error.to_string() }
}

/// Steadies the two points from which the next region is made, whatever the user's smoothing is.
///
/// Source: `MediaPipe` `pose_landmark_filtering.pbtxt`, auxiliary landmarks.
#[derive(Debug, Clone)]
pub(super) struct AuxiliaryFilter([OneEuro; 6]);

impl AuxiliaryFilter {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| OneEuro::new(0.01, 10.0, 1.0)))
    }

    /// `points` in pixels; speed is measured in body sizes a second.
    pub(super) fn filter(&mut self, time_s: f64, points: [Vec3; 2], size_px: f32) -> [Vec3; 2] {
        let mut smoothed = points;
        for (point, filters) in smoothed.iter_mut().zip(self.0.chunks_exact_mut(3)) {
            for (axis, filter) in filters.iter_mut().enumerate() {
                point[axis] = filter.filter(time_s, point[axis], 1.0 / size_px);
            }
        }
        smoothed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn still_points_stay_and_moving_ones_lag() {
        let mut filter = AuxiliaryFilter::new();
        let still = [Vec3::new(100.0, 200.0, 0.0), Vec3::new(100.0, 50.0, 0.0)];
        for frame in 0..10 {
            let smoothed = filter.filter(f64::from(frame) / 30.0, still, 300.0);
            assert!(smoothed.iter().zip(still).all(|(a, b)| a.abs_diff_eq(b, 1e-3)), "{smoothed:?}");
        }
        let moved = still.map(|point| point + Vec3::X * 30.0);
        let smoothed = filter.filter(10.0 / 30.0, moved, 300.0);
        assert!(smoothed[0].x > 100.0 && smoothed[0].x < 130.0, "{}", smoothed[0].x);
    }
}
