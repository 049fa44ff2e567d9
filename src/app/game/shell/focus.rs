//! What is in focus: always something, moved by keys and gamepads, and heard when it moves.

use bevy_egui::egui::{FocusDirection, Id, Key, Memory, Rect};

use super::super::{GamePhase, Sound};
use super::desk::Desk;
use super::model::{ShellAction, Way};
use super::target::Target;

/// Seconds in which a screen that has just come has its focus set, which is not heard.
const SETTLING_S: f32 = 0.25;

/// Moves the focus by the arrow keys and gamepads, and lets the latter press.
pub(super) fn steer(desk: &mut Desk<'_>) {
    let pressed = desk.ctx.input(|input| {
        let keys = [
            (Key::ArrowUp, Way::Up),
            (Key::ArrowDown, Way::Down),
            (Key::ArrowLeft, Way::Left),
            (Key::ArrowRight, Way::Right),
        ];
        keys.into_iter().find(|(key, _)| input.key_pressed(*key)).map(|(_, way)| way)
    });
    if pressed.is_some() {
        // Ours looks farther than egui's own search.
        desk.ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    let focused = desk.ctx.memory(Memory::focused);
    if let Some(way) = pressed.or(desk.model.pad.way) {
        let from = focused.and_then(|id| desk.state.targets.iter().find(|target| target.id == id));
        let to = match from {
            Some(from) => next(&desk.state.targets, from, way).or(Some(from.id)),
            None => first(&desk.state.targets),
        };
        if let Some(to) = to {
            desk.ctx.memory_mut(|memory| memory.request_focus(to));
        }
    }
    if desk.model.pad.press {
        desk.state.pressed = desk.state.pressed.or(focused);
    }
}

/// Sees to it that something is in focus, and lets a change be heard.
pub(super) fn keep(desk: &mut Desk<'_>) {
    let focused = desk.ctx.memory(Memory::focused);
    let is_known = |id: &Id| desk.state.next_targets.iter().any(|target| target.id == *id);
    let focused = focused.filter(is_known);
    if focused.is_none() {
        // In a match nothing is to be pressed by chance.
        if desk.model.phase != GamePhase::Playing
            && let Some(id) = desk.state.focus.filter(is_known).or_else(|| first(&desk.state.next_targets))
        {
            desk.ctx.memory_mut(|memory| memory.request_focus(id));
            desk.state.focus = Some(id);
        }
        return;
    }
    if focused != desk.state.focus {
        if desk.state.shown_s > SETTLING_S && desk.state.focus.is_some() {
            desk.actions.push(ShellAction::Hear(Sound::UiMove));
        }
        desk.state.focus = focused;
    }
}

fn first(targets: &[Target]) -> Option<Id> {
    targets.iter().find(|target| target.is_first).or_else(|| targets.first()).map(|target| target.id)
}

/// The nearest target in a direction: what lies straight ahead before what lies aside.
fn next(targets: &[Target], from: &Target, way: Way) -> Option<Id> {
    let cost = |to: Rect| {
        let (a, b) = (from.rect, to);
        let gap = |low: f32, high: f32| (low - high).max(0.0);
        let (ahead, past) = match way {
            Way::Up => (a.center().y - b.center().y, gap(a.top(), b.bottom())),
            Way::Down => (b.center().y - a.center().y, gap(b.top(), a.bottom())),
            Way::Left => (a.center().x - b.center().x, gap(a.left(), b.right())),
            Way::Right => (b.center().x - a.center().x, gap(b.left(), a.right())),
        };
        let (aside, off) = match way {
            Way::Up | Way::Down => (gap(a.left(), b.right()) + gap(b.left(), a.right()), a.center().x - b.center().x),
            Way::Left | Way::Right => {
                (gap(a.top(), b.bottom()) + gap(b.top(), a.bottom()), a.center().y - b.center().y)
            }
        };
        // Those in the same row are no way up or down, and those in the same column none aside.
        let overlaps = match way {
            Way::Up | Way::Down => a.y_range().intersection(b.y_range()).span() > 0.5 * a.height().min(b.height()),
            Way::Left | Way::Right => a.x_range().intersection(b.x_range()).span() > 0.5 * a.width().min(b.width()),
        };
        (ahead > 1.0 && !overlaps).then_some(past + 3.0 * aside + 0.1 * off.abs() + 0.01 * ahead)
    };
    let costs = targets.iter().filter(|target| target.id != from.id).filter_map(|t| Some((t.id, cost(t.rect)?)));
    costs.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_egui::egui::{pos2, vec2};

    fn at(name: &str, x: f32, y: f32) -> Target {
        let rect = Rect::from_min_size(pos2(x, y), vec2(100.0, 50.0));
        Target { id: Id::new(name), rect, patience: 1.0, is_first: false }
    }

    #[test]
    fn the_focus_goes_to_what_lies_straight_ahead_and_else_aside() {
        let targets = [at("back", 0.0, 0.0), at("a", 0.0, 100.0), at("b", 120.0, 100.0), at("far", 600.0, 400.0)];
        let go = |from: usize, way| next(&targets, &targets[from], way);
        assert_eq!(go(0, Way::Down), Some(Id::new("a")));
        assert_eq!(go(1, Way::Right), Some(Id::new("b")));
        assert_eq!(go(2, Way::Up), Some(Id::new("back")), "nothing is straight above");
        assert_eq!(go(2, Way::Down), Some(Id::new("far")), "far aside, but the only one");
        assert_eq!(go(3, Way::Down), None);
        assert_eq!(go(0, Way::Left), None);
    }
}
