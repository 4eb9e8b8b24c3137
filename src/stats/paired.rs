//! Two classifiers on the same rows: their differences are paired, so agreement cancels.

use super::delong::sorted;
use super::intervals::wilson;
use super::normal::{normal_cdf, two_sided};
use crate::domain::{Interval, Undefined, to_f64};
use statrs::function::gamma::ln_gamma;

/// Rows by whether they count in each of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// In both.
    pub both: u64,
    /// In the first run only.
    pub first: u64,
    /// In the second run only.
    pub second: u64,
    /// In neither.
    pub neither: u64,
}

impl Agreement {
    /// Adds one row.
    pub fn add(&mut self, first: bool, second: bool) {
        let cell = match (first, second) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.first,
            (false, true) => &mut self.second,
            (false, false) => &mut self.neither,
        };
        *cell += 1;
    }

    /// All rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.both + self.first + self.second + self.neither
    }

    /// The share of the first run minus that of the second; `Empty` without rows.
    ///
    /// # Errors
    /// [`Undefined::Empty`] without rows.
    pub fn difference(&self) -> Result<f64, Undefined> {
        match self.n() {
            0 => Err(Undefined::Empty),
            n => Ok((to_f64(self.first) - to_f64(self.second)) / to_f64(n)),
        }
    }
}

/// The exact two-sided p-value of `McNemar`'s test that both runs have the same share: of the rows in
/// which they differ, half should be the first's. 1 where they never differ.
///
/// Source: `McNemar` 1947, Psychometrika 12, 153–157; exact: Mosteller 1952, Biometrics 8, 220–226.
#[must_use]
pub fn mcnemar_exact(pairs: &Agreement) -> f64 {
    let (n, fewer) = (pairs.first + pairs.second, pairs.first.min(pairs.second));
    let log_choose = |k: u64| {
        ln_gamma(to_f64(n) + 1.0) - ln_gamma(to_f64(k) + 1.0) - ln_gamma(to_f64(n - k) + 1.0)
    };
    let tail: f64 =
        super::sum((0..=fewer).map(|k| (log_choose(k) - to_f64(n) * std::f64::consts::LN_2).exp()));
    (2.0 * tail).min(1.0)
}

/// The interval of the difference of two shares of the same rows, method `newcombe_paired`; `None`
/// without rows.
///
/// From the Wilson ends of each share, less `2φ` times their product, with `φ` the correlation of
/// the pairs, continuity-corrected where positive.
/// Source: Newcombe 1998, Statistics in Medicine 17, 2635–2650, method 10.
#[must_use]
pub fn newcombe_paired(pairs: &Agreement, level: f64) -> Option<Interval> {
    let n = pairs.n();
    let side = |hits: u64| {
        let share = to_f64(hits) / to_f64(n);
        wilson(hits, n, level).map(|i| (share, share - i.low, i.high - share))
    };
    let (a, a_down, a_up) = side(pairs.both + pairs.first)?;
    let (b, b_down, b_up) = side(pairs.both + pairs.second)?;
    let phi = correlation(pairs);
    let reach = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
    let low = (a - b - reach(a_down, b_up)).max(-1.0);
    let high = (a - b + reach(a_up, b_down)).min(1.0);
    Some(Interval { low, high, level, method: "newcombe_paired".to_owned() })
}

/// The correlation of the pairs; 0 where a margin is empty. A positive one is corrected for
/// continuity, by half the rows, towards 0.
fn correlation(pairs: &Agreement) -> f64 {
    let [e, f, g, h] = [pairs.both, pairs.first, pairs.second, pairs.neither].map(to_f64);
    let margins = (e + f) * (g + h) * (e + g) * (f + h);
    if margins <= 0.0 {
        return 0.0;
    }
    let product = e * h - f * g;
    let corrected =
        if product > 0.0 { (product - (e + f + g + h) / 2.0).max(0.0) } else { product };
    corrected / margins.sqrt()
}

/// The AUC of the first run minus that of the second on the same rows, its interval (method
/// `delong_paired`) and the two-sided p-value of no difference.
#[derive(Debug, Clone, PartialEq)]
pub struct AucDifference {
    /// First minus second.
    pub difference: f64,
    /// Its interval; none where the two rank every pair alike.
    pub interval: Option<Interval>,
    /// The p-value; 1 where the two rank every pair alike.
    pub p: f64,
}

/// Compares two scores of the same rows; `positive` and `negative` hold `(first, second)` per row.
///
/// # Errors
/// [`Undefined::Empty`] and [`Undefined::OneClass`] without a class, [`Undefined::TooFew`] where a
/// class has a single row.
///
/// Source: `DeLong`, `DeLong`, Clarke-Pearson 1988, Biometrics 44, 837–845.
pub fn delong_paired(
    positive: &[(f64, f64)],
    negative: &[(f64, f64)],
    level: f64,
) -> Result<AucDifference, Undefined> {
    let (m, n) = (positive.len(), negative.len());
    match (m, n) {
        (0, 0) => return Err(Undefined::Empty),
        (0, _) | (_, 0) => return Err(Undefined::OneClass),
        _ => {}
    }
    let count = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
    if m.min(n) < 2 {
        return Err(Undefined::TooFew { n: count(m.min(n)), need: 2 });
    }
    let won = placement_gaps(positive, negative);
    let lost = placement_gaps(negative, positive);
    let mean = |gaps: &[f64]| super::sum(gaps.iter().copied()) / to_f64(count(gaps.len()));
    let spread = |gaps: &[f64]| {
        let (mean, k) = (mean(gaps), to_f64(count(gaps.len())));
        super::sum(gaps.iter().map(|gap| (gap - mean).powi(2))) / (k - 1.0) / k
    };
    let difference = mean(&won);
    let error = (spread(&won) + spread(&lost)).sqrt();
    if error <= 1e-15 {
        return Ok(AucDifference { difference, interval: None, p: 1.0 });
    }
    let half = two_sided(level) * error;
    let (low, high) = ((difference - half).max(-1.0), (difference + half).min(1.0));
    let interval = Some(Interval { low, high, level, method: "delong_paired".to_owned() });
    let p = 2.0 * normal_cdf(-(difference / error).abs());
    Ok(AucDifference { difference, interval, p })
}

/// For each row of `a`, how much likelier the first score than the second places it above a row of
/// `b`; for negatives against positives with the sign turned by the caller's symmetry.
fn placement_gaps(a: &[(f64, f64)], b: &[(f64, f64)]) -> Vec<f64> {
    let columns = |pairs: &[(f64, f64)]| -> [Vec<f64>; 2] {
        [pairs.iter().map(|p| p.0).collect(), pairs.iter().map(|p| p.1).collect()]
    };
    let [first, second] = columns(b).map(|scores| sorted(&scores));
    let share = |sorted: &[f64], score: f64| {
        let below = sorted.partition_point(|other| *other < score);
        let upto = sorted.partition_point(|other| *other <= score);
        let doubled = u64::try_from(below + upto).unwrap_or(u64::MAX);
        let all = u64::try_from(2 * sorted.len()).unwrap_or(u64::MAX);
        to_f64(doubled) / to_f64(all)
    };
    a.iter().map(|(x, y)| share(&first, *x) - share(&second, *y)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mcnemar_by_hand() {
        // One of eight disagreements: 2 (1 + 8) / 256.
        let pairs = Agreement { both: 30, first: 1, second: 7, neither: 4 };
        assert!((mcnemar_exact(&pairs) - 18.0 / 256.0).abs() < 1e-12);
        assert!(
            (mcnemar_exact(&Agreement { both: 3, ..Agreement::default() }) - 1.0).abs() < 1e-12
        );
        assert!((mcnemar_exact(&Agreement { first: 4, second: 4, ..pairs }) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_published_paired_intervals() {
        // Newcombe 1998, table II, method 10: 0.0569 to 0.3404 and 0.1528 to 0.4167.
        let of = |both, first, second, neither| {
            newcombe_paired(&Agreement { both, first, second, neither }, 0.95).unwrap()
        };
        let i = of(36, 12, 2, 0);
        assert!((i.low - 0.0569).abs() < 5e-4 && (i.high - 0.3404).abs() < 5e-4, "{i:?}");
        let i = of(36, 14, 0, 0);
        assert!((i.low - 0.1528).abs() < 5e-4 && (i.high - 0.4167).abs() < 5e-4, "{i:?}");
        let i = of(0, 30, 0, 0);
        assert!(i.low > 0.8 && (i.high - 1.0).abs() < 1e-15, "{i:?}");
        assert_eq!(newcombe_paired(&Agreement::default(), 0.95), None);
    }

    #[test]
    fn a_difference_is_first_minus_second() {
        let mut pairs = Agreement::default();
        for (first, second) in [(true, false), (true, true), (true, false), (false, true)] {
            pairs.add(first, second);
        }
        // (2 − 1) / 4
        assert_eq!((pairs.difference(), pairs.n()), (Ok(0.25), 4));
        assert_eq!(Agreement::default().difference(), Err(Undefined::Empty));
    }

    #[test]
    fn equal_scores_do_not_differ_and_one_score_against_chance_does() {
        let same: Vec<(f64, f64)> = (0..9).map(|i| (f64::from(i), f64::from(i))).collect();
        let found = delong_paired(&same[3..], &same[..5], 0.95).unwrap();
        assert!(found.difference.abs() < 1e-15 && found.interval.is_none() && found.p >= 1.0);
        // First: AUC 1; second: constant, AUC ½. The variance of a perfect ranking is 0.
        let positive = [(3.0, 0.0), (4.0, 0.0)];
        let negative = [(1.0, 0.0), (2.0, 0.0)];
        let found = delong_paired(&positive, &negative, 0.95).unwrap();
        assert!((found.difference - 0.5).abs() < 1e-15);
    }

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
        let error = (spread(&by_x, 30.0) + spread(&by_y, 40.0)).sqrt();
        let found = delong_paired(x, y, 0.95).unwrap();
        let half = found.interval.as_ref().map(|i| (i.high - i.low) / 2.0).unwrap();
        assert!((found.difference - mean).abs() < 1e-12);
        assert!((half - 1.959_963_984_540_054 * error).abs() < 1e-9);
    }

    #[test]
    fn every_reason_is_reached() {
        let one = [(0.1, 0.2)];
        assert_eq!(delong_paired(&[], &[], 0.95), Err(Undefined::Empty));
        assert_eq!(delong_paired(&one, &[], 0.95), Err(Undefined::OneClass));
        assert_eq!(delong_paired(&one, &one, 0.95), Err(Undefined::TooFew { n: 1, need: 2 }));
    }
}
