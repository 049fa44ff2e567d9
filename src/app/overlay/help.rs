//! The list of keys, written from the table that handles them.

use bevy_egui::egui::{self, Align2, Order, RichText, Ui, vec2};

use super::keys::{KEY_BINDINGS, KeyBinding};
use super::style;

/// Narrowest window, in points, in which the groups stand in two columns.
const TWO_COLUMNS: f32 = 640.0;

/// What the window remembers.
#[derive(Debug, Clone, Default)]
pub struct HelpState {
    /// Whether it is open.
    pub open: bool,
}

/// Shows the window while it is open.
pub(super) fn show(ctx: &egui::Context, window: egui::Rect, state: &mut HelpState) {
    egui::Window::new("Keys")
        .open(&mut state.open)
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
        .collapsible(false)
        .resizable(false)
        .auto_sized()
        .show(ctx, |ui| {
            egui::ScrollArea::vertical()
                .max_height((window.height() - 110.0).max(1.0))
                .show(ui, |ui| show_list(ui, window));
        });
}

fn show_list(ui: &mut Ui, window: egui::Rect) {
    let groups: Vec<&[KeyBinding]> = KEY_BINDINGS.chunk_by(|a, b| a.group == b.group).collect();
    if window.width() >= TWO_COLUMNS {
        let (left, right) = groups.split_at(groups.len().div_ceil(2));
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| show_groups(ui, left));
            ui.add_space(24.0);
            ui.vertical(|ui| show_groups(ui, right));
        });
    } else {
        show_groups(ui, &groups);
    }
    ui.add_space(6.0);
    ui.label(style::weak("Over the scene: drag turns the view, right drag moves it, the wheel zooms."));
    ui.label(style::weak("Tab goes through the controls; Space or Enter uses the one in focus."));
}

fn show_groups(ui: &mut Ui, groups: &[&[KeyBinding]]) {
    for group in groups {
        let Some(first) = group.first() else { continue };
        style::section(ui, first.group);
        egui::Grid::new(("overlay_keys", first.group)).num_columns(2).spacing(vec2(14.0, 5.0)).show(ui, |ui| {
            for binding in *group {
                ui.label(RichText::new(binding.shown).monospace().strong().background_color(style::GROOVE));
                ui.label(binding.description);
                ui.end_row();
            }
        });
    }
}
