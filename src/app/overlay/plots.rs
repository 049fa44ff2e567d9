//! Joint angles over time.

use bevy_egui::egui::{self, Color32, Grid, Rangef, RichText, ScrollArea, Stroke, Ui, WidgetInfo, WidgetType, vec2};
use egui_plot::{AxisHints, GridMark, Line, Plot, PlotBounds, PlotPoints, VLine};

use super::asks::Asks;
use super::model::Action;
use super::recorded_model::{PlotsView, TimelineAction};
use super::style::{self, figure};
use crate::motion::angle::JointAngle;
use crate::motion::angle_series::AngleSeries;

/// Height of the panel without its frame, in points; less where the scene is low.
const HEIGHT: f32 = 236.0;
/// Width of the figures beside the plot, in points.
const FIGURES_WIDTH: f32 = 236.0;
/// Seconds of a live source that are shown.
pub(crate) const LIVE_SECONDS: f64 = 10.0;
/// Where lines lie behind the curves.
const DEGREES: [f64; 5] = [0.0, 45.0, 90.0, 135.0, 180.0];
const JOINTS: usize = JointAngle::ALL.len();

/// What the panel remembers.
#[derive(Debug, Clone)]
pub struct PlotsState {
    /// Whether it is shown.
    pub open: bool,
    /// The angles that are drawn, in the order of [`JointAngle::ALL`].
    pub chosen: [bool; JOINTS],
}

impl Default for PlotsState {
    fn default() -> Self {
        use JointAngle as J;
        let usual = [J::LeftElbow, J::RightElbow, J::LeftKnee, J::RightKnee];
        Self { open: false, chosen: JointAngle::ALL.map(|joint| usual.contains(&joint)) }
    }
}

/// The colour of a joint: left ones warm, right ones cool, the middle white and yellow.
fn colour(joint: JointAngle) -> Color32 {
    const COLOURS: [(u8, u8, u8); JOINTS] = [
        (255, 95, 162),
        (64, 196, 255),
        (255, 150, 90),
        (90, 140, 255),
        (240, 200, 80),
        (60, 220, 190),
        (255, 120, 120),
        (130, 230, 130),
        (215, 130, 255),
        (150, 160, 255),
        (255, 185, 200),
        (160, 225, 255),
        (255, 255, 255),
        (200, 205, 120),
    ];
    let (red, green, blue) = COLOURS[joint as usize];
    Color32::from_rgb(red, green, blue)
}

/// Shows the panel.
pub(super) fn show(ui: &mut Ui, plots: &PlotsView, state: &mut PlotsState, asks: &mut Asks) {
    ui.set_width(ui.available_width());
    let height = HEIGHT.min(ui.available_height() * 0.6).max(60.0);
    style::header(ui, "Plots", &mut state.open, |_| {});
    show_choice(ui, state);
    let Some(series) = plots.series.as_ref().filter(|series| !series.is_empty()) else {
        let text = match (&plots.message, plots.progress) {
            (Some(message), _) => message.clone(),
            (None, Some(share)) => {
                ui.add(egui::ProgressBar::new(share.clamp(0.0, 1.0)).desired_width(ui.available_width()));
                format!("Measuring the whole take: {:.0} %", share.clamp(0.0, 1.0) * 100.0)
            }
            (None, None) => "Joint angles appear with the first person.".to_owned(),
        };
        ui.label(style::weak(text));
        return;
    };
    let left = (height - 66.0).max(40.0);
    ui.horizontal_top(|ui| {
        let has_room = ui.available_width() > 2.0 * FIGURES_WIDTH;
        if has_room {
            ui.allocate_ui(vec2(FIGURES_WIDTH, left), |ui| {
                ui.set_width(FIGURES_WIDTH);
                ScrollArea::vertical().max_height(left).show(ui, |ui| show_figures(ui, series, plots, state));
            });
        }
        show_plot(ui, series, plots, state, left, asks);
    });
}

fn show_choice(ui: &mut Ui, state: &mut PlotsState) {
    ui.spacing_mut().item_spacing = vec2(4.0, 3.0);
    ui.horizontal_wrapped(|ui| {
        for (joint, chosen) in JointAngle::ALL.into_iter().zip(&mut state.chosen) {
            let name = style::spoken(joint.name());
            let own = colour(joint);
            let text = RichText::new(&name).small().color(if *chosen { own } else { style::WEAK });
            let (fill, edge) = if *chosen { (style::GROOVE, own) } else { (Color32::TRANSPARENT, style::GROOVE) };
            let label = ui.add(egui::Button::new(text).fill(fill).stroke(Stroke::new(1.0, edge)));
            label.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, *chosen, format!("Plot {name}")));
            if label.clicked() {
                *chosen = !*chosen;
            }
        }
    });
}

fn chosen(state: &PlotsState) -> impl Iterator<Item = JointAngle> {
    JointAngle::ALL.into_iter().zip(state.chosen).filter(|(_, chosen)| *chosen).map(|(joint, _)| joint)
}

fn show_figures(ui: &mut Ui, series: &AngleSeries, plots: &PlotsView, state: &PlotsState) {
    Grid::new("plots_figures").num_columns(4).spacing(vec2(10.0, 2.0)).show(ui, |ui| {
        for title in ["degrees", "min", "now", "max"] {
            ui.label(style::weak(title));
        }
        ui.end_row();
        for joint in chosen(state) {
            let extent = series.extent(joint);
            ui.label(RichText::new(style::spoken(joint.name())).small().color(colour(joint)));
            let now = plots.cursor_s.and_then(|cursor_s| series.at(joint, cursor_s));
            for value in [extent.map(|extent| extent.min), now, extent.map(|extent| extent.max)] {
                ui.label(RichText::new(figure(value, 0)).monospace().size(11.0));
            }
            ui.end_row();
        }
    });
}

fn show_plot(ui: &mut Ui, series: &AngleSeries, plots: &PlotsView, state: &PlotsState, height: f32, asks: &mut Asks) {
    let Some((first_s, last_s)) = series.span_s() else { return };
    let zero_s = plots.start_s.unwrap_or(last_s);
    // A live series ends now, wherever it began.
    let from_s = if plots.start_s.is_some() { first_s } else { first_s.min(last_s - LIVE_SECONDS) };
    let columns = ui.available_width().clamp(50.0, 4000.0) as usize;
    let plot = Plot::new("joint_angles")
        .height(height)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .y_grid_spacer(|_| DEGREES.map(|value| GridMark { value, step_size: 90.0 }).to_vec())
        .custom_x_axes(vec![
            AxisHints::new_x()
                .formatter(|mark, _| format!("{} s", (mark.value * 100.0).round() / 100.0))
                .label_spacing(Rangef::new(20.0, 50.0)),
        ])
        .custom_y_axes(vec![
            AxisHints::new_y().formatter(|mark, _| format!("{:.0}°", mark.value)).label_spacing(Rangef::new(8.0, 20.0)),
        ]);
    let shown = plot.show(ui, |plot| {
        let span = (last_s - from_s).max(1e-3);
        plot.set_plot_bounds(PlotBounds::from_min_max([from_s - zero_s, -3.0], [from_s - zero_s + span, 183.0]));
        for joint in chosen(state) {
            for line in series.lines(joint, columns) {
                let points: Vec<[f64; 2]> = line.into_iter().map(|[time_s, value]| [time_s - zero_s, value]).collect();
                let line = Line::new(style::spoken(joint.name()), PlotPoints::from(points));
                plot.line(line.color(colour(joint)).width(1.5));
            }
        }
        if let Some(cursor_s) = plots.cursor_s.filter(|cursor_s| cursor_s.is_finite()) {
            plot.vline(VLine::new("shown now", cursor_s - zero_s).stroke(Stroke::new(1.5, style::TEXT)));
        }
        plot.pointer_coordinate().map(|point| point.x)
    });
    shown.response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, "Joint angles over time"));
    let is_pressed = shown.response.clicked() || shown.response.is_pointer_button_down_on();
    if let (true, Some(_), Some(time_s)) = (is_pressed, plots.start_s, shown.inner) {
        asks.act(Action::Timeline(TimelineAction::Seek(time_s.clamp(0.0, (last_s - zero_s).max(0.0)))));
    }
}
