//! What a metric sees of a set of rows.

use super::frame::ByGroup;
use super::metrics::{Basis, Proportion};
use super::pass::Summary;
use crate::domain::{Confusion, Masses, Quadrant, Undefined, Value, to_f64};
use crate::stats::Placements;

/// The scores of a set of rows by actual class, each in ascending order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores<'a> {
    /// Of the actual positives.
    pub positive: &'a [f64],
    /// Of the actual negatives.
    pub negative: &'a [f64],
}

/// The weights of a set of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights<'a> {
    /// Sums of the weights.
    pub sums: Masses,
    /// Sums of their squares.
    pub squares: Masses,
    /// Of the actual positives, each beside its score; empty without scores.
    pub positive: &'a [f64],
    /// Of the actual negatives, each beside its score; empty without scores.
    pub negative: &'a [f64],
}

/// A share of rows: those of some outcomes among those of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Outcomes that are counted.
    pub part: &'static [Quadrant],
    /// Outcomes that they are counted among.
    pub whole: &'static [Quadrant],
    /// Why there is no value where none of the latter occurs.
    pub undefined: Undefined,
}

/// All rows.
pub(super) const ALL: &[Quadrant] = &[Quadrant::Tp, Quadrant::Fp, Quadrant::Tn, Quadrant::Fn];
/// Actual positives.
pub(super) const POSITIVES: &[Quadrant] = &[Quadrant::Tp, Quadrant::Fn];
/// Actual negatives.
pub(super) const NEGATIVES: &[Quadrant] = &[Quadrant::Fp, Quadrant::Tn];
/// Predicted positives.
pub(super) const SELECTED: &[Quadrant] = &[Quadrant::Tp, Quadrant::Fp];
/// Predicted negatives.
pub(super) const REJECTED: &[Quadrant] = &[Quadrant::Tn, Quadrant::Fn];

/// Where the scores of a set of rows are.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// At hand.
    Given(Scores<'a>),
    /// Summed up already; sorted only when somebody asks: of one level of these groups.
    Summed(&'a Summary, &'a ByGroup<'a>, usize),
}

/// A set of rows, reduced to its counts, its sorted scores and their weights.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    confusion: Confusion,
    scores: Option<Source<'a>>,
    area: Option<Placements>,
    weights: Option<Weights<'a>>,
    population: Option<(Confusion, Masses)>,
}

impl<'a> Slice<'a> {
    /// Rows without scores.
    #[must_use]
    pub fn counted(confusion: Confusion) -> Self {
        Self { confusion, scores: None, area: None, weights: None, population: None }
    }

    /// Rows with the scores of both actual classes, each in ascending order.
    #[must_use]
    pub fn ranked(confusion: Confusion, positive: &'a [f64], negative: &'a [f64]) -> Self {
        let scores = Source::Given(Scores { positive, negative });
        Self { scores: Some(scores), ..Self::counted(confusion) }
    }

    /// Rows whose scores are summed up: those of one level of `groups`.
    pub(super) fn summed(
        confusion: Confusion,
        summary: &'a Summary,
        (groups, level): (&'a ByGroup<'a>, usize),
    ) -> Self {
        let scores = Source::Summed(summary, groups, level);
        let area = Some(summary.curve.placements());
        Self { scores: Some(scores), area, ..Self::counted(confusion) }
    }

    /// What the scores amount to, where that is known already.
    pub(super) fn summary(&self) -> Option<&'a Summary> {
        match self.scores {
            Some(Source::Summed(summary, ..)) => Some(summary),
            _ => None,
        }
    }

    /// Rows by step of the score and class, where the scores are summed up.
    pub(super) fn by_step(&self) -> Option<&'a [[u64; 2]]> {
        match self.scores {
            Some(Source::Summed(_, groups, level)) => groups.by_step(level),
            _ => None,
        }
    }

    /// The same rows, whose scores may have been placed among each other before.
    pub(super) fn with_area(self, area: Option<Placements>) -> Self {
        Self { area, ..self }
    }

    /// How the scores of both classes lie among each other, where there are scores.
    pub(super) fn area(&self) -> Option<Placements> {
        self.area.or_else(|| self.scores().map(|s| Placements::of(s.positive, s.negative)))
    }

    /// The same rows with weights.
    #[must_use]
    pub fn weighted(self, weights: Weights<'a>) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// The same rows as a part of all rows, whose counts and sums are given.
    #[must_use]
    pub fn within(self, confusion: Confusion, masses: Masses) -> Self {
        Self { population: Some((confusion, masses)), ..self }
    }

    /// The four counts.
    #[must_use]
    pub fn confusion(&self) -> Confusion {
        self.confusion
    }

    /// The four sums of weights; without weights every row counts one.
    #[must_use]
    pub fn masses(&self) -> Masses {
        self.weights.map_or_else(|| Masses::from(self.confusion), |weights| weights.sums)
    }

    /// Counts and sums of all rows that these are a part of; these rows themselves where nothing
    /// else was said.
    #[must_use]
    pub fn population(&self) -> (Confusion, Masses) {
        self.population.unwrap_or_else(|| (self.confusion, self.masses()))
    }

    /// The scores, where the predictions carry any.
    #[must_use]
    pub fn scores(&self) -> Option<Scores<'a>> {
        self.scores.map(|source| match source {
            Source::Given(scores) => scores,
            Source::Summed(_, groups, level) => groups.scores_of(level),
        })
    }

    /// The weights, where the rows carry any.
    #[must_use]
    pub fn weights(&self) -> Option<Weights<'a>> {
        self.weights
    }

    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.confusion.n()
    }

    /// Kish's effective number of the rows of some outcomes, `(Σw)² / Σw²`: as many rows of equal
    /// weight would say as much. Without weights the number of rows; 0 where the weights are 0.
    ///
    /// Source: Kish 1965, Survey Sampling, §11.7.
    #[must_use]
    pub fn effective_n(&self, quadrants: &[Quadrant]) -> f64 {
        let Some(weights) = &self.weights else { return to_f64(self.confusion.over(quadrants)) };
        let (sum, squares) = (weights.sums.over(quadrants), weights.squares.over(quadrants));
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// A share of the weight of the rows.
    ///
    /// # Errors
    /// The rate's own reason where its denominator holds no weight.
    pub fn rate(&self, rate: &Rate) -> Value {
        let masses = self.masses();
        let whole = masses.over(rate.whole);
        if whole > 0.0 {
            Ok((masses.over(rate.part) / whole).min(1.0))
        } else {
            Err(rate.undefined.clone())
        }
    }

    /// What a share rests on.
    #[must_use]
    pub fn share(&self, rate: &Rate) -> Basis {
        let n = self.confusion.over(rate.whole);
        if self.weights.is_none() {
            return Basis::Share { hits: self.confusion.over(rate.part), n };
        }
        match self.rate(rate) {
            Ok(share) => {
                let effective_n = self.effective_n(rate.whole);
                Basis::Weighted(Proportion { share, effective_n, n })
            }
            Err(_) => Basis::Rows(n),
        }
    }

    /// What the mean of two shares of different rows rests on.
    pub(super) fn halves(&self, rates: [&Rate; 2]) -> Basis {
        let [Some(a), Some(b)] = rates.map(|rate| self.proportion(rate)) else {
            return Basis::Rows(rates.iter().map(|rate| self.confusion.over(rate.whole)).sum());
        };
        Basis::Halves([a, b])
    }

    fn proportion(&self, rate: &Rate) -> Option<Proportion> {
        let (share, n) = (self.rate(rate).ok()?, self.confusion.over(rate.whole));
        Some(Proportion { share, effective_n: self.effective_n(rate.whole), n })
    }

    /// Score, class and weight of every row: the positives, then the negatives, each in ascending
    /// order of score.
    pub(super) fn scored(&self) -> Option<impl Iterator<Item = Scored> + Clone + use<'a>> {
        let scores = self.scores()?;
        let weights = self.weights;
        let of = move |y: bool| {
            let (scores, weights) = if y {
                (scores.positive, weights.map(|w| w.positive))
            } else {
                (scores.negative, weights.map(|w| w.negative))
            };
            scores.iter().enumerate().map(move |(i, score)| Scored {
                score: *score,
                positive: y,
                weight: weights.map_or(1.0, |w| w[i]),
            })
        };
        Some(of(true).chain(of(false)))
    }
}

/// One row with a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    /// Score of the positive class.
    pub(super) score: f64,
    /// Whether the row is actually positive.
    pub(super) positive: bool,
    /// Its weight, 1 where there are none.
    pub(super) weight: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRECISION: Rate =
        Rate { part: &[Quadrant::Tp], whole: SELECTED, undefined: Undefined::NoPredictedPositives };

    /// Two true positives of weights 1 and 3, a false positive of weight 2, and a true negative of
    /// weight 0.
    fn weighted() -> Slice<'static> {
        let sums = Masses { tp: 4.0, fp: 2.0, ..Masses::default() };
        let squares = Masses { tp: 10.0, fp: 4.0, ..Masses::default() };
        let weights = Weights { sums, squares, positive: &[], negative: &[] };
        Slice::counted(Confusion { tp: 2, fp: 1, tn: 1, fn_: 0 }).weighted(weights)
    }

    #[test]
    fn a_weighted_share_by_hand() {
        // 4 / 6, effective n (4 + 2)² / (10 + 4).
        assert!((weighted().rate(&PRECISION).unwrap() - 2.0 / 3.0).abs() < 1e-15);
        let Basis::Weighted(p) = weighted().share(&PRECISION) else { panic!("weighted") };
        assert!((p.effective_n - 36.0 / 14.0).abs() < 1e-15 && p.n == 3);
    }

    #[test]
    fn rows_without_weight_are_no_denominator() {
        let specificity = Rate {
            part: &[Quadrant::Tn],
            whole: &[Quadrant::Tn],
            undefined: Undefined::NoNegatives,
        };
        assert_eq!(weighted().rate(&specificity), Err(Undefined::NoNegatives));
        assert!(weighted().effective_n(&[Quadrant::Tn]) < f64::MIN_POSITIVE);
    }

    #[test]
    fn without_weights_every_row_counts_one() {
        let rows = Slice::counted(Confusion { tp: 2, fp: 1, tn: 1, fn_: 0 });
        assert_eq!(rows.share(&PRECISION), Basis::Share { hits: 2, n: 3 });
        assert!((rows.effective_n(ALL) - 4.0).abs() < 1e-15);
        assert_eq!(rows.population().0, rows.confusion());
    }
}
