//! `selection_rate`.

use super::rate::of_rate;
use crate::domain::Ideal;
use crate::fairness::slice::{ALL, SELECTED};

crate::check! {
    /// Share of the rows that are predicted positive.
    ///
    /// **Formula** `(TP + FP) / n = P(ŷ = 1)`. **Range** 0 to 1.
    /// **Ideal** none; a rate is compared between groups. **Undefined** `Empty` when there is no row.
    /// **Source** Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.16.
    /// **Peer** `fairlearn.metrics.selection_rate`.
    SelectionRate, "FA004", "selection_rate", Ideal::None
}

of_rate!(SelectionRate, SELECTED, ALL, Empty);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (4 + 2) / 10 = 0.6
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((SelectionRate.of(&rows).unwrap() - 0.6).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_divide_by_is_undefined() {
        let rows = Slice::counted(Confusion { tp: 0, fp: 0, tn: 0, fn_: 0 });
        assert_eq!(SelectionRate.of(&rows), Err(Undefined::Empty));
    }
}
