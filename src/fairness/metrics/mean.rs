//! Means of one number per row, with what their interval rests on.

use super::{Basis, Slice};
use crate::domain::{Undefined, Value};
use crate::fairness::slice::Scored;
use crate::stats::sum;

/// Effective rows below which the mean of skewed numbers has no trustworthy interval.
const ENOUGH: f64 = 10.0;

/// A mean of one number per scored row.
pub(super) struct Mean {
    /// The number of a row that takes part.
    pub(super) of: fn(&Scored) -> Option<f64>,
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
        let basis = if freedom + 1.0 < ENOUGH || spread <= 0.0 {
            Basis::Rows(n)
        } else {
            Basis::Mean { variance: spread / freedom, freedom, most: self.most, n }
        };
        (Ok(mean), basis)
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
