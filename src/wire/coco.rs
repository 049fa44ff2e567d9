//! Whole bodies out of the 17 points of an original backend.
//!
//! The model's other 16 points are made up of those there are. What follows from a well-seen neighbour (eyes, ears,
//! mouth) bears a share of its visibility, feet as much as lets a foot stand, knuckles none at all: without a hand beside
//! it a wrist stays straight. So this is what such a body cannot show: which way a foot turns against its shin, a foot on
//! its toes, a wrist that bends while its hand is not seen. A hand's metres are guessed from its pixels and the body's
//! own scale; its side is that of the nearer wrist. One person, whose number is the caller's business.

use glam::{Vec2, Vec3};

use super::original::{COCO_POINTS, Keypoint, PoseResult};
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, POSE_LANDMARK_NAMES, PoseLandmark as L};
use crate::motion::{BodyPose, HandPose, Hands, Provenance};

/// Shares of the neighbour's visibility that made-up points bear.
const FACE_SEEN: f32 = 0.5;
const FOOT_SEEN: f32 = 0.35;
/// Below what anybody trusts.
const KNUCKLE_SEEN: f32 = 0.05;
/// Coordinates beyond these are errors: shares of the picture, metres.
const MOST_SHARE: f32 = 100.0;
const MOST_METRES: f32 = 100.0;
/// Length of a trunk from the middle of the shoulders to that of the hips, metres: the scale of a body without metres.
const TRUNK_M: f32 = 0.5;
/// From the wrist to the middle finger's knuckle, metres: the scale of a hand whose body says nothing.
const PALM_M: f32 = 0.09;
/// A hand's wrist lies no farther from the body's, in sizes of the body.
const FARTHEST_WRIST: f32 = 0.2;
/// A hand's confidence, which the original does not say.
const HAND_SCORE: f32 = 0.8;

/// The body in pixels of a picture of this size and in metres; `None` where nobody is in view or numbers are missing or
/// are none.
#[must_use]
pub fn body(result: &PoseResult, width: u32, height: u32) -> Option<BodyPose> {
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let keypoints = keypoints(&result.body)?;
    let mut image = [Landmark::default(); POSE_LANDMARK_COUNT];
    let mut known = [Vec3::ZERO; POSE_LANDMARK_COUNT];
    for (&index, point) in COCO_POINTS.iter().zip(keypoints) {
        known[index] = Vec3::new(point.x * width, point.y * height, point.z * width);
        let visibility = if point.visibility.is_finite() { point.visibility.clamp(0.0, 1.0) } else { 0.0 };
        (image[index].visibility, image[index].presence) = (visibility, visibility);
    }
    let world = metres(result).unwrap_or_else(|| metres_of_pixels(&known));
    let seen = invent_visibility(&mut image);
    let (known, world) = (whole(&known), whole(&world));
    let mut body =
        BodyPose { id: 0, is_new: false, score: seen, image, world: image, size_px: 1.0, hands: Hands::default() };
    for (landmark, position) in body.image.iter_mut().zip(known) {
        landmark.position = position;
    }
    for (landmark, position) in body.world.iter_mut().zip(world) {
        landmark.position = position;
    }
    body.size_px = side(&body.image);
    let scale = metres_a_pixel(&known, &world);
    let hand = |points: &Option<Vec<[f32; 3]>>| points.as_ref().and_then(|points| hand(points, width, height, scale));
    body.hands = at_their_wrists(&Hands { left: hand(&result.hands.left), right: hand(&result.hands.right) }, &body);
    for (hand, [index, pinky, thumb]) in [
        (body.hands.left, [L::LeftIndex, L::LeftPinky, L::LeftThumb]),
        (body.hands.right, [L::RightIndex, L::RightPinky, L::RightThumb]),
    ] {
        let Some(hand) = hand else { continue };
        for (landmark, point) in [(index, 5), (pinky, 17), (thumb, 2)] {
            body.image[landmark as usize].position = hand.image[point];
        }
    }
    Some(body)
}

/// The 17 points in COCO's order, by their names or, without such names, as they stand.
fn keypoints(body: &[Keypoint]) -> Option<[&Keypoint; 17]> {
    let named = |index: &usize| body.iter().find(|point| point.name == POSE_LANDMARK_NAMES[*index]);
    let by_name: Vec<&Keypoint> = COCO_POINTS.iter().filter_map(named).collect();
    let points = if by_name.len() == COCO_POINTS.len() { by_name } else { body.iter().collect() };
    let points: [&Keypoint; 17] = points.try_into().ok()?;
    let is_usable = |point: &&Keypoint| [point.x, point.y, point.z].iter().all(|value| value.abs() < MOST_SHARE);
    points.iter().all(is_usable).then_some(points)
}

/// The 17 points in metres, where all of them are there.
fn metres(result: &PoseResult) -> Option<[Vec3; POSE_LANDMARK_COUNT]> {
    let mut world = [Vec3::ZERO; POSE_LANDMARK_COUNT];
    for index in COCO_POINTS {
        let point = result.pose_3d_coords.get(POSE_LANDMARK_NAMES[index])?;
        let position = Vec3::new(point.x, point.y, point.z);
        if !position.abs().cmple(Vec3::splat(MOST_METRES)).all() {
            return None;
        }
        world[index] = position;
    }
    Some(world)
}

/// Metres guessed from pixels by the length of the trunk.
fn metres_of_pixels(pixels: &[Vec3; POSE_LANDMARK_COUNT]) -> [Vec3; POSE_LANDMARK_COUNT] {
    let at = |a: L, b: L| (pixels[a as usize] + pixels[b as usize]) * 0.5;
    let (hips, shoulders) = (at(L::LeftHip, L::RightHip), at(L::LeftShoulder, L::RightShoulder));
    let trunk = (shoulders - hips).truncate().length().max(1.0);
    pixels.map(|point| (point - hips) * (TRUNK_M / trunk))
}

/// Metres of one pixel, by the body's main joints.
fn metres_a_pixel(pixels: &[Vec3; POSE_LANDMARK_COUNT], world: &[Vec3; POSE_LANDMARK_COUNT]) -> Option<f32> {
    let spread = |points: &[Vec3; POSE_LANDMARK_COUNT]| {
        let joints = || COCO_POINTS[5..].iter().map(|index| points[*index].truncate());
        let middle = joints().sum::<Vec2>() / 12.0;
        joints().map(|point| point.distance(middle)).sum::<f32>()
    };
    let scale = spread(world) / spread(pixels);
    (scale.is_finite() && scale > 0.0).then_some(scale)
}

/// Gives the points that are made up their visibility; returns how well the 17 are seen in the middle.
fn invent_visibility(image: &mut [Landmark; POSE_LANDMARK_COUNT]) -> f32 {
    let seen = COCO_POINTS.iter().map(|index| image[*index].visibility).sum::<f32>() / COCO_POINTS.len() as f32;
    for (invented, of, share) in [
        (L::LeftEyeInner, L::LeftEye, FACE_SEEN),
        (L::LeftEyeOuter, L::LeftEye, FACE_SEEN),
        (L::RightEyeInner, L::RightEye, FACE_SEEN),
        (L::RightEyeOuter, L::RightEye, FACE_SEEN),
        (L::MouthLeft, L::Nose, FACE_SEEN),
        (L::MouthRight, L::Nose, FACE_SEEN),
        (L::LeftPinky, L::LeftWrist, KNUCKLE_SEEN),
        (L::LeftIndex, L::LeftWrist, KNUCKLE_SEEN),
        (L::LeftThumb, L::LeftWrist, KNUCKLE_SEEN),
        (L::RightPinky, L::RightWrist, KNUCKLE_SEEN),
        (L::RightIndex, L::RightWrist, KNUCKLE_SEEN),
        (L::RightThumb, L::RightWrist, KNUCKLE_SEEN),
        (L::LeftHeel, L::LeftAnkle, FOOT_SEEN),
        (L::LeftFootIndex, L::LeftAnkle, FOOT_SEEN),
        (L::RightHeel, L::RightAnkle, FOOT_SEEN),
        (L::RightFootIndex, L::RightAnkle, FOOT_SEEN),
    ] {
        let of = image[of as usize];
        let landmark = &mut image[invented as usize];
        (landmark.visibility, landmark.presence) = (of.visibility * share, of.presence * share);
    }
    seen
}

/// All 33 points out of the 17, in pixels or in metres: y down, z away from the camera.
fn whole(known: &[Vec3; POSE_LANDMARK_COUNT]) -> [Vec3; POSE_LANDMARK_COUNT] {
    let mut points = *known;
    add_face(&mut points);
    let at = |landmark: L| known[landmark as usize];
    let hips = (at(L::LeftHip) + at(L::RightHip)) * 0.5;
    let spine = (at(L::LeftShoulder) + at(L::RightShoulder)) * 0.5 - hips;
    // The trunk's own left, up and forward; y down and z away make this order of the product right.
    let left = at(L::LeftHip) - at(L::RightHip);
    let forward = left.cross(spine).try_normalize().unwrap_or(Vec3::NEG_Z);
    let outwards = left.try_normalize().unwrap_or(Vec3::X);
    for (knee, ankle, heel, toe) in [
        (L::LeftKnee, L::LeftAnkle, L::LeftHeel, L::LeftFootIndex),
        (L::RightKnee, L::RightAnkle, L::RightHeel, L::RightFootIndex),
    ] {
        let shin = at(ankle) - at(knee);
        let (length, along) = (shin.length(), shin.try_normalize().unwrap_or(Vec3::Y));
        // A shin that is upright stands on a level foot; one that is not carries its foot at a right angle.
        let upright = ((along.y - 0.7) / 0.25).clamp(0.0, 1.0);
        let level = Vec3::new(forward.x, 0.0, forward.z).try_normalize().unwrap_or(Vec3::NEG_Z);
        let square = (forward - along * forward.dot(along)).try_normalize().unwrap_or(level);
        let pointing = square.lerp(level, upright).try_normalize().unwrap_or(level);
        let below = along.lerp(Vec3::Y, upright).try_normalize().unwrap_or(Vec3::Y) * (0.14 * length);
        points[heel as usize] = at(ankle) + below - pointing * (0.10 * length);
        points[toe as usize] = at(ankle) + below + pointing * (0.34 * length);
    }
    for (elbow, wrist, [index, pinky, thumb], side) in [
        (L::LeftElbow, L::LeftWrist, [L::LeftIndex, L::LeftPinky, L::LeftThumb], 1.0),
        (L::RightElbow, L::RightWrist, [L::RightIndex, L::RightPinky, L::RightThumb], -1.0),
    ] {
        let forearm = at(wrist) - at(elbow);
        let (length, along) = (forearm.length(), forearm.try_normalize().unwrap_or(Vec3::Y));
        // Thumbs forward, as arms hang.
        let across = (forward - along * forward.dot(along)).try_normalize().unwrap_or(outwards * side);
        points[index as usize] = at(wrist) + along * (0.36 * length) + across * (0.08 * length);
        points[pinky as usize] = at(wrist) + along * (0.32 * length) - across * (0.10 * length);
        points[thumb as usize] = at(wrist) + along * (0.16 * length) + across * (0.13 * length);
    }
    points
}

fn add_face(points: &mut [Vec3; POSE_LANDMARK_COUNT]) {
    let at = |landmark: L| points[landmark as usize];
    let (left, right) = (at(L::LeftEye), at(L::RightEye));
    let (eyes, ears) = ((left + right) * 0.5, (at(L::LeftEar) + at(L::RightEar)) * 0.5);
    let nose = at(L::Nose);
    // Below the nose, and as far behind it as the lips are.
    let mouth = nose + (nose - eyes) * 0.75 - (nose - ears) * 0.2;
    let half = (left - right) * 0.4;
    let invented = [
        (L::LeftEyeInner, left.lerp(eyes, 0.4)),
        (L::LeftEyeOuter, left.lerp(at(L::LeftEar), 0.25)),
        (L::RightEyeInner, right.lerp(eyes, 0.4)),
        (L::RightEyeOuter, right.lerp(at(L::RightEar), 0.25)),
        (L::MouthLeft, mouth + half),
        (L::MouthRight, mouth - half),
    ];
    for (landmark, point) in invented {
        points[landmark as usize] = point;
    }
}

/// The hands on the sides where their wrists are: some backends say which is which as in a mirror. A hand that is at
/// neither wrist is nobody's.
fn at_their_wrists(hands: &Hands, body: &BodyPose) -> Hands {
    let wrists = [L::LeftWrist, L::RightWrist].map(|wrist| body.image[wrist as usize].position.truncate());
    let away = |hand: &HandPose, side: usize| hand.image[0].truncate().distance(wrists[side]) / body.size_px;
    let cost = |first: usize| {
        let of = |hand: &Option<HandPose>, side: usize| hand.as_ref().map_or(0.0, |hand| away(hand, side));
        of(&hands.left, first) + of(&hands.right, 1 - first)
    };
    let sides = if cost(0) <= cost(1) { [hands.left, hands.right] } else { [hands.right, hands.left] };
    let [left, right] = [0, 1].map(|side| sides[side].filter(|hand| away(hand, side) < FARTHEST_WRIST));
    Hands { left, right }
}

/// Side of the square around the body, above zero.
fn side(image: &[Landmark; POSE_LANDMARK_COUNT]) -> f32 {
    let first = image[0].position.truncate();
    let (low, high) = image.iter().fold((first, first), |(low, high), landmark| {
        (low.min(landmark.position.truncate()), high.max(landmark.position.truncate()))
    });
    (high - low).max_element().max(1.0)
}

/// A hand out of shares of the picture; its metres by the body's scale, or by how long palms are.
fn hand(points: &[[f32; 3]], width: f32, height: f32, scale: Option<f32>) -> Option<HandPose> {
    let points: &[[f32; 3]; HAND_LANDMARK_COUNT] = points.try_into().ok()?;
    if !points.iter().flatten().all(|value| value.abs() < MOST_SHARE) {
        return None;
    }
    let image = points.map(|[x, y, z]| Vec3::new(x * width, y * height, z * width));
    let palm = (image[9] - image[0]).length();
    let guessed = if palm > 0.0 { PALM_M / palm } else { return None };
    // A hand before the body is nearer than it, one that was mistaken is of no size: palms keep within their own.
    let scale = scale.map_or(guessed, |scale| scale.clamp(0.6 * guessed, 1.6 * guessed));
    let middle = image.iter().sum::<Vec3>() / HAND_LANDMARK_COUNT as f32;
    Some(HandPose {
        provenance: Provenance::Measured,
        score: HAND_SCORE,
        image,
        world: image.map(|point| (point - middle) * scale),
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::wire::original::{HandPoints, Point};

    /// Somebody upright who faces the camera, in metres: y down, z away, their left on the picture's right.
    fn standing(name: &str) -> Vec3 {
        let (side, joint) = match name.split_once('_') {
            Some(("left", joint)) => (1.0, joint),
            Some(("right", joint)) => (-1.0, joint),
            _ => (0.0, name),
        };
        let (x, y, z) = match joint {
            "eye" => (0.03, -0.68, -0.12),
            "ear" => (0.07, -0.66, 0.0),
            "shoulder" => (0.17, -0.48, 0.0),
            "elbow" => (0.22, -0.2, 0.0),
            "wrist" => (0.24, 0.05, -0.02),
            "hip" => (0.1, 0.0, 0.0),
            "knee" => (0.1, 0.42, 0.0),
            "ankle" => (0.1, 0.82, 0.02),
            _ => (0.0, -0.64, -0.14),
        };
        Vec3::new(x * side, y, z)
    }

    fn result() -> PoseResult {
        let names = COCO_POINTS.map(|index| POSE_LANDMARK_NAMES[index]);
        let share = |name: &str| standing(name) * 0.5 + Vec3::new(0.5, 0.5, 0.0);
        PoseResult {
            body: names
                .iter()
                .map(|name| {
                    let [x, y, z] = share(name).to_array();
                    Keypoint { name: Cow::Borrowed(name), x, y, z, visibility: 0.9 }
                })
                .collect(),
            pose_3d_coords: names
                .iter()
                .map(|name| {
                    let [x, y, z] = standing(name).to_array();
                    (Cow::Borrowed(*name), Point { x, y, z })
                })
                .collect(),
            ..PoseResult::default()
        }
    }

    #[test]
    fn feet_stand_on_the_floor_and_point_where_the_person_looks() {
        let body = body(&result(), 400, 400).expect("somebody");
        let at = |landmark: L| body.world[landmark as usize].position;
        for (ankle, heel, toe) in
            [(L::LeftAnkle, L::LeftHeel, L::LeftFootIndex), (L::RightAnkle, L::RightHeel, L::RightFootIndex)]
        {
            assert!(at(heel).y > at(ankle).y + 0.03 && (at(toe).y - at(heel).y).abs() < 0.02, "level, under the ankle");
            assert!(at(toe).z < at(heel).z - 0.12, "towards the camera");
            assert!((at(toe).x - at(heel).x).abs() < 0.05, "straight on");
            assert!((0.1..0.5).contains(&body.world[toe as usize].visibility));
        }
        assert!(body.world[L::LeftIndex as usize].visibility < 0.1, "knuckles are not to be trusted");
        assert!(at(L::LeftIndex).y > at(L::LeftWrist).y, "below the wrist of an arm that hangs");
        assert!(at(L::MouthLeft).y > at(L::Nose).y && at(L::MouthLeft).x > at(L::MouthRight).x);
    }

    #[test]
    fn pixels_are_of_the_picture_and_metres_can_be_missing() {
        let mut result = result();
        let with = body(&result, 640, 480).expect("somebody");
        assert_eq!(with.image[L::LeftHip as usize].position, Vec3::new(0.55 * 640.0, 240.0, 0.0));
        assert!(with.size_px > 200.0 && (with.score - 0.9).abs() < 1e-5);
        result.pose_3d_coords.clear();
        let without = body(&result, 480, 480).expect("somebody");
        let height =
            |body: &BodyPose| body.world[L::LeftAnkle as usize].position.y - body.world[L::Nose as usize].position.y;
        assert!((height(&without) / height(&with) - 1.0).abs() < 0.1, "a body's own length");
    }

    #[test]
    fn a_hand_has_a_hands_size() {
        let mut result = result();
        let points: Vec<_> = (0..HAND_LANDMARK_COUNT).map(|index| [0.62, 0.525 + index as f32 * 0.005, 0.0]).collect();
        let far = vec![[0.1, 0.1, 0.0]; HAND_LANDMARK_COUNT];
        result.hands = HandPoints { left: Some(points.clone()), right: Some(vec![[0.0; 3]; 3]) };
        let seen = body(&result, 400, 400).expect("somebody");
        let hand = seen.hands.left.expect("a hand");
        assert!(hand.image[0].distance(Vec3::new(248.0, 210.0, 0.0)) < 1e-3);
        let palm = hand.world[9].distance(hand.world[0]);
        assert!((0.05..0.15).contains(&palm), "{palm} m");
        assert_eq!(seen.hands.right, None, "too few points");
        result.hands = HandPoints { left: Some(far), right: Some(points) };
        let mirrored = body(&result, 400, 400).expect("somebody");
        assert_eq!(mirrored.hands.left, Some(hand), "where the wrist is, whatever it is called");
        assert_eq!(mirrored.hands.right, None, "at no wrist");
    }

    #[test]
    fn what_is_no_body_is_none() {
        assert_eq!(body(&PoseResult::default(), 10, 10), None);
        for value in [f32::NAN, f32::INFINITY, 1e30] {
            let mut broken = result();
            broken.body[3].x = value;
            assert_eq!(body(&broken, 10, 10), None);
            let mut broken = result();
            broken.pose_3d_coords.values_mut().for_each(|point| point.y = value);
            assert!(body(&broken, 10, 10).is_some(), "metres are guessed then");
        }
        let mut few = result();
        few.body.truncate(16);
        assert_eq!(body(&few, 10, 10), None);
    }
}
