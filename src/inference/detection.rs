//! From a detector's raw boxes and scores to people: anchors, decoding, weighted non-maximum suppression.

use glam::Vec2;
use ndarray::{ArrayView1, ArrayView2};

/// Strides of the pose detector's output layers on its 224 x 224 input.
///
/// Source: `MediaPipe` `pose_detection_cpu.pbtxt`, `SsdAnchorsCalculator`.
pub(super) const POSE_STRIDES: [usize; 5] = [8, 16, 32, 32, 32];
/// Boxes scored lower are not looked at.
const MIN_SCORE: f32 = 0.5;
/// Boxes that overlap more are the same person.
const MAX_IOU: f32 = 0.3;
/// Anchors of each layer at each place.
const ANCHORS_A_LAYER: usize = 2;

/// Something found in the square input, in its own coordinates: 0 to 1 from the top left corner.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Detection {
    /// Probability, 0 to 1.
    pub(super) score: f32,
    /// Top left corner of the box.
    pub(super) min: Vec2,
    /// Bottom right corner of the box.
    pub(super) max: Vec2,
    /// The detector's own points; for bodies: middle of the hips, circle around the body, and the same of the upper body.
    pub(super) keypoints: Vec<Vec2>,
}

impl Detection {
    fn area(&self) -> f32 {
        (self.max - self.min).element_product()
    }
}

/// Centres of the anchors in the order of the detector's outputs, 0 to 1. Neighbouring layers of one stride share a grid.
///
/// Source: `MediaPipe` `ssd_anchors_calculator.cc`, with fixed anchor size.
pub(super) fn anchors(input_side: usize, strides: &[usize]) -> Vec<Vec2> {
    let mut centers = Vec::new();
    for layers in strides.chunk_by(|a, b| a == b) {
        let cells = input_side.div_ceil(layers[0]);
        for (y, x) in (0..cells).flat_map(|y| (0..cells).map(move |x| (y, x))) {
            let center = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) / cells as f32;
            centers.extend(std::iter::repeat_n(center, ANCHORS_A_LAYER * layers.len()));
        }
    }
    centers
}

/// Boxes with a score of at least one half, relative to the input, unsorted. `boxes` has a row for each anchor: x, y,
/// width, height and the keypoints' x and y, in input pixels, positions from the anchor. Rows with values that are not
/// finite or with a negative size are left out.
pub(super) fn decode(
    boxes: ArrayView2<'_, f32>,
    logits: ArrayView1<'_, f32>,
    anchors: &[Vec2],
    input_side: usize,
) -> Vec<Detection> {
    let unit = 1.0 / input_side as f32;
    let mut found = Vec::new();
    for ((row, &logit), &anchor) in boxes.outer_iter().zip(logits).zip(anchors) {
        let score = sigmoid(logit.clamp(-100.0, 100.0));
        // A score that is not a number fails this comparison too.
        let is_person = score >= MIN_SCORE && row.iter().all(|value| value.is_finite());
        if !is_person {
            continue;
        }
        let point = |at: usize| Vec2::new(row[at], row[at + 1]) * unit;
        let (center, size) = (point(0) + anchor, point(2));
        if size.min_element() < 0.0 {
            continue;
        }
        let keypoints = (4..row.len() - 1).step_by(2).map(|at| point(at) + anchor).collect();
        found.push(Detection { score, min: center - size / 2.0, max: center + size / 2.0, keypoints });
    }
    found
}

/// Joins boxes that overlap into their mean, weighted by score; the best first.
///
/// Source: `MediaPipe` `non_max_suppression_calculator.cc`, `WeightedNonMaxSuppression`.
pub(super) fn weighted_nms(mut candidates: Vec<Detection>) -> Vec<Detection> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut joined = Vec::new();
    while let Some(best) = candidates.first().cloned() {
        let count = candidates.len();
        let (same, rest): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|other| iou(&best, other) > MAX_IOU);
        candidates = rest;
        // A box without area does not even overlap itself: it is the last that is taken.
        let last = candidates.len() == count;
        joined.push(if same.is_empty() { best } else { mean(&same, best.score) });
        if last {
            break;
        }
    }
    joined
}

fn mean(same: &[Detection], score: f32) -> Detection {
    let total: f32 = same.iter().map(|detection| detection.score).sum();
    let weighted = |point: &dyn Fn(&Detection) -> Vec2| -> Vec2 {
        same.iter().map(|detection| point(detection) * (detection.score / total)).sum()
    };
    let keypoints = (0..same[0].keypoints.len()).map(|k| weighted(&|detection| detection.keypoints[k])).collect();
    Detection { score, min: weighted(&|d| d.min), max: weighted(&|d| d.max), keypoints }
}

/// Intersection over union of two boxes, 0 to 1.
fn iou(a: &Detection, b: &Detection) -> f32 {
    let overlap = a.max.min(b.max) - a.min.max(b.min);
    if overlap.min_element() <= 0.0 {
        return 0.0;
    }
    let intersection = overlap.element_product();
    intersection / (a.area() + b.area() - intersection)
}

/// The logistic function.
pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;

    fn square(score: f32, x: f32, side: f32) -> Detection {
        Detection { score, min: Vec2::new(x, 0.0), max: Vec2::new(x + side, side), keypoints: vec![Vec2::new(x, 1.0)] }
    }

    #[test]
    fn the_pose_detector_has_its_2254_anchors() {
        let centers = anchors(224, &POSE_STRIDES);
        assert_eq!(centers.len(), 2 * 28 * 28 + 2 * 14 * 14 + 6 * 7 * 7);
        assert_eq!(centers.len(), 2254);
        assert_eq!(centers[0], Vec2::splat(0.5 / 28.0));
        assert_eq!(centers[2], Vec2::new(1.5 / 28.0, 0.5 / 28.0), "two anchors a place");
        assert_eq!(centers[2 * 28 * 28], Vec2::splat(0.5 / 14.0));
        assert_eq!(centers[2253], Vec2::splat(6.5 / 7.0));
        assert_eq!(anchors(192, &[8, 16, 16, 16]).len(), 2016, "the palm detector's");
    }

    #[test]
    fn a_box_is_decoded_from_its_anchor() {
        let row = [22.4, 0.0, 44.8, 89.6, 11.2, -11.2, 0.0, 112.0];
        let boxes = Array2::from_shape_vec((1, 8), row.to_vec()).expect("a row");
        let found = decode(boxes.view(), Array1::from_elem(1, 0.0).view(), &[Vec2::splat(0.5)], 224);
        let detection = &found[0];
        assert_eq!(detection.score, 0.5);
        assert!(detection.min.abs_diff_eq(Vec2::new(0.5, 0.3), 1e-6));
        assert!(detection.max.abs_diff_eq(Vec2::new(0.7, 0.7), 1e-6));
        assert!(detection.keypoints[0].abs_diff_eq(Vec2::new(0.55, 0.45), 1e-6));
        assert!(detection.keypoints[1].abs_diff_eq(Vec2::new(0.5, 1.0), 1e-6));
    }

    #[test]
    fn broken_rows_are_left_out() {
        let good = [0.0, 0.0, 10.0, 10.0, 1.0, 1.0];
        let with = |at: usize, value: f32| {
            let mut row = good;
            row[at] = value;
            row
        };
        let rows = [with(0, f32::NAN), with(3, f32::INFINITY), with(2, -1.0), good, good, good];
        let boxes = Array2::from_shape_vec((6, 6), rows.concat()).expect("rows");
        let logits = Array1::from_vec(vec![9.0, 9.0, 9.0, f32::NAN, -0.1, f32::INFINITY]);
        let found = decode(boxes.view(), logits.view(), &[Vec2::ZERO; 6], 224);
        assert_eq!(found.len(), 1, "only the last: an infinite logit is certainty");
        assert_eq!(found[0].score, 1.0);
    }

    #[test]
    fn overlapping_boxes_become_their_weighted_mean() {
        let found = weighted_nms(vec![square(0.6, 0.5, 4.0), square(0.9, 0.0, 4.0), square(0.8, 9.0, 4.0)]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].score, 0.9, "the best one's score");
        assert!((found[0].min.x - 0.2).abs() < 1e-6, "(0.6 x 0.5 + 0.9 x 0) / 1.5");
        assert!((found[0].keypoints[0].x - 0.2).abs() < 1e-6);
        assert_eq!(found[1], square(0.8, 9.0, 4.0));
    }

    #[test]
    fn boxes_that_overlap_a_little_stay_apart() {
        // Side 4, moved by 2.5: intersection 6, union 26, IoU 0.23.
        assert_eq!(weighted_nms(vec![square(0.9, 0.0, 4.0), square(0.8, 2.5, 4.0)]).len(), 2);
        // Moved by 2: intersection 8, union 24, IoU 0.33.
        assert_eq!(weighted_nms(vec![square(0.9, 0.0, 4.0), square(0.8, 2.0, 4.0)]).len(), 1);
    }

    #[test]
    fn a_box_without_area_ends_the_search() {
        assert_eq!(weighted_nms(vec![square(0.9, 0.0, 0.0), square(0.8, 9.0, 4.0)]).len(), 1);
        assert!(weighted_nms(Vec::new()).is_empty());
    }
}
