//! At the upper edge of the scene: the button that records, and how the recording goes.

use bevy_egui::egui::{self, Align2, Id, Order, Rect, RichText, Ui};

use crate::formats::take::{clock, size};

use super::asks::Asks;
use super::keys::{self, Command};
use super::style;
use super::takes_model::RecordingView;

/// Size of the countdown's number, in points, where the scene has room.
const NUMBER: f32 = 180.0;

/// Shows the bar, and the countdown over the scene.
pub(super) fn show(ctx: &egui::Context, scene: Rect, recording: &RecordingView, asks: &mut Asks) {
    if let RecordingView::Countdown { left_s } = recording {
        show_countdown(ctx, scene, *left_s);
    }
    egui::Area::new(Id::new("overlay_recording"))
        .pivot(Align2::CENTER_TOP)
        .fixed_pos(scene.center_top())
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_max_width(scene.width());
            style::card().inner_margin(6).show(ui, |ui| ui.horizontal(|ui| show_bar(ui, recording, asks)));
        });
}

/// The seconds that are left, as a number that can be read from where the dancer stands.
fn show_countdown(ctx: &egui::Context, scene: Rect, left_s: f64) {
    let number = format!("{:.0}", if left_s.is_finite() { left_s.ceil().max(1.0) } else { 1.0 });
    let points = NUMBER.min(scene.height() * 0.6).min(scene.width() * 0.8).max(12.0);
    egui::Area::new(Id::new("overlay_countdown"))
        .order(Order::Foreground)
        .pivot(Align2::CENTER_CENTER)
        .fixed_pos(scene.center())
        .interactable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            let text = RichText::new(number).size(points).strong().color(style::TEXT);
            ui.add(egui::Label::new(text).extend().selectable(false));
        });
    ctx.request_repaint();
}

fn show_bar(ui: &mut Ui, recording: &RecordingView, asks: &mut Asks) {
    let key = keys::key_of(Command::ToggleRecording);
    let mut button = |ui: &mut Ui, enabled: bool, name: &str, what: &str| {
        let button = ui.add_enabled(enabled, egui::Button::new(name)).on_hover_text(format!("{what} ({key})"));
        if button.on_disabled_hover_text(what.to_owned()).clicked() {
            asks.run(Command::ToggleRecording);
        }
    };
    match recording {
        RecordingView::Unavailable { why } => {
            style::dot(ui, style::WEAK);
            button(ui, false, "Record", why);
        }
        RecordingView::Idle => {
            style::dot(ui, style::BAD);
            button(ui, true, "Record", "Keeps what is tracked as a take");
        }
        RecordingView::Countdown { .. } => {
            style::dot(ui, style::WARNING);
            button(ui, true, "Cancel", "Records nothing");
        }
        RecordingView::Recording { seconds, bytes, lost } => {
            let is_lit = ui.input(|input| input.time).rem_euclid(1.0) < 0.6;
            style::dot(ui, if is_lit { style::BAD } else { style::GROOVE });
            ui.label(RichText::new(clock(*seconds)).monospace().strong());
            ui.label(RichText::new(size(*bytes)).monospace().color(style::WEAK));
            if *lost > 0 {
                let text = RichText::new(format!("{lost} lost")).color(style::WARNING);
                ui.label(text).on_hover_text("Frames that are missing in the take, because the disk is too slow");
            }
            button(ui, true, "Stop", "Ends the take");
            ui.ctx().request_repaint_after_secs(0.2);
        }
        RecordingView::Finishing => {
            style::dot(ui, style::WARNING);
            ui.label("Saving the take");
        }
    }
}
