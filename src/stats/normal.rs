//! The standard normal distribution.

use libm::erfc;
use statrs::function::erf::erfc_inv;
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
///
/// By the `erfc` of libm: that of statrs 0.19.1 jumps by 1e-10 of its value at ½, so that two
/// numbers that differ in their last bit would not give the same eleven digits.
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
            assert!((normal_cdf(z) - p).abs() < 1e-15, "{z}: {}", normal_cdf(z));
        }
    }

    #[test]
    fn the_distribution_has_no_jump() {
        let far = |x: f64| normal_cdf(x.next_up()) / normal_cdf(x.next_down()) - 1.0;
        let steps = (-8000_i16..8000).map(|i| f64::from(i) / 1000.0 * SQRT_2);
        assert!(steps.map(far).all(|jump| jump.abs() < 1e-13));
        // The way out when this fails: statrs is mended, and libm can go.
        let statrs = statrs::function::erf::erfc;
        assert!((statrs(0.5) / erfc(0.5) - 1.0).abs() > 1e-11);
    }

    #[test]
    fn the_ends_are_finite() {
        assert!(normal_quantile(0.0).is_finite() && normal_quantile(0.0) < -30.0);
        // scipy.stats.norm.isf(2⁻⁵³) = 8.2095.
        assert!((normal_quantile(1.0) - 8.2095).abs() < 1e-4, "{}", normal_quantile(1.0));
        assert!((two_sided(0.95) - normal_quantile(0.975)).abs() < 1e-15);
    }
}
