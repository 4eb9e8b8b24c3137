//! A confidence band for the whole ROC at once, as narrow in proportion at few false alarms as there
//! is anything to see.

use crate::domain::to_f64;
use crate::stats::{self, Roc};
use std::collections::BTreeSet;

/// Limits of a share at every threshold at once.
///
/// The share at or above the k-th largest of n scores is Beta(k, n − k + 1). Its Clopper–Pearson limits
/// are taken at some k only (1 to 8, then a fifth apart, and the same from the other end) and hold
/// together by Bonferroni; since shares grow with k, each k in between has the limits of its
/// neighbours. Valid for ties too, where it is wider than it need be.
#[derive(Debug, Clone, PartialEq)]
struct Limits {
    /// `(k / n, lower limit from k on)`, ascending.
    low: Vec<(f64, f64)>,
    /// `((k − 1) / n, upper limit up to k − 1)`, ascending.
    high: Vec<(f64, f64)>,
}

impl Limits {
    /// Limits that hold together with probability `1 − error`.
    fn new(n: u64, error: f64) -> Self {
        let ranks = ranks(n);
        let events = 2 * u64::try_from(ranks.len()).unwrap_or(u64::MAX);
        let level = 1.0 - 2.0 * error / to_f64(events);
        let n_f = to_f64(n);
        let low_of = |k: &u64| stats::clopper_pearson(*k, n, level).map_or(0.0, |i| i.low);
        let lows: Vec<f64> = ranks.iter().map(low_of).collect();
        let low = ranks.iter().zip(&lows).map(|(k, low)| (to_f64(*k) / n_f, *low)).collect();
        // Beta(k, n − k + 1) turned round is the one of rank n + 1 − k, and the ranks are symmetric.
        let high = ranks.iter().zip(lows.iter().rev());
        let high = high.map(|(k, low)| (to_f64(k - 1) / n_f, 1.0 - low)).collect();
        Self { low, high }
    }

    /// The least that the true share can be where a share of the sample lies above the threshold.
    fn low(&self, share: f64) -> f64 {
        let upto = self.low.partition_point(|(rate, _)| *rate <= share);
        upto.checked_sub(1).map_or(0.0, |i| self.low[i].1)
    }

    /// The most that it can be.
    fn high(&self, share: f64) -> f64 {
        let from = self.high.partition_point(|(rate, _)| *rate < share);
        self.high.get(from).map_or(1.0, |(_, high)| *high)
    }
}

/// 1 to 8, then each a fifth more than the last, up to the middle, and the same from the other end.
fn ranks(n: u64) -> Vec<u64> {
    let mut ranks = BTreeSet::new();
    let mut k = 1;
    while k <= n.div_ceil(2) {
        ranks.insert(k);
        ranks.insert(n + 1 - k);
        k = if k < 8 { k + 1 } else { k + k / 5 };
    }
    ranks.into_iter().collect()
}

/// Limits for members and non-members, one half of the error each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Band {
    tpr: Limits,
    fpr: Limits,
}

impl Band {
    /// A band of confidence `level` for this many members and non-members.
    pub(super) fn new((members, others): (u64, u64), level: f64) -> Self {
        let error = (1.0 - level) / 2.0;
        let tpr = Limits::new(members, error);
        let fpr = if members == others { tpr.clone() } else { Limits::new(others, error) };
        Self { tpr, fpr }
    }

    /// Between which rates of members found the true curve runs at a rate of false alarms.
    pub(super) fn at(&self, roc: &Roc, limit: f64) -> (f64, f64) {
        let (fpr, tpr) = roc.points();
        let last =
            |within: &dyn Fn(f64) -> bool| fpr.partition_point(|f| within(*f)).checked_sub(1);
        let low = last(&|f| self.fpr.high(f) <= limit).map_or(0.0, |i| self.tpr.low(tpr[i]));
        let high = last(&|f| self.fpr.low(f) <= limit).map_or(1.0, |i| self.tpr.high(tpr[i]));
        (low, high)
    }

    /// The lowest and highest curve at each rate of false alarms.
    pub(super) fn curves(&self, roc: &Roc, rates: &[f64]) -> (Vec<f64>, Vec<f64>) {
        rates.iter().map(|rate| self.at(roc, *rate)).unzip()
    }

    /// At least this share of the rows above some threshold are members, if as many non-members come
    /// on each member as in the sample.
    pub(super) fn least_precision(&self, roc: &Roc) -> f64 {
        let (members, others) = roc.sizes();
        let r = to_f64(others) / to_f64(members);
        let (fpr, tpr) = roc.points();
        let least = |(f, t): (&f64, &f64)| {
            let (t, f) = (self.tpr.low(*t), self.fpr.high(*f));
            t / (t + r * f)
        };
        fpr.iter().zip(tpr).map(least).fold(1.0 / (1.0 + r), f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    #[test]
    fn limits_by_hand() {
        // n = 1: one rank, two events; with error ½ each tail is ¼. Beta(1, 1) is uniform.
        let limits = Limits::new(1, 0.5);
        assert!((limits.low(1.0) - 0.25).abs() < 1e-12 && limits.low(0.5).abs() < 1e-15);
        assert!((limits.high(0.0) - 0.75).abs() < 1e-12 && (limits.high(1.0) - 1.0).abs() < 1e-15);
        assert_eq!(
            ranks(20),
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
        );
    }

    #[test]
    fn the_band_covers_the_whole_true_curve_in_a_thousand_runs() {
        // Members exceed others as u^(1/3) does u: true TPR = FPR^(1/3) at every rate.
        let rates: Vec<f64> = (0..=40).map(|i| 10_f64.powf(-4.0 + f64::from(i) / 10.0)).collect();
        let band = Band::new((120, 150), 0.95);
        let run = |seed: u64| {
            let mut draw = Seed::new(seed).stream();
            let unseen: Vec<f64> = (0..150).map(|_| -draw.uniform()).collect();
            let seen: Vec<f64> = (0..120).map(|_| -draw.uniform().powi(3)).collect();
            let roc = stats::roc(&seen, &unseen).unwrap();
            rates.iter().all(|rate| {
                let (low, high) = band.at(&roc, *rate);
                low <= rate.cbrt() && rate.cbrt() <= high
            })
        };
        // 950 are promised; Bonferroni gives more, but not all there is to give.
        let covered = (0..1000).filter(|seed| run(*seed)).count();
        assert!(covered >= 950, "{covered} of 1000");
    }

    #[test]
    fn the_band_is_narrow_where_the_curve_begins() {
        let seen: Vec<f64> =
            (0..2000).map(|i| if i < 400 { 2.0 } else { f64::from(i) / 2000.0 }).collect();
        let unseen: Vec<f64> = (0..2000).map(|i| f64::from(i) / 2000.0).collect();
        let roc = stats::roc(&seen, &unseen).unwrap();
        let (low, high) = Band::new((2000, 2000), 0.95).at(&roc, 0.01);
        assert!(low > 0.15 && high < 0.26, "{low} {high}");
    }
}
