//! Footage, references and distances.

use std::path::{Path, PathBuf};
use std::time::Instant;

use livedance::capture::{self, FrameSource, SourceSpec};
use livedance::frame::{Frame, RgbImage, TrackedFrame};
use livedance::motion::filter::SmoothingParams;
use livedance::motion::{Landmark, POSE_LANDMARK_COUNT};
use livedance::pipeline::PipelineOptions;
use livedance::pipeline::offline::{OfflineFrame, OfflineTracker};
use serde::Deserialize;

/// MediaPipe's solutions give their filters this clock, whatever the file says.
pub(crate) const REFERENCE_FPS: f64 = 30.0;

/// A file of the package.
pub(crate) fn packaged(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn open(path: &Path) -> Box<dyn FrameSource> {
    capture::open(&SourceSpec::Path(path.to_owned())).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every frame of a file with MediaPipe's filters on MediaPipe's clock.
pub(crate) fn track_file(path: &Path, options: PipelineOptions) -> Vec<TrackedFrame> {
    let mut source = open(path);
    let mut tracker = OfflineTracker::open(options, SmoothingParams::Mediapipe, Some(REFERENCE_FPS)).unwrap();
    let mut tracked = Vec::new();
    let mut keep = |done: Option<OfflineFrame>| {
        let Some(OfflineFrame { mut frame, .. }) = done else { return false };
        // Whole videos of pictures would fill the memory.
        frame.picture = std::sync::Arc::default();
        tracked.push(frame);
        true
    };
    while let Some(frame) = source.next_frame().unwrap() {
        keep(tracker.push(frame).unwrap());
    }
    while keep(tracker.drain().unwrap()) {}
    tracked
}

/// A plain picture as a frame.
pub(crate) fn plain_frame(frame_id: u64, width: u32, height: u32, value: u8) -> Frame {
    let image = RgbImage::new(width, height, vec![value; (width * height * 3) as usize]).unwrap();
    let time_s = frame_id as f64 / REFERENCE_FPS;
    Frame::new(frame_id, Instant::now(), time_s, image)
}

/// What MediaPipe found in each frame: x, y, z, visibility.
#[derive(Deserialize)]
pub(crate) struct Reference {
    pub frames: Vec<ReferenceFrame>,
}

#[derive(Deserialize)]
pub(crate) struct ReferenceFrame {
    pub pose: Vec<[f32; 4]>,
    pub world: Vec<[f32; 4]>,
}

pub(crate) fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Distances in the picture plane to reference points that begin with x and y.
pub(crate) fn distances_2d<const N: usize>(found: &[Landmark; POSE_LANDMARK_COUNT], expected: &[[f32; N]]) -> Vec<f32> {
    assert_eq!(expected.len(), POSE_LANDMARK_COUNT);
    found.iter().zip(expected).map(|(a, b)| (a.position.x - b[0]).hypot(a.position.y - b[1])).collect()
}

/// Distances in space to reference points that begin with x, y and z.
pub(crate) fn distances_3d<const N: usize>(found: &[Landmark; POSE_LANDMARK_COUNT], expected: &[[f32; N]]) -> Vec<f32> {
    assert_eq!(expected.len(), POSE_LANDMARK_COUNT);
    found.iter().zip(expected).map(|(a, b)| a.position.distance(glam::Vec3::new(b[0], b[1], b[2]))).collect()
}

pub(crate) fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

pub(crate) fn largest(values: &[f32]) -> f32 {
    values.iter().copied().fold(0.0, f32::max)
}
