//! The shell of the games: what is seen and used around them, from the title to the results.
//!
//! [`show`] is a function from a view model and its own small memory to actions, as the studio's overlay is. It knows no
//! engine, threads, files or clocks. `screen` fills the model and carries out the actions, `wiring` leads from screen to screen.
//!
//! - `desk`: cards, text and buttons. `style`: colours and sizes. `dwell`: a hand that rests on a button.
//! - One file for each screen: `title`, `choose`, `setup`, `options`, `calibrate`, `hud`, `pause`, `results`.
//! - [`mod@pointer`]: from a body to a place in the window. `pad`: gamepads. `samples`: screens to look at.
//!
//! Everything is measured in units, of which the lesser side of the window has 720, and no text is smaller than 26 of
//! them. All that can be pressed is a button: what a mouse can do, keys, a gamepad and a resting hand can do.

mod calibrate;
mod choose;
mod desk;
mod dwell;
mod focus;
mod hud;
mod memory;
mod model;
mod options;
mod pad;
mod pause;
pub mod pointer;
mod replay;
mod results;
pub mod samples;
mod screen;
mod setup;
mod style;
mod target;
mod title;
mod warm;
mod wiring;

use bevy_egui::egui::{self, Color32, Key, LayerId, Order, Pos2, Stroke, pos2};

use super::{GamePhase, Sound, Tint};
use desk::Desk;
use dwell::Dwelt;

pub use memory::GamesPlan;
pub use wiring::{GamesWanted, ShellPlugin};

pub use model::{
    HandView, LoadingView, Missing, PadInput, PlayerView, ReplayChange, ReplayView, ResultsView, ShellAction,
    ShellModel, ShellState, Way,
};

/// Smallest text, in units, of which the lesser side of the window has 720.
pub const SMALLEST_TEXT: f32 = style::SMALL;

/// Pixels of one unit in a window of this size.
#[must_use]
pub fn unit(window: egui::Rect) -> f32 {
    style::unit(window)
}

/// The part of the window in whose middle a screen wants the avatar.
#[must_use]
pub fn scene_rect(window: egui::Rect, phase: GamePhase) -> egui::Rect {
    match phase {
        GamePhase::Title => title::beside(window),
        _ => window,
    }
}

/// Shows the screen of the model's phase and returns what was asked for in this frame, in order.
///
/// To be called once a frame, between egui's begin and end of a pass, while games are open. It handles keys as well.
pub fn show(ctx: &egui::Context, model: &ShellModel, state: &mut ShellState) -> Vec<ShellAction> {
    let window = ctx.content_rect();
    let unit = style::unit(window);
    if state.shown != Some(model.phase) {
        state.enter(model.phase);
    }
    let step_s = ctx.input(|input| input.stable_dt).min(0.1);
    state.shown_s += step_s;
    let mut desk = Desk { ctx, model, state, actions: Vec::new(), window, unit };
    let hand = point(&mut desk, step_s);
    if !press_keys(&mut desk) {
        focus::steer(&mut desk);
    }
    match model.phase {
        GamePhase::Off => {}
        GamePhase::Loading => title::loading(&mut desk),
        GamePhase::Title => title::title(&mut desk),
        GamePhase::Choose => choose::show(&mut desk),
        GamePhase::Setup => setup::show(&mut desk),
        GamePhase::Options => options::show(&mut desk),
        GamePhase::Create => title::create(&mut desk),
        GamePhase::Calibrate => calibrate::show(&mut desk),
        GamePhase::Playing => hud::show(&mut desk, true),
        GamePhase::Paused => pause::show(&mut desk),
        GamePhase::Results => results::show(&mut desk),
    }
    if model.phase != GamePhase::Off {
        tell(&mut desk);
        if let Some(hand) = hand {
            show_hand(&desk, hand);
        }
        focus::keep(&mut desk);
    }
    let Desk { actions, state, .. } = desk;
    state.targets = std::mem::take(&mut state.next_targets);
    state.pressed = None;
    actions
}

impl ShellState {
    /// The games are left: whoever comes back begins with a fresh screen.
    fn leave(&mut self) {
        if self.shown.is_some() {
            self.enter(GamePhase::Off);
            (self.shown, self.difficulty) = (None, None);
        }
    }

    /// Begins with another screen.
    fn enter(&mut self, phase: GamePhase) {
        self.targets.clear();
        self.focus = None;
        self.pressed = None;
        self.dwell.rest();
        (self.shown, self.shown_s) = (Some(phase), 0.0);
        if phase == GamePhase::Results {
            // Whoever was best.
            self.player = usize::MAX;
        }
    }
}

/// The hand goes on; where it is in the window, if it is to be seen.
fn point(desk: &mut Desk<'_>, step_s: f32) -> Option<(Pos2, bool)> {
    let window = desk.window;
    let hand = desk.model.hand.filter(|hand| hand.at.iter().all(|at| at.is_finite())).map(|hand| {
        let [x, y] = hand.at.map(|at| at.clamp(0.0, 1.0));
        (pos2(window.left() + x * window.width(), window.top() + y * window.height()), hand.is_right)
    });
    let target = hand.and_then(|(at, _)| desk.state.dwell.find(&desk.state.targets, at, desk.unit));
    match desk.state.dwell.step(step_s, target, desk.model.settings.dwell_s) {
        Some(Dwelt::Began(id)) => {
            desk.actions.push(ShellAction::Hear(Sound::Dwell));
            desk.ctx.memory_mut(|memory| memory.request_focus(id));
            desk.state.focus = Some(id);
        }
        Some(Dwelt::Pressed(id)) => desk.state.pressed = Some(id),
        None => {}
    }
    if hand.is_some() {
        desk.ctx.request_repaint();
    }
    // In a match hands fly about: the sign would only be in the way.
    let is_needed = !matches!(desk.model.phase, GamePhase::Playing | GamePhase::Loading);
    hand.filter(|_| is_needed || target.is_some())
}

/// Back, pause and on. Whether the screen is about to change.
fn press_keys(desk: &mut Desk<'_>) -> bool {
    let key = |key: Key| desk.ctx.input(|input| input.key_pressed(key) && !input.modifiers.any());
    let (back, pause) = (key(Key::Escape) || desk.model.pad.back, key(Key::P) || desk.model.pad.pause);
    let phase = desk.model.phase;
    let action = match phase {
        GamePhase::Playing if back || pause => ShellAction::Pause,
        GamePhase::Paused if back || pause => ShellAction::Resume,
        _ if !back => return false,
        GamePhase::Title | GamePhase::Loading => ShellAction::Go(GamePhase::Off),
        GamePhase::Choose => ShellAction::Go(GamePhase::Title),
        GamePhase::Setup | GamePhase::Results => ShellAction::Go(GamePhase::Choose),
        GamePhase::Create | GamePhase::Calibrate => ShellAction::Go(GamePhase::Setup),
        GamePhase::Options => ShellAction::Go(desk.state.options_from),
        GamePhase::Off | GamePhase::Playing | GamePhase::Paused => return false,
    };
    let sound = match &action {
        ShellAction::Pause => Sound::Pause,
        ShellAction::Resume => Sound::Resume,
        _ => Sound::UiBack,
    };
    desk.actions.extend([ShellAction::Hear(sound), action]);
    true
}

/// What passes: captions of sounds, a gamepad that came, a camera that is lost.
fn tell(desk: &mut Desk<'_>) {
    let ctx = desk.ctx;
    let mut told: Vec<(String, Color32)> = Vec::new();
    if !desk.model.problem.is_empty() {
        told.push((desk.model.problem.clone(), desk.tint(Tint::Gold)));
    }
    if desk.model.settings.captions && !desk.model.captions.is_empty() {
        told.push((desk.model.captions.join("  "), style::TEXT));
    }
    if !desk.model.notice.is_empty() {
        told.push((desk.model.notice.clone(), style::TEXT));
    }
    let mut problem_px = 0.0;
    if !told.is_empty() {
        let area = egui::Area::new(egui::Id::new("shell_told")).order(Order::Foreground).fixed_pos(desk.window.min);
        area.constrain(false).movable(false).interactable(false).fade_in(false).show(ctx, |ui| {
            ui.set_clip_rect(desk.window);
            let bottom = desk.window.bottom() - desk.px(14.0);
            let mut low = bottom;
            for (text, colour) in told {
                let rect = hud::pill_over(ui, desk, low, &text, style::SMALL, colour);
                low = rect.top() - desk.px(8.0);
                if !desk.model.problem.is_empty() && problem_px <= 0.0 {
                    // What comes and goes covers what lies below for a moment; what stays has room of its own.
                    problem_px = bottom - low;
                }
            }
        });
    }
    desk.state.told_px = problem_px;
}

/// The sign of a hand, with the ring that fills.
fn show_hand(desk: &Desk<'_>, (at, is_right): (Pos2, bool)) {
    let layer = LayerId::new(Order::Tooltip, egui::Id::new("shell_hand"));
    let painter = desk.ctx.layer_painter(layer);
    let on = desk.state.targets.iter().find(|target| Some(target.id) == desk.state.dwell.on);
    // A button draws the sign a little towards itself, so that it is seen which one is meant.
    let at = on.map_or(at, |target| at.lerp(target.rect.clamp(at).lerp(target.rect.center(), 0.2), 0.6));
    let (gold, radius) = (desk.tint(Tint::Gold), desk.px(34.0));
    // At the edges, too, all of it is seen.
    // A window may be smaller than the hand.
    let edge = (1.15 * radius).min(desk.window.size().min_elem() / 2.0);
    let at = desk.window.shrink(edge).clamp(at);
    painter.circle_filled(at, radius, Color32::from_rgba_unmultiplied(10, 12, 18, 150));
    painter.circle_stroke(at, radius, Stroke::new(desk.px(4.0), Color32::from_rgba_unmultiplied(255, 255, 255, 90)));
    let side = if is_right { 1.0 } else { -1.0 };
    let of = |x: f32, y: f32| at + egui::vec2(x * side, y) * desk.px(1.0);
    let finger = Stroke::new(desk.px(5.0), style::TEXT);
    // A palm with four fingers and a thumb.
    painter.circle_filled(of(0.0, 7.0), desk.px(10.0), style::TEXT);
    for (x, top) in [(-7.5, -9.0), (-2.5, -13.0), (2.5, -12.0), (7.5, -8.0)] {
        painter.line_segment([of(x, 5.0), of(x, top)], finger);
    }
    painter.line_segment([of(-6.0, 10.0), of(-15.0, 1.0)], finger);
    if desk.state.dwell.share > 0.0 {
        let share = desk.state.dwell.share;
        let steps = 48;
        let points: Vec<Pos2> = (0..=steps)
            .map(|step| {
                let (sin, cos) = (std::f32::consts::TAU * share * step as f32 / steps as f32).sin_cos();
                at + egui::vec2(sin, -cos) * radius
            })
            .collect();
        painter.add(egui::Shape::line(points, Stroke::new(desk.px(9.0), gold)));
    }
}
