//! The exact test of a slice against the other rows, and the smallest p-value that it can reach.
//!
//! Source: Fisher 1935, The Design of Experiments, §12; Tarone 1990, Biometrics 46, 515–522.

use crate::domain::to_f64;
use std::f64::consts::PI;

/// A slice among the rows of a denominator: `hits ≤ all_hits ≤ all` and `hits ≤ n ≤ all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    /// Rows of the slice.
    pub(super) n: u64,
    /// Those of them that count.
    pub(super) hits: u64,
    /// All rows.
    pub(super) all: u64,
    /// Those of them that count.
    pub(super) all_hits: u64,
}

impl Table {
    /// Share of the slice minus share of the other rows; none where one of the two is empty.
    pub(super) fn gap(&self) -> Option<f64> {
        let rest = self.all - self.n;
        let share = |hits: u64, n: u64| (n > 0).then(|| to_f64(hits) / to_f64(n));
        Some(share(self.hits, self.n)? - share(self.all_hits - self.hits, rest)?)
    }

    /// Fewest and most hits that the margins allow.
    fn ends(&self) -> (u64, u64) {
        ((self.n + self.all_hits).saturating_sub(self.all), self.n.min(self.all_hits))
    }
}

/// Logarithms of factorials: summed up to 255, Stirling's series beyond, whose error is below
/// `1e-15` of the value.
pub(super) struct Fisher {
    small: Vec<f64>,
}

impl Fisher {
    /// The table of the small ones.
    pub(super) fn new() -> Self {
        let mut small = vec![0.0];
        let mut sum = 0.0;
        for n in 1..256_u64 {
            sum += to_f64(n).ln();
            small.push(sum);
        }
        Self { small }
    }

    fn ln_factorial(&self, n: u64) -> f64 {
        let at = usize::try_from(n).ok().and_then(|n| self.small.get(n));
        at.copied().unwrap_or_else(|| {
            let x = to_f64(n);
            let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x * x * x);
            (x + 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + series
        })
    }

    fn ln_choose(&self, n: u64, k: u64) -> f64 {
        self.ln_factorial(n) - self.ln_factorial(k) - self.ln_factorial(n - k)
    }

    /// The chance of exactly these hits, given the margins.
    fn chance(&self, t: &Table) -> f64 {
        let inside = self.ln_choose(t.all_hits, t.hits);
        let outside = self.ln_choose(t.all - t.all_hits, t.n - t.hits);
        (inside + outside - self.ln_choose(t.all, t.n)).exp()
    }

    /// The chance of hits at least as far from their mean, on the side on which they are.
    fn tail(&self, t: &Table) -> f64 {
        let (low, high) = t.ends();
        let mut term = self.chance(t);
        let mut sum = term;
        let above =
            u128::from(t.hits) * u128::from(t.all) >= u128::from(t.n) * u128::from(t.all_hits);
        let mut hits = t.hits;
        while if above { hits < high } else { hits > low } {
            let up = |a: u64| {
                let (inside, outside) = (t.all_hits - a, t.n - a);
                let free = t.all + a + 1 - t.all_hits - t.n;
                to_f64(inside) * to_f64(outside) / (to_f64(a + 1) * to_f64(free))
            };
            if above {
                term *= up(hits);
                hits += 1;
            } else {
                hits -= 1;
                term /= up(hits);
            }
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        sum
    }

    /// Twice the tail on the observed side, at most 1 and never 0: given the margins, the chance that
    /// it is at most `δ` is at most `δ` for every `δ`.
    pub(super) fn p_value(&self, t: &Table) -> f64 {
        (2.0 * self.tail(t)).clamp(f64::MIN_POSITIVE, 1.0)
    }

    /// The smallest p-value that these margins can give; what exceeds the level can never reject.
    pub(super) fn attainable(&self, t: &Table) -> f64 {
        let (low, high) = t.ends();
        let at = |hits| self.p_value(&Table { hits, ..*t });
        at(low).min(at(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(hits: u64, n: u64, all_hits: u64, all: u64) -> Table {
        Table { n, hits, all, all_hits }
    }

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher: 4 of 4 cups right among 8 with 4 milk-first: 1 / C(8, 4) = 1/70, twice that.
        let fisher = Fisher::new();
        assert!((fisher.p_value(&table(4, 4, 4, 8)) - 2.0 / 70.0).abs() < 1e-14);
        // 3 or 4 right: (16 + 1) / 70.
        assert!((fisher.p_value(&table(3, 4, 4, 8)) - 34.0 / 70.0).abs() < 1e-14);
        // The other side is symmetric.
        assert!((fisher.p_value(&table(1, 4, 4, 8)) - 34.0 / 70.0).abs() < 1e-14);
        assert!((fisher.attainable(&table(2, 4, 4, 8)) - 2.0 / 70.0).abs() < 1e-14);
    }

    #[test]
    fn all_tails_are_right_on_every_small_table() {
        // Against the sum of all chances, each from products of whole numbers.
        let fisher = Fisher::new();
        let choose = |n: u64, k: u64| (1..=k).fold(1.0, |c, i| c * to_f64(n + 1 - i) / to_f64(i));
        for (n, all_hits, all) in [(5, 3, 11), (7, 9, 13), (1, 1, 2), (6, 6, 12), (10, 2, 11)] {
            let chance =
                |a: u64| choose(all_hits, a) * choose(all - all_hits, n - a) / choose(all, n);
            let (low, high) = table(0, n, all_hits, all).ends();
            for hits in low..=high {
                let upper: f64 = (hits..=high).map(chance).sum();
                let lower: f64 = (low..=hits).map(chance).sum();
                let side = if hits * all >= n * all_hits { upper } else { lower };
                let p = fisher.p_value(&table(hits, n, all_hits, all));
                assert!((p - (2.0 * side).min(1.0)).abs() < 1e-12, "{hits} {n} {all_hits} {all}");
            }
        }
    }

    #[test]
    fn the_series_goes_on_where_the_table_ends() {
        let fisher = Fisher::new();
        for n in [256, 300, 1000] {
            let logs = crate::stats::sum((1..=n).map(|k| to_f64(k).ln()));
            assert!((fisher.ln_factorial(n) / logs - 1.0).abs() < 2e-15, "{n}");
        }
    }

    #[test]
    fn a_p_value_is_small_no_more_often_than_it_says() {
        let fisher = Fisher::new();
        let margins = table(0, 17, 12, 40);
        let (low, high) = margins.ends();
        let at = |hits| Table { hits, ..margins };
        for hits in low..=high {
            let level = fisher.p_value(&at(hits));
            let as_small = (low..=high).filter(|h| fisher.p_value(&at(*h)) <= level);
            let chance: f64 = as_small.map(|h| fisher.chance(&at(h))).sum();
            assert!(chance <= level + 1e-12, "{hits}: {chance} > {level}");
        }
    }

    #[test]
    fn large_tables_agree_with_the_normal_tail_and_never_reach_zero() {
        // 1e6 rows, half of them hits, slice of 1e5 rows: sd = √(1e5 · ¼ · 0.9) = 150; hits 3 sd up.
        let fisher = Fisher::new();
        let p = fisher.p_value(&table(50_450, 100_000, 500_000, 1_000_000));
        let normal = 2.0 * (1.0 - crate::stats::normal_cdf((449.5) / 150.0));
        assert!((p / normal - 1.0).abs() < 1e-3, "{p} {normal}");
        assert!(fisher.p_value(&table(100_000, 100_000, 500_000, 1_000_000)) > 0.0);
    }

    #[test]
    fn a_gap_needs_both_sides() {
        // 3/4 − 1/4
        assert!((table(3, 4, 4, 8).gap().unwrap() - 0.5).abs() < 1e-15);
        assert_eq!(table(0, 0, 4, 8).gap(), None);
        assert_eq!(table(4, 8, 4, 8).gap(), None);
    }
}
