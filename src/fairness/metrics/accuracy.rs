//! `accuracy`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value, rate};

crate::check! {
    /// Share of the rows whose prediction is right.
    ///
    /// **Formula** `(TP + TN) / n = P(ŷ = y)`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `Empty` when there is no row.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `sklearn.metrics.accuracy_score`.
    Accuracy, "FA005", "accuracy", Ideal::One
}

impl Metric for Accuracy {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        let c = rows.confusion();
        rate(c.tp + c.tn, c.n(), Undefined::Empty)
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        let c = rows.confusion();
        Basis::Share { hits: c.tp + c.tn, n: c.n() }
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
