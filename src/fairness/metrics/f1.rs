//! `f1`.

use super::{Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value};

crate::check! {
    /// Harmonic mean of precision and true positive rate.
    ///
    /// **Formula** `2 TP / (2 TP + FP + FN)`. **Range** 0 to 1. **Ideal** 1.
    /// **Undefined** `ZeroDenominator` when there is neither an actual nor a predicted positive.
    /// **Interval** Wilson's of `j = TP / (TP + FP + FN)`, carried over by `F1 = 2j / (1 + j)`.
    /// **Source** van Rijsbergen 1979, Information Retrieval, chapter 7.
    /// **Peer** `sklearn.metrics.f1_score`.
    F1, "FA012", "f1", Ideal::One
}

impl Metric for F1 {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        let m = rows.masses();
        let whole = 2.0 * m.tp + m.fp + m.fn_;
        if whole > 0.0 { Ok(2.0 * m.tp / whole) } else { Err(Undefined::ZeroDenominator) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn by_hand() {
        // 8 / (8 + 1 + 1) = 0.8
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 3, fn_: 1 });
        assert!((F1.of(&rows).unwrap() - 0.8).abs() < 1e-15);
    }

    #[test]
    fn without_any_positive_it_is_undefined() {
        let rows = Slice::counted(Confusion { tn: 3, ..Confusion::default() });
        assert_eq!(F1.of(&rows), Err(Undefined::ZeroDenominator));
    }
}
