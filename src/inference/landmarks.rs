//! From the landmark model's raw outputs to a body in the picture and in metres.

use glam::{Vec2, Vec3};
use ndarray::{ArrayView2, ArrayView3};

use super::detection::sigmoid;
use super::region::Region;
use crate::motion::{Landmark, POSE_LANDMARK_COUNT};

/// Points of the model: the 33 of the body, two that describe where it is, four that nobody uses.
pub(super) const RAW_LANDMARKS: usize = 39;
/// Values of each point: x, y, z, visibility, presence.
pub(super) const RAW_VALUES: usize = 5;
/// Side of a heatmap.
pub(super) const HEATMAP_SIDE: usize = 64;
/// The model's confidence above which a body is there.
const MIN_FLAG: f32 = 0.5;
/// The heatmap moves a point only where it is at least this sure of it.
const MIN_HEAT: f32 = 0.5;
/// Half the heatmap kernel. The graph file says 7, but the Python solution that everybody compares with uses 9.
const KERNEL_REACH: i32 = 4;

/// The landmark model's outputs for one region.
pub(super) struct RawOutputs<'a> {
    /// Whether a body is there, 0 to 1.
    pub(super) flag: f32,
    /// 39 x (x, y, z in input pixels; visibility, presence as logits).
    pub(super) landmarks: ArrayView2<'a, f32>,
    /// 39 x 64 x 64 logits.
    pub(super) heatmap: ArrayView3<'a, f32>,
    /// 39 x (x, y, z) in metres.
    pub(super) world: ArrayView2<'a, f32>,
}

/// A body as the landmark model sees it, unfiltered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DecodedBody {
    pub(super) score: f32,
    /// Pixels of the picture.
    pub(super) image: [Landmark; POSE_LANDMARK_COUNT],
    /// Metres from the middle of the hips.
    pub(super) world: [Landmark; POSE_LANDMARK_COUNT],
    /// Middle of the hips, and the point above the head that gives size and tilt; pixels of the picture.
    pub(super) auxiliary: [Vec3; 2],
}

impl DecodedBody {
    /// The region that its auxiliary points make; `None` when they make none: then it is no body.
    pub(super) fn region(&self) -> Option<Region> {
        let [center, scale] = self.auxiliary.map(Vec3::truncate);
        Region::around_body(center, scale)
    }
}

/// The body in `region`, or `None` when the model sees none or any of its values is not a number.
///
/// Source: `MediaPipe` `tensors_to_pose_landmarks_and_segmentation.pbtxt`, `landmark_projection_calculator.cc`,
/// `world_landmark_projection_calculator.cc`.
pub(super) fn decode(raw: &RawOutputs<'_>, region: Region, input_side: usize) -> Option<DecodedBody> {
    if raw.flag.is_nan() || raw.flag <= MIN_FLAG {
        return None;
    }
    let mut points = [Landmark::default(); POSE_LANDMARK_COUNT + 2];
    for (index, point) in points.iter_mut().enumerate() {
        let row = raw.landmarks.row(index);
        let in_region = Vec2::new(row[0], row[1]) / input_side as f32;
        let heat = raw.heatmap.index_axis(ndarray::Axis(0), index);
        let refined = refine(heat, in_region).unwrap_or(in_region);
        let depth = row[2] / input_side as f32 * region.size;
        *point = Landmark {
            position: region.to_picture(refined).extend(depth),
            visibility: sigmoid(row[3]),
            presence: sigmoid(row[4]),
        };
    }
    let mut image = [Landmark::default(); POSE_LANDMARK_COUNT];
    image.copy_from_slice(&points[..POSE_LANDMARK_COUNT]);
    let mut world = image;
    for (landmark, row) in world.iter_mut().zip(raw.world.outer_iter()) {
        landmark.position = region.rotate(Vec2::new(row[0], row[1])).extend(row[2]);
    }
    let auxiliary = [points[POSE_LANDMARK_COUNT].position, points[POSE_LANDMARK_COUNT + 1].position];
    let whole = |landmark: &Landmark| {
        landmark.position.is_finite() && landmark.visibility.is_finite() && landmark.presence.is_finite()
    };
    (points.iter().all(whole) && world.iter().all(whole)).then_some(DecodedBody {
        score: raw.flag.min(1.0),
        image,
        world,
        auxiliary,
    })
}

/// The mean position of the heat around `point` (0 to 1), weighted by the heat's probability; `None` when the point lies
/// outside the map or nothing around it is hot enough.
///
/// Source: `MediaPipe` `refine_landmarks_from_heatmap_calculator.cc`.
fn refine(heat: ArrayView2<'_, f32>, point: Vec2) -> Option<Vec2> {
    let side = HEATMAP_SIDE as i32;
    // Truncated, not floored, as in the source: slightly negative positions count as the first cell.
    let (column, row) = ((point.x * side as f32) as i32, (point.y * side as f32) as i32);
    if !(0..side).contains(&column) || !(0..side).contains(&row) {
        return None;
    }
    let reach = |middle: i32| (middle - KERNEL_REACH).max(0)..(middle + KERNEL_REACH + 1).min(side);
    let (mut sum, mut hottest, mut weighted) = (0.0_f32, 0.0_f32, Vec2::ZERO);
    for y in reach(row) {
        for x in reach(column) {
            let weight = sigmoid(heat[[y as usize, x as usize]]);
            sum += weight;
            hottest = hottest.max(weight);
            weighted += weight * Vec2::new(x as f32, y as f32);
        }
    }
    (hottest >= MIN_HEAT && sum > 0.0).then(|| weighted / sum / side as f32)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Array3};

    use super::*;

    struct Tensors {
        landmarks: Array2<f32>,
        heatmap: Array3<f32>,
        world: Array2<f32>,
    }

    /// A body whose every point lies in the middle of the region, except the second auxiliary one.
    fn centred() -> Tensors {
        let mut landmarks = Array2::zeros((RAW_LANDMARKS, RAW_VALUES));
        landmarks.column_mut(0).fill(128.0);
        landmarks.column_mut(1).fill(128.0);
        landmarks[[34, 1]] = 64.0;
        Tensors {
            landmarks,
            heatmap: Array3::from_elem((RAW_LANDMARKS, HEATMAP_SIDE, HEATMAP_SIDE), -20.0),
            world: Array2::zeros((RAW_LANDMARKS, 3)),
        }
    }

    fn decode_in(tensors: &Tensors, flag: f32, region: Region) -> Option<DecodedBody> {
        let (landmarks, heatmap, world) = (tensors.landmarks.view(), tensors.heatmap.view(), tensors.world.view());
        decode(&RawOutputs { flag, landmarks, heatmap, world }, region, 256)
    }

    const REGION: Region = Region { center: Vec2::new(300.0, 200.0), size: 512.0, rotation: 0.0 };

    #[test]
    fn points_are_projected_into_the_picture() {
        let mut tensors = centred();
        tensors.landmarks.row_mut(5).assign(&ndarray::arr1(&[0.0, 256.0, -32.0, 0.0, 100.0]));
        let body = decode_in(&tensors, 0.75, REGION).expect("a body");
        assert_eq!(body.score, 0.75);
        let expected = Landmark { position: Vec3::new(44.0, 456.0, -64.0), visibility: 0.5, presence: 1.0 };
        assert_eq!(body.image[5], expected);
        assert_eq!(body.auxiliary, [Vec3::new(300.0, 200.0, 0.0), Vec3::new(300.0, 72.0, 0.0)]);
    }

    #[test]
    fn world_points_turn_with_the_region() {
        let mut tensors = centred();
        tensors.world.row_mut(11).assign(&ndarray::arr1(&[0.2, 0.0, 0.1]));
        let region = Region { rotation: std::f32::consts::FRAC_PI_2, ..REGION };
        let body = decode_in(&tensors, 1.0, region).expect("a body");
        assert!(body.world[11].position.abs_diff_eq(Vec3::new(0.0, 0.2, 0.1), 1e-6));
        assert_eq!(body.world[11].visibility, body.image[11].visibility);
    }

    #[test]
    fn heat_pulls_a_point_to_its_mean() {
        let mut tensors = centred();
        // The point's cell is 32, 32. Two equally hot cells, one of them out of reach.
        tensors.heatmap[[0, 32, 36]] = 20.0;
        tensors.heatmap[[0, 32, 37]] = 20.0;
        let body = decode_in(&tensors, 1.0, REGION).expect("a body");
        let expected = REGION.to_picture(Vec2::new(36.0 / 64.0, 0.5));
        assert!(body.image[0].position.truncate().abs_diff_eq(expected, 1e-2), "{}", body.image[0].position);
        assert_eq!(body.image[1].position.truncate(), REGION.center, "cold heatmaps change nothing");
    }

    #[test]
    fn lukewarm_heat_and_points_outside_the_map_change_nothing() {
        let mut heat = Array2::from_elem((HEATMAP_SIDE, HEATMAP_SIDE), -0.1);
        assert_eq!(refine(heat.view(), Vec2::splat(0.5)), None);
        heat.fill(5.0);
        assert_eq!(refine(heat.view(), Vec2::new(1.01, 0.5)), None);
        assert_eq!(refine(heat.view(), Vec2::new(0.5, -0.1)), None);
        let corner = refine(heat.view(), Vec2::ZERO).expect("in the map");
        assert!(corner.abs_diff_eq(Vec2::splat(2.0 / 64.0), 1e-6), "the kernel is cut at the corner: {corner}");
    }

    #[test]
    fn no_body_and_broken_numbers_give_nothing() {
        assert!(decode_in(&centred(), 0.5, REGION).is_none());
        assert!(decode_in(&centred(), f32::NAN, REGION).is_none());
        for value in [f32::NAN, f32::INFINITY] {
            for (row, column) in [(0, 0), (34, 1), (7, 2), (3, 3)] {
                let mut tensors = centred();
                tensors.landmarks[[row, column]] = value;
                let body = decode_in(&tensors, 1.0, REGION);
                // An infinite logit is a certainty, not a broken number.
                assert_eq!(body.is_none(), value.is_nan() || column < 3, "{value} at {row},{column}");
            }
            let mut tensors = centred();
            tensors.world[[32, 2]] = value;
            assert!(decode_in(&tensors, 1.0, REGION).is_none());
        }
        let mut tensors = centred();
        tensors.heatmap.fill(f32::NAN);
        assert!(decode_in(&tensors, 1.0, REGION).is_some(), "a heatmap of no numbers refines nothing");
    }
}
