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
    of_chance(if positive { score } else { 1.0 - score })
}

/// What it costs that something happened to which the score gave this probability.
#[inline]
pub(in crate::fairness) fn of_chance(p: f64) -> f64 {
    -ln(p.clamp(f64::EPSILON, 1.0 - f64::EPSILON))
}

/// The natural logarithm of a positive normal number, within 2 units in the last place.
///
/// `2 artanh((m − 1) / (m + 1)) + k ln 2` of `m` from `√½` to `√2`, by its power series. Without a branch
/// or a table, so that the compiler turns a loop of it into vector steps, in which it takes a third of the
/// time of the system's, with the same bits on every machine.
#[inline]
fn ln(x: f64) -> f64 {
    const HALF_ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
    const SIGNIFICAND: u64 = (1 << 52) - 1;
    // As the low bits of this, a whole number is what lies above it.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    // The bits of the significand that count from √½, and how often that fits.
    let above = x.to_bits().wrapping_sub(HALF_ROOT).wrapping_add(1023 << 52);
    let exponent = f64::from_bits(WHOLE.to_bits() | above >> 52) - WHOLE - 1023.0;
    let m = f64::from_bits((above & SIGNIFICAND) + HALF_ROOT);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut series = 1.0 / 21.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * z + 1.0 / odd;
    }
    exponent * std::f64::consts::LN_2 + (2.0 * s + 2.0 * s * z * series)
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
    fn the_logarithm_is_that_of_the_system() {
        let near = |x: f64| (ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs();
        let mut draw = crate::domain::Seed::new(2).stream();
        assert!((0..20_000).map(|_| draw.uniform().max(1e-300)).all(near));
        assert!((-1000..1000).map(|k| 2.0_f64.powi(k)).all(near));
        assert!((1..53).map(|k| 1.0 - 0.5_f64.powi(k)).all(near));
        assert!((1..53).map(|k| 1.0 + 0.5_f64.powi(k)).all(near));
        let edge = std::f64::consts::FRAC_1_SQRT_2;
        assert!([edge.next_down(), edge, edge.next_up(), 2.0 * edge].into_iter().all(near));
        assert!(ln(1.0).abs() <= 0.0);
    }

    #[test]
    fn a_sure_mistake_costs_a_lot_but_not_everything() {
        let rows = Slice::ranked(Confusion::default(), &[0.0], &[]);
        assert!((LogLoss.of(&rows).unwrap() - 36.043_653_389_117_15).abs() < 1e-12);
        // 1 − (1 − ε) has no more digits than that.
        assert!((loss(1.0, false) - loss(0.0, true)).abs() < 1e-12);
        assert_eq!(LogLoss.of(&Slice::counted(Confusion::default())), Err(Undefined::NoScores));
    }

    #[test]
    fn what_is_certain_costs_as_much_as_what_is_almost() {
        // −ln(1 − ε) = ε + ε²/2 + …, −ln ε.
        assert!((of_chance(1.0) / f64::EPSILON - 1.0).abs() < 1e-9);
        assert!((of_chance(0.0) + f64::EPSILON.ln()).abs() < 1e-13);
    }
}
