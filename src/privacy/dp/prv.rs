//! The accountant by numerical composition: the distribution of the privacy loss on a grid, composed
//! with itself by the Fourier transform, with bounds on both sides.
//!
//! Source: Gopi, Lee, Wutschitz 2021 (arXiv 2106.02848), algorithm 1 and theorem 5.

use super::rdp::Curve;
use super::sampled::{Row, Step};
use crate::domain::to_f64;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// The error of `ε` that is aimed at.
const AIM: f64 = 0.01;
/// The error of `δ` that is spent on the grid, as a share of `δ`.
const SPENT: f64 = 1e-3;
/// Most points of the grid.
const MOST: usize = 1 << 22;
/// A transform of `n` points errs by a few of these, relative to the largest value.
const ROUNDING: f64 = 1e-16;

/// Bounds on the `ε` of a training at its `δ`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bracket {
    /// No smaller `ε` holds.
    pub(super) lower: f64,
    /// This `ε` holds; infinite where rounding errors are not small against `δ`.
    pub(super) upper: f64,
}

/// Brackets the `ε` of `steps` steps at `δ`, the worse of adding and removing a row.
pub(super) fn epsilon(step: Step, curve: &Curve, steps: u64, delta: f64) -> Bracket {
    let grid = Grid::new(curve, steps, delta);
    let removed = grid.bracket(step, Row::Removed, steps, delta);
    let added = grid.bracket(step, Row::Added, steps, delta);
    Bracket { lower: removed.lower.max(added.lower), upper: removed.upper.max(added.upper) }
}

/// Points `−n/2 … n/2 − 1` times `mesh`.
struct Grid {
    n: usize,
    mesh: f64,
    /// What the bounds leave between them: of `ε`, and of `δ`.
    slack: (f64, f64),
}

impl Grid {
    /// Wide enough that what lies beyond is within the error of `δ`, and fine enough for that of `ε`.
    fn new(curve: &Curve, steps: u64, delta: f64) -> Self {
        let spent = delta * SPENT;
        let whole = curve.epsilon(steps, spent / 4.0).0;
        let single = curve.epsilon(1, spent / (8.0 * to_f64(steps))).0;
        let reach = whole.max(single).max(AIM) + 3.0;
        let spread = (to_f64(steps) / 2.0 * (12.0 / spent).ln()).sqrt();
        let mut n = 1024;
        while to_size(n) * (AIM / spread) < 2.0 * reach && n < MOST {
            n *= 2;
        }
        let mesh = (AIM / spread).max(2.0 * reach / to_size(n));
        let rounding = ROUNDING * (to_f64(steps) + 64.0) * to_size(n).sqrt();
        // The mean that is matched is of the whole distribution, not of the part on the grid.
        let slack = (mesh * spread + (reach + 1.0) * spent, spent + rounding);
        Self { n, mesh, slack }
    }

    /// The loss at index `i` of the arrays, which hold 0 first and then wrap round.
    fn loss(&self, i: usize) -> f64 {
        if i < self.n / 2 { to_size(i) * self.mesh } else { -to_size(self.n - i) * self.mesh }
    }

    fn bracket(&self, step: Step, row: Row, steps: u64, delta: f64) -> Bracket {
        let composed = self.composed(step, row, steps);
        let (of_epsilon, of_delta) = self.slack;
        let lower = composed.smallest(delta + of_delta).map_or(0.0, |e| (e - of_epsilon).max(0.0));
        let upper = if delta > of_delta { composed.smallest(delta - of_delta) } else { None };
        Bracket { lower, upper: upper.map_or(f64::INFINITY, |e| e + of_epsilon) }
    }

    /// The distribution of the sum of the losses of all steps.
    fn composed(&self, step: Step, row: Row, steps: u64) -> Composed {
        let mut values: Vec<Complex<f64>> = self.masses(step, row);
        let total: f64 = values.iter().map(|z| z.re).sum();
        let mean: f64 = (0..self.n).map(|i| self.loss(i) * values[i].re / total).sum();
        let shift = to_f64(steps) * (step.mean_loss(row) - mean);
        for z in &mut values {
            *z /= total;
        }
        let mut planner = FftPlanner::new();
        planner.plan_fft_forward(self.n).process(&mut values);
        for z in &mut values {
            *z = power(*z, steps);
        }
        planner.plan_fft_inverse(self.n).process(&mut values);
        let scale = 1.0 / to_size(self.n);
        let order = (self.n / 2..self.n).chain(0..self.n / 2);
        let points = order.map(|i| (self.loss(i) + shift, values[i].re * scale)).collect();
        Composed::new(points)
    }

    /// The probability of a loss of one step around each point.
    fn masses(&self, step: Step, row: Row) -> Vec<Complex<f64>> {
        let below = |i: usize| step.loss_cdf(row, self.loss(i) - self.mesh / 2.0);
        let above = |i: usize| step.loss_cdf(row, self.loss(i) + self.mesh / 2.0);
        let mut mass = vec![Complex::default(); self.n];
        // Neighbours share their edge.
        let mut edge = below(self.n / 2);
        for i in (self.n / 2..self.n).chain(0..self.n / 2) {
            let next = above(i);
            mass[i] = Complex::new(next - edge, 0.0);
            edge = next;
        }
        mass
    }
}

/// A distribution of losses in ascending order, with what `δ(ε)` needs of it.
struct Composed {
    losses: Vec<f64>,
    /// `Σ p` and `Σ p e^(−loss)` over each point and all larger ones.
    tails: Vec<(f64, f64)>,
}

impl Composed {
    fn new(points: Vec<(f64, f64)>) -> Self {
        let mut tails = vec![(0.0, 0.0); points.len() + 1];
        for (i, (loss, p)) in points.iter().enumerate().rev() {
            let (mass, weighted) = tails[i + 1];
            // Below 0 nothing is ever asked for, and the exponential would overflow.
            tails[i] = (mass + p, weighted + p * (-loss.max(-1.0)).exp());
        }
        Self { losses: points.into_iter().map(|(loss, _)| loss).collect(), tails }
    }

    /// `E[(1 − e^(ε − loss))₊]` for `ε ≥ 0`.
    fn delta(&self, epsilon: f64) -> f64 {
        let (mass, weighted) = self.tails[self.losses.partition_point(|loss| *loss <= epsilon)];
        mass - epsilon.exp() * weighted
    }

    /// The smallest `ε ≥ 0` with `δ(ε)` at most `delta`; none where the grid ends before.
    fn smallest(&self, delta: f64) -> Option<f64> {
        let last = self.losses.last().copied().unwrap_or(0.0);
        if self.delta(0.0) <= delta {
            return Some(0.0);
        }
        let (mut low, mut high) = (0.0, last);
        if self.delta(high) > delta {
            return None;
        }
        while high - low > 1e-9 {
            let middle = f64::midpoint(low, high);
            if self.delta(middle) <= delta {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }
}

/// `z` to a whole power by squaring.
fn power(z: Complex<f64>, mut exponent: u64) -> Complex<f64> {
    let (mut result, mut square) = (Complex::new(1.0, 0.0), z);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result *= square;
        }
        square *= square;
        exponent >>= 1;
    }
    result
}

fn to_size(n: usize) -> f64 {
    to_f64(u64::try_from(n).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::gdp::epsilon_of_mu;
    use super::*;

    fn run(step: Step, steps: u64, delta: f64) -> Bracket {
        epsilon(step, &Curve::of(step), steps, delta)
    }

    #[test]
    fn without_sampling_it_is_the_exact_gaussian() {
        // T steps of noise σ are one with μ = √T/σ.
        for (noise, steps, delta) in [(2.0, 1, 1e-5), (10.0, 100, 1e-6), (20.0, 30, 1e-3)] {
            let exact = epsilon_of_mu(to_f64(steps).sqrt() / noise, delta).unwrap();
            let Bracket { lower, upper } = run(Step { rate: 1.0, noise }, steps, delta);
            assert!(lower <= exact && exact <= upper, "{lower} {exact} {upper}");
            assert!(upper - lower < 0.025, "{lower} {upper}");
        }
    }

    #[test]
    fn a_delta_below_the_rounding_has_no_upper_bound() {
        let bracket = run(Step { rate: 0.01, noise: 1.0 }, 1000, 1e-18);
        assert!(bracket.upper.is_infinite() && bracket.lower.is_finite(), "{bracket:?}");
    }
}
