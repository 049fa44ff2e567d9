//! The little skeleton that stands for a take in the list.

use bevy_egui::egui::{Pos2, pos2};

use crate::app::overlay::TakeFigure;
use crate::formats::record::FrameRecord;
use crate::motion::Landmark;
use crate::motion::landmark::{POSE_CONNECTIONS, POSE_LANDMARK_COUNT};

/// Part of the picture's side that is left free around the people.
const MARGIN: f32 = 0.04;
/// Lines of landmarks that are seen less are left out.
const SEEN: f32 = 0.2;

/// Everybody in a frame, as large as a square allows; `None` when nobody is there.
pub(super) fn figure_of(frame: &FrameRecord) -> Option<TakeFigure> {
    let people: Vec<[Landmark; POSE_LANDMARK_COUNT]> =
        frame.people.iter().filter_map(crate::formats::record::PersonRecord::image_landmarks).collect();
    let points = people.iter().flatten().map(|landmark| landmark.position.truncate()).filter(|point| point.is_finite());
    let (least, most) = points.fold(None, |range: Option<(glam::Vec2, glam::Vec2)>, point| {
        Some(range.map_or((point, point), |(least, most)| (least.min(point), most.max(point))))
    })?;
    let side = (most - least).max_element().max(1.0) * (1.0 + 2.0 * MARGIN);
    let corner = (least + most) / 2.0 - side / 2.0;
    let place = |landmark: &Landmark| -> Option<Pos2> {
        let at = (landmark.position.truncate() - corner) / side;
        at.is_finite().then(|| pos2(at.x, at.y))
    };
    let mut lines = Vec::new();
    for person in &people {
        for (from, to) in POSE_CONNECTIONS {
            let seen = person[from].visibility.min(person[to].visibility);
            if let (Some(start), Some(end), true) = (place(&person[from]), place(&person[to]), seen >= SEEN) {
                lines.push(([start, end], seen.clamp(0.0, 1.0)));
            }
        }
    }
    (!lines.is_empty()).then_some(TakeFigure { lines })
}
