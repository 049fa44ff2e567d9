//! Everything that is known of a motion, as JSON.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::formats::record::PersonRecord;
use crate::motion::angle::joint_angles;
use crate::motion::offline::{Known, OfflineMotion};
use crate::motion::skeleton::HumanoidBone;

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    livedance_motion: u32,
    name: &'a str,
    person: u32,
    fps: f64,
    /// Seconds of the take's clock at the first frame.
    start_s: f64,
    /// The avatar's T-pose: joints in metres, y up, facing +z, soles at y = 0.
    bones: BTreeMap<&'static str, Bone>,
    /// The order of `rotations`.
    bone_order: Vec<&'static str>,
    frames: Frames<'a>,
}

/// The frames, each made when it is written.
#[derive(Debug)]
struct Frames<'a> {
    motion: &'a OfflineMotion,
    order: Vec<HumanoidBone>,
}

impl Serialize for Frames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { motion, order } = self;
        let clip = &motion.clip;
        serializer.collect_seq(clip.poses.iter().enumerate().map(|(index, pose)| Frame {
            time_s: index as f64 / clip.fps,
            known: match motion.known[index] {
                Known::Seen => "seen",
                Known::Filled => "filled",
                Known::Missing => "missing",
            },
            contacts: motion.contacts[index],
            hips_position: pose.hips_position.to_array(),
            rotations: order.iter().map(|bone| pose.rotation(*bone).to_array()).collect(),
            body: motion.bodies[index].as_ref().map(|body| PersonRecord::new(body, &joint_angles(&body.world))),
        }))
    }
}

#[derive(Debug, Serialize)]
struct Bone {
    parent: Option<&'static str>,
    position: [f32; 3],
}

#[derive(Debug, Serialize)]
struct Frame {
    time_s: f64,
    known: &'static str,
    /// Whether the left and the right foot carry weight.
    contacts: [bool; 2],
    hips_position: [f32; 3],
    /// Against the parent, in a T-pose whose rotations are the identity: x, y, z, w.
    rotations: Vec<[f32; 4]>,
    /// Landmarks, angles and hands as in the records of `track`; null where nobody was seen.
    body: Option<PersonRecord>,
}

impl<'a> Document<'a> {
    pub(super) fn new(motion: &'a OfflineMotion, person: u32) -> Self {
        let clip = &motion.clip;
        let order: Vec<HumanoidBone> =
            HumanoidBone::ALL.into_iter().filter(|bone| clip.skeleton.get(*bone).is_some()).collect();
        let bone = |bone: &HumanoidBone| {
            let parent = clip.skeleton.parent(*bone).map(HumanoidBone::vrm_name);
            let position = clip.skeleton.get(*bone).map_or([0.0; 3], |rest| rest.position.to_array());
            (bone.vrm_name(), Bone { parent, position })
        };
        Self {
            livedance_motion: 1,
            name: &clip.name,
            person,
            fps: clip.fps,
            start_s: motion.start_s,
            bones: order.iter().map(bone).collect(),
            bone_order: order.iter().map(|bone| bone.vrm_name()).collect(),
            frames: Frames { motion, order },
        }
    }
}
