//! Takes of made-up people, for tests of what is made of takes.

use std::f32::consts::PI;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use glam::{Quat, Vec3};

use super::{TakeHeader, TakeWriter};
use crate::frame::{Timings, TrackedFrame};
use crate::motion::BodyPose;
use crate::motion::hand::{HAND_LANDMARK_COUNT, HandPose, Hands, Provenance};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};
use crate::motion::session::Continuity;

const FPS: f64 = 30.0;

/// Somebody upright whose left arm swings, beside the middle of the picture.
pub(crate) fn body(id: u32, time_s: f64, hands: bool) -> BodyPose {
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

/// Writes a take of so many frames, 30 a second, of the people that are there so many seconds from its start.
pub(crate) fn write_take(path: &Path, frames: u32, people: impl Fn(f64) -> Vec<BodyPose>) {
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
            picture: Arc::default(),
            continuity: Continuity::Follows,
            measured_hands: None,
        };
        writer.push_tracked(&tracked).expect("writes");
    }
    writer.finish().expect("ends");
}
