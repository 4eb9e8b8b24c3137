//! `false_discovery_rate`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::SELECTED;

crate::check! {
    /// Share of the predicted positives that are actually negative.
    ///
    /// **Formula** `FP / (TP + FP) = P(y = 0 | ŷ = 1) = 1 − precision`. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `NoPredictedPositives` when no row has `ŷ = 1`; never 0.
    /// **Source** Verma and Rubin 2018, "Fairness definitions explained".
    /// **Peer** `aif360.metrics.ClassificationMetric.false_discovery_rate`.
    FalseDiscoveryRate, "FA013", "false_discovery_rate", Ideal::Zero
}

of_rate!(FalseDiscoveryRate, &[Quadrant::Fp], SELECTED, NoPredictedPositives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 1 / (4 + 1) = 0.2
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 3, fn_: 2 });
        assert!((FalseDiscoveryRate.of(&rows).unwrap() - 0.2).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 0, tn: 3, fn_: 2 });
        assert_eq!(FalseDiscoveryRate.of(&rows), Err(Undefined::NoPredictedPositives));
    }
}
