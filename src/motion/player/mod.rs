//! A player's body as games see it: a few parts in the scene, where they are, how fast they move, how sure that is.
//!
//! - [`BodyPart`]: the points. [`Limb`]: what lies between two of them, with thickness and mass.
//! - [`BodySample`]: where all parts are at one moment, from a pose.
//! - [`BodyTrack`]: samples over time: places between them and speeds.
//! - [`Gestures`]: what the body says with its posture.

mod gestures;
mod limb;
mod part;
mod sample;
mod track;

pub use gestures::Gestures;
pub use limb::{Blow, LIMB_COUNT, Limb};
pub use part::{BodyPart, PART_COUNT};
pub use sample::{BodySample, confidences, size};
pub use track::{BodyTrack, FASTEST_M_S, PartMotion};

/// From this confidence on a part counts as seen: below it nothing is struck with it and no gesture is read from it.
pub const SURE: f32 = 0.5;

#[cfg(test)]
pub(crate) mod test_body {
    //! A plain humanoid of 1.75 m for tests.

    use glam::{Quat, Vec3};

    use crate::motion::skeleton::{HumanoidBone as B, RestBone, RestSkeleton};

    /// Joints of its left side and middle; the right side mirrors them.
    const JOINTS: [(B, [f32; 3]); 14] = [
        (B::Hips, [0.0, 0.95, 0.0]),
        (B::Spine, [0.0, 1.05, 0.0]),
        (B::Chest, [0.0, 1.17, 0.0]),
        (B::Neck, [0.0, 1.43, 0.0]),
        (B::Head, [0.0, 1.53, 0.0]),
        (B::LeftShoulder, [0.05, 1.4, 0.0]),
        (B::LeftUpperArm, [0.17, 1.4, 0.0]),
        (B::LeftLowerArm, [0.44, 1.4, 0.0]),
        (B::LeftHand, [0.69, 1.4, 0.0]),
        (B::LeftUpperLeg, [0.1, 0.9, 0.0]),
        (B::LeftLowerLeg, [0.1, 0.5, 0.0]),
        (B::LeftFoot, [0.1, 0.1, 0.0]),
        (B::LeftToes, [0.1, 0.03, 0.13]),
        (B::LeftMiddleProximal, [0.78, 1.4, 0.0]),
    ];

    /// Its T-pose.
    pub(crate) fn rest() -> RestSkeleton {
        let mut rest = RestSkeleton::default();
        for (bone, [x, y, z]) in JOINTS {
            for (bone, x) in [(bone, x), (bone.opposite(), -x)] {
                let position = Vec3::new(if bone.opposite() == bone { 0.0 } else { x }, y, z);
                rest.bones[bone as usize] = Some(RestBone {
                    position,
                    rotation: Quat::IDENTITY,
                    local_rotation: Quat::IDENTITY,
                    local_position: position,
                });
            }
        }
        rest
    }
}
