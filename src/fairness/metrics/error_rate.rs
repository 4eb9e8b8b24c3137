//! `error_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::ALL;

crate::check! {
    /// Share of the rows whose prediction is wrong.
    ///
    /// **Formula** `(FP + FN) / n = P(ŷ ≠ y) = 1 − accuracy`. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `Empty` when there is no row.
    /// **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `sklearn.metrics.zero_one_loss`, `aif360.metrics.ClassificationMetric.error_rate`.
    ErrorRate, "FA016", "error_rate", Ideal::Zero
}

of_rate!(ErrorRate, &[Quadrant::Fp, Quadrant::Fn], ALL, Empty);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (2 + 1) / 10 = 0.3
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((ErrorRate.of(&rows).unwrap() - 0.3).abs() < 1e-15);
        assert_eq!(ErrorRate.of(&Slice::counted(Confusion::default())), Err(Undefined::Empty));
    }
}
