//! The Rényi accountant: an upper bound in closed form.

use super::sampled::Step;
use crate::domain::to_f64;

/// The orders that are tried: tenths from 1.1 to 10.9, whole ones up to 63, then sparser.
fn orders() -> impl Iterator<Item = f64> {
    let tenths = (1..100_u32).map(|k| 1.0 + f64::from(k) / 10.0);
    tenths
        .chain((11..64_u32).map(f64::from))
        .chain([80.0, 96.0, 128.0, 192.0, 256.0, 512.0, 1024.0])
}

/// The `ε` of one order at `δ`, and never below 0.
///
/// `ρ + ln((α − 1)/α) − (ln δ + ln α)/(α − 1)`.
/// Source: Balle, Barthe, Gaboardi, Hsu, Sato 2020 (arXiv 1905.09982), theorem 21.
pub(super) fn converted(divergence: f64, order: f64, delta: f64) -> f64 {
    let slack = (delta.ln() + order.ln()) / (order - 1.0);
    (divergence + (-1.0 / order).ln_1p() - slack).max(0.0)
}

/// The Rényi divergences of one step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve(Vec<(f64, f64)>);

impl Curve {
    /// At every order.
    pub(super) fn of(step: Step) -> Self {
        Self(orders().map(|order| (order, step.renyi(order))).collect())
    }

    /// The smallest upper bound on the `ε` of `steps` steps at `δ`, and the order that gives it. The
    /// divergences of the steps add up.
    pub(super) fn epsilon(&self, steps: u64, delta: f64) -> (f64, f64) {
        let bound = |(order, divergence): &(f64, f64)| {
            (converted(to_f64(steps) * divergence, *order, delta), *order)
        };
        let best = |a: (f64, f64), b: (f64, f64)| if b.0 < a.0 { b } else { a };
        self.0.iter().map(bound).fold((f64::INFINITY, f64::INFINITY), best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_noise_fewer_steps_and_more_delta_need_less() {
        let at =
            |rate, noise, steps, delta| Curve::of(Step { rate, noise }).epsilon(steps, delta).0;
        let base = at(0.01, 1.0, 1000, 1e-5);
        assert!(at(0.01, 1.5, 1000, 1e-5) < base && at(0.01, 1.0, 100, 1e-5) < base);
        assert!(at(0.01, 1.0, 1000, 1e-3) < base && at(0.005, 1.0, 1000, 1e-5) < base);
        assert!(base.is_finite() && base > 0.0);
    }
}
