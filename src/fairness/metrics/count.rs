//! `count`.

use super::{Metric, Slice};
use crate::domain::{Ideal, Meta, Value, to_f64};

crate::check! {
    /// Number of rows, with the counts of the confusion table as evidence.
    ///
    /// **Formula** `n = TP + FP + TN + FN`. **Range** 0 and up. **Ideal** none; it says how much
    /// the other numbers rest on; of k classes the evidence holds the k×k counts. **Undefined** never; a group that is too small or empty is
    /// counted all the same. **Source** Fawcett 2006, Pattern Recognition Letters 27, §2.
    /// **Peer** `fairlearn.metrics.count`.
    Count, "FA001", "count", Ideal::None
}

impl Metric for Count {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(to_f64(rows.n()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn by_hand() {
        // 4 + 2 + 3 + 1 = 10
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        assert!((Count.of(&rows).unwrap() - 10.0).abs() < 1e-15);
        assert_eq!(Count.of(&Slice::counted(Confusion::default())), Ok(0.0));
    }
}
