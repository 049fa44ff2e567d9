//! Following one person from picture to picture.

use std::time::Instant;

use glam::Vec3;
use ndarray::{ArrayView1, ArrayView2, ArrayView3};

use super::crop::{Border, crop_into};
use super::landmarks::{self, DecodedBody, HEATMAP_SIDE, RAW_LANDMARKS, RAW_VALUES, RawOutputs};
use super::model::Model;
use super::region::{Region, body_size};
use super::{InferenceError, ModelStore, detection};
use crate::frame::{RgbImage, Timings};
use crate::motion::BodyPose;
use crate::motion::filter::OneEuro;
use crate::settings::ModelVariant;

/// How a [`BodyTracker`] works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyTrackerOptions {
    /// Size of the landmark model.
    pub variant: ModelVariant,
    /// Threads of each session, at least 1.
    pub threads: usize,
    /// Every picture stands alone: the detector looks at each, and each person found gets a new id.
    pub static_image: bool,
}

impl Default for BodyTrackerOptions {
    fn default() -> Self {
        Self { variant: ModelVariant::default(), threads: 1, static_image: false }
    }
}

/// Finds a person and follows them: the detector only looks while nobody is followed; after that the next region comes
/// from the last picture's auxiliary landmarks.
///
/// As `MediaPipe`'s pose graph does it, with one difference: when the person is lost, the detector looks at that same
/// picture, so that a cut in a video costs no frame.
pub struct BodyTracker {
    detector: Model,
    landmarker: Model,
    anchors: Vec<glam::Vec2>,
    static_image: bool,
    /// Where the person will be in the next picture.
    region: Option<Region>,
    auxiliary_filter: AuxiliaryFilter,
    next_id: u32,
}

impl BodyTracker {
    /// Checks and opens the two models.
    ///
    /// # Errors
    /// Any [`InferenceError`] about the library, the files or the sessions.
    pub fn open(store: &ModelStore, options: BodyTrackerOptions) -> Result<Self, InferenceError> {
        let detector = Model::open(store, "pose_detection", options.threads)?;
        let landmarker = Model::open(store, landmark_model(options.variant), options.threads)?;
        let anchors = detection::anchors(detector.input_side(), &detection::POSE_STRIDES);
        Ok(Self {
            detector,
            landmarker,
            anchors,
            static_image: options.static_image,
            region: None,
            auxiliary_filter: AuxiliaryFilter::new(),
            next_id: 0,
        })
    }

    /// The person in `image`, or `None` when nobody is in view or the picture has no pixels. `time_s` must rise from call
    /// to call. Image landmarks are in pixels of `image`, unsmoothed. Adds to `timings.detect`, `.pose` and `.model`.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the runtime fails.
    pub fn track(
        &mut self,
        image: &RgbImage,
        time_s: f64,
        timings: &mut Timings,
    ) -> Result<Option<BodyPose>, InferenceError> {
        if image.data.is_empty() {
            self.reset();
            return Ok(None);
        }
        if let Some(region) = self.region.filter(|_| !self.static_image) {
            if let Some(body) = self.look(image, region, timings)? {
                return Ok(self.follow(body, time_s));
            }
            self.reset();
        }
        let start = Instant::now();
        let found = self.detect(image, timings);
        timings.detect += milliseconds_since(start);
        let Some(region) = found? else { return Ok(None) };
        let Some(body) = self.look(image, region, timings)? else { return Ok(None) };
        self.reset();
        self.next_id = self.next_id.wrapping_add(1);
        Ok(self.follow(body, time_s))
    }

    /// Forgets the person: the detector looks at the next picture, and whoever it finds gets a new id.
    pub fn reset(&mut self) {
        self.region = None;
        self.auxiliary_filter = AuxiliaryFilter::new();
    }

    /// The region of the person that the detector is most sure of.
    fn detect(&mut self, image: &RgbImage, timings: &mut Timings) -> Result<Option<Region>, InferenceError> {
        let (side, range) = (self.detector.input_side(), self.detector.input_range());
        let view = Region::letterbox(image.width, image.height);
        crop_into(image, view, Border::Zero, side, range, self.detector.input_mut());
        let outputs = self.detector.run(timings)?;
        let count = self.anchors.len();
        let scores = ArrayView1::from(outputs.tensor("scores", count)?);
        let boxes = shaped2(outputs.tensor("boxes", count * BOX_VALUES)?, count, BOX_VALUES)?;
        let people = detection::weighted_nms(detection::decode(boxes, scores, &self.anchors, side));
        Ok(people.first().and_then(|person| {
            let in_picture = |k: usize| view.to_picture(person.keypoints[k]);
            Region::around_body(in_picture(0), in_picture(1))
        }))
    }

    /// What the landmark model sees in `region`.
    fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<DecodedBody>, InferenceError> {
        let start = Instant::now();
        let (side, range) = (self.landmarker.input_side(), self.landmarker.input_range());
        crop_into(image, region, Border::Replicate, side, range, self.landmarker.input_mut());
        let outputs = self.landmarker.run(timings)?;
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

    /// Takes the next region from the body's auxiliary points; a body whose points make no region is not one.
    fn follow(&mut self, body: DecodedBody, time_s: f64) -> Option<BodyPose> {
        let [center, scale] = body.auxiliary.map(Vec3::truncate);
        let pose = body_size(center, scale).map(|size_px| {
            let [center, scale] = self.auxiliary_filter.filter(time_s, body.auxiliary, size_px).map(Vec3::truncate);
            self.region = Region::around_body(center, scale);
            let id = self.next_id.wrapping_sub(1);
            BodyPose { id, score: body.score, image: body.image, world: body.world, size_px }
        });
        if pose.is_none() {
            self.reset();
        }
        pose
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

fn milliseconds_since(start: Instant) -> f32 {
    start.elapsed().as_secs_f32() * 1e3
}

/// Steadies the two points from which the next region is made, whatever the user's smoothing is.
///
/// Source: `MediaPipe` `pose_landmark_filtering.pbtxt`, auxiliary landmarks.
struct AuxiliaryFilter([OneEuro; 6]);

impl AuxiliaryFilter {
    fn new() -> Self {
        Self(std::array::from_fn(|_| OneEuro::new(0.01, 10.0, 1.0)))
    }

    /// `points` in pixels; speed is measured in body sizes a second.
    fn filter(&mut self, time_s: f64, points: [Vec3; 2], size_px: f32) -> [Vec3; 2] {
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
