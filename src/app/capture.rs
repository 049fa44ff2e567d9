//! The live pipeline inside the app: its results, its state, and the settings handed to it.

use bevy::prelude::*;

use super::metrics::{Counters, Metrics};
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use super::tracking::{Playout, TrackedSlot};
use crate::capture::SourceSpec;
use crate::pipeline::live::{LiveOptions, LivePipeline, LiveStatus, SourceState};
use crate::settings::Settings;

/// Starts the pipeline's threads with the app; they end with it.
pub(super) struct LivePlugin {
    /// Where the frames come from.
    pub(super) source: SourceSpec,
}

impl Plugin for LivePlugin {
    fn build(&self, app: &mut App) {
        let settings = app.world().get_resource::<Preferences>().map(|p| p.settings.clone()).unwrap_or_default();
        let live = Live::start(self.source.clone(), &settings);
        app.insert_resource(TrackedSlot(live.pipeline.results().clone()))
            .insert_resource(live)
            .add_systems(RunFixedMainLoop, poll_pipeline.in_set(PoseSystems::Poll));
    }
}

/// Source and models at work.
#[derive(Resource)]
pub(super) struct Live {
    pipeline: LivePipeline,
    source: SourceSpec,
    applied: Settings,
    /// As of this frame.
    pub status: LiveStatus,
}

impl Live {
    fn start(source: SourceSpec, settings: &Settings) -> Self {
        let pipeline = LivePipeline::start(source.clone(), options(settings));
        let status = pipeline.status();
        Self { pipeline, source, applied: settings.clone(), status }
    }

    /// The source as it was asked for.
    #[must_use]
    pub(super) const fn source(&self) -> &SourceSpec {
        &self.source
    }

    /// Takes frames from somewhere else, from its start.
    pub(super) fn set_source(&mut self, source: SourceSpec) {
        self.source = source.clone();
        self.pipeline.set_source(source);
    }

    /// Holds the source, or goes on.
    pub(super) fn set_paused(&mut self, paused: bool) {
        self.pipeline.set_paused(paused);
    }

    /// Opens source and models once more.
    pub(super) fn reopen(&mut self) {
        self.pipeline.set_options(options(&self.applied));
        self.pipeline.set_source(self.source.clone());
    }
}

fn options(settings: &Settings) -> LiveOptions {
    LiveOptions {
        model: settings.model,
        threads: settings.threads as usize,
        short_side: settings.short_side,
        people: settings.people as usize,
        hands: settings.hands,
        provider: settings.provider,
        fixed_quality: settings.fixed_quality,
        // Somebody who watches a video in the app wants it to go on.
        looping: true,
    }
}

fn poll_pipeline(
    mut live: ResMut<Live>,
    preferences: Res<Preferences>,
    mut playout: ResMut<Playout>,
    mut metrics: ResMut<Metrics>,
) {
    let wished = &preferences.settings;
    if options(wished) != options(&live.applied) {
        live.pipeline.set_options(options(wished));
        live.applied = wished.clone();
    }
    let status = live.pipeline.status();
    playout.is_held = matches!(status.source, SourceState::Paused | SourceState::Ended);
    metrics.counters = Counters { captured: status.captured, tracked: status.tracked, dropped: status.dropped };
    live.status = status;
}
