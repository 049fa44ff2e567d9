//! The humanoid skeleton that every avatar is mapped to.

use glam::{Quat, Vec3};

use super::side::Side;

/// Number of [`HumanoidBone`]s.
pub const BONE_COUNT: usize = HumanoidBone::ALL.len();

/// Makes the enum and what is known of each bone from one table, so that none is forgotten: bone, VRM name, parent, and
/// the bone on the other side.
macro_rules! humanoid {
    ($($bone:ident, $name:literal, $parent:expr, $opposite:ident;)*) => {
        /// A bone of the body, named as in VRM 1.0. A bone's joint is at its head, its parent's tail.
        ///
        /// Source: VRM 1.0 humanoid specification.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(usize)]
        #[expect(missing_docs, reason = "the names are the bones themselves")]
        pub enum HumanoidBone {
            $($bone,)*
        }

        impl HumanoidBone {
            /// Every bone, parents before children.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$bone),*];

            /// The name in VRM 1.0 files.
            #[must_use]
            pub const fn vrm_name(self) -> &'static str {
                match self {
                    $(Self::$bone => $name,)*
                }
            }

            /// The parent in the full hierarchy; an avatar may lack it, then the next ancestor that it has takes its place.
            #[must_use]
            pub const fn parent(self) -> Option<Self> {
                match self {
                    $(Self::$bone => $parent,)*
                }
            }

            /// The bone on the other side of the body; bones in the middle are their own opposite.
            #[must_use]
            pub const fn opposite(self) -> Self {
                match self {
                    $(Self::$bone => Self::$opposite,)*
                }
            }
        }
    };
}

humanoid! {
    Hips, "hips", None, Hips;
    Spine, "spine", Some(Self::Hips), Spine;
    Chest, "chest", Some(Self::Spine), Chest;
    UpperChest, "upperChest", Some(Self::Chest), UpperChest;
    Neck, "neck", Some(Self::UpperChest), Neck;
    Head, "head", Some(Self::Neck), Head;
    LeftShoulder, "leftShoulder", Some(Self::UpperChest), RightShoulder;
    LeftUpperArm, "leftUpperArm", Some(Self::LeftShoulder), RightUpperArm;
    LeftLowerArm, "leftLowerArm", Some(Self::LeftUpperArm), RightLowerArm;
    LeftHand, "leftHand", Some(Self::LeftLowerArm), RightHand;
    RightShoulder, "rightShoulder", Some(Self::UpperChest), LeftShoulder;
    RightUpperArm, "rightUpperArm", Some(Self::RightShoulder), LeftUpperArm;
    RightLowerArm, "rightLowerArm", Some(Self::RightUpperArm), LeftLowerArm;
    RightHand, "rightHand", Some(Self::RightLowerArm), LeftHand;
    LeftUpperLeg, "leftUpperLeg", Some(Self::Hips), RightUpperLeg;
    LeftLowerLeg, "leftLowerLeg", Some(Self::LeftUpperLeg), RightLowerLeg;
    LeftFoot, "leftFoot", Some(Self::LeftLowerLeg), RightFoot;
    LeftToes, "leftToes", Some(Self::LeftFoot), RightToes;
    RightUpperLeg, "rightUpperLeg", Some(Self::Hips), LeftUpperLeg;
    RightLowerLeg, "rightLowerLeg", Some(Self::RightUpperLeg), LeftLowerLeg;
    RightFoot, "rightFoot", Some(Self::RightLowerLeg), LeftFoot;
    RightToes, "rightToes", Some(Self::RightFoot), LeftToes;
    LeftEye, "leftEye", Some(Self::Head), RightEye;
    RightEye, "rightEye", Some(Self::Head), LeftEye;
    LeftThumbMetacarpal, "leftThumbMetacarpal", Some(Self::LeftHand), RightThumbMetacarpal;
    LeftThumbProximal, "leftThumbProximal", Some(Self::LeftThumbMetacarpal), RightThumbProximal;
    LeftThumbDistal, "leftThumbDistal", Some(Self::LeftThumbProximal), RightThumbDistal;
    LeftIndexProximal, "leftIndexProximal", Some(Self::LeftHand), RightIndexProximal;
    LeftIndexIntermediate, "leftIndexIntermediate", Some(Self::LeftIndexProximal), RightIndexIntermediate;
    LeftIndexDistal, "leftIndexDistal", Some(Self::LeftIndexIntermediate), RightIndexDistal;
    LeftMiddleProximal, "leftMiddleProximal", Some(Self::LeftHand), RightMiddleProximal;
    LeftMiddleIntermediate, "leftMiddleIntermediate", Some(Self::LeftMiddleProximal), RightMiddleIntermediate;
    LeftMiddleDistal, "leftMiddleDistal", Some(Self::LeftMiddleIntermediate), RightMiddleDistal;
    LeftRingProximal, "leftRingProximal", Some(Self::LeftHand), RightRingProximal;
    LeftRingIntermediate, "leftRingIntermediate", Some(Self::LeftRingProximal), RightRingIntermediate;
    LeftRingDistal, "leftRingDistal", Some(Self::LeftRingIntermediate), RightRingDistal;
    LeftLittleProximal, "leftLittleProximal", Some(Self::LeftHand), RightLittleProximal;
    LeftLittleIntermediate, "leftLittleIntermediate", Some(Self::LeftLittleProximal), RightLittleIntermediate;
    LeftLittleDistal, "leftLittleDistal", Some(Self::LeftLittleIntermediate), RightLittleDistal;
    RightThumbMetacarpal, "rightThumbMetacarpal", Some(Self::RightHand), LeftThumbMetacarpal;
    RightThumbProximal, "rightThumbProximal", Some(Self::RightThumbMetacarpal), LeftThumbProximal;
    RightThumbDistal, "rightThumbDistal", Some(Self::RightThumbProximal), LeftThumbDistal;
    RightIndexProximal, "rightIndexProximal", Some(Self::RightHand), LeftIndexProximal;
    RightIndexIntermediate, "rightIndexIntermediate", Some(Self::RightIndexProximal), LeftIndexIntermediate;
    RightIndexDistal, "rightIndexDistal", Some(Self::RightIndexIntermediate), LeftIndexDistal;
    RightMiddleProximal, "rightMiddleProximal", Some(Self::RightHand), LeftMiddleProximal;
    RightMiddleIntermediate, "rightMiddleIntermediate", Some(Self::RightMiddleProximal), LeftMiddleIntermediate;
    RightMiddleDistal, "rightMiddleDistal", Some(Self::RightMiddleIntermediate), LeftMiddleDistal;
    RightRingProximal, "rightRingProximal", Some(Self::RightHand), LeftRingProximal;
    RightRingIntermediate, "rightRingIntermediate", Some(Self::RightRingProximal), LeftRingIntermediate;
    RightRingDistal, "rightRingDistal", Some(Self::RightRingIntermediate), LeftRingDistal;
    RightLittleProximal, "rightLittleProximal", Some(Self::RightHand), LeftLittleProximal;
    RightLittleIntermediate, "rightLittleIntermediate", Some(Self::RightLittleProximal), LeftLittleIntermediate;
    RightLittleDistal, "rightLittleDistal", Some(Self::RightLittleIntermediate), LeftLittleDistal;
}

use HumanoidBone as B;

impl HumanoidBone {
    /// The bone with this VRM name.
    #[must_use]
    pub fn from_vrm_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bone| bone.vrm_name() == name)
    }

    /// Whether a humanoid avatar must have this bone. Source: VRM 1.0.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            B::Hips
                | B::Spine
                | B::Head
                | B::LeftUpperArm
                | B::LeftLowerArm
                | B::LeftHand
                | B::RightUpperArm
                | B::RightLowerArm
                | B::RightHand
                | B::LeftUpperLeg
                | B::LeftLowerLeg
                | B::LeftFoot
                | B::RightUpperLeg
                | B::RightLowerLeg
                | B::RightFoot
        )
    }

    /// The bones of a hand's fingers: thumb, index, middle, ring, little, each from the palm outwards.
    #[must_use]
    pub const fn fingers(side: Side) -> [[Self; 3]; 5] {
        match side {
            Side::Left => [
                [B::LeftThumbMetacarpal, B::LeftThumbProximal, B::LeftThumbDistal],
                [B::LeftIndexProximal, B::LeftIndexIntermediate, B::LeftIndexDistal],
                [B::LeftMiddleProximal, B::LeftMiddleIntermediate, B::LeftMiddleDistal],
                [B::LeftRingProximal, B::LeftRingIntermediate, B::LeftRingDistal],
                [B::LeftLittleProximal, B::LeftLittleIntermediate, B::LeftLittleDistal],
            ],
            Side::Right => [
                [B::RightThumbMetacarpal, B::RightThumbProximal, B::RightThumbDistal],
                [B::RightIndexProximal, B::RightIndexIntermediate, B::RightIndexDistal],
                [B::RightMiddleProximal, B::RightMiddleIntermediate, B::RightMiddleDistal],
                [B::RightRingProximal, B::RightRingIntermediate, B::RightRingDistal],
                [B::RightLittleProximal, B::RightLittleIntermediate, B::RightLittleDistal],
            ],
        }
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
#[derive(Debug, Clone, PartialEq)]
pub struct RestSkeleton {
    /// By [`HumanoidBone`]; `None` for optional bones that the avatar lacks.
    pub bones: [Option<RestBone>; BONE_COUNT],
}

impl Default for RestSkeleton {
    fn default() -> Self {
        Self { bones: [None; BONE_COUNT] }
    }
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
