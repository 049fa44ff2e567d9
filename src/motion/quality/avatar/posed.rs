//! An avatar in a pose, as far as measuring needs it.

use glam::{Quat, Vec3};

use crate::motion::retarget::{AvatarPose, joint_positions, turns};
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

/// Joints and turns of one pose in avatar space.
#[derive(Debug, Clone)]
pub(super) struct Posed {
    joints: [Option<Vec3>; BONE_COUNT],
    turns: [Quat; BONE_COUNT],
}

impl Posed {
    pub(super) fn new(skeleton: &RestSkeleton, pose: &AvatarPose) -> Self {
        Self { joints: joint_positions(skeleton, pose), turns: turns(pose) }
    }

    /// Where a joint is, `None` for bones that the avatar lacks.
    pub(super) fn joint(&self, bone: HumanoidBone) -> Option<Vec3> {
        self.joints[bone as usize]
    }

    /// A bone's turn away from the T-pose.
    pub(super) fn turn(&self, bone: HumanoidBone) -> Quat {
        self.turns[bone as usize]
    }
}

/// A point under a foot, fixed to a bone.
#[derive(Debug, Clone, Copy)]
pub(super) struct SolePoint {
    bone: HumanoidBone,
    /// From the bone's joint in the T-pose.
    offset: Vec3,
}

impl SolePoint {
    pub(super) fn place(&self, posed: &Posed) -> Option<Vec3> {
        posed.joint(self.bone).map(|joint| joint + posed.turn(self.bone) * self.offset)
    }
}

/// What touches the floor under one foot: heel, ball and tip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sole {
    pub(super) heel: SolePoint,
    pub(super) ball: SolePoint,
    pub(super) tip: SolePoint,
}

impl Sole {
    /// The soles of the left and the right foot, which lie at y = 0 in the T-pose. Measured apart from the solver's own
    /// idea of a sole, which it must not be judged by.
    pub(super) fn of_both(skeleton: &RestSkeleton) -> Option<[Self; 2]> {
        let left = Self::new(skeleton, B::LeftFoot, B::LeftToes, B::LeftLowerLeg)?;
        Some([left, Self::new(skeleton, B::RightFoot, B::RightToes, B::RightLowerLeg)?])
    }

    fn new(skeleton: &RestSkeleton, foot: B, toes: B, shin: B) -> Option<Self> {
        let ankle = skeleton.get(foot)?.position;
        let toes_joint = skeleton.get(toes).map(|bone| bone.position);
        let shin_length = skeleton.get(shin)?.position.distance(ankle);
        let ball = toes_joint.unwrap_or(ankle + Vec3::Z * 0.3 * shin_length);
        let along = (ball - ankle) * Vec3::new(1.0, 0.0, 1.0);
        let under = |bone: B, joint: Vec3, place: Vec3| SolePoint { bone, offset: place.with_y(0.0) - joint };
        let tip = ball + along * 0.5;
        Some(Self {
            heel: under(foot, ankle, ankle - along * 0.45),
            ball: under(foot, ankle, ball),
            tip: toes_joint.map_or(under(foot, ankle, tip), |joint| under(toes, joint, tip)),
        })
    }

    /// Height of the lowest point.
    pub(super) fn lowest(&self, posed: &Posed) -> Option<f32> {
        [self.heel, self.ball, self.tip].iter().filter_map(|point| Some(point.place(posed)?.y)).reduce(f32::min)
    }
}
