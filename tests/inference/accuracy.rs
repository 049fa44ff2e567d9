//! How close the landmarks are to the truth, to MediaPipe's, and to the published expectations.

use livedance::pipeline::PipelineOptions;
use serde::Deserialize;

use crate::media::media;
use crate::support::{Reference, distances_2d, distances_3d, largest, mean, packaged, read_json, track_file};

#[derive(Deserialize)]
struct GroundTruth {
    frames: Vec<GroundTruthFrame>,
}

#[derive(Deserialize)]
struct GroundTruthFrame {
    landmarks2d: Vec<[f32; 2]>,
}

/// Shoulders, elbows, wrists, hips, knees, ankles.
const MAIN_JOINTS: [usize; 12] = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];

#[test]
fn the_demo_is_tracked_to_its_ground_truth() {
    let truth: GroundTruth = read_json(&packaged("assets/demo/demo.groundtruth.json"));
    let tracked = track_file(&packaged("assets/demo/demo.mp4"), PipelineOptions::default());
    assert_eq!((tracked.len(), truth.frames.len()), (300, 300));

    let mut errors = Vec::new();
    for (frame, truth) in tracked.iter().zip(&truth.frames) {
        let [person] = &frame.people[..] else { panic!("frame {}: {} people", frame.frame_id, frame.people.len()) };
        assert_eq!(person.id, 0, "frame {}: the person was lost and found again", frame.frame_id);
        let distances = distances_2d(&person.image, &truth.landmarks2d);
        errors.extend(MAIN_JOINTS.map(|joint| distances[joint]));
    }
    println!("demo: {:.3} px mean over the twelve main joints", mean(&errors));
    assert!(mean(&errors) <= 5.0, "{} px mean", mean(&errors));
}

#[test]
fn scaled_down_the_demo_stays_in_source_pixels() {
    let truth: GroundTruth = read_json(&packaged("assets/demo/demo.groundtruth.json"));
    let options = PipelineOptions { short_side: 384, ..PipelineOptions::default() };
    let tracked = track_file(&packaged("assets/demo/demo.mp4"), options);
    let errors: Vec<f32> = tracked
        .iter()
        .zip(&truth.frames)
        .flat_map(|(frame, truth)| {
            let distances = distances_2d(&frame.people[0].image, &truth.landmarks2d);
            MAIN_JOINTS.map(|joint| distances[joint])
        })
        .collect();
    println!("demo at 384: {:.3} px mean over the twelve main joints", mean(&errors));
    assert!(tracked.iter().all(|frame| (frame.width, frame.height) == (640, 480)));
    assert!(mean(&errors) <= 6.0, "{} px mean", mean(&errors));
}

#[test]
fn squats_are_tracked_as_mediapipe_does() {
    let Some(video) = media("pose_squats.mp4") else { return };
    let Some(reference) = media("pose_squats.mediapipe.json") else { return };
    let reference: Reference = read_json(&reference);
    let tracked = track_file(&video, PipelineOptions::default());
    assert_eq!((tracked.len(), reference.frames.len()), (65, 65));

    let (mut pixels, mut metres) = (Vec::new(), Vec::new());
    for (frame, reference) in tracked.iter().zip(&reference.frames) {
        let person = frame.people.first().unwrap_or_else(|| panic!("nobody in frame {}", frame.frame_id));
        pixels.extend(distances_2d(&person.image, &reference.pose));
        metres.extend(distances_3d(&person.world, &reference.world));
    }
    println!("squats beside MediaPipe: {:.3} px, {:.2} mm mean", mean(&pixels), mean(&metres) * 1e3);
    assert!(mean(&pixels) <= 1.5, "{} px mean", mean(&pixels));
    assert!(mean(&metres) <= 0.008, "{} m mean", mean(&metres));
}

#[test]
fn squats_stay_within_the_published_limits_at_every_landmark() {
    let Some(video) = media("pose_squats.mp4") else { return };
    let Some(image) = media("pose_squats.full.json") else { return };
    let Some(world) = media("pose_squats_3d.full.json") else { return };
    let (image, world): (Vec<Vec<[f32; 3]>>, Vec<Vec<[f32; 3]>>) = (read_json(&image), read_json(&world));
    let tracked = track_file(&video, PipelineOptions::default());
    assert_eq!((tracked.len(), image.len(), world.len()), (65, 65, 65));

    let (mut pixels, mut metres) = (0.0_f32, 0.0_f32);
    for (frame, (image, world)) in tracked.iter().zip(image.iter().zip(&world)) {
        let person = frame.people.first().unwrap_or_else(|| panic!("nobody in frame {}", frame.frame_id));
        pixels = pixels.max(largest(&distances_2d(&person.image, image)));
        metres = metres.max(largest(&distances_3d(&person.world, world)));
    }
    println!("squats beside the published expectation: at most {pixels:.2} px, {metres:.4} m");
    assert!(pixels <= 31.0, "{pixels} px at the worst landmark");
    assert!(metres <= 0.24, "{metres} m at the worst landmark");
}

#[test]
fn a_still_picture_is_detected_as_mediapipe_does() {
    let Some(picture) = media("pose.jpg") else { return };
    let Some(reference) = media("pose.mediapipe.json") else { return };
    let reference: Reference = read_json(&reference);
    let options = PipelineOptions { static_image: true, ..PipelineOptions::default() };
    let tracked = track_file(&picture, options);
    let distances = distances_2d(&tracked[0].people[0].image, &reference.frames[0].pose);
    println!("still: {:.3} px mean", mean(&distances));
    assert!(mean(&distances) <= 0.3, "{} px mean", mean(&distances));
}
