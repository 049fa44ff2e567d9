//! Animations in glTF: a clip on the avatar that it moves, in one file that any glTF program plays.
//!
//! [`write()`] takes the avatar's own file, keeps its document as it stands, and adds one animation to it: a rotation for each
//! bone at every frame, a translation for the hips. What lay in files beside it, or in its text, comes to lie within. Animations
//! that it had are left out, as players start the first one they find.
//!
//! Where it is weak: the numbers of animations that are left out stay in the file, where nothing refers to them.
//!
//! Source: glTF 2.0 specification, section 3.11.

mod document;
mod error;
#[cfg(test)]
mod tests;
mod tracks;

use std::path::Path;

use glam::{Affine3A, Quat};
use serde_json::json;

pub(super) use document::{GltfFile, Path as ChannelPath};
pub use error::GltfAnimationError;
pub(super) use error::{unwritable, wrong};
pub(super) use tracks::Tracks;

use super::avatar::Humanoid;
use crate::motion::clip::MotionClip;
use crate::motion::retarget::bone_local_rotation;
use crate::motion::skeleton::HumanoidBone;

/// The avatar's file (GLB, VRM or glTF) with the clip in it as its only animation, named as the clip is, as a GLB.
///
/// `folder` holds the files that it may refer to; `None` for a file that is whole in itself. `humanoid` is what
/// [`avatar::parse`](super::avatar::parse) found in these bytes. A clip that was solved for another avatar is fitted to this
/// one: bones turn as they did, the way of the hips grows with their height.
///
/// # Errors
/// [`GltfAnimationError::File`] for a file that cannot be read; [`GltfAnimationError::Clip`] for a clip without frames, without
/// a rate, or with poses that are no numbers.
pub fn write(
    avatar: &[u8],
    folder: Option<&Path>,
    humanoid: &Humanoid,
    clip: &MotionClip,
) -> Result<Vec<u8>, GltfAnimationError> {
    let times = times(clip)?;
    let clip = clip.onto(&humanoid.rest);
    let mut file = GltfFile::open(avatar, folder)?;
    let mut channels = Vec::new();
    let from_avatar: Affine3A = humanoid.avatar_from_hips_parent.inverse();
    for bone in HumanoidBone::ALL {
        let Some(node) = humanoid.nodes[bone as usize] else { continue };
        file.make_animatable(node)?;
        let turns = clip.poses.iter().map(|pose| bone_local_rotation(&humanoid.rest, bone, pose)).collect();
        channels.push((node, ChannelPath::Rotation, file.rotations(turns)?));
        if bone == HumanoidBone::Hips {
            let positions: Vec<_> =
                clip.poses.iter().map(|pose| from_avatar.transform_point3(pose.hips_position).to_array()).collect();
            channels.push((node, ChannelPath::Translation, file.floats("VEC3", &positions, false)?));
        }
    }
    file.remove("animations");
    file.animate(&clip.name, &times, &channels)?;
    file.finish()
}

/// The times of a clip's frames, seconds, strictly rising.
pub(super) fn times(clip: &MotionClip) -> Result<Vec<[f32; 1]>, GltfAnimationError> {
    if !(clip.fps.is_finite() && clip.fps > 0.0) {
        return Err(unwritable(format!("{} frames a second", clip.fps)));
    }
    if clip.poses.is_empty() {
        return Err(unwritable("it has no frames"));
    }
    let is_number = |rotation: &Quat| rotation.is_finite() && rotation.length_squared() > 1e-6;
    let is_pose = |frame: usize| {
        clip.poses.get(frame).is_some_and(|pose| pose.hips_position.is_finite() && pose.rotations.iter().all(is_number))
    };
    if let Some(frame) = (0..clip.poses.len()).find(|frame| !is_pose(*frame)) {
        return Err(unwritable(format!("frame {frame} is no pose")));
    }
    let times: Vec<_> = (0..clip.poses.len()).map(|frame| [(frame as f64 / clip.fps) as f32]).collect();
    if !times.is_sorted_by(|a, b| a < b) || times.iter().flatten().any(|time| !time.is_finite()) {
        return Err(unwritable(format!("{} frames at {} a second cannot be told apart", times.len(), clip.fps)));
    }
    Ok(times)
}

/// A node with a name and a place.
pub(super) fn named_node(name: &str, translation: glam::Vec3) -> serde_json::Value {
    json!({ "name": name, "translation": translation.to_array() })
}
