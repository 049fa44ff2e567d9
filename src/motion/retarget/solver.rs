//! The solver: one body in, one pose out.

use std::array;

use glam::{Quat, Vec3};

use super::arm::{self, ArmInput, ArmState};
use super::avatar_pose::{AvatarPose, resting_rotation};
use super::body::{SceneBody, scene_from_world};
use super::fingers::{FingerRest, FingerState};
use super::ground::Ground;
use super::leg::{self, LegInput, LegRest, LegState};
use super::limb::LimbRest;
use super::reach;
use super::rotation::{reflect_point, reflect_rotation, reject};
use super::speed::limit_speed;
use super::torso::{self, Torso, TorsoRest};
use crate::motion::Side;
use crate::motion::ease;
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose};
use crate::motion::landmark::PoseLandmark as L;
use crate::motion::pose::BodyPose;
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// A pause longer than this, in seconds, starts the solver afresh.
const MAX_GAP_S: f64 = 1.0;
/// Time constant in seconds with which a limb that goes out of sight eases to rest, and comes back.
const EASE_S: f32 = 0.15;
/// A hand is followed from this score on: below it is hidden and only carried on.
const MIN_HAND_SCORE: f32 = 0.5;
/// Collar, upper arm, forearm, hand, on the left side.
const ARM_BONES: [HumanoidBone; 4] = [B::LeftShoulder, B::LeftUpperArm, B::LeftLowerArm, B::LeftHand];
/// Thigh, shin, foot, toes, on the left side.
const LEG_BONES: [HumanoidBone; 4] = [B::LeftUpperLeg, B::LeftLowerLeg, B::LeftFoot, B::LeftToes];

/// Turns tracked bodies into poses of one avatar. Keeps what the past says about badly seen twists; one for each person.
#[derive(Debug, Clone)]
pub struct Retargeter {
    skeleton: RestSkeleton,
    torso: TorsoRest,
    arms: [LimbRest; 2],
    legs: [LegRest; 2],
    fingers: [Option<FingerRest>; 2],
    ground: Ground,
    memory: Option<Memory>,
}

/// What is remembered from one moment to the next.
#[derive(Debug, Clone)]
struct Memory {
    time_s: f64,
    id: u32,
    mirror: bool,
    pose: AvatarPose,
    sides: [SideMemory; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct SideMemory {
    arm: ArmState,
    fingers: FingerState,
    leg: LegState,
    /// Share of the solved rotation, 0 (at rest) to 1, of the arm's and the leg's bones.
    arm_weight: Weights,
    leg_weight: Weights,
}

/// Weights of a limb's segments that follow their trust over time.
#[derive(Debug, Clone, Copy, Default)]
struct Weights(Option<[f32; 4]>);

impl Weights {
    fn least(&self) -> f32 {
        self.0.map_or(0.0, |weights| weights.into_iter().fold(1.0, f32::min))
    }

    fn ease(&mut self, dt: f32, trust: [f32; 4]) -> [f32; 4] {
        let gain = ease::gain_f32(dt, EASE_S);
        let weights = match self.0 {
            Some(weights) => array::from_fn(|i| weights[i] + gain * (trust[i] - weights[i])),
            None => trust,
        };
        self.0 = Some(weights);
        weights
    }
}

impl Retargeter {
    /// A solver for the avatar with this T-pose.
    #[must_use]
    pub fn new(skeleton: RestSkeleton) -> Self {
        let joint = |side: Side, bone: HumanoidBone| {
            let bone = if side == Side::Left { bone } else { bone.opposite() };
            let position = skeleton.get(bone).map_or(Vec3::ZERO, |bone| bone.position);
            if side == Side::Left { position } else { reflect_point(position) }
        };
        let arms = Side::BOTH.map(|side| {
            let joints = [B::LeftUpperArm, B::LeftLowerArm, B::LeftHand].map(|bone| joint(side, bone));
            LimbRest::new(joints, Vec3::X, Vec3::Z)
        });
        let legs = Side::BOTH.map(|side| {
            let joints = [B::LeftUpperLeg, B::LeftLowerLeg, B::LeftFoot].map(|bone| joint(side, bone));
            let foot = reject(joint(side, B::LeftToes) - joints[2], Vec3::Y);
            let has_toes = skeleton.get(if side == Side::Left { B::LeftToes } else { B::RightToes }).is_some();
            let foot = foot.try_normalize().filter(|_| has_toes).unwrap_or(Vec3::Z);
            LegRest { limb: LimbRest::new(joints, Vec3::NEG_Y, Vec3::NEG_Z), foot }
        });
        let fingers = Side::BOTH.map(|side| FingerRest::new(&skeleton, side));
        let (torso, ground) = (TorsoRest::new(&skeleton), Ground::new(&skeleton));
        Self { skeleton, torso, arms, legs, fingers, ground, memory: None }
    }

    /// The T-pose this solver was made for.
    #[must_use]
    pub fn skeleton(&self) -> &RestSkeleton {
        &self.skeleton
    }

    /// Forgets the past, as after a change of source.
    pub fn reset(&mut self) {
        self.memory = None;
        self.ground.reset();
    }

    /// The avatar's pose for a body seen at `time_s` (capture time, seconds).
    ///
    /// With `mirror` the avatar moves as the person's mirror image: its left hand follows their right. The past counts
    /// while the same person is seen the same way; a pause over a second or a time that runs backwards forgets it.
    /// Always returns unit quaternions, whatever the landmarks hold.
    pub fn solve(&mut self, time_s: f64, pose: &BodyPose, mirror: bool) -> AvatarPose {
        let goes_on = |memory: &Memory| {
            memory.id == pose.id && memory.mirror == mirror && (0.0..=MAX_GAP_S).contains(&(time_s - memory.time_s))
        };
        if !self.memory.as_ref().is_some_and(goes_on) {
            self.reset();
        }
        let (dt, mut sides) = match &self.memory {
            Some(memory) => ((time_s - memory.time_s) as f32, memory.sides),
            None => (0.0, Default::default()),
        };

        let mut body = SceneBody::new(&pose.world, mirror);
        let hands = Side::BOTH.map(|side| seen_hand(pose, side, mirror));
        for (side, hand) in Side::BOTH.into_iter().zip(&hands) {
            if let Some(hand) = hand {
                body.set_palm(side, hand);
            }
        }
        let Some(mut torso) = torso::solve(&self.torso, &body) else {
            // Nothing to go by: stay as before.
            return self.memory.as_ref().map_or_else(|| AvatarPose::rest(&self.skeleton), |memory| memory.pose);
        };
        let mut solved = AvatarPose::rest(&self.skeleton);
        for (bone, rotation) in torso::distribute(&torso, &self.skeleton) {
            solved.rotations[bone as usize] = rotation;
        }
        for (side, memory) in Side::BOTH.into_iter().zip(&mut sides) {
            self.solve_arm(side, memory, &body, &torso, dt, &mut solved);
        }
        torso::aim_trunk(&mut torso, &self.skeleton, &mut solved);
        torso::aim_neck(&torso, &self.skeleton, &mut solved);
        for (side, memory) in Side::BOTH.into_iter().zip(&mut sides) {
            self.solve_leg(side, memory, &body, &torso, dt, &mut solved);
            self.solve_fingers(side, memory, hands[side as usize].as_ref(), dt, &mut solved);
        }
        let arms_seen = sides.iter().map(|side| side.arm_weight.least()).fold(1.0, f32::min);
        reach::bring_hands_together(&self.skeleton, &mut solved, &body, arms_seen);
        if let Some(memory) = &self.memory {
            limit_speed(&mut solved, &memory.pose, dt);
        }
        // A foot out of sight rests, and stands as the resting leg does.
        let planted = sides.map(|side| side.leg.planted() * side.leg_weight.least());
        self.ground.settle(&self.skeleton, &mut solved, planted, time_s);
        if let Some(memory) = &self.memory {
            solved.continue_from(&memory.pose);
        }
        self.memory = Some(Memory { time_s, id: pose.id, mirror, pose: solved, sides });
        solved
    }

    fn solve_arm(
        &self,
        side: Side,
        memory: &mut SideMemory,
        body: &SceneBody,
        torso: &Torso,
        dt: f32,
        solved: &mut AvatarPose,
    ) {
        let points = side.arm();
        let to_chest = torso.chest.inverse();
        let local = |landmark: L| as_left(side, to_chest * body.point(landmark));
        let input = ArmInput {
            shoulder: local(points.shoulder),
            elbow: local(points.elbow),
            wrist: local(points.wrist),
            index: local(points.index),
            pinky: local(points.pinky),
            upper_trust: body.trust(&[points.shoulder, points.elbow]),
            lower_trust: body.trust(&[points.elbow, points.wrist]),
            hand_trust: body.trust(&[points.wrist, points.index, points.pinky]),
        };
        let arm = arm::solve(&self.arms[side as usize], &mut memory.arm, &input, dt);
        let trust = if arm.is_some() {
            [input.upper_trust, input.upper_trust, input.lower_trust, input.hand_trust]
        } else {
            [0.0; 4]
        };
        let weights = memory.arm_weight.ease(dt, trust);
        let turns = arm.map(|arm| [arm.collar, arm.upper, arm.lower, arm.hand]);
        self.write_chain(side, ARM_BONES, turns, Quat::IDENTITY, weights, solved);
    }

    fn solve_fingers(
        &self,
        side: Side,
        memory: &mut SideMemory,
        hand: Option<&[Vec3; HAND_LANDMARK_COUNT]>,
        dt: f32,
        solved: &mut AvatarPose,
    ) {
        let Some(rest) = &self.fingers[side as usize] else { return };
        let bones = HumanoidBone::fingers(Side::Left);
        let hand = hand.map(|points| points.map(|point| as_left(side, point)));
        let turns = memory.fingers.update(rest, hand.as_ref(), &bones.map(|finger| finger.map(resting_rotation)), dt);
        for (left, rotation) in bones.as_flattened().iter().zip(turns.as_flattened()) {
            let (bone, rotation) = match side {
                Side::Left => (*left, *rotation),
                Side::Right => (left.opposite(), reflect_rotation(*rotation)),
            };
            if self.skeleton.get(bone).is_some() {
                solved.rotations[bone as usize] = rotation;
            }
        }
    }

    fn solve_leg(
        &self,
        side: Side,
        memory: &mut SideMemory,
        body: &SceneBody,
        torso: &Torso,
        dt: f32,
        solved: &mut AvatarPose,
    ) {
        let points = side.leg();
        let local = |landmark: L| as_left(side, body.point(landmark));
        let feet = [L::LeftHeel, L::RightHeel, L::LeftFootIndex, L::RightFootIndex];
        let input = LegInput {
            hip: local(points.hip),
            knee: local(points.knee),
            ankle: local(points.ankle),
            heel: local(points.heel),
            toe: local(points.toe),
            floor: feet.into_iter().map(|foot| body.point(foot).y).fold(f32::INFINITY, f32::min),
            upper_trust: body.trust(&[points.hip, points.knee]),
            lower_trust: body.trust(&[points.knee, points.ankle]),
            foot_trust: body.trust(&[points.ankle, points.heel, points.toe]),
        };
        let pelvis = if side == Side::Left { torso.pelvis } else { reflect_rotation(torso.pelvis) };
        let leg = leg::solve(&self.legs[side as usize], &mut memory.leg, pelvis, &input, dt);
        let trust = if leg.is_some() {
            [input.upper_trust, input.lower_trust, input.foot_trust, input.foot_trust]
        } else {
            [0.0; 4]
        };
        let weights = memory.leg_weight.ease(dt, trust);
        let turns = leg.map(|leg| [leg.upper, leg.lower, leg.foot, leg.toes]);
        self.write_chain(side, LEG_BONES, turns, pelvis, weights, solved);
    }

    /// Writes a chain of turns (of a left limb, in one frame) as rotations relative to the parent, eased to rest by
    /// weight. Bones that the avatar lacks take no part.
    fn write_chain(
        &self,
        side: Side,
        bones: [HumanoidBone; 4],
        turns: Option<[Quat; 4]>,
        root: Quat,
        weights: [f32; 4],
        solved: &mut AvatarPose,
    ) {
        let mut parent = root;
        for (index, left) in bones.into_iter().enumerate() {
            let bone = if side == Side::Left { left } else { left.opposite() };
            if self.skeleton.get(bone).is_none() {
                continue;
            }
            let rest = resting_rotation(left);
            let rotation = turns.map_or(rest, |turns| {
                let relative = parent.inverse() * turns[index];
                parent = turns[index];
                rest.slerp(relative, weights[index]).normalize()
            });
            solved.rotations[bone as usize] = if side == Side::Left { rotation } else { reflect_rotation(rotation) };
        }
    }
}

/// The points of the hand that the avatar's hand of this side follows, in the scene's axes; `None` where it is not seen.
fn seen_hand(pose: &BodyPose, side: Side, mirror: bool) -> Option<[Vec3; HAND_LANDMARK_COUNT]> {
    let is_left = (side == Side::Left) != mirror;
    let hand: &HandPose = if is_left { pose.hands.left.as_ref() } else { pose.hands.right.as_ref() }?;
    let points = hand.world.map(|point| {
        let point = scene_from_world(point);
        if mirror { reflect_point(point) } else { point }
    });
    (hand.score >= MIN_HAND_SCORE && points.iter().all(|point| point.is_finite())).then_some(points)
}

/// A point of a limb as the left one has it.
fn as_left(side: Side, point: Vec3) -> Vec3 {
    if side == Side::Left { point } else { reflect_point(point) }
}
