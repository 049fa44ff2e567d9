//! Which game.

use bevy_egui::egui::{Rect, Sense, pos2, vec2};

use super::super::{GameInfo, GamePhase, Tint};
use super::desk::{Button, Desk};
use super::{style, title};
use bevy_egui::egui::{Color32, Stroke, StrokeKind, Ui};

/// A card for each game.
pub(super) fn show(desk: &mut Desk<'_>) {
    desk.veil(110);
    let body = desk.head("Choose a game", Some(("Back", GamePhase::Title)));
    desk.place("games", body, |ui, desk| {
        desk.scrolled(ui, "games", body, |ui, desk| {
            let columns = if desk.is_wide() { 2 } else { 1 };
            let gap = desk.px(20.0);
            let wide = (ui.available_width() - gap * (columns - 1) as f32) / columns as f32;
            let games = &desk.model.games;
            for (row, pair) in games.chunks(columns).enumerate() {
                let high = pair.iter().map(|game| height(ui, desk, game, wide)).fold(0.0, f32::max);
                let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), high), Sense::hover());
                for (column, game) in pair.iter().enumerate() {
                    let left = rect.left() + column as f32 * (wide + gap);
                    let card = Rect::from_min_size(pos2(left, rect.top()), vec2(wide, high));
                    show_game(ui, desk, card, row * columns + column, game);
                }
                ui.add_space(desk.px(6.0));
            }
        });
    });
}

/// Where the words begin, from the left edge of a card, units.
const WORDS: f32 = 168.0;

fn words(ui: &Ui, desk: &Desk<'_>, game: &GameInfo, wide: f32) -> [std::sync::Arc<bevy_egui::egui::Galley>; 3] {
    let room = (wide - desk.px(WORDS + 24.0)).max(1.0);
    let best = desk.model.scores.best_of(game.id);
    let best = best.map_or_else(|| "Not played yet".to_owned(), |best| format!("Best: {}", style::points(best.points)));
    let lay = |text: String, units: f32, colour| ui.painter().layout(text, style::font(desk.px(units)), colour, room);
    [
        lay(game.title.to_owned(), style::HEADING, style::TEXT),
        lay(game.tagline.to_owned(), style::SMALL, style::WEAK),
        lay(best, style::SMALL, desk.tint(Tint::Gold)),
    ]
}

fn height(ui: &Ui, desk: &Desk<'_>, game: &GameInfo, wide: f32) -> f32 {
    let text: f32 = words(ui, desk, game, wide).iter().map(|galley| galley.size().y).sum();
    (text + desk.px(20.0 + 48.0)).max(desk.px(200.0))
}

fn show_game(ui: &mut Ui, desk: &mut Desk<'_>, card: Rect, place: usize, game: &GameInfo) {
    let button = Button { is_first: place == desk.state.game, ..Button::new(game.title) };
    let (pressed, is_focused) = desk.pressable(ui, card, game.title, true, 1.0, &button);
    style::card(ui.painter(), card, desk.palette(), desk.unit);
    if is_focused {
        let line = Stroke::new(desk.px(2.0), Color32::from_rgba_unmultiplied(255, 255, 255, 60));
        let fill = Color32::from_rgba_unmultiplied(255, 255, 255, 14);
        ui.painter().rect(card, style::corner(desk.px(22.0)), fill, line, StrokeKind::Inside);
    }
    desk.ring(ui, card, is_focused);
    let sign = Rect::from_center_size(
        pos2(card.left() + desk.px(WORDS / 2.0), card.center().y),
        vec2(desk.px(120.0), desk.px(120.0)),
    );
    title::sign(ui, desk, sign, place, game.id);
    let words = words(ui, desk, game, card.width());
    let text: f32 = words.iter().map(|galley| galley.size().y).sum();
    let gap = desk.px(10.0);
    let mut at = pos2(card.left() + desk.px(WORDS), card.center().y - text / 2.0 - gap);
    for galley in words {
        let high = galley.size().y;
        ui.painter().galley(at, galley, style::TEXT);
        at.y += high + gap;
    }
    if pressed {
        if desk.state.game != place {
            (desk.state.game, desk.state.choice, desk.state.page) = (place, 0, None);
        }
        desk.go(GamePhase::Setup);
    }
}
