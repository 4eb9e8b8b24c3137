//! Partial pooling of shares: small groups borrow from what all groups have in common.

use super::normal::normal_quantile;
use super::sum;
use crate::domain::{Interval, to_f64};
use statrs::function::beta::{beta_reg, ln_beta};

/// Points of the grid of strengths.
const POINTS: u32 = 24;

/// What the true shares of the groups have in common: beta distributions of one mean, each with the
/// chance that it is the right one.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    mean: f64,
    /// How many rows the likeness of the groups may be worth, and the chance of each.
    strengths: Vec<(f64, f64)>,
}

impl Prior {
    /// The prior of groups given as `(hits, n)`; `None` with fewer than three groups that have rows, or
    /// where all rows are alike.
    ///
    /// The mean is that of all rows with one row of chance ½ added. The strength `s` lies between 1
    /// and the number of all rows, since the mean is known no better; its weight is the beta-binomial
    /// likelihood of all groups times `(1 + s)⁻²`, which makes `1 / (1 + s)` uniform beforehand.
    /// Source: Kleinman 1973, JASA 68, 46–54; Christiansen and Morris 1997, JASA 92, 618–632.
    #[must_use]
    pub fn fit(groups: &[(u64, u64)]) -> Option<Self> {
        let groups: Vec<(u64, u64)> = groups.iter().copied().filter(|(_, n)| *n > 0).collect();
        let (hits, rows) = groups.iter().fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
        if groups.len() < 3 || hits == 0 || hits == rows {
            return None;
        }
        let mean = (to_f64(hits) + 0.5) / (to_f64(rows) + 1.0);
        let likelihood = |s: f64| {
            let (a, b) = (mean * s, (1.0 - mean) * s);
            let of = |(hits, n): &(u64, u64)| {
                ln_beta(to_f64(*hits) + a, to_f64(n - hits) + b) - ln_beta(a, b)
            };
            sum(groups.iter().map(of))
        };
        let step = to_f64(rows).ln() / f64::from(POINTS - 1);
        let grid: Vec<f64> = (0..POINTS).map(|i| (step * f64::from(i)).exp()).collect();
        // The grid is even in ln s, so a point stands for a stretch of length s.
        let log = |s: &f64| likelihood(*s) + s.ln() - 2.0 * s.ln_1p();
        let logs: Vec<f64> = grid.iter().map(log).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let all = sum(logs.iter().map(|log| (log - most).exp()));
        let chance = |log: &f64| (log - most).exp() / all;
        Some(Self { mean, strengths: grid.into_iter().zip(logs.iter().map(chance)).collect() })
    }

    /// The mean of the shares, strictly between 0 and 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// How many rows the likeness of the groups is worth, on the whole: the strength whose pull on a
    /// group of one row, `s / (1 + s)`, is the expected one.
    #[must_use]
    pub fn strength(&self) -> f64 {
        let pull = sum(self.strengths.iter().map(|(s, chance)| chance * s / (1.0 + s)));
        pull / (1.0 - pull)
    }

    /// The share of a group given this prior: the mean of its posterior and the central interval of
    /// probability `level`, method `beta_binomial`.
    ///
    /// Over the strengths the mean of `(hits + mean · s) / (n + s)`, and the quantiles of the mixture
    /// of `Beta(hits + mean · s, n − hits + (1 − mean) · s)`.
    #[must_use]
    pub fn shrink(&self, (hits, n): (u64, u64), level: f64) -> (f64, Interval) {
        let (hits, misses) = (to_f64(hits), to_f64(n - hits));
        let parts: Vec<[f64; 3]> = self
            .strengths
            .iter()
            .filter(|(_, chance)| *chance > 1e-9)
            .map(|(s, chance)| [hits + self.mean * s, misses + (1.0 - self.mean) * s, *chance])
            .collect();
        let share = sum(parts.iter().map(|[a, b, chance]| chance * a / (a + b)));
        let tail = (1.0 - level) / 2.0;
        let (low, high) = (quantile(&parts, tail), quantile(&parts, 1.0 - tail));
        (share, Interval { low, high, level, method: "beta_binomial".to_owned() })
    }
}

/// The `p` quantile of a mixture of beta distributions, each `[a, b, weight]`: Newton's steps from the
/// normal quantile, and halves where a step leaves the interval that is known to hold it.
fn quantile(parts: &[[f64; 3]], p: f64) -> f64 {
    let parts: Vec<[f64; 4]> =
        parts.iter().map(|[a, b, w]| [*a, *b, *w, ln_beta(*a, *b)]).collect();
    let mean = sum(parts.iter().map(|[a, b, weight, _]| weight * a / (a + b)));
    let square = |[a, b, weight, _]: &[f64; 4]| weight * a * (a + 1.0) / ((a + b) * (a + b + 1.0));
    let spread = (sum(parts.iter().map(square)) - mean * mean).max(0.0).sqrt();
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = (mean + normal_quantile(p) * spread).clamp(mean / 16.0, 1.0 - (1.0 - mean) / 16.0);
    loop {
        let below = sum(parts.iter().map(|[a, b, weight, _]| weight * beta_reg(*a, *b, x)));
        let miss = below - p;
        if miss < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let density = |[a, b, weight, scale]: &[f64; 4]| {
            weight * ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - scale).exp()
        };
        let next = x - miss / sum(parts.iter().map(density));
        let middle = f64::midpoint(low, high);
        if (next - x).abs() <= 1e-12 || high - low <= 1e-12 {
            return x;
        }
        x = if next > low && next < high { next } else { middle };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posterior_by_hand() {
        // Beta(1 + 1, 1 + 1): mean ½; its 2.5 % quantile solves 3x² − 2x³ = 0.025.
        let prior = Prior { mean: 0.5, strengths: vec![(2.0, 1.0)] };
        let (share, i) = prior.shrink((1, 2), 0.95);
        assert!((share - 0.5).abs() < 1e-15 && (prior.strength() - 2.0).abs() < 1e-12);
        assert!((3.0 * i.low.powi(2) - 2.0 * i.low.powi(3) - 0.025).abs() < 1e-8, "{i:?}");
        assert!((i.low + i.high - 1.0).abs() < 1e-9 && i.method == "beta_binomial");
        // Half of it with strength 2, half with 6: (½ · (2 + 1)/4 + ½ · (2 + 3)/8).
        let mixed = Prior { mean: 0.5, strengths: vec![(2.0, 0.5), (6.0, 0.5)] };
        assert!((mixed.shrink((2, 2), 0.95).0 - 0.6875).abs() < 1e-12);
    }

    #[test]
    fn quantiles_of_mixtures_are_exact_far_out_too() {
        for p in [0.25_f64, 1e-3, 1e-6, 1e-9] {
            // Beta(5, 1) has the distribution function x⁵, and Beta(1, 5) is its mirror image.
            let end = p.powf(0.2);
            assert!((quantile(&[[5.0, 1.0, 1.0]], p) - end).abs() < 1e-11, "{p}");
            assert!((quantile(&[[1.0, 5.0, 1.0]], 1.0 - p) - (1.0 - end)).abs() < 1e-7, "{p}");
            let x = quantile(&[[5.0, 1.0, 0.25], [3.0, 1.0, 0.75]], p);
            assert!((0.25 * x.powi(5) + 0.75 * x.powi(3) - p).abs() < 1e-8 * p, "{p}");
        }
    }

    #[test]
    fn alike_groups_are_pooled_and_unlike_ones_are_left_alone() {
        let alike = Prior::fit(&[(50, 100), (49, 100), (51, 100), (1, 2)]).unwrap();
        assert!(alike.strength() > 20.0, "{}", alike.strength());
        assert!((alike.shrink((2, 2), 0.95).0 - 0.5).abs() < 0.06);
        let unlike = Prior::fit(&[(5, 100), (50, 100), (95, 100), (2, 2)]).unwrap();
        assert!(unlike.strength() < 5.0, "{}", unlike.strength());
        assert!((unlike.shrink((95, 100), 0.95).0 - 0.95).abs() < 0.03);
    }

    #[test]
    fn the_strength_is_that_of_the_groups() {
        // 400 groups of 50 rows with shares from Beta(6, 14): strength 20.
        let mut draw = crate::domain::Seed::new(12).stream();
        let mut group = || {
            // The 6th of 19 uniform numbers is Beta(6, 14).
            let mut all: Vec<f64> = (0..19).map(|_| draw.uniform()).collect();
            all.sort_unstable_by(f64::total_cmp);
            (super::super::multinomial::binomial(&mut draw, 50, all[5]), 50)
        };
        let groups: Vec<(u64, u64)> = (0..400).map(|_| group()).collect();
        let prior = Prior::fit(&groups).unwrap();
        assert!((prior.mean() - 0.3).abs() < 0.015, "{}", prior.mean());
        assert!((15.0..27.0).contains(&prior.strength()), "{}", prior.strength());
    }

    #[test]
    fn groups_of_one_row_say_nothing_about_their_likeness() {
        // Their likelihood is the same for every strength, which leaves 1/(1 + s) uniform between
        // 1/11 and 1/2: its mean is 0.2955, the strength 1/0.2955 − 1 = 2.38.
        let prior = Prior::fit(&[[(0, 1); 5], [(1, 1); 5]].concat()).unwrap();
        assert!((prior.strength() - 2.38).abs() < 0.1, "{}", prior.strength());
        let three = Prior::fit(&[(1, 2), (2, 4), (3, 4)]).unwrap();
        assert!((three.mean() - 6.5 / 11.0).abs() < 1e-15);
    }

    #[test]
    fn too_few_groups_or_no_variation_have_no_prior() {
        assert_eq!(Prior::fit(&[(1, 2), (3, 4)]), None);
        assert_eq!(Prior::fit(&[(1, 2), (3, 4), (0, 0)]), None);
        assert_eq!(Prior::fit(&[(0, 2), (0, 4), (0, 0), (0, 3)]), None);
        assert_eq!(Prior::fit(&[(2, 2), (4, 4), (3, 3)]), None);
    }
}
