//! The joints that are fitted, and the bones between them.

use crate::motion::landmark::MAIN_JOINTS;

/// Number of fitted joints.
pub(super) const JOINT_COUNT: usize = MAIN_JOINTS.len();

/// A fitted joint, as an index into [`MAIN_JOINTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Joint {
    LeftShoulder,
    RightShoulder,
    LeftElbow,
    RightElbow,
    LeftWrist,
    RightWrist,
    LeftHip,
    RightHip,
    LeftKnee,
    RightKnee,
    LeftAnkle,
    RightAnkle,
}

impl Joint {
    /// Every joint, in that order.
    pub(super) const ALL: [Self; JOINT_COUNT] = [
        Self::LeftShoulder,
        Self::RightShoulder,
        Self::LeftElbow,
        Self::RightElbow,
        Self::LeftWrist,
        Self::RightWrist,
        Self::LeftHip,
        Self::RightHip,
        Self::LeftKnee,
        Self::RightKnee,
        Self::LeftAnkle,
        Self::RightAnkle,
    ];
}

/// Bones that have one length: the same on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Kind {
    UpperArm,
    Forearm,
    Thigh,
    Shin,
    /// Between the shoulders.
    Shoulders,
    /// Between the hips.
    Hips,
    /// From a shoulder to the hip of its side.
    Flank,
    /// From a shoulder to the other side's hip.
    Diagonal,
}

/// Number of [`Kind`]s.
pub(super) const KIND_COUNT: usize = 8;

impl Kind {
    pub(super) const fn is_arm(self) -> bool {
        matches!(self, Self::UpperArm | Self::Forearm)
    }

    pub(super) const fn is_limb(self) -> bool {
        matches!(self, Self::UpperArm | Self::Forearm | Self::Thigh | Self::Shin)
    }
}

/// Every bone: its two joints, the nearer to the trunk first.
pub(super) const BONES: [(Kind, Joint, Joint); 14] = [
    (Kind::UpperArm, Joint::LeftShoulder, Joint::LeftElbow),
    (Kind::UpperArm, Joint::RightShoulder, Joint::RightElbow),
    (Kind::Forearm, Joint::LeftElbow, Joint::LeftWrist),
    (Kind::Forearm, Joint::RightElbow, Joint::RightWrist),
    (Kind::Thigh, Joint::LeftHip, Joint::LeftKnee),
    (Kind::Thigh, Joint::RightHip, Joint::RightKnee),
    (Kind::Shin, Joint::LeftKnee, Joint::LeftAnkle),
    (Kind::Shin, Joint::RightKnee, Joint::RightAnkle),
    (Kind::Shoulders, Joint::RightShoulder, Joint::LeftShoulder),
    (Kind::Hips, Joint::RightHip, Joint::LeftHip),
    (Kind::Flank, Joint::LeftShoulder, Joint::LeftHip),
    (Kind::Flank, Joint::RightShoulder, Joint::RightHip),
    (Kind::Diagonal, Joint::LeftShoulder, Joint::RightHip),
    (Kind::Diagonal, Joint::RightShoulder, Joint::LeftHip),
];
