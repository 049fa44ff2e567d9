//! The app in a window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use bevy::app::TerminalCtrlCHandlerPlugin;
use bevy::camera::SubCameraView;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, save_to_disk};
use bevy::window::{PresentMode, PrimaryWindow, WindowResolution};
use bevy::winit::WinitSettings;
use bevy_egui::EguiPlugin;
use bevy_panorbit_camera::{PanOrbitCamera, PanOrbitCameraPlugin};

use super::adapter::find_adapter;
use super::avatar::AvatarState;
use super::capture::{Live, LivePlugin};
use super::error::AppError;
use super::game::shell::{GamesPlan, ShellPlugin};
use super::game::{GamePhase, GamesPlugin, LooksPlugin, SoundPlugin};
use super::interface::InterfacePlugin;
use super::player_body::PlayersPlugin;
use super::preferences::Preferences;
use super::recording::{self, RecordPlan, Recording};
use super::scene::{self, Backdrop, Quality};
use super::view::{self, FreeView};
use super::{StudioPlugin, engine, quit, source, transparency};
use crate::capture::SourceSpec;
use crate::pipeline::live::InferenceState;
use crate::settings::Background;

/// Width and height of the window where nobody says otherwise, points.
pub const USUAL_SIZE: (u32, u32) = (1280, 720);

/// How to open the window.
#[derive(Debug, Clone)]
pub struct WindowOptions {
    /// Where the frames come from.
    pub source: SourceSpec,
    /// Settings and their file.
    pub preferences: Preferences,
    /// For a server that tracks and asks for one. Never kept.
    pub remote_token: Option<String>,
    /// Whether to begin without anything but the avatar in the window.
    pub hide_interface: bool,
    /// A recording that begins as soon as frames come.
    pub record: Option<RecordPlan>,
    /// Whether and how to begin with the games instead of the studio.
    pub games: Option<GamesPlan>,
    /// Width and height of the window, points.
    pub size: (u32, u32),
    /// Saves a picture of the window so long after everything runs, then closes it.
    pub screenshot: Option<(PathBuf, Duration)>,
}

/// Whether there is anything to open a window on.
#[must_use]
pub fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// [`AppError::NoAdapter`] without graphics, [`AppError::NoWindow`] when the window system refuses.
pub fn run(options: WindowOptions) -> Result<(), AppError> {
    let adapter = find_adapter()?;
    let is_transparent = options.preferences.settings.background == Background::Transparent;
    info!("drawing with {}", adapter.name);
    // The engine panics when the window system cannot be reached. Its own report is held back: ours says what to do.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let built = catch_unwind(AssertUnwindSafe(|| {
        let mut app = App::new();
        app.add_plugins(
            engine::plugins(&adapter, false)
                .set(WindowPlugin { primary_window: Some(window(is_transparent, options.size)), ..default() })
                // `quit` hears of the signals.
                .disable::<TerminalCtrlCHandlerPlugin>(),
        );
        app
    }));
    std::panic::set_hook(report);
    let mut app = built.map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        AppError::NoWindow { reason: said.unwrap_or("the window system cannot be reached").replace('\n', " ") }
    })?;

    app.insert_resource(WinitSettings::continuous())
        .insert_resource(adapter.quality)
        .insert_resource(options.preferences)
        .init_state::<AppPhase>()
        .add_plugins((EguiPlugin::default(), PanOrbitCameraPlugin))
        .add_plugins((StudioPlugin, scene::plugin, view::plugin, transparency::plugin, quit::plugin))
        .add_plugins((
            LivePlugin { source: options.source, remote_token: options.remote_token },
            source::plugin,
            InterfacePlugin { is_hidden: options.hide_interface },
            recording::plugin,
        ))
        .add_plugins((GamesPlugin, PlayersPlugin, LooksPlugin, SoundPlugin, ShellPlugin { plan: options.games }))
        .add_systems(Startup, spawn_camera)
        .add_systems(Update, (finish_loading.run_if(in_state(AppPhase::Loading)), frame_avatar, follow_background));
    if let Some(plan) = options.record {
        app.world_mut().resource_mut::<Recording>().begin_with(plan);
    }
    if let Some((path, after)) = options.screenshot {
        app.insert_resource(ScreenshotPlan { path, after, is_taken: false })
            .add_systems(Update, take_screenshot.run_if(in_state(AppPhase::Running)));
    }
    match app.run() {
        AppExit::Success => Ok(()),
        AppExit::Error(code) => Err(AppError::NoWindow { reason: format!("the app ended with code {code}") }),
    }
}

fn window(is_transparent: bool, (width, height): (u32, u32)) -> Window {
    Window {
        transparent: is_transparent,
        title: "LiveDance".into(),
        name: Some("livedance".into()),
        resolution: WindowResolution::new(width, height),
        present_mode: PresentMode::AutoVsync,
        ..default()
    }
}

/// How far the app is.
#[derive(States, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum AppPhase {
    /// Avatar and models are being read.
    #[default]
    Loading,
    /// Both are there, or one has failed and says so.
    Running,
}

fn finish_loading(avatar: Res<AvatarState>, live: Res<Live>, mut phase: ResMut<NextState<AppPhase>>) {
    if *avatar != AvatarState::Loading && live.status.inference != InferenceState::Loading {
        phase.set(AppPhase::Running);
    }
}

fn spawn_camera(mut commands: Commands, mut images: ResMut<Assets<Image>>, quality: Res<Quality>) {
    commands.spawn((scene::studio_camera(&mut images, *quality), orbit_camera()));
}

/// What the settings ask for, as far as this window can show it.
fn follow_background(
    preferences: Res<Preferences>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut backdrop: ResMut<Backdrop>,
) {
    let can_be_seen_through = windows.iter().any(|window| window.transparent);
    let background = match preferences.settings.background {
        Background::Transparent if !can_be_seen_through => Background::Studio,
        wanted => wanted,
    };
    backdrop.set_if_neq(Backdrop(background));
}

/// The orbit camera as it starts.
fn orbit_camera() -> PanOrbitCamera {
    PanOrbitCamera {
        focus: scene::LOOK_AT,
        target_focus: scene::LOOK_AT,
        // The floor hides everything from below.
        pitch_lower_limit: Some(0.0),
        pitch_upper_limit: Some(1.4),
        zoom_lower_limit: 0.5,
        zoom_upper_limit: Some(view::FARTHEST_ZOOM_M),
        ..default()
    }
}

/// Keeps the avatar in the middle of what the panels leave free: the whole view is shifted, so that the scene still
/// reaches behind them.
fn frame_avatar(
    free: Res<FreeView>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut cameras: Query<&mut Camera, With<PanOrbitCamera>>,
) {
    let (Ok(window), Some(free)) = (windows.single(), free.get()) else { return };
    let size = window.physical_size();
    // Only sideways: the floor's horizon stays where it is.
    let offset = Vec2::new(window.width() / 2.0 - free.center().x, 0.0) * window.scale_factor();
    let view = SubCameraView { full_size: size, offset: offset.round(), size };
    for mut camera in &mut cameras {
        if camera.sub_camera_view != Some(view) && size.min_element() > 0 {
            camera.sub_camera_view = Some(view);
        }
    }
}

/// A picture waits no longer for the games to be ready.
const LOADING_LIMIT: Duration = Duration::from_secs(40);

/// A picture of the window to take, for tests of the whole app.
#[derive(Resource)]
struct ScreenshotPlan {
    path: PathBuf,
    after: Duration,
    is_taken: bool,
}

fn take_screenshot(
    mut commands: Commands,
    mut plan: ResMut<ScreenshotPlan>,
    time: Res<Time<Real>>,
    mut since: Local<Option<Duration>>,
    pending: Query<(), With<Screenshot>>,
    phase: Res<State<GamePhase>>,
    mut exits: MessageWriter<AppExit>,
) {
    // What is being made ready is nothing to look at, unless it lasts.
    if *phase.get() == GamePhase::Loading && time.elapsed() < LOADING_LIMIT {
        return;
    }
    let since = *since.get_or_insert(time.elapsed());
    if plan.is_taken {
        // The entity goes when the picture has been saved.
        if pending.is_empty() {
            exits.write(AppExit::Success);
        }
    } else if time.elapsed().saturating_sub(since) >= plan.after {
        plan.is_taken = true;
        commands.spawn(Screenshot::primary_window()).observe(save_to_disk(plan.path.clone()));
    }
}
