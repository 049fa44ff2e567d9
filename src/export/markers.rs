//! The person's own points, standing on the floor, as laboratories want them.

use glam::Vec3;

use crate::motion::Side;
use crate::motion::clip::MarkerSeries;
use crate::motion::hand::{HAND_LANDMARK_COUNT, HAND_LANDMARK_NAMES};
use crate::motion::landmark::{POSE_LANDMARK_NAMES, PoseLandmark as L};
use crate::motion::offline::OfflineMotion;
use crate::motion::pose::BodyPose;
use crate::motion::retarget::{joint_positions, scene_from_world};
use crate::motion::skeleton::HumanoidBone as B;

/// Whether either hand is seen anywhere.
pub(super) fn has_hands(motion: &OfflineMotion) -> bool {
    motion.bodies.iter().flatten().any(|body| !body.hands.is_empty())
}

/// The 33 points of the body, and the 21 of each hand where hands were recorded.
///
/// The avatar says where on its floor the person is; they keep their own size.
pub(super) fn series(motion: &OfflineMotion) -> MarkerSeries {
    let hands = has_hands(motion);
    let mut markers: Vec<String> = POSE_LANDMARK_NAMES.map(str::to_owned).to_vec();
    if hands {
        markers
            .extend(["left", "right"].iter().flat_map(|side| HAND_LANDMARK_NAMES.map(|n| format!("{side}_hand_{n}"))));
    }
    let scale = size_of_person(motion);
    let frames = motion.bodies.iter().zip(&motion.clip.poses).map(|(body, pose)| {
        let joints = joint_positions(&motion.clip.skeleton, pose);
        let hips = joints[B::LeftUpperLeg as usize].zip(joints[B::RightUpperLeg as usize]);
        let (Some(body), Some((left, right))) = (body, hips) else { return vec![None; markers.len()] };
        let place = (left + right) * 0.5 * scale;
        let mut points: Vec<Option<Vec3>> =
            body.world.iter().map(|landmark| finite(place + scene_from_world(landmark.position))).collect();
        if hands {
            points.extend(Side::BOTH.iter().flat_map(|side| hand(body, *side, place)));
        }
        points
    });
    MarkerSeries { name: motion.clip.name.clone(), fps: motion.clip.fps, frames: frames.collect(), markers }
}

fn finite(point: Vec3) -> Option<Vec3> {
    point.is_finite().then_some(point)
}

/// The points of a hand that hangs on the body's wrist.
fn hand(body: &BodyPose, side: Side, place: Vec3) -> [Option<Vec3>; HAND_LANDMARK_COUNT] {
    let wrist = if side == Side::Left { L::LeftWrist } else { L::RightWrist };
    let wrist = body.world[wrist as usize].position;
    match body.hands.get(side) {
        Some(hand) => hand.world.map(|point| finite(place + scene_from_world(wrist + point - hand.world[0]))),
        None => [None; HAND_LANDMARK_COUNT],
    }
}

/// How many times as large the person is as the avatar, by their own left leg.
fn size_of_person(motion: &OfflineMotion) -> f32 {
    let [hip, knee, ankle] = if motion.is_mirrored {
        [L::RightHip, L::RightKnee, L::RightAnkle]
    } else {
        [L::LeftHip, L::LeftKnee, L::LeftAnkle]
    };
    let rest = |bone: B| motion.clip.skeleton.get(bone).map_or(Vec3::ZERO, |bone| bone.position);
    let avatar =
        rest(B::LeftUpperLeg).distance(rest(B::LeftLowerLeg)) + rest(B::LeftLowerLeg).distance(rest(B::LeftFoot));
    let legs: Vec<f32> = motion
        .bodies
        .iter()
        .flatten()
        .map(|body| {
            let at = |landmark: L| body.world[landmark as usize].position;
            at(hip).distance(at(knee)) + at(knee).distance(at(ankle))
        })
        .collect();
    let scale = legs.iter().sum::<f32>() / legs.len().max(1) as f32 / avatar;
    if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
}
