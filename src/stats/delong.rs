//! Area under the ROC curve with `DeLong`'s variance, by merging two sorted samples.
//!
//! Every placement is an integer (twice the number of pairs won), so sums and sums of squares are
//! exact and do not depend on the order of the rows.

use super::normal::two_sided;
use crate::domain::{Interval, Undefined, Value, to_f64};

/// A copy in ascending order; −0 becomes 0 so that the two tie.
pub(super) fn sorted(scores: &[f64]) -> Vec<f64> {
    let mut scores: Vec<f64> = scores.iter().map(|score| score + 0.0).collect();
    scores.sort_unstable_by(f64::total_cmp);
    scores
}

/// Widens an exact integer with one rounding per half.
pub(crate) fn wide(value: u128) -> f64 {
    let low = u64::try_from(value & u128::from(u64::MAX))
        .unwrap_or_else(|_| unreachable!("masked to 64 bits"));
    let high = u64::try_from(value >> 64).unwrap_or_else(|_| unreachable!("128 − 64 bits"));
    to_f64(high) * 18_446_744_073_709_551_616.0 + to_f64(low)
}

fn len(scores: &[f64]) -> u64 {
    u64::try_from(scores.len()).unwrap_or_else(|_| unreachable!("usize fits u64"))
}

/// How two samples lie among each other: sums of doubled placements, which are, for each score,
/// twice the scores of the other sample below it plus the equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placements {
    /// Scores of the positive sample.
    pub(crate) positives: u64,
    /// Scores of the negative sample.
    pub(crate) negatives: u64,
    /// Sum over the positive sample.
    pub(crate) won: u128,
    /// Sum of squares over the positive sample.
    pub(crate) won_squares: u128,
    /// Sum over the negative sample.
    pub(crate) lost: u128,
    /// Sum of squares over the negative sample.
    pub(crate) lost_squares: u128,
}

impl Placements {
    /// Of two samples in ascending order.
    pub(crate) fn of(positive: &[f64], negative: &[f64]) -> Self {
        let (won, won_squares) = placements(positive, negative);
        let (lost, lost_squares) = placements(negative, positive);
        let (positives, negatives) = (len(positive), len(negative));
        Self { positives, negatives, won, won_squares, lost, lost_squares }
    }

    /// The area under the ROC curve.
    pub(crate) fn auc(&self) -> Value {
        self.both_classes()?;
        Ok(wide(self.won) / (2.0 * to_f64(self.positives) * to_f64(self.negatives)))
    }

    /// `DeLong`'s variance of the area.
    pub(crate) fn variance(&self) -> Value {
        self.both_classes()?;
        let (m, n) = (self.positives, self.negatives);
        if m.min(n) < 2 {
            return Err(Undefined::TooFew { n: m.min(n), need: 2 });
        }
        // Sample variance of integers c: (k Σc² − (Σc)²) / (k (k − 1)), exact up to the division.
        let variance = |sum: u128, squares: u128, k: u64, others: u64| {
            let (k_f, scale) = (to_f64(k), 2.0 * to_f64(others));
            wide(u128::from(k) * squares - sum * sum) / (k_f * (k_f - 1.0)) / (scale * scale) / k_f
        };
        Ok(variance(self.won, self.won_squares, m, n)
            + variance(self.lost, self.lost_squares, n, m))
    }

    fn both_classes(&self) -> Result<(), Undefined> {
        match (self.positives, self.negatives) {
            (0, 0) => Err(Undefined::Empty),
            (0, _) | (_, 0) => Err(Undefined::OneClass),
            _ => Ok(()),
        }
    }
}

/// Sum and sum of squares of the doubled placements of `a` among `b`, both ascending.
fn placements(a: &[f64], b: &[f64]) -> (u128, u128) {
    let (mut below, mut upto) = (0, 0);
    let (mut sum, mut squares) = (0_u128, 0_u128);
    for score in a {
        while below < b.len() && b[below] < *score {
            below += 1;
        }
        upto = upto.max(below);
        while upto < b.len() && b[upto] <= *score {
            upto += 1;
        }
        let doubled = u128::try_from(below + upto).unwrap_or_else(|_| unreachable!("usize fits"));
        sum += doubled;
        squares += doubled * doubled;
    }
    (sum, squares)
}

/// AUC of two samples in ascending order.
pub(crate) fn sorted_auc(positive: &[f64], negative: &[f64]) -> Value {
    let (won, won_squares) = placements(positive, negative);
    let (positives, negatives) = (len(positive), len(negative));
    Placements { positives, negatives, won, won_squares, lost: 0, lost_squares: 0 }.auc()
}

/// The interval of an AUC with a variance; `None` where the logit or its error does not exist.
pub(crate) fn interval_of_auc(auc: f64, variance: f64, level: f64) -> Option<Interval> {
    if auc <= 0.0 || auc >= 1.0 || variance <= 0.0 {
        return None;
    }
    let (logit, error) = ((auc / (1.0 - auc)).ln(), variance.sqrt() / (auc * (1.0 - auc)));
    let end = |x: f64| 1.0 / (1.0 + (-x).exp());
    let half = two_sided(level) * error;
    let method = "delong".to_owned();
    Some(Interval { low: end(logit - half), high: end(logit + half), level, method })
}

/// AUC of two samples of finite scores (higher = positive, ties ½) and `DeLong`'s variance of it.
///
/// `AUC = Σᵢⱼ [xᵢ > yⱼ] + ½[xᵢ = yⱼ] / mn`; the variance is the sample variance of the positives'
/// placements over m plus that of the negatives' over n. O(n log n) by mid-ranks.
///
/// # Errors
/// [`Undefined::Empty`] and [`Undefined::OneClass`] without a class; [`Undefined::TooFew`] when a
/// class has a single row, where the variance does not exist.
///
/// Source: `DeLong`, `DeLong`, Clarke-Pearson 1988, Biometrics 44, 837–845; Sun and Xu 2014, IEEE
/// Signal Processing Letters 21, 1389–1393.
pub fn delong_variance(positive: &[f64], negative: &[f64]) -> Result<(f64, f64), Undefined> {
    let placements = Placements::of(&sorted(positive), &sorted(negative));
    Ok((placements.auc()?, placements.variance()?))
}

/// AUC of two samples of finite scores and its interval of confidence `level`, method `delong`.
///
/// The interval is made on the logit scale, so that it stays inside 0 to 1. It is `None` where an
/// error cannot be estimated: an AUC of exactly 0 or 1, a variance of 0, or a class of one row.
///
/// # Errors
/// [`Undefined::Empty`] and [`Undefined::OneClass`] without a class.
///
/// Source: as [`delong_variance`]; logit scale: Pepe 2003, The Statistical Evaluation of Medical
/// Tests for Classification and Prediction.
pub fn delong(
    positive: &[f64],
    negative: &[f64],
    level: f64,
) -> Result<(f64, Option<Interval>), Undefined> {
    let (positive, negative) = (sorted(positive), sorted(negative));
    let placements = Placements::of(&positive, &negative);
    let (auc, variance) = (placements.auc()?, placements.variance());
    Ok((auc, variance.ok().and_then(|variance| interval_of_auc(auc, variance, level))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variance_by_hand() {
        // Placements of 3, 1 among 2, 0: 1, ½; of 2, 0 from the other side: ½, 1. AUC ¾.
        // Both sample variances are 1/8, over two rows each: 1/16 + 1/16.
        let (auc, variance) = delong_variance(&[3.0, 1.0], &[2.0, 0.0]).unwrap();
        assert!((auc - 0.75).abs() < 1e-15 && (variance - 0.125).abs() < 1e-15);
    }

    #[test]
    fn a_tie_counts_one_half() {
        let (auc, _) = delong(&[0.7, 0.9], &[0.7], 0.95).unwrap();
        assert!((auc - 0.75).abs() < 1e-15);
    }

    #[test]
    fn the_fast_way_equals_the_double_loop() {
        let mut draw = crate::domain::Seed::new(5).stream();
        let scores: Vec<f64> = (0..90).map(|_| (draw.uniform() * 20.0).floor()).collect();
        let (x, y) = scores.split_at(40);
        let wins =
            |a: f64, b: f64| f64::midpoint(f64::from(u8::from(a > b)), f64::from(u8::from(a >= b)));
        let place_x: Vec<f64> =
            x.iter().map(|a| y.iter().map(|b| wins(*a, *b)).sum::<f64>() / 50.0).collect();
        let place_y: Vec<f64> =
            y.iter().map(|b| x.iter().map(|a| wins(*a, *b)).sum::<f64>() / 40.0).collect();
        let auc = place_x.iter().sum::<f64>() / 40.0;
        let spread =
            |p: &[f64], k: f64| p.iter().map(|v| (v - auc).powi(2)).sum::<f64>() / (k - 1.0) / k;
        let (fast, variance) = delong_variance(x, y).unwrap();
        assert!((fast - auc).abs() < 1e-12);
        assert!((variance - spread(&place_x, 40.0) - spread(&place_y, 50.0)).abs() < 1e-12);
    }

    #[test]
    fn a_perfect_ranking_has_an_area_but_no_interval() {
        assert_eq!(delong(&[2.0, 3.0], &[0.0, 1.0], 0.95), Ok((1.0, None)));
        assert_eq!(delong(&[0.0], &[1.0], 0.95), Ok((0.0, None)));
        // All scores equal: no spread to learn an error from.
        assert_eq!(delong(&[1.0, 1.0], &[1.0, 1.0], 0.95), Ok((0.5, None)));
    }

    #[test]
    fn the_interval_holds_the_area_and_stays_inside() {
        let (auc, interval) = delong(&[3.0, 1.0], &[2.0, 0.0], 0.95).unwrap();
        let i = interval.unwrap();
        // logit ¾ = ln 3, error √(1/8) / (3/16) = 1.885618.
        let low =
            1.0 / (1.0 + (1.959_963_984_540_054 * 1.885_618_083_164_126_7 - 3_f64.ln()).exp());
        assert!((i.low - low).abs() < 1e-12 && i.low < auc && auc < i.high && i.high < 1.0);
        assert_eq!(i.method, "delong");
    }

    #[test]
    fn every_reason_is_reached() {
        assert_eq!(delong_variance(&[], &[]), Err(Undefined::Empty));
        assert_eq!(delong_variance(&[1.0], &[]), Err(Undefined::OneClass));
        assert_eq!(delong_variance(&[1.0], &[0.0, 2.0]), Err(Undefined::TooFew { n: 1, need: 2 }));
    }

    #[test]
    fn wide_integers_keep_their_size() {
        assert!((wide(1 << 64) - 18_446_744_073_709_551_616.0).abs() < 1.0);
        assert!((wide(12) - 12.0).abs() < 1e-15);
    }
}
