//! The takes: what was recorded, and what can be done with it.

use std::path::{Path, PathBuf};

use bevy_egui::egui::{self, Align2, Color32, Order, Rect, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType, vec2};

use crate::formats::take::{clock, size};

use super::asks::Asks;
use super::export_form;
use super::keys::{self, Command};
use super::model::Action;
use super::style;
use super::takes_model::{ExportForm, LibraryView, TakeFigure, TakeRequest, TakeStateView, TakeView};

/// Side of a take's picture, in points.
const PICTURE: f32 = 74.0;

/// What the window remembers.
#[derive(Debug, Clone, Default)]
pub struct LibraryState {
    /// Whether it is open.
    pub open: bool,
    /// What is being done to one of the takes.
    edit: Option<Edit>,
}

/// What is being done to one of the takes.
#[derive(Debug, Clone, PartialEq)]
enum Edit {
    /// Its name is being written.
    Name { path: PathBuf, text: String },
    /// What is noted about it is being written.
    Notes { path: PathBuf, text: String },
    /// It is to be exported, as soon as the form is filled in.
    Export { path: PathBuf, form: ExportForm },
    /// It is to be deleted, unless the user shrinks from it.
    Delete { path: PathBuf },
}

impl Edit {
    fn path(&self) -> &Path {
        match self {
            Self::Name { path, .. } | Self::Notes { path, .. } | Self::Export { path, .. } | Self::Delete { path } => {
                path
            }
        }
    }
}

/// Shows the window while it is open.
pub(super) fn show(
    ctx: &egui::Context,
    window: Rect,
    library: &LibraryView,
    state: &mut LibraryState,
    asks: &mut Asks,
) {
    let LibraryState { open, edit } = state;
    let size = vec2((window.width() - 40.0).clamp(1.0, 620.0), (window.height() - 110.0).clamp(1.0, 520.0));
    egui::Window::new("Takes")
        .open(open)
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
        .collapsible(false)
        .resizable(false)
        .fixed_size(size)
        .show(ctx, |ui| {
            ui.set_width(ui.available_width());
            show_folder(ui, library, asks);
            egui::ScrollArea::vertical().auto_shrink([false, true]).max_height((size.y - 60.0).max(1.0)).show(
                ui,
                |ui| {
                    if library.takes.is_empty() && !library.is_reading {
                        let key = keys::key_of(Command::ToggleRecording);
                        ui.label(style::weak(format!("No takes yet: {key} records what is tracked.")));
                    }
                    for take in library.takes.iter() {
                        show_take(ui, library, take, edit, asks);
                        ui.separator();
                    }
                },
            );
        });
    if !*open {
        *edit = None;
    }
}

fn show_folder(ui: &mut Ui, library: &LibraryView, asks: &mut Asks) {
    ui.horizontal(|ui| {
        if ui.button("Open the folder").on_hover_text("Shows the takes' folder in the file manager").clicked() {
            asks.act(Action::Takes(TakeRequest::Reveal(library.folder.clone())));
        }
        if library.is_reading {
            ui.spinner();
        }
        let folder = library.folder.display().to_string();
        ui.add(egui::Label::new(style::weak(&folder)).truncate()).on_hover_text(folder);
    });
    if let Some(error) = &library.error {
        ui.label(RichText::new(error).color(style::BAD));
    }
    ui.separator();
}

fn show_take(ui: &mut Ui, library: &LibraryView, take: &TakeView, edit: &mut Option<Edit>, asks: &mut Asks) {
    let is_recording = library.recording.as_ref() == Some(&take.path);
    let is_edited = edit.as_ref().is_some_and(|edit| edit.path() == take.path);
    ui.horizontal_top(|ui| {
        show_figure(ui, take.figure.as_ref());
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.horizontal(|ui| {
                ui.add(egui::Label::new(RichText::new(&take.name).strong()).truncate());
            });
            ui.label(style::weak(facts(take)));
            show_state(ui, take, is_recording);
            if !take.notes.is_empty() {
                ui.add(egui::Label::new(style::weak(&take.notes)).wrap());
            }
            if let Some(export) = library.export.as_ref().filter(|export| export.take == take.path) {
                export_form::show_outcome(ui, export, asks);
            }
            if is_edited {
                show_edit(ui, take, edit, asks);
            } else if !is_recording {
                show_buttons(ui, take, edit, asks);
            }
        });
    });
}

/// The figures, in a line.
fn facts(take: &TakeView) -> String {
    let people = match take.people {
        0 => "nobody".to_owned(),
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let mut facts = vec![clock(take.duration_s), people, format!("{} frames", take.frames), size(take.bytes)];
    if !take.recorded.is_empty() {
        facts.push(take.recorded.clone());
    }
    facts.join("  ·  ")
}

fn show_state(ui: &mut Ui, take: &TakeView, is_recording: bool) {
    match &take.state {
        _ if is_recording => {
            ui.label(RichText::new("Being recorded").small().color(style::BAD));
        }
        TakeStateView::Whole => {}
        TakeStateView::Recovered => {
            let text = format!("Recovered, up to {}", clock(take.duration_s));
            ui.label(RichText::new(text).small().color(style::WARNING))
                .on_hover_text("The recording was cut off; everything before that is here");
        }
        TakeStateView::Broken { reason } => {
            ui.add(egui::Label::new(RichText::new(reason).small().color(style::BAD)).wrap());
        }
    }
}

fn show_buttons(ui: &mut Ui, take: &TakeView, edit: &mut Option<Edit>, asks: &mut Asks) {
    let is_broken = matches!(take.state, TakeStateView::Broken { .. });
    ui.horizontal_wrapped(|ui| {
        let path = || take.path.clone();
        if !is_broken {
            if button(ui, "Open", take, "Plays the take") {
                asks.act(Action::SetSource(take.path.to_string_lossy().into_owned()));
            }
            if button(ui, "Export", take, "Writes BVH, GLB, VRMA, CSV, TRC, C3D or JSON for other programs") {
                *edit = Some(Edit::Export { path: path(), form: ExportForm::default() });
            }
            if button(ui, "Rename", take, "Gives it another name; the file keeps its own") {
                *edit = Some(Edit::Name { path: path(), text: take.name.clone() });
            }
            if button(ui, "Notes", take, "Writes something about it") {
                *edit = Some(Edit::Notes { path: path(), text: take.notes.clone() });
            }
        }
        if button(ui, "Show", take, "Shows the file in the file manager") {
            asks.act(Action::Takes(TakeRequest::Reveal(path())));
        }
        if button(ui, "Delete", take, "Moves it to the bin") {
            *edit = Some(Edit::Delete { path: path() });
        }
    });
}

/// A button that says to those who cannot see it which take it belongs to.
fn button(ui: &mut Ui, name: &str, take: &TakeView, help: &str) -> bool {
    let response = ui.small_button(name).on_hover_text(help);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{name} {}", take.name)));
    response.clicked()
}

fn show_edit(ui: &mut Ui, take: &TakeView, edit: &mut Option<Edit>, asks: &mut Asks) {
    let mut is_done = false;
    match edit {
        Some(Edit::Name { path, text }) => {
            let field = ui.add(egui::TextEdit::singleline(text).desired_width(f32::INFINITY));
            field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Name of the take"));
            let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let can_be_saved = !text.trim().is_empty();
            if save_or_cancel(ui, "Save", can_be_saved, &mut is_done) || (is_entered && can_be_saved) {
                let (path, name) = (path.clone(), text.trim().to_owned());
                asks.act(Action::Takes(TakeRequest::Rename { path, name }));
                is_done = true;
            }
        }
        Some(Edit::Notes { path, text }) => {
            let field = ui.add(egui::TextEdit::multiline(text).desired_rows(3).desired_width(f32::INFINITY));
            field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Notes on the take"));
            if save_or_cancel(ui, "Save", true, &mut is_done) {
                let (path, notes) = (path.clone(), text.trim().to_owned());
                asks.act(Action::Takes(TakeRequest::Annotate { path, notes }));
                is_done = true;
            }
        }
        Some(Edit::Export { path, form }) => {
            export_form::show(ui, form);
            if save_or_cancel(ui, "Export now", !form.formats.is_empty(), &mut is_done) {
                let (path, form) = (path.clone(), form.clone());
                asks.act(Action::Takes(TakeRequest::Export { path, form }));
                is_done = true;
            }
        }
        Some(Edit::Delete { path }) => {
            ui.label(RichText::new(format!("Move “{}” to the bin?", take.name)).color(style::WARNING));
            if save_or_cancel(ui, "Move to the bin", true, &mut is_done) {
                asks.act(Action::Takes(TakeRequest::Delete(path.clone())));
                is_done = true;
            }
        }
        None => {}
    }
    if is_done {
        *edit = None;
    }
}

/// Whether the first of both buttons was clicked; the second one sets `is_done`.
fn save_or_cancel(ui: &mut Ui, save: &str, enabled: bool, is_done: &mut bool) -> bool {
    ui.horizontal(|ui| {
        let is_saved = ui.add_enabled(enabled, egui::Button::new(save).small()).clicked();
        *is_done |= ui.small_button("Cancel").clicked();
        is_saved
    })
    .inner
}

fn show_figure(ui: &mut Ui, figure: Option<&TakeFigure>) {
    let (rect, _) = ui.allocate_exact_size(vec2(PICTURE, PICTURE), Sense::hover());
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 6.0, Color32::from_rgb(8, 9, 14));
    let inside = rect.shrink(5.0);
    for (ends, opacity) in figure.map(|figure| figure.lines.as_slice()).unwrap_or_default() {
        let ends = ends.map(|end| inside.lerp_inside(end.to_vec2()));
        painter.line_segment(ends, Stroke::new(1.6, style::PINK.gamma_multiply(*opacity)));
    }
}
