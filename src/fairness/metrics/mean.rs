//! Means of one number per row, with what their interval rests on.

use super::{Basis, Slice};
use crate::domain::{Undefined, Value, to_f64};
use crate::fairness::fixed::Sums;
use crate::fairness::pass::{Cell, Summary};
use crate::fairness::slice::Scored;
use crate::stats::sum;

/// Effective rows below which the mean of skewed numbers has no trustworthy interval.
const ENOUGH: f64 = 10.0;

/// Spread, as a part of the squared mean, that rounding gives to equal numbers.
const NOISE: f64 = 1e-28;

/// Which rows a mean is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// All.
    All,
    /// The actual negatives, or the actual positives.
    Class(usize),
}

/// A mean of one number per scored row.
pub(super) struct Mean {
    /// The number of a row that takes part.
    pub(super) of: fn(&Scored) -> Option<f64>,
    /// Its sums over the rows of a class, as parts of the number beside them.
    pub(super) sums: fn(&Cell) -> (Sums, f64),
    /// The rows that take part.
    pub(super) among: Among,
    /// The largest that the number can be.
    pub(super) most: f64,
    /// Why there is no mean without any row that takes part.
    pub(super) undefined: Undefined,
}

impl Mean {
    /// The weighted mean.
    pub(super) fn value(&self, rows: &Slice<'_>) -> Value {
        self.measure(rows).0
    }

    /// What the mean rests on.
    pub(super) fn basis(&self, rows: &Slice<'_>) -> Basis {
        self.measure(rows).1
    }

    /// The weighted mean and its variance: the weighted sample variance over Kish's effective rows,
    /// which is `s²/n` with equal weights. Only the rows where it does not exist.
    pub(super) fn measure(&self, rows: &Slice<'_>) -> (Value, Basis) {
        if let Some(summary) = rows.summary() {
            return self.summed(summary);
        }
        let Some(scored) = rows.scored() else {
            return (Err(Undefined::NoScores), Basis::Rows(rows.n()));
        };
        let part: Vec<(f64, f64)> =
            scored.filter_map(|row| Some((row.weight, (self.of)(&row)?))).collect();
        let n = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let weight = sum(part.iter().map(|(weight, _)| *weight));
        if weight <= 0.0 {
            return (Err(self.undefined.clone()), Basis::Rows(n));
        }
        let mean = sum(part.iter().map(|(weight, number)| weight * number)) / weight;
        let squares = sum(part.iter().map(|(weight, _)| weight * weight));
        let spread = sum(part.iter().map(|(w, number)| w * (number - mean).powi(2))) / weight;
        let freedom = weight * weight / squares - 1.0;
        (Ok(mean), self.basis_of(mean, spread, (freedom, n)))
    }

    /// The same of rows that are summed up.
    fn summed(&self, summary: &Summary) -> (Value, Basis) {
        let [negative, positive] = &summary.classes;
        let cell = match self.among {
            Among::All => negative.plus(positive),
            Among::Class(class) => summary.classes[class],
        };
        if cell.n == 0 {
            return (Err(self.undefined.clone()), Basis::Rows(0));
        }
        let (sums, unit) = (self.sums)(&cell);
        let (mean, spread) = (sums.mean(cell.n) * unit, sums.spread(cell.n) * unit * unit);
        (Ok(mean), self.basis_of(mean, spread, (to_f64(cell.n) - 1.0, cell.n)))
    }

    fn basis_of(&self, mean: f64, spread: f64, (freedom, n): (f64, u64)) -> Basis {
        if freedom + 1.0 < ENOUGH || spread <= NOISE * mean * mean {
            return Basis::Rows(n);
        }
        Basis::Mean { variance: spread / freedom, freedom, most: self.most, n }
    }
}

/// A metric whose value, basis and both at once are those of a [`Mean`].
macro_rules! of_mean {
    ($metric:ident, $mean:expr) => {
        impl $crate::fairness::metrics::Metric for $metric {
            fn meta(&self) -> &'static $crate::domain::Meta {
                &Self::META
            }

            fn of(&self, rows: &$crate::fairness::Slice<'_>) -> $crate::domain::Value {
                $mean.value(rows)
            }

            fn basis(
                &self,
                rows: &$crate::fairness::Slice<'_>,
            ) -> $crate::fairness::metrics::Basis {
                $mean.basis(rows)
            }

            fn measure(
                &self,
                rows: &$crate::fairness::Slice<'_>,
            ) -> ($crate::domain::Value, $crate::fairness::metrics::Basis) {
                $mean.measure(rows)
            }
        }
    };
}
pub(super) use of_mean;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Masses};
    use crate::fairness::curve::Curve;
    use crate::fairness::fixed::fixed;
    use crate::fairness::slice::Weights;

    fn four_scores() -> Mean {
        Mean {
            of: |row| Some(4.0 * row.score),
            sums: |cell| (cell.score, 4.0),
            among: Among::All,
            most: 4.0,
            undefined: Undefined::Empty,
        }
    }

    /// Variance, degrees of freedom, limit and rows.
    fn of_mean(basis: Basis) -> (f64, f64, f64, u64) {
        let Basis::Mean { variance, freedom, most, n } = basis else { panic!("{basis:?}") };
        (variance, freedom, most, n)
    }

    #[test]
    fn a_weighted_mean_and_its_variance_by_hand() {
        // Six rows of 0.8 and weight 1, six of 2 and weight 2: mean 28.8 / 18 = 1.6, spread
        // (6 · 0.8² + 12 · 0.4²) / 18 = 0.32, effective rows 18² / 30 = 10.8.
        let weights = Weights {
            sums: Masses::default(),
            squares: Masses::default(),
            positive: &[1.0; 6],
            negative: &[2.0; 6],
        };
        let rows = Slice::ranked(Confusion::default(), &[0.2; 6], &[0.5; 6]).weighted(weights);
        let (value, basis) = four_scores().measure(&rows);
        let (variance, freedom, most, n) = of_mean(basis);
        assert!((value.unwrap() - 1.6).abs() < 1e-14 && (freedom - 9.8).abs() < 1e-12);
        assert!((variance - 0.32 / 9.8).abs() < 1e-14 && (most - 4.0).abs() < 1e-15 && n == 12);
    }

    #[test]
    fn summed_rows_have_the_mean_of_the_rows() {
        let (mut negative, mut positive) = (Cell::default(), Cell::default());
        for (cell, score, n) in [(&mut negative, 0.125, 7), (&mut positive, 0.5, 5)] {
            (0..n).for_each(|_| cell.score.add(fixed(score)));
            cell.n = n;
        }
        let summary = Summary { classes: [negative, positive], curve: Curve::default() };
        let rows = Slice::ranked(Confusion::default(), &[0.5; 5], &[0.125; 7]);
        let (value, basis) = four_scores().summed(&summary);
        let (expected, its_basis) = four_scores().measure(&rows);
        assert!((value.unwrap() - expected.unwrap()).abs() < 1e-14);
        let (found, expected) = (of_mean(basis), of_mean(its_basis));
        assert!((found.0 - expected.0).abs() < 1e-14 && (found.1 - expected.1).abs() < 1e-12);
        assert_eq!(found.3, 12);
        let of_class = Mean { among: Among::Class(1), ..four_scores() };
        assert_eq!(of_class.summed(&summary), (Ok(2.0), Basis::Rows(5)));
        let none = Summary { classes: [Cell::default(); 2], curve: Curve::default() };
        assert_eq!(four_scores().summed(&none), (Err(Undefined::Empty), Basis::Rows(0)));
    }

    #[test]
    fn few_rows_or_equal_numbers_have_no_interval() {
        let basis = |mean: Mean, positive: &[f64], negative: &[f64]| {
            mean.basis(&Slice::ranked(Confusion::default(), positive, negative))
        };
        assert_eq!(basis(four_scores(), &[0.1; 4], &[0.2; 5]), Basis::Rows(9));
        assert_eq!(of_mean(basis(four_scores(), &[0.1; 5], &[0.2; 5])).3, 10);
        assert_eq!(basis(four_scores(), &[0.3; 12], &[]), Basis::Rows(12));
        // Two neighbouring numbers of any size are equal but for rounding.
        let large = Mean { of: |row| Some(1e10 * row.score), ..four_scores() };
        assert_eq!(basis(large, &[0.3; 6], &[0.1 + 0.2; 6]), Basis::Rows(12));
    }
}
