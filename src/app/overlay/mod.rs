//! The overlay: what a person reads and clicks over the scene.
//!
//! [`show`] is a function from a view model and its own small memory to actions. It knows neither the engine's world nor
//! threads, files or clocks, so that tests drive it alone. The application fills an [`OverlayModel`] in every frame,
//! calls [`show`] once, and carries out the [`Action`]s.
//!
//! Panels stand in areas of their own and never over one another; [`OverlayState::scene_rect`] is what they leave free.
//!
//! - `model`, `recorded_model`, `takes_model`: what is shown and asked for, as data. `keys`: commands and their keys.
//! - One file for each panel, with what it remembers. Panels know the model and their own memory, and put what they want
//!   beyond that into `asks`; [`OverlayState`] is all their memories together.

mod asks;
mod avatar_panel;
mod banner;
mod data;
mod export_form;
mod help;
mod keys;
mod layout;
mod library_panel;
mod model;
mod performance;
mod picture;
mod plots;
mod recorded_model;
mod recording_bar;
mod recording_section;
mod remote_section;
mod scene_section;
mod settings_panel;
mod style;
mod takes_model;
mod timeline;
mod toast;
mod top_bar;
mod transport;
mod words;

use bevy_egui::egui::{self, Id, Rect, Ui};

pub use data::DataState;
pub use help::HelpState;
pub use keys::{Command, KEY_BINDINGS, KeyBinding};
pub use library_panel::LibraryState;
pub use model::{
    Action, AngleView, AvatarView, CameraView, OverlayModel, PerformanceView, PictureView, RemoteStateView, RemoteView,
    SourceStateView, SourceView, ToastKind,
};
pub use performance::PerformanceState;
pub use picture::PictureState;
pub use plots::PlotsState;
pub use recorded_model::{PlotsView, TimelineAction, TimelineView};
pub use settings_panel::SettingsState;
pub use takes_model::{
    ExportForm, ExportView, LibraryView, RecordingView, TakeFigure, TakeRequest, TakeStateView, TakeView,
};
pub use transport::TransportState;

pub(super) use plots::LIVE_SECONDS;

use crate::settings::Background;
use asks::Asks;
use banner::BannerState;
use layout::{Layout, Panels};
use toast::ToastsState;

/// What the overlay remembers from frame to frame: what each of its panels does.
#[derive(Debug, Clone)]
pub struct OverlayState {
    /// Whether anything but errors and toasts is shown.
    pub visible: bool,
    /// Whether something else has the window, and with it the keys: only messages that pass are shown.
    pub away: bool,
    /// The picture.
    pub picture: PictureState,
    /// How fast and how late.
    pub performance: PerformanceState,
    /// Landmarks and angles.
    pub data: DataState,
    /// The settings.
    pub settings: SettingsState,
    /// Joint angles over time.
    pub plots: PlotsState,
    /// The list of takes.
    pub library: LibraryState,
    /// The list of keys.
    pub help: HelpState,
    /// The lower edge of the scene.
    pub transport: TransportState,
    /// The part of the window that no panel covers, in points: where the avatar is best placed.
    /// Empty until the first frame.
    pub scene_rect: Rect,
    banner: BannerState,
    toasts: ToastsState,
}

impl Default for OverlayState {
    fn default() -> Self {
        Self {
            visible: true,
            away: false,
            picture: PictureState::default(),
            performance: PerformanceState::default(),
            data: DataState::default(),
            settings: SettingsState::default(),
            plots: PlotsState::default(),
            library: LibraryState::default(),
            help: HelpState::default(),
            transport: TransportState::default(),
            scene_rect: Rect::NOTHING,
            banner: BannerState::default(),
            toasts: ToastsState::default(),
        }
    }
}

impl OverlayState {
    /// Shows a message for some seconds, such as where a file was saved.
    pub fn notify(&mut self, kind: ToastKind, text: impl Into<String>) {
        self.toasts.add(kind, text.into());
    }

    /// Whether what a command opens and closes is open.
    const fn is_open(&self, command: Command) -> bool {
        match command {
            Command::TogglePicture => self.picture.open,
            Command::TogglePerformance => self.performance.open,
            Command::ToggleData => self.data.open,
            Command::TogglePlots => self.plots.open,
            Command::ToggleSettings => self.settings.open,
            Command::ToggleLibrary => self.library.open,
            Command::ToggleHelp => self.help.open,
            _ => false,
        }
    }

    /// Carries out one command: changes what the overlay shows, and asks the application.
    fn run(&mut self, command: Command, model: &OverlayModel, asks: &mut Asks) {
        asks.command(command, model);
        match command {
            Command::TogglePicture => self.picture.open = !self.picture.open,
            Command::TogglePerformance => self.performance.open = !self.performance.open,
            Command::ToggleCompact => {
                self.performance.compact = !(self.performance.open && self.performance.compact);
                self.performance.open = true;
            }
            Command::ToggleData => self.data.open = !self.data.open,
            Command::TogglePlots => self.plots.open = !self.plots.open,
            Command::ToggleSettings => self.settings.open = !self.settings.open,
            Command::ToggleLibrary => self.library.open = !self.library.open,
            Command::ToggleInterface => {
                self.visible = !self.visible;
                // Before any other background than the studio somebody is filming: not a word is to be in the picture.
                if !self.visible && model.settings.background == Background::Studio {
                    self.toasts.add_lasting(ToastKind::Info, "Interface hidden: H brings it back".to_owned());
                }
            }
            Command::ToggleHelp => {
                self.help.open = !self.help.open;
                self.transport.hint = false;
            }
            Command::CloseHelp if self.help.open => self.help.open = false,
            Command::CloseHelp => self.library.open = false,
            _ => {}
        }
    }

    const fn panels(&self) -> Panels {
        Panels {
            picture: self.picture.open,
            performance: self.performance.open,
            data: self.data.open,
            settings: self.settings.open,
            column_width: self.picture.column_width,
            banner_height: self.banner.height,
        }
    }
}

/// Shows the overlay and returns what the user asked for in this frame, in order.
///
/// To be called once a frame, between egui's begin and end of a pass. Handles the keys of [`KEY_BINDINGS`] as well;
/// nobody else needs to read the keyboard. While [`OverlayState::visible`] is false only source, inference, settings and
/// window of the model are looked at.
pub fn show(ctx: &egui::Context, model: &OverlayModel, state: &mut OverlayState) -> Vec<Action> {
    let mut asks = Asks::default();
    style::install_once(ctx);
    // What is shown is what the model was filled for, whatever a key changes now.
    let is_shown = state.visible;
    if !state.away {
        for command in keys::pressed(ctx) {
            state.run(command, model, &mut asks);
        }
    }
    take_dropped_file(ctx, &mut asks);
    toast::watch_source(&model.source, &mut state.toasts);

    let window = ctx.content_rect();
    let mut lower_edge = window.bottom();
    if is_shown {
        lower_edge = show_panels(ctx, window, model, state, &mut asks);
    } else {
        // Whoever has the window tells of problems in its own way.
        if !state.away {
            let room = window.shrink(style::GAP);
            banner::show(ctx, room, model, true, &mut state.banner, &mut asks);
        }
        state.scene_rect = window;
    }
    help::show(ctx, window, &mut state.help);
    for command in std::mem::take(&mut asks.commands) {
        state.run(command, model, &mut asks);
        ctx.request_repaint();
    }
    if state.visible != is_shown {
        ctx.request_repaint();
    }
    for (kind, text) in asks.news {
        state.toasts.add(kind, text);
    }
    toast::show(ctx, state.scene_rect, lower_edge, !state.visible, &mut state.toasts);
    asks.actions
}

/// Shows everything but what passes; returns the upper edge of what lies at the bottom of the scene, in points.
fn show_panels(
    ctx: &egui::Context,
    window: Rect,
    model: &OverlayModel,
    state: &mut OverlayState,
    asks: &mut Asks,
) -> f32 {
    let layout = Layout::new(window, &state.panels());
    banner::show(ctx, layout.below_top(), model, false, &mut state.banner, asks);
    area(ctx, "overlay_top", layout.top, |ui| top_bar::show(ui, model, |command| state.is_open(command), asks));
    if let Some(column) = layout.left {
        show_left(ctx, column, model, state);
    }
    if let Some(column) = layout.right {
        show_right(ctx, column, model, state, asks);
    }
    let OverlayState { transport, plots, library, .. } = state;
    let lower_edge = transport::show(ctx, layout.scene, model, transport, plots, asks);
    recording_bar::show(ctx, layout.scene, &model.recording, asks);
    library_panel::show(ctx, window, &model.library, library, asks);
    state.scene_rect = layout.scene;
    lower_edge
}

/// Picture above, performance below, the picture as high as the rest allows.
fn show_left(ctx: &egui::Context, column: Rect, model: &OverlayModel, state: &mut OverlayState) {
    let mut below = column;
    if state.picture.open {
        let mut room = column;
        if state.performance.open {
            let least = (column.top() + picture::LEAST_HEIGHT).min(column.bottom());
            room.max.y = (column.bottom() - state.performance.height - style::GAP).max(least);
        }
        let used = area(ctx, "overlay_picture", room, |ui| picture::show(ui, model, &mut state.picture));
        below.min.y = (used.bottom() + style::GAP).min(column.bottom());
    }
    if state.performance.open {
        let mut missing = 0.0;
        let used = area(ctx, "overlay_performance", below, |ui| {
            missing = performance::show(ui, model, &mut state.performance);
        });
        state.performance.height = used.height() + missing;
    }
}

/// Settings above, data below; each scrolls when both are open.
fn show_right(ctx: &egui::Context, column: Rect, model: &OverlayModel, state: &mut OverlayState, asks: &mut Asks) {
    let mut below = column;
    if state.settings.open {
        let mut room = column;
        if state.data.open {
            room.max.y = column.center().y - style::GAP / 2.0;
        }
        let used = area(ctx, "overlay_settings", room, |ui| settings_panel::show(ui, model, &mut state.settings, asks));
        below.min.y = (used.bottom() + style::GAP).min(column.bottom());
    }
    if state.data.open {
        area(ctx, "overlay_data", below, |ui| data::show(ui, model, &mut state.data, asks));
    }
}

/// A card at a fixed place, as wide as `room` and at most as high; returns the rectangle that it took.
fn area(ctx: &egui::Context, id: &str, room: Rect, contents: impl FnOnce(&mut Ui)) -> Rect {
    egui::Area::new(Id::new(id))
        .fixed_pos(room.min)
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_clip_rect(room.expand(2.0));
            let frame = style::card();
            let inside = room.size() - frame.total_margin().sum();
            frame
                .show(ui, |ui| {
                    ui.set_width(inside.x.max(0.0));
                    ui.set_max_height(inside.y.max(0.0));
                    contents(ui);
                })
                .response
                .rect
        })
        .inner
}

/// A file dropped on the window becomes the avatar, if its name says that it is one, else the source.
fn take_dropped_file(ctx: &egui::Context, asks: &mut Asks) {
    let path = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
    if let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) {
        let text = path.to_string_lossy().into_owned();
        asks.act(if avatar_panel::is_avatar(&path) { Action::SetAvatar(text) } else { Action::SetSource(text) });
    }
}
