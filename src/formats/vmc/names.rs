//! Unity's names of bones and VRM 0's names of expressions.

use crate::motion::skeleton::HumanoidBone;

use HumanoidBone as B;

/// The bone's name among Unity's `HumanBodyBones`. The thumb's three bones are called one further along than in VRM 1.
#[must_use]
pub fn unity_name(bone: HumanoidBone) -> String {
    let renamed = match bone {
        B::LeftThumbMetacarpal => "leftThumbProximal",
        B::LeftThumbProximal => "leftThumbIntermediate",
        B::RightThumbMetacarpal => "rightThumbProximal",
        B::RightThumbProximal => "rightThumbIntermediate",
        other => other.vrm_name(),
    };
    let (first, rest) = renamed.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// The bone with this name among Unity's; capitals count for nothing, as some senders write them otherwise.
#[must_use]
pub fn bone_of(unity: &str) -> Option<HumanoidBone> {
    HumanoidBone::ALL.into_iter().find(|bone| unity_name(*bone).eq_ignore_ascii_case(unity))
}

/// VRM 1 expressions beside the names that VMC knows them by.
const EXPRESSIONS: [(&str, &str); 18] = [
    ("neutral", "Neutral"),
    ("happy", "Joy"),
    ("angry", "Angry"),
    ("sad", "Sorrow"),
    ("relaxed", "Fun"),
    // No name of VRM 0's, but one that its avatars give to it.
    ("surprised", "Surprised"),
    ("aa", "A"),
    ("ih", "I"),
    ("ou", "U"),
    ("ee", "E"),
    ("oh", "O"),
    ("blink", "Blink"),
    ("blinkLeft", "Blink_L"),
    ("blinkRight", "Blink_R"),
    ("lookUp", "LookUp"),
    ("lookDown", "LookDown"),
    ("lookLeft", "LookLeft"),
    ("lookRight", "LookRight"),
];

/// The name under which a VRM 1 expression is sent; others, such as an avatar's own, keep theirs.
#[must_use]
pub fn vmc_expression(vrm1: &str) -> &str {
    EXPRESSIONS.iter().find(|(ours, _)| *ours == vrm1).map_or(vrm1, |(_, theirs)| theirs)
}

/// The VRM 1 name of an expression that came under that name or VRM 0's, capitals as they like; others keep theirs.
#[must_use]
pub fn expression_name(vmc: &str) -> &str {
    let is_called = |name: &str| name.eq_ignore_ascii_case(vmc);
    EXPRESSIONS.iter().find(|(ours, theirs)| is_called(ours) || is_called(theirs)).map_or(vmc, |(ours, _)| ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bone_is_found_by_its_own_name() {
        for bone in B::ALL {
            assert_eq!(bone_of(&unity_name(bone)), Some(bone));
        }
        assert_eq!(bone_of("Tail"), None);
    }

    #[test]
    fn thumbs_are_called_one_further_along() {
        assert_eq!(unity_name(B::LeftThumbMetacarpal), "LeftThumbProximal");
        assert_eq!(unity_name(B::RightThumbProximal), "RightThumbIntermediate");
        assert_eq!(unity_name(B::RightThumbDistal), "RightThumbDistal");
        assert_eq!(unity_name(B::LeftUpperArm), "LeftUpperArm");
    }

    #[test]
    fn expressions_are_translated_both_ways() {
        for (ours, theirs) in EXPRESSIONS {
            assert_eq!((vmc_expression(ours), expression_name(theirs)), (theirs, ours));
            assert_eq!((expression_name(ours), expression_name(&ours.to_uppercase())), (ours, ours));
        }
        assert_eq!((vmc_expression("Wink"), expression_name("Wink")), ("Wink", "Wink"));
    }
}
