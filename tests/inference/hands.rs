//! Hands: of the bundled demo against its ground truth, of real footage against MediaPipe's.

use glam::Vec2;
use livedance::motion::{HandPose, Provenance, Side};
use livedance::pipeline::PipelineOptions;
use livedance::settings::HandsMode;
use serde::Deserialize;

use crate::media::media;
use crate::support::{mean, packaged, read_json, track_file};

#[derive(Deserialize)]
struct GroundTruth {
    frames: Vec<GroundTruthFrame>,
}

#[derive(Deserialize)]
struct GroundTruthFrame {
    hands2d: TrueHands,
}

#[derive(Deserialize)]
struct TrueHands {
    left: Vec<[f32; 2]>,
    right: Vec<[f32; 2]>,
}

impl TrueHands {
    fn get(&self, side: Side) -> &[[f32; 2]] {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }
}

fn apart(hand: &HandPose, truth: &[[f32; 2]]) -> f32 {
    let distances: Vec<f32> =
        hand.image.iter().zip(truth).map(|(found, true_)| found.truncate().distance(Vec2::from(*true_))).collect();
    mean(&distances)
}

/// Hands of the demo: how many frames have them, how far off they are, where they are the other hand.
#[test]
fn the_demos_hands_are_found_on_their_own_sides() {
    let truth: GroundTruth = read_json(&packaged("assets/demo/demo.groundtruth.json"));
    let options = PipelineOptions { hands: HandsMode::On, ..PipelineOptions::default() };
    let tracked = track_file(&packaged("assets/demo/demo.mp4"), options);
    for side in Side::BOTH {
        let (mut errors, mut swapped) = (Vec::new(), Vec::new());
        for (frame, truth) in tracked.iter().zip(&truth.frames) {
            let Some(hand) = frame.people.first().and_then(|person| person.hands.get(side)) else { continue };
            let (own, other) = (truth.hands2d.get(side), truth.hands2d.get(side.other()));
            let (error, as_other) = (apart(hand, own), apart(hand, other));
            errors.push(error);
            let is_carried = matches!(hand.provenance, Provenance::Carried { age_s } if age_s > 0.0);
            assert_eq!(is_carried, hand.score < 0.4, "{side:?} in frame {}: {hand:?}", frame.frame_id);
            // Hands within a third of their length (41 px) of each other clasp: neither place is wrong.
            let between =
                mean(&own.iter().zip(other).map(|(a, b)| Vec2::from(*a).distance(Vec2::from(*b))).collect::<Vec<_>>());
            if as_other < error && between > 41.0 / 3.0 {
                swapped.push((frame.frame_id, error as u32, as_other as u32, between as u32, hand.score));
            }
        }
        println!("{side:?}: {} of 300, {:.2} px mean, swapped {swapped:?}", errors.len(), mean(&errors));
        assert!(errors.len() >= 285, "{side:?}: in {} of 300 frames", errors.len());
        assert!(mean(&errors) <= 4.0, "{side:?}: {} px", mean(&errors));
        assert!(swapped.is_empty(), "{side:?}: {swapped:?}");
    }
}

#[derive(Deserialize)]
struct Reference {
    frames: Vec<ReferenceFrame>,
}

#[derive(Deserialize)]
struct ReferenceFrame {
    hands: Vec<ReferenceHand>,
}

#[derive(Deserialize)]
struct ReferenceHand {
    label: String,
    landmarks: Vec<[f32; 3]>,
}

/// MediaPipe's label thinks of a mirrored picture.
fn side_of(hand: &ReferenceHand) -> Side {
    if hand.label == "Left" { Side::Right } else { Side::Left }
}

fn distance(hand: &HandPose, reference: &ReferenceHand) -> f32 {
    let flat: Vec<[f32; 2]> = reference.landmarks.iter().map(|point| [point[0], point[1]]).collect();
    apart(hand, &flat)
}

#[test]
fn a_signing_hand_alone_is_tracked_as_mediapipe_does() {
    let Some(video) = media("asl_hand.25fps.mp4") else { return };
    let Some(reference) = media("asl_hand.mediapipe.json") else { return };
    let reference: Reference = read_json(&reference);
    let options = PipelineOptions { hands: HandsMode::Only, ..PipelineOptions::default() };
    let tracked = track_file(&video, options);
    let (mut expected, mut errors, mut swapped) = (0, Vec::new(), 0);
    for (frame, reference) in tracked.iter().zip(&reference.frames) {
        let Some(wanted) = reference.hands.first() else { continue };
        expected += 1;
        let found = frame.loose_hands.get(side_of(wanted)).or(frame.loose_hands.get(side_of(wanted).other()));
        if let Some(hand) = found {
            errors.push(distance(hand, wanted));
            swapped += u32::from(frame.loose_hands.get(side_of(wanted)).is_none());
        }
    }
    println!("hand alone: {} of {expected}, {:.3} px mean, {swapped} on the other side", errors.len(), mean(&errors));
    assert!(errors.len() as f32 >= 0.99 * expected as f32);
    assert!(mean(&errors) <= 0.6, "{} px mean", mean(&errors));
    assert!(swapped * 100 <= expected, "{swapped} frames on the other side");
}
