//! `expected_calibration_error_equal_mass`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Value};
use crate::fairness::metrics::calibration::{Bins, unit};

crate::check! {
    /// The expected calibration error over ten bins of equal weight, so that no bin is nearly empty.
    ///
    /// **Formula** `Σ_b W_b/W · |mean s − share of y = 1|`; a score lies in bin `⌊10 (W₌/2 + W₍below₎)/W⌋` with the
    /// weight of the rows of this score and of those below it, so equal scores stay together and the order
    /// of the rows does not matter. **Range** 0 to 1. **Ideal** 0. **Undefined** `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** none; few rows bias it, and drawing them again repeats the bias.
    /// **Source** Nixon, Dusenberry, Zhang, Jerfel, Tran 2019, Measuring calibration in deep learning, §3.
    /// **Peer** `calibration.get_ece_em`, which may part equal scores.
    ExpectedCalibrationErrorEqualMass, "FA027", "expected_calibration_error_equal_mass", Ideal::Zero
}

impl Metric for ExpectedCalibrationErrorEqualMass {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        Ok(unit(Bins::equal_mass(rows)?.expected()))
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
        // Two scores, ten rows each: bins 2 and 7, gaps 0.2 and 0.1.
        let (low, high) = ([0.2; 10], [0.9; 10]);
        let rows = Slice::ranked(Confusion::default(), &high, &low);
        assert!((ExpectedCalibrationErrorEqualMass.of(&rows).unwrap() - 0.15).abs() < 1e-15);
        let none = Slice::ranked(Confusion::default(), &[], &[]);
        assert_eq!(ExpectedCalibrationErrorEqualMass.of(&none), Err(Undefined::Empty));
    }
}
