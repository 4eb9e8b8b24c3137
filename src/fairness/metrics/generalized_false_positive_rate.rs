//! `generalized_false_positive_rate`.

use super::mean::{Among, Mean, of_mean};
use crate::domain::{Ideal, Undefined};

crate::check! {
    /// Mean score of the actual negatives.
    ///
    /// **Formula** `mean of s over the rows with y = 0`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `NoNegatives` when no row has `y = 0`, `NoScores` when the predictions carry no
    /// score. **Interval** Student's t of the mean, none below 10 effective rows; it leans on many rows
    /// and is too narrow where few of them decide.
    /// **Source** Pleiss et al. 2017, On fairness and calibration, Neural Information
    /// Processing Systems 30, §2.
    /// **Peer** `aif360.metrics.ClassificationMetric.generalized_false_positive_rate`.
    GeneralizedFalsePositiveRate, "FA020", "generalized_false_positive_rate", Ideal::Zero
}

fn mean() -> Mean {
    Mean {
        of: |row| (!row.positive).then_some(row.score),
        sums: |cell| (cell.score, 1.0),
        among: Among::Class(0),
        most: 1.0,
        undefined: Undefined::NoNegatives,
    }
}

of_mean!(GeneralizedFalsePositiveRate, mean());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (0.1 + 0.3) / 2
        let rows = Slice::ranked(Confusion::default(), &[0.4], &[0.1, 0.3]);
        assert!((GeneralizedFalsePositiveRate.of(&rows).unwrap() - 0.2).abs() < 1e-15);
        let rows = Slice::ranked(Confusion::default(), &[0.4], &[]);
        assert_eq!(GeneralizedFalsePositiveRate.of(&rows), Err(Undefined::NoNegatives));
    }
}
