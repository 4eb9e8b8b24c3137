//! `negative_predictive_value`.

use super::rate::of_rate;
use crate::domain::{Ideal, Quadrant};
use crate::fairness::slice::REJECTED;

crate::check! {
    /// Share of the predicted negatives that are actually negative.
    ///
    /// **Formula** `TN / (TN + FN) = P(y = 0 | ŷ = 0)`. **Range** 0 to 1.
    /// **Ideal** 1. **Undefined** `NoPredictedNegatives` when no row has `ŷ = 0`; never 0.
    /// **Source** Verma and Rubin 2018, "Fairness definitions explained".
    /// **Peer** `aif360.metrics.ClassificationMetric.negative_predictive_value`.
    NegativePredictiveValue, "FA014", "negative_predictive_value", Ideal::One
}

of_rate!(NegativePredictiveValue, &[Quadrant::Tn], REJECTED, NoPredictedNegatives);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // 3 / (3 + 2) = 0.6
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 3, fn_: 2 });
        assert!((NegativePredictiveValue.of(&rows).unwrap() - 0.6).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 4, fp: 1, tn: 0, fn_: 0 });
        assert_eq!(NegativePredictiveValue.of(&rows), Err(Undefined::NoPredictedNegatives));
    }
}
