//! The parts of the body that a dance is made of.

use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark};

use PoseLandmark as L;

/// Number of [`DanceLimb`]s.
pub const DANCE_LIMB_COUNT: usize = DanceLimb::ALL.len();

/// A part of the body that is compared and scored. `Left` and `Right` are the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum DanceLimb {
    /// From shoulder to elbow.
    LeftUpperArm,
    /// From elbow to wrist.
    LeftForearm,
    /// From shoulder to elbow.
    RightUpperArm,
    /// From elbow to wrist.
    RightForearm,
    /// From hip to knee.
    LeftThigh,
    /// From knee to ankle.
    LeftShin,
    /// From hip to knee.
    RightThigh,
    /// From knee to ankle.
    RightShin,
    /// The chest against the hips' heading: how it leans and twists.
    Trunk,
    /// The head against the hips' heading.
    Head,
    /// Which way the whole body faces.
    Facing,
}

/// Limbs that are spoken of together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimbGroup {
    /// Upper arms and forearms.
    Arms,
    /// Thighs and shins.
    Legs,
    /// Trunk, head and facing.
    Body,
}

impl LimbGroup {
    /// All groups.
    pub const ALL: [Self; 3] = [Self::Arms, Self::Legs, Self::Body];

    /// The name in a sentence: `arms`, `legs`, `body`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arms => "arms",
            Self::Legs => "legs",
            Self::Body => "body",
        }
    }
}

use DanceLimb as D;

impl DanceLimb {
    /// All limbs, in the order of screens.
    pub const ALL: [Self; 11] = [
        D::LeftUpperArm,
        D::LeftForearm,
        D::RightUpperArm,
        D::RightForearm,
        D::LeftThigh,
        D::LeftShin,
        D::RightThigh,
        D::RightShin,
        D::Trunk,
        D::Head,
        D::Facing,
    ];

    /// The name in a sentence, `left upper arm` to `facing`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            D::LeftUpperArm => "left upper arm",
            D::LeftForearm => "left forearm",
            D::RightUpperArm => "right upper arm",
            D::RightForearm => "right forearm",
            D::LeftThigh => "left thigh",
            D::LeftShin => "left shin",
            D::RightThigh => "right thigh",
            D::RightShin => "right shin",
            D::Trunk => "trunk",
            D::Head => "head",
            D::Facing => "facing",
        }
    }

    /// The limb on the other side; what is in the middle is its own opposite.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            D::LeftUpperArm => D::RightUpperArm,
            D::LeftForearm => D::RightForearm,
            D::RightUpperArm => D::LeftUpperArm,
            D::RightForearm => D::LeftForearm,
            D::LeftThigh => D::RightThigh,
            D::LeftShin => D::RightShin,
            D::RightThigh => D::LeftThigh,
            D::RightShin => D::LeftShin,
            D::Trunk | D::Head | D::Facing => self,
        }
    }

    /// What it is spoken of with.
    #[must_use]
    pub const fn group(self) -> LimbGroup {
        match self {
            D::LeftUpperArm | D::LeftForearm | D::RightUpperArm | D::RightForearm => LimbGroup::Arms,
            D::LeftThigh | D::LeftShin | D::RightThigh | D::RightShin => LimbGroup::Legs,
            D::Trunk | D::Head | D::Facing => LimbGroup::Body,
        }
    }

    /// How much the eye of who watches a dance goes to it, 0 to 1.
    pub(super) const fn importance(self) -> f32 {
        match self.group() {
            LimbGroup::Arms => 1.0,
            LimbGroup::Legs => 0.9,
            LimbGroup::Body => match self {
                D::Head => 0.35,
                _ => 0.8,
            },
        }
    }

    /// The landmarks without which it is not seen.
    const fn landmarks(self) -> &'static [PoseLandmark] {
        match self {
            D::LeftUpperArm => &[L::LeftShoulder, L::LeftElbow],
            D::LeftForearm => &[L::LeftElbow, L::LeftWrist],
            D::RightUpperArm => &[L::RightShoulder, L::RightElbow],
            D::RightForearm => &[L::RightElbow, L::RightWrist],
            D::LeftThigh => &[L::LeftHip, L::LeftKnee],
            D::LeftShin => &[L::LeftKnee, L::LeftAnkle],
            D::RightThigh => &[L::RightHip, L::RightKnee],
            D::RightShin => &[L::RightKnee, L::RightAnkle],
            D::Trunk => &[L::LeftShoulder, L::RightShoulder, L::LeftHip, L::RightHip],
            D::Head => &[L::Nose, L::LeftShoulder, L::RightShoulder],
            D::Facing => &[L::LeftHip, L::RightHip],
        }
    }
}

/// How sure it is that each limb was seen, 0 to 1, by [`DanceLimb`]. Below one half a limb does not count; neither does one
/// whose value is not a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimbConfidence(pub [f32; DANCE_LIMB_COUNT]);

impl Default for LimbConfidence {
    /// Everything is seen.
    fn default() -> Self {
        Self([1.0; DANCE_LIMB_COUNT])
    }
}

impl LimbConfidence {
    /// The lowest visibility of the landmarks that each limb lies between.
    #[must_use]
    pub fn of_landmarks(landmarks: &[Landmark; POSE_LANDMARK_COUNT]) -> Self {
        Self(DanceLimb::ALL.map(|limb| {
            let visibilities = limb.landmarks().iter().map(|point| landmarks[*point as usize].visibility);
            visibilities.map(|seen| if seen.is_finite() { seen.clamp(0.0, 1.0) } else { 0.0 }).fold(1.0, f32::min)
        }))
    }

    /// That of one limb.
    #[must_use]
    pub const fn get(&self, limb: DanceLimb) -> f32 {
        self.0[limb as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposites_and_the_order_hold() {
        for (index, limb) in DanceLimb::ALL.into_iter().enumerate() {
            assert_eq!(limb as usize, index);
            assert_eq!(limb.opposite().opposite(), limb);
            assert_eq!(limb.opposite().group(), limb.group());
            assert!(limb.opposite() == limb || limb.name()[limb.name().find(' ').unwrap_or(0)..].len() > 1);
        }
        assert_eq!(D::LeftShin.opposite(), D::RightShin);
    }

    #[test]
    fn a_limb_is_seen_as_well_as_the_worst_of_its_ends() {
        let mut landmarks = [Landmark { visibility: 0.9, ..Landmark::default() }; POSE_LANDMARK_COUNT];
        landmarks[L::LeftWrist as usize].visibility = 0.2;
        landmarks[L::RightKnee as usize].visibility = f32::NAN;
        landmarks[L::Nose as usize].visibility = 7.0;
        let confidence = LimbConfidence::of_landmarks(&landmarks);
        for limb in DanceLimb::ALL {
            let expected = match limb {
                D::LeftForearm => 0.2,
                D::RightThigh | D::RightShin => 0.0,
                _ => 0.9,
            };
            assert!((confidence.get(limb) - expected).abs() < 1e-6, "{}", limb.name());
        }
    }
}
