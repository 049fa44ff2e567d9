//! A pose as it is compared: directions, without size and place.

use std::f32::consts::FRAC_1_SQRT_2;

use glam::{Quat, Vec3};

use super::limb::{DANCE_LIMB_COUNT, DanceLimb, LimbConfidence};
use crate::motion::retarget::{AvatarPose, turns};
use crate::motion::skeleton::HumanoidBone;

use DanceLimb as D;
use HumanoidBone as B;

/// Trunk and head are followed by a direction between up and forward, which every way of nodding, tilting and turning
/// moves.
const UP_AND_FORWARD: Vec3 = Vec3::new(0.0, FRAC_1_SQRT_2, FRAC_1_SQRT_2);

/// The hinges: the limb before, the limb behind.
const HINGES: [(DanceLimb, DanceLimb); 4] = [
    (D::LeftUpperArm, D::LeftForearm),
    (D::RightUpperArm, D::RightForearm),
    (D::LeftThigh, D::LeftShin),
    (D::RightThigh, D::RightShin),
];

/// A pose that depends neither on the body's size nor on its place.
///
/// All directions but the facing are in a frame that stands upright and turns with the hips' heading, x to the person's
/// left, y up, z forward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// By [`DanceLimb`]: where the limb points, away from the trunk; trunk and head by a direction half way between their
    /// up and their forward; the facing as the horizontal direction forward, +z at the front. Of unit length, or zero
    /// where it is not known.
    pub directions: [Vec3; DANCE_LIMB_COUNT],
    /// How much left elbow, right elbow, left knee and right knee are bent: radians, 0 straight, π folded.
    pub flexions: [f32; 4],
    /// How sure each limb is; 0 where a direction is not known.
    pub confidence: LimbConfidence,
}

impl Shape {
    /// The shape of a pose. `front_rad` is the heading that counts as the front: radians about the vertical from +z
    /// towards +x; not finite counts as 0. What is not finite in the pose is unknown in the shape.
    #[must_use]
    pub fn new(pose: &AvatarPose, front_rad: f32, confidence: LimbConfidence) -> Self {
        let front_rad = if front_rad.is_finite() { front_rad } else { 0.0 };
        let turns = turns(pose);
        let heading = heading_rad(pose);
        let upright = Quat::from_rotation_y(-heading);
        let mut directions = DanceLimb::ALL.map(|limb| {
            let (bone, rest) = match limb {
                D::LeftUpperArm => (B::LeftUpperArm, Vec3::X),
                D::LeftForearm => (B::LeftLowerArm, Vec3::X),
                D::RightUpperArm => (B::RightUpperArm, Vec3::NEG_X),
                D::RightForearm => (B::RightLowerArm, Vec3::NEG_X),
                D::LeftThigh => (B::LeftUpperLeg, Vec3::NEG_Y),
                D::LeftShin => (B::LeftLowerLeg, Vec3::NEG_Y),
                D::RightThigh => (B::RightUpperLeg, Vec3::NEG_Y),
                D::RightShin => (B::RightLowerLeg, Vec3::NEG_Y),
                D::Trunk => (B::UpperChest, UP_AND_FORWARD),
                D::Head => (B::Head, UP_AND_FORWARD),
                D::Facing => return Quat::from_rotation_y(heading - front_rad) * Vec3::Z,
            };
            upright * (turns[bone as usize] * rest)
        });
        let mut confidence = confidence;
        for (direction, sure) in directions.iter_mut().zip(&mut confidence.0) {
            let unit = direction.try_normalize();
            *direction = unit.unwrap_or(Vec3::ZERO);
            *sure = if unit.is_some() && sure.is_finite() { sure.clamp(0.0, 1.0) } else { 0.0 };
        }
        let flexions = HINGES.map(|(before, behind)| {
            let (before, behind) = (directions[before as usize], directions[behind as usize]);
            before.cross(behind).length().atan2(before.dot(behind))
        });
        Self { directions, flexions, confidence }
    }

    /// The same shape with left and right exchanged: that of [`AvatarPose::mirrored`].
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let across = |limb: DanceLimb| limb.opposite() as usize;
        let [left_elbow, right_elbow, left_knee, right_knee] = self.flexions;
        Self {
            directions: DanceLimb::ALL.map(|limb| self.directions[across(limb)] * Vec3::new(-1.0, 1.0, 1.0)),
            flexions: [right_elbow, left_elbow, right_knee, left_knee],
            confidence: LimbConfidence(DanceLimb::ALL.map(|limb| self.confidence.0[across(limb)])),
        }
    }

    /// Between this shape and another, `t` from 0 to 1; a limb is as sure as in the less sure of both.
    pub(super) fn between(&self, other: &Self, t: f32) -> Self {
        let mut shape = *self;
        for limb in 0..DANCE_LIMB_COUNT {
            shape.directions[limb] = self.directions[limb].lerp(other.directions[limb], t);
            shape.confidence.0[limb] = self.confidence.0[limb].min(other.confidence.0[limb]);
        }
        for (own, other) in shape.flexions.iter_mut().zip(other.flexions) {
            *own += (other - *own) * t;
        }
        shape
    }

    /// The hinge that a limb hangs on: its index among the flexions, and the limb before it.
    pub(super) fn hinge(limb: DanceLimb) -> Option<(usize, DanceLimb)> {
        HINGES.iter().enumerate().find(|(_, (_, behind))| *behind == limb).map(|(index, (before, _))| (index, *before))
    }
}

/// Which way the hips face: radians about the vertical from +z towards +x, -π to π. Not finite where the pose is not.
///
/// It is the twist of the hips about the vertical, which changes evenly also for somebody who bows deeply.
pub(super) fn heading_rad(pose: &AvatarPose) -> f32 {
    let hips = pose.rotation(B::Hips);
    // A quaternion and its opposite are the same turn.
    let sign = if hips.w < 0.0 { -1.0 } else { 1.0 };
    if hips.is_finite() { 2.0 * (sign * hips.y).atan2(sign * hips.w) } else { f32::NAN }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::{FRAC_PI_2, PI};

    use super::*;
    use crate::motion::skeleton::RestSkeleton;

    fn t_pose() -> AvatarPose {
        AvatarPose::t_pose(&RestSkeleton::default())
    }

    fn shape(pose: &AvatarPose) -> Shape {
        Shape::new(pose, 0.0, LimbConfidence::default())
    }

    #[test]
    fn directions_of_known_poses() {
        let mut pose = t_pose();
        let found = shape(&pose);
        assert_eq!(found.directions[D::LeftForearm as usize], Vec3::X);
        assert_eq!(found.directions[D::RightUpperArm as usize], Vec3::NEG_X);
        assert_eq!(found.directions[D::LeftShin as usize], Vec3::NEG_Y);
        assert!(found.flexions.iter().all(|flexion| flexion.abs() < 1e-6));
        // The left forearm up, the right knee folded back.
        pose.rotations[B::LeftLowerArm as usize] = Quat::from_rotation_z(FRAC_PI_2);
        pose.rotations[B::RightLowerLeg as usize] = Quat::from_rotation_x(FRAC_PI_2);
        let found = shape(&pose);
        assert!(found.directions[D::LeftForearm as usize].distance(Vec3::Y) < 1e-6);
        assert!(found.directions[D::RightShin as usize].distance(Vec3::NEG_Z) < 1e-6);
        assert!((found.flexions[0] - FRAC_PI_2).abs() < 1e-5 && (found.flexions[3] - FRAC_PI_2).abs() < 1e-5);
    }

    #[test]
    fn turning_changes_the_facing_alone_and_place_nothing() {
        let mut pose = AvatarPose::rest(&RestSkeleton::default());
        pose.rotations[B::Spine as usize] = Quat::from_rotation_x(0.4);
        let straight = shape(&pose);
        for angle in [-3.0_f32, -1.0, 0.5, 2.0, 3.1] {
            let mut turned = pose;
            turned.hips_position = Vec3::new(3.0, 0.2, -1.0);
            turned.rotations[B::Hips as usize] = Quat::from_rotation_y(angle);
            let found = shape(&turned);
            for limb in DanceLimb::ALL {
                let expected = match limb {
                    D::Facing => Vec3::new(angle.sin(), 0.0, angle.cos()),
                    _ => straight.directions[limb as usize],
                };
                assert!(found.directions[limb as usize].distance(expected) < 1e-5, "{angle} {}", limb.name());
            }
            let to_front = Shape::new(&turned, angle, LimbConfidence::default());
            assert!(to_front.directions[D::Facing as usize].distance(Vec3::Z) < 1e-5);
            // A quaternion and its opposite are the same turn.
            turned.rotations[B::Hips as usize] = -turned.rotations[B::Hips as usize];
            assert!((heading_rad(&turned) - angle).abs() < 1e-5 && heading_rad(&turned).abs() <= PI);
        }
    }

    #[test]
    fn a_mirrored_pose_has_the_mirrored_shape() {
        let mut pose = t_pose();
        for (index, rotation) in pose.rotations.iter_mut().enumerate() {
            let n = index as f32;
            *rotation = Quat::from_scaled_axis(Vec3::new((n * 1.3).sin(), (n * 2.1).sin(), (n * 0.7).cos()) * 0.6);
        }
        let mut confidence = LimbConfidence::default();
        confidence.0[D::LeftShin as usize] = 0.3;
        let shape = Shape::new(&pose, 0.0, confidence);
        let mirrored = Shape { confidence: shape.mirrored().confidence, ..self::shape(&pose.mirrored()) };
        for limb in DanceLimb::ALL {
            let apart = mirrored.directions[limb as usize].distance(shape.mirrored().directions[limb as usize]);
            assert!(apart < 1e-5, "{}: {apart}", limb.name());
        }
        for (a, b) in mirrored.flexions.iter().zip(shape.mirrored().flexions) {
            assert!((a - b).abs() < 1e-4);
        }
        assert_eq!(shape.mirrored().confidence.get(D::RightShin), 0.3);
        assert_eq!(shape.mirrored().mirrored(), shape);
    }

    #[test]
    fn what_is_not_finite_is_unknown_and_nothing_else() {
        let mut pose = t_pose();
        pose.rotations[B::LeftLowerArm as usize].x = f32::NAN;
        pose.hips_position = Vec3::NAN;
        let found = shape(&pose);
        for limb in DanceLimb::ALL {
            assert_eq!(found.confidence.get(limb) > 0.5, limb != D::LeftForearm, "{}", limb.name());
        }
        assert!(found.directions.iter().all(|direction| direction.is_finite()));
        assert!(found.flexions.iter().all(|flexion| flexion.is_finite()));
        pose.rotations[B::Hips as usize] = Quat::from_xyzw(f32::INFINITY, 0.0, 0.0, 1.0);
        assert_eq!(shape(&pose).confidence, LimbConfidence([0.0; DANCE_LIMB_COUNT]));
        pose = t_pose();
        pose.rotations[B::Hips as usize] = Quat::from_xyzw(0.0, 0.0, 0.0, 0.0);
        assert!(shape(&pose).directions.iter().all(|direction| direction.is_finite()));
    }
}
