//! A body as lines.

use bevy::prelude::*;

use crate::motion::retarget::{AvatarPose, joint_positions};
use crate::motion::skeleton::{HumanoidBone as B, RestSkeleton};

/// A body as lines, seen from the front: x to the right of the picture, y up, the feet at about y = 0, in heights of the
/// body, so that an upright one fills 0 to 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StickFigure {
    /// Lines from joint to joint.
    pub lines: Vec<[Vec2; 2]>,
    /// The middle of the head.
    pub head: Vec2,
    /// Its radius.
    pub head_radius: f32,
}

/// Chains of joints that are drawn.
const CHAINS: [&[B]; 5] = [
    &[B::Head, B::Neck, B::Hips],
    &[B::LeftHand, B::LeftLowerArm, B::LeftUpperArm, B::Neck],
    &[B::RightHand, B::RightLowerArm, B::RightUpperArm, B::Neck],
    &[B::LeftFoot, B::LeftLowerLeg, B::LeftUpperLeg, B::Hips],
    &[B::RightFoot, B::RightLowerLeg, B::RightUpperLeg, B::Hips],
];
/// Radius of a head, and from the joint to its middle, heights of a body.
const HEAD_RADIUS: f32 = 0.07;
const HEAD_UP: f32 = 0.06;

impl StickFigure {
    /// A pose, turned by `turn_rad` about the vertical first so that its front faces the viewer. Joints that a skeleton lacks are
    /// left out; empty for a pose that is not finite.
    #[must_use]
    pub fn new(rest: &RestSkeleton, pose: &AvatarPose, turn_rad: f32) -> Self {
        let joints = joint_positions(rest, pose);
        let turn = Quat::from_rotation_y(if turn_rad.is_finite() { turn_rad } else { 0.0 });
        let height_m = rest.get(B::Head).map_or(1.6, |head| head.position.y.max(0.3) * 1.12);
        let middle = Vec3::new(pose.hips_position.x, 0.0, pose.hips_position.z);
        let at = |bone: B| {
            let place = turn * (joints[bone as usize]? - middle) / height_m;
            place.is_finite().then(|| place.truncate())
        };
        let mut lines = Vec::new();
        for chain in CHAINS {
            let known: Vec<Vec2> = chain.iter().filter_map(|bone| at(*bone)).collect();
            lines.extend(known.windows(2).map(|pair| [pair[0], pair[1]]));
        }
        let Some(head) = at(B::Head) else { return Self::default() };
        let neck = at(B::Neck).or_else(|| at(B::Hips)).unwrap_or(head - Vec2::Y);
        let up = (head - neck).try_normalize().unwrap_or(Vec2::Y);
        Self { lines, head: head + up * HEAD_UP, head_radius: HEAD_RADIUS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_t_pose_is_as_wide_as_high_and_turns() {
        let rest = crate::dance_library::skeleton().expect("the usual avatar");
        let pose = AvatarPose::t_pose(rest);
        let width = |figure: &StickFigure| {
            let xs = figure.lines.iter().flatten().map(|point| point.x);
            xs.clone().fold(f32::MIN, f32::max) - xs.fold(f32::MAX, f32::min)
        };
        let figure = StickFigure::new(rest, &pose, 0.0);
        assert!((0.6..1.1).contains(&width(&figure)), "{figure:?}");
        assert!((0.8..1.05).contains(&figure.head.y), "{figure:?}");
        assert!(figure.lines.len() >= 12, "{}", figure.lines.len());
        let side = StickFigure::new(rest, &pose, std::f32::consts::FRAC_PI_2);
        assert!(width(&side) < 0.3, "{side:?}");
        let broken = AvatarPose { hips_position: Vec3::NAN, ..pose };
        assert_eq!(StickFigure::new(rest, &broken, 0.0), StickFigure::default());
    }
}
