//! The bar at the top: what is tracked and how it goes, and the switches of all panels.

use bevy_egui::egui::{self, Align, Color32, Layout, RichText, Ui};

use super::asks::Asks;
use super::keys::{self, Command};
use super::model::{OverlayModel, SourceStateView};
use super::style;
use crate::pipeline::live::InferenceState;

/// Under this width of the bar, in points, the switches bear their keys instead of their names.
const NARROW: f32 = 600.0;

/// The switches from right to left: name, and what a click stands for.
const SWITCHES: [(&str, Command); 8] = [
    ("Help", Command::ToggleHelp),
    ("Settings", Command::ToggleSettings),
    ("Plots", Command::TogglePlots),
    ("Takes", Command::ToggleLibrary),
    ("Data", Command::ToggleData),
    ("Performance", Command::TogglePerformance),
    ("Picture", Command::TogglePicture),
    ("Games", Command::OpenGames),
];

/// Shows the bar. `is_open` says whether the panel that a command opens is open.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, is_open: impl Fn(Command) -> bool, asks: &mut Asks) {
    let narrow = ui.available_width() < NARROW;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        for (name, command) in SWITCHES {
            let key = keys::key_of(command);
            let label = if narrow { &key[..1] } else { name };
            let switch = ui.selectable_label(is_open(command), label).on_hover_text(format!("{name} ({key})"));
            if switch.clicked() {
                asks.run(command);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| show_status(ui, model));
    });
}

fn show_status(ui: &mut Ui, model: &OverlayModel) {
    let (colour, status) = status(model);
    style::dot(ui, colour);
    ui.label(RichText::new(status).strong().color(colour));
    let source = &model.source;
    if source.name.is_empty() && source.width == 0 {
        return;
    }
    let mut facts = Vec::new();
    if source.width > 0 && source.height > 0 {
        facts.push(format!("{} × {}", source.width, source.height));
    }
    if let Some(fps) = source.fps.filter(|fps| fps.is_finite() && *fps > 0.0) {
        facts.push(format!("{fps:.0} fps"));
    }
    let text =
        if facts.is_empty() { source.name.clone() } else { format!("{}  ·  {}", source.name, facts.join("  ·  ")) };
    ui.add(egui::Label::new(text.as_str()).truncate()).on_hover_text(text);
}

/// One or two words on how it goes, and their colour.
fn status(model: &OverlayModel) -> (Color32, &'static str) {
    match (&model.inference, &model.source.state) {
        (InferenceState::Failed { .. }, _) | (_, SourceStateView::Failed { .. }) => (style::BAD, "Failed"),
        (_, SourceStateView::Waiting { .. } | SourceStateView::Listening) => (style::WARNING, "Waiting"),
        (_, SourceStateView::Opening) => (style::WARNING, "Opening"),
        (InferenceState::Loading, _) => (style::WARNING, "Loading the model"),
        (_, SourceStateView::Paused) => (style::WARNING, "Paused"),
        (_, SourceStateView::Ended) => (style::WEAK, "Ended"),
        (_, SourceStateView::Running) => (style::GOOD, "Running"),
    }
}
