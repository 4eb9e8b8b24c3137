//! `base_rate`.

use super::rate::of_rate;
use crate::domain::Ideal;
use crate::fairness::slice::{ALL, POSITIVES};

crate::check! {
    /// Share of the rows that are actually positive.
    ///
    /// **Formula** `(TP + FN) / n = P(y = 1)`. **Range** 0 to 1.
    /// **Ideal** none; it describes the population. **Undefined** `Empty` when there is no row.
    /// **Source** Chouldechova 2017, Big Data 5, §2.
    /// **Peer** `aif360.metrics.BinaryLabelDatasetMetric.base_rate`.
    BaseRate, "FA003", "base_rate", Ideal::None
}

of_rate!(BaseRate, POSITIVES, ALL, Empty);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (4 + 1) / 10 = 0.5
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((BaseRate.of(&rows).unwrap() - 0.5).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 0, tn: 0, fn_: 0 });
        assert_eq!(BaseRate.of(&rows), Err(Undefined::Empty));
    }
}
