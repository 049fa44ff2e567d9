//! Files written and read back, files as other programs write them, and files that nobody should have written.

use std::fmt::Write as _;

use glam::{EulerRot, Quat, Vec3};

use super::*;
use crate::formats::test_clips::{apart, between, skeletons, smooth_clip};
use crate::formats::vmc::unity_name;
use crate::motion::clip::MotionClip;
use crate::motion::random::Random;
use crate::motion::retarget::{AvatarPose, turns};
use crate::motion::skeleton::{BONE_COUNT, HumanoidBone, RestSkeleton};

use HumanoidBone as B;

fn text_of(clip: &MotionClip, t_pose_first: bool) -> String {
    let mut out = Vec::new();
    write(clip, &WriteOptions { t_pose_first }, &mut out).expect("writes");
    String::from_utf8(out).expect("text")
}

fn read_plain(text: &str) -> MotionClip {
    read(text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_is_written_is_read_back() {
    for (name, rest) in skeletons() {
        for (seed, fps) in [(1, 60.0), (2, 30.0), (3, 30.0 / 1.001), (4, 24.0)] {
            let clip = smooth_clip(&rest, 240, fps, seed);
            let back = read_plain(&text_of(&clip, false));
            let (mm, degrees) = apart(&clip, &back, &[]);
            assert!(mm < 0.5 && degrees < 0.05, "{name}, seed {seed}: {mm} mm, {degrees} degrees apart");
            assert!((back.fps - fps).abs() < 1e-4, "{} instead of {fps}", back.fps);
            for bone in B::ALL {
                let height = |clip: &MotionClip| clip.skeleton.get(bone).map(|bone| bone.position.y);
                if let Some((a, b)) = height(&clip).zip(height(&back)) {
                    assert!((a - b).abs() < 5e-4, "{name}: {} stands {a} and {b} high", bone.vrm_name());
                }
            }
        }
    }
}

#[test]
fn text_is_as_other_programs_want_it() {
    let (_, rest) = skeletons().remove(0);
    let clip = smooth_clip(&rest, 600, 50.0, 9);
    let text = text_of(&clip, true);
    let (hierarchy, motion) = text.split_once("MOTION\n").expect("both parts");
    let names: Vec<_> = hierarchy
        .lines()
        .filter_map(|line| line.trim().strip_prefix("JOINT ").or(line.strip_prefix("ROOT ")))
        .collect();
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!((names.len(), unique.len()), (54, 54), "{names:?}");
    assert_eq!(names[0], "Hips");
    for name in ["LeftUpperArm", "RightFoot", "LeftThumbProximal", "RightLittleDistal"] {
        assert!(names.contains(&name), "{name}");
    }
    assert_eq!(hierarchy.matches('{').count(), hierarchy.matches('}').count());
    assert_eq!(hierarchy.matches("CHANNELS 3 Zrotation Xrotation Yrotation").count(), 53);
    assert_eq!(hierarchy.matches("CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation").count(), 1);
    // Ends of ten fingers, of two feet and of two eyes; none is a point.
    let ends: Vec<&str> = hierarchy.split("End Site").skip(1).collect();
    assert_eq!(ends.len(), 14);
    for end in ends {
        let offset = end.split("OFFSET ").nth(1).and_then(|rest| rest.lines().next()).expect("an offset");
        let length: f32 = offset.split(' ').map(|n| n.parse::<f32>().expect("a number").powi(2)).sum::<f32>().sqrt();
        assert!((0.5..30.0).contains(&length), "{length} cm");
    }
    assert!(!text.contains("-0.000000") && !text.contains("NaN"));

    let mut lines = motion.lines();
    assert_eq!((lines.next(), lines.next()), (Some("Frames: 601"), Some("Frame Time: 0.0200000000")));
    let frames: Vec<Vec<f64>> =
        lines.map(|line| line.split(' ').map(|n| n.parse().expect("a number")).collect()).collect();
    assert_eq!(frames.len(), 601);
    assert!(frames[0][3..].iter().all(|angle| *angle == 0.0), "the first frame is the T-pose");
    assert!((frames[0][1] / 100.0 - f64::from(rest.get(B::Hips).expect("hips").position.y)).abs() < 1e-6);
    // The person spins five times; no angle jumps.
    let jump = frames.windows(2).skip(1).flat_map(|pair| pair[0].iter().zip(&pair[1]).map(|(a, b)| (a - b).abs()));
    assert!(jump.fold(0.0, f64::max) < 181.0);
    let spread = |channel: usize| frames.iter().map(|frame| frame[channel]).fold(0.0, f64::max);
    assert!((3..6).any(|channel| spread(channel) > 1000.0), "the spin is wound up");
}

#[test]
fn what_cannot_be_written_is_refused() {
    let (_, rest) = skeletons().remove(1);
    let good = smooth_clip(&rest, 3, 30.0, 5);
    let refused = |clip: &MotionClip, word: &str| {
        let message = write(clip, &WriteOptions::default(), &mut Vec::new()).expect_err("refused").to_string();
        assert!(message.contains(word), "{message}");
    };
    refused(&MotionClip { poses: Vec::new(), ..good.clone() }, "no frames");
    refused(&MotionClip { fps: f64::NAN, ..good.clone() }, "a second");
    refused(&MotionClip { skeleton: RestSkeleton::default(), ..good.clone() }, "hips");
    let mut broken = good.clone();
    broken.poses[2].rotations[7].x = f32::NAN;
    refused(&broken, "frame 2");
}

/// How another program writes.
struct Style {
    names: fn(B) -> String,
    /// Channels of a joint, in order.
    order: EulerRot,
    /// Units a metre.
    units: f32,
    /// How each bone is turned against the T-pose when all channels are zero.
    zero: fn(B) -> Quat,
    root_offset: Vec3,
    adds_offset: bool,
    line_end: &'static str,
    comma: bool,
    ends: bool,
    /// All joints have positions, too.
    positions: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            names: unity_name,
            order: EulerRot::ZYX,
            units: 100.0,
            zero: |_| Quat::IDENTITY,
            root_offset: Vec3::ZERO,
            adds_offset: false,
            line_end: "\n",
            comma: false,
            ends: true,
            positions: false,
        }
    }
}

fn foreign(clip: &MotionClip, style: &Style) -> String {
    let rest = &clip.skeleton;
    let letters = format!("{:?}", style.order);
    let mut text = "HIERARCHY\n".to_owned();
    let mut order = Vec::new();
    let mut open: Vec<B> = Vec::new();
    let mut stack = vec![(B::Hips, true)];
    while let Some((bone, enters)) = stack.pop() {
        if !enters {
            text.push_str("}\n");
            open.pop();
            continue;
        }
        order.push(bone);
        let parent = rest.parent(bone);
        let at = |bone: B| rest.get(bone).expect("it has").position;
        let offset = parent
            .map_or(style.root_offset, |parent| (style.zero)(parent).inverse() * (at(bone) - at(parent)) * style.units);
        let head = if parent.is_none() { "ROOT" } else { "JOINT" };
        let has_position = parent.is_none() || style.positions;
        let rotations = letters.chars().fold(String::new(), |text, axis| format!("{text} {axis}rotation"));
        let (count, positions) = if has_position { (6, " Yposition Xposition Zposition") } else { (3, "") };
        let _ = write!(
            text,
            "{head} {}\n{{\n  OFFSET {:e}\t{} +{:.5}\nCHANNELS {count}{positions}{rotations}\n",
            (style.names)(bone),
            offset.x,
            offset.y,
            offset.z
        );
        text = text.replace("+-", "-");
        open.push(bone);
        stack.push((bone, false));
        let children: Vec<B> = B::ALL
            .into_iter()
            .filter(|child| rest.get(*child).is_some() && rest.parent(*child) == Some(bone))
            .collect();
        if children.is_empty() && style.ends {
            text.push_str("End Site {\nOFFSET 0 1 .5\n}\n");
        }
        stack.extend(children.into_iter().rev().map(|child| (child, true)));
    }
    let _ = write!(text, "MOTION\nFrames:\t{}\nFrame Time: {:.6}\n", clip.poses.len(), 1.0 / clip.fps);
    for pose in &clip.poses {
        let globals = turns(pose);
        for bone in &order {
            let turned = |bone: B| globals[bone as usize] * (style.zero)(bone);
            let parent = rest.parent(*bone);
            let local = parent.map_or(Quat::IDENTITY, turned).inverse() * turned(*bone);
            let mut numbers = Vec::new();
            if parent.is_none() {
                let add = if style.adds_offset { style.root_offset } else { Vec3::ZERO };
                let position = pose.hips_position * style.units - add;
                numbers.extend([position.y, position.x, position.z]);
            } else if style.positions {
                numbers.extend([7.0, 8.0, 9.0]);
            }
            let angles: [f32; 3] = local.normalize().to_euler(style.order).into();
            numbers.extend(angles.map(f32::to_degrees));
            for number in numbers {
                let _ = write!(text, "{number:.5} ");
            }
        }
        text.push('\n');
    }
    if style.comma {
        let (hierarchy, motion) = text.split_once("MOTION").expect("both");
        text = format!("{hierarchy}MOTION{}", motion.replace('.', ","));
    }
    text.replace('\n', style.line_end)
}

/// Names as in the files of Carnegie Mellon and Mixamo.
fn mixamo(bone: B) -> String {
    let name = unity_name(bone);
    let renamed = match bone {
        B::Chest => "Spine1",
        B::UpperChest => "Spine2",
        B::LeftUpperArm => "LeftArm",
        B::RightUpperArm => "RightArm",
        B::LeftLowerArm => "LeftForeArm",
        B::RightLowerArm => "RightForeArm",
        B::LeftUpperLeg => "LeftUpLeg",
        B::RightUpperLeg => "RightUpLeg",
        B::LeftLowerLeg => "LeftLeg",
        B::RightLowerLeg => "RightLeg",
        B::LeftToes => "LeftToeBase",
        B::RightToes => "RightToeBase",
        _ => &name,
    };
    let finger = ["Thumb", "Index", "Middle", "Ring", "Little"].into_iter().find(|finger| renamed.contains(finger));
    let Some(finger) = finger else { return format!("mixamorig:{renamed}") };
    let part = match renamed {
        _ if renamed.ends_with("Proximal") => 1,
        _ if renamed.ends_with("Intermediate") => 2,
        _ => 3,
    };
    let side = if renamed.starts_with("Left") { "Left" } else { "Right" };
    format!("mixamorig:{side}Hand{}{part}", if finger == "Little" { "Pinky" } else { finger })
}

/// Names of joints instead of bones: Biovision's own, and those of body models.
fn joints(bone: B) -> String {
    let side = if unity_name(bone).starts_with("Left") { "L" } else { "R" };
    let name = match bone {
        B::Hips => return "Pelvis".to_owned(),
        B::Spine => return "Spine1".to_owned(),
        B::Chest => return "Spine2".to_owned(),
        B::UpperChest => return "Spine3".to_owned(),
        B::LeftShoulder | B::RightShoulder => "Collar",
        B::LeftUpperArm | B::RightUpperArm => "Shoulder",
        B::LeftLowerArm | B::RightLowerArm => "Elbow",
        B::LeftHand | B::RightHand => "Wrist",
        B::LeftUpperLeg | B::RightUpperLeg => "Hip",
        B::LeftLowerLeg | B::RightLowerLeg => "Knee",
        B::LeftFoot | B::RightFoot => "Ankle",
        B::LeftToes | B::RightToes => "Foot",
        other => return unity_name(other),
    };
    format!("{side}_{name}")
}

/// Names without capitals, as Poser's: and a neck in the place of the head.
fn poser(bone: B) -> String {
    let side = if unity_name(bone).starts_with("Left") { "l" } else { "r" };
    let name = match bone {
        B::LeftUpperArm | B::RightUpperArm => "shldr",
        B::LeftLowerArm | B::RightLowerArm => "forearm",
        B::LeftHand | B::RightHand => "hand",
        B::LeftUpperLeg | B::RightUpperLeg => "thigh",
        B::LeftLowerLeg | B::RightLowerLeg => "shin",
        B::LeftFoot | B::RightFoot => "foot",
        B::Spine => return "abdomen".to_owned(),
        B::Head => return "neck".to_owned(),
        other => return unity_name(other).to_lowercase(),
    };
    format!("{side}{name}")
}

/// Arms half down.
fn a_pose(bone: B) -> Quat {
    let name = unity_name(bone);
    let is_arm = ["UpperArm", "LowerArm", "Hand", "Thumb", "Index", "Middle", "Ring", "Little"];
    if !is_arm.iter().any(|part| name.contains(part)) {
        return Quat::IDENTITY;
    }
    // What is turned against the T-pose is turned back when all channels are zero.
    Quat::from_rotation_z(if name.starts_with("Left") { 0.8 } else { -0.8 })
}

/// Every bone turned in its own way: zero rotation is no pose at all.
fn knot(bone: B) -> Quat {
    let angle = bone as usize as f32;
    Quat::from_euler(EulerRot::XYZ, (angle * 1.7).sin() * 3.0, (angle * 0.9).cos() * 1.4, angle)
}

/// As files whose root stands on its side, and lifts itself up in every frame.
fn lying(_: B) -> Quat {
    Quat::from_rotation_x(std::f32::consts::FRAC_PI_2)
}

#[test]
fn files_of_other_programs_are_read() {
    let orders = [EulerRot::XYZ, EulerRot::XZY, EulerRot::YXZ, EulerRot::YZX, EulerRot::ZXY, EulerRot::ZYX];
    let (_, rest) = skeletons().remove(0);
    let mut clip = smooth_clip(&rest, 90, 60.0, 77);
    // Files often begin with the pose that their rest should have been.
    clip.poses[0] = AvatarPose::t_pose(&rest);
    let offset = Vec3::new(3.0, 94.0, -2.0);
    let styles = [
        ("plain", Style::default()),
        ("metres", Style { units: 1.0, ..Style::default() }),
        ("inches", Style { units: 1.0 / 0.0254, ..Style::default() }),
        ("Carnegie Mellon", Style { units: 0.45 / 0.0254, names: mixamo, ..Style::default() }),
        ("millimetres", Style { units: 1000.0, ..Style::default() }),
        ("Mixamo on Windows", Style { names: mixamo, line_end: "\r\n", ..Style::default() }),
        ("old Mac", Style { line_end: "\r", ..Style::default() }),
        ("joints", Style { names: joints, ..Style::default() }),
        ("decimal comma", Style { comma: true, ..Style::default() }),
        ("no ends", Style { ends: false, ..Style::default() }),
        ("positions everywhere", Style { positions: true, ..Style::default() }),
        ("offset replaced", Style { root_offset: offset, ..Style::default() }),
        ("offset added", Style { root_offset: offset, adds_offset: true, ..Style::default() }),
        ("A-pose", Style { zero: a_pose, names: mixamo, ..Style::default() }),
        ("knot", Style { zero: knot, ..Style::default() }),
        ("lying", Style { zero: lying, ..Style::default() }),
    ];
    for (number, (name, style)) in styles.into_iter().enumerate() {
        for order in [orders[number % 6], orders[(number + 3) % 6]] {
            let style = Style { order, ..style };
            let text = foreign(&clip, &style);
            let back = read(&text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
            let (mm, degrees) = apart(&clip, &back, &[]);
            // Arms that hang are turned to point straight aside, which those of the avatar's T-pose do not quite.
            let tolerance = if name == "A-pose" { 1.0 } else { 0.05 };
            assert!(mm < 0.5 && degrees < tolerance, "{name}, {order:?}: {mm} mm, {degrees} degrees apart");
            assert!((back.fps - 60.0).abs() < 1e-9, "{name}: {}", back.fps);
        }
    }
}

#[test]
fn a_figure_that_faces_elsewhere_or_floats_comes_to_stand_and_face_forward() {
    let (_, rest) = skeletons().remove(1);
    let clip = smooth_clip(&rest, 60, 30.0, 21);
    let aside = Quat::from_rotation_y(-std::f32::consts::FRAC_PI_2);
    let mut turned = clip.clone();
    for bone in turned.skeleton.bones.iter_mut().flatten() {
        bone.position = aside * bone.position;
    }
    for pose in &mut turned.poses {
        pose.hips_position = aside * pose.hips_position + Vec3::Y * 3.0;
        pose.rotations = pose.rotations.map(|turn| (aside * turn * aside.inverse()).normalize());
    }
    let back = read_plain(&foreign(&turned, &Style::default()));
    for (a, b) in clip.poses.iter().zip(&back.poses) {
        for bone in B::ALL {
            let off = between(a.rotation(bone), b.rotation(bone)).to_degrees();
            assert!(off < 0.05, "{}: {off} degrees", bone.vrm_name());
        }
        // Without a floor of its own the clip is set down; how high its feet were is not known to the millimetre.
        assert!(
            (a.hips_position - b.hips_position).abs().max_element() < 0.3,
            "{} {}",
            a.hips_position,
            b.hips_position
        );
    }
}

#[test]
fn a_figure_of_few_joints_without_capitals_is_read() {
    let (_, rest) = skeletons().remove(3);
    let clip = smooth_clip(&rest, 30, 120.0, 3);
    let back = read_plain(&foreign(&clip, &Style { names: poser, ..Style::default() }));
    let (mm, degrees) = apart(&clip, &back, &[]);
    assert!(mm < 0.5 && degrees < 0.05, "{mm} mm, {degrees} degrees apart");
}

#[test]
fn options_override_what_is_guessed() {
    let (_, rest) = skeletons().remove(0);
    let clip = smooth_clip(&rest, 2, 30.0, 8);
    let names = |bone: B| format!("bone {}", bone as usize);
    let text = foreign(&clip, &Style { names, ..Style::default() });
    let message = read(&text, &ReadOptions::default()).expect_err("nobody knows these names").to_string();
    assert!(message.contains("bone map"), "{message}");
    let bones = B::ALL.into_iter().map(|bone| (bone, names(bone)));
    let bone_map =
        Some(crate::formats::avatar::BoneMap { bones: bones.filter(|(bone, _)| rest.get(*bone).is_some()).collect() });
    let options = ReadOptions { name: "A dance".to_owned(), metres_per_unit: Some(0.02), bone_map };
    let back = read(&text, &options).expect("reads");
    assert_eq!(back.name, "A dance");
    let height = |clip: &MotionClip| {
        clip.skeleton.get(B::Head).zip(clip.skeleton.get(B::LeftFoot)).map(|(a, b)| a.position.y - b.position.y)
    };
    let ratio = height(&back).expect("a head") / height(&clip).expect("a head");
    assert!((ratio - 2.0).abs() < 1e-3, "{ratio}");
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let (_, rest) = skeletons().remove(3);
    let good = text_of(&smooth_clip(&rest, 3, 30.0, 5), false);
    let lines = good.lines().count();
    let cut = good.lines().take(lines - 1).collect::<Vec<_>>().join("\n");
    for (text, words) in [
        (String::new(), ["line 1", "breaks off"]),
        ("glTF".to_owned(), ["line 1", "HIERARCHY"]),
        ("HIERARCHY\nMOTION\n".to_owned(), ["line 2", "ROOT"]),
        (cut, ["frame 2 of 3", "breaks off"]),
        (good.replace("Frames: 3", "Frames: 9999999"), ["too large", "frames"]),
        (good.replace("Frames: 3", "Frames: 150000"), ["breaks off", "150000"]),
        (good.replace("Frames: 3", "Frames: -3"), ["above zero", "-3"]),
        (good.replace("Frame Time: 0.0333333333", "Frame Time: 0"), ["above zero", "seconds"]),
        (good.replace("Frame Time: 0.0333333333", "Frame Time: nan"), ["number", "nan"]),
        (good.replacen("CHANNELS 6 Xposition", "CHANNELS 6 Wposition", 1), ["line 5", "wposition"]),
        (good.replacen("CHANNELS 6", "CHANNELS 999999", 1), ["line 5", "channels"]),
        (good.replacen("OFFSET 0.000000", "OFFSET inf", 1), ["line 4", "inf"]),
        (good.replacen("JOINT Spine", "JOINT Wirbel", 1).replace("JOINT Head", "JOINT Kopf"), ["no humanoid", "head"]),
        ("HIERARCHY\nROOT a {\n".to_owned() + &"JOINT a {\n".repeat(100_000), ["line 202", "deep"]),
        ("HIERARCHY\nROOT a {\n".to_owned() + &"JOINT a { }\n".repeat(5000), ["too large", "4096"]),
        ("HIERARCHY ROOT a { CHANNELS 0 } MOTION".to_owned(), ["channel", "line 1"]),
    ] {
        let message = read(&text, &ReadOptions::default()).expect_err("refused").to_string();
        for word in words {
            assert!(message.contains(word), "{word:?} in {message:?}");
        }
    }
}

#[test]
fn damaged_files_cause_no_panic() {
    let mut random = Random::new(0x0B5E_55ED);
    let odd = [
        "NaN",
        "-1e38",
        "1e7",
        "{",
        "}",
        "JOINT",
        "End Site",
        "MOTION",
        "Frames: 7",
        "0",
        "\u{fffd}",
        "CHANNELS 3",
        "inf",
        "",
    ];
    let goods: Vec<String> =
        skeletons().iter().skip(3).map(|(_, rest)| text_of(&smooth_clip(rest, 4, 30.0, 3), false)).collect();
    let (mut read_well, mut refused) = (0, 0);
    for _ in 0..4000 {
        let good = &goods[random.below(goods.len())];
        let mut words: Vec<&str> = good.split(' ').collect();
        let mut text = String::new();
        match random.below(4) {
            0 => {
                let end = random.below(good.len());
                text.push_str(&good[..end]);
            }
            1 => {
                let mut bytes = good.clone().into_bytes();
                for _ in 0..=random.below(8) {
                    let at = random.below(bytes.len());
                    bytes[at] = random.next_u64() as u8;
                }
                text = String::from_utf8_lossy(&bytes).into_owned();
            }
            2 => {
                let mut lines: Vec<&str> = good.lines().collect();
                let (from, to) = (random.below(lines.len()), random.below(lines.len()));
                lines.swap(from, to);
                lines.remove(random.below(lines.len()));
                text = lines.join("\n");
            }
            _ => {
                for _ in 0..=random.below(3) {
                    let at = random.below(words.len());
                    words[at] = odd[random.below(odd.len())];
                }
                text = words.join(" ");
            }
        }
        match read(&text, &ReadOptions::default()) {
            Ok(clip) => {
                read_well += 1;
                assert!(clip.fps.is_finite() && clip.fps > 0.0 && !clip.poses.is_empty());
                for pose in &clip.poses {
                    assert!(pose.hips_position.is_finite() && pose.rotations.iter().all(|turn| turn.is_normalized()));
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 1000, "{error}");
            }
        }
    }
    assert!(read_well > 100 && refused > 1000, "{read_well} read, {refused} refused");
}

#[test]
fn turns_of_a_bone_that_is_lacking_reach_the_next_one() {
    let (_, rest) = skeletons().remove(4);
    let mut clip = smooth_clip(&rest, 1, 30.0, 5);
    clip.poses[0].rotations = [Quat::IDENTITY; BONE_COUNT];
    clip.poses[0].rotations[B::UpperChest as usize] = Quat::from_rotation_x(0.4);
    let back = read_plain(&text_of(&clip, false));
    let neck = back.poses[0].rotation(B::Neck);
    assert!(between(neck, Quat::from_rotation_x(0.4)) < 1e-3, "{neck}");
}
