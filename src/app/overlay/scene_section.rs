//! The part of the settings for those who show the avatar to others: what is behind it, how much of it is seen, and
//! where its pose is sent.

use bevy_egui::egui::{self, Ui};

use crate::settings::{Background, Framing, Settings};

use super::asks::Asks;
use super::keys::{self, Command};
use super::model::{Action, OverlayModel};
use super::style;
use super::words::RESTART;

/// The colour that a background of one's own begins with.
const FIRST_COLOUR: [u8; 3] = [64, 96, 160];

/// What the field of where poses are sent remembers.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamState {
    /// What is typed, until it is entered; `None` shows what is in force.
    text: Option<String>,
}

/// Shows the section. Returns whether something was changed.
pub(super) fn show(
    ui: &mut Ui,
    model: &OverlayModel,
    state: &mut StreamState,
    settings: &mut Settings,
    asks: &mut Asks,
) -> bool {
    style::section(ui, "Scene");
    let mut changed = show_background(ui, model, settings);
    changed |= show_framing(ui, settings, asks);
    changed | show_stream(ui, model, state, settings)
}

fn show_background(ui: &mut Ui, model: &OverlayModel, settings: &mut Settings) -> bool {
    let before = settings.background;
    let colour = if let Background::Colour(colour) = before { colour } else { FIRST_COLOUR };
    ui.horizontal_wrapped(|ui| {
        for (background, name) in [
            (Background::Studio, "Studio"),
            (Background::Green, "Green"),
            (Background::Transparent, "Transparent"),
            (Background::Colour(colour), "Colour"),
        ] {
            let is_on = before == background;
            let option = ui.selectable_label(is_on, name);
            option.widget_info(|| {
                let label = format!("Background: {}", name.to_lowercase());
                egui::WidgetInfo::selected(egui::WidgetType::RadioButton, true, is_on, label)
            });
            if option.on_hover_text(format!("Key {}", keys::key_of(Command::NextBackground))).clicked() {
                settings.background = background;
            }
        }
        if let Background::Colour(mut colour) = settings.background {
            ui.color_edit_button_srgb(&mut colour);
            settings.background = Background::Colour(colour);
        }
    });
    let hide = keys::key_of(Command::ToggleInterface);
    ui.label(style::weak(match settings.background {
        Background::Studio => "Floor, haze and shadows.".to_owned(),
        Background::Green => format!("For a colour key in OBS and the like. {hide} hides everything else."),
        Background::Transparent if model.transparent_window => {
            format!(
                "What is behind the window shows through, where the system allows it. {hide} hides everything else."
            )
        }
        Background::Transparent => {
            let restart = RESTART;
            format!("{}{}.", restart.get(..1).unwrap_or_default().to_uppercase(), restart.get(1..).unwrap_or_default())
        }
        Background::Colour(_) => format!("One flat colour. {hide} hides everything else."),
    }));
    settings.background != before
}

fn show_framing(ui: &mut Ui, settings: &mut Settings, asks: &mut Asks) -> bool {
    let before = settings.framing;
    ui.horizontal_wrapped(|ui| {
        for (framing, name) in [
            (Framing::Full, "Full body"),
            (Framing::Upper, "Upper body"),
            (Framing::Face, "Face"),
            (Framing::Free, "Free"),
        ] {
            let key = keys::key_of(Command::Frame(framing));
            let option = ui.selectable_label(before == framing, name);
            let option = if key.is_empty() { option } else { option.on_hover_text(format!("Key {key}")) };
            if option.clicked() {
                settings.framing = framing;
                asks.act(Action::Frame(framing));
            }
        }
    });
    settings.framing != before
}

fn show_stream(ui: &mut Ui, model: &OverlayModel, state: &mut StreamState, settings: &mut Settings) -> bool {
    let in_force = settings.vmc_out.clone();
    let text = state.text.get_or_insert_with(|| in_force.clone());
    let field = ui
        .horizontal(|ui| {
            ui.label("VMC to");
            let field =
                egui::TextEdit::singleline(text).hint_text("HOST:PORT, empty for off").desired_width(f32::INFINITY);
            ui.add(field).on_hover_text("Sends the pose, 60 a second, to VSeeFace, Warudo, Blender or Unity")
        })
        .inner;
    field.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "VMC to"));
    let mut changed = false;
    if field.lost_focus() {
        text.trim().clone_into(&mut settings.vmc_out);
        changed = settings.vmc_out != in_force;
    }
    if !field.has_focus() {
        // What is shown is what is in force, whoever set it.
        state.text = None;
    }
    match &model.stream {
        Ok(status) if status.is_empty() => {}
        Ok(status) => {
            ui.label(style::weak(status.as_str()));
        }
        Err(reason) => {
            ui.colored_label(style::BAD, reason);
        }
    }
    changed
}
