//! The transport of recorded motion: play, step, loop, speed, the part that is played, and the place in it.

use bevy_egui::egui::{
    self, ComboBox, CornerRadius, CursorIcon, Id, Rect, Response, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType,
    pos2, vec2,
};

use super::asks::Asks;
use super::keys::{self, Command};
use super::model::{Action, SourceStateView};
use super::recorded_model::{TimelineAction, TimelineView};
use super::style;

/// Widest bar, in points.
pub(super) const WIDEST: f32 = 900.0;
/// Speeds that can be chosen.
const SPEEDS: [f64; 7] = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0];
/// Height of the slider and width of a handle, in points.
const SLIDER_HEIGHT: f32 = 26.0;
const HANDLE_WIDTH: f32 = 10.0;

/// Shows buttons and slider.
pub(super) fn show(ui: &mut Ui, timeline: &TimelineView, source: &SourceStateView, asks: &mut Asks) {
    ui.set_width(ui.available_width());
    ui.horizontal_wrapped(|ui| {
        show_buttons(ui, *source == SourceStateView::Running, asks);
        show_place(ui, timeline);
        show_choices(ui, timeline, asks);
    });
    show_slider(ui, timeline, asks);
}

fn show_buttons(ui: &mut Ui, is_playing: bool, asks: &mut Asks) {
    let play = if is_playing { "Pause" } else { "Play" };
    for (text, label, command) in [
        ("|◀", "Previous frame", Command::StepBack),
        (play, play, Command::TogglePause),
        ("▶|", "Next frame", Command::StepOn),
    ] {
        let button = ui.button(text).on_hover_text(format!("{label} ({})", keys::key_of(command)));
        button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, label));
        if button.clicked() {
            asks.run(command);
        }
    }
}

fn show_place(ui: &mut Ui, timeline: &TimelineView) {
    let times = format!("{} / {}", clock(timeline.position_s), clock(timeline.duration_s));
    ui.label(RichText::new(times).monospace()).on_hover_text("Minutes, seconds and hundredths from the first frame");
    let frame = (timeline.frame + 1).min(timeline.frames.max(1));
    ui.label(RichText::new(format!("frame {frame} of {}", timeline.frames)).monospace().color(style::WEAK));
}

fn show_choices(ui: &mut Ui, timeline: &TimelineView, asks: &mut Asks) {
    let mut ask = |action: TimelineAction| asks.act(Action::Timeline(action));
    let mut looping = timeline.is_looping;
    if ui.checkbox(&mut looping, "Loop").on_hover_text("Begin again at the end of the range").changed() {
        ask(TimelineAction::SetLooping(looping));
    }
    let menu = ComboBox::from_id_salt("timeline_speed").width(62.0).selected_text(speed_text(timeline.speed));
    let shown = menu.show_ui(ui, |ui| {
        for speed in SPEEDS {
            if ui.selectable_label((speed - timeline.speed).abs() < 1e-6, speed_text(speed)).clicked() {
                ask(TimelineAction::SetSpeed(speed));
            }
        }
    });
    let text = speed_text(timeline.speed);
    shown.response.widget_info(|| {
        let mut info = WidgetInfo::labeled(WidgetType::ComboBox, true, "Speed");
        info.current_text_value = Some(text.clone());
        info
    });
    let (from, to) = timeline.range_s;
    if ui.button("From here").on_hover_text("Play from this moment on").clicked() {
        ask(TimelineAction::SetRange(timeline.position_s, to.max(timeline.position_s)));
    }
    if ui.button("To here").on_hover_text("Play up to this moment").clicked() {
        ask(TimelineAction::SetRange(from.min(timeline.position_s), timeline.position_s));
    }
    let is_whole = from <= 0.0 && to >= timeline.duration_s;
    if ui.add_enabled(!is_whole, egui::Button::new("All")).on_hover_text("Play from the start to the end").clicked() {
        ask(TimelineAction::SetRange(0.0, timeline.duration_s));
    }
    if timeline.can_trim {
        let what = "Save the frames of the range as a new take; the take that is open stays as it is";
        if ui.button("Save part…").on_hover_text(what).clicked() {
            ask(TimelineAction::Trim);
        }
    }
}

/// Times and places on the slider.
#[derive(Debug, Clone, Copy)]
struct Scale {
    groove: Rect,
    duration_s: f64,
}

impl Scale {
    fn x(&self, time_s: f64) -> f32 {
        let share = if self.duration_s > 0.0 { (time_s / self.duration_s).clamp(0.0, 1.0) as f32 } else { 0.0 };
        let share = if share.is_finite() { share } else { 0.0 };
        self.groove.left() + share * self.groove.width()
    }

    fn time(&self, x: f32) -> f64 {
        let share = f64::from((x - self.groove.left()) / self.groove.width().max(1.0));
        if share.is_finite() { share.clamp(0.0, 1.0) * self.duration_s } else { 0.0 }
    }
}

fn show_slider(ui: &mut Ui, timeline: &TimelineView, asks: &mut Asks) {
    let size = vec2(ui.available_width().max(4.0 * HANDLE_WIDTH), SLIDER_HEIGHT);
    let (rect, place) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let groove = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * HANDLE_WIDTH, 6.0));
    let duration_s = if timeline.duration_s.is_finite() { timeline.duration_s.max(0.0) } else { 0.0 };
    let scale = Scale { groove, duration_s };
    let (from, to) = timeline.range_s;
    let value = |response: &Response, label: &'static str, value: f64| {
        response.widget_info(|| WidgetInfo::slider(true, if value.is_finite() { value } else { 0.0 }, label));
    };
    value(&place, "Place in the recording", timeline.position_s);
    // After the slider, so that a click on a handle is the handle's.
    let handle = |ui: &Ui, name: &str, x: f32, side: f32| {
        let rect =
            Rect::from_center_size(pos2(x + side * HANDLE_WIDTH / 2.0, rect.center().y), vec2(HANDLE_WIDTH, 22.0));
        let response = ui.interact(rect, Id::new(("timeline", name)), Sense::drag());
        (rect, response.on_hover_cursor(CursorIcon::ResizeHorizontal))
    };
    let (from_rect, from_handle) = handle(ui, "from", scale.x(from), -1.0);
    let (to_rect, to_handle) = handle(ui, "to", scale.x(to), 1.0);
    value(&from_handle, "Start of the range", from);
    value(&to_handle, "End of the range", to);

    let mut ask = |action: TimelineAction| asks.act(Action::Timeline(action));
    if let Some(at) = from_handle.interact_pointer_pos().filter(|_| from_handle.dragged()) {
        ask(TimelineAction::SetRange(scale.time(at.x + HANDLE_WIDTH / 2.0).min(to), to));
    } else if let Some(at) = to_handle.interact_pointer_pos().filter(|_| to_handle.dragged()) {
        ask(TimelineAction::SetRange(from, scale.time(at.x - HANDLE_WIDTH / 2.0).max(from)));
    } else if let Some(at) =
        place.interact_pointer_pos().filter(|_| place.is_pointer_button_down_on() || place.clicked())
    {
        ask(TimelineAction::Seek(scale.time(at.x)));
    }

    let painter = ui.painter();
    painter.rect_filled(groove, 3.0, style::GROOVE);
    let part = Rect::from_x_y_ranges(scale.x(from)..=scale.x(to).max(scale.x(from) + 1.0), groove.y_range());
    painter.rect_filled(part, 3.0, style::PINK.gamma_multiply(0.45));
    let shown_to = scale.x(timeline.position_s);
    if shown_to > part.left() {
        painter.rect_filled(
            Rect::from_x_y_ranges(part.left()..=shown_to.min(part.right()), groove.y_range()),
            3.0,
            style::PINK,
        );
    }
    for (rect, handle, left) in [(from_rect, &from_handle, true), (to_rect, &to_handle, false)] {
        let colour = if handle.hovered() || handle.dragged() { style::TEXT } else { style::WEAK };
        let (round, square) = (4, 0);
        let corners = if left {
            CornerRadius { nw: round, sw: round, ne: square, se: square }
        } else {
            CornerRadius { nw: square, sw: square, ne: round, se: round }
        };
        painter.rect_filled(rect.shrink2(vec2(1.0, 2.0)), corners, colour);
    }
    painter.line_segment(
        [pos2(shown_to, rect.top() + 2.0), pos2(shown_to, rect.bottom() - 2.0)],
        Stroke::new(2.0, style::TEXT),
    );
    painter.circle_filled(pos2(shown_to, groove.center().y), 5.0, style::TEXT);
}

fn speed_text(speed: f64) -> String {
    if speed.is_finite() { format!("{}×", (speed * 100.0).round() / 100.0) } else { "1×".to_owned() }
}

/// Seconds as `m:ss.hh`.
fn clock(seconds: f64) -> String {
    let hundredths = if seconds.is_finite() { (seconds.max(0.0) * 100.0 + 1e-6) as u64 } else { 0 };
    format!("{}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_to_the_hundredth() {
        for (seconds, text) in [(0.0, "0:00.00"), (59.999, "0:59.99"), (75.25, "1:15.25"), (f64::NAN, "0:00.00")] {
            assert_eq!(clock(seconds), text);
        }
        assert_eq!([0.1, 0.25, 1.0, f64::NAN].map(speed_text), ["0.1×", "0.25×", "1×", "1×"]);
    }

    #[test]
    fn places_and_times_go_both_ways_and_stay_on_the_slider() {
        let groove = Rect::from_min_size(pos2(10.0, 0.0), vec2(200.0, 6.0));
        let scale = Scale { groove, duration_s: 4.0 };
        assert_eq!((scale.x(1.0), scale.time(60.0)), (60.0, 1.0));
        assert_eq!((scale.time(-50.0), scale.time(900.0)), (0.0, 4.0));
        assert_eq!((scale.x(f64::NAN), scale.x(99.0)), (10.0, 210.0));
        let empty = Scale { groove, duration_s: 0.0 };
        assert_eq!((empty.x(3.0), empty.time(100.0)), (10.0, 0.0));
    }
}
