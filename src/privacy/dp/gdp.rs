//! Gaussian differential privacy: what `μ` means in other words.

use crate::stats::{normal_cdf, normal_quantile};
use std::f64::consts::{SQRT_2, TAU};

/// The natural logarithm of the standard normal distribution function, also far out.
pub(super) fn ln_normal_cdf(x: f64) -> f64 {
    if x > -20.0 {
        return normal_cdf(x).ln();
    }
    // Abramowitz and Stegun 1964, 26.2.12.
    let s = 1.0 / (x * x);
    -x * x / 2.0 - (-x).ln() - TAU.ln() / 2.0 + (-s * (1.0 - s * (3.0 - 15.0 * s))).ln_1p()
}

/// The `δ` of a μ-GDP mechanism at `ε`, `Φ(−ε/μ + μ/2) − e^ε Φ(−ε/μ − μ/2)`, in 0 to 1; 0 where `μ`
/// is 0.
///
/// Source: Dong, Roth, Su 2022, JRSS B 84, corollary 1.
#[must_use]
pub fn delta_of_mu(mu: f64, epsilon: f64) -> f64 {
    if mu <= 0.0 {
        return 0.0;
    }
    let at = -epsilon / mu;
    (normal_cdf(at + mu / 2.0) - (epsilon + ln_normal_cdf(at - mu / 2.0)).exp()).clamp(0.0, 1.0)
}

/// The smallest `ε` at which a μ-GDP mechanism is (ε, δ)-private; `None` where `δ` is not above 0
/// and no finite `ε` will do.
#[must_use]
pub fn epsilon_of_mu(mu: f64, delta: f64) -> Option<f64> {
    if mu <= 0.0 {
        return Some(0.0);
    }
    if delta <= 0.0 {
        return None;
    }
    Some(smallest(|epsilon| delta_of_mu(mu, epsilon) <= delta))
}

/// Area under the trade-off of a μ-GDP mechanism, `Φ(μ/√2)`: no attack has a larger AUC.
#[must_use]
pub fn auc_of_mu(mu: f64) -> f64 {
    normal_cdf(mu / SQRT_2)
}

/// The most of the members that an attack on a μ-GDP mechanism finds at a false-positive rate,
/// `Φ(Φ⁻¹(a) + μ)`.
#[must_use]
pub fn tpr_of_mu(mu: f64, fpr: f64) -> f64 {
    normal_cdf(normal_quantile(fpr) + mu)
}

/// The smallest non-negative number for which `holds`, where it holds for all larger ones; to the
/// last bits.
pub(super) fn smallest(holds: impl Fn(f64) -> bool) -> f64 {
    if holds(0.0) {
        return 0.0;
    }
    let mut high = 1.0;
    while !holds(high) && high < 1e12 {
        high *= 2.0;
    }
    let mut low = 0.0;
    while high - low > 1e-12 * high.max(1.0) {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_goes_on_where_the_plain_logarithm_would_end() {
        // scipy.stats.norm.logcdf.
        for (x, expected) in [(-5.0, -15.064_998_393_988_73), (-30.0, -454.321_243_956_343_2)] {
            assert!((ln_normal_cdf(x) - expected).abs() < 1e-9, "{x}: {}", ln_normal_cdf(x));
        }
        let (inside, outside) = (ln_normal_cdf(-19.999_999), ln_normal_cdf(-20.000_001));
        assert!((inside - outside).abs() < 1e-4);
    }

    #[test]
    fn no_leak_needs_no_epsilon_and_no_delta_allows_none() {
        assert_eq!(epsilon_of_mu(0.0, 0.0), Some(0.0));
        assert_eq!(epsilon_of_mu(1.0, 0.0), None);
        assert_eq!(epsilon_of_mu(0.1, 0.5), Some(0.0));
        let epsilon = epsilon_of_mu(1.0, 1e-5).unwrap();
        assert!((delta_of_mu(1.0, epsilon) - 1e-5).abs() < 1e-14);
        assert!((tpr_of_mu(0.0, 0.25) - 0.25).abs() < 1e-12 && auc_of_mu(0.0) <= 0.5);
    }
}
