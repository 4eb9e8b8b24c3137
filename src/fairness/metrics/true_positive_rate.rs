//! `true_positive_rate`.

use super::{Basis, Metric, Rate, Slice};
use crate::domain::{Ideal, Meta, Quadrant, Undefined, Value};
use crate::fairness::slice::POSITIVES;

crate::check! {
    /// Share of the actual positives that the model finds.
    ///
    /// **Formula** `TP / (TP + FN) = P(ŷ = 1 | y = 1)`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `NoPositives` when no row has `y = 1`; never 0.
    /// **Source** Hardt, Price, Srebro 2016, §2.
    /// **Peer** `fairlearn.metrics.true_positive_rate`.
    TruePositiveRate, "FA002", "true_positive_rate", Ideal::One
}

impl TruePositiveRate {
    /// Which rows are counted.
    pub(super) const RATE: Rate =
        Rate { part: &[Quadrant::Tp], whole: POSITIVES, undefined: Undefined::NoPositives };
}

impl Metric for TruePositiveRate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        rows.rate(&Self::RATE)
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        rows.share(&Self::RATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn by_hand() {
        // 4 / (4 + 1) = 0.8
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((TruePositiveRate.of(&rows).unwrap() - 0.8).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 2, tn: 3, fn_: 0 });
        assert_eq!(TruePositiveRate.of(&rows), Err(Undefined::NoPositives));
    }
}
