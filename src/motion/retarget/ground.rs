//! Standing on the floor.

use glam::{Quat, Vec3};

use super::avatar_pose::AvatarPose;
use super::kinematics::{positions, turns};
use super::rotation::reject;
use crate::motion::filter::OneEuro;
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// Filter of the hips' height: steady to a millimetre at rest, late by less than a frame when squatting or rising.
const MIN_CUTOFF: f64 = 1.5;
const BETA: f64 = 25.0;
const DERIVATIVE_CUTOFF: f64 = 3.0;

/// A foot this near the floor is left where it is: on a nearly straight leg a millimetre turns the knee by degrees.
const TOLERANCE_M: f32 = 0.008;
/// A leg is never stretched quite straight to reach the floor, where its knee would snap.
const MAX_STRETCH: f32 = 0.999;

/// A point of the sole, fixed to a bone: its place in the T-pose, on the floor.
#[derive(Debug, Clone, Copy)]
struct SolePoint {
    bone: HumanoidBone,
    rest: Vec3,
}

/// The bones of one leg and the points of its sole.
#[derive(Debug, Clone)]
struct Footing {
    upper: HumanoidBone,
    lower: HumanoidBone,
    foot: HumanoidBone,
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
        let footing = |upper: B, lower: B, foot: B, toes: B| Footing {
            upper,
            lower,
            foot,
            sole: sole(skeleton, foot, toes, lower),
        };
        Self {
            feet: [
                footing(B::LeftUpperLeg, B::LeftLowerLeg, B::LeftFoot, B::LeftToes),
                footing(B::RightUpperLeg, B::RightLowerLeg, B::RightFoot, B::RightToes),
            ],
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
            lower_foot(foot, pose, &joints, &turns, drop * planted);
        }
    }
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

/// Moves the ankle by `drop` upwards, the knee giving way in its own plane; the foot keeps its turn.
fn lower_foot(
    foot: &Footing,
    pose: &mut AvatarPose,
    joints: &[Option<Vec3>; BONE_COUNT],
    turns: &[Quat; BONE_COUNT],
    drop: f32,
) {
    let joint = |bone: B| joints[bone as usize];
    if drop.abs() < 1e-4 {
        return;
    }
    let (Some(hip), Some(knee), Some(ankle)) = (joint(foot.upper), joint(foot.lower), joint(foot.foot)) else { return };
    let (thigh, shin) = (knee.distance(hip), ankle.distance(knee));
    let reach = ankle + Vec3::Y * drop - hip;
    let longest = MAX_STRETCH * (thigh + shin);
    let length = reach.length().clamp((thigh - shin).abs() * 1.01, longest);
    // A leg that is too straight to show its plane stays as it is.
    let along = reach.try_normalize();
    let Some((along, aside)) = along.and_then(|along| Some((along, reject(knee - hip, along).try_normalize()?))) else {
        return;
    };
    let down_thigh = (thigh * thigh - shin * shin + length * length) / (2.0 * length);
    let beside = (thigh * thigh - down_thigh * down_thigh).max(0.0).sqrt();
    let new_knee = hip + along * down_thigh + aside * beside;
    let new_ankle = hip + along * length;

    let swing = |from: Vec3, to: Vec3| match (from.try_normalize(), to.try_normalize()) {
        (Some(from), Some(to)) => Quat::from_rotation_arc(from, to),
        _ => Quat::IDENTITY,
    };
    let turn = |bone: B| turns[bone as usize];
    let upper = swing(knee - hip, new_knee - hip) * turn(foot.upper);
    let lower = swing(ankle - knee, new_ankle - new_knee) * turn(foot.lower);
    let mut write = |bone: B, parent: Quat, turn: Quat| {
        pose.rotations[bone as usize] = (parent.inverse() * turn).normalize();
    };
    write(foot.upper, turn(B::Hips), upper);
    write(foot.lower, upper, lower);
    write(foot.foot, lower, turn(foot.foot));
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
