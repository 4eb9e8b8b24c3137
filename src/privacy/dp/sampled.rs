//! The Gaussian mechanism on a Poisson sample: each row takes part in a step with probability `q`, by
//! its own coin; the sum of the clipped gradients gets noise of `σ` times the clipping norm. Data sets
//! are neighbours when one row is added or removed.

use crate::stats::{normal_cdf, sum};
use std::f64::consts::TAU;

/// One step of such a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// `q`, above 0 and at most 1.
    pub(super) rate: f64,
    /// `σ`, above 0.
    pub(super) noise: f64,
}

/// Which of the two neighbours was trained on. The two have different privacy losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// The larger one: the row is there and its removal is looked at.
    Removed,
    /// The smaller one: the row is added.
    Added,
}

impl Step {
    /// `ln(1 − q + q e^((2x − 1) / 2σ²))`: how much likelier the output `x` is with the row.
    fn loss(self, x: f64) -> f64 {
        let gain = (2.0 * x - 1.0) / (2.0 * self.noise * self.noise);
        if self.rate >= 1.0 {
            gain
        } else if gain > 30.0 {
            gain + self.rate.ln() + ((1.0 - self.rate) / self.rate * (-gain).exp()).ln_1p()
        } else {
            (self.rate * gain.exp_m1()).ln_1p()
        }
    }

    /// The output at which the loss is `t`, or none where every output has a larger one.
    fn output(self, t: f64) -> Option<f64> {
        let scaled = if self.rate < 1.0 {
            let odds = (t.exp_m1() + self.rate) / self.rate;
            if t > 30.0 {
                t - self.rate.ln() + (-(1.0 - self.rate) * (-t).exp()).ln_1p()
            } else if odds > 0.0 {
                odds.ln()
            } else {
                return None;
            }
        } else {
            t
        };
        Some(self.noise * self.noise * scaled + 0.5)
    }

    /// The probability that the privacy loss of a step is at most `t`.
    pub(super) fn loss_cdf(self, row: Row, t: f64) -> f64 {
        match row {
            Row::Removed => self.output(t).map_or(0.0, |x| {
                let without = normal_cdf(x / self.noise);
                (1.0 - self.rate) * without + self.rate * normal_cdf((x - 1.0) / self.noise)
            }),
            Row::Added => self.output(-t).map_or(1.0, |x| normal_cdf(-x / self.noise)),
        }
    }

    /// The mean privacy loss of a step.
    pub(super) fn mean_loss(self, row: Row) -> f64 {
        let (start, step, n) = self.grid(1.0);
        let density =
            |x: f64| (-x * x / (2.0 * self.noise * self.noise)).exp() / (TAU.sqrt() * self.noise);
        let value = |x: f64| match row {
            Row::Removed => {
                let mixed = (1.0 - self.rate) * density(x) + self.rate * density(x - 1.0);
                if mixed > 0.0 { mixed * self.loss(x) } else { 0.0 }
            }
            Row::Added if density(x) > 0.0 => -density(x) * self.loss(x),
            Row::Added => 0.0,
        };
        step * sum((0..n).map(|i| value(start + step * f64::from(i))))
    }

    /// The Rényi divergence of order `α > 1` of a step, the larger of the two directions, which is the
    /// one of removal.
    ///
    /// `ln E[(1 − q + q e^((2x − 1) / 2σ²))^α] / (α − 1)` over `x ~ N(0, σ²)`.
    /// Source: Mironov, Talwar, Zhang 2019 (arXiv 1908.10530), theorems 4 and 5.
    pub(super) fn renyi(self, order: f64) -> f64 {
        let exponent = |x: f64| order * self.loss(x) - x * x / (2.0 * self.noise * self.noise);
        let (start, step, n) = self.grid(order);
        let at = |i: u32| start + step * f64::from(i);
        let peak = (0..n).map(|i| exponent(at(i))).fold(f64::NEG_INFINITY, f64::max);
        let total = sum((0..n).map(|i| (exponent(at(i)) - peak).exp()));
        let density = step / (TAU.sqrt() * self.noise);
        ((peak + (total * density).ln()) / (order - 1.0)).max(0.0)
    }

    /// Start, step and number of the points of the trapezoidal rule. The integrands are analytic but
    /// for the zeros of the mixture, `πσ²` off the real axis, so the error falls as
    /// `e^(−2π²σ²/step)`, and beyond twelve deviations nothing counts.
    fn grid(self, order: f64) -> (f64, f64, u32) {
        let step = (self.noise / 12.0).min(self.noise * self.noise / 2.0);
        let (start, end) = (-12.0 * self.noise, order + 12.0 * self.noise);
        let mut n = 1_u32;
        while start + step * f64::from(n) < end {
            n += 1;
        }
        (start, step, n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_sampling_it_is_the_plain_gaussian() {
        // α / 2σ².
        let step = Step { rate: 1.0, noise: 1.3 };
        for order in [1.5, 2.0, 17.0, 200.0] {
            let expected = order / (2.0 * 1.3 * 1.3);
            assert!((step.renyi(order) / expected - 1.0).abs() < 1e-12, "{order}");
        }
        // The loss is N(1/2σ², 1/σ²).
        let mean = 1.0 / (2.0 * 1.3 * 1.3);
        for row in [Row::Removed, Row::Added] {
            assert!((step.mean_loss(row) - mean).abs() < 1e-12);
            assert!((step.loss_cdf(row, mean) - 0.5).abs() < 1e-12);
            assert!((step.loss_cdf(row, mean + 1.0 / 1.3) - normal_cdf(1.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn whole_orders_are_the_binomial_sum() {
        // α = 2: (1−q)² + 2q(1−q) + q² e^(1/σ²).
        let step = Step { rate: 0.1, noise: 0.8 };
        let moment = 0.81 + 0.18 + 0.01 * (1.0_f64 / 0.64).exp();
        assert!((step.renyi(2.0) - moment.ln()).abs() < 1e-12);
        // α = 3: Σ C(3,k) (1−q)^(3−k) q^k e^((k²−k)/2σ²).
        let e = |k: f64| ((k * k - k) / (2.0 * 0.64)).exp();
        let moment = 0.729 + 3.0 * 0.81 * 0.1 + 3.0 * 0.9 * 0.01 * e(2.0) + 0.001 * e(3.0);
        assert!((step.renyi(3.0) - moment.ln() / 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_loss_and_its_output_undo_each_other() {
        for step in [Step { rate: 0.01, noise: 0.7 }, Step { rate: 1.0, noise: 2.0 }] {
            for x in [-1.0, 0.2, 0.5, 3.0, 40.0] {
                let back = step.output(step.loss(x)).unwrap();
                assert!((back - x).abs() < 1e-6 * x.abs().max(1.0), "{step:?} {x} {back}");
            }
        }
        assert_eq!(Step { rate: 0.5, noise: 1.0 }.output(-1.0), None);
    }

    #[test]
    fn the_mean_is_that_of_the_distribution() {
        let step = Step { rate: 0.2, noise: 0.9 };
        for row in [Row::Removed, Row::Added] {
            // E[Y] = ∫ (1 − F) over t > 0 − ∫ F over t < 0.
            let h = 1e-3;
            let above = (0..20_000).map(|i| 1.0 - step.loss_cdf(row, h * (f64::from(i) + 0.5)));
            let below = (0..20_000).map(|i| step.loss_cdf(row, -h * (f64::from(i) + 0.5)));
            let mean = h * (above.sum::<f64>() - below.sum::<f64>());
            assert!((mean - step.mean_loss(row)).abs() < 1e-6, "{row:?}");
        }
    }
}
