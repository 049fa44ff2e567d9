//! A made-up take.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use glam::Vec3;

use crate::formats::take::{TakeHeader, TakeWriter};
use crate::frame::{Timings, TrackedFrame};
use crate::motion::session::Continuity;
use crate::motion::{BodyPose, Hands, Landmark};

/// Frame `index` of somebody who sways, at 30 a second from ten seconds on, with the trembling of a model.
pub(crate) fn swaying(index: u64) -> TrackedFrame {
    let time_s = 10.0 + index as f64 / 30.0;
    let tremble = |seed: usize| ((index * 31 + seed as u64 * 17) % 23) as f32 * 1e-4;
    let mut world = [Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() }; 33];
    for (seed, landmark) in world.iter_mut().enumerate() {
        let side = if seed % 2 == 0 { -1.0 } else { 1.0 };
        let height = -0.7 + 1.6 * (seed as f32 / 32.0);
        let sway = 0.1 * (time_s as f32 * 2.0 + seed as f32 * 0.2).sin();
        landmark.position = Vec3::new(0.15 * side + sway + tremble(seed), height, 0.02 * side + tremble(seed + 5));
    }
    let pictured = |landmark: Landmark| Landmark {
        position: Vec3::new(320.0, 240.0, 0.0) + landmark.position * 200.0,
        ..landmark
    };
    let body = BodyPose {
        id: 1,
        is_new: index == 0,
        score: 0.9,
        image: world.map(pictured),
        world,
        size_px: 400.0,
        hands: Hands::default(),
    };
    TrackedFrame {
        frame_id: index,
        captured_at: Instant::now(),
        time_s,
        width: 640,
        height: 480,
        people: vec![body],
        loose_hands: Hands::default(),
        timings: Timings::default(),
        picture: Arc::default(),
        continuity: Continuity::Follows,
        measured_hands: None,
    }
}

/// Writes a take.
pub(in crate::pipeline) fn write(path: &Path, frames: impl IntoIterator<Item = TrackedFrame>) {
    let header = TakeHeader { width: 640, height: 480, ..TakeHeader::default() };
    let mut writer = TakeWriter::create(path, &header).expect("begins");
    for frame in frames {
        writer.push_tracked(&frame).expect("writes");
    }
    writer.finish().expect("ends");
}
