//! `accuracy`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
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

of_rate!(Accuracy, &[Quadrant::Tp, Quadrant::Tn], ALL, Empty);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

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
