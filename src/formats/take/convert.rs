//! From records back to what was tracked.

use std::sync::Arc;
use std::time::Instant;

use glam::Vec3;

use crate::formats::record::{
    FrameRecord, HandRecord, HandsRecord, PersonRecord, PointRecord, TimingsRecord, landmark,
};
use crate::frame::{Timings, TrackedFrame};
use crate::motion::angle::JointAngles;
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use crate::motion::{BodyPose, HandPose, Hands, Provenance};

/// A body's bounding square is at least so large, pixels: filters divide by it.
const MIN_SIZE_PX: f32 = 1.0;

impl FrameRecord {
    /// The record that a take keeps of `frame`: no angles, but what [`FrameRecord::to_tracked`] needs beside the landmarks.
    #[must_use]
    pub fn for_take(frame: &TrackedFrame) -> Self {
        let mut record = Self::with_angles(frame, &vec![JointAngles::default(); frame.people.len()]);
        // A record behind those of the people stands for loose hands and has no body.
        for (person, body) in record.people.iter_mut().zip(&frame.people) {
            person.angles.clear();
            person.size_px = Some(body.size_px);
            person.is_new = Some(body.is_new);
        }
        record
    }

    /// The tracked frame that this record was made of, as far as it was rounded, with an empty picture. People without the
    /// full number of landmarks are left out, but for those that stand for loose hands.
    #[must_use]
    pub fn to_tracked(&self, captured_at: Instant) -> TrackedFrame {
        let loose = self.people.iter().find(|person| person.landmarks.is_empty() && person.world.is_empty());
        TrackedFrame {
            frame_id: self.frame,
            captured_at,
            time_s: self.time_s,
            width: self.width,
            height: self.height,
            people: self.people.iter().filter_map(PersonRecord::to_body).collect(),
            loose_hands: loose.map(|person| person.hands.to_hands()).unwrap_or_default(),
            timings: self.timings_ms.into(),
            picture: Arc::default(),
        }
    }
}

impl PersonRecord {
    /// The body that this record was made of; `None` without the full number of landmarks. Where the record has no
    /// `size_px`, the square around the landmarks is taken; without `is_new` the person is not new.
    #[must_use]
    pub fn to_body(&self) -> Option<BodyPose> {
        let image = self.image_landmarks()?;
        Some(BodyPose {
            id: self.id,
            is_new: self.is_new == Some(true),
            score: self.score,
            image,
            world: self.world_landmarks()?,
            size_px: self.size_px.unwrap_or_else(|| square_around(&image)).max(MIN_SIZE_PX),
            hands: self.hands.to_hands(),
        })
    }

    /// The landmarks in pixels; `None` unless there are 33.
    #[must_use]
    pub fn image_landmarks(&self) -> Option<[Landmark; POSE_LANDMARK_COUNT]> {
        <[_; POSE_LANDMARK_COUNT]>::try_from(self.landmarks.as_slice()).ok().map(|records| records.map(landmark))
    }

    /// The landmarks in metres; `None` unless there are 33.
    #[must_use]
    pub fn world_landmarks(&self) -> Option<[Landmark; POSE_LANDMARK_COUNT]> {
        <[_; POSE_LANDMARK_COUNT]>::try_from(self.world.as_slice()).ok().map(|records| records.map(landmark))
    }
}

impl HandsRecord {
    /// The hands that this record was made of; those without the full number of points are left out.
    #[must_use]
    pub fn to_hands(&self) -> Hands {
        let pose = |hand: &Option<HandRecord>| hand.as_ref().and_then(HandRecord::to_pose);
        Hands { left: pose(&self.left), right: pose(&self.right) }
    }
}

impl HandRecord {
    /// The hand that this record was made of; `None` without the full number of points.
    #[must_use]
    pub fn to_pose(&self) -> Option<HandPose> {
        let points =
            |records: &[PointRecord]| Some(<[_; HAND_LANDMARK_COUNT]>::try_from(records).ok()?.map(Vec3::from_array));
        Some(HandPose {
            provenance: Provenance::Measured,
            score: self.score,
            image: points(&self.landmarks)?,
            world: points(&self.world)?,
        })
    }
}

impl From<TimingsRecord> for Timings {
    fn from(record: TimingsRecord) -> Self {
        let TimingsRecord { decode, downscale, detect, pose, hands, angles, smoothing, total, model } = record;
        Self { decode, downscale, detect, pose, hands, angles, smoothing, total, model, ..Self::default() }
    }
}

/// Longer side of the rectangle around the landmarks, pixels.
fn square_around(image: &[Landmark; POSE_LANDMARK_COUNT]) -> f32 {
    let points = || image.iter().map(|landmark| landmark.position.truncate());
    let (low, high) = points()
        .fold((image[0].position.truncate(), image[0].position.truncate()), |(low, high), point| {
            (low.min(point), high.max(point))
        });
    (high - low).max_element()
}
