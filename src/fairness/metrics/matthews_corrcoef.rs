//! `matthews_corrcoef`.

use super::{Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value};
use crate::fairness::slice::{NEGATIVES, POSITIVES, REJECTED, SELECTED};

crate::check! {
    /// Correlation between the prediction and the truth, both as 0 or 1.
    ///
    /// **Formula** `(TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN))`; of k classes the
    /// covariance of both over the root of their variances, all classes as vectors of 0 and 1
    /// (Gorodkin 2004, Computational Biology and Chemistry 28, 367–374). **Range** −1 to 1. **Ideal** 1; 0 is chance. **Undefined** `ZeroDenominator` when a class or a decision does not
    /// occur; never 0. **Interval** bootstrap, bias-corrected and accelerated, of 2,000
    /// draws of the four counts; it holds from 100 rows. None below 30 rows, with fewer than 5 rows of a
    /// class or decision, and with weights.
    /// **Source** Matthews 1975, Biochimica et Biophysica Acta 405, 442–451.
    /// **Peer** `sklearn.metrics.matthews_corrcoef`, which counts 0/0 as 0.
    MatthewsCorrcoef, "FA017", "matthews_corrcoef", Ideal::One
}

impl Metric for MatthewsCorrcoef {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        let m = rows.masses();
        let margins = [POSITIVES, NEGATIVES, SELECTED, REJECTED].map(|outcomes| m.over(outcomes));
        if margins.iter().any(|margin| *margin <= 0.0) {
            return Err(Undefined::ZeroDenominator);
        }
        let scale: f64 = margins.iter().map(|margin| margin.sqrt()).product();
        Ok(((m.tp * m.tn - m.fp * m.fn_) / scale).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn by_hand() {
        // (4·3 − 2·1) / √(6·5·5·4) = 10 / √600
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, tn: 3, fn_: 1 });
        let expected = 10.0 / 600.0_f64.sqrt();
        assert!((MatthewsCorrcoef.of(&rows).unwrap() - expected).abs() < 1e-15);
        // With truth and decision exchanged for their opposites: (2·1 − 4·3) / √600.
        let rows = Slice::counted(Confusion { tp: 2, fp: 4, tn: 1, fn_: 3 });
        assert!((MatthewsCorrcoef.of(&rows).unwrap() + expected).abs() < 1e-15);
    }

    #[test]
    fn an_empty_margin_is_undefined_and_not_chance() {
        let rows = Slice::counted(Confusion { tp: 4, fp: 2, ..Confusion::default() });
        assert_eq!(MatthewsCorrcoef.of(&rows), Err(Undefined::ZeroDenominator));
    }
}
