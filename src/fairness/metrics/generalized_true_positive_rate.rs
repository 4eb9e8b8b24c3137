//! `generalized_true_positive_rate`.

use super::mean::{Among, Mean, of_mean};
use crate::domain::{Ideal, Undefined};

crate::check! {
    /// Mean score of the actual positives.
    ///
    /// **Formula** `mean of s over the rows with y = 1`. **Range** 0 to 1. **Ideal** 1.
    /// **Undefined** `NoPositives` when no row has `y = 1`, `NoScores` when the predictions carry no
    /// score. **Interval** Student's t of the mean, none below 10 effective rows; it leans on many rows
    /// and is too narrow where few of them decide.
    /// **Source** Pleiss et al. 2017, On fairness and calibration, Neural Information
    /// Processing Systems 30, §2.
    /// **Peer** `aif360.metrics.ClassificationMetric.generalized_true_positive_rate`.
    GeneralizedTruePositiveRate, "FA019", "generalized_true_positive_rate", Ideal::One
}

fn mean() -> Mean {
    Mean {
        of: |row| row.positive.then_some(row.score),
        sums: |cell| (cell.score, 1.0),
        among: Among::Class(1),
        most: 1.0,
        undefined: Undefined::NoPositives,
    }
}

of_mean!(GeneralizedTruePositiveRate, mean());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (0.4 + 0.9) / 2
        let rows = Slice::ranked(Confusion::default(), &[0.4, 0.9], &[0.1]);
        assert!((GeneralizedTruePositiveRate.of(&rows).unwrap() - 0.65).abs() < 1e-15);
        let rows = Slice::ranked(Confusion::default(), &[], &[0.1]);
        assert_eq!(GeneralizedTruePositiveRate.of(&rows), Err(Undefined::NoPositives));
    }
}
