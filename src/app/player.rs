//! Recorded motion in the app: takes and clips, played in the place of a camera.

use std::path::Path;

use bevy::prelude::*;

use super::avatar::{Avatar, Expressions, HumanoidRig, ShownPose};
use super::overlay::{OverlayState, SourceStateView, SourceView, TimelineAction, TimelineView, ToastKind};
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use super::tracking::{Motion, Playout, TrackedSlot};
use crate::motion::expressions::ExpressionWeights;
use crate::motion::interpolation::Presence;
use crate::motion::retarget::AvatarPose;
use crate::pipeline::take_player::{PlayerError, PlayerState, TakePlayer};

/// Plays what [`Player`] has open.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Player>()
        .init_resource::<Performer>()
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

/// Does what the overlay asks for; cutting is the dialogs' business.
pub(super) fn act(player: &mut Player, action: TimelineAction, state: &mut OverlayState) {
    let Some(recording) = player.get_mut() else {
        state.notify(ToastKind::Info, "Single frames are for takes and clips: open one with O");
        return;
    };
    match action {
        TimelineAction::Seek(time_s) => recording.seek(time_s),
        TimelineAction::Step(frames) => recording.step(frames),
        TimelineAction::SetLooping(looping) => recording.set_looping(looping),
        TimelineAction::SetSpeed(speed) => recording.set_speed(speed),
        TimelineAction::SetRange(from_s, to_s) => recording.set_range(from_s, to_s),
        TimelineAction::Trim => {}
    }
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

/// What the first avatar shows of a clip.
#[derive(Resource, Debug, Default)]
struct Performer {
    presence: Presence,
    held: Option<AvatarPose>,
    face: ExpressionWeights,
}

/// Puts the clip's pose onto the first avatar; eases into it, and back when the clip is closed.
fn perform_clip(
    time: Res<Time<Real>>,
    playout: Res<Playout>,
    player: Res<Player>,
    mut performer: ResMut<Performer>,
    mut avatars: Query<(&Avatar, &HumanoidRig, &mut ShownPose, Option<&mut Expressions>)>,
) {
    let clip = player.get().and_then(|player| Some((player.clip()?, player.shown_s()?)));
    if clip.is_none() && performer.held.is_none() {
        return;
    }
    let performer = &mut *performer;
    let weight = performer.presence.update(time.elapsed_secs_f64(), clip.is_some());
    for (_, rig, mut shown, expressions) in avatars.iter_mut().filter(|(avatar, ..)| avatar.number == 0) {
        if let Some((clip, time_s)) = clip {
            performer.held = clip.motion.sample_onto(time_s, &rig.rest).or(performer.held);
            performer.face = clip.face(time_s);
        }
        // Where nothing was ever tracked, nobody has written a pose since the last frame of ours.
        let tracked = playout.display_time_s.map(|_| shown.0);
        let otherwise = tracked.unwrap_or_else(|| AvatarPose::rest(&rig.rest));
        shown.0 = match performer.held {
            Some(held) if weight >= 1.0 => held,
            Some(held) => otherwise.interpolate(&held, weight),
            None => otherwise,
        };
        if let Some(mut expressions) = expressions {
            let share = if performer.face.is_empty() { 0.0 } else { weight };
            expressions.follow(&performer.face, share);
        }
    }
    if clip.is_none() && weight <= 0.0 {
        *performer = Performer::default();
    }
}
