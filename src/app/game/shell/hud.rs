//! What is seen over a game while it runs.

use bevy_egui::egui::{Align2, Color32, CornerRadius, Pos2, Rect, Stroke, Ui, Vec2, pos2, vec2};

use super::super::{Sound, Tint};
use super::desk::{Button, Desk};
use super::model::ShellAction;
use super::style;

/// Seconds that a headline is seen.
const HEADLINE_S: f64 = 2.2;
/// Seconds that a judgement is seen.
const VERDICT_S: f64 = 1.1;
/// Times as long a hand has to rest on the pause button: 2 seconds where others take 1.
const PAUSE_S: f32 = 2.0;

/// Points, words, time, hints. Where a match stands still only what it stands at is shown.
pub(super) fn show(desk: &mut Desk<'_>, is_playing: bool) {
    let window = desk.window;
    desk.place("hud", window, |ui, desk| {
        bar(ui, desk);
        let corner = pause_place(desk);
        chips(ui, desk, corner.left());
        time(ui, desk, corner);
        if is_playing {
            pause_button(ui, desk, corner);
            headline(ui, desk);
            verdicts(ui, desk);
            countdown(ui, desk);
            hint(ui, desk);
            preview(ui, desk);
            if let Some(missing) = desk.model.missing {
                let words = format!("Player {}, step back into view", missing.player + 1);
                let words = if desk.model.players(desk.state) > 1 { words } else { "Step back into view".to_owned() };
                let at = pos2(desk.window.center().x, desk.window.top() + desk.window.height() * 0.4);
                pill(ui, desk, at, &words, 44.0, style::player(missing.player, desk.palette()), 1.0);
            }
        }
    });
}

/// The next moves of a dance at the right edge, the nearest the largest.
fn preview(ui: &Ui, desk: &Desk<'_>) {
    let mut low = desk.window.bottom() - desk.px(24.0);
    for (place, next) in desk.model.preview.figures.iter().enumerate() {
        let side = desk.px(if place == 0 { 190.0 } else { 130.0 });
        let corner = pos2(desk.window.right() - desk.px(20.0) - side, low - side);
        let rect = Rect::from_min_size(corner, Vec2::splat(side));
        // In a narrow window they would stand before the players.
        if rect.top() < desk.window.center().y - desk.px(120.0) || !desk.is_wide() && place > 0 {
            break;
        }
        low = rect.top() - desk.px(10.0);
        style::card(ui.painter(), rect, desk.palette(), desk.unit);
        let size = side * 0.66;
        let at = |point: bevy::math::Vec2| {
            pos2(rect.center().x + point.x * size, rect.bottom() - side * 0.1 - point.y * size)
        };
        let colour = if place == 0 { desk.tint(Tint::Gold) } else { style::WEAK };
        let stroke = Stroke::new(desk.px(if place == 0 { 7.0 } else { 5.0 }), colour);
        let painter = ui.painter().with_clip_rect(rect);
        for [from, to] in &next.figure.lines {
            painter.line_segment([at(*from), at(*to)], stroke);
        }
        painter.circle_filled(at(next.figure.head), next.figure.head_radius * size, colour);
    }
}

fn players(desk: &Desk<'_>) -> usize {
    let asked = desk.model.current.as_ref().map_or_else(|| desk.model.players(desk.state), |current| current.players);
    asked.clamp(1, super::model::PLAYERS)
}

fn clock_s(desk: &Desk<'_>) -> f64 {
    desk.model.current.as_ref().map_or(0.0, |current| current.clock_s)
}

/// How far the game is, along the upper edge.
fn bar(ui: &Ui, desk: &Desk<'_>) {
    if let Some(progress) = desk.model.hud.progress {
        let rect = desk.window.with_max_y(desk.window.top() + desk.px(12.0));
        style::gauge(ui.painter(), rect, progress, desk.tint(Tint::Kind(0)));
    }
}

fn pause_place(desk: &Desk<'_>) -> Rect {
    let side = desk.px(84.0);
    let at = pos2(desk.window.right() - desk.px(20.0) - side, desk.window.top() + desk.px(22.0));
    Rect::from_min_size(at, Vec2::splat(side))
}

fn pause_button(ui: &mut Ui, desk: &mut Desk<'_>, rect: Rect) {
    let button = Button { sound: Sound::Pause, ..Button::new("Pause") };
    let patience = PAUSE_S / desk.model.settings.dwell_s.max(0.1);
    let (pressed, is_focused) = desk.pressable(ui, rect, "Pause", true, patience, &button);
    desk.paint_symbol(ui, rect, true, is_focused);
    for x in [-13.0, 13.0] {
        let line = Rect::from_center_size(rect.center() + vec2(desk.px(x), 0.0), vec2(desk.px(12.0), desk.px(40.0)));
        ui.painter().rect_filled(line, style::corner(desk.px(4.0)), style::TEXT);
    }
    if pressed {
        desk.actions.push(ShellAction::Pause);
    }
}

/// Each player's points, row, line and hearts.
fn chips(ui: &Ui, desk: &Desk<'_>, right: f32) {
    let (count, gap, edge) = (players(desk), desk.px(14.0), desk.px(20.0));
    let columns = if desk.is_wide() { count } else { count.min(2) };
    let room = right - desk.window.left() - 2.0 * edge;
    let wide = ((room - gap * (columns - 1) as f32) / columns as f32).min(desk.px(330.0));
    // Hearts have a row of their own: beside them a line would be cut.
    let high = desk.px(if desk.model.hud.hearts.is_some() { 154.0 } else { 116.0 });
    for player in 0..count {
        let (row, column) = (player / columns, player % columns);
        let left = desk.window.left() + edge + column as f32 * (wide + gap);
        let top = desk.window.top() + desk.px(22.0) + row as f32 * (high + gap);
        chip(ui, desk, Rect::from_min_size(pos2(left, top), vec2(wide, high)), player);
    }
}

fn chip(ui: &Ui, desk: &Desk<'_>, rect: Rect, player: usize) {
    let colour = style::player(player, desk.palette());
    let score = &desk.model.board.players[player];
    let painter = ui.painter().with_clip_rect(rect);
    style::card(&painter, rect, desk.palette(), desk.unit);
    let edge = rect.with_max_x(rect.left() + desk.px(10.0));
    let round = desk.px(22.0) as u8;
    painter.rect_filled(edge, CornerRadius { nw: round, sw: round, ..CornerRadius::ZERO }, colour);
    let number = rect.left_center() + vec2(desk.px(44.0), 0.0);
    painter.circle_filled(number, desk.px(23.0), colour);
    desk.line(ui, number, Align2::CENTER_CENTER, &(player + 1).to_string(), 32.0, style::DARK);
    let left = rect.left() + desk.px(80.0);
    let upper = rect.top() + desk.px(36.0);
    let end =
        left + desk.line(ui, pos2(left, upper), Align2::LEFT_CENTER, &style::points(score.points), 46.0, style::TEXT);
    if score.combo >= 2 {
        let text = format!("×{}", score.combo);
        let at = pos2((rect.right() - desk.px(16.0)).max(end + desk.px(50.0)), upper);
        let is_gold = score.combo >= 5;
        let colour = if is_gold { desk.tint(Tint::Gold) } else { style::WEAK };
        if at.x <= rect.right() {
            desk.line(ui, at, Align2::RIGHT_CENTER, &text, 32.0, colour);
        }
    }
    let lower = rect.bottom() - desk.px(30.0);
    if let Some(hearts) = desk.model.hud.hearts {
        let left_hearts = hearts[player].min(7);
        for heart in 0..left_hearts.max(3) {
            let middle = pos2(left + desk.px(14.0 + 32.0 * heart as f32), rect.top() + desk.px(82.0));
            let bad = desk.tint(Tint::Bad);
            style::heart(&painter, middle, desk.px(14.0), bad, heart < left_hearts);
        }
    }
    if !score.line.is_empty() {
        let room = rect.right() - left - desk.px(12.0);
        let line = desk.cut(ui, &score.line, style::SMALL, style::WEAK, room);
        ui.painter().galley(pos2(left, lower - line.size().y / 2.0), line, style::WEAK);
    }
}

fn time(ui: &Ui, desk: &Desk<'_>, corner: Rect) {
    if let Some(left_s) = desk.model.hud.left_s {
        let at = pos2(corner.right() - desk.px(70.0), corner.bottom() + desk.px(46.0));
        let is_short = left_s.is_finite() && left_s < 10.0;
        let colour = if is_short { desk.tint(Tint::Gold) } else { style::TEXT };
        pill(ui, desk, at, &style::clock(left_s), 38.0, colour, 1.0);
    }
}

/// Words on a dark ground of their own, around a middle; `share` is how much of them is seen.
pub(super) fn pill(
    ui: &Ui,
    desk: &Desk<'_>,
    middle: Pos2,
    text: &str,
    units: f32,
    colour: Color32,
    share: f32,
) -> Rect {
    let room = desk.window.width() - desk.px(110.0);
    let share = share.clamp(0.0, 1.0);
    let mut job = bevy_egui::egui::text::LayoutJob::simple(
        text.to_owned(),
        style::font(desk.px(units)),
        colour.gamma_multiply(share),
        room.max(1.0),
    );
    job.halign = bevy_egui::egui::Align::Center;
    let galley = ui.painter().layout_job(job);
    let around = galley.size() + vec2(desk.px(44.0), desk.px(20.0));
    let mut rect = Rect::from_center_size(middle, around);
    // Within the window, wherever its player is.
    let inside = desk.window.shrink(desk.px(10.0));
    let shift = |low: f32, high: f32| low.max(0.0) + high.min(0.0);
    rect = rect.translate(vec2(
        shift(inside.left() - rect.left(), inside.right() - rect.right()),
        shift(inside.top() - rect.top(), inside.bottom() - rect.bottom()),
    ));
    let fill = style::card_fill(desk.palette()).gamma_multiply(share);
    ui.painter().rect_filled(rect, style::corner(desk.px(24.0).min(around.y / 2.0)), fill);
    let at = pos2(rect.center().x, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, colour.gamma_multiply(share));
    rect
}

/// As [`pill`], in the middle of the window over its lower edge at `low`.
pub(super) fn pill_over(ui: &Ui, desk: &Desk<'_>, low: f32, text: &str, units: f32, colour: Color32) -> Rect {
    let room = desk.window.width() - desk.px(110.0);
    let high = ui.painter().layout(text.to_owned(), style::font(desk.px(units)), colour, room.max(1.0)).size().y;
    let middle = pos2(desk.window.center().x, low - high / 2.0 - desk.px(10.0));
    pill(ui, desk, middle, text, units, colour, 1.0)
}

/// How much is seen of what was said `ago_s` ago and is seen for `lasts_s`.
fn seen(ago_s: f64, lasts_s: f64) -> f32 {
    if !(0.0..lasts_s).contains(&ago_s) {
        return 0.0;
    }
    let (rising, falling) = (ago_s / 0.12, (lasts_s - ago_s) / (0.45 * lasts_s));
    rising.min(falling).min(1.0) as f32
}

fn headline(ui: &Ui, desk: &Desk<'_>) {
    let hud = &desk.model.hud;
    let ago_s = clock_s(desk) - hud.headline_s;
    let share = seen(ago_s, HEADLINE_S);
    if share <= 0.0 || hud.headline.is_empty() {
        return;
    }
    let grows = if desk.model.settings.reduced_motion { 1.0 } else { 1.0 + 0.35 * (1.0 - ago_s / 0.2).max(0.0) as f32 };
    let at = pos2(desk.window.center().x, desk.window.top() + desk.window.height() * 0.32);
    pill(ui, desk, at, &hud.headline, 76.0 * grows, style::TEXT, share);
}

fn verdicts(ui: &Ui, desk: &Desk<'_>) {
    let count = players(desk);
    for (player, verdict) in desk.model.hud.judgements.iter().take(count).enumerate() {
        let Some(verdict) = verdict else { continue };
        let ago_s = clock_s(desk) - verdict.at_s;
        let share = seen(ago_s, VERDICT_S);
        if share <= 0.0 {
            continue;
        }
        let slot = (player as f32 + 0.5) / count as f32;
        let across = desk.model.players[player].across.filter(|x| x.is_finite()).unwrap_or(slot).clamp(0.0, 1.0);
        // Beside the body and not over it.
        let aside = if count == 1 { 0.2 } else { 0.0 };
        let rises = if desk.model.settings.reduced_motion { 0.0 } else { 60.0 * ago_s as f32 };
        let at = pos2(
            desk.window.left() + desk.window.width() * (across + aside).min(0.94),
            desk.window.top() + desk.window.height() * 0.5 - desk.px(rises),
        );
        let worth = verdict.worth;
        let colour = if worth >= 0.8 {
            desk.tint(Tint::Gold)
        } else if worth >= 0.3 {
            style::TEXT
        } else {
            desk.tint(Tint::Bad)
        };
        let bright = lighter(colour);
        let words = if count > 1 { format!("{}: {}", player + 1, verdict.words) } else { verdict.words.clone() };
        pill(ui, desk, at, &words, 44.0, bright, share);
    }
}

/// At least so light that it is read on a card.
fn lighter(colour: Color32) -> Color32 {
    let lift = |c: u8| c.saturating_add((255 - c) / 4);
    Color32::from_rgb(lift(colour.r()), lift(colour.g()), lift(colour.b()))
}

fn countdown(ui: &Ui, desk: &Desk<'_>) {
    let Some(current) = desk.model.current.as_ref().filter(|current| current.is_waiting()) else { return };
    let wait_s = if current.wait_s.is_finite() { current.wait_s.clamp(0.0, 99.0) } else { 0.0 };
    let number = format!("{:.0}", wait_s.ceil());
    let middle = desk.window.center();
    let radius = desk.px(150.0);
    ui.painter().circle_filled(middle, radius, style::card_fill(desk.palette()));
    let colour = desk.tint(Tint::Gold);
    let left = (wait_s - wait_s.ceil() + 1.0).clamp(0.0, 1.0) as f32;
    arc(ui, middle, radius, left, desk.px(12.0), colour);
    let grows = if desk.model.settings.reduced_motion { 1.0 } else { 0.82 + 0.18 * left };
    desk.line(ui, middle, Align2::CENTER_CENTER, &number, 190.0 * grows, style::TEXT);
}

/// A part of a circle, from its top clockwise.
pub(super) fn arc(ui: &Ui, middle: Pos2, radius: f32, share: f32, width: f32, colour: Color32) {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let steps = (share * 64.0).ceil() as usize;
    if steps == 0 {
        return;
    }
    let points = (0..=steps)
        .map(|step| {
            let (sin, cos) = (std::f32::consts::TAU * share * step as f32 / steps as f32).sin_cos();
            middle + vec2(sin, -cos) * radius
        })
        .collect();
    ui.painter().add(bevy_egui::egui::Shape::line(points, bevy_egui::egui::Stroke::new(width, colour)));
}

fn hint(ui: &Ui, desk: &Desk<'_>) {
    if !desk.model.hud.hint.is_empty() {
        let at = pos2(desk.window.center().x, desk.window.bottom() - desk.px(126.0));
        pill(ui, desk, at, &desk.model.hud.hint, style::BUTTON, style::TEXT, 1.0);
    }
}
