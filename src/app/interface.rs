//! The overlay's wiring: what it shows is gathered here, what it asks for is carried out here.

use std::path::PathBuf;
use std::time::Instant;

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass, EguiTextureHandle, EguiUserTextures};
use bevy_panorbit_camera::PanOrbitCamera;

use super::avatar::{AvatarRefused, AvatarReopened, AvatarShown, AvatarState};
use super::capture::Live;
use super::dialogs::{self, Dialogs};
use super::game::GamePhase;
use super::game::shell::GamesWanted;
use super::metrics::Metrics;
use super::overlay::{
    self, Action, AngleView, AvatarView, CameraView, InferenceView, OverlayModel, OverlayState, PerformanceView,
    PictureView, RemoteStateView, RemoteView, SourceStateView, SourceView, TimelineAction, ToastKind,
};
use super::player::{self, Player};
use super::plots::{self, Plots};
use super::preferences::Preferences;
use super::recording::Recording;
use super::tracking::{LatestTracked, Motion};
use super::view::FramingWanted;
use super::vmc::VmcOutput;
use crate::avatar_library as library;
use crate::capture::{SourceMatter, SourceSpec};
use crate::frame::RgbImage;
use crate::motion::angle::joint_angles;
use crate::pipeline::live::{InferenceState, SourceState};
use crate::pipeline::remote::{LinkState, RemoteStatus, TrackedBy};
use crate::settings::Framing;

/// Shows the overlay and carries out what it asks for.
pub(super) fn plugin(app: &mut App) {
    app.add_plugins(plots::plugin)
        .init_resource::<Interface>()
        .init_resource::<Dialogs>()
        .add_systems(Startup, find_cameras)
        .add_systems(
            Update,
            (
                dialogs::take_picked_file,
                dialogs::tell_trimmed,
                tell_cut_take,
                tell_avatar_failure,
                tell_stream_failure,
                follow_avatar,
                upload_picture,
            )
                .chain(),
        )
        .add_systems(EguiPrimaryContextPass, show_overlay);
}

/// What the overlay remembers, and what is gathered for it.
#[derive(Resource, Default)]
pub(super) struct Interface {
    pub(super) state: OverlayState,
    cameras: Vec<CameraView>,
    avatars: Vec<AvatarView>,
    picture: Option<Handle<Image>>,
    /// Whether panels were shown when the games took the window.
    was_visible: bool,
}

impl Interface {
    /// Gives the window away, or takes it back as it was.
    fn set_away(&mut self, away: bool) {
        if away && !self.state.away {
            self.was_visible = std::mem::replace(&mut self.state.visible, false);
            (self.state.help, self.state.library) = (false, false);
        } else if !away && self.state.away {
            self.state.visible = self.was_visible;
        }
        self.state.away = away;
    }

    /// Switches to a source that the user named, or says why it cannot be one.
    pub(super) fn use_source(&mut self, text: &str, live: &mut Live, preferences: &mut Preferences) {
        match text.parse::<SourceSpec>() {
            Ok(spec) => {
                live.set_source(spec);
                text.clone_into(&mut preferences.settings.source);
            }
            Err(error) => self.state.notify(ToastKind::Error, error.to_string()),
        }
    }
}

fn find_cameras(mut interface: ResMut<Interface>) {
    interface.cameras = dialogs::cameras();
}

fn tell_avatar_failure(avatar: Res<AvatarState>, mut interface: ResMut<Interface>) {
    if let (true, AvatarState::Failed { message }) = (avatar.is_changed(), &*avatar) {
        interface.state.notify(ToastKind::Error, message.clone());
    }
}

/// Once for each thing that goes wrong; the settings go on saying it.
fn tell_stream_failure(output: Res<VmcOutput>, mut told: Local<Option<String>>, mut interface: ResMut<Interface>) {
    let failure = output.status().err();
    if *told != failure {
        if let Some(message) = &failure {
            interface.state.notify(ToastKind::Error, message.clone());
        }
        *told = failure;
    }
}

/// A take that was cut off plays; that it is not whole is told once.
fn tell_cut_take(mut player: ResMut<Player>, mut interface: ResMut<Interface>) {
    let player = player.bypass_change_detection();
    if let Some(warning) = player.get_mut().and_then(crate::pipeline::take_player::TakePlayer::take_warning) {
        interface.state.notify(ToastKind::Info, warning);
    }
}

/// Servers that are remembered.
const RECENT_REMOTES: usize = 6;
/// Avatar files that are remembered.
const RECENT_AVATARS: usize = 6;

/// Says why an avatar was refused, remembers one that was shown, and lists those that can be chosen.
fn follow_avatar(
    mut refused: MessageReader<AvatarRefused>,
    mut shown: MessageReader<AvatarShown>,
    mut interface: ResMut<Interface>,
    mut preferences: ResMut<Preferences>,
    mut has_chosen: Local<bool>,
) {
    let mut is_new = interface.avatars.is_empty();
    for AvatarRefused { kept, message } in refused.read() {
        interface.state.notify(ToastKind::Error, message.clone());
        preferences.fall_back_to(kept);
        is_new = true;
    }
    for AvatarShown { spec } in shown.read() {
        // What the app began with was named elsewhere: it is listed, not remembered, until it is chosen after another.
        *has_chosen |= spec != preferences.first_avatar();
        if library::is_bundled(spec) {
            continue;
        }
        if *has_chosen && preferences.settings.recent_avatars.first() != Some(spec) {
            let recent = &mut preferences.settings.recent_avatars;
            recent.retain(|known| known != spec);
            recent.insert(0, spec.clone());
            recent.truncate(RECENT_AVATARS);
        }
        is_new = true;
    }
    if is_new {
        let bundled = library::bundled().into_iter().enumerate();
        // The usual one is the one that is shown when none is named.
        let bundled = bundled.map(|(place, name)| if place == 0 { String::new() } else { name });
        let recent = &preferences.settings.recent_avatars;
        let first = Some(preferences.first_avatar().to_owned());
        let first = first.filter(|spec| !spec.is_empty() && !library::is_bundled(spec) && !recent.contains(spec));
        let specs = bundled.chain(first).chain(recent.iter().cloned());
        interface.avatars = specs.map(|spec| AvatarView { name: library::display_name(&spec), spec }).collect();
    }
}

fn upload_picture(
    latest: Res<LatestTracked>,
    mut interface: ResMut<Interface>,
    mut images: ResMut<Assets<Image>>,
    mut textures: ResMut<EguiUserTextures>,
) {
    let (true, Some(frame)) = (latest.is_fresh, &latest.frame) else { return };
    let picture = &frame.picture;
    if let Some(handle) = &interface.picture {
        // A picture of the same size goes into the memory, and into the texture on the adapter, that are there already.
        if let Some(mut shown) = images.get_mut(handle) {
            let is_same_size = (shown.width(), shown.height()) == (picture.width, picture.height);
            match &mut shown.data {
                Some(pixels) if is_same_size => to_rgba(picture, pixels),
                _ => *shown = to_texture(picture),
            }
        }
    } else {
        let handle = images.add(to_texture(picture));
        textures.add_image(EguiTextureHandle::Strong(handle.clone()));
        interface.picture = Some(handle);
    }
}

fn to_texture(picture: &RgbImage) -> Image {
    let mut data = vec![255; picture.data.len() / 3 * 4];
    to_rgba(picture, &mut data);
    let size = Extent3d { width: picture.width, height: picture.height, depth_or_array_layers: 1 };
    Image::new(size, TextureDimension::D2, data, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::all())
}

/// Writes four bytes a pixel into `pixels`, which has room for exactly those.
fn to_rgba(picture: &RgbImage, pixels: &mut [u8]) {
    for (to, from) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(picture.data.as_chunks::<3>().0) {
        *to = [from[0], from[1], from[2], 255];
    }
}

pub(super) fn show_overlay(
    mut contexts: EguiContexts,
    mut interface: ResMut<Interface>,
    mut preferences: ResMut<Preferences>,
    mut live: ResMut<Live>,
    mut dialogs: ResMut<Dialogs>,
    mut recording: ResMut<Recording>,
    time: Res<Time<Real>>,
    mut cameras: Query<&mut PanOrbitCamera>,
    mut asks: (MessageWriter<FramingWanted>, MessageWriter<AvatarReopened>),
    latest: Res<LatestTracked>,
    metrics: Res<Metrics>,
    output: Res<VmcOutput>,
    mut recordings: (ResMut<Player>, ResMut<Plots>),
    mut games: (Option<Res<State<GamePhase>>>, MessageWriter<GamesWanted>),
    windows: Query<&Window, With<PrimaryWindow>>,
    motion: Res<Motion>,
) -> Result {
    let is_away = games.0.is_some_and(|phase| *phase.get() != GamePhase::Off);
    interface.set_away(is_away);
    let first = latest.actors.first();
    let seen = first.filter(|actor| actor.following.is_some());
    // Poses that come from elsewhere have no picture; the last one seen is not theirs.
    let tracked = (live.matter() == SourceMatter::Pictures || live.matter() == SourceMatter::Take).then_some(&*latest);
    let (player, plots) = (&mut *recordings.0, &mut *recordings.1);
    let picture = interface.picture.as_ref().and_then(|handle| contexts.image_id(handle));
    let frame = tracked.and_then(|latest| latest.frame.as_ref());
    let model = OverlayModel {
        source: source_view(&live, player, &latest),
        timeline: player::timeline_view(player),
        plots: (interface.state.plots.open.then(|| (&preferences.settings).into()))
            .map(|smoothing| plots.view(player, smoothing, frame.map(|frame| frame.time_s)))
            .unwrap_or_default(),
        inference: match &live.status.inference {
            _ if live.matter() != SourceMatter::Pictures => InferenceView::Running,
            InferenceState::Loading => InferenceView::Loading,
            InferenceState::Running => InferenceView::Running,
            InferenceState::Failed { message } => InferenceView::Failed { message: message.clone() },
        },
        remote: live.status.remote.as_ref().filter(|_| live.matter() == SourceMatter::Pictures).map(remote_view),
        performance: performance_view(&metrics, &live),
        angles: tracked.map(angle_views).unwrap_or_default(),
        people: tracked.map(|latest| latest.people.clone()).unwrap_or_default(),
        loose_hands: tracked.map(|latest| latest.loose_hands).unwrap_or_default(),
        picture: picture.zip(frame).map(|(texture, frame)| PictureView {
            texture,
            width: frame.width as f32,
            height: frame.height as f32,
        }),
        settings: preferences.settings.clone(),
        cameras: interface.cameras.clone(),
        stream: output.status(),
        transparent_window: windows.iter().any(|window| window.transparent),
        avatars: interface.avatars.clone(),
        calibration: first.and_then(|actor| actor.calibration),
        height_m: seen.map(|actor| actor.lengths.height_m()),
        recording: recording.view(&live, time.elapsed_secs_f64()),
        library: recording.library_view(),
        max_threads: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
    };
    let ctx = contexts.ctx_mut()?;
    let actions = overlay::show(ctx, &model, &mut interface.state);
    let is_busy = ctx.egui_wants_pointer_input() || ctx.egui_wants_keyboard_input();
    for mut camera in &mut cameras {
        camera.enabled = !is_busy && !is_away;
    }
    for action in actions {
        match action {
            Action::SetSettings(settings) => preferences.settings = *settings,
            Action::SetSource(text) => interface.use_source(&text, &mut live, &mut preferences),
            Action::Connect { url, token } => connect(url, token.as_deref(), &mut live, &mut preferences),
            Action::Disconnect => preferences.settings.remote.clear(),
            Action::SetPaused(paused) => match player.get_mut() {
                Some(recording) => recording.set_playing(!paused),
                None => live.set_paused(paused),
            },
            Action::Timeline(TimelineAction::Trim) => dialogs.pick_trimmed(player.get()),
            Action::Timeline(action) => player::act(player, action, &mut interface.state),
            Action::ToggleRecording => recording.toggle(),
            Action::Takes(request) => recording.ask(request, &preferences),
            Action::Reopen => live.reopen(),
            Action::RefreshCameras => interface.cameras = dialogs::cameras(),
            Action::OpenFile => dialogs.pick_file(),
            Action::SetAvatar(spec) => {
                preferences.settings.avatar = spec;
                asks.1.write(AvatarReopened);
            }
            Action::Calibrate => motion.0.calibrate(),
            Action::OpenAvatar => dialogs.pick_avatar(),
            Action::WriteBoneMap => {
                let written = library::write_bone_map(&preferences.settings.avatar);
                let edit = |path: PathBuf| format!("Edit {}, then open the avatar again", path.display());
                tell(&mut interface.state, written.map(edit));
            }
            Action::SaveData => {
                let saved = dialogs::save_data(&latest).map(|path| format!("Saved {}", path.display()));
                tell(&mut interface.state, saved);
            }
            Action::ResetView => {
                // From a view of the user's own there is a way back, too.
                let wanted = match preferences.settings.framing {
                    Framing::Free => Framing::Full,
                    chosen => chosen,
                };
                asks.0.write(FramingWanted(wanted));
            }
            Action::OpenGames => {
                games.1.write(GamesWanted);
            }
            Action::Frame(framing) => {
                asks.0.write(FramingWanted(framing));
            }
        }
    }
    Ok(())
}

/// Says what became of something.
fn tell(state: &mut OverlayState, outcome: Result<String, String>) {
    match outcome {
        Ok(text) => state.notify(ToastKind::Success, text),
        Err(message) => state.notify(ToastKind::Error, message),
    }
}

/// Lets a server track, and remembers it.
fn connect(url: String, token: Option<&str>, live: &mut Live, preferences: &mut Preferences) {
    if let Some(token) = token {
        live.set_token(token);
    }
    let recent = &mut preferences.settings.recent_remotes;
    recent.retain(|known| *known != url);
    recent.insert(0, url.clone());
    recent.truncate(RECENT_REMOTES);
    preferences.settings.remote = url;
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
