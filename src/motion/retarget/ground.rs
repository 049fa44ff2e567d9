//! Standing on the floor.

use glam::Vec3;

use super::avatar_pose::AvatarPose;
use super::kinematics::{positions, turns};
use crate::motion::filter::OneEuro;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// Filter of the hips' height: steady to a millimetre at rest, late by less than a frame when squatting or rising.
const MIN_CUTOFF: f64 = 1.5;
const BETA: f64 = 25.0;
const DERIVATIVE_CUTOFF: f64 = 3.0;

/// A point of the sole, fixed to a bone: its place in the T-pose, on the floor.
#[derive(Debug, Clone, Copy)]
struct SolePoint {
    bone: HumanoidBone,
    rest: Vec3,
}

/// Keeps the lowest point of the soles at y = 0.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    soles: Vec<SolePoint>,
    height: OneEuro,
}

impl Ground {
    pub(super) fn new(skeleton: &RestSkeleton) -> Self {
        let soles = [(B::LeftFoot, B::LeftToes, B::LeftLowerLeg), (B::RightFoot, B::RightToes, B::RightLowerLeg)]
            .into_iter()
            .flat_map(|(foot, toes, shin)| sole(skeleton, foot, toes, shin))
            .collect();
        Self { soles, height: OneEuro::new(MIN_CUTOFF, BETA, DERIVATIVE_CUTOFF) }
    }

    pub(super) fn reset(&mut self) {
        self.height.reset();
    }

    /// The hips' height at which this pose stands on the floor, smoothed over time.
    pub(super) fn hips_height(&mut self, skeleton: &RestSkeleton, pose: &AvatarPose, time_s: f64) -> f32 {
        let turns = turns(pose);
        let joints: [Option<Vec3>; BONE_COUNT] = positions(skeleton, pose, &turns);
        let lowest = self
            .soles
            .iter()
            .filter_map(|point| {
                let (joint, rest) = joints[point.bone as usize].zip(skeleton.get(point.bone))?;
                Some((joint + turns[point.bone as usize] * (point.rest - rest.position)).y)
            })
            .fold(f32::INFINITY, f32::min);
        if !lowest.is_finite() {
            return pose.hips_position.y;
        }
        self.height.filter(time_s, pose.hips_position.y - lowest, 1.0)
    }
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
