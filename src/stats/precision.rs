//! The error of average precision, by leaving out one row at a time.

use super::effective::student_two_sided;
use super::sums::Running;
use crate::domain::{Interval, to_f64};

/// What the jackknife says of an average precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Jackknifed {
    /// The average precision.
    pub(crate) value: f64,
    /// By how much it is too high: every positive is among the rows that its precision is about.
    pub(crate) bias: f64,
    /// Its standard error.
    pub(crate) error: f64,
    /// Degrees of freedom of the error: at most the rows of the smaller class, less one, and fewer where a
    /// few rows make up most of it.
    pub(crate) freedom: f64,
}

/// Rows by ascending score and class: negative, positive.
pub(crate) type ByScore = [[u64; 2]];

/// What leaving out a row below a score changes there.
struct Below {
    /// Positives times precision.
    whole: f64,
    /// The same with one row less at or above each score.
    fewer: f64,
    /// Positives over the rows at or above each score, less one.
    shares: f64,
}

/// Leaves out each row once. O(scores).
///
/// `AP = (1/P) Σⱼ pⱼ Aⱼ / Bⱼ` over the distinct scores, with `pⱼ` positives of the score, `Aⱼ` positives
/// and `Bⱼ` rows at or above it. A row that is left out takes one from `Aⱼ` (if it is positive) and from `Bⱼ` of its own
/// score and all below, so that sums over the scores below suffice. Variance and bias: Efron, Stein
/// 1981, Annals of Statistics 9, 586–596; Quenouille 1956, Biometrika 43, 353–360; freedom:
/// Satterthwaite 1946, Biometrics Bulletin 2, 110–114.
///
/// `None` with fewer than two rows of a class.
pub(crate) fn jackknifed_precision(rows: &ByScore) -> Option<Jackknifed> {
    let negatives = rows.iter().map(|[n, _]| n).sum::<u64>();
    let positives = rows.iter().map(|[_, p]| p).sum::<u64>();
    if negatives.min(positives) < 2 {
        return None;
    }
    let (mut found, mut selected) = (positives, positives + negatives);
    let mut all = Running::default();
    for [n, p] in rows {
        if *p > 0 {
            all.add(to_f64(p * found) / to_f64(selected));
        }
        (found, selected) = (found - p, selected - n - p);
    }
    let total = all.total();
    let (n, least) = (to_f64(positives + negatives), to_f64(negatives.min(positives)));
    let value = total / to_f64(positives);
    let mut shift = Running::default();
    left_out(rows, total, |left, times| shift.add(times * (left - value)));
    let shift = shift.total() / n;
    let (mut square, mut fourth) = (Running::default(), Running::default());
    left_out(rows, total, |left, times| {
        let apart = (left - value - shift) * (left - value - shift);
        square.add(times * apart);
        fourth.add(times * apart * apart);
    });
    let (square, fourth) = (square.total(), fourth.total());
    // Satterthwaite's, from the kurtosis of what is left out.
    let flat = 2.0 * n / (n * fourth / (square * square) - 1.0);
    Some(Jackknifed {
        value,
        bias: (n - 1.0) * shift,
        error: (square * (n - 1.0) / n).sqrt(),
        freedom: if flat > 0.0 { flat.min(least - 1.0) } else { least - 1.0 },
    })
}

/// Shows the average precision without one row, and how many rows give the same, for each score and class.
fn left_out(rows: &ByScore, total: f64, mut show: impl FnMut(f64, f64)) {
    let positives = rows.iter().map(|[_, p]| p).sum::<u64>();
    let (mut found, mut selected) = (positives, rows.iter().flatten().sum::<u64>());
    let mut below = Below { whole: 0.0, fewer: 0.0, shares: 0.0 };
    for [n, p] in rows {
        let (hits, above, all) = (to_f64(*p), to_f64(found), to_f64(selected));
        let own = if *p > 0 { hits * above / all } else { 0.0 };
        let above_own = total - below.whole - own;
        if *n > 0 {
            let here = if *p > 0 { hits * above / (all - 1.0) } else { 0.0 };
            show((above_own + here + below.fewer) / to_f64(positives), to_f64(*n));
        }
        if *p > 0 {
            let here = if *p > 1 { (hits - 1.0) * (above - 1.0) / (all - 1.0) } else { 0.0 };
            let left = above_own + here + below.fewer - below.shares;
            show(left / to_f64(positives - 1), hits);
        }
        if *p > 0 && selected > 1 {
            below.whole += own;
            below.fewer += hits * above / (all - 1.0);
            below.shares += hits / (all - 1.0);
        }
        (found, selected) = (found - p, selected - n - p);
    }
}

/// Average precision of rows counted by ascending score and class (negative, positive), and its interval
/// of confidence `level`, method `jackknife`; `None` with fewer than two rows of a class.
///
/// The interval is laid around the number without the jackknife's estimate of its bias; there is none where
/// nothing varies. Formula and source: `audit explain average_precision`.
#[must_use]
pub fn average_precision(rows: &[[u64; 2]], level: f64) -> Option<(f64, Option<Interval>)> {
    jackknifed_precision(rows).map(|found| (found.value, found.interval(level)))
}

impl Jackknifed {
    /// The interval of confidence `level` around the number without its bias, on the logit scale with
    /// Student's t, so that it stays inside 0 to 1; method `jackknife`. `None` where nothing varies.
    pub(crate) fn interval(&self, level: f64) -> Option<Interval> {
        let middle = self.value - self.bias;
        let share = middle * (1.0 - middle);
        if share <= 0.0 || self.error <= 0.0 {
            return None;
        }
        let (logit, error) = ((middle / (1.0 - middle)).ln(), self.error / share);
        let half = student_two_sided(level, self.freedom)? * error;
        let end = |x: f64| 1.0 / (1.0 + (-x).exp());
        let method = "jackknife".to_owned();
        Some(Interval { low: end(logit - half), high: end(logit + half), level, method })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    /// By its definition.
    fn precision(rows: &ByScore) -> f64 {
        let (mut found, mut selected, mut area) = (0, 0, 0.0);
        for [n, p] in rows.iter().rev() {
            found += p;
            selected += n + p;
            if *p > 0 {
                area += to_f64(*p) * to_f64(found) / to_f64(selected);
            }
        }
        area / to_f64(found)
    }

    fn by_hand(rows: &ByScore) -> Jackknifed {
        let mut left = Vec::new();
        for at in 0..rows.len() {
            for class in [0, 1] {
                for _ in 0..rows[at][class] {
                    let mut fewer = rows.to_vec();
                    fewer[at][class] -= 1;
                    left.push(precision(&fewer));
                }
            }
        }
        let n = f64::from(u32::try_from(left.len()).unwrap());
        let mean = left.iter().sum::<f64>() / n;
        let power = |power: i32| left.iter().map(|x| (x - mean).powi(power)).sum::<f64>();
        let (spread, fourth) = (power(2), power(4));
        let value = precision(rows);
        let class = |class: usize| rows.iter().map(|row| row[class]).sum::<u64>();
        Jackknifed {
            value,
            bias: (n - 1.0) * (mean - value),
            error: (spread * (n - 1.0) / n).sqrt(),
            freedom: to_f64(class(0).min(class(1)) - 1)
                .min(2.0 * n / (n * fourth / (spread * spread) - 1.0)),
        }
    }

    #[test]
    fn sums_over_the_scores_below_are_the_same_as_leaving_out_each_row() {
        let mut draw = Seed::new(3).stream();
        for scores in [2, 3, 7, 20] {
            for most in [2, 4] {
                let count =
                    |draw: &mut crate::domain::Stream| u64::try_from(draw.below(most)).unwrap();
                let rows: Vec<[u64; 2]> =
                    (0..scores).map(|_| [count(&mut draw), count(&mut draw)]).collect();
                let Some(found) = jackknifed_precision(&rows) else { continue };
                let expected = by_hand(&rows);
                assert!((found.value - expected.value).abs() < 1e-12, "{rows:?}");
                assert!((found.bias - expected.bias).abs() < 1e-12, "{rows:?}");
                assert!((found.error - expected.error).abs() < 1e-12, "{rows:?}");
                assert!((found.freedom / expected.freedom - 1.0).abs() < 1e-9, "{rows:?}");
            }
        }
    }

    #[test]
    fn two_rows_of_each_class_are_needed_and_something_that_varies() {
        assert_eq!(jackknifed_precision(&[[5, 1]]), None);
        assert_eq!(jackknifed_precision(&[[1, 5]]), None);
        assert_eq!(jackknifed_precision(&[]), None);
        // All positives above all negatives: without any row it is still 1.
        let apart = jackknifed_precision(&[[9, 0], [0, 9]]).unwrap();
        assert_eq!((apart.interval(0.95), apart.error.to_bits()), (None, 0.0_f64.to_bits()));
        assert!((apart.freedom - 8.0).abs() < 1e-12);
        assert!(jackknifed_precision(&[[2, 1], [1, 1]]).is_some());
        let mixed = jackknifed_precision(&[[9, 1], [5, 9]]).unwrap();
        let [narrow, wide] = [0.9, 0.99].map(|level| mixed.interval(level).unwrap());
        assert!(wide.low < narrow.low && narrow.high < wide.high && wide.high < 1.0);
    }

    #[test]
    fn the_interval_by_hand() {
        // Around 0.75: ln 3 ± t · 0.06 / 0.1875, t = 2.262157 with 9 degrees of freedom.
        let found = Jackknifed { value: 0.8, bias: 0.05, error: 0.06, freedom: 9.0 };
        let interval = found.interval(0.95).unwrap();
        assert!((interval.low - 0.592_599_484_6).abs() < 1e-8, "{}", interval.low);
        assert!((interval.high - 0.860_866_146_0).abs() < 1e-8, "{}", interval.high);
        for none in [(0.8, 0.05, 0.0), (1.05, 0.05, 0.06), (0.05, 0.05, 0.06)] {
            let (value, bias, error) = none;
            assert_eq!(Jackknifed { value, bias, error, freedom: 9.0 }.interval(0.95), None);
        }
        let rows = [[9, 1], [5, 9]];
        let of = jackknifed_precision(&rows).unwrap();
        assert_eq!(average_precision(&rows, 0.9), Some((of.value, of.interval(0.9))));
        assert_eq!(average_precision(&[[5, 1]], 0.9), None);
    }
}
