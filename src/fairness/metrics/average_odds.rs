//! The mean of the true and the false positive rate, which only comparisons use.

use super::{Basis, FalsePositiveRate, Metric, Slice, TruePositiveRate};
use crate::domain::{Ideal, Meta, Value};

crate::check! {
    /// Mean of the true and the false positive rate.
    ///
    /// **Formula** `(TPR + FPR) / 2`. **Range** 0 to 1. **Ideal** none.
    /// **Undefined** `NoPositives` or `NoNegatives` when one class is absent.
    /// **Source** Bellamy et al. 2018, AI Fairness 360, arXiv:1810.01943.
    AverageOdds, "FA000", "average_odds", Ideal::None
}

impl Metric for AverageOdds {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(f64::midpoint(TruePositiveRate.of(rows)?, FalsePositiveRate.of(rows)?))
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        rows.halves([&TruePositiveRate::RATE, &FalsePositiveRate::RATE])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};

    #[test]
    fn by_hand() {
        // (4/5 + 2/5) / 2 = 0.6
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((AverageOdds.of(&rows).unwrap() - 0.6).abs() < 1e-15);
        let rows = Slice::counted(Confusion { tp: 4, ..Confusion::default() });
        assert_eq!(AverageOdds.of(&rows), Err(Undefined::NoNegatives));
    }
}
