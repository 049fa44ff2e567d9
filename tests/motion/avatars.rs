//! Avatars of many programs: where they stand, how they follow a pose, and what becomes of damaged files.

use glam::{Affine3A, Quat, Vec3};
use livedance::avatar_library;
use livedance::formats::avatar::{self, AvatarFile, AvatarKind, BoneMap};
use livedance::motion::random::Random;
use livedance::motion::retarget::{AvatarPose, bone_local_rotation};
use livedance::motion::skeleton::HumanoidBone as B;
use serde_json::{Value, json};

use super::figure::{Figure, Style, all_kinds, pack};

/// Bones whose ends are joints too.
const SEGMENTS: &[(B, B)] = &[
    (B::Hips, B::Spine),
    (B::UpperChest, B::Neck),
    (B::Neck, B::Head),
    (B::LeftUpperArm, B::LeftLowerArm),
    (B::LeftLowerArm, B::LeftHand),
    (B::RightUpperArm, B::RightLowerArm),
    (B::RightLowerArm, B::RightHand),
    (B::LeftUpperLeg, B::LeftLowerLeg),
    (B::LeftLowerLeg, B::LeftFoot),
    (B::RightUpperLeg, B::RightLowerLeg),
    (B::RightLowerLeg, B::RightFoot),
    (B::LeftFoot, B::LeftToes),
];

fn parsed(figure: Figure) -> AvatarFile {
    avatar::parse(&figure.glb(), None, None).unwrap_or_else(|error| panic!("{figure:?}: {error}"))
}

/// Joints of the file's own nodes, with a pose written to them, in the avatar's space.
fn posed(figure: Figure, file: &AvatarFile, pose: &AvatarPose) -> impl Fn(B) -> Vec3 + use<> {
    let (document, _) = figure.document();
    let nodes = document["nodes"].as_array().expect("nodes").clone();
    let numbers = |node: &Value, name: &str| -> Vec<f32> {
        node[name].as_array().into_iter().flatten().map(|n| n.as_f64().expect("a number") as f32).collect()
    };
    let mut globals = vec![Affine3A::IDENTITY; nodes.len()];
    let mut open = vec![(nodes.len() - 5, file.humanoid.avatar_from_file.affine())];
    while let Some((index, above)) = open.pop() {
        let node = &nodes[index];
        let rotation = numbers(node, "rotation");
        let mut rotation = if rotation.is_empty() { Quat::IDENTITY } else { Quat::from_slice(&rotation) };
        if let Some(bone) = B::ALL.into_iter().find(|bone| file.humanoid.nodes[*bone as usize] == Some(index)) {
            rotation = bone_local_rotation(&file.humanoid.rest, bone, pose);
        }
        let translation = numbers(node, "translation");
        let translation = if translation.is_empty() { Vec3::ZERO } else { Vec3::from_slice(&translation) };
        globals[index] = above * Affine3A::from_rotation_translation(rotation, translation);
        let children = node["children"].as_array().into_iter().flatten();
        open.extend(children.map(|child| (child.as_u64().expect("a node") as usize, globals[index])));
    }
    let bones = file.humanoid.nodes;
    move |bone| globals[bones[bone as usize].expect("the bone")].translation.into()
}

fn poses(file: &AvatarFile) -> Vec<AvatarPose> {
    let rest = AvatarPose { rotations: [Quat::IDENTITY; B::ALL.len()], ..AvatarPose::rest(&file.humanoid.rest) };
    (0..6_u32)
        .map(|seed| {
            let mut pose = rest;
            for (index, rotation) in pose.rotations.iter_mut().enumerate() {
                let angle = |salt: u32| ((seed * 31 + index as u32 * salt) % 17) as f32 / 17.0 - 0.5;
                *rotation = Quat::from_euler(glam::EulerRot::YXZ, angle(3), angle(7), angle(11))
                    .slerp(Quat::IDENTITY, if seed == 0 { 1.0 } else { 0.0 });
            }
            pose
        })
        .collect()
}

#[test]
fn every_kind_stands_upright_on_the_floor_facing_forwards_in_a_t_pose() {
    for figure in all_kinds() {
        let file = parsed(figure);
        let at = |bone: B| file.humanoid.rest.get(bone).unwrap_or_else(|| panic!("{figure:?} {bone:?}")).position;
        let arm = (at(B::LeftHand) - at(B::LeftUpperArm)).normalize_or_zero();
        assert!(arm.angle_between(Vec3::X) < 0.01, "{figure:?}: the left arm points to {arm}");
        assert!((at(B::RightHand) - at(B::RightUpperArm)).angle_between(Vec3::NEG_X) < 0.01, "{figure:?}");
        assert!((at(B::LeftFoot) - at(B::LeftUpperLeg)).angle_between(Vec3::NEG_Y) < 0.01, "{figure:?}");
        assert!((at(B::LeftToes) - at(B::LeftFoot)).z > 0.05, "{figure:?}: it faces +z");
        // The soles lie 3 cm below the toes, but in VRM files the floor is where the file says.
        let sole = at(B::LeftToes).y - 0.03;
        assert!(sole.abs() < 0.01, "{figure:?}: {sole}");
        let height = at(B::Head).y;
        assert!((1.2..1.8).contains(&height), "{figure:?}: {height} m");
        assert!(at(B::Hips).x.abs() < 1e-3 && at(B::Hips).z.abs() < 1e-3, "{figure:?}");
        assert!(file.humanoid.nodes[B::LeftThumbDistal as usize] == Some(24), "{figure:?}: thumbs");
    }
}

#[test]
fn every_kind_points_its_bones_alike_in_the_same_pose() {
    let reference = Figure::new(Style::Vrm1);
    let reference_file = parsed(reference);
    let mut worst = 0.0_f32;
    for figure in all_kinds() {
        let file = parsed(figure);
        for pose in poses(&reference_file) {
            let (expected, found) = (posed(reference, &reference_file, &pose), posed(figure, &file, &pose));
            for (from, to) in SEGMENTS {
                let angle = (expected(*to) - expected(*from)).angle_between(found(*to) - found(*from)).to_degrees();
                worst = worst.max(angle);
                assert!(angle < 1.0, "{figure:?}: {from:?} is {angle} degrees off");
            }
        }
    }
    println!("bones of all kinds of avatars differ by at most {worst:.4} degrees");
}

#[test]
fn expressions_and_springs_are_found() {
    for style in [Style::Vrm1, Style::Vrm0] {
        let file = parsed(Figure::new(style));
        let names: Vec<&str> = file.expressions.iter().map(|expression| expression.name.as_str()).collect();
        assert_eq!(names, ["blink", "happy"], "{style:?}");
        let blink = &file.expressions[0];
        // Only the second shape is used, so it is the only one that is kept.
        assert!(blink.name == "blink" && blink.binds[0].shape == 0, "{blink:?}");
        assert!((blink.binds[0].weight - 1.0).abs() < 1e-6);
        // VRM 0 lets the last bone of a chain swing too.
        assert_eq!(file.springs.joints.len(), if style == Style::Vrm1 { 2 } else { 3 }, "{style:?}");
        assert_eq!(file.springs.colliders.len(), 1);
        assert!(file.springs.joints.iter().all(|joint| joint.colliders == [0]));
    }
    let file = parsed(Figure::new(Style::Mixamo));
    assert!(file.expressions.is_empty() && file.springs.joints.is_empty());
    assert_eq!(file.kind, AvatarKind::Named);
}

#[test]
fn a_bone_map_makes_a_humanoid_of_strange_names() {
    let glb = Figure::new(Style::Strange).glb();
    let message = avatar::parse(&glb, None, None).expect_err("nobody knows these names").to_string();
    assert!(message.contains("bones missing: hips, spine"), "{message}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("strange.glb");
    std::fs::write(&path, &glb).expect("writes");
    let (found, nodes) = avatar::propose_bone_map(&path).expect("nodes");
    assert!(found.bones.is_empty() && nodes.contains(&"Knochen 3".to_owned()), "{found:?}");
    let mut map = BoneMap::default();
    let known = parsed(Figure::new(Style::Vrm1));
    for bone in B::ALL {
        if let Some(node) = known.humanoid.nodes[bone as usize] {
            map.bones.insert(bone, format!("Knochen {node}"));
        }
    }
    let map = BoneMap::parse(&map.template(&nodes)).expect("its own text");
    let file = avatar::read(&path, Some(&map)).expect("a humanoid");
    assert_eq!(file.humanoid.nodes, known.humanoid.nodes);
    map.bones.values().for_each(|name| assert!(nodes.contains(name)));
    let wrong = BoneMap { bones: [(B::Hips, "nowhere".to_owned())].into() };
    let message = avatar::read(&path, Some(&wrong)).expect_err("no such node").to_string();
    assert!(message.contains("nowhere"), "{message}");
}

#[test]
fn avatars_of_one_name_have_bone_maps_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes a folder");
        std::fs::write(&path, bytes).expect("writes");
        path.to_string_lossy().into_owned()
    };
    let strange = at("a/Ann.glb", &Figure::new(Style::Strange).glb());
    let known = at("b/Ann.vrm", &Figure::new(Style::Mixamo).glb());
    let maps = folder.path().join("bone-maps");
    let read = |spec: &str| avatar_library::read_in(Some(&maps), spec).map(|read| read.avatar.humanoid.nodes);
    let known_nodes = read(&known).expect("known names need no map");
    let nodes = parsed(Figure::new(Style::Vrm1)).humanoid.nodes;

    // A map as older versions named it, for whatever is called Ann: it fits the one that it was filled in for.
    let named = |bone: B| Some(format!("{} = \"Knochen {}\"\n", bone.vrm_name(), nodes[bone as usize]?));
    let filled: String = B::ALL.into_iter().filter_map(named).collect();
    let shared = at("bone-maps/Ann.toml", filled.as_bytes());
    assert_eq!(read(&strange).expect("a humanoid"), nodes);
    assert_eq!(read(&known).expect("not refused for the map of another"), known_nodes);
    let path = |spec: &str| avatar_library::write_bone_map_in(&maps, spec).expect("a map");
    assert_eq!(path(&strange), std::path::Path::new(&shared), "what was filled in is not begun again");
    assert!(path(&known).ends_with("bone-maps/Ann.vrm.toml"));

    // Another stranger of that name, whom it does not fit, gets one to fill in, which then counts alone.
    let stranger =
        at("c/Ann.gltf", br#"{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[{"name":"Wurzel"}]}"#);
    let told = read(&stranger).expect_err("no bones");
    assert!(
        told.contains("bones missing") && told.contains("write the names") && told.contains("Ann.gltf.toml"),
        "{told}"
    );
    at("bone-maps/Ann.gltf.toml", b"hips = \"nowhere\"\n");
    let told = read(&stranger).expect_err("no such node");
    assert!(told.contains("nowhere") && told.contains("correct") && told.contains("Ann.gltf.toml"), "{told}");
    at("bone-maps/Ann.glb.toml", filled.as_bytes());
    std::fs::write(&shared, "nonsense").expect("writes");
    assert_eq!(read(&strange).expect("its own map"), nodes);
}

#[test]
fn what_is_written_is_read_again_alike() {
    for figure in all_kinds() {
        let file = parsed(figure);
        // The new file has no names; a map gives them back.
        let name = |bone: B| Some((bone, avatar::node_name(file.humanoid.nodes[bone as usize]?)));
        let map = BoneMap { bones: B::ALL.into_iter().filter_map(name).collect() };
        let again = avatar::parse(&file.glb, None, Some(&map)).expect("reads its own file");
        for bone in B::ALL {
            let (a, b) = (file.humanoid.rest.get(bone), again.humanoid.rest.get(bone));
            assert!(a.zip(b).is_none_or(|(a, b)| a.position.distance(b.position) < 1e-3), "{figure:?} {bone:?}");
        }
    }
}

#[test]
fn gltf_with_a_buffer_beside_it_is_read() {
    let (mut document, binary) = Figure::new(Style::Vrm1).document();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("body part.bin"), binary).expect("writes");
    document["buffers"][0]["uri"] = json!("body%20part.bin");
    let path = folder.path().join("figure.gltf");
    std::fs::write(&path, document.to_string()).expect("writes");
    let file = avatar::read(&path, None).expect("an avatar");
    assert_eq!(file.glb, parsed(Figure::new(Style::Vrm1)).glb);
}

/// A change of a document.
type Change = fn(&mut Value);

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let huge_picture = |document: &mut Value| {
        // A PNG that says it has 65535 x 65535 pixels.
        let png = "iVBORw0KGgoAAAANSUhEUgAA//8AAP//CAYAAAA=";
        document["images"] = json!([{ "uri": format!("data:image/png;base64,{png}") }]);
        document["textures"] = json!([{ "source": 0 }]);
        document["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"] = json!({ "index": 0 });
    };
    let changes: &[(&str, Change)] = &[
        ("picture", huge_picture),
        ("beyond its buffer view", |d| d["accessors"][0]["count"] = json!(100_000)),
        ("at most", |d| d["accessors"][0]["count"] = json!(4_000_000_000_u64)),
        ("beyond its buffer", |d| d["bufferViews"][0]["byteLength"] = json!(u64::MAX)),
        ("beyond its buffer", |d| d["bufferViews"][0]["byteOffset"] = json!(u64::MAX)),
        ("cut short", |d| d["buffers"][0]["byteLength"] = json!(1_u64 << 40)),
        ("two parents", |d| d["nodes"][3]["children"] = json!([0])),
        ("not there", |d| d["nodes"][3]["children"] = json!([4_000_000])),
        ("no number", |d| d["nodes"][3]["translation"] = json!([1e300, 0, 0])),
        ("own folder", |d| d["buffers"][0]["uri"] = json!("http://example.org/x.bin")),
        ("own folder", |d| d["buffers"][0]["uri"] = json!("../../x.bin")),
        ("joint that is not there", |d| d["skins"][0]["joints"] = json!([0, 1])),
        ("no scene", |d| d["scenes"] = json!([])),
        ("bones missing: ", |d| d["nodes"][0] = json!({ "name": "x" })),
        ("version", |d| d["asset"]["version"] = json!("1.0")),
        ("compressed", |d| {
            d["meshes"][0]["primitives"][0]["extensions"] = json!({ "KHR_draco_mesh_compression": {} });
        }),
        ("requires the extension", |d| d["extensionsRequired"] = json!(["KHR_xyz"])),
        ("a wrong type", |d| d["accessors"][0]["type"] = json!("VEC2")),
        ("recursion", |d| {
            let mut deep = json!(1);
            for _ in 0..150 {
                deep = json!([deep]);
            }
            d["extensions"]["deep"] = deep;
        }),
        ("deep", |d| {
            let nodes = d["nodes"].as_array_mut().expect("nodes");
            let first = nodes.len();
            for index in first..first + 5000 {
                nodes.push(json!({ "children": [index + 1] }));
            }
            nodes.push(json!({}));
            d["scenes"][0]["nodes"].as_array_mut().expect("nodes").push(json!(first));
        }),
    ];
    for (word, change) in changes {
        let (mut document, binary) = Figure::new(Style::Vrm1).document();
        change(&mut document);
        let refused = avatar::parse(&pack(&document.to_string(), &binary), None, None);
        let message = refused.err().unwrap_or_else(|| panic!("{word}: accepted")).to_string();
        assert!(message.contains(word), "{word}: {message}");
    }
    for (bytes, word) in [(&b""[..], "begins"), (b"glTF", "version"), (b"GIF89a", "begins"), (&[0xff; 100], "begins")] {
        let message = avatar::parse(bytes, None, None).expect_err("refused").to_string();
        assert!(message.contains(word), "{message}");
    }
    let deep = "[".repeat(100_000);
    assert!(avatar::parse(pack(&format!("{{\"asset\":{deep}"), &[]).as_slice(), None, None).is_err());
}

/// Changes one value somewhere in a document.
fn damage(value: &mut Value, random: &mut Random) {
    let stop = random.below(12) == 0;
    match value {
        Value::Array(list) if !list.is_empty() && !stop => {
            let index = random.below(list.len());
            if random.below(40) == 0 {
                let other = random.below(list.len());
                list.swap(index, other);
            } else {
                damage(&mut list[index], random);
            }
        }
        Value::Object(map) if !map.is_empty() && !stop => {
            let key = map.keys().nth(random.below(map.len())).expect("a key").clone();
            if random.below(30) == 0 {
                map.remove(&key);
            } else {
                damage(&mut map[&key], random);
            }
        }
        _ => *value = nonsense(random),
    }
}

fn nonsense(random: &mut Random) -> Value {
    match random.below(14) {
        0 => json!(u64::MAX),
        1 => json!(i64::MIN),
        2 => json!(1e308),
        3 => json!(-1),
        4 => json!(random.below(40)),
        5 => json!(4_294_967_296_u64),
        6 => json!(0),
        7 => Value::Null,
        8 => json!([]),
        9 => json!({}),
        10 => json!("x".repeat(random.below(50))),
        11 => json!([0, 0, 0]),
        12 => json!(1_000_000),
        _ => json!(0.5),
    }
}

#[test]
fn ten_thousand_damaged_files_cause_no_panic() {
    let kinds: Vec<(Value, Vec<u8>)> = all_kinds().iter().map(Figure::document).collect();
    let files: Vec<Vec<u8>> = kinds.iter().map(|(document, binary)| pack(&document.to_string(), binary)).collect();
    let mut random = Random::new(0x5eed);
    let mut accepted = 0;
    for round in 0..10_000 {
        let which = random.below(kinds.len());
        let bytes = if round % 3 == 0 {
            let mut bytes = files[which].clone();
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
            if random.below(3) == 0 {
                bytes.truncate(random.below(bytes.len()));
            }
            bytes
        } else {
            let (mut document, binary) = kinds[which].clone();
            for _ in 0..=random.below(4) {
                damage(&mut document, &mut random);
            }
            pack(&document.to_string(), &binary)
        };
        if let Ok(file) = avatar::parse(&bytes, None, None) {
            accepted += 1;
            for bone in file.humanoid.rest.bones.iter().flatten() {
                assert!(bone.position.is_finite() && bone.rotation.is_normalized(), "round {round}: {bone:?}");
            }
            assert!(file.glb.starts_with(b"glTF"));
        }
    }
    println!("{accepted} of 10000 damaged files could still be used");
    assert!(accepted > 500, "{accepted}");
}

#[test]
fn every_bundled_avatar_is_one_and_survives_damage() {
    let folder = livedance::paths::shipped_folder("assets").join("avatar");
    let mut random = Random::new(7);
    for path in std::fs::read_dir(folder).expect("avatars").map(|entry| entry.expect("an entry").path()) {
        if path.extension().is_none_or(|extension| extension != "glb") {
            continue;
        }
        let file = avatar::read(&path, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            B::ALL.into_iter().filter(|bone| bone.is_required()).all(|bone| file.humanoid.rest.get(bone).is_some())
        );
        let bytes = std::fs::read(&path).expect("reads");
        let length = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize;
        let document: Value = serde_json::from_slice(&bytes[20..20 + length]).expect("JSON");
        for _ in 0..20 {
            let mut damaged = document.clone();
            damage(&mut damaged, &mut random);
            let _ = avatar::parse(&pack(&damaged.to_string(), &bytes[28 + length..]), None, None);
        }
    }
}
