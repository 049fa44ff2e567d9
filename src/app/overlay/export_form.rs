//! What a take is exported to, and what came of it.

use bevy_egui::egui::{self, RichText, Ui};

use crate::export::Format;

use super::asks::Asks;
use super::model::Action;
use super::style;
use super::takes_model::{ExportForm, ExportView, TakeRequest};

/// Frame rates to choose from besides the take's own.
const RATES: [f64; 6] = [24.0, 25.0, 30.0, 50.0, 60.0, 120.0];

/// The form.
pub(super) fn show(ui: &mut Ui, form: &mut ExportForm) {
    ui.horizontal_wrapped(|ui| {
        for format in Format::ALL {
            let mut chosen = form.formats.contains(&format);
            let name = format.name().to_uppercase();
            if ui.checkbox(&mut chosen, name).on_hover_text(purpose(format)).changed() {
                form.formats.retain(|other| *other != format);
                if chosen {
                    form.formats.push(format);
                    form.formats.sort_unstable();
                }
            }
        }
    });
    ui.horizontal(|ui| {
        ui.label("Frames a second");
        egui::ComboBox::from_id_salt("export rate").selected_text(rate_text(form.fps)).show_ui(ui, |ui| {
            for fps in std::iter::once(None).chain(RATES.map(Some)) {
                ui.selectable_value(&mut form.fps, fps, rate_text(fps));
            }
        });
        ui.checkbox(&mut form.smooth, "Smooth").on_hover_text("Takes trembling away; nothing becomes late by it");
    });
}

fn rate_text(fps: Option<f64>) -> String {
    fps.map_or_else(|| "as recorded".to_owned(), |fps| format!("{fps}"))
}

const fn purpose(format: Format) -> &'static str {
    match format {
        Format::Bvh => "Bones for Blender, MotionBuilder and Maya",
        Format::Glb => "The avatar with the motion in it, for Blender, Unity, Godot and browsers",
        Format::Vrma => "VRM animation, for programs that show VRM avatars",
        Format::Csv => "Tables of landmarks, hands and joint angles, for spreadsheets",
        Format::Trc => "Markers for OpenSim and Pose2Sim",
        Format::C3d => "Markers for biomechanics laboratories",
        Format::Json => "Everything, for programs of your own",
    }
}

/// How far it is, or what came of it.
pub(super) fn show_outcome(ui: &mut Ui, export: &ExportView, asks: &mut Asks) {
    if let Some(progress) = export.progress {
        ui.add(egui::ProgressBar::new(progress).desired_width(220.0).text("Exporting"));
        return;
    }
    ui.horizontal_wrapped(|ui| match &export.outcome {
        Ok(done) => {
            ui.label(RichText::new(done).small().color(style::GOOD));
            if ui.small_button("Show the files").clicked() {
                asks.act(Action::Takes(TakeRequest::Reveal(export.folder.clone())));
            }
        }
        Err(error) => {
            ui.add(egui::Label::new(RichText::new(error).small().color(style::BAD)).wrap());
        }
    });
}
