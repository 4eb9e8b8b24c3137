//! `error_rate`.

use super::{Basis, Metric, Rate, Slice};
use crate::domain::{Ideal, Meta, Quadrant, Undefined, Value};
use crate::fairness::slice::ALL;

crate::check! {
    /// Share of the rows whose prediction is wrong.
    ///
    /// **Formula** `(FP + FN) / n = P(ŷ ≠ y) = 1 − accuracy`. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `Empty` when there is no row.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `sklearn.metrics.zero_one_loss`, `aif360.metrics.ClassificationMetric.error_rate`.
    ErrorRate, "FA016", "error_rate", Ideal::Zero
}

impl ErrorRate {
    /// Which rows are counted.
    pub(super) const RATE: Rate =
        Rate { part: &[Quadrant::Fp, Quadrant::Fn], whole: ALL, undefined: Undefined::Empty };
}

impl Metric for ErrorRate {
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
        // (2 + 1) / 10 = 0.3
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((ErrorRate.of(&rows).unwrap() - 0.3).abs() < 1e-15);
        assert_eq!(ErrorRate.of(&Slice::counted(Confusion::default())), Err(Undefined::Empty));
    }
}
