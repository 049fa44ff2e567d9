//! What lies between two parts of a body: something with thickness, which can strike.

use super::part::BodyPart;

use BodyPart as P;
use Limb as M;

/// Number of [`Limb`]s.
pub const LIMB_COUNT: usize = Limb::ALL.len();

/// A piece of a body that can strike and be struck: a capsule between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the limbs themselves")]
pub enum Limb {
    Head,
    Torso,
    LeftUpperArm,
    RightUpperArm,
    LeftForearm,
    RightForearm,
    LeftHand,
    RightHand,
    LeftThigh,
    RightThigh,
    LeftShin,
    RightShin,
    LeftFoot,
    RightFoot,
}

impl Limb {
    /// Every limb, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        M::Head,
        M::Torso,
        M::LeftUpperArm,
        M::RightUpperArm,
        M::LeftForearm,
        M::RightForearm,
        M::LeftHand,
        M::RightHand,
        M::LeftThigh,
        M::RightThigh,
        M::LeftShin,
        M::RightShin,
        M::LeftFoot,
        M::RightFoot,
    ];

    /// The parts at its two ends; the same one twice for a ball.
    #[must_use]
    pub const fn ends(self) -> [BodyPart; 2] {
        match self {
            M::Head => [P::Head, P::Head],
            M::Torso => [P::Chest, P::Hips],
            M::LeftUpperArm => [P::LeftShoulder, P::LeftElbow],
            M::RightUpperArm => [P::RightShoulder, P::RightElbow],
            M::LeftForearm => [P::LeftElbow, P::LeftHand],
            M::RightForearm => [P::RightElbow, P::RightHand],
            M::LeftHand => [P::LeftHand, P::LeftHand],
            M::RightHand => [P::RightHand, P::RightHand],
            M::LeftThigh => [P::LeftHip, P::LeftKnee],
            M::RightThigh => [P::RightHip, P::RightKnee],
            M::LeftShin => [P::LeftKnee, P::LeftFoot],
            M::RightShin => [P::RightKnee, P::RightFoot],
            M::LeftFoot => [P::LeftFoot, P::LeftToes],
            M::RightFoot => [P::RightFoot, P::RightToes],
        }
    }

    /// Its radius on a body of 1.75 m, metres. Hands are as large as fists in boxing gloves: a camera sees depth badly,
    /// and what looks like a hit has to be one.
    #[must_use]
    pub const fn radius_m(self) -> f32 {
        match self {
            M::Head => 0.125,
            M::Torso => 0.15,
            M::LeftUpperArm | M::RightUpperArm => 0.055,
            M::LeftForearm | M::RightForearm => 0.05,
            M::LeftHand | M::RightHand => 0.1,
            M::LeftThigh | M::RightThigh => 0.085,
            M::LeftShin | M::RightShin => 0.065,
            M::LeftFoot | M::RightFoot => 0.06,
        }
    }

    /// The mass that a blow with it carries on a body of 70 kg, kilograms: the limb's own and a share of what pushes it.
    ///
    /// Source: segment masses of de Leva 1996; for fist and foot the effective masses of a straight punch and a kick
    /// (about 2.5 to 3 kg and 5 to 6 kg).
    #[must_use]
    pub const fn effective_mass_kg(self) -> f32 {
        match self {
            M::Head => 4.9,
            M::Torso => 30.0,
            M::LeftUpperArm | M::RightUpperArm => 3.5,
            M::LeftForearm | M::RightForearm => 3.0,
            M::LeftHand | M::RightHand => 2.8,
            M::LeftThigh | M::RightThigh => 9.9,
            M::LeftShin | M::RightShin => 6.0,
            M::LeftFoot | M::RightFoot => 5.5,
        }
    }

    /// The blow's name, as sounds and scores tell it.
    #[must_use]
    pub const fn blow(self) -> Blow {
        match self {
            M::Head => Blow::Head,
            M::Torso => Blow::Body,
            M::LeftUpperArm | M::RightUpperArm | M::LeftForearm | M::RightForearm | M::LeftHand | M::RightHand => {
                Blow::Punch
            }
            _ => Blow::Kick,
        }
    }
}

/// With what something was struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blow {
    /// The head.
    Head,
    /// The trunk.
    Body,
    /// An arm or a hand.
    Punch,
    /// A leg or a foot.
    Kick,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_list() {
        for (index, limb) in Limb::ALL.into_iter().enumerate() {
            assert_eq!(limb as usize, index);
            assert!(limb.radius_m() > 0.0 && limb.effective_mass_kg() > 0.0);
        }
    }
}
