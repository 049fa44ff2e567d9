//! Repetitions of a real person, where the reference media are at hand.

use glam::Vec3;
use livedance::motion::exercise::{Phase, RepetitionCounter, RepetitionEvent as Event};
use livedance::motion::landmark::Landmark;
use livedance::motion::pose::BodyPose;
use serde_json::Value;

use super::stick::Kind;
use super::{counted, exercise, pose, reasons, texts};
use crate::media::media;

/// Two squats complete, the third under way, of good form.
fn judge_squats(name: &str, bodies: &[BodyPose]) {
    // The clip has five frames a second.
    let mut counter = RepetitionCounter::new(exercise(Kind::Squat));
    let mut events = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        events.extend(counter.update(index as f64 / 5.0, Some(body)));
    }
    let state = counter.state();
    println!("{name}: {events:?} {state:?}");
    assert_eq!((state.count, counted(&events)), (2, 2), "{name}: {events:?}");
    assert!(reasons(&events).is_empty(), "{name}: {events:?}");
    assert_eq!(events.iter().filter(|event| **event == Event::Started).count(), 3, "{name}: {events:?}");
    // The clip ends as she comes up from the third, where the knees are at 102° to 112°.
    assert_eq!(state.phase, Phase::ComingUp, "{name}: {state:?}");
    assert!((0.5..1.0).contains(&state.progress), "{name}: {state:?}");
    assert!(texts(counter.exercise(), &events).is_empty(), "{name}: {events:?}");
    for event in &events {
        if let Event::Counted { duration_s, deepest, .. } = event {
            assert!((1.5..3.0).contains(duration_s) && (65.0..95.0).contains(deepest), "{name}: {event:?}");
        }
    }
}

/// World landmarks of every frame; those published come without visibilities.
fn bodies<'a>(frames: impl Iterator<Item = &'a Value>) -> Vec<BodyPose> {
    let landmark = |point: &Value| {
        let [x, y, z] = [0, 1, 2].map(|axis| point[axis].as_f64().expect("a number") as f32);
        let visibility = point[3].as_f64().unwrap_or(1.0) as f32;
        Landmark { position: Vec3::new(x, y, z), visibility, presence: 1.0 }
    };
    let body = |frame: &Value| {
        let points: Vec<Landmark> = frame.as_array().expect("a person in every frame").iter().map(landmark).collect();
        pose(&points.try_into().expect("33 landmarks"))
    };
    frames.map(body).collect()
}

fn read(name: &str) -> Option<Value> {
    let text = std::fs::read(media(name)?).expect("readable");
    Some(serde_json::from_slice(&text).expect("JSON"))
}

#[test]
fn two_squats_of_a_real_person_and_a_third_under_way() {
    let Some(published) = read("pose_squats_3d.full.json") else { return };
    judge_squats("published", &bodies(published.as_array().expect("frames").iter()));
}

#[test]
fn the_same_squats_as_mediapipe_sees_them() {
    let Some(mediapipe) = read("pose_squats.mediapipe.json") else { return };
    let frames = mediapipe["frames"].as_array().expect("frames").iter().map(|frame| &frame["world"]);
    judge_squats("MediaPipe", &bodies(frames));
}
