//! The sentence of a row. Numbers are rounded here and nowhere before.

use crate::domain::{Bound, Finding};

/// Four significant digits, shortest form, never in scientific notation.
fn rounded(value: f64) -> String {
    let short = format!("{value:.3e}");
    short.parse::<f64>().map_or(short, |v| v.to_string())
}

/// `value` in words; unrounded where rounding would make it look equal to the bound.
fn number(value: f64, bound: Bound) -> String {
    let short = rounded(value);
    let differs = (value - bound.limit()).abs() > 0.0;
    if differs && short == rounded(bound.limit()) { value.to_string() } else { short }
}

/// `at most 0.1` or `at least 0.8`.
pub(super) fn limit(bound: Bound) -> String {
    match bound {
        Bound::AtMost(limit) => format!("at most {}", rounded(limit)),
        Bound::AtLeast(limit) => format!("at least {}", rounded(limit)),
    }
}

/// `0.7312 (95 % interval 0.7012 to 0.7612, n = 310)`.
pub(super) fn measured(value: f64, finding: &Finding, bound: Bound) -> String {
    let n = finding.n;
    finding.interval.as_ref().map_or_else(
        || format!("{} (no interval, n = {n})", number(value, bound)),
        |i| {
            format!(
                "{} ({} % interval {} to {}, n = {n})",
                number(value, bound),
                rounded(i.level * 100.0),
                number(i.low, bound),
                number(i.high, bound)
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::examples::{finding, interval};
    use super::*;

    #[test]
    fn four_significant_digits() {
        assert_eq!(rounded(0.812_749), "0.8127");
        assert_eq!(rounded(0.000_012_345), "0.00001234");
        assert_eq!(rounded(1234.5), "1234");
        assert_eq!(rounded(0.0), "0");
        assert_eq!(rounded(-0.2), "-0.2");
    }

    #[test]
    fn a_near_miss_is_not_rounded_into_equality() {
        assert_eq!(number(0.799_999, Bound::AtLeast(0.8)), "0.799999");
        assert_eq!(number(0.8, Bound::AtLeast(0.8)), "0.8");
    }

    #[test]
    fn value_interval_and_n_are_named() {
        let f = finding("a", &[], Ok(0.5)).with_interval(interval(0.4, 0.6));
        assert_eq!(
            measured(0.5, &f, Bound::AtMost(0.1)),
            "0.5 (95 % interval 0.4 to 0.6, n = 100)"
        );
        assert_eq!(limit(Bound::AtLeast(0.8)), "at least 0.8");
    }
}
