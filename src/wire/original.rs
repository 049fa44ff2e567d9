//! The JSON of the original LiveDance backend: 17 body points in the order of COCO, x and y as shares of the picture.
//!
//! One person, the first. Joint angles that are not known are left out, so that a client which prints every angle as a
//! number meets only numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use crate::formats::record;
use crate::frame::TrackedFrame;
use crate::motion::angle::JointAngles;
use crate::motion::landmark::POSE_LANDMARK_NAMES;
use crate::motion::{BodyPose, HandPose};

/// COCO's 17 body points among the 33 of the model.
pub const COCO_POINTS: [usize; 17] = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];

/// The answer to one frame: `pose_result`, `pose_data` and what `POST /estimate_pose` answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PoseResult {
    /// 17 points, or none when nobody is in view.
    pub body: Vec<Keypoint>,
    /// The person's own hands, those that are seen.
    pub hands: HandPoints,
    /// Degrees by name.
    pub pose_3d_angles: BTreeMap<Cow<'static, str>, f32>,
    /// Metres from the middle of the hips by name: x right in the picture, y down, z away from the camera.
    pub pose_3d_coords: BTreeMap<Cow<'static, str>, Point>,
    /// Milliseconds by stage.
    pub timings: StageTimings,
    /// The frame's own, where it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Frames of this connection that were given up so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<u64>,
}

/// A point in the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Keypoint {
    /// `left_shoulder` and the like.
    pub name: Cow<'static, str>,
    /// Share of the picture's width.
    pub x: f32,
    /// Share of the picture's height, downwards.
    pub y: f32,
    /// As `x`; smaller is nearer.
    pub z: f32,
    /// 0 to 1.
    #[serde(default = "one")]
    pub visibility: f32,
}

fn one() -> f32 {
    1.0
}

/// A point in space.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the field that holds it says what they are")]
pub struct Point {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

/// 21 points of each hand, `[x, y, z]` as in [`Keypoint`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HandPoints {
    /// The person's own left hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Vec<[f32; 3]>>,
    /// The person's own right hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<Vec<[f32; 3]>>,
}

/// Milliseconds of each stage, under the original's names.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct StageTimings {
    pub image_decode: f32,
    pub downscale: f32,
    pub pose_detection: f32,
    #[serde(rename = "3d_calculation")]
    pub calculation_3d: f32,
    pub hand_detection: f32,
    pub smoothing: f32,
    pub total_backend: f32,
}

impl PoseResult {
    /// The original's form of an answer.
    #[must_use]
    pub fn new(answer: &Answer) -> Self {
        let mut result = Self::of_frame(&answer.frame, &answer.angles);
        result.timings.total_backend = rounded(answer.total_ms, 1e3);
        result.sequence = answer.sequence;
        result.dropped = Some(answer.dropped);
        result
    }

    /// The same for a frame that belongs to no stream, with the joint angles of each of its people.
    #[must_use]
    pub fn of_frame(frame: &TrackedFrame, angles: &[JointAngles]) -> Self {
        let timings = frame.timings;
        let mut result = Self {
            timings: StageTimings {
                image_decode: rounded(timings.decode, 1e3),
                downscale: rounded(timings.downscale, 1e3),
                pose_detection: rounded(timings.detect + timings.pose, 1e3),
                calculation_3d: rounded(timings.angles, 1e3),
                hand_detection: rounded(timings.hands, 1e3),
                smoothing: rounded(timings.smoothing, 1e3),
                total_backend: rounded(timings.total, 1e3),
            },
            ..Self::default()
        };
        if let (Some(body), Some(angles)) = (frame.people.first(), angles.first()) {
            result.add_body(body, angles, frame.width.max(1) as f32, frame.height.max(1) as f32);
        }
        result
    }

    fn add_body(&mut self, body: &BodyPose, angles: &JointAngles, width: f32, height: f32) {
        self.body = COCO_POINTS
            .iter()
            .map(|&index| {
                let landmark = &body.image[index];
                Keypoint {
                    name: Cow::Borrowed(POSE_LANDMARK_NAMES[index]),
                    x: rounded(landmark.position.x / width, 1e6),
                    y: rounded(landmark.position.y / height, 1e6),
                    z: rounded(landmark.position.z / width, 1e6),
                    visibility: rounded(landmark.visibility, 1e4),
                }
            })
            .collect();
        self.pose_3d_coords = COCO_POINTS
            .iter()
            .map(|&index| {
                let [x, y, z] = body.world[index].position.to_array().map(|value| rounded(value, 1e6));
                (Cow::Borrowed(POSE_LANDMARK_NAMES[index]), Point { x, y, z })
            })
            .collect();
        self.pose_3d_angles = angles
            .iter()
            .filter_map(|(joint, radians)| Some((Cow::Borrowed(joint.name()), rounded(radians?.to_degrees(), 100.0))))
            .collect();
        let points = |hand: &HandPose| {
            let share = |point: &glam::Vec3| [point.x / width, point.y / height, point.z / width];
            hand.image.iter().map(|point| share(point).map(|value| rounded(value, 1e6))).collect()
        };
        self.hands =
            HandPoints { left: body.hands.left.as_ref().map(points), right: body.hands.right.as_ref().map(points) };
    }
}

fn rounded(value: f32, steps: f64) -> f32 {
    record::rounded(f64::from(value), steps) as f32
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::frame::{Stage, Timings};
    use crate::motion::Hands;

    #[test]
    fn every_stage_of_tracking_is_in_one_figure() {
        let mut timings = Timings { total: 4096.0, ..Timings::default() };
        for (index, stage) in Stage::TRACKING.into_iter().enumerate() {
            timings[stage] = (1 << index) as f32;
        }
        let frame = TrackedFrame {
            frame_id: 0,
            captured_at: Instant::now(),
            time_s: 0.0,
            width: 640,
            height: 480,
            people: Vec::new(),
            loose_hands: Hands::default(),
            timings,
            picture: Arc::default(),
            continuity: crate::motion::session::Continuity::Follows,
            measured_hands: None,
        };
        // Without `..`: a new figure does not compile before it is in this sum.
        let StageTimings {
            image_decode,
            downscale,
            pose_detection,
            calculation_3d,
            hand_detection,
            smoothing,
            total_backend,
        } = PoseResult::of_frame(&frame, &[]).timings;
        let sum = image_decode + downscale + pose_detection + calculation_3d + hand_detection + smoothing;
        let all = (1 << Stage::TRACKING.len()) - 1;
        assert_eq!((sum, total_backend), (all as f32, 4096.0));
    }
}
