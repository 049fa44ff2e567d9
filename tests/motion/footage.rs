//! Real landmarks of real people, where the reference media are at hand.

use glam::{Quat, Vec3};
use livedance::motion::angle::{JointAngle, joint_angles};
use livedance::motion::hand::Hands;
use livedance::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};
use livedance::motion::pose::BodyPose;
use livedance::motion::retarget::{Retargeter, joint_positions};
use livedance::motion::skeleton::{BONE_COUNT, HumanoidBone as B};
use serde_json::Value;

use crate::body::{SKELETON, centred, turns};
use crate::media::media;

fn squats() -> Option<Vec<BodyPose>> {
    let text = std::fs::read(media("pose_squats.mediapipe.json")?).expect("readable");
    let document: Value = serde_json::from_slice(&text).expect("JSON");
    let body = |frame: &Value| {
        let mut world = [Landmark::default(); POSE_LANDMARK_COUNT];
        for (landmark, values) in world.iter_mut().zip(frame["world"].as_array().expect("a person in every frame")) {
            let [x, y, z, visibility] = [0, 1, 2, 3].map(|index| values[index].as_f64().expect("a number") as f32);
            *landmark = Landmark { position: Vec3::new(x, y, z), visibility, presence: 1.0 };
        }
        BodyPose { id: 0, is_new: false, score: 1.0, image: world, world, size_px: 800.0, hands: Hands::default() }
    };
    Some(document["frames"].as_array().expect("frames").iter().map(body).collect())
}

#[test]
fn squats_bend_the_avatars_knees_and_nothing_flips() {
    let Some(bodies) = squats() else { return };
    let mut retargeter = Retargeter::new(SKELETON.clone());
    let mut last: Option<[Quat; BONE_COUNT]> = None;
    let mut lowest_hips = f32::INFINITY;
    // The clip has five frames a second.
    for (index, body) in bodies.iter().enumerate() {
        let pose = retargeter.solve(index as f64 / 5.0, body, false);
        let (joints, now) = (centred(&pose), turns(&pose));
        lowest_hips = lowest_hips.min(pose.hips_position.y);

        let truth = joint_angles(&body.world);
        for (joint, hip, knee, foot) in [
            (JointAngle::LeftKnee, B::LeftUpperLeg, B::LeftLowerLeg, B::LeftFoot),
            (JointAngle::RightKnee, B::RightUpperLeg, B::RightLowerLeg, B::RightFoot),
        ] {
            let at = |bone: B| joints[bone as usize];
            let angle = (at(hip) - at(knee)).angle_between(at(foot) - at(knee)).to_degrees();
            if let Some(expected) = truth.get(joint).map(f32::to_degrees) {
                assert!((angle - expected).abs() < 15.0, "frame {index}: {} {angle}°, hers {expected}°", joint.name());
            }
            let forwards = now[B::Hips as usize] * Vec3::Z;
            let middle = (at(hip) + at(foot)) * 0.5;
            assert!((at(knee) - middle).dot(forwards) > -0.03, "frame {index}: {knee:?} points backwards");
        }
        for foot in [B::LeftFoot, B::RightFoot] {
            let height = joint_positions(&SKELETON, &pose)[foot as usize].expect("a foot").y;
            assert!(height > 0.04, "frame {index}: {foot:?} sinks into the floor: {height}");
        }
        if let Some(last) = last {
            for bone in B::ALL {
                let jump = last[bone as usize].angle_between(now[bone as usize]).to_degrees();
                assert!(jump < 90.0, "frame {index}: {bone:?} turns {jump}° in a fifth of a second");
            }
        }
        last = Some(now);
    }
    let standing = SKELETON.get(B::Hips).expect("hips").position.y;
    assert!(lowest_hips < standing - 0.2, "squats lower the hips: {lowest_hips}");
}
