//! Files for programs that are not ours: `scripts/check_blender.sh` and `scripts/check_gltf.sh` have them written by the test
//! below, open them, and compare what they find with the positions that are told beside them.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::test_clips::{AVATARS, apart, avatar, smooth_clip};
use super::vrma::ExpressionTrack;
use super::{bvh, gltf_animation, vmc, vrma};
use crate::motion::clip::MotionClip;
use crate::motion::retarget::{AvatarPose, joint_positions};
use crate::motion::skeleton::HumanoidBone;

const FPS: f64 = 30.0;
const FRAMES: usize = 120;
const LOOKS: [usize; 5] = [0, 23, 60, 95, 119];

fn joints(clip: &MotionClip, pose: &AvatarPose) -> Value {
    let positions = joint_positions(&clip.skeleton, pose);
    let joint = |bone: HumanoidBone| Some((bone.vrm_name().to_owned(), json!(positions[bone as usize]?.to_array())));
    Value::Object(HumanoidBone::ALL.into_iter().filter_map(joint).collect())
}

fn write_samples(folder: &Path, name: &str) {
    let (bytes, file) = avatar(name);
    let humanoid = &file.humanoid;
    let clip = smooth_clip(&humanoid.rest, FRAMES, FPS, 7);
    let mut text = Vec::new();
    bvh::write(&clip, &bvh::WriteOptions::default(), &mut text).expect("writes BVH");
    let glb = gltf_animation::write(&bytes, None, humanoid, &clip).expect("writes GLB");
    let weights = (0..FRAMES).map(|frame| (frame as f32 * 0.3).sin().max(0.0)).collect();
    let blink = ExpressionTrack { name: "blink".to_owned(), weights };
    let animation = vrma::write(&clip, &[blink]).expect("writes VRMA");

    // Names of nodes as the file has them.
    let document: Value =
        serde_json::from_slice(super::avatar::container::json_of(&bytes).expect("glTF")).expect("JSON");
    let node = |bone: HumanoidBone| document["nodes"][humanoid.nodes[bone as usize]?]["name"].as_str();
    let present = || HumanoidBone::ALL.into_iter().filter(|bone| clip.skeleton.get(*bone).is_some());
    let names = |name: &dyn Fn(HumanoidBone) -> Option<String>| -> Map<String, Value> {
        present().filter_map(|bone| Some((bone.vrm_name().to_owned(), json!(name(bone)?)))).collect()
    };
    let expected = json!({
        "name": clip.name,
        "fps": FPS,
        "frames": FRAMES,
        "duration_s": clip.duration_s(),
        "bvh_names": names(&|bone| Some(vmc::unity_name(bone))),
        "node_names": names(&|bone| node(bone).map(str::to_owned)),
        "rest": joints(&clip, &AvatarPose::t_pose(&clip.skeleton)),
        "samples": LOOKS.map(|frame| json!({ "frame": frame, "joints": joints(&clip, &clip.poses[frame]) })),
    });
    let expected = serde_json::to_vec_pretty(&expected).expect("JSON");
    for (extension, bytes) in [("bvh", &text), ("glb", &glb), ("vrma", &animation), ("json", &expected)] {
        let path = folder.join(format!("{name}.{extension}"));
        std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    // What others open is what we read ourselves.
    let text = String::from_utf8(text).expect("text");
    let (mm, degrees) = apart(&clip, &bvh::read(&text, &bvh::ReadOptions::default()).expect("reads"), &[]);
    assert!(mm < 0.5 && degrees < 0.05, "{name}: {mm} mm, {degrees} degrees apart");
}

#[test]
#[ignore = "writes files into the folder that LIVEDANCE_SAMPLES names, for the scripts that check them"]
fn write_samples_for_other_programs() {
    let folder = std::env::var_os("LIVEDANCE_SAMPLES").expect("LIVEDANCE_SAMPLES names no folder");
    for name in AVATARS {
        write_samples(Path::new(&folder), name);
    }
}
