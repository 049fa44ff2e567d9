//! The landmark model of one hand.

use glam::{Vec2, Vec3};

use super::crop::{Border, crop_into};
use super::model::Model;
use super::region::Region;
use super::{Compute, InferenceError, ModelStore};
use crate::frame::{RgbImage, Timings};
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose, Provenance, Side};
use crate::settings::ModelVariant;

/// How much flatter the model's depths are than its x and y.
///
/// Source: `MediaPipe` `hand_landmark_cpu.pbtxt`, `normalize_z`.
const DEPTH_SCALE: f32 = 0.4;

/// What the model says of one region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SeenHand {
    /// Its score is the model's presence.
    pub(super) pose: HandPose,
    /// Probability that it is a right hand, 0 to 1.
    pub(super) rightness: f32,
}

impl SeenHand {
    /// Probability that the hand is of this side.
    pub(super) fn probability(&self, side: Side) -> f32 {
        match side {
            Side::Left => 1.0 - self.rightness,
            Side::Right => self.rightness,
        }
    }
}

/// One session of the hand landmark model.
pub(super) struct HandLandmarker {
    model: Model,
}

impl HandLandmarker {
    pub(super) fn open(store: &ModelStore, variant: ModelVariant, compute: Compute) -> Result<Self, InferenceError> {
        let name = match variant {
            ModelVariant::Lite => "hand_landmark_lite",
            ModelVariant::Full | ModelVariant::Heavy => "hand_landmark_full",
        };
        Ok(Self { model: Model::open(store, name, compute)? })
    }

    /// The hand in `region`, however faint; `None` when a value is not a number.
    ///
    /// Source: `MediaPipe` `hand_landmark_cpu.pbtxt`.
    pub(super) fn look(
        &mut self,
        image: &RgbImage,
        region: Region,
        timings: &mut Timings,
    ) -> Result<Option<SeenHand>, InferenceError> {
        let (side, range) = (self.model.input_side(), self.model.input_range());
        crop_into(image, region, Border::Replicate, side, range, self.model.input_mut());
        let outputs = self.model.run(timings)?;
        let raw = Raw {
            landmarks: outputs.tensor("landmarks", 3 * HAND_LANDMARK_COUNT)?,
            world: outputs.tensor("world", 3 * HAND_LANDMARK_COUNT)?,
            presence: outputs.tensor("presence", 1)?[0],
            handedness: outputs.tensor("handedness", 1)?[0],
        };
        Ok(decode(&raw, region, side))
    }
}

struct Raw<'a> {
    landmarks: &'a [f32],
    world: &'a [f32],
    presence: f32,
    /// High is a right hand in a picture that is not mirrored; `MediaPipe` calls it "Left", thinking of selfies.
    handedness: f32,
}

fn decode(raw: &Raw<'_>, region: Region, input_side: usize) -> Option<SeenHand> {
    let unit = 1.0 / input_side as f32;
    let point = |values: &[f32], index: usize| Vec3::from_slice(&values[3 * index..]);
    let image = std::array::from_fn(|index| {
        let raw = point(raw.landmarks, index) * unit;
        region.to_picture(raw.truncate()).extend(raw.z / DEPTH_SCALE * region.size)
    });
    let world = std::array::from_fn(|index| {
        let raw = point(raw.world, index);
        region.rotate(Vec2::new(raw.x, raw.y)).extend(raw.z)
    });
    let whole = image.iter().chain(&world).all(|point: &Vec3| point.is_finite());
    (whole && raw.presence.is_finite() && raw.handedness.is_finite()).then_some(SeenHand {
        pose: HandPose { provenance: Provenance::Measured, score: raw.presence.clamp(0.0, 1.0), image, world },
        rightness: raw.handedness.clamp(0.0, 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: Region = Region { center: Vec2::new(300.0, 200.0), size: 112.0, rotation: 0.0 };

    fn decode_with(change: impl Fn(&mut [f32], &mut [f32])) -> Option<SeenHand> {
        let (mut landmarks, mut world) = (vec![112.0; 63], vec![0.0; 63]);
        change(&mut landmarks, &mut world);
        decode(&Raw { landmarks: &landmarks, world: &world, presence: 0.9, handedness: 0.8 }, REGION, 224)
    }

    #[test]
    fn points_are_projected_into_the_picture() {
        let seen = decode_with(|landmarks, _| landmarks[12..15].copy_from_slice(&[0.0, 224.0, -22.4])).expect("a hand");
        assert!(seen.pose.image[0].truncate().abs_diff_eq(REGION.center, 1e-4));
        assert!(seen.pose.image[4].abs_diff_eq(Vec3::new(244.0, 256.0, -28.0), 1e-3), "{}", seen.pose.image[4]);
        assert_eq!((seen.pose.score, seen.probability(Side::Right)), (0.9, 0.8));
        assert!((seen.probability(Side::Left) - 0.2).abs() < 1e-6);
    }

    #[test]
    fn broken_numbers_give_nothing() {
        assert_eq!(decode_with(|landmarks, _| landmarks[7] = f32::NAN), None);
        assert_eq!(decode_with(|_, world| world[62] = f32::INFINITY), None);
    }
}
