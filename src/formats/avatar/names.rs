//! Which bone a node's name means: VRM, Unity, Mixamo, Ready Player Me, Rigify, and the usual names of other programs.

use crate::motion::Side;
use crate::motion::skeleton::HumanoidBone;

/// A node's name without prefix and side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlainName {
    /// Letters and digits alone, in lower case.
    pub key: String,
    /// The side that it names.
    pub side: Option<Side>,
}

impl PlainName {
    /// Takes a name apart: `mixamorig:LeftForeArm`, `DEF-forearm.L`, `J_Bip_L_LowerArm` and `lowerarm_l` are all a
    /// left one.
    pub(super) fn of(name: &str) -> Self {
        // What stands before a colon is the name of the rig.
        let name = name.rsplit(':').next().unwrap_or(name);
        let mut side = None;
        let mut key = String::new();
        for word in words(name) {
            match word.as_str() {
                "left" | "l" if side.is_none() => side = Some(Side::Left),
                "right" | "r" if side.is_none() => side = Some(Side::Right),
                // Prefixes of Rigify, 3ds Max, VRoid and Character Creator.
                "def" | "org" | "bip" | "bip01" | "bip001" | "mixamorig" | "j" | "c" | "cc" | "base" | "valvebiped"
                    if key.is_empty() => {}
                _ => key.push_str(&word),
            }
        }
        if side.is_none() {
            // `rshldr`, `lthigh`: files without capitals.
            let sides = [("l", Side::Left), ("r", Side::Right)];
            let found = sides.into_iter().find_map(|(letter, side)| Some((key.strip_prefix(letter)?, side)));
            if let Some((rest, found)) = found.filter(|(rest, _)| LIMBS.contains(rest)) {
                (side, key) = (Some(found), rest.to_owned());
            }
        }
        Self { key, side }
    }
}

/// Keys of limbs that may stand behind the first letter of a side.
const LIMBS: &[&str] = &[
    "collar", "shoulder", "shldr", "upperarm", "uparm", "arm", "forearm", "lowerarm", "elbow", "hand", "wrist",
    "thigh", "upleg", "upperleg", "hip", "shin", "calf", "knee", "lowerleg", "foot", "ankle", "toe", "toes",
];

/// The words of a name, in lower case: separated by signs, or by an upper letter after a lower one.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars().take(128) {
        let begins = letter.is_uppercase() && was_lower;
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
        if (begins || !letter.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphanumeric(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The side of a bone; `None` in the middle.
pub(super) fn side_of(bone: HumanoidBone) -> Option<Side> {
    let name = bone.vrm_name();
    if name.starts_with("left") {
        Some(Side::Left)
    } else if name.starts_with("right") {
        Some(Side::Right)
    } else {
        None
    }
}

/// Whether a name of this kind means the bone, and how well: the lower, the better.
pub(super) fn rank(bone: HumanoidBone, name: &PlainName) -> Option<usize> {
    if side_of(bone) != name.side {
        return None;
    }
    let bare = bone.vrm_name().trim_start_matches("left").trim_start_matches("right").to_lowercase();
    keys(&bare).iter().position(|key| *key == name.key)
}

/// Whether a name means a collar bone and nothing else: what some programs call a shoulder is an upper arm to others.
pub(super) fn is_collar(name: &PlainName) -> bool {
    ["clavicle", "collar"].contains(&name.key.as_str())
}

/// Whether a name means a neck: where there is no head, it is all there is.
pub(super) fn is_neck(name: &PlainName) -> bool {
    name.side.is_none() && name.key == "neck"
}

/// Whether a name means the joint at which a foot or a hand begins, and nothing further out.
pub(super) fn is_ankle_or_wrist(name: &PlainName) -> bool {
    ["ankle", "wrist"].contains(&name.key.as_str())
}

/// Keys for a bone without its side, the best one first.
fn keys(bare: &str) -> Vec<String> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match bare {
        "hips" => owned(&["hips", "hip", "pelvis"]),
        "spine" => owned(&["spine", "spine1", "spine01", "abdomen", "waist"]),
        "chest" => owned(&["chest", "spine1", "spine2", "spine02"]),
        "upperchest" => owned(&["upperchest", "spine2", "spine3", "spine03"]),
        "neck" => owned(&["neck", "neck1", "neck01", "necktwist01"]),
        "head" => owned(&["head", "spine006", "spine005"]),
        "eye" => owned(&["eye", "faceeye"]),
        "shoulder" => owned(&["shoulder", "clavicle", "collar"]),
        "upperarm" => owned(&["upperarm", "uparm", "arm", "shldrbend", "shldr"]),
        "lowerarm" => owned(&["lowerarm", "forearm", "forearmbend", "elbow"]),
        "hand" => owned(&["hand", "wrist"]),
        "upperleg" => owned(&["upperleg", "upleg", "thigh", "thighbend", "leg", "hip"]),
        "lowerleg" => owned(&["lowerleg", "shin", "calf", "knee", "leg"]),
        "foot" => owned(&["foot", "ankle"]),
        "toes" => owned(&["toes", "toebase", "toe", "ball", "toe0"]),
        finger => finger_keys(finger),
    }
}

/// Keys for a part of a finger: `indexproximal` is also `handindex1`, `index01`, `findex01`, `finger1`.
fn finger_keys(bare: &str) -> Vec<String> {
    let parts = [("metacarpal", 1), ("proximal", 1), ("intermediate", 2), ("distal", 3)];
    let Some((finger, part, number)) =
        parts.into_iter().find_map(|(part, number)| Some((bare.strip_suffix(part)?, part, number)))
    else {
        return Vec::new();
    };
    let is_thumb = finger == "thumb";
    let number = if is_thumb && part == "proximal" { 2 } else { number };
    // Unity and VRM 0 call the three parts of a thumb as those of the other fingers.
    let also = match (is_thumb, number) {
        (true, 1) => "proximal",
        (true, 2) => "intermediate",
        _ => part,
    };
    let spellings: &[&str] = if finger == "little" { &["little", "pinky"] } else { &[finger] };
    let mut keys = Vec::new();
    for name in spellings {
        keys.push(format!("{name}{part}"));
        for pattern in ["hand{}", "{}", "f{}", "{}finger"] {
            let stem = pattern.replace("{}", name);
            keys.extend([format!("{stem}{number}"), format!("{stem}0{number}")]);
        }
    }
    if also != part {
        keys.push(format!("{finger}{also}"));
    }
    // 3ds Max counts its fingers from the thumb: Finger0, Finger01, Finger02.
    if let Some(which) = ["thumb", "index", "middle", "ring", "little"].iter().position(|name| *name == finger) {
        keys.push(if number == 1 { format!("finger{which}") } else { format!("finger{which}{}", number - 1) });
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use HumanoidBone as B;

    #[test]
    fn names_of_many_programs_are_understood() {
        for (name, bone) in [
            ("mixamorig:LeftArm", B::LeftUpperArm),
            ("mixamorig:LeftForeArm", B::LeftLowerArm),
            ("mixamorigRightUpLeg", B::RightUpperLeg),
            ("LeftLeg", B::LeftLowerLeg),
            ("LeftToeBase", B::LeftToes),
            ("RightHandPinky2", B::RightLittleIntermediate),
            ("LeftHandThumb1", B::LeftThumbMetacarpal),
            ("DEF-upper_arm.L", B::LeftUpperArm),
            ("forearm.R", B::RightLowerArm),
            ("f_index.01.L", B::LeftIndexProximal),
            ("thumb.03.R", B::RightThumbDistal),
            ("shin.L", B::LeftLowerLeg),
            ("upperarm_l", B::LeftUpperArm),
            ("J_Bip_R_LowerLeg", B::RightLowerLeg),
            ("J_Bip_C_Hips", B::Hips),
            ("Bip01 L Calf", B::LeftLowerLeg),
            ("Left Index Proximal", B::LeftIndexProximal),
            ("rightThumbMetacarpal", B::RightThumbMetacarpal),
            ("Head", B::Head),
            ("LeftHip", B::LeftUpperLeg),
            ("rshldr", B::RightUpperArm),
            ("lthigh", B::LeftUpperLeg),
            ("rShin", B::RightLowerLeg),
        ] {
            let plain = PlainName::of(name);
            assert!(rank(bone, &plain).is_some(), "{name} is {}: {plain:?}", bone.vrm_name());
        }
        for name in [
            "HeadTop_End",
            "mixamorig:LeftHandThumb4",
            "DEF-upper_arm.L.001",
            "LeftArmTwist",
            "arm",
            "leg",
            "larger",
            "ring",
            "",
        ] {
            let plain = PlainName::of(name);
            let meant: Vec<_> = HumanoidBone::ALL.into_iter().filter(|bone| rank(*bone, &plain).is_some()).collect();
            assert!(meant.is_empty(), "{name} means {meant:?}");
        }
    }
}
