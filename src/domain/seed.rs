//! Randomness that a new component cannot disturb: every stream is named.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A root of randomness. Children depend on the root and their label only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The root of a run.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Sha256::digest(seed.to_le_bytes()).into())
    }

    /// The seed of a component, e.g. `seed.child("model/init")`.
    #[must_use]
    pub fn child(self, label: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(label.as_bytes());
        Self(hash.finalize().into())
    }

    /// The numbers drawn from this seed.
    #[must_use]
    pub fn stream(self) -> Stream {
        Stream(ChaCha8Rng::from_seed(self.0))
    }
}

/// A stream of numbers, the same on every machine.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub fn uniform(&mut self) -> f64 {
        let top = self.bits() >> 11;
        super::confusion::to_f64(top) / 9_007_199_254_740_992.0
    }

    /// Uniform integer in `0..bound`, without bias.
    ///
    /// # Panics
    /// Panics when `bound` is 0: a bug of the caller.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or_else(|_| unreachable!("usize fits u64"));
        assert!(bound > 0, "a draw needs at least one outcome");
        let zone = u64::MAX - u64::MAX % bound;
        loop {
            let bits = self.bits();
            if bits < zone {
                let drawn = bits % bound;
                return usize::try_from(drawn)
                    .unwrap_or_else(|_| unreachable!("below a usize bound"));
            }
        }
    }

    /// True with probability `p`.
    pub fn flip(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Standard normal (Box–Muller, one value per two draws).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Fisher–Yates shuffle in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// SHA-256 of bytes as lowercase hexadecimal.
#[must_use]
pub fn digest_hex(bytes: &[u8]) -> String {
    let hex = |b: &u8| format!("{b:02x}");
    Sha256::digest(bytes).iter().map(hex).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_depends_on_root_and_label_only() {
        let root = Seed::new(7);
        assert_eq!(root.child("a").stream().bits(), root.child("a").stream().bits());
        assert_ne!(root.child("a").stream().bits(), root.child("b").stream().bits());
        assert_ne!(Seed::new(8).child("a").stream().bits(), root.child("a").stream().bits());
    }

    #[test]
    fn a_shuffle_is_a_permutation() {
        let mut items: Vec<usize> = (0..100).collect();
        Seed::new(1).stream().shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn draws_have_the_moments_they_claim() {
        let mut s = Seed::new(3).stream();
        let draws: Vec<f64> = (0..20_000).map(|_| s.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert!((0..1000).all(|_| s.below(3) < 3));
    }
}
