//! Everybody steps into view.

use bevy_egui::egui::{Align2, Rect, UiBuilder, pos2, vec2};

use super::super::{GamePhase, Tint};
use super::desk::{Button, Desk};
use super::model::{PlayerView, ShellAction};
use super::{style, title};

/// A figure for each player that fills as they are seen.
pub(super) fn show(desk: &mut Desk<'_>) {
    desk.veil(80);
    let page = desk.page();
    let count = desk.model.players(desk.state);
    let foot = desk.px(84.0);
    let head_high = desk.px(if desk.is_wide() { 160.0 } else { 214.0 });
    let head = page.with_max_y(page.top() + head_high);
    desk.place("calibrate_head", head, |ui, desk| {
        style::card(ui.painter(), head, desk.palette(), desk.unit);
        let inside = head.shrink2(vec2(desk.px(30.0), desk.px(24.0)));
        let mut inside = ui.new_child(UiBuilder::new().max_rect(inside));
        let ui = &mut inside;
        let words = if count == 1 {
            "Step back until your whole body is in view"
        } else {
            "Step back until all of you are in view"
        };
        desk.text(ui, words, style::HEADING, style::TEXT);
        desk.text(ui, "Head, hands and feet: then it begins by itself.", style::SMALL, style::WEAK);
    });
    let gap = desk.px(20.0);
    let room =
        Rect::from_min_max(pos2(page.left(), head.bottom() + gap), pos2(page.right(), page.bottom() - foot - gap));
    let columns = if desk.is_wide() { count } else { count.min(2) };
    let rows = count.div_ceil(columns);
    let wide = ((room.width() - gap * (columns - 1) as f32) / columns as f32).min(desk.px(330.0));
    let high = ((room.height() - gap * (rows - 1) as f32) / rows as f32).min(desk.px(430.0));
    let all = wide * columns as f32 + gap * (columns - 1) as f32;
    let start = room.center().x - all / 2.0;
    desk.place("calibrate_players", room, |ui, desk| {
        for player in 0..count {
            let (row, column) = (player / columns, player % columns);
            let at = pos2(start + column as f32 * (wide + gap), room.top() + row as f32 * (high + gap));
            show_player(ui, desk, Rect::from_min_size(at, vec2(wide, high)), player);
        }
    });
    let bar = page.with_min_y(page.bottom() - foot);
    desk.place("calibrate_foot", bar, |ui, desk| {
        let wide = ((bar.width() - gap) / 2.0).min(desk.px(330.0));
        let size = vec2(wide, desk.px(76.0));
        if desk.button_at(ui, Rect::from_min_size(bar.min, size), &Button::back("Back")) {
            desk.go(GamePhase::Setup);
        }
        let right = Rect::from_min_size(pos2(bar.right() - wide, bar.top()), size);
        if desk.button_at(ui, right, &Button { is_first: true, ..Button::new("Skip") })
            && let Some(game) = desk.model.game(desk.state)
        {
            let choice = desk.state.choice_id(game);
            desk.actions.push(ShellAction::Start { game: game.id, choice });
        }
    });
}

fn show_player(ui: &bevy_egui::egui::Ui, desk: &Desk<'_>, rect: Rect, player: usize) {
    let view = desk.model.players[player];
    let colour = style::player(player, desk.palette());
    let painter = ui.painter();
    style::card(painter, rect, desk.palette(), desk.unit);
    let top = rect.top() + desk.px(36.0);
    let name = format!("Player {}", player + 1);
    desk.line(ui, pos2(rect.center().x, top), Align2::CENTER_CENTER, &name, style::BUTTON, colour);
    let low = rect.bottom() - desk.px(86.0);
    let room = Rect::from_min_max(pos2(rect.left(), top + desk.px(24.0)), pos2(rect.right(), low));
    let height = room.height().min(room.width() * 1.3) * 0.94;
    title::figure(ui, room.center(), height, colour, view.seen, style::GROOVE);
    let bar = Rect::from_center_size(
        pos2(rect.center().x, low + desk.px(14.0)),
        vec2(rect.width() - desk.px(56.0), desk.px(16.0)),
    );
    let is_ready = view.held >= 1.0;
    style::gauge(painter, bar, view.held, if is_ready { desk.tint(Tint::Good) } else { colour });
    let words = pos2(rect.center().x, rect.bottom() - desk.px(34.0));
    desk.line(ui, words, Align2::CENTER_CENTER, wanted(&view), style::SMALL, style::TEXT);
    if is_ready {
        style::tick(painter, pos2(rect.right() - desk.px(40.0), top), desk.px(16.0), desk.tint(Tint::Good));
    }
}

/// What a player is to do to be seen.
const fn wanted(view: &PlayerView) -> &'static str {
    let [head, left_hand, right_hand, left_foot, right_foot] = view.seen;
    if !(head || left_hand || right_hand || left_foot || right_foot) {
        "Nobody yet"
    } else if !head {
        "Show your head"
    } else if !(left_foot && right_foot) {
        "Show your feet"
    } else if !(left_hand && right_hand) {
        "Show your hands"
    } else if view.held >= 1.0 {
        "Ready"
    } else {
        "Hold still"
    }
}
