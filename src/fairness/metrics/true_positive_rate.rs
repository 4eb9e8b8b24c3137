//! `true_positive_rate`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value, rate};

crate::check! {
    /// Share of the actual positives that the model finds.
    ///
    /// **Formula** `TP / (TP + FN) = P(ŷ = 1 | y = 1)`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `NoPositives` when no row has `y = 1`; never 0.
    /// **Source** Hardt, Price, Srebro 2016, §2.
    /// **Peer** `fairlearn.metrics.true_positive_rate`.
    TruePositiveRate, "FA002", "true_positive_rate", Ideal::One
}

impl Metric for TruePositiveRate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        let c = rows.confusion();
        rate(c.tp, c.positives(), Undefined::NoPositives)
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        let c = rows.confusion();
        Basis::Share { hits: c.tp, n: c.positives() }
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
