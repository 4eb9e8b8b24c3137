//! What a comparison of two shares can see at all.

use super::normal::{normal_quantile, two_sided};
use crate::domain::to_f64;

/// The chance with which a gap is to be found.
pub(crate) const POWER: f64 = 0.8;

/// How surely a gap `d` from the share `p` is found with `n` and `m` rows: `Φ⁻¹` of the power.
///
/// `(|d| − z √(p̄(1−p̄)(1/n + 1/m))) / √(p₁(1−p₁)/n + p(1−p)/m)`, `p₁ = p + d`, `p̄` the share of all rows.
/// Source: Fleiss, Levin, Paik 2003, Statistical Methods for Rates and Proportions, §4.
fn reach(d: f64, p: f64, (n, m): (f64, f64), z: f64) -> f64 {
    let other = (p + d).clamp(0.0, 1.0);
    let pooled = (other * n + p * m) / (n + m);
    let null = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    let error = (other * (1.0 - other) / n + p * (1.0 - p) / m).sqrt();
    (d.abs() - z * null) / error.max(f64::MIN_POSITIVE)
}

/// The smallest gap, upwards or downwards from the share `p` of the other group, that a two-sided
/// test of level `1 − level` finds with a chance of 80 % among `n` and `m` rows; `None` where even
/// the largest gap would not be found, or a side has no row.
#[must_use]
pub(crate) fn minimum_detectable_gap(p: f64, (n, m): (u64, u64), level: f64) -> Option<f64> {
    if n == 0 || m == 0 {
        return None;
    }
    let (z, goal) = (two_sided(level), normal_quantile(POWER));
    let rows = (to_f64(n), to_f64(m));
    let found = |d: f64| reach(d, p, rows, z) >= goal;
    let smallest = |furthest: f64| {
        if !found(furthest) {
            return None;
        }
        let (mut low, mut high) = (0.0, furthest);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if found(middle) { high = middle } else { low = middle }
        }
        Some(high.abs())
    };
    match (smallest(1.0 - p), smallest(-p)) {
        (Some(up), Some(down)) => Some(up.min(down)),
        (up, down) => up.or(down),
    }
}

/// Rows that the smaller side would need, the other growing in proportion, to find the gap between
/// `p_a` and `p_b` with a chance of 80 %; `None` without a gap or beyond 10^12 rows.
#[must_use]
pub(crate) fn rows_needed((p_a, n): (f64, u64), (p_b, m): (f64, u64), level: f64) -> Option<u64> {
    if n == 0 || m == 0 {
        return None;
    }
    let (z, goal) = (two_sided(level), normal_quantile(POWER));
    let ratio = to_f64(m) / to_f64(n);
    let found = |rows: f64| reach(p_a - p_b, p_b, (rows, rows * ratio), z) >= goal;
    let (mut low, mut high) = (0.0, 1.0);
    while !found(high) {
        (low, high) = (high, high * 2.0);
        if high > 1e12 {
            return None;
        }
    }
    while high - low > 0.5 {
        let middle = f64::midpoint(low, high);
        if found(middle) { high = middle } else { low = middle }
    }
    let scale = if ratio < 1.0 { ratio } else { 1.0 };
    Some(super::multinomial::count((high * scale).ceil()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_size() {
        // 0.6 against 0.5, 80 %, 5 %, equal groups: 387.3 a side without continuity correction.
        let rows = rows_needed((0.6, 50), (0.5, 50), 0.95).unwrap();
        assert!((386..=389).contains(&rows), "{rows}");
        let unequal = rows_needed((0.6, 50), (0.5, 500), 0.95).unwrap();
        assert!(unequal < rows && unequal > rows / 2, "{unequal}");
        // The smaller side is named whichever it is.
        let turned = rows_needed((0.5, 500), (0.6, 50), 0.95).unwrap();
        assert!(turned.abs_diff(unequal) < 6, "{turned} {unequal}");
        assert_eq!(rows_needed((0.5, 9), (0.5, 9), 0.95), None);
        assert_eq!(rows_needed((0.5, 0), (0.6, 9), 0.95), None);
    }

    #[test]
    fn a_gap_that_is_just_found_needs_the_rows_there_are() {
        let gap = minimum_detectable_gap(0.5, (387, 387), 0.95).unwrap();
        assert!((gap - 0.1).abs() < 1e-3, "{gap}");
        let needed = rows_needed((0.5 + gap, 387), (0.5, 387), 0.95).unwrap();
        assert!(needed.abs_diff(387) <= 1, "{needed}");
    }

    #[test]
    fn a_gap_is_found_downwards_as_upwards() {
        let gap = |p| minimum_detectable_gap(p, (50, 40), 0.95).unwrap();
        assert!((gap(0.9) - gap(0.1)).abs() < 1e-9 && gap(0.9) > 0.1, "{}", gap(0.9));
        let needed = rows_needed((0.9 - gap(0.9), 50), (0.9, 40), 0.95).unwrap();
        assert!(needed.abs_diff(40) <= 1, "{needed}");
        // From a share of 1 there is no way up.
        assert!(minimum_detectable_gap(1.0, (100, 60), 0.95).is_some_and(|gap| gap < 0.3));
    }

    #[test]
    fn a_handful_of_rows_sees_nothing() {
        assert_eq!(minimum_detectable_gap(0.5, (2, 2), 0.95), None);
        assert_eq!(minimum_detectable_gap(0.5, (0, 100), 0.95), None);
        let few = minimum_detectable_gap(0.7, (32, 2000), 0.95).unwrap();
        assert!((0.15..0.35).contains(&few), "{few}");
    }
}
