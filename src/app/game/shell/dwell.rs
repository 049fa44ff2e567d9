//! A hand that rests on a button presses it.

use bevy_egui::egui::{Id, Pos2, Rect};

use super::target::Target;

/// A hand this near to a button, in the shell's units, is on it.
const MAGNET: f32 = 16.0;
/// As far as this it stays on the one where it is.
const HELD_MAGNET: f32 = 34.0;
/// The ring empties so many times as fast as it fills.
const EMPTYING: f32 = 4.0;
/// Seconds after a press in which nothing fills.
const DEAD_S: f32 = 0.9;
/// Longest step, seconds: after a pause of the program nothing is pressed at once.
const LONGEST_STEP_S: f32 = 0.1;

/// What a resting hand has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dwelt {
    /// The ring begins to fill.
    Began(Id),
    /// The button is pressed.
    Pressed(Id),
}

/// The ring around a hand that rests.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Dwell {
    /// On which button.
    pub(super) on: Option<Id>,
    /// How full it is, 0 to 1.
    pub(super) share: f32,
    dead_s: f32,
}

impl Dwell {
    /// Nothing fills for a moment: what comes under a resting hand with another screen is not meant.
    pub(super) const fn rest(&mut self) {
        *self = Self { on: None, share: 0.0, dead_s: DEAD_S };
    }

    /// The button under a hand: the one where it is already, as long as it is near, else the nearest.
    pub(super) fn find(&self, targets: &[Target], hand: Pos2, unit: f32) -> Option<Target> {
        let reaches = |rect: Rect, by: f32| rect.is_positive() && rect.expand(by * unit).contains(hand);
        if let Some(held) = targets.iter().find(|target| Some(target.id) == self.on)
            && reaches(held.rect, HELD_MAGNET)
            && !targets.iter().any(|other| other.id != held.id && other.rect.contains(hand))
        {
            return Some(*held);
        }
        let near = targets.iter().filter(|target| reaches(target.rect, MAGNET));
        near.min_by(|a, b| a.rect.distance_to_pos(hand).total_cmp(&b.rect.distance_to_pos(hand))).copied()
    }

    /// Goes on by `step_s` seconds with a hand on `target`, on which it has to rest for `dwell_s` times its patience.
    pub(super) fn step(&mut self, step_s: f32, target: Option<Target>, dwell_s: f32) -> Option<Dwelt> {
        let step_s = if step_s.is_finite() { step_s.clamp(0.0, LONGEST_STEP_S) } else { 0.0 };
        let needed_s = |patience: f32| (dwell_s * patience).max(0.2);
        if self.dead_s > 0.0 {
            self.dead_s -= step_s;
            (self.share, self.on) = (0.0, None);
            return None;
        }
        let Some(target) = target else {
            self.share = (self.share - EMPTYING * step_s / needed_s(1.0)).max(0.0);
            if self.share <= 0.0 {
                self.on = None;
            }
            return None;
        };
        if self.on != Some(target.id) {
            (self.on, self.share) = (Some(target.id), 0.0);
            return Some(Dwelt::Began(target.id));
        }
        self.share += step_s / needed_s(target.patience);
        if self.share < 1.0 {
            return None;
        }
        self.rest();
        Some(Dwelt::Pressed(target.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_egui::egui::pos2;

    fn target(name: &str, x: f32) -> Target {
        let rect = Rect::from_min_max(pos2(x, 0.0), pos2(x + 100.0, 50.0));
        Target { id: Id::new(name), rect, patience: 1.0, is_first: false }
    }

    #[test]
    fn a_hand_that_rests_presses_once_and_then_waits() {
        let (mut dwell, button) = (Dwell::default(), target("play", 0.0));
        let mut pressed_s = Vec::new();
        for step in 0..180 {
            if dwell.step(1.0 / 60.0, Some(button), 1.0) == Some(Dwelt::Pressed(button.id)) {
                pressed_s.push(step as f32 / 60.0);
            }
        }
        assert_eq!(pressed_s.len(), 2, "{pressed_s:?}");
        assert!((pressed_s[0] - 1.0).abs() < 0.05, "{pressed_s:?}");
        assert!(pressed_s[1] - pressed_s[0] > 1.85, "a dead time lies between: {pressed_s:?}");
    }

    #[test]
    fn leaving_empties_the_ring_and_patience_makes_it_slower() {
        let (mut dwell, button) = (Dwell::default(), target("play", 0.0));
        for _ in 0..31 {
            dwell.step(1.0 / 60.0, Some(button), 1.0);
        }
        assert!((dwell.share - 0.5).abs() < 0.02, "{}", dwell.share);
        for _ in 0..8 {
            dwell.step(1.0 / 60.0, None, 1.0);
        }
        assert!(dwell.share <= 0.0 && dwell.on.is_none(), "{dwell:?}");
        let slow = Target { patience: 2.0, ..button };
        for _ in 0..61 {
            assert!(!matches!(dwell.step(1.0 / 60.0, Some(slow), 1.0), Some(Dwelt::Pressed(_))));
        }
        assert!((dwell.share - 0.5).abs() < 0.02);
        assert_eq!(dwell.step(f32::NAN, Some(slow), 1.0), None);
        assert_eq!(dwell.step(900.0, Some(slow), 1.0), None, "a long step presses nothing");
    }

    #[test]
    fn a_hand_near_a_button_is_on_it_and_stays_there() {
        let targets = [target("left", 0.0), target("right", 160.0)];
        let mut dwell = Dwell::default();
        let on = |dwell: &Dwell, x: f32| dwell.find(&targets, pos2(x, 25.0), 1.0).map(|target| target.id);
        assert_eq!(on(&dwell, 110.0), Some(Id::new("left")));
        assert_eq!(on(&dwell, 130.0), None);
        dwell.step(0.01, Some(targets[0]), 1.0);
        assert_eq!(on(&dwell, 130.0), Some(Id::new("left")), "it is held");
        assert_eq!(on(&dwell, 165.0), Some(Id::new("right")), "but not over another one");
        assert_eq!(dwell.find(&targets, pos2(f32::NAN, 0.0), 1.0), None);
    }
}
