//! Intervals of shares of weighted rows, of sums of shares, and of means.
//!
//! A share is given with an effective number of rows, a positive number that need not be whole;
//! `level` is the two-sided confidence, strictly between 0 and 1. With an effective number that is
//! the number of rows, the intervals are those of [`super::wilson`] and its like.

use super::normal::two_sided;
use crate::domain::Interval;
use statrs::distribution::{ContinuousCDF, StudentsT};

fn interval(low: f64, high: f64, level: f64, method: &str) -> Interval {
    Interval { low, high, level, method: method.to_owned() }
}

/// Ends of the score interval of a share of `rows` rows; exactly 0 for a share of 0 and exactly 1
/// for a share of 1.
pub(super) fn score_ends(share: f64, rows: f64, z: f64) -> (f64, f64) {
    let z2 = z * z;
    let scale = 1.0 + z2 / rows;
    let centre = (share + z2 / (2.0 * rows)) / scale;
    let half = z * (share * (1.0 - share) / rows + z2 / (4.0 * rows * rows)).sqrt() / scale;
    let low = if share <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// Wilson's interval of a share of `rows` effective rows, method `wilson`; `None`
/// without rows.
///
/// Source: Wilson 1927, JASA 22, 209–212; effective n: Kish 1965, Survey Sampling, §11.7.
pub(crate) fn wilson_effective(share: f64, rows: f64, level: f64) -> Option<Interval> {
    let (low, high) = score_ends(share, rows, two_sided(level));
    (rows > 0.0).then(|| interval(low, high, level, "wilson"))
}

/// One term `coefficient × share` of a sum of independent shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Term {
    /// Factor of the share.
    pub(crate) coefficient: f64,
    /// The share, 0 to 1.
    pub(crate) share: f64,
    /// Its effective rows.
    pub(crate) rows: f64,
}

/// Low and high end of a sum of independent shares, from the Wilson ends of each; `None` where a
/// share has no row.
///
/// `L = θ − √Σ (cᵢpᵢ − min(cᵢlᵢ, cᵢuᵢ))²`, `U = θ + √Σ (max(cᵢlᵢ, cᵢuᵢ) − cᵢpᵢ)²`. Of two shares with
/// factors 1 and −1 it is Newcombe's interval.
///
/// Source: Zou and Donner 2008, Statistics in Medicine 27, 1693–1702.
pub(crate) fn sum_of_shares(terms: &[Term], level: f64) -> Option<(f64, f64)> {
    let z = two_sided(level);
    let (mut value, mut down, mut up) = (0.0, 0.0, 0.0);
    for term in terms {
        if term.rows <= 0.0 {
            return None;
        }
        let (low, high) = score_ends(term.share, term.rows, z);
        let (at, a, b) =
            (term.coefficient * term.share, term.coefficient * low, term.coefficient * high);
        value += at;
        down += (at - a.min(b)).powi(2);
        up += (a.max(b) - at).powi(2);
    }
    Some((value - down.sqrt(), value + up.sqrt()))
}

/// Half the width of Student's two-sided interval of confidence `level`, in standard errors; `None`
/// where the degrees of freedom are not positive.
///
/// Source: Student 1908, Biometrika 6, 1–25.
pub(crate) fn student_two_sided(level: f64, freedom: f64) -> Option<f64> {
    if freedom >= SERIES {
        return Some(student_series(two_sided(level), freedom));
    }
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(student.inverse_cdf(0.5 + level / 2.0))
}

/// From so many degrees of freedom the series is exact to a part in 10¹² up to a level of 0.9999.
const SERIES: f64 = 1000.0;

/// Student's quantile from the normal one `z`: Abramowitz, Stegun 1964, 26.7.5. A search for the root of
/// the distribution function takes a thousand times as long.
fn student_series(z: f64, freedom: f64) -> f64 {
    let square = z * z;
    let terms = [
        (square + 1.0) / 4.0,
        ((5.0 * square + 16.0) * square + 3.0) / 96.0,
        (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0)
            / 92160.0,
    ];
    z * (1.0 + terms.iter().rev().fold(0.0, |rest, term| (rest + term) / freedom))
}

#[cfg(test)]
mod tests {
    use super::super::{newcombe, wilson};
    use super::*;

    fn same(found: Option<Interval>, expected: Option<Interval>) {
        let (found, expected) = (found.unwrap(), expected.unwrap());
        assert!((found.low - expected.low).abs() < 1e-12, "{found:?}");
        assert!((found.high - expected.high).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn with_equal_weights_they_are_the_intervals_of_the_counts() {
        same(wilson_effective(0.75, 12.0, 0.9), wilson(9, 12, 0.9));
        let term = |coefficient, share, rows| Term { coefficient, share, rows };
        let (low, high) =
            sum_of_shares(&[term(1.0, 0.75, 12.0), term(-1.0, 0.5, 8.0)], 0.9).unwrap();
        let expected = newcombe((9, 12), (4, 8), 0.9).unwrap();
        assert!((low - expected.low).abs() < 1e-12 && (high - expected.high).abs() < 1e-12);
    }

    #[test]
    fn fewer_effective_rows_widen_the_interval() {
        let (wide, narrow) =
            (wilson_effective(0.3, 5.5, 0.95).unwrap(), wilson_effective(0.3, 9.0, 0.95).unwrap());
        assert!(wide.low < narrow.low && narrow.high < wide.high);
        assert_eq!(wide.method, "wilson");
    }

    #[test]
    fn without_rows_there_is_none() {
        assert_eq!(wilson_effective(0.0, 0.0, 0.95), None);
        assert_eq!(sum_of_shares(&[Term { coefficient: 1.0, share: 0.5, rows: 0.0 }], 0.95), None);
        assert_eq!(student_two_sided(0.95, 0.0), None);
    }

    #[test]
    fn the_mean_of_two_shares_by_hand() {
        // θ = ½·½ + ½·½ = ½; both Wilson intervals of 2 of 4 reach 0.349961 down and up:
        // √2 · ½ · 0.349961 = 0.247460.
        let half = Term { coefficient: 0.5, share: 0.5, rows: 4.0 };
        let (low, high) = sum_of_shares(&[half, half], 0.95).unwrap();
        assert!((0.5 - low - 0.247_459_8).abs() < 1e-6, "{low}");
        assert!((low + high - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_series_meets_the_root_and_goes_on_where_the_search_for_it_fails() {
        for freedom in [1000.0, 1e4] {
            for level in [0.5, 0.9, 0.95, 0.99, 0.9999] {
                let root =
                    StudentsT::new(0.0, 1.0, freedom).unwrap().inverse_cdf(0.5 + level / 2.0);
                let found = student_two_sided(level, freedom).unwrap();
                assert!((found / root - 1.0).abs() < 1e-9, "{freedom} {level}: {found} {root}");
            }
        }
        // By scipy.stats.t.ppf. At 10⁷ the search of statrs 0.19 gives 0.6621 in place of 0.6745.
        for (level, freedom, expected) in [
            (0.5, 1e7, 0.674_489_774_729_575_3),
            (0.95, 1000.0, 1.962_339_080_826_408_3),
            (0.95, 999.0, 1.962_341_461_133_449_3),
            (0.9999, 37.5, 4.352_256_179_051_057),
            (0.95, 3.0, 3.182_446_305_283_707_8),
        ] {
            let found = student_two_sided(level, freedom).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-9, "{level} {freedom}: {found}");
        }
    }

    #[test]
    fn the_terms_of_the_series_by_hand() {
        // z² = 1: 2/4, 24/96, 24/384 and −528/92160; z² = 4: 5/4, 147/96, 549/384 and
        // (79·256 + 776·64 + 1482·16 − 1920·4 − 945)/92160 = 84975/92160.
        let at_one = 1.0 + 0.5 / 2.0 + 0.25 / 4.0 + 0.0625 / 8.0 - 528.0 / 92160.0 / 16.0;
        assert!((student_series(1.0, 2.0) - at_one).abs() < 1e-14);
        let at_two = 1.0 + 1.25 / 2.0 + 147.0 / 384.0 + 549.0 / 3072.0 + 84975.0 / 92160.0 / 16.0;
        assert!((student_series(2.0, 2.0) - 2.0 * at_two).abs() < 1e-14);
    }
}
