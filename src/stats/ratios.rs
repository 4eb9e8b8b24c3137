//! The score interval of a ratio of two shares.
//!
//! Unlike the log interval it exists without hits on the upper side, and it covers in small samples.

use super::normal::two_sided;
use super::root::root;
use crate::domain::{Interval, to_f64};

/// The score interval of `p_a / p_b`, method `koopman`; `None` when a side has no row or `b` has no
/// hit, where the upper end is infinite.
///
/// All `φ` for which `(x_a − n_a p̃_a)²/(n_a p̃_a(1−p̃_a)) + (x_b − n_b p̃_b)²/(n_b p̃_b(1−p̃_b)) ≤ z²`, with
/// `p̃_a = φ p̃_b` the maximum-likelihood shares under that ratio; at least 0.
/// Source: Koopman 1984, Biometrics 40, 513–517; Nam 1995, Biometrical Journal 37, 851–863.
#[must_use]
pub fn koopman(a: (u64, u64), b: (u64, u64), level: f64) -> Option<Interval> {
    let (low, high) = koopman_ends(a, b, two_sided(level))?;
    let method = "koopman".to_owned();
    high.is_finite().then_some(Interval { low, high, level, method })
}

/// Both ends with a critical value of `z`; the upper one is infinite when `b` has no hit. `None`
/// when a side has no row.
pub(crate) fn koopman_ends(a: (u64, u64), b: (u64, u64), z: f64) -> Option<(f64, f64)> {
    assert!(a.0 <= a.1 && b.0 <= b.1, "a share has no more hits than rows");
    if a.1 == 0 || b.1 == 0 {
        return None;
    }
    let distance = |phi: f64| score(a, b, phi);
    let ratio = (to_f64(a.0) / to_f64(a.1)) / (to_f64(b.0) / to_f64(b.1));
    // Where the estimate itself is 0 or infinite, a point far out on that side is inside.
    let inside = match (a.0, b.0) {
        (0, _) => -40.0,
        (_, 0) => 40.0,
        _ => ratio.ln(),
    };
    let end = |outside: f64| {
        let ends = (inside, inside + outside);
        root(|phi| distance(phi.exp()) - z * z, ends, 1e-14).exp()
    };
    let low = if a.0 == 0 { 0.0 } else { end(-80.0) };
    let high = if b.0 == 0 { f64::INFINITY } else { end(80.0) };
    Some((low, high))
}

/// The score statistic of the hypothesis `p_a = φ p_b`.
fn score((x_a, n_a): (u64, u64), (x_b, n_b): (u64, u64), phi: f64) -> f64 {
    let [x_a, n_a, x_b, n_b] = [x_a, n_a, x_b, n_b].map(to_f64);
    let sum = phi * (n_a + x_b) + x_a + n_b;
    let root = (sum * sum - 4.0 * phi * (n_a + n_b) * (x_a + x_b)).max(0.0).sqrt();
    // (sum − root) / 2(n_a + n_b), without the cancellation.
    let p_a = (2.0 * phi * (x_a + x_b) / (sum + root)).min(1.0);
    let p_b = (p_a / phi).min(1.0);
    let part = |x: f64, n: f64, p: f64| {
        let gap = x - n * p;
        let variance = n * p * (1.0 - p);
        if variance > 0.0 {
            gap * gap / variance
        } else if gap.abs() < 1e-9 {
            0.0
        } else {
            f64::INFINITY
        }
    };
    part(x_a, n_a, p_a) + part(x_b, n_b, p_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        // Koopman 1984: 36/40 against 16/80, 95 %: 2.94 to 7.15.
        let i = koopman((36, 40), (16, 80), 0.95).unwrap();
        assert!((i.low - 2.94).abs() < 5e-3 && (i.high - 7.15).abs() < 5e-3, "{i:?}");
    }

    #[test]
    fn both_ends_solve_the_score_equation() {
        let z = two_sided(0.95);
        for (a, b) in
            [((3, 17), (9, 21)), ((1, 4), (4, 4)), ((7, 7), (5, 9)), ((900, 1000), (3, 8))]
        {
            let (low, high) = koopman_ends(a, b, z).unwrap();
            for end in [low, high] {
                assert!((score(a, b, end) - z * z).abs() < 1e-6, "{a:?} {b:?} {end}");
            }
        }
    }

    #[test]
    fn sides_exchanged_give_the_reciprocal() {
        let (there, back) =
            (koopman((3, 17), (9, 21), 0.9).unwrap(), koopman((9, 21), (3, 17), 0.9).unwrap());
        assert!((there.low * back.high - 1.0).abs() < 1e-9);
        assert!((there.high * back.low - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_hit_above_has_an_upper_end_and_none_below_has_no_interval() {
        let i = koopman((0, 20), (10, 20), 0.95).unwrap();
        assert!(i.low.abs() < 1e-15 && i.high > 0.05 && i.high < 0.5, "{i:?}");
        assert_eq!(koopman((3, 20), (0, 20), 0.95), None);
        assert_eq!(koopman((0, 0), (1, 20), 0.95), None);
        let (low, high) = koopman_ends((5, 10), (0, 10), 1.96).unwrap();
        assert!(high.is_infinite() && low > 1.0);
    }
}
