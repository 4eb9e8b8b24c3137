//! `true_negative_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::NEGATIVES;

crate::check! {
    /// Share of the actual negatives that the model leaves alone.
    ///
    /// **Formula** `TN / (FP + TN) = P(ŷ = 0 | y = 0) = 1 − FPR`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `NoNegatives` when no row has `y = 0`; never 0.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `fairlearn.metrics.true_negative_rate`.
    TrueNegativeRate, "FA007", "true_negative_rate", Ideal::One
}

of_rate!(TrueNegativeRate, &[Quadrant::Tn], NEGATIVES, NoNegatives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 3 / (2 + 3) = 0.6
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((TrueNegativeRate.of(&rows).unwrap() - 0.6).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 4, fp: 0, tn: 0, fn_: 1 });
        assert_eq!(TrueNegativeRate.of(&rows), Err(Undefined::NoNegatives));
    }
}
