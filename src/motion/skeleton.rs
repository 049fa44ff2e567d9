//! The humanoid skeleton that every avatar is mapped to.

use glam::{Quat, Vec3};

/// Number of [`HumanoidBone`]s.
pub const BONE_COUNT: usize = 22;

/// A bone of the body, named as in VRM 1.0. A bone's joint is at its head, its parent's tail.
///
/// Source: VRM 1.0 humanoid specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the bones themselves")]
pub enum HumanoidBone {
    Hips,
    Spine,
    Chest,
    UpperChest,
    Neck,
    Head,
    LeftShoulder,
    LeftUpperArm,
    LeftLowerArm,
    LeftHand,
    RightShoulder,
    RightUpperArm,
    RightLowerArm,
    RightHand,
    LeftUpperLeg,
    LeftLowerLeg,
    LeftFoot,
    LeftToes,
    RightUpperLeg,
    RightLowerLeg,
    RightFoot,
    RightToes,
}

use HumanoidBone as B;

impl HumanoidBone {
    /// Every bone, parents before children.
    pub const ALL: [Self; BONE_COUNT] = [
        B::Hips,
        B::Spine,
        B::Chest,
        B::UpperChest,
        B::Neck,
        B::Head,
        B::LeftShoulder,
        B::LeftUpperArm,
        B::LeftLowerArm,
        B::LeftHand,
        B::RightShoulder,
        B::RightUpperArm,
        B::RightLowerArm,
        B::RightHand,
        B::LeftUpperLeg,
        B::LeftLowerLeg,
        B::LeftFoot,
        B::LeftToes,
        B::RightUpperLeg,
        B::RightLowerLeg,
        B::RightFoot,
        B::RightToes,
    ];

    /// The name in VRM files.
    #[must_use]
    pub const fn vrm_name(self) -> &'static str {
        [
            "hips",
            "spine",
            "chest",
            "upperChest",
            "neck",
            "head",
            "leftShoulder",
            "leftUpperArm",
            "leftLowerArm",
            "leftHand",
            "rightShoulder",
            "rightUpperArm",
            "rightLowerArm",
            "rightHand",
            "leftUpperLeg",
            "leftLowerLeg",
            "leftFoot",
            "leftToes",
            "rightUpperLeg",
            "rightLowerLeg",
            "rightFoot",
            "rightToes",
        ][self as usize]
    }

    /// The bone with this VRM name.
    #[must_use]
    pub fn from_vrm_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bone| bone.vrm_name() == name)
    }

    /// The parent in the full hierarchy; an avatar may lack it, then the next ancestor that it has takes its place.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        Some(match self {
            B::Hips => return None,
            B::Spine | B::LeftUpperLeg | B::RightUpperLeg => B::Hips,
            B::Chest => B::Spine,
            B::UpperChest => B::Chest,
            B::Neck | B::LeftShoulder | B::RightShoulder => B::UpperChest,
            B::Head => B::Neck,
            B::LeftUpperArm => B::LeftShoulder,
            B::LeftLowerArm => B::LeftUpperArm,
            B::LeftHand => B::LeftLowerArm,
            B::RightUpperArm => B::RightShoulder,
            B::RightLowerArm => B::RightUpperArm,
            B::RightHand => B::RightLowerArm,
            B::LeftLowerLeg => B::LeftUpperLeg,
            B::LeftFoot => B::LeftLowerLeg,
            B::LeftToes => B::LeftFoot,
            B::RightLowerLeg => B::RightUpperLeg,
            B::RightFoot => B::RightLowerLeg,
            B::RightToes => B::RightFoot,
        })
    }

    /// The bone on the other side of the body; bones in the middle are their own opposite.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            B::LeftShoulder => B::RightShoulder,
            B::LeftUpperArm => B::RightUpperArm,
            B::LeftLowerArm => B::RightLowerArm,
            B::LeftHand => B::RightHand,
            B::RightShoulder => B::LeftShoulder,
            B::RightUpperArm => B::LeftUpperArm,
            B::RightLowerArm => B::LeftLowerArm,
            B::RightHand => B::LeftHand,
            B::LeftUpperLeg => B::RightUpperLeg,
            B::LeftLowerLeg => B::RightLowerLeg,
            B::LeftFoot => B::RightFoot,
            B::LeftToes => B::RightToes,
            B::RightUpperLeg => B::LeftUpperLeg,
            B::RightLowerLeg => B::LeftLowerLeg,
            B::RightFoot => B::LeftFoot,
            B::RightToes => B::LeftToes,
            B::Hips | B::Spine | B::Chest | B::UpperChest | B::Neck | B::Head => self,
        }
    }

    /// Whether a humanoid avatar must have this bone. Source: VRM 1.0.
    #[must_use]
    pub const fn is_required(self) -> bool {
        !matches!(
            self,
            B::Chest | B::UpperChest | B::Neck | B::LeftShoulder | B::RightShoulder | B::LeftToes | B::RightToes
        )
    }
}

/// One bone of an avatar in its T-pose, in the avatar's own space (metres, y up, facing +z, soles at y = 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestBone {
    /// Joint position in avatar space.
    pub position: Vec3,
    /// Rotation in avatar space.
    pub rotation: Quat,
    /// Rotation in the space of its node's parent, as it stands in the file.
    pub local_rotation: Quat,
    /// Joint position in the space of its node's parent, as it stands in the file.
    pub local_position: Vec3,
}

/// An avatar's T-pose: what retargeting needs to know about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RestSkeleton {
    /// By [`HumanoidBone`]; `None` for optional bones that the avatar lacks.
    pub bones: [Option<RestBone>; BONE_COUNT],
}

impl RestSkeleton {
    /// The bone at rest, if the avatar has it.
    #[must_use]
    pub fn get(&self, bone: HumanoidBone) -> Option<&RestBone> {
        self.bones[bone as usize].as_ref()
    }

    /// The nearest ancestor that this avatar has.
    #[must_use]
    pub fn parent(&self, bone: HumanoidBone) -> Option<HumanoidBone> {
        let mut parent = bone.parent()?;
        while self.get(parent).is_none() {
            parent = parent.parent()?;
        }
        Some(parent)
    }

    /// Required bones that are missing; empty for a usable avatar.
    #[must_use]
    pub fn missing(&self) -> Vec<HumanoidBone> {
        HumanoidBone::ALL.into_iter().filter(|bone| bone.is_required() && self.get(*bone).is_none()).collect()
    }
}
