//! The next moves as little pictures.

use bevy::prelude::*;

use super::play::Dancing;
use super::stick_figure::StickFigure;

/// How many moves are shown ahead.
pub const AHEAD: usize = 3;

/// The poses of the next beats, the nearest first. Empty while nobody dances.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Preview {
    /// At most [`AHEAD`].
    pub figures: Vec<UpcomingFigure>,
}

/// One of the next poses.
#[derive(Debug, Clone, PartialEq)]
pub struct UpcomingFigure {
    /// Seconds until it has to be reached.
    pub in_s: f32,
    /// What to draw.
    pub figure: StickFigure,
}

/// Shows the poses of the next beats.
pub(super) fn look_ahead(dancing: Option<Res<Dancing>>, mut preview: ResMut<Preview>) {
    let Some(dancing) = dancing else {
        if !preview.figures.is_empty() {
            preview.figures.clear();
        }
        return;
    };
    let next = dancing.figures.partition_point(|(time_s, _)| *time_s <= dancing.song_s);
    let ahead = dancing.figures[next..].iter().take(AHEAD);
    preview.figures = ahead
        .map(|(time_s, figure)| UpcomingFigure { in_s: (time_s - dancing.song_s) as f32, figure: figure.clone() })
        .collect();
}

/// The match is over: nothing is ahead any more.
pub(super) fn forget(mut preview: ResMut<Preview>) {
    preview.figures.clear();
}
