//! At the lower edge of the scene: pause, the place in the file, and the line for newcomers.

use bevy_egui::egui::{self, Align2, Id, Rect, RichText, Ui, WidgetInfo, WidgetType, vec2};

use super::keys::{self, Command};
use super::model::{Action, OverlayModel, OverlayState, SourceStateView, SourceView};
use super::style;

/// Widest bar, in points.
const WIDEST: f32 = 560.0;

/// Room beside the button, in points, from which on the times are written out.
const ROOM_FOR_TIMES: f32 = 150.0;

/// Shows the bar and, until it was dismissed, the hint above it; returns the upper edge of what it took, in points.
pub(super) fn show(
    ctx: &egui::Context,
    scene: Rect,
    model: &OverlayModel,
    state: &mut OverlayState,
    actions: &mut Vec<Action>,
) -> f32 {
    let held =
        matches!(model.source.state, SourceStateView::Running | SourceStateView::Paused | SourceStateView::Ended);
    if !(held || state.hint) {
        return scene.bottom();
    }
    let mut free = scene;
    if held {
        free.max.y = card(ctx, "overlay_transport", free, |ui| show_bar(ui, model, state, actions)) - style::GAP;
    }
    if state.hint {
        free.max.y = card(ctx, "overlay_hint", free, |ui| show_hint(ui, state));
    }
    free.bottom().max(scene.top())
}

/// A card in the middle of the lower edge of `room`; returns its own upper edge.
fn card(ctx: &egui::Context, id: &str, room: Rect, contents: impl FnOnce(&mut Ui)) -> f32 {
    let frame = style::card();
    egui::Area::new(Id::new(id))
        .pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(room.center_bottom())
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_max_width(room.width().min(WIDEST));
            frame.show(ui, contents);
        })
        .response
        .rect
        .top()
}

fn show_hint(ui: &mut Ui, state: &mut OverlayState) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("New here?").strong().color(style::PINK));
        ui.label("Stand so that your whole body is in view. ? lists all keys.");
        if ui.button("Got it").clicked() {
            state.hint = false;
        }
    });
}

fn show_bar(ui: &mut Ui, model: &OverlayModel, state: &mut OverlayState, actions: &mut Vec<Action>) {
    let source = &model.source;
    ui.horizontal(|ui| {
        let (label, command) = match source.state {
            SourceStateView::Paused => ("Go on", Command::TogglePause),
            SourceStateView::Ended => ("Play again", Command::Reopen),
            _ => ("Pause", Command::TogglePause),
        };
        if ui.button(label).on_hover_text(format!("Key {}", keys::key_of(command))).clicked() {
            keys::run(command, model, state, actions);
        }
        if source.live {
            style::dot(ui, style::BAD);
            ui.label("Live");
            return;
        }
        let Some(share) = progress(source) else { return };
        let times = format!("{} / {}", clock(source.position_s), clock(source.duration_s.unwrap_or_default()));
        let roomy = ui.available_width() >= ROOM_FOR_TIMES;
        let width = (ui.available_width() - if roomy { 108.0 } else { 0.0 }).max(20.0);
        let bar = style::gauge(ui, vec2(width, ui.spacing().interact_size.y), Some(share), style::PINK);
        bar.widget_info(|| {
            let mut info = WidgetInfo::labeled(WidgetType::ProgressIndicator, true, "Place in the file");
            info.value = Some(f64::from(share));
            info
        });
        if roomy {
            ui.label(RichText::new(times).monospace());
        }
    });
}

/// How much of the file has passed, 0 to 1; `None` where its length is unknown.
fn progress(source: &SourceView) -> Option<f32> {
    let duration_s = source.duration_s.filter(|duration_s| duration_s.is_finite() && *duration_s > 0.0)?;
    let share = source.position_s / duration_s;
    share.is_finite().then(|| share.clamp(0.0, 1.0) as f32)
}

/// Seconds as `m:ss`.
fn clock(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.max(0.0) as u64 } else { 0 };
    format!("{}:{:02}", whole / 60, whole % 60)
}
