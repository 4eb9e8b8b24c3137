//! `balanced_accuracy`.

use super::{Basis, Metric, Slice, TrueNegativeRate, TruePositiveRate};
use crate::domain::{Ideal, Meta, Value};

crate::check! {
    /// Mean of the shares of positives and of negatives that are predicted rightly.
    ///
    /// **Formula** `(TPR + TNR) / 2`; of k classes the mean recall, see `recall_macro`. **Range** 0 to 1. **Ideal** 1; ½ is chance.
    /// **Undefined** `NoPositives` or `NoNegatives` when one class is absent; it is not the rate of
    /// the class that is there. **Interval** from the Wilson intervals of both shares, which rest on different
    /// rows (MOVER: Zou and Donner 2008, Statistics in Medicine 27, 1693–1702).
    /// **Source** Brodersen, Ong, Stephan, Buhmann 2010, ICPR.
    /// **Peer** `sklearn.metrics.balanced_accuracy_score`.
    BalancedAccuracy, "FA011", "balanced_accuracy", Ideal::One
}

impl Metric for BalancedAccuracy {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(f64::midpoint(TruePositiveRate.of(rows)?, TrueNegativeRate.of(rows)?))
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        let halves = [&TruePositiveRate::RATE, &TrueNegativeRate::RATE];
        rows.halves(halves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};

    #[test]
    fn by_hand() {
        // (4/5 + 3/5) / 2 = 0.7
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((BalancedAccuracy.of(&rows).unwrap() - 0.7).abs() < 1e-15);
    }

    #[test]
    fn one_class_is_undefined() {
        let positives = Slice::counted(Confusion { tp: 4, fn_: 1, ..Confusion::default() });
        assert_eq!(BalancedAccuracy.of(&positives), Err(Undefined::NoNegatives));
        let negatives = Slice::counted(Confusion { tn: 4, fp: 1, ..Confusion::default() });
        assert_eq!(BalancedAccuracy.of(&negatives), Err(Undefined::NoPositives));
    }
}
