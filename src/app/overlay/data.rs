//! Landmarks and joint angles in figures.

use bevy_egui::egui::{self, Label, RichText, Ui, vec2};

use crate::motion::BodyPose;
use crate::motion::landmark::POSE_LANDMARK_NAMES;

use super::keys::{self, Command};
use super::model::{Action, OverlayModel, OverlayState};
use super::style::{self, figure};

/// Shows the panel.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, state: &mut OverlayState, actions: &mut Vec<Action>) {
    let mut open = state.data;
    style::header(ui, "Data", &mut open, |ui| {
        let key = keys::key_of(Command::SaveData);
        let save = ui.button("Save JSON").on_hover_text(format!("Writes these figures to a file ({key})"));
        if save.clicked() {
            keys::run(Command::SaveData, model, state, actions);
        }
    });
    state.data = open;
    egui::ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
        let Some(person) = model.people.first() else {
            ui.label(style::weak("Nobody in view: figures appear with the first person."));
            return;
        };
        ui.label(style::weak(format!("Person {}  ·  confidence {}", person.id, figure(Some(person.score), 2))));
        style::section(ui, "Joint angles, degrees");
        show_angles(ui, model);
        style::section(ui, "World landmarks, metres");
        show_landmarks(ui, person);
    });
}

fn show_angles(ui: &mut Ui, model: &OverlayModel) {
    let width = (ui.available_width() - 170.0).max(30.0);
    egui::Grid::new("overlay_angles").num_columns(3).spacing(vec2(10.0, 1.0)).striped(true).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 17.0;
        for angle in &model.angles {
            let degrees = angle.degrees.filter(|degrees| degrees.is_finite());
            let colour = if degrees.is_some() { style::TEXT } else { style::WEAK };
            ui.label(RichText::new(style::spoken(angle.name)).small().color(colour));
            style::gauge(ui, vec2(width, 17.0), degrees.map(|degrees| degrees / 180.0), style::PINK)
                .on_hover_text("0 is folded, 180 is straight");
            cell(ui, degrees.map_or_else(|| figure(None, 0), |degrees| format!("{degrees:.1}°")), colour);
            ui.end_row();
        }
    });
}

fn show_landmarks(ui: &mut Ui, person: &BodyPose) {
    egui::Grid::new("overlay_landmarks").num_columns(5).spacing(vec2(6.0, 1.0)).striped(true).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 17.0;
        for (title, what) in [
            ("landmark", "Left and right are the person's own"),
            ("x", "Metres from between the hips, to the right in the picture"),
            ("y", "Metres from between the hips, downwards"),
            ("z", "Metres from between the hips, away from the camera"),
            ("visible", "Probability that nothing hides the point, in per cent"),
        ] {
            ui.label(style::weak(title)).on_hover_text(what);
        }
        ui.end_row();
        for (name, landmark) in POSE_LANDMARK_NAMES.iter().zip(&person.world) {
            let seen = landmark.visibility >= style::VISIBLE;
            let colour = if seen { style::TEXT } else { style::WEAK };
            ui.label(RichText::new(style::spoken(name)).small().color(colour));
            for metres in landmark.position.to_array() {
                let metres = if metres.is_finite() { format!("{metres:+.2}") } else { figure(None, 0) };
                cell(ui, metres, colour);
            }
            cell(ui, figure(Some(landmark.visibility * 100.0), 0), colour);
            ui.end_row();
        }
    });
}

/// A figure, flush right so that decimals stand under each other.
fn cell(ui: &mut Ui, text: String, colour: egui::Color32) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.add(Label::new(RichText::new(text).monospace().size(11.0).color(colour)).extend());
    });
}
