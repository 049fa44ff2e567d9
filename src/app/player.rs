//! Recorded motion in the app: takes and clips, played in the place of a camera.

use std::path::Path;

use bevy::prelude::*;

use super::avatar::{Avatar, HumanoidRig};
use super::layers::PoseLayers;
use super::overlay::{SourceStateView, SourceView, TimelineAction, TimelineView};
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use super::tracking::{Motion, Playout, TrackedSlot};
use crate::motion::pose_layers::Given;
use crate::pipeline::take_player::{PlayerError, PlayerState, TakePlayer};

/// Plays what [`Player`] has open.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Player>()
        .add_systems(RunFixedMainLoop, (play.in_set(PoseSystems::Play), perform_clip.in_set(PoseSystems::Perform)));
}

/// The recording that is open, if any.
#[derive(Resource, Debug, Default)]
pub struct Player {
    open: Option<Result<TakePlayer, PlayerError>>,
    /// Whether its frames have not been asked for yet.
    is_new: bool,
}

impl Player {
    /// Plays this file from its start, in the place of whatever was open.
    pub fn open(&mut self, path: &Path) {
        self.open = Some(TakePlayer::open(path));
        self.is_new = true;
    }

    /// Closes what is open. Returns whether anything was.
    pub fn close(&mut self) -> bool {
        self.open.take().is_some()
    }

    /// What is open.
    #[must_use]
    pub const fn get(&self) -> Option<&TakePlayer> {
        match &self.open {
            Some(Ok(player)) => Some(player),
            _ => None,
        }
    }

    /// What is open.
    pub const fn get_mut(&mut self) -> Option<&mut TakePlayer> {
        match &mut self.open {
            Some(Ok(player)) => Some(player),
            _ => None,
        }
    }

    /// Why nothing could be opened at all.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.open.as_ref().and_then(|open| open.as_ref().err()).map(ToString::to_string)
    }
}

/// A recording as the overlay shows a source. `spec` is what the user asked for.
pub(super) fn source_view(player: &Player, spec: String) -> SourceView {
    let Some(recording) = player.get() else {
        let state = player.failure().map_or(SourceStateView::Opening, |message| SourceStateView::Failed { message });
        return SourceView { name: spec.clone(), spec, state, ..SourceView::default() };
    };
    let info = recording.info();
    SourceView {
        name: info.map_or_else(|| spec.clone(), |info| info.name.clone()),
        spec,
        live: false,
        width: info.map_or(0, |info| info.width),
        height: info.map_or(0, |info| info.height),
        fps: info.and_then(|info| info.fps),
        position_s: recording.transport().position_s(),
        duration_s: info.and_then(|info| info.duration_s),
        state: match recording.state() {
            PlayerState::Opening => SourceStateView::Opening,
            PlayerState::Playing => SourceStateView::Running,
            PlayerState::Paused => SourceStateView::Paused,
            PlayerState::Failed { message } => SourceStateView::Failed { message },
        },
    }
}

/// Where the recording is; `None` while there is none that plays.
pub(super) fn timeline_view(player: &Player) -> Option<TimelineView> {
    let recording = player.get()?;
    recording.info()?;
    let transport = recording.transport();
    Some(TimelineView {
        position_s: transport.position_s(),
        duration_s: transport.duration_s(),
        frame: recording.frame(),
        frames: recording.frame_count(),
        range_s: transport.range_s(),
        is_looping: transport.is_looping(),
        speed: transport.speed(),
        can_trim: recording.clip().is_none(),
    })
}

/// Does what the overlay asks for; cutting is the dialogs' business. `Err` says why it cannot be done.
pub(super) fn act(player: &mut Player, action: TimelineAction) -> Result<(), &'static str> {
    let Some(recording) = player.get_mut() else {
        return Err("Single frames are for takes and clips: open one with O");
    };
    match action {
        TimelineAction::Seek(time_s) => recording.seek(time_s),
        TimelineAction::Step(frames) => recording.step(frames),
        TimelineAction::SetLooping(looping) => recording.set_looping(looping),
        TimelineAction::SetSpeed(speed) => recording.set_speed(speed),
        TimelineAction::SetRange(from_s, to_s) => recording.set_range(from_s, to_s),
        TimelineAction::Trim => {}
    }
    Ok(())
}

/// Moves the recording on by the time that passed since the last frame that was drawn.
fn play(
    time: Res<Time<Real>>,
    preferences: Res<Preferences>,
    mut player: ResMut<Player>,
    mut slot: ResMut<TrackedSlot>,
    mut playout: ResMut<Playout>,
    motion: Res<Motion>,
) {
    let Player { open, is_new } = &mut *player;
    let Some(Ok(recording)) = open else {
        playout.steered_s = None;
        return;
    };
    if std::mem::take(is_new) {
        recording.set_motion(motion.0.clone());
        slot.0 = recording.frames().clone();
        playout.steered_s = None;
    }
    // What is held is shown with the settings of now.
    if preferences.is_changed() && !recording.transport().is_playing() {
        recording.refresh();
    }
    recording.tick(time.delta_secs_f64());
    playout.steered_s = recording.shown_s().filter(|_| recording.clip().is_none());
}

/// The clip's pose for the first avatar, if a clip is open.
fn perform_clip(
    time: Res<Time<Real>>,
    player: Res<Player>,
    mut layers: ResMut<PoseLayers>,
    avatars: Query<(&Avatar, &HumanoidRig)>,
) {
    let clip = player.get().and_then(|player| Some((player.clip()?, player.shown_s()?)));
    let first = avatars.iter().find(|(avatar, _)| avatar.number == 0);
    let given = clip.zip(first).map(|((clip, time_s), (_, rig))| Given {
        is_there: true,
        pose: clip.motion.sample_onto(time_s, &rig.rest),
        face: Some(clip.face(time_s)).filter(|face| !face.is_empty()),
    });
    layers.clip.update(time.elapsed_secs_f64(), given.unwrap_or_default());
}
