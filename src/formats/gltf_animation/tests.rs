//! Avatars with motion in them: what is written is what was meant, and nothing else of the file is lost.

use std::collections::BTreeSet;

use glam::{Affine3A, Mat4, Quat};
use serde_json::Value;

use super::*;
use crate::formats::animation::{PoseReader, upright};
use crate::formats::avatar::container::{Container, json_of};
use crate::formats::avatar::document::Node;
use crate::formats::avatar::glb::pack;
use crate::formats::avatar::tree::Tree;
use crate::formats::avatar::{self, AvatarFile, Humanoid};
use crate::formats::test_clips::{AVATARS, apart, avatar, damage, skeletons, smooth_clip};
use crate::motion::random::Random;

use HumanoidBone as B;

fn document_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(json_of(bytes).expect("glTF")).expect("JSON")
}

fn binary_of(bytes: &[u8]) -> Vec<u8> {
    let container = Container::read(bytes, None).expect("glTF");
    container.buffers().next().expect("a buffer").to_vec()
}

/// The motion of a file as its own nodes move.
fn read_back(bytes: &[u8], humanoid: &Humanoid) -> MotionClip {
    let container = Container::read(bytes, None).expect("glTF");
    let tree = Tree::new(&container.document).expect("a scene");
    let reader = PoseReader::new(&tree, humanoid, humanoid.avatar_from_file.affine());
    let tracks = Tracks::read(&container, |_| true).expect("an animation");
    let fps = tracks.fps();
    let parts = |node: usize| container.document.nodes[node].parts().expect("parts");
    let times = tracks.times(fps).expect("few frames");
    let poses = times.map(|time| reader.pose(|node| tracks.local(node, parts(node), time)).expect("a pose")).collect();
    MotionClip { name: tracks.name.clone(), fps, skeleton: upright(&humanoid.rest), poses }
}

#[test]
fn the_motion_comes_back_from_the_nodes_of_the_file() {
    for name in AVATARS {
        let (bytes, file) = avatar(name);
        let clip = smooth_clip(&file.humanoid.rest, 150, 30.0, 11);
        let written = write(&bytes, None, &file.humanoid, &clip).expect("writes");
        let back = read_back(&written, &file.humanoid);
        let (mm, degrees) = apart(&clip, &back, &[]);
        assert!(mm < 0.5 && degrees < 0.05, "{name}: {mm} mm, {degrees} degrees apart");
        assert_eq!((back.name.as_str(), back.fps), ("Spin & walk", 30.0));
    }
}

#[test]
fn a_clip_of_another_avatar_is_fitted() {
    let (bytes, file) = avatar("child");
    let all = skeletons();
    for (name, rest) in &all {
        let clip = smooth_clip(rest, 40, 25.0, 4);
        let back = read_back(&write(&bytes, None, &file.humanoid, &clip).expect("writes"), &file.humanoid);
        let expected = clip.onto(&file.humanoid.rest);
        let (mm, degrees) = apart(&expected, &back, &[]);
        assert!(mm < 0.5 && degrees < 0.05, "{name}: {mm} mm, {degrees} degrees apart");
        let ratio =
            file.humanoid.rest.get(B::Hips).expect("hips").position.y / rest.get(B::Hips).expect("hips").position.y;
        let height = back.poses[9].hips_position.y / clip.poses[9].hips_position.y;
        assert!((ratio / height - 1.0).abs() < 1e-4, "{name}: {ratio} and {height}");
    }
}

#[test]
fn everything_else_stays_as_it_was() {
    for name in AVATARS {
        let (bytes, file) = avatar(name);
        let clip = smooth_clip(&file.humanoid.rest, 20, 30.0, 3);
        let once = write(&bytes, None, &file.humanoid, &clip).expect("writes");
        let (before, after) = (document_of(&bytes), document_of(&once));
        for (key, value) in before.as_object().expect("an object") {
            let other = &after[key];
            match key.as_str() {
                "buffers" => {}
                "accessors" | "bufferViews" => {
                    let (old, new) = (value.as_array().expect("a list"), other.as_array().expect("a list"));
                    assert!(new.len() > old.len(), "{name}: {key}");
                    assert!(old.iter().zip(new).all(|(old, new)| same(old, new)), "{name}: {key}");
                }
                _ => assert!(same(value, other), "{name}: {key}"),
            }
        }
        let (old, new) = (binary_of(&bytes), binary_of(&once));
        let length = before["buffers"][0]["byteLength"].as_u64().expect("a length") as usize;
        assert_eq!(old[..length], new[..length], "{name}");
        // Avatars that come out can go in.
        let again = avatar::parse(&once, None, None).expect("an avatar");
        assert_eq!(again.humanoid, file.humanoid, "{name}");
        // A second animation takes the place of the first.
        let twice = write(&once, None, &file.humanoid, &MotionClip { name: "Two".to_owned(), ..clip }).expect("writes");
        let animations = document_of(&twice)["animations"].clone();
        assert_eq!(animations.as_array().map(Vec::len), Some(1));
        assert_eq!(animations[0]["name"], "Two");
    }
}

/// Equal, but for what reading and writing a number does to its last digit.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
            (a - b).abs() <= a.abs() * 1e-14
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let without_offset = |name: &&String| name.as_str() != "byteOffset";
            let names =
                |o: &serde_json::Map<String, Value>| o.keys().filter(without_offset).cloned().collect::<Vec<_>>();
            let offset = |o: &serde_json::Map<String, Value>| o.get("byteOffset").and_then(Value::as_u64).unwrap_or(0);
            names(a) == names(b) && offset(a) == offset(b) && names(a).iter().all(|name| same(&a[name], &b[name]))
        }
        _ => a == b,
    }
}

#[test]
fn keys_are_as_gltf_wants_them() {
    let (bytes, file) = avatar("stylised");
    let clip = smooth_clip(&file.humanoid.rest, 400, 60.0, 6);
    let written = write(&bytes, None, &file.humanoid, &clip).expect("writes");
    let document = document_of(&written);
    let container = Container::read(&written, None).expect("glTF");
    let animation = &document["animations"][0];
    let channels = animation["channels"].as_array().expect("channels");
    let mut targets = BTreeSet::new();
    for channel in channels {
        let (node, path) = (channel["target"]["node"].as_u64(), channel["target"]["path"].as_str().expect("a path"));
        assert!(targets.insert((node, path)), "{path} of {node:?} is moved twice");
        let sampler = &animation["samplers"][channel["sampler"].as_u64().expect("a sampler") as usize];
        assert_eq!(sampler["interpolation"], "LINEAR");
        let elements = |name: &str| {
            let index = sampler[name].as_u64().expect("an accessor") as usize;
            crate::formats::avatar::accessor::Elements::open(&container, index).expect("opens")
        };
        let (times, values) = (elements("input"), elements("output"));
        assert_eq!((times.count, values.count), (400, 400));
        assert_eq!(times.number(0, 0), 0.0);
        assert!((1..400).all(|key| times.number(key, 0) > times.number(key - 1, 0)));
        let bounds = &document["accessors"][sampler["input"].as_u64().expect("an accessor") as usize];
        assert_eq!(bounds["min"][0].as_f64(), Some(0.0));
        assert_eq!(bounds["max"][0].as_f64(), Some(f64::from(times.number(399, 0))));
        if path == "rotation" {
            let turn = |key: usize| Quat::from_array(values.numbers(key));
            assert!((0..400).all(|key| turn(key).is_normalized()));
            assert!((1..400).all(|key| turn(key).dot(turn(key - 1)) > 0.9), "a quaternion changes its sign");
        }
    }
    assert_eq!(channels.len(), 55, "every bone, and the way of the hips");
}

/// The avatar as a text file with everything beside it: two buffers, a picture, a hip node with a matrix.
fn scattered(folder: &std::path::Path, as_data: bool) -> Vec<u8> {
    let (bytes, file) = avatar("child");
    let (mut document, binary) = (document_of(&bytes), binary_of(&bytes));
    std::fs::write(folder.join("body.bin"), &binary).expect("writes");
    let image = document["images"][0]["bufferView"].as_u64().expect("a view") as usize;
    let view = &document["bufferViews"][image];
    let begin = view["byteOffset"].as_u64().unwrap_or(0) as usize;
    let picture = &binary[begin..begin + view["byteLength"].as_u64().expect("a length") as usize];
    std::fs::write(folder.join("skin one.png"), picture).expect("writes");
    std::fs::write(folder.join("other.bin"), [1_u8, 2, 3, 4, 5]).expect("writes");
    document["images"][0] = json!({ "uri": "skin%20one.png" });
    if as_data {
        document["images"][0] = json!({ "uri": format!("data:image/png;base64,{}", base64(picture)) });
    }
    // The first buffer of the new file is one that was not there.
    for view in document["bufferViews"].as_array_mut().expect("views") {
        view["buffer"] = json!(1);
    }
    document["buffers"] = json!([
        { "uri": "other.bin", "byteLength": 5 },
        { "uri": "body.bin", "byteLength": document["buffers"][0]["byteLength"] },
    ]);
    let hips = file.humanoid.nodes[B::Hips as usize].expect("hips");
    let node: Node = serde_json::from_value(document["nodes"][hips].clone()).expect("a node");
    let children = document["nodes"][hips]["children"].clone();
    let matrix = Mat4::from(node.local()).to_cols_array();
    document["nodes"][hips] = json!({ "name": "hips", "children": children, "matrix": matrix });
    document["animations"] = json!([{ "channels": [], "samplers": [], "name": "old" }]);
    document.to_string().into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(letters[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn what_lay_beside_the_file_comes_to_lie_within() {
    for as_data in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let text = scattered(folder.path(), as_data);
        let file = avatar::parse(&text, Some(folder.path()), None).expect("an avatar");
        let clip = smooth_clip(&file.humanoid.rest, 50, 30.0, 8);
        let written = write(&text, Some(folder.path()), &file.humanoid, &clip).expect("writes");
        drop(folder);
        let document = document_of(&written);
        assert!(!document.to_string().contains("\"uri\""));
        assert_eq!(document["images"][0]["mimeType"], "image/png");
        assert_eq!(document["animations"].as_array().map(Vec::len), Some(1));
        let alone = avatar::parse(&written, None, None).expect("an avatar that is whole in itself");
        assert_eq!(alone.glb, file.glb, "vertices and pictures are the same");
        let (mm, degrees) = apart(&clip, &read_back(&written, &file.humanoid), &[]);
        assert!(mm < 0.5 && degrees < 0.05, "{mm} mm, {degrees} degrees apart");
    }
}

#[test]
fn an_avatar_in_centimetres_with_hanging_arms_under_a_turned_node_moves_in_its_own_way() {
    let (bytes, AvatarFile { humanoid, .. }) = avatar("child");
    let (mut document, binary) = (document_of(&bytes), binary_of(&bytes));
    let scene = document["scenes"][0]["nodes"].clone();
    let above = document["nodes"].as_array_mut().expect("nodes");
    // As exporters of z-up programs do: a node that stands everything up, in another unit.
    let turn = Quat::from_rotation_y(std::f32::consts::PI) * Quat::from_rotation_x(0.5);
    above.push(json!({ "children": scene, "rotation": turn.to_array(), "scale": [100.0, 100.0, 100.0] }));
    let root = above.len() - 1;
    above.push(json!({ "children": [root], "rotation": Quat::from_rotation_x(-0.5).to_array(), "translation": [0.0, 3.0, 0.0] }));
    document["scenes"][0]["nodes"] = json!([root + 1]);
    // Arms that hang: the T-pose is one that the file does not show.
    for (bone, angle) in [(B::LeftUpperArm, -0.7), (B::RightUpperArm, 0.7)] {
        let node = humanoid.nodes[bone as usize].expect("an arm");
        document["nodes"][node]["rotation"] = json!(Quat::from_rotation_z(angle).to_array());
    }
    let bytes = pack(&document.to_string(), &binary);
    let file = avatar::parse(&bytes, None, None).expect("an avatar");
    assert!((file.humanoid.avatar_from_file.scale - 0.01).abs() < 1e-4, "{:?}", file.humanoid.avatar_from_file);
    let clip = smooth_clip(&file.humanoid.rest, 60, 30.0, 15);
    let back = read_back(&write(&bytes, None, &file.humanoid, &clip).expect("writes"), &file.humanoid);
    let (mm, degrees) = apart(&clip, &back, &[]);
    assert!(mm < 0.5 && degrees < 0.05, "{mm} mm, {degrees} degrees apart");
    assert_ne!(file.humanoid.avatar_from_hips_parent, Affine3A::IDENTITY);
}

#[test]
fn what_cannot_be_written_is_refused() {
    let (bytes, file) = avatar("child");
    let good = smooth_clip(&file.humanoid.rest, 3, 30.0, 5);
    let refused = |bytes: &[u8], clip: &MotionClip, word: &str| {
        let message = write(bytes, None, &file.humanoid, clip).map(drop).expect_err("refused").to_string();
        assert!(message.contains(word), "{message}");
    };
    refused(&bytes, &MotionClip { poses: Vec::new(), ..good.clone() }, "no frames");
    refused(&bytes, &MotionClip { fps: 0.0, ..good.clone() }, "a second");
    refused(&bytes, &MotionClip { fps: 1e300, ..good.clone() }, "told apart");
    refused(&bytes[..bytes.len() / 2], &good, "cut short");
    refused(b"BVH", &good, "glTF");
    // A humanoid of another file.
    let other = pack(r#"{"asset":{"version":"2.0"},"nodes":[{}],"scenes":[{"nodes":[0]}]}"#, &[]);
    refused(&other, &good, "not there");
    let mut broken = good;
    broken.poses[1].hips_position.y = f32::INFINITY;
    refused(&bytes, &broken, "frame 1");
}

#[test]
fn damaged_avatars_cause_no_panic() {
    let (bytes, file) = avatar("stylised");
    let clip = smooth_clip(&file.humanoid.rest, 2, 30.0, 5);
    let (document, binary) = (document_of(&bytes), binary_of(&bytes));
    let mut random = Random::new(0xBAD_A7A7);
    let (mut written, mut refused) = (0, 0);
    for _ in 0..600 {
        let mut document = document.clone();
        for _ in 0..=random.below(4) {
            damage(&mut document, &mut random);
        }
        let text = document.to_string();
        match write(
            &pack(&text, &binary[..random.below(2 * binary.len()).min(binary.len())]),
            None,
            &file.humanoid,
            &clip,
        ) {
            Ok(bytes) => {
                written += 1;
                assert_eq!(document_of(&bytes)["animations"].as_array().map(Vec::len), Some(1));
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 1000, "{error}");
            }
        }
    }
    assert!(written > 50 && refused > 100, "{written} written, {refused} refused");
}
