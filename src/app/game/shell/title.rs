//! Loading, the title, and the place where choices are made out of takes.

use bevy_egui::egui::{Align2, Color32, Rect, Stroke, Ui, pos2, vec2};

use super::super::{GamePhase, Sound, Tint};
use super::desk::{Button, Desk};
use super::style;

/// While sounds, avatar and shaders are made ready.
pub(super) fn loading(desk: &mut Desk<'_>) {
    // Nothing of what is drawn for the first time is to be seen.
    desk.veil(255);
    let width = desk.px(620.0).min(desk.page().width());
    let middle = desk.window.center();
    let rect = Rect::from_center_size(middle, vec2(width, desk.px(300.0)));
    desk.place("loading", rect, |ui, desk| {
        style::card(ui.painter(), rect, desk.palette(), desk.unit);
        desk.line(ui, middle - vec2(0.0, desk.px(80.0)), Align2::CENTER_CENTER, "Getting ready", 54.0, style::TEXT);
        let bar = Rect::from_center_size(middle, vec2(width - desk.px(80.0), desk.px(18.0)));
        style::gauge(ui.painter(), bar, desk.model.loading.share, desk.tint(Tint::Kind(0)));
        let what = middle + vec2(0.0, desk.px(76.0));
        desk.line(ui, what, Align2::CENTER_CENTER, &desk.model.loading.what, style::BODY, style::WEAK);
    });
}

/// What the title's card leaves free, where it stands beside the avatar.
pub(super) fn beside(window: Rect) -> Rect {
    let unit = style::unit(window);
    if window.width() < 1000.0 * unit { window } else { window.with_min_x(window.left() + 500.0 * unit) }
}

/// The title.
pub(super) fn title(desk: &mut Desk<'_>) {
    let page = desk.page();
    let (high, is_wide) = (desk.px(560.0), desk.is_wide());
    desk.veil(if is_wide { 70 } else { 40 });
    let rect = if is_wide {
        let size = vec2(desk.px(520.0), high);
        Rect::from_min_size(pos2(page.left() + desk.px(28.0), page.center().y - high / 2.0), size)
    } else {
        Rect::from_min_max(pos2(page.left(), page.bottom() - high.min(page.height())), page.max)
    };
    desk.card("title", rect, |ui, desk| {
        desk.text(ui, "LiveDance", 84.0, style::TEXT);
        desk.text(ui, "Games for the whole body", style::BODY, style::WEAK);
        ui.add_space(desk.px(6.0));
        let wide = ui.available_width();
        for (button, phase) in [
            (Button::main("Play"), GamePhase::Choose),
            (Button::new("Options"), GamePhase::Options),
            (Button::back("Back to the studio"), GamePhase::Off),
        ] {
            if desk.button(ui, &button.wide(wide)) {
                if phase == GamePhase::Options {
                    desk.state.options_from = GamePhase::Title;
                }
                desk.go(phase);
            }
        }
        ui.add_space(desk.px(2.0));
        desk.text(ui, "Hold a hand over a button to press it.", style::SMALL, style::WEAK);
    });
}

/// Where a choice is made out of a take.
pub(super) fn create(desk: &mut Desk<'_>) {
    desk.veil(120);
    let body = desk.head("Make your own", Some(("Back", GamePhase::Setup)));
    let rect = body.with_max_y(body.bottom().min(body.top() + desk.px(260.0)));
    desk.card("create", rect, |ui, desk| {
        let text = "Record yourself in the studio (key R), then come back: your takes are listed here.";
        desk.text(ui, text, style::BODY, style::TEXT);
        if desk.button(ui, &Button { sound: Sound::UiBack, ..Button::main("Back to the studio") }) {
            desk.go(GamePhase::Off);
        }
    });
}

/// A sign for each game, so that it is known again from afar: what flies, what rises, who moves.
pub(super) fn sign(ui: &Ui, desk: &Desk<'_>, rect: Rect, place: usize, id: &str) {
    let (painter, middle, unit) = (ui.painter(), rect.center(), rect.width() / 120.0);
    let colour = desk.tint(Tint::Kind((place % 4) as u8));
    painter.circle_filled(middle, 58.0 * unit, colour.gamma_multiply(0.22));
    painter.circle_stroke(middle, 58.0 * unit, Stroke::new(3.0 * unit, colour));
    let line = |width: f32| Stroke::new(width * unit, colour);
    let at = |x: f32, y: f32| middle + vec2(x, y) * unit;
    match id {
        "balloons" => {
            for (x, y, radius) in [(-16.0, -8.0, 17.0), (14.0, -18.0, 19.0), (10.0, 14.0, 13.0)] {
                painter.circle_filled(at(x, y), radius * unit, colour);
                painter.line_segment([at(x, y + radius), at(0.0, 44.0)], line(2.0));
            }
        }
        "ball_storm" => {
            for (x, y, radius) in [(16.0, 12.0, 19.0), (-18.0, -4.0, 12.0), (12.0, -28.0, 8.0)] {
                painter.circle_filled(at(x, y), radius * unit, colour);
                for step in [-0.5, 0.0, 0.5] {
                    let from = at(x - 0.7 * radius, y - 0.7 * radius + step * radius);
                    painter.line_segment([from, from - vec2(14.0, 12.0) * unit], line(2.5));
                }
            }
        }
        "dance" => {
            for (x, y) in [(-14.0, 22.0), (22.0, 14.0)] {
                painter.circle_filled(at(x, y), 11.0 * unit, colour);
                painter.line_segment([at(x + 9.0, y), at(x + 9.0, y - 46.0)], line(5.0));
            }
            painter.line_segment([at(-5.0, -22.0), at(31.0, -31.0)], line(9.0));
        }
        "repetitions" => {
            painter.line_segment([at(-36.0, 0.0), at(36.0, 0.0)], line(6.0));
            for (x, high) in [(-30.0, 20.0), (-20.0, 30.0), (20.0, 30.0), (30.0, 20.0)] {
                painter.line_segment([at(x, -high), at(x, high)], line(9.0));
            }
        }
        _ => figure(ui, middle, 80.0 * unit, colour, [true; 5], colour),
    }
}

/// A person of a height, standing; head, hands and feet in their own colour where they are not seen.
pub(super) fn figure(
    ui: &Ui,
    middle: bevy_egui::egui::Pos2,
    height: f32,
    colour: Color32,
    seen: [bool; 5],
    missing: Color32,
) {
    let painter = ui.painter();
    let at = |x: f32, y: f32| middle + vec2(x, y) * height;
    let of = |part: usize| if seen[part] { colour } else { missing };
    let limb = |from, to, colour| painter.line_segment([from, to], Stroke::new(0.075 * height, colour));
    let trunk = if seen.contains(&true) { colour } else { missing };
    // The player sees themselves as in a mirror: what is the avatar's left is at the right.
    for (side, hand, foot) in [(1.0, 1, 3), (-1.0, 2, 4)] {
        limb(at(0.08 * side, -0.27), at(0.2 * side, -0.1), trunk);
        limb(at(0.2 * side, -0.1), at(0.27 * side, 0.06), of(hand));
        painter.circle_filled(at(0.28 * side, 0.09), 0.05 * height, of(hand));
        limb(at(0.06 * side, 0.05), at(0.09 * side, 0.27), trunk);
        limb(at(0.09 * side, 0.27), at(0.1 * side, 0.46), of(foot));
        limb(at(0.1 * side, 0.47), at(0.15 * side, 0.47), of(foot));
    }
    let chest = Rect::from_min_max(at(-0.11, -0.3), at(0.11, 0.09));
    painter.rect_filled(chest, style::corner(0.07 * height), trunk);
    painter.circle_filled(at(0.0, -0.41), 0.085 * height, of(0));
}
