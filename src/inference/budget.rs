//! How many model runs a picture may cost beyond following whoever is known.

/// Pictures a second at which a budget's `runs` are those of one picture.
const PICTURES_PER_S: f64 = 30.0;
/// Room for clocks that tick unevenly.
const HEADROOM: f64 = 1.1;

/// Model runs for searching, granted by the source's clock: so many a second, whether they come in many pictures or few.
///
/// What was not used is saved up to one thirtieth of a second's grant, so that pictures which come faster than that take
/// turns.
#[derive(Debug, Clone, Default)]
pub(super) struct Budget {
    /// Time of the picture before; `None` before the first.
    time_s: Option<f64>,
    runs: f64,
}

impl Budget {
    /// Begins a picture and grants it what has come in since the one before, at `runs` in a thirtieth of a second.
    pub(super) fn begin(&mut self, time_s: f64, runs: usize) {
        let elapsed = self.time_s.map_or(0.0, |before| (time_s - before).max(0.0));
        self.time_s = Some(time_s);
        let a_second = runs as f64 * PICTURES_PER_S * HEADROOM;
        let granted = a_second * elapsed;
        self.runs = (self.runs + granted).min(granted.max(a_second / PICTURES_PER_S));
    }

    /// Lifts every limit from this picture, as for a picture that stands alone.
    pub(super) const fn lift(&mut self) {
        self.runs = f64::INFINITY;
    }

    /// Runs that are left now.
    pub(super) fn affords(&self) -> usize {
        // Saturates where there is no limit.
        self.runs as usize
    }

    /// Takes runs out; what is not there is owed to the pictures that follow.
    pub(super) fn spend(&mut self, runs: usize) {
        self.runs -= runs as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs that each of `pictures` could afford, all of them spent.
    fn spent(pictures_per_s: f64, pictures: u32, runs: usize) -> Vec<usize> {
        let mut budget = Budget::default();
        let mut spend = |picture: u32| {
            budget.begin(f64::from(picture) / pictures_per_s, runs);
            let all = budget.affords();
            budget.spend(all);
            all
        };
        spend(0);
        (1..=pictures).map(&mut spend).collect()
    }

    #[test]
    fn a_second_has_the_same_runs_at_every_rate() {
        for (rate, most) in [(5.0, 14), (10.0, 7), (15.0, 5), (30.0, 2), (60.0, 2), (120.0, 2)] {
            let spent = spent(rate, 4 * rate as u32, 2);
            assert!(spent.iter().all(|runs| *runs <= most), "{rate}: {spent:?}");
            let a_second = spent.iter().sum::<usize>() / 4;
            assert!((59..=66).contains(&a_second), "{a_second} at {rate} pictures a second");
        }
    }

    #[test]
    fn an_idle_second_saves_no_more_than_one_picture() {
        let mut budget = Budget::default();
        (0..60).for_each(|picture| budget.begin(f64::from(picture) / 60.0, 3));
        assert_eq!(budget.affords(), 3);
    }

    #[test]
    fn a_lifted_limit_is_back_in_the_next_picture() {
        let mut budget = Budget::default();
        budget.begin(1.0, 2);
        budget.lift();
        budget.spend(1000);
        assert_eq!(budget.affords(), usize::MAX);
        budget.begin(1.0 + 1.0 / 30.0, 2);
        assert_eq!(budget.affords(), 2);
    }
}
