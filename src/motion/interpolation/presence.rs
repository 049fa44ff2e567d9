//! Coming into view and leaving it.

/// Seconds from rest to the tracked pose.
const COMING_S: f64 = 0.25;
/// Seconds from the tracked pose to rest.
pub const LEAVING_S: f64 = 0.5;

/// How much of the tracked pose is shown: eases to 1 while somebody is in view and to 0 while nobody is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Presence {
    progress: f64,
    last_s: Option<f64>,
}

impl Presence {
    /// Nobody in view.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Advances to `now_s` (any steady clock, seconds) and returns the share of the tracked pose, 0 (rest) to 1.
    pub fn update(&mut self, now_s: f64, in_view: bool) -> f32 {
        let elapsed = self.last_s.map_or(0.0, |last| now_s - last);
        if now_s.is_finite() {
            self.last_s = Some(now_s);
        }
        let step = if in_view { elapsed / COMING_S } else { -elapsed / LEAVING_S };
        if step.is_finite() && elapsed > 0.0 {
            self.progress = (self.progress + step).clamp(0.0, 1.0);
        }
        self.weight()
    }

    /// The share of the tracked pose at the last update, 0 (rest) to 1.
    #[must_use]
    pub fn weight(&self) -> f32 {
        let t = self.progress as f32;
        t * t * (3.0 - 2.0 * t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eases_in_and_out_at_its_own_pace() {
        let mut presence = Presence::new();
        assert_eq!(presence.update(0.0, true), 0.0);
        assert!((presence.update(0.125, true) - 0.5).abs() < 1e-6);
        assert_eq!(presence.update(0.26, true), 1.0);
        assert!((presence.update(0.51, false) - 0.5).abs() < 1e-6);
        assert_eq!(presence.update(9.0, false), 0.0);
        assert_eq!(presence.update(f64::NAN, true), 0.0);
        assert_eq!(presence.update(3.0, true), 0.0, "a clock set back changes nothing");
    }
}
