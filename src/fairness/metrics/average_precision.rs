//! `average_precision`.

use super::{Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value};
use crate::fairness::metrics::calibration::merged;
use crate::stats::sum;

crate::check! {
    /// Precision averaged over the recalls that the thresholds reach.
    ///
    /// **Formula** `Σₖ (Rₖ − Rₖ₋₁) Pₖ` over the distinct scores from high to low, with recall `R` and
    /// precision `P` of the rows at or above the score; nothing is interpolated. **Range** 0 to 1.
    /// **Ideal** 1; the base rate is chance, so groups of unequal base rates differ even with equal ROC
    /// curves. **Undefined** `NoPositives` when no row has `y = 1`, `Empty` when there is no row,
    /// `NoScores` when the predictions carry no score. **Interval** jackknife: each
    /// row left out once gives error and bias, with Student's t on the logit scale (of more
    /// than 16,384 rows neighbouring scores are taken together for that); none below 30 rows, with
    /// fewer than 5 rows of a class, and with weights. It is laid around the number without its bias.
    /// **Source** Manning, Raghavan, Schütze 2008, Introduction to Information Retrieval, §8.4.
    /// **Peer** `sklearn.metrics.average_precision_score`, which counts it as 0 without positives.
    AveragePrecision, "FA022", "average_precision", Ideal::One
}

impl Metric for AveragePrecision {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        if let Some(summary) = rows.summary() {
            return match (summary.n(), summary.classes[1].n) {
                (0, _) => Err(Undefined::Empty),
                (_, 0) => Err(Undefined::NoPositives),
                _ => Ok(summary.curve.average_precision().min(1.0)),
            };
        }
        let merged = merged(rows)?;
        let positives = sum(merged.iter().filter(|row| row.positive).map(|row| row.weight));
        if positives <= 0.0 {
            let empty = merged.iter().all(|row| row.weight <= 0.0);
            return Err(if empty { Undefined::Empty } else { Undefined::NoPositives });
        }
        let (mut found, mut selected, mut area) = (0.0, 0.0, 0.0);
        for tied in merged.chunk_by(|a, b| a.score >= b.score).rev() {
            let hits = sum(tied.iter().filter(|row| row.positive).map(|row| row.weight));
            found += hits;
            selected += sum(tied.iter().map(|row| row.weight));
            if hits > 0.0 {
                area += hits * found / selected;
            }
        }
        Ok((area / positives).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Confusion, Masses};
    use crate::fairness::slice::Weights;

    #[test]
    fn by_hand() {
        // From high to low 0.9 P | 0.4 P N | 0.1 N: ½·1 + ½·2/3.
        let rows = Slice::ranked(Confusion::default(), &[0.4, 0.9], &[0.1, 0.4]);
        assert!((AveragePrecision.of(&rows).unwrap() - 5.0 / 6.0).abs() < 1e-15);
        // A score whose rows have no weight changes nothing.
        let (sums, squares) = (Masses::default(), Masses::default());
        let weights = Weights { sums, squares, positive: &[1.0], negative: &[1.0, 0.0] };
        let rows = Slice::ranked(Confusion::default(), &[0.4], &[0.4, 0.9]).weighted(weights);
        assert_eq!(AveragePrecision.of(&rows), Ok(0.5));
    }

    #[test]
    fn each_reason_is_reached() {
        let none = Confusion::default();
        let of = |rows| AveragePrecision.of(&rows);
        assert_eq!(of(Slice::counted(none)), Err(Undefined::NoScores));
        assert_eq!(of(Slice::ranked(none, &[], &[0.4])), Err(Undefined::NoPositives));
        assert_eq!(of(Slice::ranked(none, &[], &[])), Err(Undefined::Empty));
    }
}
