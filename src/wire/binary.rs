//! Answers to messages of the binary websocket, and such messages back to people.

use glam::Vec3;
use prost::Message as _;

use super::answer::{Answer, RigPose};
use super::schema::{self, server_message};
use crate::frame::Timings;
use crate::motion::angle::JointAngles;
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::landmark::POSE_LANDMARK_COUNT;
use crate::motion::{BodyPose, HandPose, Hands, Landmark, Provenance};

/// Numbers of one landmark on the wire: x, y, z, visibility, presence.
const LANDMARK_NUMBERS: usize = 5;

/// A message's bytes.
#[must_use]
pub fn encode(message: server_message::Kind) -> Vec<u8> {
    schema::ServerMessage { kind: Some(message) }.encode_to_vec()
}

/// The answer as a message.
#[must_use]
pub fn pose(answer: &Answer) -> schema::Pose {
    let frame = &answer.frame;
    let Timings { decode, downscale, detect, pose, hands, angles, smoothing, .. } = frame.timings;
    let rigs = answer.rigs.iter().map(Some).chain(std::iter::repeat(None));
    let people = frame.people.iter().zip(&answer.angles).zip(rigs);
    schema::Pose {
        sequence: answer.sequence.unwrap_or_default(),
        captured_at_us: answer.captured_at_us,
        width: frame.width,
        height: frame.height,
        people: people.map(|((body, angles), rig)| person(body, angles, rig)).collect(),
        timings: Some(schema::Timings {
            wait: answer.wait_ms,
            decode,
            downscale,
            detect,
            pose,
            hands,
            angles,
            smoothing,
            total: answer.total_ms,
        }),
        dropped: answer.dropped,
    }
}

fn person(body: &BodyPose, angles: &JointAngles, rig: Option<&RigPose>) -> schema::Person {
    let landmarks = |landmarks: &[Landmark]| {
        let numbers = |landmark: &Landmark| {
            let [x, y, z] = landmark.position.to_array();
            [x, y, z, landmark.visibility, landmark.presence]
        };
        landmarks.iter().flat_map(numbers).collect()
    };
    schema::Person {
        id: body.id,
        score: body.score,
        landmarks: landmarks(&body.image),
        world: landmarks(&body.world),
        angles_deg: angles.iter().map(|(_, radians)| radians.map_or(f32::NAN, f32::to_degrees)).collect(),
        left_hand: body.hands.left.as_ref().map(hand),
        right_hand: body.hands.right.as_ref().map(hand),
        rig: rig.map(|rig| schema::Rig {
            hips: rig.hips.to_array().to_vec(),
            rotations: rig.rotations.iter().flat_map(|rotation| rotation.to_array()).collect(),
        }),
        size_px: body.size_px,
        is_new: body.is_new,
    }
}

fn hand(hand: &HandPose) -> schema::Hand {
    let points = |points: &[Vec3]| points.iter().flat_map(Vec3::to_array).collect();
    schema::Hand { score: hand.score, landmarks: points(&hand.image), world: points(&hand.world) }
}

/// The people of a message; those whose numbers are not finite, or not as many as they should be, are left out.
#[must_use]
pub fn people(pose: &schema::Pose) -> Vec<BodyPose> {
    pose.people.iter().filter_map(body).collect()
}

fn body(person: &schema::Person) -> Option<BodyPose> {
    let hand = |hand: &Option<schema::Hand>| hand.as_ref().and_then(hand_pose);
    Some(BodyPose {
        id: person.id,
        is_new: person.is_new,
        score: finite(person.score)?,
        image: landmarks(&person.landmarks)?,
        world: landmarks(&person.world)?,
        size_px: finite(person.size_px).filter(|size| *size > 0.0)?,
        hands: Hands { left: hand(&person.left_hand), right: hand(&person.right_hand) },
    })
}

fn finite(value: f32) -> Option<f32> {
    value.is_finite().then_some(value)
}

fn landmarks(numbers: &[f32]) -> Option<[Landmark; POSE_LANDMARK_COUNT]> {
    let whole = numbers.len() == POSE_LANDMARK_COUNT * LANDMARK_NUMBERS && numbers.iter().all(|n| n.is_finite());
    whole.then(|| {
        std::array::from_fn(|index| {
            let at = index * LANDMARK_NUMBERS;
            Landmark {
                position: Vec3::from_slice(&numbers[at..]),
                visibility: numbers[at + 3],
                presence: numbers[at + 4],
            }
        })
    })
}

fn hand_pose(hand: &schema::Hand) -> Option<HandPose> {
    let points = |numbers: &[f32]| {
        let whole = numbers.len() == HAND_LANDMARK_COUNT * 3 && numbers.iter().all(|n| n.is_finite());
        whole.then(|| std::array::from_fn(|index| Vec3::from_slice(&numbers[index * 3..])))
    };
    Some(HandPose {
        provenance: Provenance::Measured,
        score: finite(hand.score)?,
        image: points(&hand.landmarks)?,
        world: points(&hand.world)?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::frame::TrackedFrame;
    use crate::motion::angle::joint_angles;

    fn answer() -> Answer {
        let landmark = |index: usize, scale: f32| Landmark {
            position: Vec3::new(index as f32, -(index as f32), 0.5) * scale,
            visibility: 0.9,
            presence: 0.8,
        };
        let hand = HandPose {
            provenance: Provenance::Measured,
            score: 0.7,
            image: [Vec3::new(1.0, 2.0, 3.0); 21],
            world: [Vec3::splat(0.01); 21],
        };
        let body = BodyPose {
            id: 4,
            is_new: true,
            score: 0.98,
            image: std::array::from_fn(|index| landmark(index, 10.0)),
            world: std::array::from_fn(|index| landmark(index, 0.05)),
            size_px: 321.0,
            hands: Hands { left: None, right: Some(hand) },
        };
        let frame = TrackedFrame {
            frame_id: 0,
            captured_at: Instant::now(),
            time_s: 1.0,
            width: 640,
            height: 480,
            people: vec![body],
            loose_hands: Hands::default(),
            timings: Timings { pose: 9.0, ..Timings::default() },
            picture: Arc::default(),
        };
        Answer {
            sequence: Some(7),
            captured_at_us: 99,
            angles: frame.people.iter().map(|person| joint_angles(&person.world)).collect(),
            frame,
            rigs: Vec::new(),
            wait_ms: 1.0,
            total_ms: 12.0,
            dropped: 3,
        }
    }

    #[test]
    fn people_arrive_as_they_were_sent() {
        let answer = answer();
        let bytes = encode(server_message::Kind::Pose(pose(&answer)));
        let message = schema::ServerMessage::decode(bytes.as_slice()).expect("decodes");
        let Some(server_message::Kind::Pose(pose)) = message.kind else { panic!("a pose") };
        assert_eq!((pose.sequence, pose.captured_at_us, pose.width, pose.dropped), (7, 99, 640, 3));
        assert_eq!(people(&pose), answer.frame.people);
        assert_eq!(pose.people[0].angles_deg.len(), 14);
    }

    #[test]
    fn broken_people_are_left_out() {
        let good = pose(&answer());
        let mut short = good.clone();
        short.people[0].world.pop();
        let mut nan = good.clone();
        nan.people[0].landmarks[7] = f32::NAN;
        let mut flat = good.clone();
        flat.people[0].size_px = 0.0;
        for bad in [short, nan, flat] {
            assert!(people(&bad).is_empty());
        }
        let mut no_hand = good;
        no_hand.people[0].right_hand.as_mut().expect("a hand").world.clear();
        assert_eq!(people(&no_hand)[0].hands, Hands::default(), "a broken hand is no hand, the body stays");
    }
}
