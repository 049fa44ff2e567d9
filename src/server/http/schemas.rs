//! The shape of [`crate::wire::original::PoseResult`] for the description: what travels knows nothing of descriptions.

#![expect(dead_code, reason = "these describe; the wire's own types are what is written")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// What was seen in one picture.
#[derive(ToSchema)]
pub(super) struct PoseResult {
    /// 17 points in the order of COCO, or none when nobody is in view.
    body: Vec<Keypoint>,
    hands: HandPoints,
    /// Degrees by name, `left_elbow` to `spine`; 180 is straight. What is not seen well enough is left out.
    pose_3d_angles: BTreeMap<String, f32>,
    /// Metres from the middle of the hips by the name of the point: x right in the picture, y down, z away from the camera.
    pose_3d_coords: BTreeMap<String, Point>,
    timings: StageTimings,
}

/// A point in the picture.
#[derive(ToSchema)]
pub(super) struct Keypoint {
    #[schema(example = "left_shoulder")]
    name: String,
    /// Share of the picture's width.
    x: f32,
    /// Share of the picture's height, downwards.
    y: f32,
    /// With x's scale; smaller is nearer.
    z: f32,
    #[schema(minimum = 0, maximum = 1)]
    visibility: f32,
}

/// A point in space.
#[derive(ToSchema)]
pub(super) struct Point {
    x: f32,
    y: f32,
    z: f32,
}

/// 21 points `[x, y, z]` of each of the person's own hands; a hand that is not seen is left out.
#[derive(ToSchema)]
pub(super) struct HandPoints {
    #[schema(required = false, nullable = false, min_items = 21, max_items = 21)]
    left: Vec<[f32; 3]>,
    #[schema(required = false, nullable = false, min_items = 21, max_items = 21)]
    right: Vec<[f32; 3]>,
}

/// Milliseconds of each stage.
#[derive(ToSchema)]
pub(super) struct StageTimings {
    image_decode: f32,
    downscale: f32,
    pose_detection: f32,
    #[schema(rename = "3d_calculation")]
    calculation_3d: f32,
    hand_detection: f32,
    smoothing: f32,
    total_backend: f32,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::openapi::{RefOr, Schema};

    use super::*;
    use crate::wire::original;

    fn described<T: utoipa::PartialSchema>() -> BTreeSet<String> {
        let RefOr::T(Schema::Object(object)) = T::schema() else { panic!("an object") };
        object.properties.keys().cloned().collect()
    }

    fn written(value: &impl serde::Serialize) -> BTreeSet<String> {
        let value = serde_json::to_value(value).expect("writes");
        value.as_object().expect("an object").keys().cloned().collect()
    }

    #[test]
    fn what_is_described_is_what_is_written() {
        assert_eq!(described::<PoseResult>(), written(&original::PoseResult::default()));
        assert_eq!(described::<StageTimings>(), written(&original::StageTimings::default()));
        let hands = original::HandPoints { left: Some(Vec::new()), right: Some(Vec::new()) };
        assert_eq!(described::<HandPoints>(), written(&hands));
        let point = original::Point { x: 0.0, y: 0.0, z: 0.0 };
        assert_eq!(described::<Point>(), written(&point));
        let keypoint = original::Keypoint { name: "nose".into(), x: 0.0, y: 0.0, z: 0.0, visibility: 1.0 };
        assert_eq!(described::<Keypoint>(), written(&keypoint));
    }
}
