//! The demo's ground truth: perfect landmarks in, the true skeleton expected.

use std::path::Path;

use glam::{Mat3, Quat, Vec3};
use livedance::motion::hand::Hands;
use livedance::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use livedance::motion::pose::BodyPose;
use livedance::motion::retarget::{Retargeter, scene_from_world};
use livedance::motion::skeleton::{BONE_COUNT, HumanoidBone as B};
use serde_json::Value;

use crate::body::{SKELETON, centred, degrees_between, turns};

/// One frame: what a perfect tracker would see, and the joints, both with the hips' middle at the origin.
struct TrueFrame {
    body: BodyPose,
    joints: [Vec3; BONE_COUNT],
}

fn vector(value: &Value) -> Vec3 {
    Vec3::from_array([0, 1, 2].map(|axis| value[axis].as_f64().expect("a number") as f32))
}

fn demo() -> Vec<TrueFrame> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.groundtruth.json");
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let document: Value = serde_json::from_slice(&text).expect("ground truth is JSON");
    let camera = &document["camera"];
    let rows = [0, 1, 2].map(|row| vector(&camera["R"][row]));
    let camera_from_world = Mat3::from_cols(rows[0], rows[1], rows[2]).transpose();
    let names: Vec<&str> =
        document["bone_names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();

    let frame = |frame: &Value| {
        let points: Vec<Vec3> =
            frame["landmarks3d"].as_array().unwrap().iter().map(|point| camera_from_world * vector(point)).collect();
        let middle = (points[23] + points[24]) * 0.5;
        let mut world = [Landmark { visibility: 1.0, presence: 1.0, position: Vec3::ZERO }; POSE_LANDMARK_COUNT];
        for (landmark, point) in world.iter_mut().zip(&points) {
            landmark.position = *point - middle;
        }
        // Trackers see the face further in front, and the solver allows for it.
        let shoulders = (world[11].position + world[12].position) * 0.5;
        let neck = (world[7].position + world[8].position) * 0.5 - shoulders;
        let across = (world[11].position - world[12].position).try_normalize().expect("shoulders apart");
        // Y is down here, so that forwards is the other way round.
        let shift = Quat::from_axis_angle(across, 0.2) * neck - neck;
        for landmark in &mut world[..=10] {
            landmark.position += shift;
        }
        let joints = B::ALL.map(|bone| {
            let index = names.iter().position(|name| *name == bone.vrm_name()).expect("every bone is listed");
            scene_from_world(camera_from_world * vector(&frame["bones3d"][index]) - middle)
        });
        TrueFrame {
            body: BodyPose {
                id: 0,
                is_new: false,
                score: 1.0,
                image: world,
                world,
                size_px: 400.0,
                hands: Hands::default(),
            },
            joints,
        }
    };
    document["frames"].as_array().unwrap().iter().map(frame).collect()
}

/// Measured when this was written: arms 0.2°, legs 0.8°, feet 3.2°, spine 2°, neck 4.5°, joints 1.2 cm.
#[test]
fn perfect_landmarks_give_the_true_skeleton() {
    let frames = demo();
    assert_eq!(frames.len(), 300);
    let mut retargeter = Retargeter::new(SKELETON.clone());
    let solved: Vec<[Vec3; BONE_COUNT]> = frames
        .iter()
        .enumerate()
        .map(|(index, frame)| centred(&retargeter.solve(index as f64 / 30.0, &frame.body, false)))
        .collect();

    let limits = [
        ("upper arms", 1.0, [(B::LeftUpperArm, B::LeftLowerArm), (B::RightUpperArm, B::RightLowerArm)]),
        ("forearms", 1.0, [(B::LeftLowerArm, B::LeftHand), (B::RightLowerArm, B::RightHand)]),
        ("thighs", 2.0, [(B::LeftUpperLeg, B::LeftLowerLeg), (B::RightUpperLeg, B::RightLowerLeg)]),
        ("shins", 2.0, [(B::LeftLowerLeg, B::LeftFoot), (B::RightLowerLeg, B::RightFoot)]),
        ("feet", 5.0, [(B::LeftFoot, B::LeftToes), (B::RightFoot, B::RightToes)]),
        ("lower spine", 4.0, [(B::Hips, B::Spine), (B::Spine, B::Chest)]),
        ("upper spine", 5.0, [(B::Chest, B::UpperChest), (B::UpperChest, B::Neck)]),
        ("collar bones", 7.0, [(B::LeftShoulder, B::LeftUpperArm), (B::RightShoulder, B::RightUpperArm)]),
        ("neck", 5.5, [(B::Neck, B::Head), (B::Neck, B::Head)]),
    ];
    for (name, limit, segments) in limits {
        let errors = segments.iter().flat_map(|(from, to)| {
            let along = move |joints: &[Vec3; BONE_COUNT]| joints[*to as usize] - joints[*from as usize];
            frames.iter().zip(&solved).map(move |(truth, solved)| degrees_between(along(&truth.joints), along(solved)))
        });
        let mean = errors.sum::<f32>() / (2 * frames.len()) as f32;
        println!("{name}: {mean:.2}° mean");
        assert!(mean < limit, "{name}: {mean}°");
    }
    let distances = frames
        .iter()
        .zip(&solved)
        .flat_map(|(truth, solved)| truth.joints.iter().zip(solved).map(|(a, b)| a.distance(*b)).collect::<Vec<f32>>());
    let mean = distances.sum::<f32>() / (frames.len() * BONE_COUNT) as f32;
    println!("joints: {:.2} cm mean", mean * 100.0);
    assert!(mean < 0.02, "{mean} m");
}

/// The quickest true movement is a golf swing; nothing turns faster than its arms.
#[test]
fn nothing_flips_in_the_demo() {
    for mirror in [false, true] {
        let mut retargeter = Retargeter::new(SKELETON.clone());
        let mut last = None;
        for (index, frame) in demo().iter().enumerate() {
            let turns = turns(&retargeter.solve(index as f64 / 30.0, &frame.body, mirror));
            for bone in B::ALL {
                let jump = last.map_or(0.0, |last: [glam::Quat; BONE_COUNT]| {
                    last[bone as usize].angle_between(turns[bone as usize]).to_degrees()
                });
                assert!(jump < 35.0, "{bone:?} turns {jump}° in frame {index}");
            }
            last = Some(turns);
        }
    }
}
