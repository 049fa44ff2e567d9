//! The live pipeline inside the app: its results, its state, and the settings handed to it.

use std::time::Duration;

use bevy::prelude::*;

use super::metrics::{Counters, Metrics};
use super::player::Player;
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use super::tracking::{Motion, PeopleWanted, Playout, TrackedSlot};
use super::vmc::ReceivedPoses;
use crate::capture::{SourceMatter, SourceSpec};
use crate::net::{NetError, ReceiverStatus, VmcReceiver};
use crate::pipeline::live::{InferenceState, LiveOptions, LivePipeline, LiveStatus, QualityStep, SourceState, Tap};
use crate::pipeline::remote::RemoteTarget;
use crate::settings::{HandsMode, Settings};

/// Starts the pipeline's threads with the app; they end with it.
pub(super) struct LivePlugin {
    /// Where the frames come from.
    pub(super) source: SourceSpec,
    /// For a server that tracks.
    pub(super) remote_token: Option<String>,
}

impl Plugin for LivePlugin {
    fn build(&self, app: &mut App) {
        let settings = app.world().get_resource::<Preferences>().map(|p| p.settings.clone()).unwrap_or_default();
        let mut live = Live::new(self.source.clone(), &settings);
        live.token.clone_from(&self.remote_token);
        app.insert_resource(live).add_systems(
            RunFixedMainLoop,
            (poll_receiver, poll_player, poll_pipeline).chain().in_set(PoseSystems::Poll),
        );
    }
}

/// Source and models at work.
#[derive(Resource)]
pub(super) struct Live {
    /// From the first source of pictures on: who only receives poses needs no models.
    pipeline: Option<LivePipeline>,
    /// While the source is one of poses.
    receiver: Option<Result<VmcReceiver, NetError>>,
    source: SourceSpec,
    matter: SourceMatter,
    /// Whether what plays recordings has not heard of the source yet.
    is_new: bool,
    applied: Settings,
    /// Where something else than the settings says how many people are followed.
    people: PeopleWanted,
    /// For a server that tracks, and whether it was changed since it was last used. It is never written to a file.
    token: Option<String>,
    is_token_new: bool,
    is_paused: bool,
    /// As of this frame.
    pub status: LiveStatus,
}

impl Live {
    fn new(source: SourceSpec, settings: &Settings) -> Self {
        let matter = source.read_matter();
        let status = LiveStatus {
            source: SourceState::Opening,
            // Nothing is loading; the pipeline says otherwise as soon as there is one.
            inference: if matter == SourceMatter::Pictures { InferenceState::Loading } else { InferenceState::Running },
            info: None,
            captured: 0,
            dropped: 0,
            tracked: 0,
            skipped: 0,
            quality: QualityStep::Full,
            warning: None,
            remote: None,
        };
        let applied = settings.clone();
        Self {
            pipeline: None,
            receiver: None,
            source,
            matter,
            is_new: true,
            applied,
            people: PeopleWanted::default(),
            token: None,
            is_token_new: false,
            is_paused: false,
            status,
        }
    }

    /// The source as it was asked for.
    #[must_use]
    pub(super) const fn source(&self) -> &SourceSpec {
        &self.source
    }

    /// What comes out of it.
    #[must_use]
    pub(super) const fn matter(&self) -> SourceMatter {
        self.matter
    }

    /// Takes frames from somewhere else, from its start.
    pub(super) fn set_source(&mut self, source: SourceSpec) {
        self.source = source.clone();
        (self.matter, self.is_new) = (source.read_matter(), true);
        self.receiver = None;
        if let Some(pipeline) = &self.pipeline {
            // One of poses or of recorded motion, too: it is no source of pictures, so that the camera is let go.
            pipeline.set_source(source);
        }
    }

    /// Shows this token to the server that tracks, and connects anew.
    pub(super) fn set_token(&mut self, token: &str) {
        self.token = (!token.is_empty()).then(|| token.to_owned());
        self.is_token_new = true;
    }

    /// Holds the source, or goes on.
    pub(super) fn set_paused(&mut self, paused: bool) {
        self.is_paused = paused;
        if let Some(pipeline) = &self.pipeline {
            pipeline.set_paused(paused);
        }
    }

    /// Shows every tracked frame to `tap`, on the inference thread.
    pub(super) fn set_tap(&mut self, tap: Option<Tap>) {
        if let Some(pipeline) = &self.pipeline {
            pipeline.set_tap(tap);
        }
    }

    /// A pipeline with scripted parts.
    #[cfg(test)]
    pub(super) fn with_pipeline(pipeline: LivePipeline, source: SourceSpec) -> Self {
        Self { pipeline: Some(pipeline), ..Self::new(source, &Settings::default()) }
    }

    /// Reads the pipeline's state, as the app does in every frame.
    #[cfg(test)]
    pub(super) fn poll(&mut self) {
        if let Some(pipeline) = &self.pipeline {
            self.status = pipeline.status();
        }
    }

    /// Opens source and models once more.
    pub(super) fn reopen(&mut self) {
        self.receiver = None;
        (self.matter, self.is_new) = (self.source.read_matter(), true);
        if let Some(pipeline) = &self.pipeline {
            pipeline.set_options(options(&self.applied, self.people));
            pipeline.set_remote(target(&self.applied, self.token.as_deref()));
            pipeline.set_source(self.source.clone());
        }
    }

    /// While the source is one of poses: how it goes, or why nothing can be received.
    pub(super) fn receiver(&self) -> Option<Result<(std::net::SocketAddr, ReceiverStatus), String>> {
        let receiver = self.receiver.as_ref()?;
        Some(match receiver {
            Ok(receiver) => Ok((receiver.address(), receiver.status())),
            Err(error) => Err(error.to_string()),
        })
    }

    /// Whether the user holds the source.
    #[must_use]
    pub(super) const fn is_paused(&self) -> bool {
        self.is_paused
    }
}

fn options(settings: &Settings, people: PeopleWanted) -> LiveOptions {
    LiveOptions {
        model: settings.model,
        threads: settings.threads as usize,
        short_side: settings.short_side,
        people: people.0.unwrap_or(settings.people as usize),
        // Whoever plays does so with the whole body.
        hands: if people.0.is_some() && settings.hands == HandsMode::Only { HandsMode::On } else { settings.hands },
        provider: settings.provider,
        fixed_quality: settings.fixed_quality,
        // Somebody who watches a video in the app wants it to go on.
        looping: true,
    }
}

/// The server that the settings name; `None` for this machine, and for what is no address, which the overlay refuses.
fn target(settings: &Settings, token: Option<&str>) -> Option<RemoteTarget> {
    let address = settings.remote.parse().ok()?;
    let after_s = settings.remote_fallback_s;
    Some(RemoteTarget {
        address,
        token: token.map(str::to_owned),
        ca: (!settings.remote_ca.is_empty()).then(|| settings.remote_ca.clone().into()),
        fallback: (after_s > 0.0).then(|| Duration::from_secs_f32(after_s)),
    })
}

/// Listens while the source is one of poses.
fn poll_receiver(mut live: ResMut<Live>, mut received: ResMut<ReceivedPoses>) {
    match &live.source {
        SourceSpec::Vmc(address) if live.receiver.is_none() => {
            let receiver = VmcReceiver::listen(address);
            received.listen_to(receiver.as_ref().ok().map(|receiver| receiver.frames().clone()));
            live.receiver = Some(receiver);
        }
        SourceSpec::Vmc(_) => {}
        _ if received.is_listening() => received.listen_to(None),
        _ => {}
    }
    received.is_held = live.is_paused;
}

/// Opens recorded motion, or closes it where frames come from elsewhere.
fn poll_player(mut live: ResMut<Live>, mut player: ResMut<Player>, mut slot: ResMut<TrackedSlot>) {
    if !std::mem::take(&mut live.bypass_change_detection().is_new) {
        return;
    }
    match &live.source {
        SourceSpec::Path(path) if live.matter.is_recorded() => player.open(path),
        _ if player.close() => {
            if let Some(pipeline) = &live.pipeline {
                slot.0 = pipeline.results().clone();
            }
        }
        _ => {}
    }
}

fn poll_pipeline(
    mut live: ResMut<Live>,
    preferences: Res<Preferences>,
    people: Res<PeopleWanted>,
    motion: Res<Motion>,
    mut slot: ResMut<TrackedSlot>,
    mut playout: ResMut<Playout>,
    mut metrics: ResMut<Metrics>,
) {
    let Live {
        pipeline, source, matter, applied, people: applied_people, token, is_token_new, status, is_paused, ..
    } = &mut *live;
    if matter.is_recorded() {
        return;
    }
    if pipeline.is_none() && *matter == SourceMatter::Pictures {
        let remote = target(&preferences.settings, token.as_deref());
        *is_token_new = false;
        let started = LivePipeline::start_remote(source.clone(), options(&preferences.settings, *people), remote);
        started.set_motion(motion.0.clone());
        slot.0 = started.results().clone();
        started.set_paused(*is_paused);
        preferences.settings.clone_into(applied);
        *applied_people = *people;
        *pipeline = Some(started);
    }
    let Some(pipeline) = pipeline else { return };
    let wished = &preferences.settings;
    let is_other_server = target(wished, None) != target(applied, None);
    if std::mem::take(is_token_new) || is_other_server {
        pipeline.set_remote(target(wished, token.as_deref()));
    }
    if options(wished, *people) != options(applied, *applied_people) {
        pipeline.set_options(options(wished, *people));
        wished.clone_into(applied);
        *applied_people = *people;
    } else if is_other_server {
        wished.clone_into(applied);
    }
    *status = pipeline.status();
    // While a server is silent, too, until this machine goes on in its place.
    let is_awaited = status.remote.as_ref().is_some_and(|remote| remote.is_held);
    playout.is_held = is_awaited || matches!(status.source, SourceState::Paused | SourceState::Ended);
    metrics.counters = Counters { captured: status.captured, tracked: status.tracked, dropped: status.dropped };
}
