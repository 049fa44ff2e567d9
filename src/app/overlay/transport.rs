//! At the lower edge of the scene: pause, the place in the file, and the line for newcomers.

use bevy_egui::egui::{self, Align2, Id, Rect, RichText, Ui, WidgetInfo, WidgetType, vec2};

use super::asks::Asks;
use super::keys::{self, Command};
use super::model::{OverlayModel, SourceStateView, SourceView};
use super::plots::{self, PlotsState};
use super::{style, timeline};

/// Widest bar, in points.
const WIDEST: f32 = 560.0;

/// Room beside the button, in points, from which on the times are written out.
const ROOM_FOR_TIMES: f32 = 150.0;

/// What is remembered of the lower edge.
#[derive(Debug, Clone)]
pub struct TransportState {
    /// Whether the line for newcomers is still shown.
    pub hint: bool,
}

impl Default for TransportState {
    fn default() -> Self {
        Self { hint: true }
    }
}

/// Shows the bar and, until it was dismissed, the hint above it; returns the upper edge of what it took, in points.
pub(super) fn show(
    ctx: &egui::Context,
    scene: Rect,
    model: &OverlayModel,
    state: &mut TransportState,
    plots_state: &mut PlotsState,
    asks: &mut Asks,
) -> f32 {
    let held =
        matches!(model.source.state, SourceStateView::Running | SourceStateView::Paused | SourceStateView::Ended);
    // Nobody has to stand anywhere for a recording.
    let hint = state.hint && model.timeline.is_none();
    if !(held || hint || plots_state.open) {
        return scene.bottom();
    }
    let mut free = scene;
    if let (true, Some(recording)) = (held, &model.timeline) {
        let bar = |ui: &mut Ui| timeline::show(ui, recording, &model.source.state, asks);
        free.max.y = card(ctx, "overlay_transport", free, timeline::WIDEST, bar) - style::GAP;
    } else if held {
        free.max.y = card(ctx, "overlay_transport", free, WIDEST, |ui| show_bar(ui, &model.source, asks)) - style::GAP;
    }
    if plots_state.open {
        let panel = |ui: &mut Ui| plots::show(ui, &model.plots, plots_state, asks);
        free.max.y = card(ctx, "overlay_plots", free, f32::INFINITY, panel) - style::GAP;
    }
    if hint {
        free.max.y = card(ctx, "overlay_hint", free, WIDEST, |ui| show_hint(ui, state));
    }
    free.bottom().max(scene.top())
}

/// A card in the middle of the lower edge of `room`; returns its own upper edge.
fn card(ctx: &egui::Context, id: &str, room: Rect, widest: f32, contents: impl FnOnce(&mut Ui)) -> f32 {
    let frame = style::card();
    egui::Area::new(Id::new(id))
        .pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(room.center_bottom())
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_max_width(room.width().min(widest));
            ui.set_max_height(room.height());
            frame.show(ui, contents);
        })
        .response
        .rect
        .top()
}

fn show_hint(ui: &mut Ui, state: &mut TransportState) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("New here?").strong().color(style::PINK));
        ui.label("Stand so that your whole body is in view. ? lists all keys.");
        if ui.button("Got it").clicked() {
            state.hint = false;
        }
    });
}

fn show_bar(ui: &mut Ui, source: &SourceView, asks: &mut Asks) {
    ui.horizontal(|ui| {
        let (label, command) = match source.state {
            SourceStateView::Paused => ("Go on", Command::TogglePause),
            SourceStateView::Ended => ("Play again", Command::Reopen),
            _ => ("Pause", Command::TogglePause),
        };
        if ui.button(label).on_hover_text(format!("Key {}", keys::key_of(command))).clicked() {
            asks.run(command);
        }
        if source.live {
            style::dot(ui, style::BAD);
            ui.label("Live");
            return;
        }
        let Some((position_s, share)) = place(source) else { return };
        let times = format!("{} / {}", clock(position_s), clock(source.duration_s.unwrap_or_default()));
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

/// Seconds into the file and how much of it that is, 0 to 1; `None` where its length is unknown.
fn place(source: &SourceView) -> Option<(f64, f32)> {
    let duration_s = source.duration_s.filter(|duration_s| duration_s.is_finite() && *duration_s > 0.0)?;
    let position_s = Some(source.position_s).filter(|position_s| position_s.is_finite())?.max(0.0);
    // The last frame of a file stands a little before or after its length; only a loop goes on from there.
    let is_looping = position_s > duration_s && source.state != SourceStateView::Ended;
    let position_s = if is_looping { position_s % duration_s } else { position_s.min(duration_s) };
    Some((position_s, (position_s / duration_s) as f32))
}

/// Seconds as `m:ss`.
fn clock(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.max(0.0) as u64 } else { 0 };
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position_s: f64, state: SourceStateView) -> Option<(f64, f32)> {
        place(&SourceView { position_s, duration_s: Some(8.0), state, ..SourceView::default() })
    }

    #[test]
    fn the_place_stays_within_the_file() {
        assert_eq!(at(-1.0, SourceStateView::Running), Some((0.0, 0.0)));
        assert_eq!(at(2.0, SourceStateView::Running), Some((2.0, 0.25)));
        assert_eq!(at(18.0, SourceStateView::Running), Some((2.0, 0.25)), "the third round of a loop");
        assert_eq!(at(8.01, SourceStateView::Ended), Some((8.0, 1.0)));
        assert_eq!(at(f64::NAN, SourceStateView::Running), None);
        assert_eq!(place(&SourceView { duration_s: Some(0.0), ..SourceView::default() }), None);
    }

    #[test]
    fn seconds_are_written_as_a_clock() {
        for (seconds, text) in [(0.0, "0:00"), (59.9, "0:59"), (75.0, "1:15"), (f64::NAN, "0:00"), (-3.0, "0:00")] {
            assert_eq!(clock(seconds), text);
        }
    }
}
