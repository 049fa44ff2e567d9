//! Files written and read back, files as other programs write them, and files that nobody should have written.

use glam::{Affine3A, Quat, Vec3};
use serde_json::{Value, json};

use super::*;
use crate::formats::avatar::container::{Container, json_of};
use crate::formats::avatar::glb::pack;
use crate::formats::gltf_animation::GltfFile;
use crate::formats::test_clips::{apart, between, damage, skeletons, smooth_clip};
use crate::motion::clip::MotionClip;
use crate::motion::random::Random;
use crate::motion::retarget::{AvatarPose, turns};

use HumanoidBone as B;

const EYES: [B; 2] = [B::LeftEye, B::RightEye];

fn document_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(json_of(bytes).expect("glTF")).expect("JSON")
}

#[test]
fn what_is_written_is_read_back() {
    for (name, rest) in skeletons() {
        for (seed, fps) in [(1, 60.0), (2, 30.0), (3, 30.0 / 1.001), (4, 24.0), (5, 119.88)] {
            let clip = smooth_clip(&rest, 240, fps, seed);
            let back = read(&write(&clip, &[]).expect("writes"), None).expect("reads").clip;
            let (mm, degrees) = apart(&clip, &back, &EYES);
            assert!(mm < 0.5 && degrees < 0.05, "{name}, seed {seed}: {mm} mm, {degrees} degrees apart");
            assert!((back.fps - fps).abs() < 1e-3, "{} instead of {fps}", back.fps);
            assert_eq!(back.name, clip.name);
            for bone in B::ALL.into_iter().filter(|bone| !EYES.contains(bone)) {
                let at = |clip: &MotionClip| clip.skeleton.get(bone).map(|bone| bone.position);
                assert!(
                    at(&clip).zip(at(&back)).is_none_or(|(a, b)| a.distance(b) < 5e-4),
                    "{name}: {}",
                    bone.vrm_name()
                );
            }
        }
    }
}

#[test]
fn the_document_keeps_to_the_specification() {
    let (_, rest) = skeletons().remove(0);
    let clip = smooth_clip(&rest, 30, 30.0, 2);
    let weights: Vec<f32> = (0..30).map(|frame| frame as f32 / 29.0).collect();
    let track = |name: &str| ExpressionTrack { name: name.to_owned(), weights: weights.clone() };
    let bytes = write(&clip, &[track("blink"), track("Wink"), track("lookUp")]).expect("writes");
    let document = document_of(&bytes);
    let extension = &document["extensions"][EXTENSION];
    assert_eq!(extension["specVersion"], "1.0");
    assert_eq!(document["extensionsUsed"], json!([EXTENSION]));
    let bones = extension["humanoid"]["humanBones"].as_object().expect("bones");
    assert_eq!(bones.len(), 52);
    assert!(!bones.contains_key("leftEye"));
    assert_eq!(extension["expressions"]["preset"].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(extension["expressions"]["custom"].as_object().map(serde_json::Map::len), Some(1));
    for node in document["nodes"].as_array().expect("nodes") {
        assert!(node.get("scale").is_none() && node.get("rotation").is_none() && node.get("matrix").is_none());
    }
    let channels = document["animations"][0]["channels"].as_array().expect("channels");
    let moved = channels.iter().filter(|channel| channel["target"]["path"] == "translation");
    let mut moved: Vec<_> = moved.map(|channel| channel["target"]["node"].clone()).collect();
    moved.sort_by_key(Value::as_u64);
    assert_eq!(moved, [json!(0), json!(52), json!(53)], "the hips and two expressions");

    let back = read(&bytes, None).expect("reads");
    let names: Vec<_> = back.expressions.iter().map(|track| track.name.as_str()).collect();
    assert_eq!(names, ["Wink", "blink"]);
    for track in &back.expressions {
        assert!(track.weights.iter().zip(&weights).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}

/// A file as other programs write it: bones turned at rest, nodes above and between them in another unit.
struct Foreign {
    file: GltfFile,
    bones: serde_json::Map<String, Value>,
    nodes: Vec<Value>,
}

fn twisted(bone: B) -> Quat {
    let angle = bone as usize as f32;
    Quat::from_euler(glam::EulerRot::XYZ, (angle * 1.7).sin() * 3.0, (angle * 0.9).cos() * 1.4, angle)
}

/// Local transforms of a pose in that file: rotation and translation (centimetres) by bone.
fn locals(clip: &MotionClip, pose: &AvatarPose) -> Vec<(B, Quat, Vec3)> {
    let rest = &clip.skeleton;
    let globals = turns(pose);
    let armature = Affine3A::from_scale_rotation_translation(
        Vec3::splat(0.01),
        Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2),
        Vec3::ZERO,
    );
    let turned = |bone: B| globals[bone as usize] * twisted(bone);
    let local = |bone: B| {
        let own = rest.get(bone)?;
        let Some(parent) = rest.parent(bone) else {
            let above = Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2);
            return Some((
                bone,
                above.inverse() * turned(bone),
                armature.inverse().transform_point3(pose.hips_position),
            ));
        };
        let offset = twisted(parent).inverse() * (own.position - rest.get(parent)?.position) * 100.0;
        Some((bone, (turned(parent).inverse() * turned(bone)).normalize(), offset))
    };
    B::ALL.into_iter().filter_map(local).collect()
}

impl Foreign {
    fn new(clip: &MotionClip) -> Self {
        let mut nodes = vec![json!({
            "name": "Armature",
            "rotation": Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2).to_array(),
            "scale": [0.01, 0.01, 0.01],
            "children": [1],
        })];
        let mut bones = serde_json::Map::new();
        let rest = locals(clip, &AvatarPose::t_pose(&clip.skeleton));
        let place = |bone: B| rest.iter().position(|(other, ..)| *other == bone).map(|place| place + 1);
        for (bone, rotation, translation) in &rest {
            let is_child =
                |child: &B| clip.skeleton.get(*child).is_some() && clip.skeleton.parent(*child) == Some(*bone);
            let children: Vec<_> = B::ALL.into_iter().filter(is_child).filter_map(place).collect();
            let mut node = json!({ "rotation": rotation.to_array(), "translation": translation.to_array() });
            if !children.is_empty() {
                node["children"] = json!(children);
            }
            nodes.push(node);
            bones.insert(bone.vrm_name().to_owned(), json!({ "node": place(*bone) }));
        }
        Self { file: GltfFile::new(), bones, nodes }
    }

    fn finish(mut self, samplers: Vec<Value>, channels: Vec<Value>) -> Vec<u8> {
        self.file.set("nodes", json!(self.nodes));
        self.file.set("scenes", json!([{ "nodes": [0] }]));
        self.file.set(
            "extensions",
            json!({ EXTENSION: { "specVersion": "1.0", "humanoid": { "humanBones": self.bones } } }),
        );
        self.file.set("animations", json!([{ "samplers": samplers, "channels": channels }]));
        self.file.finish().expect("finishes")
    }
}

/// How the keys of that file are written.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Keys {
    Linear,
    Step,
    Cubic,
    Quantised,
    Sparse,
}

fn foreign(clip: &MotionClip, keys: Keys, times: &[f32]) -> Vec<u8> {
    let mut foreign = Foreign::new(clip);
    let times: Vec<[f32; 1]> = times.iter().map(|time| [*time]).collect();
    let input = foreign.file.floats("SCALAR", &times, true).expect("adds");
    let poses: Vec<_> =
        times.iter().map(|[time]| locals(clip, &clip.sample(f64::from(*time) - 0.5).expect("a pose"))).collect();
    let (mut samplers, mut channels) = (Vec::new(), Vec::new());
    for bone in 0..poses[0].len() {
        let mut turns: Vec<Quat> = poses.iter().map(|pose| pose[bone].1).collect();
        crate::formats::animation::one_hemisphere(&mut turns);
        let plain: Vec<[f32; 4]> = turns.iter().map(|turn| turn.to_array()).collect();
        let output = match keys {
            Keys::Linear | Keys::Step => foreign.file.floats("VEC4", &plain, false).expect("adds"),
            Keys::Cubic => {
                // Slopes between neighbours, as a smooth curve has them.
                let slope = |key: usize| -> [f32; 4] {
                    let (before, after) = (key.saturating_sub(1), (key + 1).min(plain.len() - 1));
                    let span = times[after][0] - times[before][0];
                    std::array::from_fn(|i| (plain[after][i] - plain[before][i]) / span)
                };
                let all: Vec<_> = (0..plain.len()).flat_map(|key| [slope(key), plain[key], slope(key)]).collect();
                foreign.file.floats("VEC4", &all, false).expect("adds")
            }
            Keys::Quantised => {
                let short = |number: f32| (number * 32_767.0).round() as i16;
                let bytes: Vec<u8> = plain.iter().flatten().flat_map(|number| short(*number).to_le_bytes()).collect();
                let padded: Vec<[f32; 1]> = bytes
                    .chunks(4)
                    .map(|chunk| [f32::from_bits(u32::from_le_bytes(chunk.try_into().expect("four")))])
                    .collect();
                let accessor = foreign.file.floats("SCALAR", &padded, false).expect("adds");
                let view = accessor;
                foreign.file.push("accessors", json!({
                    "bufferView": view, "componentType": 5122, "normalized": true, "count": plain.len(), "type": "VEC4",
                }))
            }
            Keys::Sparse => {
                // The base is all zeros; every element is replaced.
                let values = foreign.file.floats("VEC4", &plain, false).expect("adds");
                let indices: Vec<[f32; 1]> = (0..plain.len() as u32).map(|index| [f32::from_bits(index)]).collect();
                let indices = foreign.file.floats("SCALAR", &indices, false).expect("adds");
                foreign.file.push(
                    "accessors",
                    json!({
                        "componentType": 5126, "count": plain.len(), "type": "VEC4",
                        "sparse": {
                            "count": plain.len(),
                            "indices": { "bufferView": indices, "componentType": 5125 },
                            "values": { "bufferView": values },
                        },
                    }),
                )
            }
        };
        let name = match keys {
            Keys::Step => "STEP",
            Keys::Cubic => "CUBICSPLINE",
            _ => "LINEAR",
        };
        channels.push(json!({ "sampler": samplers.len(), "target": { "node": bone + 1, "path": "rotation" } }));
        samplers.push(json!({ "input": input, "output": output, "interpolation": name }));
    }
    let positions: Vec<[f32; 3]> = poses.iter().map(|pose| pose[0].2.to_array()).collect();
    let output = foreign.file.floats("VEC3", &positions, false).expect("adds");
    channels.push(json!({ "sampler": samplers.len(), "target": { "node": 1, "path": "translation" } }));
    samplers.push(json!({ "input": input, "output": output }));
    foreign.finish(samplers, channels)
}

/// Views and accessors are counted alike in these files as long as each accessor has a view of its own.
#[test]
fn files_of_other_programs_are_read() {
    let (_, rest) = skeletons().remove(0);
    let clip = smooth_clip(&rest, 120, 60.0, 31);
    // Half a second late, as programs write whose first frame is not the zeroth.
    let even: Vec<f32> = (0..120).map(|frame| 0.5 + frame as f32 / 60.0).collect();
    for keys in [Keys::Linear, Keys::Step, Keys::Cubic] {
        let back = read(&foreign(&clip, keys, &even), None).expect("reads").clip;
        let (mm, degrees) = apart(&clip, &back, &EYES);
        assert!(mm < 0.5 && degrees < 0.05, "{keys:?}: {mm} mm, {degrees} degrees apart");
        assert!((back.fps - 60.0).abs() < 1e-9, "{keys:?}: {}", back.fps);
    }
    let one_bone = foreign(&clip, Keys::Linear, &even[..1]);
    assert_eq!(read(&one_bone, None).expect("reads").clip.poses.len(), 1);
}

#[test]
fn quantised_and_sparse_keys_are_read() {
    let (_, rest) = skeletons().remove(3);
    let clip = smooth_clip(&rest, 60, 30.0, 31);
    let even: Vec<f32> = (0..60).map(|frame| 0.5 + frame as f32 / 30.0).collect();
    for (keys, most) in [(Keys::Quantised, 0.1), (Keys::Sparse, 0.05)] {
        let mut bytes = foreign(&clip, keys, &even);
        // The helper counts views by accessors: as some accessors here have no view of their own, they are counted anew.
        bytes = recounted(&bytes);
        let back = read(&bytes, None).expect("reads").clip;
        let (mm, degrees) = apart(&clip, &back, &EYES);
        assert!(mm < 2.0 && degrees < most, "{keys:?}: {mm} mm, {degrees} degrees apart");
    }
}

#[test]
fn keys_at_odd_times_are_resampled() {
    let (_, rest) = skeletons().remove(1);
    let clip = smooth_clip(&rest, 240, 120.0, 31);
    let mut random = Random::new(5);
    let mut time = 0.5;
    let mut odd = Vec::new();
    while time < 0.5 + 239.0 / 120.0 {
        odd.push(time);
        time += 0.004 + 0.004 * random.signed().abs();
    }
    for (keys, fps) in [(Keys::Linear, None), (Keys::Cubic, None), (Keys::Linear, Some(50.0))] {
        let back = read(&foreign(&clip, keys, &odd), fps).expect("reads").clip;
        let expected_fps = fps.unwrap_or(60.0);
        assert!((back.fps - expected_fps).abs() < 1e-9);
        let last = (odd[odd.len() - 1] - 0.5) as f64;
        assert!((back.duration_s() - last).abs() <= 1.0 / expected_fps, "{} of {last}", back.duration_s());
        for (frame, pose) in back.poses.iter().enumerate() {
            let meant = clip.sample((frame as f64 / expected_fps).min(last)).expect("a pose");
            assert!(meant.hips_position.distance(pose.hips_position) < 1e-3);
            for bone in B::ALL.into_iter().filter(|bone| !EYES.contains(bone)) {
                let off = between(meant.rotation(bone), pose.rotation(bone)).to_degrees();
                assert!(off < 0.1, "{keys:?}, frame {frame}: {} is {off} degrees off", bone.vrm_name());
            }
        }
    }
}

/// The same file with the views of its accessors told by where accessors that have none are left out.
fn recounted(bytes: &[u8]) -> Vec<u8> {
    let mut document = document_of(bytes);
    let container = Container::read(bytes, None).expect("glTF");
    let binary = container.buffers().next().expect("a buffer").to_vec();
    let mut views = 0;
    let accessors = document["accessors"].as_array().expect("accessors").clone();
    // By accessor, the view that was written with it.
    let own: Vec<_> = accessors
        .iter()
        .map(|accessor| {
            let has_own = accessor["componentType"] == 5126 && accessor.get("sparse").is_none();
            views += usize::from(has_own);
            views.saturating_sub(1)
        })
        .collect();
    for accessor in document["accessors"].as_array_mut().expect("accessors") {
        if accessor["componentType"] == 5122 {
            let told = accessor["bufferView"].as_u64().expect("a view") as usize;
            accessor["bufferView"] = json!(own[told]);
        }
        if accessor.get("sparse").is_some() {
            for part in ["indices", "values"] {
                let told = accessor["sparse"][part]["bufferView"].as_u64().expect("a view") as usize;
                accessor["sparse"][part]["bufferView"] = json!(own[told]);
            }
        }
    }
    pack(&document.to_string(), &binary)
}

#[test]
fn what_is_wrong_is_said() {
    let (_, rest) = skeletons().remove(1);
    let clip = smooth_clip(&rest, 5, 30.0, 1);
    let good = write(&clip, &[]).expect("writes");
    let binary = Container::read(&good, None).expect("glTF").buffers().next().expect("a buffer").to_vec();
    let broken = |edit: &dyn Fn(&mut Value)| {
        let mut document = document_of(&good);
        edit(&mut document);
        pack(&document.to_string(), &binary)
    };
    // The times come last; the last of them is moved before all others.
    let mut backwards = binary.clone();
    let end = backwards.len();
    backwards[end - 4..].copy_from_slice(&0.0_f32.to_le_bytes());
    let cases: [(&str, Vec<u8>); 9] = [
        ("do not rise", pack(&document_of(&good).to_string(), &backwards)),
        ("no VRM animation", broken(&|d| d["extensions"] = json!({}))),
        ("there is none", broken(&|d| d["animations"] = json!([]))),
        ("bones missing: hips", broken(&|d| d["extensions"][EXTENSION]["humanoid"]["humanBones"]["hips"] = json!({}))),
        ("none of the bones", broken(&|d| d["animations"][0]["channels"] = json!([]))),
        ("sampler is not there", broken(&|d| d["animations"][0]["channels"][0]["sampler"] = json!(9999))),
        ("unknown interpolation", broken(&|d| d["animations"][0]["samplers"][0]["interpolation"] = json!("NEAREST"))),
        (
            "wrong type",
            broken(&|d| {
                d["animations"][0]["samplers"][0]["input"] = d["animations"][0]["samplers"][1]["output"].clone();
            }),
        ),
        ("cut short", good[..good.len() - 40].to_vec()),
    ];
    for (words, bytes) in cases {
        let message = read(&bytes, None).map(drop).expect_err(words).to_string();
        assert!(message.contains(words), "{words:?} in {message:?}");
    }
    assert!(read(&good, Some(1e9)).map(drop).expect_err("too many frames").to_string().contains("frames"));
    assert!(read(&good, Some(f64::NAN)).is_err());
    let track = ExpressionTrack { name: "blink".to_owned(), weights: vec![0.0; 4] };
    assert!(write(&clip, &[track]).expect_err("refused").to_string().contains("4 weights for 5 frames"));
}

#[test]
fn damaged_files_cause_no_panic() {
    let (_, rest) = skeletons().remove(3);
    let clip = smooth_clip(&rest, 6, 30.0, 1);
    let good = write(&clip, &[ExpressionTrack { name: "blink".to_owned(), weights: vec![0.5; 6] }]).expect("writes");
    let document = document_of(&good);
    let binary = Container::read(&good, None).expect("glTF").buffers().next().expect("a buffer").to_vec();
    let mut random = Random::new(0xDA_3A6E);
    let (mut read_well, mut refused) = (0, 0);
    for _ in 0..4000 {
        let bytes = if random.below(3) == 0 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(20) {
                let at = random.below(bytes.len());
                bytes[at] = random.next_u64() as u8;
            }
            bytes.truncate(if random.below(4) == 0 { random.below(bytes.len()) } else { bytes.len() });
            bytes
        } else {
            let mut document = document.clone();
            for _ in 0..=random.below(3) {
                damage(&mut document, &mut random);
            }
            let mut binary = binary.clone();
            if random.below(3) == 0 {
                let at = random.below(binary.len() / 4) * 4;
                let odd = [f32::NAN, f32::INFINITY, 1e30, -1.0, 0.0][random.below(5)];
                binary[at..at + 4].copy_from_slice(&odd.to_le_bytes());
            }
            pack(&document.to_string(), &binary)
        };
        match read(&bytes, None) {
            Ok(found) => {
                read_well += 1;
                for pose in &found.clip.poses {
                    assert!(pose.hips_position.is_finite() && pose.rotations.iter().all(|turn| turn.is_normalized()));
                }
                let weights = found.expressions.iter().flat_map(|track| &track.weights);
                assert!(weights.into_iter().all(|weight| (0.0..=1.0).contains(weight)));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read_well > 300 && refused > 1000, "{read_well} read, {refused} refused");
}
