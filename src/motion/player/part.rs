//! The points of a body that games look at.

use crate::motion::landmark::PoseLandmark;

use BodyPart as P;
use PoseLandmark as L;

/// Number of [`BodyPart`]s.
pub const PART_COUNT: usize = BodyPart::ALL.len();

/// A point of a player's body. `Left` and `Right` are those of the avatar that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the parts themselves")]
pub enum BodyPart {
    /// The middle of the skull.
    Head,
    /// Between the shoulders, a little below them.
    Chest,
    Hips,
    LeftShoulder,
    RightShoulder,
    LeftElbow,
    RightElbow,
    /// The middle of the palm.
    LeftHand,
    RightHand,
    LeftHip,
    RightHip,
    LeftKnee,
    RightKnee,
    /// The ankle.
    LeftFoot,
    RightFoot,
    LeftToes,
    RightToes,
}

impl BodyPart {
    /// Every part, in the order of their numbers.
    pub const ALL: [Self; 17] = [
        P::Head,
        P::Chest,
        P::Hips,
        P::LeftShoulder,
        P::RightShoulder,
        P::LeftElbow,
        P::RightElbow,
        P::LeftHand,
        P::RightHand,
        P::LeftHip,
        P::RightHip,
        P::LeftKnee,
        P::RightKnee,
        P::LeftFoot,
        P::RightFoot,
        P::LeftToes,
        P::RightToes,
    ];

    /// The landmarks that tell where it is.
    pub(super) const fn landmarks(self) -> &'static [PoseLandmark] {
        match self {
            P::Head => &[L::Nose, L::LeftEar, L::RightEar],
            P::Chest => &[L::LeftShoulder, L::RightShoulder],
            P::Hips => &[L::LeftHip, L::RightHip],
            P::LeftShoulder => &[L::LeftShoulder],
            P::RightShoulder => &[L::RightShoulder],
            P::LeftElbow => &[L::LeftElbow],
            P::RightElbow => &[L::RightElbow],
            P::LeftHand => &[L::LeftWrist],
            P::RightHand => &[L::RightWrist],
            P::LeftHip => &[L::LeftHip],
            P::RightHip => &[L::RightHip],
            P::LeftKnee => &[L::LeftKnee],
            P::RightKnee => &[L::RightKnee],
            P::LeftFoot => &[L::LeftAnkle],
            P::RightFoot => &[L::RightAnkle],
            P::LeftToes => &[L::LeftFootIndex],
            P::RightToes => &[L::RightFootIndex],
        }
    }

    /// The part on the other side; those in the middle are their own opposite.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            P::Head | P::Chest | P::Hips => self,
            P::LeftShoulder => P::RightShoulder,
            P::RightShoulder => P::LeftShoulder,
            P::LeftElbow => P::RightElbow,
            P::RightElbow => P::LeftElbow,
            P::LeftHand => P::RightHand,
            P::RightHand => P::LeftHand,
            P::LeftHip => P::RightHip,
            P::RightHip => P::LeftHip,
            P::LeftKnee => P::RightKnee,
            P::RightKnee => P::LeftKnee,
            P::LeftFoot => P::RightFoot,
            P::RightFoot => P::LeftFoot,
            P::LeftToes => P::RightToes,
            P::RightToes => P::LeftToes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_list_and_sides_have_their_opposites() {
        for (index, part) in BodyPart::ALL.into_iter().enumerate() {
            assert_eq!(part as usize, index);
            assert_eq!(part.opposite().opposite(), part);
        }
    }
}
