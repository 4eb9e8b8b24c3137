//! How likely it is that the true value breaches the bound.

use crate::domain::{Bound, Finding, Interval, Level, Stage, to_f64};
use crate::stats::{normal_cdf, normal_quantile};

/// A breach probability and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// 0 to 1.
    pub probability: f64,
    /// `normal_interval`, `count`, `yearly_volume`, `point` or `undefined`.
    pub method: &'static str,
    /// Whether few rows or a wide interval make the probability unreliable.
    pub low_confidence: bool,
}

/// Fewer rows than this make any probability unreliable.
const FEW_ROWS: u64 = 30;

/// The probability that the true value behind `finding` breaches `bound`.
///
/// - `normal_interval`: `Φ((value − limit) / se)` for an upper bound, `Φ((limit − value) / se)` for a
///   lower one, with `se` the distance from the value to the end of its own interval on the limit's
///   side, divided by the normal quantile of its level. Ratios are compared on the log scale.
/// - `yearly_volume`: for the share of violating log records under a bound of 0, where a single
///   violation is a breach: `1 − (1 − p)^N` with `p` the upper end of the share's interval and `N`
///   the decisions of a year.
/// - `count`: what is counted and not sampled breaches or does not, 1 or 0.
/// - `point`: an estimate that has no interval counts as if it were exact, with low confidence.
/// - `undefined`: without a value nothing is known, ½ with low confidence.
///
/// Confidence is low without an interval, where fewer than 30 rows were seen, or where the interval
/// crosses the bound.
///
/// **Source** NIST SP 800-30 r1, appendix G (likelihood); the normal approximation to an interval as
/// in Altman and Bland 2011, BMJ 343:d2090; the yearly volume is the probability of at least one
/// event in `N` independent decisions.
#[must_use]
pub fn likelihood(finding: &Finding, bound: Bound, per_year: Option<u64>) -> Likelihood {
    let Ok(value) = finding.value else {
        return Likelihood { probability: 0.5, method: "undefined", low_confidence: true };
    };
    let few = finding.n < FEW_ROWS;
    let Some(interval) = &finding.interval else {
        let probability = if bound.holds(value) { 0.0 } else { 1.0 };
        return if is_count(finding) {
            Likelihood { probability, method: "count", low_confidence: false }
        } else {
            Likelihood { probability, method: "point", low_confidence: true }
        };
    };
    let crosses = bound.holds(interval.low) != bound.holds(interval.high);
    let (probability, method) = match (finding.stage, bound, per_year) {
        (Stage::Misuse, Bound::AtMost(limit), Some(volume)) if limit <= 0.0 => {
            (any_in(volume, interval.high), "yearly_volume")
        }
        _ => (beyond(value, interval, bound), "normal_interval"),
    };
    Likelihood { probability, method, low_confidence: few || crosses }
}

/// The level of a probability by the semi-quantitative values of NIST SP 800-30 r1, table G-2:
/// 0–4 very low, 5–20 low, 21–79 moderate, 80–95 high, 96–100 very high, in hundredths. A
/// probability between two bins belongs to the higher one.
#[must_use]
pub fn bin(probability: f64) -> Level {
    match probability {
        p if p <= 0.04 => Level::VeryLow,
        p if p <= 0.20 => Level::Low,
        p if p <= 0.79 => Level::Moderate,
        p if p <= 0.95 => Level::High,
        _ => Level::VeryHigh,
    }
}

/// Whether the value is a count of what is there rather than an estimate of something.
fn is_count(finding: &Finding) -> bool {
    match finding.stage {
        Stage::Dataset | Stage::Misuse => true,
        Stage::Privacy => finding.check.starts_with("pii_") || finding.code.starts_with("AN"),
        Stage::Fairness => finding.check == "count",
    }
}

/// The probability of at least one event of probability `p` in `volume` independent draws,
/// `1 − (1 − p)^volume`, without the cancellation of the plain formula.
fn any_in(volume: u64, p: f64) -> f64 {
    if volume == 0 || p <= 0.0 {
        0.0
    } else if p >= 1.0 {
        1.0
    } else {
        -(to_f64(volume) * (-p).ln_1p()).exp_m1()
    }
}

/// The probability that the true value lies beyond the bound.
fn beyond(value: f64, interval: &Interval, bound: Bound) -> f64 {
    let limit = bound.limit();
    let positive = [value, interval.low, interval.high, limit].iter().all(|&v| v > 0.0);
    let log = interval.is_of_ratio() && positive;
    let scale = |v: f64| if log { v.ln() } else { v };
    let z = normal_quantile(0.5 + interval.level / 2.0);
    let across = if limit > value { interval.high } else { interval.low };
    let se = (scale(across) - scale(value)).abs() / z;
    let past = match bound {
        Bound::AtMost(_) => scale(value) - scale(limit),
        Bound::AtLeast(_) => scale(limit) - scale(value),
    };
    let score = past / se;
    if score.is_finite() {
        normal_cdf(score)
    } else if bound.holds(value) {
        0.0
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finding;
    use super::*;
    use crate::domain::Undefined;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[expect(clippy::unnecessary_wraps, reason = "findings take an optional interval")]
    fn ends(low: f64, high: f64, method: &str) -> Option<Interval> {
        Some(Interval { low, high, level: 0.95, method: method.to_owned() })
    }

    #[test]
    fn the_cut_points_of_the_standard() {
        let bins = [
            (0.0, Level::VeryLow),
            (0.04, Level::VeryLow),
            (0.05, Level::Low),
            (0.20, Level::Low),
            (0.21, Level::Moderate),
            (0.79, Level::Moderate),
            (0.80, Level::High),
            (0.95, Level::High),
            (0.96, Level::VeryHigh),
            (1.0, Level::VeryHigh),
        ];
        for (p, level) in bins {
            assert_eq!(bin(p), level, "{p}");
        }
        assert_eq!(bin(0.045), Level::Low);
    }

    #[test]
    fn an_interval_that_ends_at_the_bound_leaves_one_tail() {
        // The bound is 1.96 standard errors away, so one tail of a 95 % interval lies beyond it.
        let kept = finding("roc_auc", Ok(0.05), ends(0.0, 0.1, "wilson"));
        let p = likelihood(&kept, Bound::AtMost(0.1), None);
        close(p.probability, 0.025);
        assert_eq!((p.method, p.low_confidence), ("normal_interval", false));
        close(likelihood(&kept, Bound::AtLeast(0.1), None).probability, 0.975);
        let on_it = likelihood(&kept, Bound::AtMost(0.05), None);
        close(on_it.probability, 0.5);
        assert!(on_it.low_confidence);
    }

    #[test]
    fn ratios_are_compared_on_the_log_scale() {
        let f = finding("demographic_parity_ratio", Ok(0.8), ends(0.4, 1.6, "katz_log"));
        close(likelihood(&f, Bound::AtLeast(0.4), None).probability, 0.025);
        close(likelihood(&f, Bound::AtMost(1.6), None).probability, 0.025);
    }

    #[test]
    fn an_interval_without_width_is_certain() {
        let f = finding("roc_auc", Ok(1.0), ends(1.0, 1.0, "delong"));
        close(likelihood(&f, Bound::AtMost(0.6), None).probability, 1.0);
        close(likelihood(&f, Bound::AtMost(1.0), None).probability, 0.0);
    }

    #[test]
    fn the_yearly_volume_makes_a_rare_violation_likely() {
        let mut f = finding("usage_missing_review", Ok(0.0), ends(0.0, 0.01, "clopper_pearson"));
        f.stage = Stage::Misuse;
        let at = |bound, volume| likelihood(&f, bound, volume);
        // 1 − 0.99² = 0.0199 and 1 − 0.99^100 = 0.633 967 658 7.
        close(at(Bound::AtMost(0.0), Some(2)).probability, 0.0199);
        close(at(Bound::AtMost(0.0), Some(100)).probability, 1.0 - 0.99_f64.powi(100));
        close(at(Bound::AtMost(0.0), Some(0)).probability, 0.0);
        assert_eq!(at(Bound::AtMost(0.0), Some(2)).method, "yearly_volume");
        assert_eq!(at(Bound::AtMost(0.1), Some(2)).method, "normal_interval");
        assert_eq!(at(Bound::AtMost(0.0), None).method, "normal_interval");
        close(any_in(5, 1.0), 1.0);
    }

    #[test]
    fn counts_are_certain_and_the_undefined_is_even() {
        let mut f = finding("pii_direct_identifiers", Ok(3.0), None);
        f.stage = Stage::Privacy;
        let p = likelihood(&f, Bound::AtMost(0.0), None);
        assert_eq!((p.method, p.low_confidence), ("count", false));
        close(p.probability, 1.0);
        close(likelihood(&f, Bound::AtMost(3.0), None).probability, 0.0);
        f.check = "membership_advantage".to_owned();
        let p = likelihood(&f, Bound::AtMost(0.0), None);
        assert_eq!((p.method, p.low_confidence), ("point", true));
        f.value = Err(Undefined::NoScores);
        let p = likelihood(&f, Bound::AtMost(0.0), None);
        assert_eq!((p.method, p.low_confidence), ("undefined", true));
        close(p.probability, 0.5);
    }

    #[test]
    fn a_dozen_rows_give_low_confidence() {
        let mut f = finding("accuracy", Ok(0.9), ends(0.85, 0.95, "wilson"));
        assert!(!likelihood(&f, Bound::AtLeast(0.5), None).low_confidence);
        f.n = 12;
        assert!(likelihood(&f, Bound::AtLeast(0.5), None).low_confidence);
    }
}
