//! The likelihood-ratio attack for few references: variances borrow strength from all rows.

use super::calibrated::against;
use super::references::Side;
use super::{Needs, Probe, References, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed, to_f64};
use statrs::function::gamma::ln_gamma;

crate::check! {
    /// The likelihood-ratio attack for few references: a row's variance is learned from its own
    /// references and from those of all rows, as much as each is worth.
    ///
    /// **Formula** `ln t(φ; IN) − ln t(φ; OUT)`, each Student's t with `ν₀ + k − 1` degrees of freedom,
    /// the mean of the row's k references and scale² `(1 + 1/k) (ν₀s² + Σ(φ−mean)²) / (ν₀ + k − 1)`: the
    /// posterior predictive under a flat prior of the mean and a scaled inverse χ²(ν₀, s²) prior of the
    /// variance. ν₀ is the one of 3 to 1024 under which the rows' sample variances are likeliest (a scaled F
    /// distribution), s² fits their mean; for each side apart.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than two IN or OUT references.
    /// **Source** `BaVarIA` (arXiv 2603.11799); the prior as in Smyth 2004, Statistical Applications in
    /// Genetics and Molecular Biology 3.
    OnlineNig, "PR043", "lira.online.nig", Ideal::None
}

/// Prior strengths that are tried.
const STRENGTHS: [f64; 12] =
    [3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
/// Rows that the prior is learned from, evenly spaced.
const ROWS: usize = 4000;

impl Probe for OnlineNig {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { inside: 2, outside: 2, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        let Some(all) = &scene.references else {
            unreachable!("what an attack needs is checked before it runs")
        };
        let (inside, outside) = (Prior::of(all, true), Prior::of(all, false));
        let score = |phi: f64, references: &References, row: usize, buffer: &mut Vec<f64>| {
            if row >= references.pool() {
                return 0.0;
            }
            let seen = references.side(row, true, buffer);
            let unseen = references.side(row, false, buffer);
            inside.ln_predictive(phi, &seen) - outside.ln_predictive(phi, &unseen)
        };
        Scored { population: Vec::new(), ..against(scene, score) }
    }
}

/// Scaled inverse χ² prior of a variance.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Prior {
    strength: f64,
    variance: f64,
}

impl Prior {
    fn of(references: &References, wanted: bool) -> Self {
        let (pool, mut buffer) = (references.pool(), Vec::new());
        let step = pool.div_ceil(ROWS).max(1);
        let rows = (0..pool).step_by(step).map(|row| references.side(row, wanted, &mut buffer));
        let found: Vec<(f64, f64)> = rows
            .filter(|side| side.n > 1)
            .map(|side| (count(side.n) - 1.0, side.squares / (count(side.n) - 1.0)))
            .collect();
        Self::fitted(&found)
    }

    /// From `(degrees of freedom, sample variance)` of each row.
    fn fitted(rows: &[(f64, f64)]) -> Self {
        let freedom: f64 = rows.iter().map(|(d, _)| d).sum();
        let pooled = rows.iter().map(|(d, v)| d * v).sum::<f64>() / freedom.max(1.0);
        // Without any spread a normal of tiny width is left, as with one variance for all.
        let pooled = pooled.max(1e-30);
        let prior = |strength: f64| Self { strength, variance: pooled * (1.0 - 2.0 / strength) };
        let likelihood = |prior: &Self| rows.iter().map(|row| prior.ln_marginal(*row)).sum::<f64>();
        let all = STRENGTHS.map(prior);
        let best = all.iter().max_by(|a, b| likelihood(a).total_cmp(&likelihood(b)));
        best.copied().unwrap_or(all[0])
    }

    /// Log density of a sample variance with `d` degrees of freedom, up to what does not depend on
    /// the prior: `v / s²` is F(d, ν₀).
    fn ln_marginal(&self, (d, v): (f64, f64)) -> f64 {
        let (half, halves) = (self.strength / 2.0, f64::midpoint(d, self.strength));
        let scale = d / (self.strength * self.variance);
        ln_gamma(halves) - ln_gamma(half) + d / 2.0 * scale.ln() - halves * (scale * v).ln_1p()
    }

    /// Log density of Student's t, the posterior predictive of one more value.
    fn ln_predictive(&self, phi: f64, side: &Side) -> f64 {
        let k = count(side.n);
        let freedom = self.strength + k - 1.0;
        let variance = (self.strength * self.variance + side.squares) / freedom * (1.0 + 1.0 / k);
        let z2 = (phi - side.mean) * (phi - side.mean) / variance;
        let constant = ln_gamma(f64::midpoint(freedom, 1.0)) - ln_gamma(freedom / 2.0);
        constant
            - 0.5 * (freedom * std::f64::consts::PI * variance).ln()
            - f64::midpoint(freedom, 1.0) * (z2 / freedom).ln_1p()
    }
}

fn count(n: usize) -> f64 {
    to_f64(u64::try_from(n).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predictive_is_a_density() {
        // Trapezoids over −60 to 60 around a mean of 1.
        let prior = Prior { strength: 4.0, variance: 2.0 };
        let side = Side { n: 3, mean: 1.0, median: 1.0, squares: 5.0 };
        let density = |i: i32| prior.ln_predictive(1.0 + f64::from(i) / 100.0, &side).exp();
        let total: f64 = (-6000..6000).map(|i| density(i) / 100.0).sum();
        assert!((total - 1.0).abs() < 1e-4, "{total}");
    }

    #[test]
    fn equal_variances_make_a_strong_prior_and_unequal_ones_a_weak_one() {
        let mut draw = Seed::new(1).stream();
        let mut rows = |spread: bool| -> Vec<(f64, f64)> {
            let row = |_| {
                let scale = if spread { (2.0 * draw.normal()).exp() } else { 1.0 };
                let squares: f64 = (0..7).map(|_| draw.normal().powi(2)).sum();
                (7.0, scale * squares / 7.0)
            };
            (0..2000).map(row).collect()
        };
        let (equal, unequal) = (Prior::fitted(&rows(false)), Prior::fitted(&rows(true)));
        assert!(equal.strength >= 128.0 && (equal.variance - 1.0).abs() < 0.1, "{equal:?}");
        assert!(unequal.strength <= 4.0, "{unequal:?}");
    }
}
