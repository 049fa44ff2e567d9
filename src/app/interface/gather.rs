//! What the overlay shows, gathered from everywhere.

use std::time::Instant;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::egui::TextureId;

use super::choices::Choices;
use crate::app::capture::Live;
use crate::app::metrics::Metrics;
use crate::app::overlay::{
    AngleView, OverlayModel, PerformanceView, PictureView, PlotsView, RemoteStateView, RemoteView, SourceStateView,
    SourceView,
};
use crate::app::player::{self, Player};
use crate::app::plots::Plots;
use crate::app::preferences::Preferences;
use crate::app::recording::Recording;
use crate::app::tracking::LatestTracked;
use crate::app::vmc::VmcOutput;
use crate::capture::SourceMatter;
use crate::motion::angle::joint_angles;
use crate::pipeline::live::{InferenceState, SourceState};
use crate::pipeline::remote::{LinkState, RemoteStatus, TrackedBy};

/// Everything of the studio that the overlay shows.
#[derive(SystemParam)]
pub(super) struct Studio<'w, 's> {
    live: Res<'w, Live>,
    preferences: Res<'w, Preferences>,
    recording: Res<'w, Recording>,
    latest: Res<'w, LatestTracked>,
    metrics: Res<'w, Metrics>,
    output: Res<'w, VmcOutput>,
    player: Res<'w, Player>,
    plots: ResMut<'w, Plots>,
    choices: Res<'w, Choices>,
    time: Res<'w, Time<Real>>,
    windows: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
}

impl Studio<'_, '_> {
    /// What a hidden overlay looks at, and no more.
    pub(super) fn hidden_model(&self) -> OverlayModel {
        let live = &self.live;
        OverlayModel {
            source: source_view(live, &self.player, &self.latest),
            inference: match live.matter() {
                SourceMatter::Pictures => live.status.inference.clone(),
                // Nothing has to run.
                _ => InferenceState::Running,
            },
            settings: self.preferences.settings.clone(),
            transparent_window: self.windows.iter().any(|window| window.transparent),
            ..OverlayModel::default()
        }
    }

    /// What a visible overlay shows. `picture` is the newest picture, if there is one; plots are only measured while they
    /// are open.
    pub(super) fn model(&mut self, picture: Option<TextureId>, has_plots: bool) -> OverlayModel {
        let (live, settings) = (&*self.live, &self.preferences.settings);
        let first = self.latest.actors.first();
        let seen = first.filter(|actor| actor.following.is_some());
        // Poses that come from elsewhere have no picture; the last one seen is not theirs.
        let is_tracked = matches!(live.matter(), SourceMatter::Pictures | SourceMatter::Take);
        let tracked = is_tracked.then_some(&*self.latest);
        let frame = tracked.and_then(|latest| latest.frame.as_ref());
        let remote = live.status.remote.as_ref().filter(|_| live.matter() == SourceMatter::Pictures);
        let hidden = self.hidden_model();
        OverlayModel {
            timeline: player::timeline_view(&self.player),
            plots: if has_plots {
                self.plots.view(&self.player, settings.into(), frame.map(|frame| frame.time_s))
            } else {
                PlotsView::default()
            },
            remote: remote.map(remote_view),
            performance: performance_view(&self.metrics, live),
            angles: tracked.map(angle_views).unwrap_or_default(),
            people: tracked.map(|latest| latest.people.clone()).unwrap_or_default(),
            loose_hands: tracked.map(|latest| latest.loose_hands).unwrap_or_default(),
            picture: picture.zip(frame).map(|(texture, frame)| PictureView {
                texture,
                width: frame.width as f32,
                height: frame.height as f32,
            }),
            cameras: self.choices.cameras.clone(),
            stream: self.output.status(),
            avatars: self.choices.avatars.clone(),
            calibration: first.and_then(|actor| actor.calibration),
            height_m: seen.map(|actor| actor.lengths.height_m()),
            recording: self.recording.view(live, self.time.elapsed_secs_f64()),
            library: self.recording.library_view(),
            max_threads: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
            ..hidden
        }
    }
}

fn source_view(live: &Live, player: &Player, latest: &LatestTracked) -> SourceView {
    match live.matter() {
        SourceMatter::Poses => return poses_view(live),
        SourceMatter::Take | SourceMatter::Clip => return player::source_view(player, live.source().to_string()),
        SourceMatter::Pictures => {}
    }
    let info = live.status.info.as_ref();
    SourceView {
        spec: live.source().to_string(),
        name: info.map_or_else(|| live.source().to_string(), |info| info.name.clone()),
        live: info.is_some_and(crate::capture::SourceInfo::is_live),
        width: info.map_or(0, |info| info.width),
        height: info.map_or(0, |info| info.height),
        fps: info.and_then(|info| info.fps),
        position_s: latest.frame.as_ref().map_or(0.0, |frame| frame.time_s),
        duration_s: info.and_then(|info| info.duration_s),
        state: match &live.status.source {
            SourceState::Opening => SourceStateView::Opening,
            SourceState::Running => SourceStateView::Running,
            SourceState::Paused => SourceStateView::Paused,
            SourceState::Ended => SourceStateView::Ended,
            SourceState::Waiting { message } => SourceStateView::Waiting { message: message.clone() },
            SourceState::Failed { message } => SourceStateView::Failed { message: message.clone() },
        },
    }
}

fn remote_view(status: &RemoteStatus) -> RemoteView {
    let state = match &status.link {
        LinkState::Connecting => RemoteStateView::Connecting,
        LinkState::Open => RemoteStateView::Connected,
        LinkState::Waiting { until, message } => RemoteStateView::Reconnecting {
            in_s: until.saturating_duration_since(Instant::now()).as_secs_f32(),
            message: message.clone(),
        },
        LinkState::Refused { message } => RemoteStateView::Refused { message: message.clone() },
    };
    RemoteView {
        server: status.server.clone(),
        state,
        is_local: status.tracked_by == TrackedBy::ThisMachine,
        trip_ms: status.trip.map(|trip| [trip.round_trip_ms, trip.server_ms, trip.network_ms]),
        counts: [status.sent, status.answered, status.dropped],
        in_flight: [status.in_flight, status.window],
        picture: [status.jpeg.bytes as u32, u32::from(status.jpeg.quality), status.jpeg.width, status.jpeg.height],
        problem: status.problem.clone(),
    }
}

/// A source of poses.
fn poses_view(live: &Live) -> SourceView {
    let spec = live.source().to_string();
    let (name, state) = match live.receiver() {
        None => (spec.clone(), SourceStateView::Opening),
        Some(Err(message)) => (spec.clone(), SourceStateView::Failed { message }),
        Some(Ok((address, status))) => {
            let rate = status.frames_per_second;
            let is_coming = rate > 0.0;
            let how = if is_coming { format!("receiving {rate:.0} a second") } else { "waiting".to_owned() };
            let state = match (live.is_paused(), is_coming) {
                (true, _) => SourceStateView::Paused,
                (false, true) => SourceStateView::Running,
                (false, false) => SourceStateView::Listening,
            };
            (format!("VMC {address}, {how}"), state)
        }
    };
    SourceView { spec, name, live: true, state, ..SourceView::default() }
}

fn performance_view(metrics: &Metrics, live: &Live) -> PerformanceView {
    // A recording was captured long ago.
    let is_recorded = live.matter().is_recorded();
    let figures = &metrics.figures;
    let latency_ms = figures.latency_ms.filter(|_| !is_recorded);
    let rate = |fps: f32| (fps > 0.0).then_some(fps);
    PerformanceView {
        capture_fps: rate(figures.capture_fps),
        inference_fps: rate(figures.inference_fps),
        render_fps: rate(figures.render_fps),
        latency_p50_ms: latency_ms.map(|latency| latency.p50),
        latency_p95_ms: latency_ms.map(|latency| latency.p95),
        stages: figures.stage_medians(),
        captured: if is_recorded { 0 } else { metrics.counters.captured },
        dropped: if is_recorded { 0 } else { metrics.counters.dropped },
        given_up: if is_recorded { "" } else { live.status.quality.words() },
    }
}

fn angle_views(latest: &LatestTracked) -> Vec<AngleView> {
    let Some(person) = latest.people.first() else { return Vec::new() };
    joint_angles(&person.world)
        .iter()
        .map(|(joint, angle)| AngleView { name: joint.name(), degrees: angle.map(f32::to_degrees) })
        .collect()
}
