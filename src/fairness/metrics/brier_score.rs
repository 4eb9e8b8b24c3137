//! `brier_score`.

use super::mean::{Among, Mean, of_mean};
use crate::domain::{Ideal, Undefined};

crate::check! {
    /// Mean squared difference of the score and what happened.
    ///
    /// **Formula** `mean of (s − y)²`. **Range** 0 to 1. **Ideal** 0; always saying ½ gives ¼.
    /// **Undefined** `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** Student's t of the mean, none below 10 effective rows; it leans on many rows
    /// and is too narrow where few of them decide.
    /// **Source** Brier 1950, Monthly Weather Review 78, 1–3. **Peer** `sklearn.metrics.brier_score_loss`.
    BrierScore, "FA023", "brier_score", Ideal::Zero
}

fn mean() -> Mean {
    Mean {
        of: |row| Some((row.score - if row.positive { 1.0 } else { 0.0 }).powi(2)),
        sums: |cell| (cell.square, 1.0),
        among: Among::All,
        most: 1.0,
        undefined: Undefined::Empty,
    }
}

of_mean!(BrierScore, mean());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (0.6² + 0.1²) / 2
        let rows = Slice::ranked(Confusion::default(), &[0.4], &[0.1]);
        assert!((BrierScore.of(&rows).unwrap() - 0.185).abs() < 1e-15);
        assert_eq!(BrierScore.of(&Slice::counted(Confusion::default())), Err(Undefined::NoScores));
        assert_eq!(
            BrierScore.of(&Slice::ranked(Confusion::default(), &[], &[])),
            Err(Undefined::Empty)
        );
    }
}
