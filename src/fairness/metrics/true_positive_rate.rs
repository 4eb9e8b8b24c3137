//! `true_positive_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
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

of_rate!(TruePositiveRate, &[Quadrant::Tp], POSITIVES, NoPositives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

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
