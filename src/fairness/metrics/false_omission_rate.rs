//! `false_omission_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::REJECTED;

crate::check! {
    /// Share of the predicted negatives that are actually positive.
    ///
    /// **Formula** `FN / (TN + FN) = P(y = 1 | ŷ = 0)`. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `NoPredictedNegatives` when no row has `ŷ = 0`; never 0.
    /// **Source** Verma and Rubin 2018, "Fairness definitions explained".
    /// **Peer** `aif360.metrics.ClassificationMetric.false_omission_rate`.
    FalseOmissionRate, "FA015", "false_omission_rate", Ideal::Zero
}

of_rate!(FalseOmissionRate, &[Quadrant::Fn], REJECTED, NoPredictedNegatives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 2 / (3 + 2) = 0.4
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 3, fn_: 2 });
        assert!((FalseOmissionRate.of(&rows).unwrap() - 0.4).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 0, fn_: 0 });
        assert_eq!(FalseOmissionRate.of(&rows), Err(Undefined::NoPredictedNegatives));
    }
}
