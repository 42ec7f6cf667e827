//! Numbers that look random and are the same for the same seed: SplitMix64 (Steele, Lea, Flood: Fast
//! splittable pseudorandom number generators, OOPSLA 2014).

/// A sequence of numbers that follows from its seed.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The sequence of a seed and of what it is for, so that two uses of one seed do not run alike.
    pub(super) fn new(seed: u64, purpose: &str, number: u64) -> Random {
        let mut random = Random(seed);
        for byte in purpose.bytes() {
            random.0 = random.next() ^ u64::from(byte);
        }
        random.0 = random.next() ^ number;
        random
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to below `end`, which must not be 0. The bias is that of a 64-bit remainder.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_use_gives_others() {
        let draw = |purpose, number| {
            let mut random = Random::new(7, purpose, number);
            [random.below(1000), random.below(1000), random.below(1000)]
        };
        assert_eq!(draw("random", 1), draw("random", 1));
        assert_ne!(draw("random", 1), draw("random", 2));
        assert_ne!(draw("random", 1), draw("garbage", 1));
    }
}
