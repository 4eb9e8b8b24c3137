//! Scores in bins beside what happened, the matter of all calibration errors.

use super::Slice;
use crate::domain::{Undefined, to_f64};
use crate::fairness::fixed::number;
use crate::fairness::pass::Summary;
use crate::fairness::slice::Scored;
use crate::stats::{normal_cdf, sum};
use std::f64::consts::PI;

/// Number of bins.
pub(in crate::fairness) const BINS: usize = 10;

/// Inner edges of the bins, in tenths.
pub(in crate::fairness) const EDGES: [f64; 9] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];

/// Sums over the rows of one bin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::fairness) struct Bin {
    /// Of the weights.
    pub(in crate::fairness) weight: f64,
    /// Of the squared weights.
    squares: f64,
    /// Of the weights of the actual positives.
    pub(in crate::fairness) positive: f64,
    /// Of weight times score.
    score: f64,
}

impl Bin {
    fn add(&mut self, row: &Scored) {
        self.weight += row.weight;
        self.squares += row.weight * row.weight;
        self.positive += if row.positive { row.weight } else { 0.0 };
        self.score += row.weight * row.score;
    }

    /// `|mean score − share of positives|`.
    fn gap(&self) -> f64 {
        ((self.score - self.positive) / self.weight).abs()
    }

    /// How much of the gap is noise: `E|X| − |gap|` for normal `X` around the gap with the variance
    /// of the share of positives.
    fn noise(&self) -> f64 {
        let share = (self.positive / self.weight).clamp(0.0, 1.0);
        let deviation = (share * (1.0 - share) * self.squares).sqrt() / self.weight;
        if deviation <= 0.0 {
            return 0.0;
        }
        let z = self.gap() / deviation;
        let folded = deviation * (2.0 / PI).sqrt() * (-z * z / 2.0).exp()
            + self.gap() * (1.0 - 2.0 * normal_cdf(-z));
        folded - self.gap()
    }
}

/// Rows in bins.
pub(in crate::fairness) struct Bins(Vec<Bin>);

impl Bins {
    /// Ten bins of equal width, `[lo, hi)`, the last one closed: `min(⌊10 s⌋, 9)`.
    pub(in crate::fairness) fn left_closed(rows: &Slice<'_>) -> Result<Self, Undefined> {
        match rows.summary() {
            Some(summary) => Self::summed(summary).checked(),
            None => Self::fill(rows, |row| EDGES.partition_point(|edge| *edge <= 10.0 * row.score)),
        }
    }

    fn summed(summary: &Summary) -> Self {
        let bin = |at: usize| {
            let [(negatives, low), (positives, high)] =
                [0, 1].map(|class: usize| summary.classes[class].bins[at]);
            let weight = to_f64(negatives + positives);
            Bin { weight, squares: weight, positive: to_f64(positives), score: number(low + high) }
        };
        Self((0..BINS).map(bin).collect())
    }

    /// Ten bins of equal width, `(lo, hi]`, the first one closed.
    pub(super) fn right_closed(rows: &Slice<'_>) -> Result<Self, Undefined> {
        Self::fill(rows, |row| EDGES.partition_point(|edge| *edge < 10.0 * row.score))
    }

    /// Ten bins of equal weight: a score lies in bin `⌊10 (w₌/2 + w₍₎) / W⌋`, with the weight of the
    /// rows of this score and of those below it, so that equal scores stay together.
    pub(super) fn equal_mass(rows: &Slice<'_>) -> Result<Self, Undefined> {
        let merged = merged(rows)?;
        let all = sum(merged.iter().map(|row| row.weight));
        let mut bins = vec![Bin::default(); BINS];
        let mut below = 0.0;
        for tied in merged.chunk_by(|a, b| a.score >= b.score) {
            let weight = sum(tied.iter().map(|row| row.weight));
            let tenths = 10.0 * (below + weight / 2.0) / all;
            let at = EDGES.partition_point(|edge| *edge <= tenths);
            for row in tied {
                bins[at].add(row);
            }
            below += weight;
        }
        Self(bins).checked()
    }

    fn fill(rows: &Slice<'_>, bin: impl Fn(&Scored) -> usize) -> Result<Self, Undefined> {
        let mut bins = vec![Bin::default(); BINS];
        for row in rows.scored().ok_or(Undefined::NoScores)? {
            bins[bin(&row)].add(&row);
        }
        Self(bins).checked()
    }

    fn checked(self) -> Result<Self, Undefined> {
        if self.weight() > 0.0 { Ok(self) } else { Err(Undefined::Empty) }
    }

    fn weight(&self) -> f64 {
        sum(self.0.iter().map(|bin| bin.weight))
    }

    /// The bins in ascending order of score.
    pub(in crate::fairness) fn all(&self) -> &[Bin] {
        &self.0
    }

    fn filled(&self) -> impl Iterator<Item = &Bin> {
        self.0.iter().filter(|bin| bin.weight > 0.0)
    }

    /// The mean gap, weighted with the bins.
    pub(super) fn expected(&self) -> f64 {
        sum(self.filled().map(|bin| bin.weight * bin.gap())) / self.weight()
    }

    /// The mean gap without what noise alone would make of it, at least 0.
    pub(super) fn debiased(&self) -> f64 {
        let noise = sum(self.filled().map(|bin| bin.weight * bin.noise())) / self.weight();
        (self.expected() - noise).max(0.0)
    }

    /// The largest gap.
    pub(super) fn maximum(&self) -> f64 {
        self.filled().map(Bin::gap).fold(0.0, f64::max)
    }
}

/// All rows in ascending order of score.
pub(in crate::fairness) fn merged(rows: &Slice<'_>) -> Result<Vec<Scored>, Undefined> {
    let mut merged: Vec<Scored> = rows.scored().ok_or(Undefined::NoScores)?.collect();
    // Two ascending runs: the stable sort merges them.
    merged.sort_by(|a, b| a.score.total_cmp(&b.score));
    Ok(merged)
}

/// Clips a value that rounding may have carried beyond 0 to 1.
pub(super) fn unit(value: f64) -> f64 {
    value.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;
    use crate::fairness::curve::Curve;
    use crate::fairness::fixed::fixed;
    use crate::fairness::pass::Cell;

    #[test]
    fn edges_belong_to_one_side() {
        let rows = Slice::ranked(Confusion::default(), &[0.0, 0.1, 1.0], &[]);
        let filled = |bins: Bins| -> Vec<usize> {
            let filled = bins.all().iter().enumerate().filter(|(_, bin)| bin.weight > 0.0);
            filled.map(|(at, _)| at).collect()
        };
        assert_eq!(filled(Bins::left_closed(&rows).unwrap()), [0, 1, 9]);
        assert_eq!(filled(Bins::right_closed(&rows).unwrap()), [0, 9]);
    }

    #[test]
    fn equal_scores_stay_in_one_bin_of_equal_mass() {
        let scores: Vec<f64> = (0..20).map(f64::from).map(|i| i / 40.0).collect();
        let rows = Slice::ranked(Confusion::default(), &scores, &[]);
        let bins = Bins::equal_mass(&rows).unwrap();
        assert!(bins.all().iter().all(|bin| (bin.weight - 2.0).abs() < 1e-15));
        let tied = [0.3; 20];
        let rows = Slice::ranked(Confusion::default(), &tied, &[]);
        let bins = Bins::equal_mass(&rows).unwrap();
        assert!((bins.all()[5].weight - 20.0).abs() < 1e-15);
    }

    #[test]
    fn noise_by_hand() {
        // Share ½ of 4 rows, gap 0: E|N(0, 1/16)| = ¼ √(2/π).
        let bin = Bin { weight: 4.0, squares: 4.0, positive: 2.0, score: 2.0 };
        assert!((bin.noise() - 0.25 * (2.0 / PI).sqrt()).abs() < 1e-12);
        // Gap ½ = 2 deviations, E|N(½, 1/16)| − ½ by scipy.stats.foldnorm(2, scale=0.25).mean().
        let far = Bin { weight: 4.0, squares: 4.0, positive: 2.0, score: 4.0 };
        assert!((far.noise() - 0.004_245_351_308).abs() < 1e-11, "{}", far.noise());
        // Half the rows with noise, half with a gap: ½ · ½ − ½ · ¼ √(2/π).
        let bins = Bins(vec![bin, Bin { weight: 4.0, squares: 4.0, positive: 4.0, score: 2.0 }]);
        assert!((bins.debiased() - 0.25 + 0.125 * (2.0 / PI).sqrt()).abs() < 1e-12);
        // No spread, no noise.
        let bin = Bin { weight: 4.0, squares: 4.0, positive: 4.0, score: 2.0 };
        assert!(bin.noise().abs() < 1e-15 && (bin.gap() - 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_bin_sums_weights_and_their_squares_and_counted_rows_weigh_one() {
        let mut bin = Bin::default();
        for (score, positive, weight) in [(0.5, true, 3.0), (0.25, false, 2.0)] {
            bin.add(&Scored { score, positive, weight });
        }
        assert_eq!(bin, Bin { weight: 5.0, squares: 13.0, positive: 3.0, score: 2.0 });
        let [mut negative, mut positive] = [Cell::default(); 2];
        negative.bins[3] = (2, 2 * u128::from(fixed(0.25)));
        positive.bins[3] = (3, 3 * u128::from(fixed(0.5)));
        let summary = Summary { classes: [negative, positive], curve: Curve::default() };
        let expected = Bin { weight: 5.0, squares: 5.0, positive: 3.0, score: 2.0 };
        assert_eq!(Bins::summed(&summary).all()[3], expected);
    }
}
