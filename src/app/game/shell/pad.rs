//! Gamepads: what they ask for, and that they come and go.

use bevy::input::gamepad::{GamepadConnection, GamepadConnectionEvent};
use bevy::prelude::*;

use super::model::{PadInput, Way};

/// From here on a stick is held to a side.
const HELD: f32 = 0.6;
/// Under this it is let go.
const LET_GO: f32 = 0.35;
/// Seconds until a stick that is held moves the focus again, at first and then.
const REPEATS_S: [f32; 2] = [0.45, 0.18];

/// Sticks that are held to a side.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stick {
    way: Option<Way>,
    wait_s: f32,
}

impl Stick {
    /// The way to move now with a stick at `at`, `step_s` seconds after the last time.
    pub(super) fn step(&mut self, at: Vec2, step_s: f32) -> Option<Way> {
        if !at.is_finite() || at.length() < LET_GO {
            *self = Self::default();
            return None;
        }
        let way = match (at.x.abs() > at.y.abs(), at.x > 0.0, at.y > 0.0) {
            (true, true, _) => Way::Right,
            (true, false, _) => Way::Left,
            (false, _, true) => Way::Up,
            (false, _, false) => Way::Down,
        };
        if at.length() < HELD && self.way.is_none() {
            return None;
        }
        if self.way != Some(way) {
            *self = Self { way: Some(way), wait_s: REPEATS_S[0] };
            return Some(way);
        }
        self.wait_s -= step_s;
        (self.wait_s <= 0.0).then(|| {
            self.wait_s = REPEATS_S[1];
            way
        })
    }
}

/// What all gamepads ask for in this frame.
pub(super) fn read(pads: &Query<&Gamepad>, stick: &mut Stick, step_s: f32) -> PadInput {
    let any = |button: GamepadButton| pads.iter().any(|pad| pad.just_pressed(button));
    let cross = [
        (GamepadButton::DPadUp, Way::Up),
        (GamepadButton::DPadDown, Way::Down),
        (GamepadButton::DPadLeft, Way::Left),
        (GamepadButton::DPadRight, Way::Right),
    ];
    let pressed = cross.into_iter().find(|(button, _)| any(*button)).map(|(_, way)| way);
    let farthest = pads.iter().map(Gamepad::left_stick).max_by(|a, b| a.length().total_cmp(&b.length()));
    let held = stick.step(farthest.unwrap_or(Vec2::ZERO), step_s);
    PadInput {
        way: pressed.or(held),
        press: any(GamepadButton::South),
        back: any(GamepadButton::East),
        pause: any(GamepadButton::Start),
    }
}

/// What is to be told of a gamepad.
pub(super) fn told(event: &GamepadConnectionEvent) -> String {
    match &event.connection {
        GamepadConnection::Connected { name, .. } => format!("Gamepad connected: {name}"),
        GamepadConnection::Disconnected => "Gamepad disconnected".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_moves_at_once_then_waits_then_repeats() {
        let mut stick = Stick::default();
        let right = Vec2::new(0.9, 0.1);
        assert_eq!(stick.step(right, 0.016), Some(Way::Right));
        let moves = (0..60).filter(|_| stick.step(right, 1.0 / 60.0).is_some()).count();
        assert!((3..=4).contains(&moves), "{moves}");
        assert_eq!(stick.step(Vec2::new(0.1, -0.9), 0.016), Some(Way::Down), "another way, at once");
        assert_eq!(stick.step(Vec2::new(0.1, -0.1), 0.016), None);
        assert_eq!(stick.step(Vec2::new(0.45, 0.0), 0.016), None, "hardly touched");
        assert_eq!(stick.step(Vec2::new(f32::NAN, 0.0), 0.016), None);
    }
}
