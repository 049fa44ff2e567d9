//! Less quality while the machine cannot keep up with the source, and more again when it can.

/// What is given up, in this order; each step includes those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum QualityStep {
    /// Nothing.
    #[default]
    Full,
    /// Hands are looked at in every second frame.
    FewerHands,
    /// The lite model.
    LiteModel,
    /// A smaller picture.
    SmallPicture,
}

impl QualityStep {
    const ALL: [Self; 4] = [Self::Full, Self::FewerHands, Self::LiteModel, Self::SmallPicture];

    /// For people; empty for full quality.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Full => "",
            Self::FewerHands => "hands in every second frame",
            Self::LiteModel => "lite model, hands in every second frame",
            Self::SmallPicture => "small picture, lite model, hands in every second frame",
        }
    }

    fn next(self, down: bool) -> Option<Self> {
        let place = self as usize;
        let next = if down { place.checked_add(1) } else { place.checked_sub(1) };
        next.and_then(|place| Self::ALL.get(place).copied())
    }
}

/// Load (time a frame takes over time until the next comes) above which a step is given up.
const OVERLOADED: f64 = 1.1;
/// Load below which a step is taken back: even the costlier step before must fit.
const AT_EASE: f64 = 0.45;
/// Seconds for which a load must last, at first.
const DOWN_AFTER_S: f64 = 2.0;
const UP_AFTER_S: f64 = 6.0;
/// A step taken back and lost again soon is waited for longer each time, at most so many seconds.
const LONGEST_UP_S: f64 = 120.0;
/// Losing a step so soon after taking it back was a mistake, seconds.
const REGRET_S: f64 = 15.0;
/// Weight of the newest load.
const ALPHA: f64 = 0.1;

/// Decides from each frame's cost.
#[derive(Debug, Clone)]
pub(super) struct Governor {
    step: QualityStep,
    load: Option<f64>,
    /// Since when the load is too high or low enough.
    since_s: Option<f64>,
    up_after_s: f64,
    went_up_s: Option<f64>,
}

impl Governor {
    pub(super) const fn new() -> Self {
        Self { step: QualityStep::Full, load: None, since_s: None, up_after_s: UP_AFTER_S, went_up_s: None }
    }

    pub(super) const fn step(&self) -> QualityStep {
        self.step
    }

    /// Takes in that a frame took `busy_s` while one comes every `interval_s`; `now_s` is any steady clock. Returns the
    /// new step when it changes.
    pub(super) fn observe(&mut self, now_s: f64, busy_s: f64, interval_s: f64) -> Option<QualityStep> {
        if !(busy_s.is_finite() && interval_s > 0.0) {
            return None;
        }
        let newest = busy_s / interval_s;
        let load = self.load.map_or(newest, |load| load + ALPHA * (newest - load));
        self.load = Some(load);
        let (down, after_s) = match load {
            load if load > OVERLOADED => (true, DOWN_AFTER_S),
            load if load < AT_EASE => (false, self.up_after_s),
            _ => {
                self.since_s = None;
                return None;
            }
        };
        let next = self.step.next(down)?;
        let since_s = *self.since_s.get_or_insert(now_s);
        if now_s - since_s < after_s {
            return None;
        }
        if down && self.went_up_s.is_some_and(|went| now_s - went < REGRET_S) {
            self.up_after_s = (2.0 * self.up_after_s).min(LONGEST_UP_S);
        }
        self.went_up_s = if down { None } else { Some(now_s) };
        (self.step, self.since_s, self.load) = (next, None, None);
        Some(next)
    }

    /// Back to full quality, as for another source.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs frames at 30 a second whose cost, as a load at full quality, shrinks by a third with each step given up.
    fn run(governor: &mut Governor, from_s: f64, seconds: f64, load: f64) -> Vec<(f64, QualityStep)> {
        let mut steps = Vec::new();
        for frame in 0..(seconds * 30.0) as usize {
            let now_s = from_s + frame as f64 / 30.0;
            let now = load * 0.67_f64.powi(governor.step() as i32);
            if let Some(step) = governor.observe(now_s, now / 30.0, 1.0 / 30.0) {
                steps.push((now_s, step));
            }
        }
        steps
    }

    #[test]
    fn a_machine_that_keeps_up_gives_nothing_up() {
        assert!(run(&mut Governor::new(), 0.0, 60.0, 0.9).is_empty());
    }

    #[test]
    fn steps_go_down_in_order_until_it_fits_and_up_again_when_it_is_over() {
        let mut governor = Governor::new();
        let down = run(&mut governor, 0.0, 30.0, 2.0);
        let order: Vec<_> = down.iter().map(|(_, step)| *step).collect();
        assert_eq!(order, [QualityStep::FewerHands, QualityStep::LiteModel], "2.0, 1.34, 0.9");
        assert!(down[0].0 >= 2.0 && down[1].0 - down[0].0 >= 2.0, "a burst is waited out: {down:?}");
        let up = run(&mut governor, 30.0, 60.0, 0.4);
        let order: Vec<_> = up.iter().map(|(_, step)| *step).collect();
        assert_eq!(order, [QualityStep::FewerHands, QualityStep::Full]);
    }

    #[test]
    fn a_short_burst_changes_nothing() {
        let mut governor = Governor::new();
        assert!(run(&mut governor, 0.0, 1.5, 3.0).is_empty());
        assert!(run(&mut governor, 1.5, 10.0, 0.5).is_empty());
    }

    #[test]
    fn swinging_between_two_steps_gets_rarer() {
        // Fits after one step down with much room, and not without.
        let mut governor = Governor::new();
        let mut changes = Vec::new();
        for frame in 0..30 * 300 {
            let now_s = f64::from(frame) / 30.0;
            let load = if governor.step() == QualityStep::Full { 1.5 } else { 0.3 };
            if governor.observe(now_s, load / 30.0, 1.0 / 30.0).is_some() {
                changes.push(now_s);
            }
        }
        let early = changes.iter().filter(|at| **at < 60.0).count();
        let late = changes.iter().filter(|at| **at >= 240.0).count();
        assert!(late < early && late <= 2, "{changes:?}");
    }

    #[test]
    fn broken_figures_are_left_out() {
        let mut governor = Governor::new();
        for (busy, interval) in [(f64::NAN, 0.03), (0.1, 0.0), (f64::INFINITY, 0.03), (0.1, -1.0)] {
            assert_eq!(governor.observe(0.0, busy, interval), None);
        }
        governor.reset();
        assert_eq!(governor.step(), QualityStep::Full);
    }
}
