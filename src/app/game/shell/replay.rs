//! Player and coach side by side, after a dance: a time line with what was missed, and how fast it runs.

use bevy_egui::egui::{Align2, Sense, Stroke, Ui, pos2, vec2};

use super::super::Tint;
use super::desk::{Button, Desk};
use super::model::{ReplayChange, ReplayView, ShellAction};
use super::style;

/// Seconds that the buttons go back or on.
const JUMP_S: f64 = 5.0;

/// The scene stays free; everything stands at the lower edge.
pub(super) fn show(desk: &mut Desk<'_>, view: &ReplayView) {
    let page = desk.page();
    let columns = if desk.is_wide() { 6 } else { 3 };
    let (gap, high) = (desk.px(14.0), desk.px(80.0));
    let rows = 6_usize.div_ceil(columns) as f32;
    let top = page.bottom() - desk.px(74.0) - rows * (high + gap);
    names(desk, view);
    desk.place("replay", page.with_min_y(top), |ui, desk| {
        let area = page.with_min_y(top);
        style::card(ui.painter(), area.expand(desk.px(12.0)), desk.palette(), desk.unit);
        time_line(ui, desk, view, area.with_max_y(top + desk.px(62.0)));
        let wide = (area.width() - gap * (columns - 1) as f32) / columns as f32;
        let pause = if view.is_playing { "Hold" } else { "Play" };
        let slow = if view.speed < 1.0 { "Full speed" } else { "Half speed" };
        let at = view.time_s;
        let presses = [
            (Button::main(pause), ShellAction::Replay(ReplayChange::Play(!view.is_playing))),
            (Button::new("− 5 s"), ShellAction::Replay(ReplayChange::Seek(at - JUMP_S))),
            (Button::new("+ 5 s"), ShellAction::Replay(ReplayChange::Seek(at + JUMP_S))),
            (Button::new(slow), ShellAction::Replay(ReplayChange::Speed(if view.speed < 1.0 { 1.0 } else { 0.5 }))),
            (Button::new("Save BVH"), ShellAction::Replay(ReplayChange::Save)),
            (Button::back("Close"), ShellAction::Replay(ReplayChange::Close)),
        ];
        for (index, (button, action)) in presses.into_iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let corner =
                pos2(area.left() + column as f32 * (wide + gap), top + desk.px(74.0) + row as f32 * (high + gap));
            let rect = bevy_egui::egui::Rect::from_min_size(corner, vec2(wide, high));
            if desk.button_at(ui, rect, &button.wide(wide)) {
                desk.actions.push(action);
            }
        }
    });
}

/// Who is who, and what the judge said at this moment.
fn names(desk: &mut Desk<'_>, view: &ReplayView) {
    let window = desk.window;
    desk.place("replay_names", window, |ui, desk| {
        let y = window.top() + desk.px(60.0);
        let player = format!("Player {}", view.player + 1);
        let colour = style::player(view.player, desk.palette());
        let quarter = window.width() / 4.0;
        super::hud::pill(ui, desk, pos2(window.left() + quarter, y), "Coach", 38.0, style::TEXT, 1.0);
        super::hud::pill(ui, desk, pos2(window.right() - quarter, y), &player, 38.0, colour, 1.0);
        if let Some(verdict) = &view.verdict {
            let at = pos2(window.center().x, y + desk.px(70.0));
            super::hud::pill(ui, desk, at, verdict, 44.0, style::TEXT, 1.0);
        }
    });
}

fn time_line(ui: &mut Ui, desk: &mut Desk<'_>, view: &ReplayView, rect: bevy_egui::egui::Rect) {
    let clock = |seconds: f64| style::clock(seconds as f32);
    let words = format!("{} of {}", clock(view.time_s), clock(view.duration_s));
    let wide = desk.line(ui, rect.right_center(), Align2::RIGHT_CENTER, &words, style::BODY, style::TEXT);
    let bar = rect.with_max_x(rect.right() - wide - desk.px(20.0)).shrink2(vec2(0.0, rect.height() * 0.36));
    let length_s = view.duration_s.max(1e-3);
    style::gauge(ui.painter(), bar, (view.time_s / length_s) as f32, desk.tint(Tint::Kind(0)));
    let missed = Stroke::new(desk.px(3.0), desk.tint(Tint::Bad));
    for at_s in &view.misses_s {
        let x = bar.left() + bar.width() * (at_s / length_s).clamp(0.0, 1.0) as f32;
        ui.painter().vline(x, bar.y_range().expand(desk.px(5.0)), missed);
    }
    let touched = ui.interact(bar.expand(desk.px(14.0)), ui.id().with("replay_time"), Sense::click_and_drag());
    if let Some(at) = touched.interact_pointer_pos().filter(|_| touched.clicked() || touched.dragged()) {
        let share = ((at.x - bar.left()) / bar.width().max(1.0)).clamp(0.0, 1.0);
        desk.actions.push(ShellAction::Replay(ReplayChange::Seek(f64::from(share) * view.duration_s)));
    }
}
