//! Who is found, lost and found again.

use livedance::frame::Frame;
use livedance::motion::session::Continuity;
use livedance::pipeline::PipelineOptions;
use livedance::pipeline::stack::{HandsPolicy, TrackingStack};
use livedance::settings::ModelVariant;

use crate::support::{open, packaged, plain_frame};

/// The first frames of the demo.
fn demo(count: usize) -> Vec<Frame> {
    let mut source = open(&packaged("assets/demo/demo.mp4"));
    (0..count).map(|_| source.next_frame().unwrap().unwrap()).collect()
}

#[test]
fn nobody_is_in_plain_pictures() {
    let mut pipeline = TrackingStack::open(PipelineOptions::default(), HandsPolicy::After).unwrap();
    for (frame_id, value) in [0, 255, 128].into_iter().enumerate() {
        let tracked = pipeline.track(plain_frame(frame_id as u64, 640, 480, value)).unwrap();
        assert!(tracked.people.is_empty(), "somebody in a picture of nothing but {value}");
        assert!(tracked.timings.detect > 0.0 && tracked.timings.model > 0.0);
    }
}

#[test]
fn pictures_of_any_size_are_taken() {
    let options = PipelineOptions { short_side: 384, ..PipelineOptions::default() };
    let mut pipeline = TrackingStack::open(options, HandsPolicy::After).unwrap();
    for (frame_id, (width, height)) in [(1, 1), (1, 4000), (5000, 2), (3, 700)].into_iter().enumerate() {
        let tracked = pipeline.track(plain_frame(frame_id as u64, width, height, 90)).unwrap();
        assert_eq!((tracked.width, tracked.height), (width, height));
        assert!(tracked.people.is_empty());
    }
}

#[test]
fn a_person_keeps_their_id_until_lost_and_the_detector_rests_meanwhile() {
    let mut pipeline = TrackingStack::open(PipelineOptions::default(), HandsPolicy::After).unwrap();
    let frames = demo(12);
    let size = (frames[0].image.width, frames[0].image.height);
    let mut ids = Vec::new();
    for frame in &frames[..6] {
        let tracked = pipeline.track(frame.clone()).unwrap();
        ids.push(tracked.people[0].id);
        assert_eq!(tracked.timings.detect > 0.0, ids.len() == 1, "the detector only looks at the first");
    }
    for frame_id in 6..9 {
        assert!(pipeline.track(plain_frame(frame_id, size.0, size.1, 0)).unwrap().people.is_empty());
    }
    for frame in &frames[9..] {
        ids.push(pipeline.track(frame.clone()).unwrap().people[0].id);
    }
    assert_eq!(ids, [0; 9], "who is found again soon and looks the same keeps the id");
    // After two seconds out of view nobody is remembered.
    let mut late = frames[10].clone();
    assert!(pipeline.track(plain_frame(100, size.0, size.1, 0)).unwrap().people.is_empty());
    late.time_s = 200.0 / 30.0;
    assert_eq!(pipeline.track(late).unwrap().people[0].id, 1);
}

#[test]
fn a_reset_or_a_change_of_size_starts_over() {
    let mut pipeline = TrackingStack::open(PipelineOptions::default(), HandsPolicy::After).unwrap();
    let frames = demo(3);
    assert_eq!(pipeline.track(frames[0].clone()).unwrap().people[0].id, 0);
    let other = Frame { continuity: Continuity::NewSource, ..frames[0].clone() };
    assert_eq!(pipeline.track(other).unwrap().people[0].id, 1, "the same time is fine in another source");
    // A cut to a picture of another size: the region of the old one means nothing there.
    let mut narrow = frames[1].clone();
    let (width, height) = (narrow.image.width as usize, narrow.image.height as usize);
    let rows = narrow.image.data.chunks_exact(width * 3).flat_map(|row| row[..(width - 2) * 3].to_vec());
    narrow.image.data = rows.collect();
    narrow.image.width = (width - 2) as u32;
    assert_eq!(narrow.image.data.len(), (width - 2) * height * 3);
    let tracked = pipeline.track(narrow).unwrap();
    assert_eq!(tracked.people[0].id, 2);
    assert!(tracked.timings.detect > 0.0);
}

#[test]
fn times_that_do_not_rise_are_lifted() {
    let mut pipeline = TrackingStack::open(PipelineOptions::default(), HandsPolicy::After).unwrap();
    let frames = demo(4);
    let mut last = f64::NEG_INFINITY;
    for (frame, time_s) in frames.into_iter().zip([2.0, 2.0, 1.0, f64::NAN]) {
        let tracked = pipeline.track(Frame { time_s, ..frame }).unwrap();
        assert!(tracked.time_s > last && tracked.time_s.is_finite(), "{} after {last}", tracked.time_s);
        assert!(tracked.people[0].image.iter().all(|landmark| landmark.position.is_finite()));
        last = tracked.time_s;
    }
}

#[test]
fn every_variant_finds_the_person_in_a_still() {
    let frame = demo(1).remove(0);
    for model in [ModelVariant::Lite, ModelVariant::Full, ModelVariant::Heavy] {
        let options = PipelineOptions { model, static_image: true, ..PipelineOptions::default() };
        let mut pipeline = TrackingStack::open(options, HandsPolicy::After).unwrap();
        let people: Vec<_> = (0..2).map(|_| pipeline.track(frame.clone()).unwrap().people.remove(0)).collect();
        assert!(people[0].score > 0.9, "{model:?}: {}", people[0].score);
        assert_eq!(people[0].image, people[1].image, "{model:?}: stills know no past");
        assert_ne!(people[0].id, people[1].id);
    }
}
