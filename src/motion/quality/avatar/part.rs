//! Parts of the body that both landmarks and avatar show, and where they point.

use glam::{Quat, Vec3};

use super::posed::Posed;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark};
use crate::motion::retarget::{EARS_BEFORE_NECK, NOSE_BELOW_EARS, scene_from_world};
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};

use HumanoidBone as B;
use PoseLandmark as L;

/// Below this visibility of any landmark involved, nothing is said about a part.
pub const MIN_VISIBILITY: f32 = 0.5;
/// Below this length in metres a direction is noise.
const MIN_LENGTH_M: f32 = 0.01;
/// A part of the body, both sides together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BodyPart {
    /// Shoulder to elbow.
    UpperArms,
    /// Elbow to wrist.
    Forearms,
    /// Wrist to the knuckles.
    Hands,
    /// Hip to knee.
    Thighs,
    /// Knee to ankle.
    Shins,
    /// Heel to the tip of the foot, seen from above: the landmarks' feet point 20 to 30° down where real ones are flat.
    Feet,
    /// Middle of the hips to the middle of the shoulders.
    Trunk,
    /// Middle of the shoulders to the middle of the ears; to the avatar's head joint, which lies further back.
    Neck,
    /// Middle of the ears to the nose.
    Face,
}

impl BodyPart {
    /// All parts, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::UpperArms,
        Self::Forearms,
        Self::Hands,
        Self::Thighs,
        Self::Shins,
        Self::Feet,
        Self::Trunk,
        Self::Neck,
        Self::Face,
    ];

    /// Whether the landmarks say where it points without a bias of their own.
    pub(super) const fn is_limb(self) -> bool {
        !matches!(self, Self::Hands | Self::Feet | Self::Neck | Self::Face)
    }

    /// The name in files and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpperArms => "upper_arms",
            Self::Forearms => "forearms",
            Self::Hands => "hands",
            Self::Thighs => "thighs",
            Self::Shins => "shins",
            Self::Feet => "feet",
            Self::Trunk => "trunk",
            Self::Neck => "neck",
            Self::Face => "face",
        }
    }
}

/// How the avatar shows a part.
#[derive(Debug, Clone, Copy)]
enum Shown {
    /// From the middle of two joints to the middle of two others.
    Joints([B; 2], [B; 2]),
    /// The direction from this foot's joint to its toes in the T-pose, turned with the foot and seen from above.
    Sole { foot: B, toes: B },
    /// The direction of a level face in the T-pose, turned with the head.
    Face,
}

/// One side of a part, or a part in the middle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) part: BodyPart,
    from: [L; 2],
    to: [L; 2],
    shown: Shown,
}

/// Both sides of every part.
pub(super) const SEGMENTS: [Segment; 15] = [
    limb(BodyPart::UpperArms, [L::LeftShoulder, L::LeftElbow], [B::LeftUpperArm, B::LeftLowerArm]),
    limb(BodyPart::UpperArms, [L::RightShoulder, L::RightElbow], [B::RightUpperArm, B::RightLowerArm]),
    limb(BodyPart::Forearms, [L::LeftElbow, L::LeftWrist], [B::LeftLowerArm, B::LeftHand]),
    limb(BodyPart::Forearms, [L::RightElbow, L::RightWrist], [B::RightLowerArm, B::RightHand]),
    hand([L::LeftWrist, L::LeftIndex, L::LeftPinky], [B::LeftHand, B::LeftIndexProximal, B::LeftLittleProximal]),
    hand([L::RightWrist, L::RightIndex, L::RightPinky], [B::RightHand, B::RightIndexProximal, B::RightLittleProximal]),
    limb(BodyPart::Thighs, [L::LeftHip, L::LeftKnee], [B::LeftUpperLeg, B::LeftLowerLeg]),
    limb(BodyPart::Thighs, [L::RightHip, L::RightKnee], [B::RightUpperLeg, B::RightLowerLeg]),
    limb(BodyPart::Shins, [L::LeftKnee, L::LeftAnkle], [B::LeftLowerLeg, B::LeftFoot]),
    limb(BodyPart::Shins, [L::RightKnee, L::RightAnkle], [B::RightLowerLeg, B::RightFoot]),
    foot([L::LeftHeel, L::LeftFootIndex], B::LeftFoot, B::LeftToes),
    foot([L::RightHeel, L::RightFootIndex], B::RightFoot, B::RightToes),
    Segment {
        part: BodyPart::Trunk,
        from: [L::LeftHip, L::RightHip],
        to: [L::LeftShoulder, L::RightShoulder],
        shown: Shown::Joints([B::LeftUpperLeg, B::RightUpperLeg], [B::LeftUpperArm, B::RightUpperArm]),
    },
    Segment {
        part: BodyPart::Neck,
        from: [L::LeftShoulder, L::RightShoulder],
        to: [L::LeftEar, L::RightEar],
        shown: Shown::Joints([B::LeftUpperArm, B::RightUpperArm], [B::Head, B::Head]),
    },
    Segment { part: BodyPart::Face, from: [L::LeftEar, L::RightEar], to: [L::Nose, L::Nose], shown: Shown::Face },
];

const fn limb(part: BodyPart, [from, to]: [L; 2], [upper, lower]: [B; 2]) -> Segment {
    Segment { part, from: [from, from], to: [to, to], shown: Shown::Joints([upper, upper], [lower, lower]) }
}

const fn hand([wrist, index, little]: [L; 3], [hand, first, last]: [B; 3]) -> Segment {
    Segment {
        part: BodyPart::Hands,
        from: [wrist, wrist],
        to: [index, little],
        shown: Shown::Joints([hand, hand], [first, last]),
    }
}

const fn foot([heel, tip]: [L; 2], foot: B, toes: B) -> Segment {
    Segment { part: BodyPart::Feet, from: [heel, heel], to: [tip, tip], shown: Shown::Sole { foot, toes } }
}

/// A landmark in the scene's axes.
pub(super) fn point(world: &[Landmark; POSE_LANDMARK_COUNT], landmark: L) -> Vec3 {
    scene_from_world(world[landmark as usize].position)
}

impl Segment {
    /// Whether all its landmarks are visible.
    pub(super) fn is_visible(&self, world: &[Landmark; POSE_LANDMARK_COUNT]) -> bool {
        self.from.iter().chain(&self.to).all(|landmark| world[*landmark as usize].visibility >= MIN_VISIBILITY)
    }

    /// From its beginning to its end in the landmarks, in the scene's axes.
    pub(super) fn source(&self, world: &[Landmark; POSE_LANDMARK_COUNT]) -> Vec3 {
        let middle = |pair: &[L; 2]| 0.5 * (point(world, pair[0]) + point(world, pair[1]));
        middle(&self.to) - middle(&self.from)
    }

    /// Where it points in the landmarks: a unit vector, `None` where it is too short to say.
    pub(super) fn source_direction(&self, world: &[Landmark; POSE_LANDMARK_COUNT]) -> Option<Vec3> {
        let along = self.source(world);
        let along = match self.part {
            BodyPart::Feet => along.with_y(0.0),
            BodyPart::Neck => {
                let shoulders = point(world, L::LeftShoulder) - point(world, L::RightShoulder);
                Quat::from_axis_angle(shoulders.try_normalize()?, -EARS_BEFORE_NECK) * along
            }
            _ => along,
        };
        if along.length() < MIN_LENGTH_M { None } else { along.try_normalize() }
    }

    /// Where it points on the avatar, `None` where the avatar lacks its bones.
    pub(super) fn avatar_direction(&self, skeleton: &RestSkeleton, posed: &Posed) -> Option<Vec3> {
        match self.shown {
            Shown::Joints(from, to) => {
                let middle = |pair: [B; 2]| Some(0.5 * (posed.joint(pair[0])? + posed.joint(pair[1])?));
                (middle(to)? - middle(from)?).try_normalize()
            }
            Shown::Sole { foot, toes } => {
                let ankle = skeleton.get(foot)?.position;
                let ahead = skeleton.get(toes).and_then(|toes| (toes.position - ankle).with_y(0.0).try_normalize());
                (posed.turn(foot) * ahead.unwrap_or(Vec3::Z)).with_y(0.0).try_normalize()
            }
            Shown::Face => {
                let (sine, cosine) = NOSE_BELOW_EARS.sin_cos();
                skeleton.get(B::Head).map(|_| posed.turn(B::Head) * Vec3::new(0.0, -sine, cosine))
            }
        }
    }
}
