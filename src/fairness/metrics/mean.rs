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
