//! Pauses between searches that find nothing.

/// The second pause; the first failure is followed by none.
const FIRST_PAUSE_S: f64 = 0.04;

/// What times that should be the same differ by at most.
const ROUNDING_S: f64 = 1e-6;

/// Pauses between searches that fail, each twice as long as the one before, in seconds of the source's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    longest_s: f64,
    next_s: f64,
    /// There is no search before this time.
    rests_until: Option<f64>,
}

impl Patience {
    /// Pauses that grow up to `longest_s`.
    pub(super) const fn new(longest_s: f64) -> Self {
        Self { longest_s, next_s: 0.0, rests_until: None }
    }

    /// Whether there may be a search at `time_s`.
    pub(super) fn is_over(&self, time_s: f64) -> bool {
        self.rests_until.is_none_or(|until| time_s >= until - ROUNDING_S)
    }

    /// A search that began at `began_s` has failed. The pause counts from there, so that a search which takes a while does
    /// not make the next one late.
    pub(super) fn failed(&mut self, began_s: f64) {
        self.rests_until = Some(began_s + self.next_s);
        self.next_s = (2.0 * self.next_s).clamp(FIRST_PAUSE_S, self.longest_s);
    }

    pub(super) const fn succeeded(&mut self) {
        *self = Self::new(self.longest_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST_S: f64 = 0.4;

    /// When searches begin that all fail at once, in three seconds.
    fn searches(pictures_per_s: u32) -> Vec<f64> {
        let mut patience = Patience::new(LONGEST_S);
        let times = (0..3 * pictures_per_s).map(|picture| f64::from(picture) / f64::from(pictures_per_s));
        let mut begun = Vec::new();
        for time_s in times {
            if patience.is_over(time_s) {
                patience.failed(time_s);
                begun.push(time_s);
            }
        }
        begun
    }

    #[test]
    fn pauses_are_as_long_at_every_rate() {
        for rate in [5, 10, 15, 30, 60, 120] {
            let begun = searches(rate);
            let picture = 1.0 / f64::from(rate);
            let pauses = begun.windows(2).map(|pair| pair[1] - pair[0]);
            let mut wanted = 0.0_f64;
            for pause in pauses {
                assert!(
                    pause > wanted - 1e-9 && pause < wanted + picture + 1e-9,
                    "{pause} for {wanted} at {rate}: {begun:?}"
                );
                wanted = (2.0 * wanted).clamp(FIRST_PAUSE_S, LONGEST_S);
            }
            let late = begun.iter().filter(|time| **time >= 1.0).count();
            assert!((4..=5).contains(&late), "{late} in the last two seconds at {rate}: {begun:?}");
        }
    }

    #[test]
    fn a_search_that_took_a_while_has_waited_already() {
        let mut patience = Patience::new(LONGEST_S);
        (0..9).for_each(|_| patience.failed(10.0));
        assert!(!patience.is_over(10.39) && patience.is_over(10.41));
        patience.succeeded();
        assert!(patience.is_over(10.39), "what was found is searched for at once when it is lost");
    }
}
