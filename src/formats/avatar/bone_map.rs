//! A map from bones to nodes that the user can edit: `leftUpperArm = "Arm.Left"`, one bone a line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::error::AvatarError;
use crate::motion::skeleton::HumanoidBone;

/// Which node is which bone, where the user says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoneMap {
    /// By bone: the name of its node in the file.
    pub bones: BTreeMap<HumanoidBone, String>,
}

impl BoneMap {
    /// Reads a map.
    ///
    /// # Errors
    /// [`AvatarError::BoneMap`] for what is no TOML, or names a bone that VRM does not know.
    pub fn parse(text: &str) -> Result<Self, AvatarError> {
        let wrong = |reason: String| AvatarError::BoneMap { reason };
        let table: BTreeMap<String, String> = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut bones = BTreeMap::new();
        for (bone, node) in table {
            let known = HumanoidBone::from_vrm_name(&bone)
                .ok_or_else(|| wrong(format!("{bone} is no bone of VRM; see the names in the file's comments")))?;
            // An empty name leaves the bone to what the file says.
            if !node.is_empty() {
                bones.insert(known, node);
            }
        }
        Ok(Self { bones })
    }

    /// The map as text to be edited: what was found, and as comments what was not. `nodes` are the names to choose from.
    #[must_use]
    pub fn template(&self, nodes: &[String]) -> String {
        let mut text = String::from(
            "# Which node of the avatar is which bone. Names of bones as in VRM 1.0; names of nodes as in the file.\n\
             # Remove the # of a line and write the node's name. Lines without a node keep what was found.\n\n",
        );
        for bone in HumanoidBone::ALL {
            let found = self.bones.get(&bone);
            let name = quoted(found.map(String::as_str).unwrap_or_default());
            let (hash, wanted) =
                (if found.is_some() { "" } else { "# " }, if bone.is_required() { " # required" } else { "" });
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{hash}{} = {name}{}", bone.vrm_name(), if found.is_some() { "" } else { wanted });
        }
        text.push_str("\n# The nodes of the file:\n");
        for node in nodes {
            let _ = writeln!(text, "#   {}", quoted(node));
        }
        text
    }
}

/// A string of TOML on one line. JSON's escapes are TOML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_back() {
        let bones = [(HumanoidBone::Hips, "The \"hips\"".to_owned()), (HumanoidBone::Head, "Kopf".to_owned())];
        let map = BoneMap { bones: bones.into() };
        let text = map.template(&["Kopf".to_owned(), "line\nbreak".to_owned()]);
        assert_eq!(BoneMap::parse(&text).expect("a map"), map, "{text}");
        assert!(text.contains("# leftUpperArm = \"\" # required"), "{text}");
    }

    #[test]
    fn what_is_no_bone_is_refused_by_name() {
        for (text, word) in [("tail = \"x\"", "tail"), ("hips = 3", "hips"), ("hips", "TOML")] {
            let message = BoneMap::parse(text).expect_err("refused").to_string();
            assert!(message.contains(word), "{message}");
        }
    }
}
