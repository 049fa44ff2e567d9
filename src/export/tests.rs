use std::f32::consts::PI;

use glam::{Quat, Vec3};

use super::*;
use crate::formats::take::{TakeHeader, TakeWriter};
use crate::formats::{bvh, vrma};
use crate::frame::{Timings, TrackedFrame};
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose, Hands, Provenance};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};

const FPS: f64 = 30.0;

/// Somebody upright whose left arm swings, beside the middle of the picture.
fn body(id: u32, time_s: f64, hands: bool) -> BodyPose {
    let places: [(L, [f32; 3]); 23] = [
        (L::Nose, [0.0, -0.62, -0.12]),
        (L::LeftEye, [0.03, -0.66, -0.1]),
        (L::RightEye, [-0.03, -0.66, -0.1]),
        (L::LeftEar, [0.07, -0.64, -0.03]),
        (L::RightEar, [-0.07, -0.64, -0.03]),
        (L::LeftShoulder, [0.17, -0.48, 0.0]),
        (L::RightShoulder, [-0.17, -0.48, 0.0]),
        (L::LeftElbow, [0.22, -0.2, 0.02]),
        (L::RightElbow, [-0.22, -0.2, 0.02]),
        (L::LeftWrist, [0.24, 0.04, -0.03]),
        (L::RightWrist, [-0.24, 0.04, -0.03]),
        (L::LeftIndex, [0.24, 0.12, -0.04]),
        (L::RightIndex, [-0.24, 0.12, -0.04]),
        (L::LeftPinky, [0.24, 0.11, 0.0]),
        (L::RightPinky, [-0.24, 0.11, 0.0]),
        (L::LeftHip, [0.1, 0.0, 0.0]),
        (L::RightHip, [-0.1, 0.0, 0.0]),
        (L::LeftKnee, [0.1, 0.42, 0.0]),
        (L::RightKnee, [-0.1, 0.42, 0.0]),
        (L::LeftAnkle, [0.1, 0.83, 0.02]),
        (L::RightAnkle, [-0.1, 0.83, 0.02]),
        (L::LeftFootIndex, [0.12, 0.9, -0.14]),
        (L::RightFootIndex, [-0.12, 0.9, -0.14]),
    ];
    let mut world = [Landmark { position: Vec3::ZERO, visibility: 1.0, presence: 1.0 }; POSE_LANDMARK_COUNT];
    for (landmark, [x, y, z]) in places {
        world[landmark as usize].position = Vec3::new(x, y, z);
    }
    for (heel, ankle) in [(L::LeftHeel, L::LeftAnkle), (L::RightHeel, L::RightAnkle)] {
        world[heel as usize].position = world[ankle as usize].position + Vec3::new(0.0, 0.06, 0.05);
    }
    let swing = Quat::from_rotation_z(-0.8 + 0.5 * (time_s as f32 * PI).sin());
    let shoulder = world[L::LeftShoulder as usize].position;
    for arm in [L::LeftElbow, L::LeftWrist, L::LeftIndex, L::LeftPinky] {
        let point = &mut world[arm as usize].position;
        *point = shoulder + swing * (*point - shoulder);
    }
    let aside = if id == 0 { 0.0 } else { 1.0 };
    let image = world.map(|landmark| {
        let at = landmark.position + Vec3::new(aside, 0.0, 4.0);
        let position = Vec3::new(320.0 + 879.0 * at.x / at.z, 240.0 + 879.0 * at.y / at.z, 0.0);
        Landmark { position, ..landmark }
    });
    let hand = HandPose {
        provenance: Provenance::Measured,
        score: 0.9,
        image: [Vec3::ONE; HAND_LANDMARK_COUNT],
        world: std::array::from_fn(|index| Vec3::new(0.01 * (index % 4) as f32, 0.01 * (index / 4) as f32, 0.0)),
    };
    let hands = if hands { Hands { left: Some(hand), right: None } } else { Hands::default() };
    BodyPose { id, is_new: false, score: 1.0, image, world, size_px: 400.0, hands }
}

fn write_take(path: &Path, frames: u32, people: impl Fn(f64) -> Vec<BodyPose>) {
    let header = TakeHeader { width: 640, height: 480, ..TakeHeader::default() };
    let mut writer = TakeWriter::create(path, &header).expect("creates");
    for frame in 0..frames {
        let time_s = 2.0 + f64::from(frame) / FPS;
        let tracked = TrackedFrame {
            frame_id: u64::from(frame),
            captured_at: Instant::now(),
            time_s,
            width: 640,
            height: 480,
            people: people(time_s - 2.0),
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: std::sync::Arc::default(),
        };
        writer.push_tracked(&tracked).expect("writes");
    }
    writer.finish().expect("ends");
}

fn options(formats: &[Format]) -> ExportOptions {
    ExportOptions::new(formats.to_vec(), Settings { mirror: false, ..Settings::default() })
}

#[test]
fn a_take_becomes_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let (take, out) = (folder.path().join("arm swing.ldt"), folder.path().join("out"));
    write_take(&take, 60, |time_s| vec![body(0, time_s, true)]);
    let avatar = ExportAvatar::load("").expect("the usual avatar");
    let mut heard = Vec::new();
    let exported =
        export(&take, &out, &avatar, &options(&Format::ALL), &mut |share| heard.push(share)).expect("writes");
    let mut names: Vec<String> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = [
        "arm swing.angles.csv",
        "arm swing.bvh",
        "arm swing.c3d",
        "arm swing.glb",
        "arm swing.hands.csv",
        "arm swing.json",
        "arm swing.landmarks.csv",
        "arm swing.trc",
        "arm swing.vrma",
    ];
    assert_eq!(names, expected);
    assert_eq!((exported.files.len(), exported.people, exported.frames, exported.fps), (9, 1, 60, 30.0));
    assert!(!exported.is_cut && exported.filled_s == 0.0 && exported.missing_s == 0.0);
    assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]) && heard.last() == Some(&1.0), "{heard:?}");

    // BVH and VRMA are read back as the same motion; JSON holds it too.
    let text = std::fs::read_to_string(out.join("arm swing.bvh")).unwrap();
    let from_bvh = bvh::read(&text, &bvh::ReadOptions::default()).expect("reads");
    let from_vrma = vrma::read(&std::fs::read(out.join("arm swing.vrma")).unwrap(), Some(30.0)).expect("reads").clip;
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("arm swing.json")).unwrap()).expect("JSON");
    let order: Vec<&str> = json["bone_order"].as_array().unwrap().iter().map(|bone| bone.as_str().unwrap()).collect();
    assert_eq!(json["frames"].as_array().map(Vec::len), Some(60));
    let mut turns = 0.0_f32;
    for frame in 0..60 {
        for (place, name) in order.iter().enumerate() {
            let bone = crate::motion::skeleton::HumanoidBone::from_vrm_name(name).expect("a bone");
            let own: [f32; 4] =
                serde_json::from_value(json["frames"][frame]["rotations"][place].clone()).expect("four numbers");
            let own = Quat::from_array(own);
            if name.contains("Eye") {
                continue;
            }
            for other in [&from_bvh, &from_vrma] {
                // The sine, as single precision says nothing of small angles by their cosine.
                let off = 2.0 * (own.inverse() * other.poses[frame].rotation(bone)).xyz().length().asin().to_degrees();
                assert!(off < 0.05, "{name} in frame {frame}: {off}°");
            }
            turns = turns.max(own.to_scaled_axis().length());
        }
    }
    assert!(turns > 0.5, "it moves");
}

#[test]
fn each_person_has_a_file_and_who_passes_by_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("two.ldt");
    write_take(&take, 60, |time_s| {
        let mut people = vec![body(0, time_s, false)];
        if time_s > 0.5 {
            people.push(body(4, time_s, false));
        }
        if (1.0..1.2).contains(&time_s) {
            people.push(body(9, time_s, false));
        }
        people
    });
    let avatar = ExportAvatar::load("child").expect("a bundled avatar");
    let exported = export(&take, folder.path(), &avatar, &options(&[Format::Trc]), &mut |_| {}).expect("writes");
    assert_eq!(exported.people, 2);
    let names: Vec<_> = exported.files.iter().map(|file| file.file_name().unwrap().to_string_lossy()).collect();
    assert_eq!(names, ["two-person1.trc", "two-person2.trc"]);
}

#[test]
fn rate_and_range_are_those_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("take.ldt");
    write_take(&take, 90, |time_s| vec![body(0, time_s, false)]);
    let avatar = ExportAvatar::load("").expect("the usual avatar");
    let part = ExportOptions { fps: Some(60.0), range_s: (1.0, 2.0), t_pose_first: true, ..options(&[Format::Bvh]) };
    let exported = export(&take, folder.path(), &avatar, &part, &mut |_| {}).expect("writes");
    assert_eq!((exported.frames, exported.fps), (61, 60.0));
    let text = std::fs::read_to_string(&exported.files[0]).unwrap();
    assert!(text.contains("Frames: 62\n"), "the T-pose comes first");
}

#[test]
fn the_markers_are_the_persons_own_and_stand_on_the_floor() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("take.ldt");
    write_take(&take, 30, |time_s| vec![body(0, time_s, false)]);
    let avatar = ExportAvatar::load("child").expect("a bundled avatar");
    let exported = export(&take, folder.path(), &avatar, &options(&[Format::Trc]), &mut |_| {}).expect("writes");
    let text = std::fs::read_to_string(&exported.files[0]).unwrap();
    let row: Vec<f32> = text.lines().last().unwrap().split('\t').filter_map(|cell| cell.parse().ok()).collect();
    let point = |landmark: L| Vec3::from_slice(&row[2 + 3 * landmark as usize..]);
    let height = point(L::Nose).y - point(L::LeftAnkle).y;
    assert!((1.2..1.7).contains(&height), "as tall as the person, not as the child: {height}");
    assert!((0.02..0.2).contains(&point(L::LeftAnkle).y), "{}", point(L::LeftAnkle));
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let avatar = ExportAvatar::load("").expect("the usual avatar");
    let empty = folder.path().join("empty.ldt");
    write_take(&empty, 10, |_| Vec::new());
    let error = |take: &Path, options: &ExportOptions| {
        export(take, &folder.path().join("out"), &avatar, options, &mut |_| {}).expect_err("refused").to_string()
    };
    assert!(error(&empty, &options(&[Format::Bvh])).contains("nobody is seen"));
    assert!(error(&folder.path().join("none.ldt"), &options(&[Format::Bvh])).contains("none.ldt"));
    let take = folder.path().join("take.ldt");
    write_take(&take, 10, |time_s| vec![body(0, time_s, false)]);
    let wild = ExportOptions { fps: Some(1e9), ..options(&[Format::Bvh]) };
    assert!(error(&take, &wild).contains("frame rate"));
    std::fs::write(folder.path().join("file"), "in the way").unwrap();
    let blocked = export(&take, &folder.path().join("file"), &avatar, &options(&[Format::Bvh]), &mut |_| {});
    assert!(blocked.expect_err("refused").to_string().contains("file"));
    assert!(ExportAvatar::load("nowhere.vrm").is_err());
    assert!("mp3".parse::<Format>().expect_err("no such format").contains("bvh, glb"));
    assert_eq!(".BVH".parse::<Format>(), Ok(Format::Bvh));
}
