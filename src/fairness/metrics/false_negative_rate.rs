//! `false_negative_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::POSITIVES;

crate::check! {
    /// Share of the actual positives that the model misses.
    ///
    /// **Formula** `FN / (TP + FN) = P(ŷ = 0 | y = 1) = 1 − TPR`. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `NoPositives` when no row has `y = 1`; never 0.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `fairlearn.metrics.false_negative_rate`.
    FalseNegativeRate, "FA008", "false_negative_rate", Ideal::Zero
}

of_rate!(FalseNegativeRate, &[Quadrant::Fn], POSITIVES, NoPositives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 1 / (4 + 1) = 0.2
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((FalseNegativeRate.of(&rows).unwrap() - 0.2).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 2, tn: 3, fn_: 0 });
        assert_eq!(FalseNegativeRate.of(&rows), Err(Undefined::NoPositives));
    }
}
