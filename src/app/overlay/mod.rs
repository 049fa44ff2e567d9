//! The overlay: what a person reads and clicks over the scene.
//!
//! [`show`] is a function from a view model and its own small memory to actions. It knows neither the engine's world nor
//! threads, files or clocks, so that tests drive it alone. The application fills an [`OverlayModel`] in every frame,
//! calls [`show`] once, and carries out the [`Action`]s.
//!
//! Panels stand in areas of their own and never over one another; [`OverlayState::scene_rect`] is what they leave free.

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

use bevy_egui::egui::{self, Id, Rect, Ui};

pub use keys::{Command, KEY_BINDINGS, KeyBinding};
pub use model::{
    Action, AngleView, AvatarView, CameraView, InferenceView, OverlayModel, OverlayState, PerformanceView, PictureView,
    RemoteStateView, RemoteView, SourceStateView, SourceView,
};
pub use plots::{PlotsState, PlotsView};
pub use takes_model::{
    ExportForm, ExportView, LibraryView, RecordingView, TakeFigure, TakeRequest, TakeStateView, TakeView,
};
pub use timeline::{TimelineAction, TimelineView};
pub use toast::ToastKind;

pub(super) use plots::LIVE_SECONDS;

use layout::Layout;

/// Shows the overlay and returns what the user asked for in this frame, in order.
///
/// To be called once a frame, between egui's begin and end of a pass. Handles the keys of [`KEY_BINDINGS`] as well;
/// nobody else needs to read the keyboard.
pub fn show(ctx: &egui::Context, model: &OverlayModel, state: &mut OverlayState) -> Vec<Action> {
    let mut actions = Vec::new();
    style::install_once(ctx);
    keys::handle(ctx, model, state, &mut actions);
    take_dropped_file(ctx, &mut actions);
    toast::watch_source(model, state);

    let window = ctx.content_rect();
    let mut lower_edge = window.bottom();
    if state.visible {
        let layout = Layout::new(window, state);
        banner::show(ctx, layout.below_top(), model, state, &mut actions);
        area(ctx, "overlay_top", layout.top, |ui| top_bar::show(ui, model, state, &mut actions));
        if let Some(column) = layout.left {
            show_left(ctx, column, model, state, &mut actions);
        }
        if let Some(column) = layout.right {
            show_right(ctx, column, model, state, &mut actions);
        }
        lower_edge = transport::show(ctx, layout.scene, model, state, &mut actions);
        recording_bar::show(ctx, layout.scene, model, state, &mut actions);
        library_panel::show(ctx, window, model, state, &mut actions);
        state.scene_rect = layout.scene;
    } else if state.away {
        // Whoever has the window tells of problems in its own way.
        state.scene_rect = window;
    } else {
        banner::show(ctx, window.shrink(style::GAP), model, state, &mut actions);
        state.scene_rect = window;
    }
    help::show(ctx, window, state);
    toast::show(ctx, state.scene_rect, lower_edge, state);
    actions
}

/// Picture above, performance below, the picture as high as the rest allows.
fn show_left(
    ctx: &egui::Context,
    column: Rect,
    model: &OverlayModel,
    state: &mut OverlayState,
    actions: &mut Vec<Action>,
) {
    let mut below = column;
    if state.picture {
        let mut room = column;
        if state.performance {
            let least = (column.top() + picture::LEAST_HEIGHT).min(column.bottom());
            room.max.y = (column.bottom() - state.performance_height - style::GAP).max(least);
        }
        let used = area(ctx, "overlay_picture", room, |ui| picture::show(ui, model, state));
        below.min.y = (used.bottom() + style::GAP).min(column.bottom());
    }
    if state.performance {
        let mut missing = 0.0;
        let used = area(ctx, "overlay_performance", below, |ui| {
            missing = performance::show(ui, model, state, actions);
        });
        state.performance_height = used.height() + missing;
    }
}

/// Settings above, data below; each scrolls when both are open.
fn show_right(
    ctx: &egui::Context,
    column: Rect,
    model: &OverlayModel,
    state: &mut OverlayState,
    actions: &mut Vec<Action>,
) {
    let mut below = column;
    if state.settings {
        let mut room = column;
        if state.data {
            room.max.y = column.center().y - style::GAP / 2.0;
        }
        let used = area(ctx, "overlay_settings", room, |ui| settings_panel::show(ui, model, state, actions));
        below.min.y = (used.bottom() + style::GAP).min(column.bottom());
    }
    if state.data {
        area(ctx, "overlay_data", below, |ui| data::show(ui, model, state, actions));
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
fn take_dropped_file(ctx: &egui::Context, actions: &mut Vec<Action>) {
    let path = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
    if let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) {
        let text = path.to_string_lossy().into_owned();
        actions.push(if avatar_panel::is_avatar(&path) { Action::SetAvatar(text) } else { Action::SetSource(text) });
    }
}
