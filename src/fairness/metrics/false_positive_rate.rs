//! `false_positive_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::NEGATIVES;

crate::check! {
    /// Share of the actual negatives that the model flags as positive.
    ///
    /// **Formula** `FP / (FP + TN) = P(ŷ = 1 | y = 0)`. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `NoNegatives` when no row has `y = 0`; never 0.
    /// **Source** Hardt, Price, Srebro 2016, §2.
    /// **Peer** `fairlearn.metrics.false_positive_rate`.
    FalsePositiveRate, "FA006", "false_positive_rate", Ideal::Zero
}

of_rate!(FalsePositiveRate, &[Quadrant::Fp], NEGATIVES, NoNegatives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 2 / (2 + 3) = 0.4
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((FalsePositiveRate.of(&rows).unwrap() - 0.4).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 4, fp: 0, tn: 0, fn_: 1 });
        assert_eq!(FalsePositiveRate.of(&rows), Err(Undefined::NoNegatives));
    }
}
