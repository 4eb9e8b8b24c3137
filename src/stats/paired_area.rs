//! The areas under the ROC curves of two scores of the same rows.

use super::delong::sorted;
use super::normal::two_sided;
use crate::domain::{Interval, Undefined, to_f64};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The rows of the smaller class that an interval needs; with ten, 91 to 99 % of them cover.
const LEAST_ROWS: u64 = 20;

/// Two areas on the same rows, and how far their difference can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaChange {
    /// Of the first score.
    pub first: f64,
    /// Of the second score.
    pub second: f64,
    /// The variance of their difference.
    variance: f64,
    /// Its degrees of freedom.
    freedom: f64,
    /// The sizes of both classes.
    classes: [u64; 2],
}

/// The largest share of rows that may still change where none of `n` rows did, by the score interval.
pub(crate) fn unchanged(n: u64, z: f64) -> f64 {
    z * z / (to_f64(n) + z * z)
}

/// The two-sided p-value of Student's `t`.
pub(crate) fn student_p(t: f64, freedom: f64) -> Option<f64> {
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some((2.0 * student.cdf(-t.abs())).min(1.0))
}

impl AreaChange {
    /// First minus second.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.first - self.second
    }

    /// The interval of the difference, method `delong_paired`; `None` where the smaller class has fewer
    /// than 20 rows, or one score wins the same in every row.
    ///
    /// `DeLong`'s variance with Student's quantile at Welch and Satterthwaite's degrees of freedom of its
    /// two parts, the positives' and the negatives'. Where no row is ranked otherwise by the second score,
    /// the difference is at most the share of the rows of either class that could still be: by the score
    /// interval of none in `m` and of none in `n`, method `tango`.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let [m, n] = self.classes;
        if m.min(n) < LEAST_ROWS {
            return None;
        }
        let made = |half: f64, method: &str| {
            let (low, high) = (self.difference() - half, self.difference() + half);
            Interval { low: low.max(-1.0), high: high.min(1.0), level, method: method.to_owned() }
        };
        if self.variance > 0.0 {
            let z = super::student_two_sided(level, self.freedom)?;
            return Some(made(z * self.variance.sqrt(), "delong_paired"));
        }
        let z = two_sided(level);
        let same = self.difference().abs() < 1e-12;
        same.then(|| made(unchanged(m, z) + unchanged(n, z), "tango"))
    }

    /// The two-sided p-value of no difference; `None` where there is no interval.
    #[must_use]
    pub fn p(&self) -> Option<f64> {
        let exists = self.classes.iter().all(|rows| *rows >= LEAST_ROWS);
        if exists && self.variance > 0.0 {
            return student_p(self.difference() / self.variance.sqrt(), self.freedom);
        }
        (exists && self.difference().abs() < 1e-12).then_some(1.0)
    }
}

/// Compares two scores of the same rows, ties one half; both slices hold `(first, second)` for each row.
///
/// # Errors
/// [`Undefined::Empty`] and [`Undefined::OneClass`] without a class.
///
/// Source: `DeLong`, `DeLong`, Clarke-Pearson 1988, Biometrics 44, 837–845; degrees of freedom: Welch
/// 1947, Biometrika 34, 28–35.
pub fn delong_paired(
    positive: &[(f64, f64)],
    negative: &[(f64, f64)],
) -> Result<AreaChange, Undefined> {
    match (positive.len(), negative.len()) {
        (0, 0) => return Err(Undefined::Empty),
        (0, _) | (_, 0) => return Err(Undefined::OneClass),
        _ => {}
    }
    let (won, lost) = (placements(positive, negative), placements(negative, positive));
    let mean = |values: &mut dyn Iterator<Item = f64>| super::sum(values) / len(positive);
    let first = mean(&mut won.iter().map(|row| row.0));
    let second = mean(&mut won.iter().map(|row| row.1));
    let parts = [spread(&won), spread(&lost)];
    let (variance, counts) = (parts[0] + parts[1], [len(positive), len(negative)]);
    let weighed = parts.iter().zip(counts).map(|(part, n)| part * part / (n - 1.0).max(1.0));
    let freedom = variance * variance / super::sum(weighed);
    let rows = |pairs: &[(f64, f64)]| u64::try_from(pairs.len()).unwrap_or(u64::MAX);
    let classes = [rows(positive), rows(negative)];
    Ok(AreaChange { first, second, variance, freedom, classes })
}

fn len(pairs: &[(f64, f64)]) -> f64 {
    to_f64(u64::try_from(pairs.len()).unwrap_or(u64::MAX))
}

/// For both scores of each row, the share of the other class that it beats.
fn placements(of: &[(f64, f64)], among: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let first = sorted(&among.iter().map(|row| row.0).collect::<Vec<_>>());
    let second = sorted(&among.iter().map(|row| row.1).collect::<Vec<_>>());
    let share = |sorted: &[f64], score: f64| {
        let below = sorted.partition_point(|other| *other < score);
        let upto = sorted.partition_point(|other| *other <= score);
        to_f64(u64::try_from(below + upto).unwrap_or(u64::MAX)) / (2.0 * len(among))
    };
    of.iter().map(|row| (share(&first, row.0), share(&second, row.1))).collect()
}

/// The sample variance of the differences over their number; exactly 0 where all are equal.
fn spread(rows: &[(f64, f64)]) -> f64 {
    let gaps = || rows.iter().map(|row| row.0 - row.1);
    let mean = super::sum(gaps()) / len(rows);
    let squares = super::sum(gaps().map(|gap| (gap - mean).powi(2)));
    let variance = squares / (len(rows) - 1.0).max(1.0) / len(rows);
    if variance > 1e-28 { variance } else { 0.0 }
}

/// The mean of one difference per row, its interval and its p-value.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanChange {
    /// The mean.
    pub mean: f64,
    /// Its interval, method `paired_t`, or `tango` where no row differs.
    pub interval: Option<Interval>,
    /// The two-sided p-value that it is 0.
    pub p: Option<f64>,
}

/// The mean of `gaps`, each of which is at most `most` on either side, with Student's interval; none
/// below ten rows.
///
/// Where every gap is 0, the mean is at most `most` times the share of rows that could still differ.
///
/// # Errors
/// [`Undefined::Empty`] without rows.
///
/// Source: Student 1908, Biometrika 6, 1–25.
pub fn mean_change(gaps: &[f64], most: f64, level: f64) -> Result<MeanChange, Undefined> {
    let n = u64::try_from(gaps.len()).unwrap_or(u64::MAX);
    if n == 0 {
        return Err(Undefined::Empty);
    }
    let mean: f64 = super::sum(gaps.iter().copied()) / to_f64(n);
    let squares = super::sum(gaps.iter().map(|gap| (gap - mean).powi(2)));
    let error = (squares / to_f64(n) / (to_f64(n) - 1.0).max(1.0)).sqrt();
    let none = MeanChange { mean, interval: None, p: None };
    if n < 10 {
        return Ok(none);
    }
    let made = |half: f64, method: &str| {
        let (low, high) = ((mean - half).max(-most), (mean + half).min(most));
        Interval { low, high, level, method: method.to_owned() }
    };
    let freedom = to_f64(n) - 1.0;
    if error > 1e-15 {
        let half = super::student_two_sided(level, freedom).map(|t| t * error);
        let interval = half.map(|half| made(half, "paired_t"));
        return Ok(MeanChange { interval, p: student_p(mean / error, freedom), ..none });
    }
    if mean.abs() > 1e-15 || !most.is_finite() {
        return Ok(none);
    }
    let interval = Some(made(most * unchanged(n, two_sided(level)), "tango"));
    Ok(MeanChange { interval, p: Some(1.0), ..none })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn against_the_double_loop() {
        let mut draw = crate::domain::Seed::new(9).stream();
        let rows: Vec<(f64, f64)> = (0..70)
            .map(|_| ((draw.uniform() * 9.0).floor(), (draw.uniform() * 9.0).floor()))
            .collect();
        let (x, y) = rows.split_at(30);
        let wins =
            |a: f64, b: f64| f64::midpoint(f64::from(u8::from(a > b)), f64::from(u8::from(a >= b)));
        let gap = |p: &(f64, f64), q: &(f64, f64)| wins(p.0, q.0) - wins(p.1, q.1);
        let by_x: Vec<f64> =
            x.iter().map(|p| y.iter().map(|q| gap(p, q)).sum::<f64>() / 40.0).collect();
        let by_y: Vec<f64> =
            y.iter().map(|q| x.iter().map(|p| gap(p, q)).sum::<f64>() / 30.0).collect();
        let mean = by_x.iter().sum::<f64>() / 30.0;
        let spread =
            |g: &[f64], k: f64| g.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (k - 1.0) / k;
        let (a, b) = (spread(&by_x, 30.0), spread(&by_y, 40.0));
        let found = delong_paired(x, y).unwrap();
        let (auc, variance) = super::super::delong_variance(
            &x.iter().map(|r| r.0).collect::<Vec<_>>(),
            &y.iter().map(|r| r.0).collect::<Vec<_>>(),
        )
        .unwrap();
        assert!((found.first - auc).abs() < 1e-12 && variance > 0.0);
        assert!((found.difference() - mean).abs() < 1e-12);
        assert!((found.variance - a - b).abs() < 1e-14);
        let freedom = (a + b).powi(2) / (a * a / 29.0 + b * b / 39.0);
        assert!((found.freedom - freedom).abs() < 1e-8);
        let half = crate::stats::student_two_sided(0.95, freedom).unwrap() * (a + b).sqrt();
        let i = found.interval(0.95).unwrap();
        assert!((i.high - mean - half).abs() < 1e-9 && (mean - half - i.low).abs() < 1e-9);
        assert_eq!(i.method, "delong_paired");
        // The interval at the level 1 − p ends at 0.
        let edge = found.interval(1.0 - found.p().unwrap()).unwrap();
        assert!(edge.low.abs().min(edge.high.abs()) < 1e-6, "{edge:?}");
    }

    #[test]
    fn scores_in_the_same_order_leave_room_for_rows_not_seen() {
        let of = |from: i32, n: i32| -> Vec<(f64, f64)> {
            (0..n).map(|i| (f64::from(i + from), f64::from(2 * (i + from)))).collect()
        };
        let found = delong_paired(&of(3, 20), &of(0, 30)).unwrap();
        assert!(found.difference().abs() < 1e-15 && (found.p().unwrap() - 1.0).abs() < 1e-15);
        let i = found.interval(0.95).unwrap();
        let z2 = 1.959_963_984_540_054_f64.powi(2);
        let end = z2 / (20.0 + z2) + z2 / (30.0 + z2);
        assert!((i.high - end).abs() < 1e-12 && (i.low + end).abs() < 1e-12 && i.method == "tango");
        let few = delong_paired(&of(3, 19), &of(0, 30)).unwrap();
        assert_eq!((few.interval(0.95), few.p()), (None, None));
    }

    #[test]
    fn a_perfect_ranking_against_chance_has_no_error() {
        let positive = [(3.0, 0.0); 20];
        let found = delong_paired(&positive, &[(1.0, 0.0); 20]).unwrap();
        assert!((found.first - 1.0).abs() < 1e-15 && (found.second - 0.5).abs() < 1e-15);
        assert_eq!((found.interval(0.95), found.p()), (None, None));
    }

    #[test]
    fn every_reason_is_reached() {
        assert_eq!(delong_paired(&[], &[]), Err(Undefined::Empty));
        assert_eq!(delong_paired(&[(0.1, 0.2)], &[]), Err(Undefined::OneClass));
        assert_eq!(mean_change(&[], 1.0, 0.95), Err(Undefined::Empty));
    }

    #[test]
    fn a_mean_of_differences_by_hand() {
        // Ten gaps, half of them 0.1, half 0.3: mean 0.2, error 0.1 · √(10/9) / √10 = 1/30.
        let gaps: Vec<f64> = (0..10).map(|i| if i % 2 == 0 { 0.1 } else { 0.3 }).collect();
        let found = mean_change(&gaps, 1.0, 0.95).unwrap();
        let i = found.interval.unwrap();
        // t(0.975, 9) = 2.262157, and 6 errors: p = 2 · P(T₉ > 6) = 2.0249e-4.
        assert!((found.mean - 0.2).abs() < 1e-15);
        assert!((i.high - 0.2 - 2.262_157 / 30.0).abs() < 1e-7 && i.method == "paired_t", "{i:?}");
        assert!((found.p.unwrap() / 2.024_993_220_676e-4 - 1.0).abs() < 1e-6, "{:?}", found.p);
        let few = mean_change(&gaps[1..], 1.0, 0.95).unwrap();
        assert_eq!((few.interval, few.p), (None, None));
        let high = mean_change(&gaps, 0.25, 0.95).unwrap().interval.unwrap();
        assert!((high.high - 0.25).abs() < 1e-15);
    }

    #[test]
    fn rows_that_do_not_differ_leave_room_for_rows_not_seen() {
        let found = mean_change(&[0.0; 16], 1.0, 0.95).unwrap();
        let i = found.interval.unwrap();
        let z2 = 1.959_963_984_540_054_f64.powi(2);
        assert!((i.high - z2 / (16.0 + z2)).abs() < 1e-12 && (i.low + i.high).abs() < 1e-15);
        assert_eq!((found.p, i.method.as_str()), (Some(1.0), "tango"));
        assert_eq!(mean_change(&[0.0; 16], f64::INFINITY, 0.95).unwrap().interval, None);
        let shifted = mean_change(&[0.25; 16], 1.0, 0.95).unwrap();
        assert_eq!((shifted.interval, shifted.p), (None, None));
    }
}
