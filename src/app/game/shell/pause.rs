//! A match that stands still.

use bevy_egui::egui::{Rect, vec2};

use super::super::{GamePhase, Sound};
use super::desk::{Button, Desk};
use super::model::ShellAction;
use super::{hud, style};

/// Why it stands still, and how it goes on.
pub(super) fn show(desk: &mut Desk<'_>) {
    desk.veil(120);
    hud::show(desk, false);
    let page = desk.page();
    let size = vec2(desk.px(560.0).min(page.width()), desk.px(640.0).min(page.height()));
    let rect = Rect::from_center_size(page.center(), size);
    desk.card("pause", rect, |ui, desk| {
        match desk.model.missing.filter(|missing| missing.waits) {
            Some(missing) => {
                let colour = style::player(missing.player, desk.palette());
                desk.text(ui, "Step back into view", 54.0, colour);
                let who = format!("Player {}: the game waits for you and goes on by itself.", missing.player + 1);
                desk.text(ui, &who, style::BODY, style::TEXT);
            }
            None => desk.text(ui, "Paused", style::TITLE, style::TEXT),
        }
        let wide = ui.available_width();
        let sound = Sound::Resume;
        for (button, action) in [
            (Button { sound, ..Button::main("Resume") }, ShellAction::Resume),
            (Button::new("Restart"), ShellAction::Restart),
            (Button::new("End and see the result"), ShellAction::Finish),
            (Button::new("Options"), ShellAction::Go(GamePhase::Options)),
            (Button::back("Leave"), ShellAction::Leave),
        ] {
            if desk.button(ui, &Button { height: 68.0, ..button.wide(wide) }) {
                if action == ShellAction::Go(GamePhase::Options) {
                    desk.state.options_from = GamePhase::Paused;
                }
                desk.actions.push(action);
            }
        }
    });
}
