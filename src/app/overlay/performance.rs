//! How fast and how late.

use bevy_egui::egui::{self, Color32, Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::keys::{self, Command};
use super::model::OverlayModel;
use super::style::{self, figure};
use super::words::model_name;
use crate::frame::Stage;

/// Milliseconds that the strip of stages spans at least: the time of one picture at 30 a second.
const STRIP_SPAN_MS: f32 = 33.3;

/// Panels narrower than this, in points, list the stages under each other.
const TWO_COLUMNS: f32 = 270.0;

/// What the panel remembers.
#[derive(Debug, Clone)]
pub struct PerformanceState {
    /// Whether it is shown.
    pub open: bool,
    /// Whether it is one line only.
    pub compact: bool,
    /// Its height in the last frame, points, which the picture above leaves free.
    pub(super) height: f32,
}

impl Default for PerformanceState {
    fn default() -> Self {
        Self { open: true, compact: false, height: 250.0 }
    }
}

/// Shows the panel; returns how many points of its height had no room.
pub(super) fn show(ui: &mut Ui, model: &OverlayModel, state: &mut PerformanceState) -> f32 {
    let figures = &model.performance;
    let PerformanceState { open, compact, .. } = state;
    style::header(ui, "Performance", open, |ui| {
        let key = keys::key_of(Command::ToggleCompact);
        ui.toggle_value(compact, "Compact").on_hover_text(format!("One line only ({key})"));
    });
    if state.compact {
        let line = format!(
            "{} fps  ·  {} ms  ·  {} dropped",
            figure(figures.inference_fps, 1),
            figure(figures.latency_p50_ms, 0),
            figures.dropped
        );
        ui.add(egui::Label::new(line).truncate());
        return 0.0;
    }
    let scrolled = egui::ScrollArea::vertical().show(ui, |ui| {
        ui.columns(3, |columns| {
            for (column, (value, name, what)) in columns.iter_mut().zip([
                (figures.capture_fps, "capture fps", "Frames a second from the source"),
                (figures.inference_fps, "tracked fps", "Frames a second that went through the models"),
                (figures.render_fps, "screen fps", "Pictures a second on the screen"),
            ]) {
                show_tile(column, &figure(value, 1), name, what);
            }
        });
        ui.columns(3, |columns| {
            let what = "Milliseconds from a frame's capture to its pose on the screen: half of all frames are faster";
            show_tile(&mut columns[0], &milliseconds(figures.latency_p50_ms), "latency p50", what);
            let what = "Milliseconds from a frame's capture to its pose on the screen: 95 of 100 frames are faster";
            show_tile(&mut columns[1], &milliseconds(figures.latency_p95_ms), "latency p95", what);
            let what =
                "Frames that were overtaken by a newer one before they were tracked, so that the avatar is never late";
            show_tile(&mut columns[2], &dropped_share(figures.dropped, figures.captured), "dropped", what);
        });
        show_stages(ui, model);
        ui.label(style::weak(format!(
            "model {}  ·  {} of {} frames dropped",
            model_name(model.settings.model).to_lowercase(),
            figures.dropped,
            figures.captured
        )));
        if !figures.given_up.is_empty() {
            ui.label(RichText::new(format!("Reduced: {}", figures.given_up)).small().color(style::WARNING)).on_hover_text(
                "This machine cannot keep up with the source. Full quality returns when there is time; the settings can \
                 forbid the reduction.",
            );
        }
    });
    (scrolled.content_size.y - scrolled.inner_rect.height()).max(0.0)
}

/// A time with its unit.
fn milliseconds(value: Option<f32>) -> String {
    match figure(value, 0) {
        figure if value.is_some_and(f32::is_finite) => format!("{figure} ms"),
        dash => dash,
    }
}

fn dropped_share(dropped: u64, captured: u64) -> String {
    if captured == 0 { figure(None, 0) } else { format!("{:.0} %", 100.0 * dropped as f64 / captured as f64) }
}

/// A number with its name under it.
fn show_tile(ui: &mut Ui, value: &str, name: &str, what: &str) {
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add(egui::Label::new(RichText::new(value).size(20.0).strong()).truncate()).on_hover_text(what);
    ui.add(egui::Label::new(style::weak(name)).truncate()).on_hover_text(what);
}

/// What a stage is drawn in; sums are not.
fn colour(stage: Stage) -> Option<Color32> {
    match stage {
        Stage::Decode => Some(Color32::from_rgb(94, 166, 255)),
        Stage::Downscale => Some(Color32::from_rgb(86, 211, 210)),
        Stage::Encode => Some(Color32::from_rgb(214, 214, 120)),
        Stage::Network => Some(Color32::from_rgb(150, 160, 190)),
        Stage::Server => Some(Color32::from_rgb(226, 132, 96)),
        Stage::Detect => Some(Color32::from_rgb(244, 184, 76)),
        Stage::Pose => Some(style::PINK),
        Stage::Hands => Some(style::TEAL),
        Stage::Angles => Some(Color32::from_rgb(176, 132, 255)),
        Stage::Smoothing => Some(Color32::from_rgb(98, 214, 146)),
        Stage::Model | Stage::Total => None,
    }
}

/// The stages of one frame: a strip to compare them, and their milliseconds.
fn show_stages(ui: &mut Ui, model: &OverlayModel) {
    let times = &model.performance.stages;
    let is_remote = times.network > 0.0;
    let stages: Vec<(&str, f32, Color32)> = Stage::ALL
        .into_iter()
        .filter(|stage| is_remote || !stage.is_of_the_way())
        .filter_map(|stage| Some((stage.name(), times[stage], colour(stage)?)))
        .collect();
    style::section(ui, "Milliseconds a frame");
    let sum: f32 = stages.iter().map(|(_, ms, _)| drawable(*ms)).sum();
    let (strip, response) = ui.allocate_exact_size(vec2(ui.available_width(), 12.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ProgressIndicator, true, "Milliseconds of each stage"));
    ui.painter().rect_filled(strip, 3.0, style::GROOVE);
    let mut from = strip.left();
    for &(_, ms, colour) in &stages {
        let to = from + strip.width() * drawable(ms) / sum.max(STRIP_SPAN_MS);
        ui.painter().rect_filled(Rect::from_x_y_ranges(from..=to, strip.y_range()), 0.0, colour);
        from = to;
    }
    response.on_hover_text(format!("The whole strip is {:.1} ms", sum.max(STRIP_SPAN_MS)));
    ui.spacing_mut().interact_size.y = 15.0;
    ui.spacing_mut().item_spacing.y = 2.0;
    let columns = if ui.available_width() < TWO_COLUMNS { 1 } else { 2 };
    ui.columns(columns, |uis| {
        for (index, &(name, ms, colour)) in stages.iter().enumerate() {
            uis[index % columns].horizontal(|ui| {
                style::dot(ui, colour);
                show_time(ui, name, ms);
            });
        }
    });
    for (name, ms) in [("all stages", times.total), ("of that in the model", times.model)] {
        ui.horizontal(|ui| show_time(ui, name, ms));
    }
}

/// A name and, flush right, its milliseconds.
fn show_time(ui: &mut Ui, name: &str, ms: f32) {
    ui.label(style::weak(name));
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.label(RichText::new(figure(Some(ms), 2)).monospace());
    });
}

/// A length for the strip: nothing for what is no time.
fn drawable(ms: f32) -> f32 {
    if ms.is_finite() { ms.clamp(0.0, 10_000.0) } else { 0.0 }
}
