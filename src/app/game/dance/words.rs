//! What is said to a dancer.

use crate::motion::dance::{Advice, DanceLimb, Grade};

/// What a grade is called on screen, and what it is worth there, 1 for the best.
pub(super) const fn verdict(grade: Grade) -> (&'static str, f32) {
    match grade {
        Grade::Perfect => ("Perfect", 1.0),
        Grade::Good => ("Good", 0.6),
        Grade::Miss => ("Miss", 0.0),
    }
}

/// What to watch, for a limb of one's own.
pub(super) fn hint(limb: Option<DanceLimb>) -> String {
    match limb {
        None => "Follow the coach: move with the beat".to_owned(),
        Some(DanceLimb::Facing) => "Face the way the coach faces".to_owned(),
        Some(DanceLimb::Trunk) => "Lean and turn your chest as the coach does".to_owned(),
        Some(DanceLimb::Head) => "Hold your head as the coach does".to_owned(),
        Some(limb) => format!("Watch your {}", limb.name()),
    }
}

/// The player's own limb for one of the avatar that shows them, which a mirror exchanges.
pub(super) const fn own_limb(limb: DanceLimb, is_mirror: bool) -> DanceLimb {
    if is_mirror { limb.opposite() } else { limb }
}

/// Advice in words, of the player's own limbs.
pub(super) fn advice(advice: &Advice, is_mirror: bool) -> String {
    match *advice {
        Advice::Limb { limb, percent } => Advice::Limb { limb: own_limb(limb, is_mirror), percent }.words(),
        _ => advice.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_told_of_their_own_limbs() {
        let told = Advice::Limb { limb: DanceLimb::LeftForearm, percent: 50.0 };
        assert!(advice(&told, true).contains("right forearm"), "{}", advice(&told, true));
        assert!(advice(&told, false).contains("left forearm"));
        for limb in DanceLimb::ALL {
            assert!(!hint(Some(limb)).is_empty());
        }
        assert!(hint(Some(DanceLimb::LeftShin)).contains("left shin"));
    }
}
