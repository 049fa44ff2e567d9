//! Several people: told apart, followed through crossings, never twice.

use livedance::frame::{Frame, RgbImage};
use livedance::pipeline::PipelineOptions;
use livedance::pipeline::stack::{HandsPolicy, TrackingStack};

use crate::media::media;
use crate::support::{REFERENCE_FPS, open, packaged};

#[test]
fn three_people_in_a_still_are_three() {
    let Some(picture) = media("three_people.jpg") else { return };
    let options = PipelineOptions { people: 5, static_image: true, ..PipelineOptions::default() };
    let frame = open(&picture).next_frame().unwrap().unwrap();
    let (width, height) = (frame.image.width as f32, frame.image.height as f32);
    let people = TrackingStack::open(options, HandsPolicy::After).unwrap().track(frame).unwrap().people;
    let middles: Vec<_> = people.iter().map(|body| body.image[23].position.midpoint(body.image[24].position)).collect();
    println!("three people: {middles:?}");
    assert_eq!(people.len(), 3);
    let mut ids: Vec<u32> = people.iter().map(|person| person.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "three ids");
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(
            middles[a].truncate().distance(middles[b].truncate()) > 0.08 * width.min(height),
            "{a} and {b} are one"
        );
    }
}

/// The picture of a scene in which two people walk past each other: the demo's person, and the same one in other colours.
struct Scene {
    clip: Vec<RgbImage>,
}

const WIDTH: usize = 1280;
/// Columns around the demo's person.
const COLUMNS: std::ops::Range<usize> = 210..430;

impl Scene {
    fn new(frames: usize) -> Self {
        let mut source = open(&packaged("assets/demo/demo.mp4"));
        let clip = (0..frames).map(|_| source.next_frame().unwrap().unwrap().image).collect();
        Self { clip }
    }

    /// Where the two stand (their middles, pixels; `None` for out of view); the first is in front.
    fn picture(&self, moment: usize, places: [Option<f32>; 2]) -> RgbImage {
        let clip = &self.clip[moment % self.clip.len()];
        let (width, height) = (clip.width as usize, clip.height as usize);
        let mut data = Vec::with_capacity(WIDTH * height * 3);
        for y in 0..height {
            // The wall beside the person, over the whole width.
            let wall = &clip.data[(y * width + 600) * 3..][..3];
            (0..WIDTH).for_each(|_| data.extend_from_slice(wall));
        }
        for (who, place) in places.into_iter().enumerate().rev() {
            let Some(place) = place else { continue };
            let left = place as isize - (COLUMNS.len() / 2) as isize;
            for (y, column) in (0..height).flat_map(|y| COLUMNS.map(move |column| (y, column))) {
                let x = left + (column - COLUMNS.start) as isize;
                if !(0..WIDTH as isize).contains(&x) {
                    continue;
                }
                let pixel = &clip.data[(y * width + column) * 3..][..3];
                let at = (y * WIDTH + x as usize) * 3;
                // Blue clothes become brown ones; skin stays.
                let colours = if who == 1 && pixel[2] > pixel[0] { [2, 1, 0] } else { [0, 1, 2] };
                for (channel, colour) in colours.into_iter().enumerate() {
                    data[at + channel] = pixel[colour];
                }
            }
        }
        RgbImage::new(WIDTH as u32, height as u32, data).unwrap()
    }
}

fn frame(frame_id: usize, image: RgbImage) -> Frame {
    let time_s = frame_id as f64 / REFERENCE_FPS;
    Frame::new(frame_id as u64, std::time::Instant::now(), time_s, image)
}

/// Ids by place: the one of whoever is nearest, if anybody is within reach.
fn id_at(people: &[livedance::motion::BodyPose], place: f32) -> Option<u32> {
    let middle = |body: &livedance::motion::BodyPose| body.image[23].position.x.midpoint(body.image[24].position.x);
    people.iter().filter(|body| (middle(body) - place).abs() < 70.0).map(|body| body.id).next()
}

#[test]
fn two_people_who_cross_keep_their_ids() {
    let scene = Scene::new(60);
    let mut pipeline =
        TrackingStack::open(PipelineOptions { people: 3, ..PipelineOptions::default() }, HandsPolicy::After).unwrap();
    let frames = 120;
    let (mut ids, mut seen) = ([None, None], [0, 0]);
    for index in 0..frames {
        let way = index as f32 / (frames - 1) as f32;
        let places = [250.0 + 780.0 * way, 1030.0 - 780.0 * way];
        let people = pipeline.track(frame(index, scene.picture(index, places.map(Some)))).unwrap().people;
        assert!(people.len() <= 2, "frame {index}: {} people", people.len());
        let apart = (places[0] - places[1]).abs();
        if apart < 200.0 {
            continue;
        }
        for who in 0..2 {
            let Some(id) = id_at(&people, places[who]) else { continue };
            seen[who] += 1;
            let known = *ids[who].get_or_insert(id);
            assert_eq!(id, known, "frame {index}: person {who} at {}, {apart} apart", places[who]);
        }
    }
    assert_ne!(ids[0], ids[1]);
    println!("crossing: ids {ids:?}, seen in {seen:?} frames apart");
    assert!(seen.iter().all(|seen| *seen > 70), "{seen:?}");
}

#[test]
fn who_is_hidden_for_a_second_comes_back_under_the_same_id() {
    let scene = Scene::new(60);
    let mut pipeline =
        TrackingStack::open(PipelineOptions { people: 2, ..PipelineOptions::default() }, HandsPolicy::After).unwrap();
    let mut ids = Vec::new();
    for index in 0..90 {
        let second = if (30..60).contains(&index) { None } else { Some(900.0) };
        let people = pipeline.track(frame(index, scene.picture(index, [Some(350.0), second]))).unwrap().people;
        if second.is_some() && index > 70 || index == 25 {
            ids.push((id_at(&people, 350.0), id_at(&people, 900.0)));
        }
    }
    assert!(ids[0].0.is_some() && ids[0].1.is_some(), "{ids:?}");
    assert!(ids.iter().all(|pair| *pair == ids[0]), "{ids:?}");
}
