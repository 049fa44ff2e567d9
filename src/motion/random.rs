//! Numbers that look random and are the same for the same seed, on every machine.

use glam::Vec3;

/// A generator of numbers without a pattern. It is small and quick, and foreseeable to whoever wants to foresee it:
/// nothing for secrets.
///
/// Source: `SplitMix64`, Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators", with the constants of
/// Vigna's implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// The one of this seed. Seeds that are near each other give numbers that are not.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number of 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least 0, below 1.
    pub const fn unit(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// As [`unit`](Self::unit), with all the digits of a double.
    pub const fn unit_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// At least -1, below 1.
    pub const fn signed(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    /// Of a normal distribution around 0 with the standard deviation 1, never beyond 6 of them.
    ///
    /// Source: the sum of twelve uniform numbers, as in Knuth, "The Art of Computer Programming", volume 2, 3.4.1.
    pub const fn normal(&mut self) -> f32 {
        let (mut sum, mut count) = (0.0, 0);
        while count < 12 {
            sum += self.signed();
            count += 1;
        }
        sum / 2.0
    }

    /// At least `from`, at most `to`.
    pub const fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// A whole number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next_u64() % end.max(1) as u64) as usize
    }

    /// Whether something happens that happens with this probability.
    pub const fn happens(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A point in a box around the origin.
    pub const fn within(&mut self, half: Vec3) -> Vec3 {
        Vec3::new(self.between(-half.x, half.x), self.between(-half.y, half.y), self.between(-half.z, half.z))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of Vigna's `splitmix64.c`.
    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        for (seed, numbers) in [
            (0, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]),
            (1_234_567, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]),
        ] {
            let mut random = Random::new(seed);
            assert_eq!(numbers, [(); 3].map(|()| random.next_u64()), "{seed}");
        }
    }

    /// Matches that were recorded with their seed are played again by these.
    #[test]
    fn everything_else_follows_from_them() {
        let mut random = Random::new(7);
        let numbers = (random.unit(), random.between(-2.0, 3.0), random.below(100), random.happens(0.5));
        assert_eq!(numbers, (0.389_829_7, -1.916_058_8, 46, false));
        assert_eq!(random.within(Vec3::new(1.0, 2.0, 3.0)), Vec3::new(-0.095_116_26, -1.002_274, -0.192_282_2));
    }

    #[test]
    fn they_are_even() {
        let mut random = Random::new(7);
        let numbers: Vec<f32> = (0..10_000).map(|_| random.unit()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = |numbers: &[f32]| numbers.iter().sum::<f32>() / numbers.len() as f32;
        assert!((mean(&numbers) - 0.5).abs() < 0.02, "{}", mean(&numbers));
        let signed: Vec<f32> = (0..10_000).map(|_| random.signed()).collect();
        assert!(signed.iter().all(|number| (-1.0..1.0).contains(number)) && mean(&signed).abs() < 0.02);
        let normal: Vec<f32> = (0..10_000).map(|_| random.normal()).collect();
        let squares: Vec<f32> = normal.iter().map(|number| number * number).collect();
        assert!(mean(&normal).abs() < 0.05 && (mean(&squares) - 1.0).abs() < 0.05, "{}", mean(&squares));
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit_f64())));
    }

    #[test]
    fn there_is_no_number_below_zero_and_nothing_happens_without_a_chance() {
        let mut random = Random::new(3);
        assert_eq!(random.below(0), 0);
        assert!((0..1000).all(|_| random.below(7) < 7 && !random.happens(0.0) && random.happens(1.0)));
    }
}
