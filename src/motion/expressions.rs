//! How far the expressions of a face are shown.

use super::interpolation::Interpolate;

/// Weights of expressions by their VRM 1 names (`happy`, `blinkLeft`, `aa`, or a name of an avatar's own), 0 to 1.
/// Capitals count for nothing; what is not named is not shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpressionWeights(pub Vec<(String, f32)>);

impl ExpressionWeights {
    /// Whether no expression is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How far an expression is to be shown on an avatar of which only `has` is known: an avatar that cannot close one
    /// eye closes both when both are to be closed, and one that has no lids that close together closes each.
    #[must_use]
    pub fn on_avatar(&self, name: &str, has: impl Fn(&str) -> bool) -> f32 {
        let eyes = ["blinkLeft", "blinkRight"];
        let own = self.get(name);
        if name == "blink" && !eyes.iter().any(|eye| has(eye)) {
            return own.max(self.get(eyes[0]).min(self.get(eyes[1])));
        }
        if eyes.contains(&name) && !has("blink") {
            return own.max(self.get("blink"));
        }
        own
    }

    fn get(&self, name: &str) -> f32 {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(0.0, |(_, weight)| *weight)
    }
}

impl Interpolate for ExpressionWeights {
    fn interpolate(&self, to: &Self, t: f32) -> Self {
        let both = self.0.iter().map(|(name, weight)| (name.clone(), weight.interpolate(&to.get(name), t)));
        let is_new = |name: &str| !self.0.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let coming = to.0.iter().filter(|(name, _)| is_new(name));
        Self(both.chain(coming.map(|(name, weight)| (name.clone(), weight * t))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(named: &[(&str, f32)]) -> ExpressionWeights {
        ExpressionWeights(named.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect())
    }

    #[test]
    fn between_two_moments_lie_the_weights_of_both() {
        let (from, to) = (weights(&[("happy", 0.8), ("aa", 1.0)]), weights(&[("aa", 0.0), ("blink", 0.4)]));
        let half = from.interpolate(&to, 0.5);
        for (name, expected) in [("happy", 0.4), ("aa", 0.5), ("blink", 0.2), ("sad", 0.0)] {
            assert!((half.on_avatar(name, |_| true) - expected).abs() < 1e-6, "{name}: {half:?}");
        }
    }

    #[test]
    fn eyes_close_with_the_lids_that_an_avatar_has() {
        let winks = weights(&[("blinkLeft", 1.0), ("blinkRight", 0.3)]);
        assert_eq!(winks.on_avatar("blink", |_| false), 0.3, "together, as far as both are closed");
        assert_eq!(winks.on_avatar("blink", |name| name == "blinkLeft"), 0.0, "each has its own");
        let blinks = weights(&[("Blink", 0.7)]);
        assert_eq!(blinks.on_avatar("blinkRight", |name| name != "blink"), 0.7);
        assert_eq!(blinks.on_avatar("blinkRight", |_| true), 0.0);
    }
}
