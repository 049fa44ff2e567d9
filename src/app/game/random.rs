//! Chance that can be had again: the same seed gives the same game.

use bevy::math::Vec3;
use bevy::prelude::Resource;

/// A small generator of random numbers. Source: `SplitMix64`, Steele, Lea and Flood 2014.
#[derive(Resource, Debug, Clone, Copy)]
pub struct Chance(u64);

impl Chance {
    /// The one of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least 0, below 1.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// At least `from`, at most `to`.
    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// A whole number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Whether something happens that happens with this probability.
    pub fn happens(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A point in a box around the origin.
    pub fn within(&mut self, half: Vec3) -> Vec3 {
        Vec3::new(self.between(-half.x, half.x), self.between(-half.y, half.y), self.between(-half.z, half.z))
    }
}

impl Default for Chance {
    fn default() -> Self {
        Self::new(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_even_and_can_be_had_again() {
        let (mut one, mut other) = (Chance::new(7), Chance::new(7));
        let numbers: Vec<f32> = (0..10_000).map(|_| one.unit()).collect();
        assert!(numbers.iter().all(|n| (0.0..1.0).contains(n) && *n == other.unit()));
        let mean = numbers.iter().sum::<f32>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert_eq!(one.below(0), 0);
    }
}
