//! The interval of an area under the ROC curve where `DeLong`'s does not exist.

use super::normal::two_sided;
use crate::domain::{Interval, to_f64};

/// The score interval of an AUC from the sizes `(m, n)` of its classes, both above 0, method
/// `hanley_mcneil_score`.
///
/// All `θ` with `(auc − θ)² ≤ z² V(θ)`, `V = θ(1−θ)/mn · (2N−1 − (3N−3)/((2−θ)(1+θ)))`, `N = (m+n)/2`.
/// It exists for an area of 0 or 1 and for classes of one row, where `DeLong`'s does not.
/// Source: Newcombe 2006, Statistics in Medicine 25, 559–573, method 5.
pub(crate) fn area_score(auc: f64, classes: (u64, u64), level: f64) -> Interval {
    let (z, m, n) = (two_sided(level), to_f64(classes.0), to_f64(classes.1));
    let half = f64::midpoint(m, n);
    let beyond = |theta: f64| {
        let shape = 2.0 * half - 1.0 - (3.0 * half - 3.0) / ((2.0 - theta) * (1.0 + theta));
        (auc - theta).powi(2) > z * z * theta * (1.0 - theta) / (m * n) * shape
    };
    let end = |mut outside: f64| {
        let mut inside = auc;
        for _ in 0..60 {
            let middle = f64::midpoint(outside, inside);
            if beyond(middle) { outside = middle } else { inside = middle }
        }
        f64::midpoint(outside, inside)
    };
    let low = if auc <= 0.0 { 0.0 } else { end(0.0) };
    let high = if auc >= 1.0 { 1.0 } else { end(1.0) };
    Interval { low, high, level, method: "hanley_mcneil_score".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_ranking_of_few_rows_says_little() {
        let (few, many) = (area_score(1.0, (2, 2), 0.95), area_score(1.0, (200, 200), 0.95));
        assert!((few.high - 1.0).abs() < 1e-15 && few.low < 0.4 && many.low > 0.97, "{few:?}");
        let turned = area_score(0.0, (2, 2), 0.95);
        assert!((turned.high - (1.0 - few.low)).abs() < 1e-9 && turned.low.abs() < 1e-15);
    }

    #[test]
    fn the_ends_solve_the_score_equation() {
        // One row against one: mn = 1, N = 1, V = θ(1−θ), the Wilson interval of one trial.
        let found = area_score(1.0, (1, 1), 0.95);
        let wilson = crate::stats::wilson(1, 1, 0.95).unwrap();
        assert!((found.low - wilson.low).abs() < 1e-9, "{found:?} {wilson:?}");
        // The equation solved apart, in Python: N = 15, mn = 200.
        let found = area_score(0.9, (10, 20), 0.95);
        assert!((found.low - 0.698_979_047_675).abs() < 1e-9, "{found:?}");
        assert!((found.high - 0.969_116_005_813).abs() < 1e-9, "{found:?}");
        let half = area_score(0.5, (30, 1), 0.95);
        assert!((half.low + half.high - 1.0).abs() < 1e-9);
    }
}
