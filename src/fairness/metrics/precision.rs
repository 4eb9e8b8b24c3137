//! `precision`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::SELECTED;

crate::check! {
    /// Share of the predicted positives that are actually positive.
    ///
    /// **Formula** `TP / (TP + FP) = P(y = 1 | ŷ = 1)`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `NoPredictedPositives` when no row has `ŷ = 1`; never 0.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `sklearn.metrics.precision_score`.
    Precision, "FA009", "precision", Ideal::One
}

of_rate!(Precision, &[Quadrant::Tp], SELECTED, NoPredictedPositives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 4 / (4 + 1) = 0.8
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 3, fn_: 2 });
        assert!((Precision.of(&rows).unwrap() - 0.8).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 0, tn: 3, fn_: 2 });
        assert_eq!(Precision.of(&rows), Err(Undefined::NoPredictedPositives));
    }
}
