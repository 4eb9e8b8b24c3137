//! Closed-form confidence intervals of shares, and of differences and ratios of two shares.
//!
//! A share is given as its counts, `(hits, n)` with `hits ≤ n`; `level` is the two-sided
//! confidence, strictly between 0 and 1, e.g. 0.95. More hits than rows are a bug of the caller.

use super::normal::{normal_quantile, two_sided};
use crate::domain::{Interval, to_f64};
use statrs::function::beta::{beta_reg, ln_beta};

fn interval(low: f64, high: f64, level: f64, method: &str) -> Interval {
    Interval { low, high, level, method: method.to_owned() }
}

fn check((hits, n): (u64, u64)) {
    assert!(hits <= n, "a share has no more hits than rows");
}

/// Ends of the score interval; exactly 0 without hits and exactly 1 without misses.
fn score_ends(hits: u64, n: u64, z: f64) -> Option<(f64, f64)> {
    check((hits, n));
    if n == 0 {
        return None;
    }
    Some(super::effective::score_ends(to_f64(hits) / to_f64(n), to_f64(n), z))
}

/// The score interval of a share, method `wilson`; `None` iff `n` is 0.
///
/// `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`, in 0 to 1.
/// Source: Wilson 1927, JASA 22, 209–212; without continuity correction.
#[must_use]
pub fn wilson(hits: u64, n: u64, level: f64) -> Option<Interval> {
    let (low, high) = score_ends(hits, n, two_sided(level))?;
    Some(interval(low, high, level, "wilson"))
}

/// The exact interval of a share, method `clopper_pearson`; `None` iff `n` is 0.
///
/// Lower end: the `(1−level)/2` quantile of `Beta(hits, n−hits+1)`, 0 without hits. Upper end: the
/// `(1+level)/2` quantile of `Beta(hits+1, n−hits)`, 1 without misses. Covers at least `level`.
/// Source: Clopper and Pearson 1934, Biometrika 26, 404–413.
#[must_use]
pub fn clopper_pearson(hits: u64, n: u64, level: f64) -> Option<Interval> {
    check((hits, n));
    if n == 0 {
        return None;
    }
    let (k, misses, tail) = (to_f64(hits), to_f64(n - hits), (1.0 - level) / 2.0);
    let low = if hits == 0 { 0.0 } else { beta_quantile(k, misses + 1.0, tail) };
    // The upper quantile of Beta(a, b) is one minus the lower one of Beta(b, a).
    let high = if hits == n { 1.0 } else { 1.0 - beta_quantile(misses, k + 1.0, tail) };
    Some(interval(low, high, level, "clopper_pearson"))
}

/// The `p` quantile of `Beta(a, b)`, a and b at least 1, by Newton's method on `ln F`, which is concave, so
/// that the steps come from the left and cannot run past the quantile. Where a step leaves the
/// interval that is known to hold it, as by rounding or underflow, the interval is halved instead,
/// so that it always ends.
fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let scale = ln_beta(a, b);
    // From the normal quantile: near the mean `beta_reg` is wrong for many millions of rows.
    let mean = a / (a + b);
    let start = mean + normal_quantile(p) * (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
    let mut x = if start > 0.0 && start < 1.0 { start } else { mean };
    loop {
        let below = beta_reg(a, b, x);
        if below < p {
            low = x;
        } else {
            high = x;
        }
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - scale).exp();
        let next = x - below * (below / p).ln() / density;
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high || (next - x).abs() <= 1e-15 * x {
            return x;
        }
        x = if next > low && next < high { next } else { middle };
    }
}

/// The hybrid score interval of `p_a − p_b`, method `newcombe`; `None` iff a side has no row.
///
/// With `(l, u)` the Wilson ends of each side and `d = p_a − p_b`: from `d − √((p_a−l_a)² + (u_b−p_b)²)` to
/// `d + √((u_a−p_a)² + (p_b−l_b)²)`, in −1 to 1.
/// Source: Newcombe 1998, Statistics in Medicine 17, 873–890, method 10.
#[must_use]
pub fn newcombe(a: (u64, u64), b: (u64, u64), level: f64) -> Option<Interval> {
    let z = two_sided(level);
    let (low_a, high_a) = score_ends(a.0, a.1, z)?;
    let (low_b, high_b) = score_ends(b.0, b.1, z)?;
    let (p_a, p_b) = (to_f64(a.0) / to_f64(a.1), to_f64(b.0) / to_f64(b.1));
    let low = p_a - p_b - (p_a - low_a).hypot(high_b - p_b);
    let high = p_a - p_b + (high_a - p_a).hypot(p_b - low_b);
    Some(interval(low.max(-1.0), high.min(1.0), level, "newcombe"))
}

/// The log interval of `p_a / p_b`, method `katz_log`; `None` when a side has no row or no hit,
/// because the logarithm of 0 has no standard error.
///
/// `exp(ln(p_a/p_b) ± z √(1/hits_a − 1/n_a + 1/hits_b − 1/n_b))`, at least 0.
/// Source: Katz, Baptista, Azen, Pike 1978, Biometrics 34, 469–474, method C.
#[must_use]
pub fn katz_log(a: (u64, u64), b: (u64, u64), level: f64) -> Option<Interval> {
    check(a);
    check(b);
    if a.0 == 0 || b.0 == 0 {
        return None;
    }
    let spread = |(hits, n): (u64, u64)| 1.0 / to_f64(hits) - 1.0 / to_f64(n);
    let ratio = (to_f64(a.0) / to_f64(a.1)) / (to_f64(b.0) / to_f64(b.1));
    let factor = (two_sided(level) * (spread(a) + spread(b)).max(0.0).sqrt()).exp();
    Some(interval(ratio / factor, ratio * factor, level, "katz_log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<Interval>, low: f64, high: f64) {
        let i = found.unwrap();
        assert!((i.low - low).abs() < 1e-9 && (i.high - high).abs() < 1e-9, "{i:?}");
    }

    #[test]
    fn wilson_by_hand() {
        // p = 1/2, n = 4, z = 1.959964, z² = 3.841459: centre 1/2 by symmetry,
        // half = z √(0.0625 + 3.841459/64) / (1 + 3.841459/4) = 1.959964 · 0.350033 / 1.960365.
        let i = wilson(2, 4, 0.95).unwrap();
        assert!((i.low - 0.150_038_990).abs() < 1e-8, "{i:?}");
        assert!((i.low + i.high - 1.0).abs() < 1e-15);
        assert_eq!((i.level, i.method.as_str()), (0.95, "wilson"));
    }

    #[test]
    fn the_published_examples() {
        // Newcombe 1998 (both papers): 81/263 and 15/148; 56/70 − 48/80.
        let i = wilson(81, 263, 0.95).unwrap();
        assert!((i.low - 0.2553).abs() < 5e-5 && (i.high - 0.3662).abs() < 5e-5, "{i:?}");
        let i = clopper_pearson(15, 148, 0.95).unwrap();
        assert!((i.low - 0.0578).abs() < 5e-5 && (i.high - 0.1617).abs() < 5e-5, "{i:?}");
        let i = newcombe((56, 70), (48, 80), 0.95).unwrap();
        assert!((i.low - 0.0524).abs() < 5e-5 && (i.high - 0.3339).abs() < 5e-5, "{i:?}");
    }

    #[test]
    fn clopper_pearson_without_misses_has_a_closed_form() {
        // Lower end with hits = n: (α/2)^(1/n) = 0.025^(1/5).
        close(clopper_pearson(5, 5, 0.95), 0.025_f64.powf(0.2), 1.0);
        close(clopper_pearson(0, 5, 0.95), 0.0, 1.0 - 0.025_f64.powf(0.2));
    }

    #[test]
    fn far_out_the_exact_ends_are_as_exact() {
        for level in [0.5, 0.95, 0.999_999, 1.0 - 2e-9] {
            let tail = (1.0 - level) / 2.0;
            for n in [1_u32, 5, 40] {
                let low = clopper_pearson(n.into(), n.into(), level).unwrap().low;
                assert!((low / tail.powf(1.0 / f64::from(n)) - 1.0).abs() < 1e-11, "{n} {level}");
            }
            // Chances of each number of hits of 10 at both ends.
            let ways = [1.0_f64, 10.0, 45.0, 120.0, 210.0, 252.0, 210.0, 120.0, 45.0, 10.0, 1.0];
            let chance = |p: f64, hits: usize| {
                let k = i32::try_from(hits).unwrap();
                ways[hits] * p.powi(k) * (1.0 - p).powi(10 - k)
            };
            let i = clopper_pearson(3, 10, level).unwrap();
            let above = (3..=10).map(|hits| chance(i.low, hits)).sum::<f64>();
            let below = (0..=3).map(|hits| chance(i.high, hits)).sum::<f64>();
            assert!((above / tail - 1.0).abs() < 1e-9, "{level} {above}");
            assert!((below / tail - 1.0).abs() < 1e-9, "{level} {below}");
        }
    }

    #[test]
    fn the_exact_interval_of_many_rows_is_nearly_the_score_interval() {
        // The regularised beta function loses its digits near the mean of so many rows: the search
        // must neither begin there nor get lost in rounding.
        for (hits, n) in [(300_000, 1_000_000), (9000, 1_000_000_000), (700_000_000, 1_000_000_000)]
        {
            let (exact, score) =
                (clopper_pearson(hits, n, 0.95).unwrap(), wilson(hits, n, 0.95).unwrap());
            let width = score.high - score.low;
            assert!((exact.high - exact.low - width).abs() < 0.05 * width, "{exact:?} {score:?}");
        }
    }

    #[test]
    fn the_ends_are_exact_without_hits_or_misses() {
        assert_eq!(wilson(0, 7, 0.95).unwrap().low.to_bits(), 0.0_f64.to_bits());
        assert_eq!(wilson(7, 7, 0.95).unwrap().high.to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn nothing_can_be_said_about_no_row() {
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(clopper_pearson(0, 0, 0.95), None);
        assert_eq!(newcombe((0, 0), (1, 2), 0.95), None);
        assert_eq!(newcombe((1, 2), (0, 0), 0.95), None);
    }

    #[test]
    #[should_panic(expected = "no more hits than rows")]
    fn more_hits_than_rows_are_a_bug_of_the_caller() {
        let _ = wilson(3, 2, 0.95);
    }

    #[test]
    fn a_difference_turns_its_sign_with_its_sides() {
        let (a, b) = ((3, 17), (9, 21));
        let (there, back) = (newcombe(a, b, 0.9).unwrap(), newcombe(b, a, 0.9).unwrap());
        close(Some(there), -back.high, -back.low);
    }

    #[test]
    fn katz_by_hand() {
        // (2/4)/(1/4) = 2, variance of the log 1/2 − 1/4 + 1/1 − 1/4 = 1.
        let z = 1.959_963_984_540_054_f64;
        close(katz_log((2, 4), (1, 4), 0.95), 2.0 * (-z).exp(), 2.0 * z.exp());
        // (36/40)/(16/80) = 4.5, variance of the log 1/36 − 1/40 + 1/16 − 1/80 = 0.052777…
        let half = z * (19.0_f64 / 360.0).sqrt();
        close(katz_log((36, 40), (16, 80), 0.95), 4.5 * (-half).exp(), 4.5 * half.exp());
        assert_eq!(katz_log((0, 4), (1, 4), 0.95), None);
        assert_eq!(katz_log((1, 4), (0, 4), 0.95), None);
        assert_eq!(katz_log((1, 4), (0, 0), 0.95), None);
    }
}
