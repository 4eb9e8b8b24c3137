//! The mean of a few estimates of one thing, e.g. one for each seed.

use super::sums::sum;
use crate::domain::{Interval, Undefined, to_f64};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The mean and its interval of confidence `level`, method `student_t`; the interval is `None` for
/// a single value.
///
/// `m ± t · s/√n` with `s` the sample standard deviation and `t` the quantile of Student's
/// distribution with `n − 1` degrees of freedom. It holds for independent, roughly normal values;
/// those of the folds of one cross-validation share training rows, so theirs is too narrow.
///
/// # Errors
/// [`Undefined::Empty`] without a value.
///
/// Source: Student 1908, Biometrika 6, 1–25; folds: Bengio and Grandvalet 2004, JMLR 5, 1089–1105.
pub fn mean(values: &[f64], level: f64) -> Result<(f64, Option<Interval>), Undefined> {
    let n = to_f64(u64::try_from(values.len()).unwrap_or(u64::MAX));
    if values.is_empty() {
        return Err(Undefined::Empty);
    }
    let mean = sum(values.iter().copied()) / n;
    let spread = sum(values.iter().map(|value| (value - mean).powi(2)));
    let student = StudentsT::new(0.0, 1.0, n - 1.0).ok();
    let interval = student.map(|student| {
        let half = student.inverse_cdf(0.5 + level / 2.0) * (spread / (n - 1.0) / n).sqrt();
        Interval { low: mean - half, high: mean + half, level, method: "student_t".to_owned() }
    });
    Ok((mean, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_by_hand_with_the_tables_quantiles() {
        // Mean 3, s² = (4 + 1 + 0 + 1 + 4)/4 = 2.5, s/√n = √0.5; t(0.975, 4) = 2.776445.
        let (found, interval) = mean(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        let interval = interval.unwrap();
        let half = 2.776_445_105 * 0.5_f64.sqrt();
        assert!((found - 3.0).abs() < 1e-15);
        assert!((interval.high - 3.0 - half).abs() < 1e-6, "{interval:?}");
        assert!((interval.low + interval.high - 6.0).abs() < 1e-12);
        // Two values, one degree of freedom: t(0.95, 1) = 6.313752.
        let (_, interval) = mean(&[0.0, 2.0], 0.9).unwrap();
        assert!((interval.unwrap().high - 1.0 - 6.313_751_515).abs() < 1e-6);
    }

    #[test]
    fn one_value_has_no_interval_and_none_has_no_mean() {
        assert_eq!(mean(&[0.7], 0.95), Ok((0.7, None)));
        assert_eq!(mean(&[], 0.95), Err(Undefined::Empty));
    }
}
