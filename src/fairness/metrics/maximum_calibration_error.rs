//! `maximum_calibration_error`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Value};
use crate::fairness::metrics::calibration::{Bins, unit};

crate::check! {
    /// How far the scores are from the share of positives in the worst of ten bins of equal width.
    ///
    /// **Formula** `max_b |mean s − share of y = 1|`, bin `min(⌊10 s⌋, 9)`: `[lo, hi)`, the last one closed.
    /// **Range** 0 to 1. **Ideal** 0; a single row far from its score decides it. **Undefined** `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** none; few rows bias it, and drawing them again repeats the bias. **Source** Naeini, Cooper, Hauskrecht 2015, AAAI; Guo, Pleiss, Sun, Weinberger 2017, ICML, §2.
    /// **Peer** `netcal.metrics.MCE` with bins closed on the left.
    MaximumCalibrationError, "FA029", "maximum_calibration_error", Ideal::Zero
}

impl Metric for MaximumCalibrationError {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(unit(Bins::left_closed(rows)?.maximum()))
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
        // Bin 0: score 0.05, no positive; bin 4: scores 0.4 and 0.48, one of two positive.
        let rows = Slice::ranked(Confusion::default(), &[0.4], &[0.05, 0.48]);
        let expected = 0.06;
        assert!((MaximumCalibrationError.of(&rows).unwrap() - expected).abs() < 1e-15);
        assert_eq!(
            MaximumCalibrationError.of(&Slice::counted(Confusion::default())),
            Err(Undefined::NoScores)
        );
    }
}
