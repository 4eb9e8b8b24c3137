//! The studentized range: the critical value of all pairwise differences at once.

use super::normal::{normal_cdf, two_sided};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Points of the integration, a fifth of a standard deviation apart, over −8 to 8.
const POINTS: u32 = 81;

/// The chance that the range of `k` independent standard normal values is at most `q`.
///
/// `k ∫ φ(x) [Φ(x) − Φ(x − q)]^(k−1) dx` by the trapezoidal rule, whose error vanishes faster than any
/// power of the step for such an integrand.
/// Source: Tukey 1953, The problem of multiple comparisons.
fn range_cdf(q: f64, k: u32) -> f64 {
    let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let power = i32::try_from(k).unwrap_or(i32::MAX) - 1;
    let of = |i: u32| {
        let x = f64::from(i) / 5.0 - 8.0;
        density(x) * (normal_cdf(x) - normal_cdf(x - q)).max(0.0).powi(power)
    };
    f64::from(k) / 5.0 * super::sum((0..POINTS).map(of))
}

/// The critical value, in standard errors of one difference, with which all `k(k−1)/2` differences of
/// `k` independent estimates hold together with confidence `level`: `q(level; k, ∞) / √2`.
///
/// With two groups it is the usual normal quantile. It is exact for equal variances and at least as
/// safe for unequal ones.
/// Source: Tukey 1953; Kramer 1956, Biometrics 12, 307–310; Hayter 1984, Annals of Statistics 12, 61–75.
pub(crate) fn simultaneous(level: f64, k: usize) -> f64 {
    // An audit asks for the same few numbers hundreds of times.
    static KNOWN: Mutex<BTreeMap<(u64, u32), f64>> = Mutex::new(BTreeMap::new());
    let Ok(k @ 3..) = u32::try_from(k) else { return two_sided(level) };
    let key = (level.to_bits(), k);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known().get(&key) {
        return *found;
    }
    let found = critical(level, k);
    known().insert(key, found);
    found
}

fn critical(level: f64, k: u32) -> f64 {
    // One pair alone from below, Bonferroni's bound from above, then false position on the miss.
    let pairs = f64::from(k) * f64::from(k - 1) / 2.0;
    let range = |z: f64| z * std::f64::consts::SQRT_2;
    let (mut low, mut high) = (two_sided(level), two_sided(1.0 - (1.0 - level) / pairs));
    let miss = |z: f64| range_cdf(range(z), k) - level;
    let (mut at_low, mut at_high) = (miss(low), miss(high));
    for _ in 0..60 {
        let share = (at_low / (at_low - at_high)).clamp(0.01, 0.99);
        let middle = low + share * (high - low);
        let at = miss(middle);
        if at < 0.0 {
            (low, at_low, at_high) = (middle, at, at_high / 2.0);
        } else {
            (high, at_high, at_low) = (middle, at, at_low / 2.0);
        }
        if at.abs() < 1e-12 || high - low < 1e-12 {
            return middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_the_studentized_range() {
        // q(0.95; k, ∞) of Harter 1960: 3.314, 3.633, 3.858, 4.030, 4.474; q(0.99; 3, ∞) = 4.120.
        for (k, q) in [(3, 3.314), (4, 3.633), (5, 3.858), (6, 4.030), (10, 4.474)] {
            let found = simultaneous(0.95, k) * std::f64::consts::SQRT_2;
            assert!((found - q).abs() < 6e-4, "{k}: {found}");
        }
        assert!((simultaneous(0.99, 3) * std::f64::consts::SQRT_2 - 4.120).abs() < 6e-4);
    }

    #[test]
    fn two_groups_are_one_comparison() {
        assert!((simultaneous(0.95, 2) - 1.959_963_984_540_054).abs() < 1e-12);
        // The range of two is |x − y| with standard deviation √2.
        let q = 1.959_963_984_540_054 * std::f64::consts::SQRT_2;
        assert!((range_cdf(q, 2) - 0.95).abs() < 1e-9);
        assert!((range_cdf(60.0, 40) - 1.0).abs() < 1e-9);
        // scipy.stats.studentized_range.ppf(0.95, k, 1e6) / √2.
        for (k, z) in [(3, 2.343_701), (6, 2.849_705), (14, 3.353_618)] {
            assert!((simultaneous(0.95, k) - z).abs() < 1e-5, "{k}: {}", simultaneous(0.95, k));
        }
    }

    #[test]
    fn the_critical_value_is_found_to_the_last_digits() {
        for level in [0.5, 0.9, 0.95, 0.999, 0.999_999] {
            for k in [3, 4, 7, 20, 100] {
                let z = critical(level, k);
                let apart = range_cdf(z * std::f64::consts::SQRT_2, k) - level;
                assert!(apart.abs() < 1e-11, "{level} {k}: {apart}");
            }
        }
    }
}
