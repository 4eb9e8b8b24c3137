//! `expected_calibration_error_debiased`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Value};
use crate::fairness::metrics::calibration::{Bins, unit};

crate::check! {
    /// The expected calibration error less what chance alone would make of it in so few rows.
    ///
    /// **Formula** `max(0, Σ_b W_b/W · (|d_b| − (E|X_b| − |d_b|)))`, `d_b` the gap of the bin `[lo, hi)` and
    /// `X_b` normal around it with the variance of the bin's share of positives. **Range** 0 to 1.
    /// **Ideal** 0; unlike the other rates it changes when every row is doubled,
    /// because more rows leave less to chance. **Undefined** `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** none; few rows bias it, and drawing them again repeats the bias.
    /// **Source** Bröcker 2012, Climate Dynamics 39, 655–667; Kumar, Liang, Ma 2019, Verified uncertainty
    /// calibration, Neural Information Processing Systems 32, §4. **Peer** the mean of `calibration.get_ece`'s normal debiasing, without
    /// its random draws.
    ExpectedCalibrationErrorDebiased, "FA028", "expected_calibration_error_debiased", Ideal::Zero
}

impl Metric for ExpectedCalibrationErrorDebiased {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(unit(Bins::left_closed(rows)?.debiased()))
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
        // One bin, gap 0.2, no positive: no noise, so the plain error.
        let low = [0.2; 10];
        let rows = Slice::ranked(Confusion::default(), &[], &low);
        assert!((ExpectedCalibrationErrorDebiased.of(&rows).unwrap() - 0.2).abs() < 1e-15);
        // Half of two rows at ½: the gap is 0 and all is noise.
        let rows = Slice::ranked(Confusion::default(), &[0.5], &[0.5]);
        assert!(ExpectedCalibrationErrorDebiased.of(&rows).unwrap().abs() < 1e-15);
        let none = Slice::counted(Confusion::default());
        assert_eq!(ExpectedCalibrationErrorDebiased.of(&none), Err(Undefined::NoScores));
    }
}
