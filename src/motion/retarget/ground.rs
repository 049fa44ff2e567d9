//! Standing on the floor.

use glam::{Quat, Vec3};

use super::avatar_pose::AvatarPose;
use super::kinematics::{positions, turns};
use super::reach::Chain;
use crate::motion::filter::OneEuro;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// Filter of the hips' height: steady to a millimetre at rest, late by less than a frame when squatting or rising.
const MIN_CUTOFF: f64 = 1.5;
const BETA: f64 = 25.0;
const DERIVATIVE_CUTOFF: f64 = 3.0;

/// A foot this near the floor is left where it is: on a nearly straight leg a millimetre turns the knee by degrees.
const TOLERANCE_M: f32 = 0.008;

/// A point of the sole, fixed to a bone: its place in the T-pose, on the floor.
#[derive(Debug, Clone, Copy)]
struct SolePoint {
    bone: HumanoidBone,
    rest: Vec3,
}

/// One leg and the points of its sole.
#[derive(Debug, Clone)]
struct Footing {
    leg: Chain,
    sole: Vec<SolePoint>,
}

/// Keeps the avatar on the floor at y = 0: the hips at the right height, both soles of a standing person down.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    feet: [Footing; 2],
    height: OneEuro,
}

impl Ground {
    pub(super) fn new(skeleton: &RestSkeleton) -> Self {
        let footing = |leg: Chain, toes: B| Footing { leg, sole: sole(skeleton, leg.tip, toes, leg.lower) };
        Self {
            feet: [footing(Chain::LEFT_LEG, B::LeftToes), footing(Chain::RIGHT_LEG, B::RightToes)],
            height: OneEuro::new(MIN_CUTOFF, BETA, DERIVATIVE_CUTOFF),
        }
    }

    pub(super) fn reset(&mut self) {
        self.height.reset();
    }

    /// Sets the hips' height, smoothed over time, and bends the legs so that feet which stand do touch the floor.
    ///
    /// `planted` says of the left and the right foot how far it stands on the floor, 0 to 1.
    pub(super) fn settle(&mut self, skeleton: &RestSkeleton, pose: &mut AvatarPose, planted: [f32; 2], time_s: f64) {
        let turns = turns(pose);
        let joints = positions(skeleton, pose, &turns);
        let heights = [0, 1].map(|side: usize| lowest(skeleton, &self.feet[side].sole, &joints, &turns));
        let [Some(left), Some(right)] = heights else { return };

        // On two feet the error is shared between them; on one, the lower foot is the one that stands.
        let both = planted[0].min(planted[1]);
        let floor = left.min(right) * (1.0 - both) + 0.5 * (left + right) * both;
        let hips = self.height.filter(time_s, pose.hips_position.y - floor, 1.0);
        let raised = hips - pose.hips_position.y;
        pose.hips_position.y = hips;
        for (foot, (height, planted)) in self.feet.iter().zip([left, right].into_iter().zip(planted)) {
            let off = height + raised;
            let drop = (off.abs() - TOLERANCE_M).max(0.0).copysign(-off);
            foot.leg.move_tip(pose, &joints, &turns, Vec3::Y * (drop * planted));
        }
    }
}

/// Where a foot of the avatar is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sole {
    /// The ankle's joint, in avatar space.
    pub ankle: Vec3,
    /// Height of the lowest point under the foot and its toes, metres.
    pub height: f32,
    /// Where it points: the turn about the vertical from +z, radians.
    pub yaw: f32,
}

/// The left and the right foot of a pose; `None` where the avatar lacks one.
#[must_use]
pub fn sole_heights(skeleton: &RestSkeleton, pose: &AvatarPose) -> [Option<Sole>; 2] {
    let turns = turns(pose);
    let joints = positions(skeleton, pose, &turns);
    let foot = |leg: Chain, toes: B| {
        let points = sole(skeleton, leg.tip, toes, leg.lower);
        let height = lowest(skeleton, &points, &joints, &turns)?;
        let ahead = turns[leg.tip as usize] * Vec3::Z;
        Some(Sole { ankle: joints[leg.tip as usize]?, height, yaw: ahead.x.atan2(ahead.z) })
    };
    [foot(Chain::LEFT_LEG, B::LeftToes), foot(Chain::RIGHT_LEG, B::RightToes)]
}

/// Height of a sole's lowest point.
fn lowest(
    skeleton: &RestSkeleton,
    sole: &[SolePoint],
    joints: &[Option<Vec3>; BONE_COUNT],
    turns: &[Quat; BONE_COUNT],
) -> Option<f32> {
    sole.iter()
        .filter_map(|point| {
            let (joint, rest) = joints[point.bone as usize].zip(skeleton.get(point.bone))?;
            Some((joint + turns[point.bone as usize] * (point.rest - rest.position)).y)
        })
        .reduce(f32::min)
}

/// Heel and ball under the foot bone, tip under the toes; feet without toes get a sole of usual length.
fn sole(skeleton: &RestSkeleton, foot: B, toes: B, shin: B) -> Vec<SolePoint> {
    let Some(ankle) = skeleton.get(foot).map(|bone| bone.position) else { return Vec::new() };
    let on_floor = |point: Vec3| Vec3::new(point.x, 0.0, point.z);
    let shin_length = skeleton.get(shin).map_or(0.4, |shin| shin.position.distance(ankle));
    let ball = skeleton.get(toes).map_or(ankle + Vec3::Z * 0.3 * shin_length, |toes| toes.position);
    let along = on_floor(ball - ankle);
    let tip_bone = if skeleton.get(toes).is_some() { toes } else { foot };
    vec![
        SolePoint { bone: foot, rest: on_floor(ankle - along * 0.45) },
        SolePoint { bone: foot, rest: on_floor(ball) },
        SolePoint { bone: tip_bone, rest: on_floor(ball + along * 0.5) },
    ]
}
