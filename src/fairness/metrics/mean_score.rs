//! `mean_score`.

use super::mean::{Among, Mean, of_mean};
use crate::domain::{Ideal, Undefined};

crate::check! {
    /// Mean score; beside `base_rate` it says whether the scores are too high or too low.
    ///
    /// **Formula** `mean of s`. **Range** 0 to 1. **Ideal** none; a calibrated mean equals the base rate.
    /// **Undefined** `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** Student's t of the mean, none below 10 effective rows; it leans on many rows
    /// and is too narrow where few of them decide.
    /// **Source** Van Calster et al. 2016, Journal of Clinical Epidemiology 74, 167–176,
    /// calibration-in-the-large. **Peer** `fairlearn.metrics.mean_prediction`.
    MeanScore, "FA021", "mean_score", Ideal::None
}

fn mean() -> Mean {
    Mean {
        of: |row| Some(row.score),
        sums: |cell| (cell.score, 1.0),
        among: Among::All,
        most: 1.0,
        undefined: Undefined::Empty,
    }
}

of_mean!(MeanScore, mean());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // (0.4 + 0.1 + 0.4) / 3
        let rows = Slice::ranked(Confusion::default(), &[0.4], &[0.1, 0.4]);
        assert!((MeanScore.of(&rows).unwrap() - 0.3).abs() < 1e-15);
        assert_eq!(MeanScore.of(&Slice::counted(Confusion::default())), Err(Undefined::NoScores));
    }
}
