//! How it went.

use bevy_egui::egui::{Align2, Sense, Ui, pos2, vec2};

use super::super::{GamePhase, PlayerResult, Tint};
use super::desk::{Button, Desk};
use super::model::{ReplayChange, ResultsView, ShellAction};
use super::setup::row;
use super::style;

/// Stars, points, figures, advice, the best so far, and what to do next.
pub(super) fn show(desk: &mut Desk<'_>) {
    if let Some(replay) = desk.model.replay.clone() {
        super::replay::show(desk, &replay);
        return;
    }
    desk.veil(120);
    let Some(view) = desk.model.results.clone() else {
        let body = desk.head("No result", Some(("Back", GamePhase::Choose)));
        desk.card("results", body, |ui, desk| desk.text(ui, "Nothing was played yet.", style::BODY, style::TEXT));
        return;
    };
    let body = desk.head(&heading(desk, &view), None);
    let gap = desk.px(20.0);
    let low = body.bottom() - desk.px(84.0);
    let upper = body.with_max_y(low - gap);
    if desk.is_wide() {
        let middle = body.left() + (body.width() - gap) * 0.55;
        desk.card("result", upper.with_max_x(middle), |ui, desk| result(ui, desk, &view));
        desk.card("table", upper.with_min_x(middle + gap), |ui, desk| table(ui, desk, &view));
    } else {
        desk.card("results", upper, |ui, desk| {
            result(ui, desk, &view);
            ui.add_space(desk.px(16.0));
            table(ui, desk, &view);
        });
    }
    let bar = body.with_min_y(low);
    desk.place("results_foot", bar, |ui, desk| {
        let buttons = if desk.model.can_replay { 3.0 } else { 2.0 };
        let wide = (bar.width() - gap * (buttons - 1.0)) / buttons;
        let left = bar.with_max_x(bar.left() + wide);
        if desk.model.can_replay {
            let middle = left.translate(vec2(wide + gap, 0.0));
            if desk.button_at(ui, middle, &Button::new("Replay").wide(wide)) {
                let player = desk.state.player.min(view.result.players.len().saturating_sub(1));
                desk.actions.push(ShellAction::Replay(ReplayChange::Open(player)));
            }
        }
        if desk.button_at(ui, left, &Button::main("Play again").wide(wide)) {
            let (game, choice) = (view.result.game, view.result.choice.clone());
            desk.actions.push(ShellAction::Start { game, choice });
        }
        if desk.button_at(ui, bar.with_min_x(bar.right() - wide), &Button::back("Other game").wide(wide)) {
            desk.go(GamePhase::Choose);
        }
    });
}

fn heading(desk: &Desk<'_>, view: &ResultsView) -> String {
    let result = &view.result;
    let mut title = desk.model.title(result.game);
    let game = desk.model.games.iter().find(|game| game.id == result.game);
    if let Some(choice) = game.and_then(|game| game.choices.iter().find(|choice| choice.id == result.choice)) {
        title.clone_from(&choice.title);
    }
    format!("{title}, {}", result.difficulty.name())
}

/// The players from the best to the last.
fn order(players: &[PlayerResult]) -> Vec<usize> {
    let points = |player: &usize| {
        let points = players[*player].points;
        if points.is_finite() { points } else { f64::NEG_INFINITY }
    };
    let mut order: Vec<usize> = (0..players.len()).collect();
    order.sort_by(|a, b| points(b).total_cmp(&points(a)));
    order
}

fn result(ui: &mut Ui, desk: &mut Desk<'_>, view: &ResultsView) {
    let players = &view.result.players;
    let order = order(players);
    let mut shown = order.first().copied().unwrap_or(0);
    if players.len() > 1 {
        let labels: Vec<String> = (0..players.len()).map(|player| (player + 1).to_string()).collect();
        let names: Vec<String> = labels.iter().map(|label| format!("Player {label}")).collect();
        let is_default = desk.state.player >= players.len();
        shown = if is_default { shown } else { desk.state.player };
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Some(player) = row(ui, desk, &labels, &names, shown) {
            desk.state.player = player;
        }
    }
    let Some(player) = players.get(shown) else { return };
    ui.spacing_mut().item_spacing.y = desk.px(6.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), desk.px(60.0)), Sense::hover());
    style::stars(ui.painter(), rect.left_center(), desk.px(24.0), player.stars, desk.tint(Tint::Gold));
    let points = style::points(player.points);
    let percent = player.percent.filter(|percent| percent.is_finite()).map(|p| format!("{:.0} %", p.clamp(0.0, 100.0)));
    if players.len() > 1 {
        desk.line(ui, rect.right_center(), Align2::RIGHT_CENTER, &points, 56.0, style::player(shown, desk.palette()));
        let place = order.iter().position(|known| *known == shown).unwrap_or(0);
        let place = ["First", "Second", "Third", "Fourth"][place.min(3)];
        figure(ui, desk, place, percent.as_deref().unwrap_or_default());
    } else {
        if let Some(percent) = percent {
            desk.line(ui, rect.right_center(), Align2::RIGHT_CENTER, &percent, 50.0, desk.tint(Tint::Kind(0)));
        }
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), desk.px(72.0)), Sense::hover());
        let wide = desk.line(ui, rect.left_center(), Align2::LEFT_CENTER, &points, 66.0, style::TEXT);
        let at = pos2(rect.left() + wide + desk.px(14.0), rect.center().y + desk.px(12.0));
        desk.line(ui, at, Align2::LEFT_CENTER, "points", style::BODY, style::WEAK);
    }
    for (what, value) in &player.figures {
        figure(ui, desk, what, value);
    }
    if players.len() == 1 && !player.advice.is_empty() {
        desk.text(ui, "For the next time", style::BODY, style::WEAK);
    }
    for advice in &player.advice {
        desk.text(ui, advice, style::BODY, style::TEXT);
    }
}

fn figure(ui: &mut Ui, desk: &Desk<'_>, what: &str, value: &str) {
    let room = ui.available_width();
    let lay = |text: &str, colour, room: f32| {
        ui.painter().layout(text.to_owned(), style::font(desk.px(style::BODY)), colour, room.max(1.0))
    };
    let value = lay(value, style::TEXT, room * 0.5);
    let what = lay(what, style::WEAK, room - value.size().x - desk.px(20.0));
    let high = what.size().y.max(value.size().y);
    let (rect, _) = ui.allocate_exact_size(vec2(room, high), Sense::hover());
    ui.painter().galley(rect.min, what, style::WEAK);
    ui.painter().galley(pos2(rect.right() - value.size().x, rect.top()), value, style::TEXT);
}

/// The best, with what is new marked.
fn table(ui: &mut Ui, desk: &Desk<'_>, view: &ResultsView) {
    ui.spacing_mut().item_spacing.y = desk.px(2.0);
    desk.text(ui, "The best", style::BUTTON, style::TEXT);
    if view.table.is_empty() {
        desk.text(ui, "Nobody has points yet.", style::BODY, style::WEAK);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    for (place, score) in view.table.iter().enumerate() {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), desk.px(33.0)), Sense::hover());
        let is_new = view.new.contains(&place);
        let colour = if is_new { desk.tint(Tint::Gold) } else { style::TEXT };
        if is_new {
            ui.painter().rect_filled(rect, style::corner(desk.px(8.0)), colour.gamma_multiply(0.16));
        }
        let y = rect.center().y;
        let left = rect.left() + desk.px(10.0);
        desk.line(
            ui,
            pos2(left + desk.px(28.0), y),
            Align2::RIGHT_CENTER,
            &(place + 1).to_string(),
            style::SMALL,
            style::WEAK,
        );
        let name = if is_new { format!("{} – new", score.name) } else { score.name.clone() };
        let points = style::points(score.points);
        let star = pos2(rect.right() - desk.px(22.0), y);
        style::star(ui.painter(), star, desk.px(13.0), desk.tint(Tint::Gold), true);
        let count = pos2(star.x - desk.px(20.0), y);
        let wide =
            desk.line(ui, count, Align2::RIGHT_CENTER, &score.stars.min(5).to_string(), style::SMALL, style::TEXT);
        let at = pos2(count.x - wide - desk.px(18.0), y);
        let wide = desk.line(ui, at, Align2::RIGHT_CENTER, &points, style::SMALL, colour);
        let room = at.x - wide - left - desk.px(56.0);
        let name = desk.cut(ui, &name, style::SMALL, colour, room);
        ui.painter().galley(pos2(left + desk.px(44.0), y - name.size().y / 2.0), name, colour);
    }
}
