//! `expected_calibration_error_right_closed`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Value};
use crate::fairness::metrics::calibration::{Bins, unit};

crate::check! {
    /// The expected calibration error with bins that are closed on the right.
    ///
    /// **Formula** `Σ_b W_b/W · |mean s − share of y = 1|` over the bins `(lo, hi]` of width one tenth, the
    /// first one closed. **Range** 0 to 1. **Ideal** 0. **Undefined** `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** none; few rows bias it, and drawing them again repeats the bias. **Source** Naeini, Cooper, Hauskrecht 2015, AAAI; Guo, Pleiss, Sun, Weinberger 2017, ICML, §2.
    /// **Peer** `netcal.metrics.ECE` and other packages with this convention; it differs where scores lie
    /// on the edges of the bins.
    ExpectedCalibrationErrorRightClosed, "FA026", "expected_calibration_error_right_closed", Ideal::Zero
}

impl Metric for ExpectedCalibrationErrorRightClosed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(unit(Bins::right_closed(rows)?.expected()))
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        Basis::Biased(rows.n())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Undefined};

    #[test]
    fn by_hand() {
        // Bin 0: score 0.05, no positive; bin 4: scores 0.41 and 0.47, one of two positive.
        let rows = Slice::ranked(Confusion::default(), &[0.41], &[0.05, 0.47]);
        let expected = (0.05 + 2.0 * 0.06) / 3.0;
        assert!((ExpectedCalibrationErrorRightClosed.of(&rows).unwrap() - expected).abs() < 1e-15);
        assert_eq!(
            ExpectedCalibrationErrorRightClosed.of(&Slice::counted(Confusion::default())),
            Err(Undefined::NoScores)
        );
    }
}
