//! `accuracy`.

use super::{Basis, Metric, Rate, Slice};
use crate::domain::{Ideal, Meta, Quadrant, Undefined, Value};
use crate::fairness::slice::ALL;

crate::check! {
    /// Share of the rows whose prediction is right.
    ///
    /// **Formula** `(TP + TN) / n = P(ŷ = y)`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `Empty` when there is no row.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `sklearn.metrics.accuracy_score`.
    Accuracy, "FA005", "accuracy", Ideal::One
}

impl Accuracy {
    /// Which rows are counted.
    pub(super) const RATE: Rate =
        Rate { part: &[Quadrant::Tp, Quadrant::Tn], whole: ALL, undefined: Undefined::Empty };
}

impl Metric for Accuracy {
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
        // (4 + 3) / 10 = 0.7
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((Accuracy.of(&rows).unwrap() - 0.7).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 0, tn: 0, fn_: 0 });
        assert_eq!(Accuracy.of(&rows), Err(Undefined::Empty));
    }
}
