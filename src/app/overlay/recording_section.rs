//! The settings of recordings.

use bevy_egui::egui::{self, Slider, SliderClamping, Ui};

use crate::settings::{MAX_COUNTDOWN_S, Settings};

use super::style;

/// Shows the section; returns whether something was changed.
pub(super) fn show(ui: &mut Ui, settings: &mut Settings) -> bool {
    style::section(ui, "Recording");
    let mut changed = ui
        .add(
            Slider::new(&mut settings.countdown_s, 0..=MAX_COUNTDOWN_S)
                .text("countdown")
                .suffix(" s")
                .clamping(SliderClamping::Edits),
        )
        .on_hover_text("Time to get into place before a recording begins")
        .changed();
    changed |= ui
        .checkbox(&mut settings.record_video, "Keep the pictures")
        .on_hover_text("A video of the source beside each take, of the size that is tracked")
        .changed();
    ui.horizontal(|ui| {
        ui.label("Takes in");
        let field = egui::TextEdit::singleline(&mut settings.takes_folder).hint_text("your data folder");
        let field = ui.add(field.desired_width(ui.available_width()));
        field.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Folder of the takes"));
        changed |= field.changed();
    });
    changed
}
