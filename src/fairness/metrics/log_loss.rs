//! `log_loss`.

use super::mean::{Among, Mean, of_mean};
use crate::domain::{Ideal, Undefined};

crate::check! {
    /// Mean negative logarithm of the probability that the score gives to what happened, in nats.
    ///
    /// **Formula** `−mean of ln p`, `p = s` where `y = 1` and `1 − s` where `y = 0`, with `s` clipped to
    /// `[ε, 1 − ε]`, `ε = 2⁻⁵²`: a row that the score was sure of and wrong about costs 36 nats. Of k classes
    /// `p` is the probability of the actual one.
    /// **Range** 0 and up. **Ideal** 0; always saying ½ gives 0.693. **Undefined** `Empty` when there is
    /// no row, `NoScores` when the predictions carry no score. **Interval** Student's t of the mean, none below 10 effective rows; it leans on many rows
    /// and is too narrow where few of them decide.
    /// **Source** Good 1952, Journal of the Royal Statistical Society B 14, 107–114.
    /// **Peer** `sklearn.metrics.log_loss`.
    LogLoss, "FA024", "log_loss", Ideal::Zero
}

/// What a row can cost, at most, rounded up.
pub(in crate::fairness) const MOST: f64 = 64.0;

/// What the score of one row costs.
#[inline]
pub(in crate::fairness) fn loss(score: f64, positive: bool) -> f64 {
    let score = score.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    -if positive { score } else { 1.0 - score }.ln()
}

fn mean() -> Mean {
    Mean {
        of: |row| Some(loss(row.score, row.positive)),
        sums: |cell| (cell.log, MOST),
        among: Among::All,
        most: f64::INFINITY,
        undefined: Undefined::Empty,
    }
}

of_mean!(LogLoss, mean());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;
    use crate::fairness::metrics::{Metric, Slice};

    #[test]
    fn by_hand() {
        // −(ln ½ + ln ¾) / 2
        let rows = Slice::ranked(Confusion::default(), &[0.5], &[0.25]);
        let expected = -(0.5_f64.ln() + 0.75_f64.ln()) / 2.0;
        assert!((LogLoss.of(&rows).unwrap() - expected).abs() < 1e-15);
    }

    #[test]
    fn a_sure_mistake_costs_a_lot_but_not_everything() {
        let rows = Slice::ranked(Confusion::default(), &[0.0], &[]);
        assert!((LogLoss.of(&rows).unwrap() - 36.043_653_389_117_15).abs() < 1e-12);
        assert_eq!(LogLoss.of(&Slice::counted(Confusion::default())), Err(Undefined::NoScores));
    }
}
