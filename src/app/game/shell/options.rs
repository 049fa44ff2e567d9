//! Volumes, captions, colours, calm.

use bevy_egui::egui::{Align2, Color32, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::super::Tint;
use super::desk::{Button, Desk};
use super::model::ShellAction;
use super::style;
use crate::settings::{GameSettings, Palette};

/// The palettes and what they are called.
const PALETTES: [(Palette, &str); 3] =
    [(Palette::ColourSafe, "Safe for all eyes"), (Palette::Vivid, "Vivid"), (Palette::HighContrast, "High contrast")];

/// All options.
pub(super) fn show(desk: &mut Desk<'_>) {
    desk.veil(110);
    let from = desk.state.options_from;
    let body = desk.head("Options", Some(("Back", from)));
    let gap = desk.px(20.0);
    let before = desk.model.settings;
    let mut wanted = before;
    if desk.is_wide() {
        let middle = body.left() + (body.width() - gap) * 0.5;
        desk.card("options_heard", body.with_max_x(middle), |ui, desk| steps(ui, desk, &mut wanted));
        desk.card("options_seen", body.with_min_x(middle + gap), |ui, desk| {
            switches(ui, desk, &mut wanted);
            palettes(ui, desk, &mut wanted);
        });
    } else {
        desk.card("options", body, |ui, desk| {
            steps(ui, desk, &mut wanted);
            switches(ui, desk, &mut wanted);
            palettes(ui, desk, &mut wanted);
        });
    }
    if wanted != before {
        desk.actions.push(ShellAction::Set(wanted));
    }
}

fn steps(ui: &mut Ui, desk: &mut Desk<'_>, wanted: &mut GameSettings) {
    let volume = |value: f32| (format!("{:.0} %", value * 100.0), value);
    let (text, share) = volume(wanted.music);
    wanted.music = (wanted.music + 0.1 * step(ui, desk, "Music", &text, share)).clamp(0.0, 1.0);
    let (text, share) = volume(wanted.effects);
    wanted.effects = (wanted.effects + 0.1 * step(ui, desk, "Sounds", &text, share)).clamp(0.0, 1.0);
    let text = format!("{:.1} s", wanted.dwell_s);
    let moved = step(ui, desk, "Holding a hand still", &text, (wanted.dwell_s - 0.5) / 3.5);
    wanted.dwell_s = ((wanted.dwell_s + 0.2 * moved) * 10.0).round().clamp(5.0, 40.0) / 10.0;
    // Ten steps of a tenth are one.
    for volume in [&mut wanted.music, &mut wanted.effects] {
        *volume = (*volume * 100.0).round() / 100.0;
    }
}

/// A value with less and more; which way it is to go.
fn step(ui: &mut Ui, desk: &mut Desk<'_>, name: &str, text: &str, share: f32) -> f32 {
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), desk.px(40.0)), Sense::hover());
    desk.line(ui, head.left_center(), Align2::LEFT_CENTER, name, style::BODY, style::TEXT);
    desk.line(ui, head.right_center(), Align2::RIGHT_CENTER, text, style::BODY, style::TEXT);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), desk.px(76.0)), Sense::hover());
    let side = vec2(desk.px(96.0), rect.height());
    let mut way = 0.0;
    for (label, left, sign) in [("Less", rect.left(), -1.0_f32), ("More", rect.right() - side.x, 1.0)] {
        let at = Rect::from_min_size(pos2(left, rect.top()), side);
        let name = format!("{label}: {}", name.to_lowercase());
        if desk.symbol(ui, at, &name, true, |painter, at, unit, colour| {
            let line = Stroke::new(6.0 * unit, colour);
            painter.line_segment([at - vec2(16.0 * unit, 0.0), at + vec2(16.0 * unit, 0.0)], line);
            if sign > 0.0 {
                painter.line_segment([at - vec2(0.0, 16.0 * unit), at + vec2(0.0, 16.0 * unit)], line);
            }
        }) {
            way = sign;
        }
    }
    let room = rect.width() - 2.0 * side.x - desk.px(40.0);
    let bar = Rect::from_center_size(rect.center(), vec2(room.max(1.0), desk.px(20.0)));
    style::gauge(ui.painter(), bar, share, desk.tint(Tint::Kind(0)));
    ui.add_space(desk.px(6.0));
    way
}

fn switches(ui: &mut Ui, desk: &mut Desk<'_>, wanted: &mut GameSettings) {
    let wide = ui.available_width();
    for (label, value) in [("Show sounds in words", &mut wanted.captions), ("Less motion", &mut wanted.reduced_motion)]
    {
        if desk.button(ui, &Button { height: 66.0, ..Button::new(label) }.wide(wide).selected(*value)) {
            *value = !*value;
        }
    }
}

fn palettes(ui: &mut Ui, desk: &mut Desk<'_>, wanted: &mut GameSettings) {
    desk.text(ui, "Colours", style::BODY, style::WEAK);
    for (palette, label) in PALETTES {
        let wide = ui.available_width();
        let (rect, _) = ui.allocate_exact_size(vec2(wide, desk.px(66.0)), Sense::hover());
        let button = Button::new(label).selected(wanted.palette == palette);
        if desk.button_at(ui, rect, &button) {
            wanted.palette = palette;
        }
        let tints = [Tint::Kind(0), Tint::Kind(1), Tint::Kind(2), Tint::Kind(3)];
        let radius = desk.px(15.0);
        for (place, tint) in tints.into_iter().enumerate() {
            let x = rect.right() - desk.px(30.0) - (3 - place) as f32 * radius * 2.4;
            let dot = Rect::from_center_size(pos2(x, rect.center().y), vec2(radius * 2.0, radius * 2.0));
            ui.painter().rect(
                dot,
                style::corner(radius),
                style::tint(tint, palette),
                Stroke::new(desk.px(1.5), Color32::BLACK),
                StrokeKind::Inside,
            );
        }
    }
}
