//! Landmarks and joint angles in figures.

use bevy_egui::egui::{self, Align, Color32, Label, Layout, Rect, RichText, Sense, Ui, UiBuilder, pos2, vec2};

use crate::motion::BodyPose;
use crate::motion::Side;
use crate::motion::landmark::POSE_LANDMARK_NAMES;

use super::asks::Asks;
use super::keys::{self, Command};
use super::model::OverlayModel;
use super::style::{self, figure};

/// What the panel remembers.
#[derive(Debug, Clone, Default)]
pub struct DataState {
    /// Whether it is shown.
    pub open: bool,
}

/// Shows the panel.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, state: &mut DataState, asks: &mut Asks) {
    style::header(ui, "Data", &mut state.open, |ui| {
        let key = keys::key_of(Command::SaveData);
        let save = ui.button("Save JSON").on_hover_text(format!("Writes these figures to a file ({key})"));
        if save.clicked() {
            asks.run(Command::SaveData);
        }
    });
    egui::ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
        let Some(person) = model.people.first() else {
            ui.label(style::weak("Nobody in view: figures appear with the first person."));
            return;
        };
        ui.label(style::weak(format!("Person {}  ·  confidence {}", person.id, figure(Some(person.score), 2))));
        ui.label(style::weak(hands_line(person))).on_hover_text(
            "The model's confidence that the hand is there; below 0.50 it is hidden or blurred and its place is guessed",
        );
        ui.spacing_mut().item_spacing.y = 0.0;
        style::section(ui, "Joint angles, degrees");
        ui.add_space(3.0);
        show_angles(ui, model);
        ui.add_space(6.0);
        style::section(ui, "World landmarks, metres");
        show_landmarks(ui, person);
    });
}

/// Which hands are seen, and how surely.
fn hands_line(person: &BodyPose) -> String {
    let [left, right] = Side::BOTH
        .map(|side| person.hands.get(side).map_or_else(|| "not seen".to_owned(), |hand| figure(Some(hand.score), 2)));
    format!("Left hand {left}  ·  right hand {right}")
}

/// Widths of a table's columns in points, from left to right.
struct Table<const N: usize>([f32; N]);

impl<const N: usize> Table<N> {
    /// One row; `fill` is called for each cell and its column.
    fn row(&self, ui: &mut Ui, striped: bool, mut fill: impl FnMut(&mut Ui, usize)) {
        let height = 18.0;
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        if striped {
            ui.painter().rect_filled(rect, 3.0, ui.visuals().faint_bg_color);
        }
        let mut left = rect.left();
        for (column, width) in self.0.into_iter().enumerate() {
            let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(width, height));
            let layout =
                if column == 0 { Layout::left_to_right(Align::Center) } else { Layout::right_to_left(Align::Center) };
            fill(&mut ui.new_child(UiBuilder::new().max_rect(cell).layout(layout)), column);
            left += width;
        }
    }
}

fn show_angles(ui: &mut Ui, model: &OverlayModel) {
    let gauge = (ui.available_width() - 94.0 - 60.0).max(10.0);
    let table = Table([94.0, gauge, 60.0]);
    for (index, angle) in model.angles.iter().enumerate() {
        let degrees = angle.degrees.filter(|degrees| degrees.is_finite());
        let colour = if degrees.is_some() { style::TEXT } else { style::WEAK };
        table.row(ui, index % 2 == 1, |ui, column| match column {
            0 => name_cell(ui, angle.name, colour),
            1 => {
                style::gauge(ui, vec2(gauge, 18.0), degrees.map(|degrees| degrees / 180.0), style::PINK)
                    .on_hover_text("0 is folded, 180 is straight");
            }
            _ => cell(ui, degrees.map_or_else(|| figure(None, 0), |degrees| format!("{degrees:.1}°")), colour),
        });
    }
}

fn show_landmarks(ui: &mut Ui, person: &BodyPose) {
    let number = 44.0;
    let table = Table([(ui.available_width() - 4.0 * number).max(10.0), number, number, number, number]);
    table.row(ui, false, |ui, column| {
        let (title, what) = [
            ("landmark", "Left and right are the person's own"),
            ("x", "Metres from between the hips, to the right in the picture"),
            ("y", "Metres from between the hips, downwards"),
            ("z", "Metres from between the hips, away from the camera"),
            ("seen", "Probability that nothing hides the point, in per cent"),
        ][column];
        ui.label(style::weak(title)).on_hover_text(what);
    });
    for (index, (name, landmark)) in POSE_LANDMARK_NAMES.iter().zip(&person.world).enumerate() {
        let seen = landmark.visibility >= style::VISIBLE;
        let colour = if seen { style::TEXT } else { style::WEAK };
        let metres = landmark.position.to_array();
        table.row(ui, index % 2 == 1, |ui, column| match column {
            0 => name_cell(ui, name, colour),
            4 => cell(ui, figure(Some(landmark.visibility * 100.0), 0), colour),
            _ => cell(ui, signed(metres[column - 1]), colour),
        });
    }
}

/// Metres with their sign, to the centimetre.
fn signed(metres: f32) -> String {
    if metres.is_finite() { format!("{metres:+.2}") } else { figure(None, 0) }
}

fn name_cell(ui: &mut Ui, name: &str, colour: Color32) {
    ui.add(Label::new(RichText::new(style::spoken(name)).small().color(colour)).truncate());
}

fn cell(ui: &mut Ui, text: String, colour: Color32) {
    ui.add(Label::new(RichText::new(text).monospace().size(11.0).color(colour)).extend());
}
