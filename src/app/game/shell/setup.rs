//! What a game offers before it begins.

use bevy_egui::egui::{Align2, Rect, Sense, Ui, pos2, vec2};

use super::super::{GameInfo, GamePhase};
use super::desk::{Button, Desk};
use super::model::ShellAction;
use super::style;
use crate::motion::Difficulty;
use crate::settings::GameSettings;

/// Choices, difficulty, players, what to do, start.
pub(super) fn show(desk: &mut Desk<'_>) {
    desk.veil(110);
    let Some(game) = desk.model.game(desk.state).cloned() else {
        let body = desk.head("No game", Some(("Back", GamePhase::Choose)));
        desk.card("setup", body, |ui, desk| desk.text(ui, "There is no game to play.", style::BODY, style::TEXT));
        return;
    };
    let body = desk.head(game.title, Some(("Back", GamePhase::Choose)));
    let gap = desk.px(20.0);
    if desk.is_wide() {
        let middle = body.left() + (body.width() - gap) * 0.5;
        let (left, right) = (body.with_max_x(middle), body.with_min_x(middle + gap));
        let low = right.bottom() - desk.px(92.0);
        if game.choices.is_empty() {
            desk.card("how", left, |ui, desk| how_to(ui, desk, &game));
            desk.card("setup", right.with_max_y(low - gap), |ui, desk| settings(ui, desk, &game));
        } else {
            desk.card("choices", left, |ui, desk| choices(ui, desk, &game, left.height() - desk.px(66.0)));
            desk.card("setup", right.with_max_y(low - gap), |ui, desk| {
                settings(ui, desk, &game);
                how_to(ui, desk, &game);
            });
        }
        start(desk, right.with_min_y(low), &game);
    } else {
        let low = body.bottom() - desk.px(92.0);
        desk.card("setup", body.with_max_y(low - gap), |ui, desk| {
            if !game.choices.is_empty() {
                choices(ui, desk, &game, desk.px(500.0));
            }
            settings(ui, desk, &game);
            how_to(ui, desk, &game);
        });
        start(desk, body.with_min_y(low), &game);
    }
}

fn start(desk: &mut Desk<'_>, rect: Rect, game: &GameInfo) {
    let _ = game;
    desk.place("start", rect, |ui, desk| {
        if desk.button_at(ui, rect, &Button::main("Start").wide(rect.width())) {
            desk.go(GamePhase::Calibrate);
        }
    });
}

fn how_to(ui: &mut Ui, desk: &Desk<'_>, game: &GameInfo) {
    desk.text(ui, "What to do", style::BUTTON, style::TEXT);
    for (number, sentence) in game.how_to.iter().enumerate() {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = desk.px(14.0);
            let (rect, _) = ui.allocate_exact_size(vec2(desk.px(38.0), desk.px(38.0)), Sense::hover());
            ui.painter().circle_filled(rect.center(), desk.px(19.0), style::GROOVE);
            let text = (number + 1).to_string();
            desk.line(ui, rect.center(), Align2::CENTER_CENTER, &text, style::SMALL, style::TEXT);
            ui.vertical(|ui| desk.text(ui, sentence, style::BODY, style::TEXT));
        });
    }
}

fn settings(ui: &mut Ui, desk: &mut Desk<'_>, game: &GameInfo) {
    let now = desk.model.settings;
    desk.text(ui, "How hard", style::BODY, style::WEAK);
    let names = Difficulty::ALL.map(Difficulty::title);
    let difficulty = desk.state.difficulty(game, &now);
    let chosen = Difficulty::ALL.iter().position(|known| *known == difficulty).unwrap_or(1);
    if let Some(place) = row(ui, desk, &names, &names, chosen) {
        desk.state.difficulty = Some(Difficulty::ALL[place]);
        desk.actions.push(ShellAction::Set(GameSettings { difficulty: Difficulty::ALL[place], ..now }));
    }
    if game.max_players > 1 {
        desk.text(ui, "How many play", style::BODY, style::WEAK);
        let most = game.max_players.min(super::model::PLAYERS);
        let labels = ["1", "2", "3", "4"];
        let names = ["1 player", "2 players", "3 players", "4 players"];
        let chosen = desk.model.players(desk.state) - 1;
        if let Some(place) = row(ui, desk, &labels[..most], &names[..most], chosen) {
            desk.actions.push(ShellAction::Set(GameSettings { players: place as u32 + 1, ..now }));
        }
    }
}

/// Buttons side by side, of which one is chosen; the one that was pressed.
pub(super) fn row(ui: &mut Ui, desk: &mut Desk<'_>, labels: &[&str], names: &[&str], chosen: usize) -> Option<usize> {
    let gap = desk.px(10.0);
    let room = ui.available_width() - gap * (labels.len().max(1) - 1) as f32;
    // Longer words get more room, beside what all of them need.
    let needs = |label: &str| 3.0 + label.chars().count() as f32;
    let all_need: f32 = labels.iter().map(|label| needs(label)).sum();
    let high = desk.px(70.0);
    let (all, _) = ui.allocate_exact_size(vec2(ui.available_width(), high), Sense::hover());
    let (mut pressed, mut left) = (None, all.left());
    for (place, (label, name)) in labels.iter().zip(names).enumerate() {
        let wide = room * needs(label) / all_need;
        let rect = Rect::from_min_size(pos2(left, all.top()), vec2(wide, high));
        left += wide + gap;
        let button = Button::new(label).named(name).selected(place == chosen);
        if desk.button_at(ui, rect, &button) {
            pressed = Some(place);
        }
    }
    pressed
}

/// What the game offers, a page at a time.
fn choices(ui: &mut Ui, desk: &mut Desk<'_>, game: &GameInfo, room: f32) {
    let (high, gap) = (desk.px(104.0), desk.px(14.0));
    let extra = if desk.model.creates == game.id { desk.px(90.0) } else { 0.0 };
    let all = game.choices.len();
    let fits = |room: f32| (((room + gap) / (high + gap)) as usize).max(1);
    let a_page = if fits(room - extra) >= all { all } else { fits(room - extra - desk.px(90.0)) };
    let pages = all.div_ceil(a_page);
    let chosen = desk.state.choice.min(all - 1);
    let page = desk.state.page.unwrap_or(chosen / a_page).min(pages - 1);
    for (place, choice) in game.choices.iter().enumerate().skip(page * a_page).take(a_page) {
        let wide = ui.available_width();
        let button = Button { height: 100.0, ..Button::new(&choice.title) };
        if desk.button(ui, &button.note(&choice.note).wide(wide).selected(place == chosen)) {
            desk.state.choice = place;
        }
    }
    if pages > 1 {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), desk.px(76.0)), Sense::hover());
        let wide = desk.px(96.0);
        for (name, is_left, can) in [("Page before", true, page > 0), ("Next page", false, page + 1 < pages)] {
            let left = if is_left { rect.left() } else { rect.right() - wide };
            let at = Rect::from_min_size(pos2(left, rect.top()), vec2(wide, rect.height()));
            let pressed = desk.symbol(ui, at, name, can, |painter, at, unit, colour| {
                style::arrow(painter, at, 18.0 * unit, if is_left { 3 } else { 1 }, colour);
            });
            if pressed {
                desk.state.page = Some(if is_left { page - 1 } else { page + 1 });
            }
        }
        let text = format!("{} / {pages}", page + 1);
        desk.line(ui, rect.center(), Align2::CENTER_CENTER, &text, style::BODY, style::WEAK);
    }
    if desk.model.creates == game.id {
        let wide = ui.available_width();
        if desk.button(ui, &Button::new("Make your own").wide(wide)) {
            desk.go(GamePhase::Create);
        }
    }
}
