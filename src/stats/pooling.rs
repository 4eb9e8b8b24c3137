//! Partial pooling of shares: small groups borrow from what all groups have in common.

use super::sum;
use crate::domain::{Interval, to_f64};
use statrs::function::beta::{beta_reg, ln_beta};

/// A beta distribution of the groups' true shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Mean of the shares, strictly between 0 and 1.
    pub mean: f64,
    /// How many rows the prior is worth; the larger, the more alike the groups.
    pub strength: f64,
}

/// The strongest prior: beyond it the groups cannot be told apart.
const MOST: f64 = 1e6;
/// The weakest prior, worth one row.
const LEAST: f64 = 1.0;

impl Prior {
    /// The prior of groups given as `(hits, n)`; `None` with fewer than three groups that have rows, or
    /// where all rows are alike.
    ///
    /// The mean is that of all rows together with one row of chance ½ added; the strength maximises
    /// the beta-binomial likelihood, between 1 and 1,000,000 rows.
    /// Source: Kleinman 1973, JASA 68, 46–54; empirical Bayes: Efron and Morris 1975, JASA 70, 311–319.
    #[must_use]
    pub fn fit(groups: &[(u64, u64)]) -> Option<Self> {
        let groups: Vec<(u64, u64)> = groups.iter().copied().filter(|(_, n)| *n > 0).collect();
        let (hits, rows) = groups.iter().fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
        if groups.len() < 3 || hits == 0 || hits == rows {
            return None;
        }
        let mean = (to_f64(hits) + 0.5) / (to_f64(rows) + 1.0);
        let likelihood = |log_strength: f64| {
            let strength = log_strength.exp();
            let (a, b) = (mean * strength, (1.0 - mean) * strength);
            sum(groups
                .iter()
                .map(|(hits, n)| ln_beta(to_f64(*hits) + a, to_f64(n - hits) + b) - ln_beta(a, b)))
        };
        Some(Self { mean, strength: golden(likelihood, LEAST.ln(), MOST.ln()).exp() })
    }

    /// The share of a group given this prior: the mean of its posterior and the central interval of
    /// probability `level`, method `beta_binomial`.
    ///
    /// `(hits + mean · strength) / (n + strength)`; the interval is that of
    /// `Beta(hits + mean · strength, n − hits + (1 − mean) · strength)`.
    #[must_use]
    pub fn shrink(&self, (hits, n): (u64, u64), level: f64) -> (f64, Interval) {
        let a = to_f64(hits) + self.mean * self.strength;
        let b = to_f64(n - hits) + (1.0 - self.mean) * self.strength;
        let tail = (1.0 - level) / 2.0;
        let (low, high) = (quantile(a, b, tail), 1.0 - quantile(b, a, tail));
        (a / (a + b), Interval { low, high, level, method: "beta_binomial".to_owned() })
    }
}

/// The place of the largest value of a function with one peak, by golden section.
fn golden(of: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (of(a), of(b));
    for _ in 0..60 {
        if at_a > at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = of(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = of(b);
        }
    }
    f64::midpoint(low, high)
}

/// The `p` quantile of `Beta(a, b)` by bisection.
fn quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta_reg(a, b, middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posterior_by_hand() {
        // Beta(1 + 1, 1 + 1): mean ½; its 2.5 % quantile solves 3x² − 2x³ = 0.025.
        let prior = Prior { mean: 0.5, strength: 2.0 };
        let (share, i) = prior.shrink((1, 2), 0.95);
        assert!((share - 0.5).abs() < 1e-15);
        assert!((3.0 * i.low.powi(2) - 2.0 * i.low.powi(3) - 0.025).abs() < 1e-9, "{i:?}");
        assert!((i.low + i.high - 1.0).abs() < 1e-9 && i.method == "beta_binomial");
    }

    #[test]
    fn alike_groups_are_pooled_and_unlike_ones_are_left_alone() {
        let alike = Prior::fit(&[(50, 100), (49, 100), (51, 100), (1, 2)]).unwrap();
        assert!(alike.strength > 1000.0);
        assert!((alike.shrink((2, 2), 0.95).0 - 0.5).abs() < 0.01);
        let unlike = Prior::fit(&[(5, 100), (50, 100), (95, 100), (2, 2)]).unwrap();
        assert!(unlike.strength < 5.0, "{unlike:?}");
        assert!((unlike.shrink((95, 100), 0.95).0 - 0.95).abs() < 0.03);
    }

    #[test]
    fn the_strength_is_that_of_the_groups() {
        // 400 groups of 50 rows with shares from Beta(6, 14): strength 20.
        let mut draw = crate::domain::Seed::new(12).stream();
        let mut share = || {
            // The 6th of 19 uniform numbers is Beta(6, 14).
            let mut all: Vec<f64> = (0..19).map(|_| draw.uniform()).collect();
            all.sort_unstable_by(f64::total_cmp);
            all[5]
        };
        let shares: Vec<f64> = (0..400).map(|_| share()).collect();
        let groups: Vec<(u64, u64)> = shares
            .iter()
            .map(|p| (super::super::multinomial::binomial(&mut draw, 50, *p), 50))
            .collect();
        let prior = Prior::fit(&groups).unwrap();
        assert!(
            (prior.mean - 0.3).abs() < 0.015 && (15.0..27.0).contains(&prior.strength),
            "{prior:?}"
        );
    }

    #[test]
    fn too_few_groups_or_no_variation_have_no_prior() {
        assert_eq!(Prior::fit(&[(1, 2), (3, 4)]), None);
        assert_eq!(Prior::fit(&[(0, 2), (0, 4), (0, 0), (0, 3)]), None);
        assert_eq!(Prior::fit(&[(2, 2), (4, 4), (3, 3)]), None);
    }
}
