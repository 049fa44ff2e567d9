//! The record of one frame: a line of `track`, the file that the app saves, and the names that other records share.

use std::borrow::Cow;
use std::collections::BTreeMap;

use glam::Vec3;
use serde::{Deserialize, Serialize};

use crate::frame::{Timings, TrackedFrame};
use crate::motion::angle::{JointAngles, joint_angles};
use crate::motion::landmark::POSE_LANDMARK_COUNT;
use crate::motion::{BodyPose, HandPose, Hands, Landmark};

/// x, y, z, visibility, presence.
pub type LandmarkRecord = [f32; 5];
/// x, y, z.
pub type PointRecord = [f32; 3];

/// One frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameRecord {
    /// Counts the source's pictures from zero.
    pub frame: u64,
    /// The time the filters ran on, seconds of the source's clock.
    pub time_s: f64,
    /// Pixels a row of the source picture.
    pub width: u32,
    /// Rows of the source picture.
    pub height: u32,
    /// Everybody in view; empty when nobody is.
    pub people: Vec<PersonRecord>,
    /// What the frame cost, milliseconds.
    pub timings_ms: TimingsRecord,
}

/// One person in one frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// Stable while the person stays in view.
    pub id: u32,
    /// The landmark model's confidence, 0 to 1.
    pub score: f32,
    /// 33 points in pixels of the source picture, y down.
    pub landmarks: Vec<LandmarkRecord>,
    /// The same points in metres from the middle of the hips.
    pub world: Vec<LandmarkRecord>,
    /// Included joint angles in degrees by name, 180 is straight; null where the joint is hidden.
    pub angles: BTreeMap<Cow<'static, str>, Option<f32>>,
    /// The person's own hands.
    pub hands: HandsRecord,
    /// Side of the square that bounds the body, pixels of the source picture, as in [`BodyPose`]; takes have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_px: Option<f32>,
    /// Whether nothing before this frame is to be smoothed with, as in [`BodyPose`]; takes have it where it is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_new: Option<bool>,
}

/// The hands of one person; null where none is seen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HandsRecord {
    /// The person's own left hand.
    pub left: Option<HandRecord>,
    /// The person's own right hand.
    pub right: Option<HandRecord>,
}

/// One hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandRecord {
    /// The hand model's confidence, 0 to 1.
    pub score: f32,
    /// 21 points in pixels of the source picture.
    pub landmarks: Vec<PointRecord>,
    /// The same points in metres.
    pub world: Vec<PointRecord>,
}

/// Milliseconds of each stage, as in [`Timings`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the stages are documented in `Timings`")]
pub struct TimingsRecord {
    pub decode: f32,
    pub downscale: f32,
    pub detect: f32,
    pub pose: f32,
    pub hands: f32,
    pub angles: f32,
    pub smoothing: f32,
    pub total: f32,
    /// Part of `detect`, `pose` and `hands` that was spent inside the models.
    pub model: f32,
}

impl FrameRecord {
    /// The record of `frame` with its people as they stand, smoothed or not; their angles come from their world landmarks.
    #[must_use]
    pub fn new(frame: &TrackedFrame) -> Self {
        let angles: Vec<_> = frame.people.iter().map(|person| joint_angles(&person.world)).collect();
        Self::with_angles(frame, &angles)
    }

    /// As [`FrameRecord::new`] where the angles of each person are known already.
    #[must_use]
    pub fn with_angles(frame: &TrackedFrame, angles: &[JointAngles]) -> Self {
        Self {
            frame: frame.frame_id,
            time_s: rounded(frame.time_s, 1e6),
            width: frame.width,
            height: frame.height,
            people: frame
                .people
                .iter()
                .zip(angles)
                .map(|(body, angles)| PersonRecord::new(body, angles))
                .chain((!frame.loose_hands.is_empty()).then(|| PersonRecord::without_body(&frame.loose_hands)))
                .collect(),
            timings_ms: frame.timings.into(),
        }
    }
}

impl PersonRecord {
    /// The record of one body with its joint angles.
    #[must_use]
    pub fn new(body: &BodyPose, angles: &JointAngles) -> Self {
        Self {
            id: body.id,
            score: rounded(f64::from(body.score), 1e4) as f32,
            landmarks: body.image.iter().map(|landmark| record(landmark, 1e3)).collect(),
            world: body.world.iter().map(|landmark| record(landmark, 1e6)).collect(),
            angles: angles_record(angles),
            hands: HandsRecord::from(&body.hands),
            size_px: None,
            is_new: None,
        }
    }

    /// Hands that were tracked without a body: a person without landmarks and angles.
    #[must_use]
    pub fn without_body(hands: &Hands) -> Self {
        let score = hands.iter().map(|(_, hand)| hand.score).fold(0.0, f32::max);
        Self {
            id: 0,
            score: rounded(f64::from(score), 1e4) as f32,
            landmarks: Vec::new(),
            world: Vec::new(),
            angles: BTreeMap::new(),
            hands: HandsRecord::from(hands),
            size_px: None,
            is_new: None,
        }
    }

    /// Computes the joint angles from the world landmarks where they are missing and there are landmarks.
    pub(super) fn fill_angles(&mut self) {
        if let (true, Ok(world)) =
            (self.angles.is_empty(), <[LandmarkRecord; POSE_LANDMARK_COUNT]>::try_from(self.world.as_slice()))
        {
            self.angles = angles_record(&joint_angles(&world.map(landmark)));
        }
    }
}

/// The landmark that a record was made of, as far as it was rounded.
pub(super) fn landmark([x, y, z, visibility, presence]: LandmarkRecord) -> Landmark {
    Landmark { position: Vec3::new(x, y, z), visibility, presence }
}

/// Angles in degrees by name.
fn angles_record(angles: &JointAngles) -> BTreeMap<Cow<'static, str>, Option<f32>> {
    let degrees = |radians: f32| rounded(f64::from(radians).to_degrees(), 100.0) as f32;
    angles.iter().map(|(joint, radians)| (Cow::Borrowed(joint.name()), radians.map(degrees))).collect()
}

impl From<&Hands> for HandsRecord {
    fn from(hands: &Hands) -> Self {
        Self { left: hands.left.as_ref().map(HandRecord::from), right: hands.right.as_ref().map(HandRecord::from) }
    }
}

impl From<&HandPose> for HandRecord {
    fn from(hand: &HandPose) -> Self {
        let points = |points: &[Vec3], steps: f64| {
            points.iter().map(|point| point.to_array().map(|value| rounded(f64::from(value), steps) as f32)).collect()
        };
        Self {
            score: rounded(f64::from(hand.score), 1e4) as f32,
            landmarks: points(&hand.image, 1e3),
            world: points(&hand.world, 1e6),
        }
    }
}

impl From<Timings> for TimingsRecord {
    fn from(timings: Timings) -> Self {
        let Timings { decode, downscale, detect, pose, hands, angles, smoothing, total, model, .. } = timings;
        let [decode, downscale, detect, pose, hands, angles, smoothing, total, model] =
            [decode, downscale, detect, pose, hands, angles, smoothing, total, model]
                .map(|milliseconds| rounded(f64::from(milliseconds), 1e3) as f32);
        Self { decode, downscale, detect, pose, hands, angles, smoothing, total, model }
    }
}

/// Positions are cut to thousandths of a pixel or of a millimetre: far below the model's noise, and files half as large.
fn record(landmark: &Landmark, steps: f64) -> LandmarkRecord {
    let [x, y, z] = landmark.position.to_array().map(|value| rounded(f64::from(value), steps) as f32);
    let confidence = |value: f32| rounded(f64::from(value), 1e4) as f32;
    [x, y, z, confidence(landmark.visibility), confidence(landmark.presence)]
}

/// `value` to the nearest of so many `steps` a unit.
pub(crate) fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::motion::hand::Provenance;

    fn body(visibility: f32) -> BodyPose {
        let at = |index: usize, scale: f32| Landmark {
            position: Vec3::new(index as f32, (index * index % 7) as f32, -(index as f32)) * scale,
            visibility,
            presence: 1.0,
        };
        BodyPose {
            id: 3,
            score: 0.98765,
            image: std::array::from_fn(|index| at(index, 10.123_456)),
            world: std::array::from_fn(|index| at(index, 0.05)),
            size_px: 300.0,
            is_new: false,
            hands: Hands::default(),
        }
    }

    fn tracked(people: Vec<BodyPose>) -> TrackedFrame {
        TrackedFrame {
            frame_id: 5,
            captured_at: Instant::now(),
            time_s: 1.0 / 6.0,
            width: 720,
            height: 1280,
            people,
            loose_hands: Hands::default(),
            timings: Timings { pose: 9.123_456, ..Timings::default() },
            picture: Arc::default(),
        }
    }

    #[test]
    fn the_line_has_the_documented_fields() {
        let line = serde_json::to_value(FrameRecord::new(&tracked(vec![body(1.0)]))).expect("writes");
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
        };
        assert_eq!(keys(&line), ["frame", "height", "people", "time_s", "timings_ms", "width"]);
        let person = &line["people"][0];
        assert_eq!(keys(person), ["angles", "hands", "id", "landmarks", "score", "world"]);
        assert_eq!(keys(&person["angles"]).len(), 14);
        assert_eq!(line["time_s"], 0.166_667);
        assert_eq!(person["landmarks"].as_array().map(Vec::len), Some(33));
        assert_eq!(person["world"][32].as_array().map(Vec::len), Some(5));
        assert!(person["angles"]["left_elbow"].is_number());
        assert!(person["hands"]["left"].is_null() && person["hands"]["right"].is_null());
        for stage in ["decode", "downscale", "detect", "pose", "hands", "angles", "smoothing", "total"] {
            assert!(line["timings_ms"][stage].is_number(), "{stage}");
        }
    }

    #[test]
    fn hands_have_their_sides_and_may_come_alone() {
        let hand = HandPose {
            provenance: Provenance::Measured,
            score: 0.9,
            image: [Vec3::ONE; 21],
            world: [Vec3::splat(0.01); 21],
        };
        let mut with_body = body(1.0);
        with_body.hands.right = Some(hand);
        let mut frame = tracked(vec![with_body]);
        let line = serde_json::to_value(FrameRecord::new(&frame)).expect("writes");
        assert!(line["people"][0]["hands"]["left"].is_null());
        assert_eq!(line["people"][0]["hands"]["right"]["landmarks"].as_array().map(Vec::len), Some(21));
        frame.people.clear();
        frame.loose_hands.left = Some(hand);
        let line = serde_json::to_value(FrameRecord::new(&frame)).expect("writes");
        assert_eq!(line["people"][0]["landmarks"], serde_json::json!([]));
        assert_eq!(line["people"][0]["hands"]["left"]["world"].as_array().map(Vec::len), Some(21));
    }

    #[test]
    fn hidden_joints_have_null_angles_and_nobody_is_an_empty_list() {
        let line = serde_json::to_value(FrameRecord::new(&tracked(vec![body(0.1)]))).expect("writes");
        assert!(line["people"][0]["angles"]["left_elbow"].is_null());
        let line = serde_json::to_value(FrameRecord::new(&tracked(Vec::new()))).expect("writes");
        assert_eq!(line["people"], serde_json::json!([]));
    }

    #[test]
    fn a_record_is_read_back_as_it_was() {
        let record = FrameRecord::new(&tracked(vec![body(1.0), body(0.2)]));
        let text = serde_json::to_string(&record).expect("writes");
        assert_eq!(serde_json::from_str::<FrameRecord>(&text).expect("reads"), record);
    }
}
