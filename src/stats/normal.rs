//! The standard normal distribution.

use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::SQRT_2;

/// The value that a standard normal variable stays below with probability `p`.
///
/// `p` is a probability; 0 and 1, whose quantiles are infinite, are moved to the nearest
/// probability inside, so that the result is always finite.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let inside = p.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0);
    -SQRT_2 * erfc_inv(2.0 * inside)
}

/// The probability that a standard normal variable stays below `x`, in 0 to 1.
/// The error is below 1e-11.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// Half the width of a two-sided interval of confidence `level`, in standard errors.
pub(crate) fn two_sided(level: f64) -> f64 {
    normal_quantile(0.5 + level / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabulated_quantiles() {
        // Abramowitz and Stegun 1964, table 26.5, and scipy.stats.norm.ppf.
        for (p, z) in [
            (0.5, 0.0),
            (0.95, 1.644_853_626_951_472_2),
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_900_4),
            (0.001, -3.090_232_306_167_813),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-12, "{p}: {}", normal_quantile(p));
            assert!((normal_cdf(z) - p).abs() < 1e-11, "{z}: {}", normal_cdf(z));
        }
    }

    #[test]
    fn the_ends_are_finite() {
        assert!(normal_quantile(0.0).is_finite() && normal_quantile(0.0) < -30.0);
        // scipy.stats.norm.isf(2⁻⁵³) = 8.2095.
        assert!((normal_quantile(1.0) - 8.2095).abs() < 1e-4, "{}", normal_quantile(1.0));
        assert!((two_sided(0.95) - normal_quantile(0.975)).abs() < 1e-15);
    }
}
