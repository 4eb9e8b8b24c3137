//! `roc_auc`.

use super::{Basis, Metric, Slice};
use crate::domain::{Ideal, Meta, Undefined, Value};
use crate::stats::{Sample, weighted_auc};

crate::check! {
    /// Chance that a random actual positive scores higher than a random actual negative.
    ///
    /// **Formula** `P(s⁺ > s⁻) + ½ P(s⁺ = s⁻)`, the area under the ROC curve.
    /// **Range** 0 to 1. **Ideal** 1; ½ is chance. **Undefined** `OneClass` when only one class is
    /// present, `Empty` when there is no row, `NoScores` when the predictions carry no score.
    /// **Interval** from `DeLong`'s variance on the logit scale; for an area of 0 or 1 and for a class
    /// of one row Newcombe's score interval (2006, method 5). **Source** Hanley and `McNeil` 1982, Radiology 143, 29–36; `DeLong`,
    /// `DeLong`, Clarke-Pearson 1988, Biometrics 44, 837–845. **Peer** `sklearn.metrics.roc_auc_score`.
    RocAuc, "FA010", "roc_auc", Ideal::One
}

impl Metric for RocAuc {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn of(&self, rows: &Slice<'_>) -> Value {
        match samples(rows) {
            None => rows.area().ok_or(Undefined::NoScores)?.auc(),
            Some([positive, negative]) => weighted_auc(positive, negative).map(|(auc, _)| auc),
        }
    }

    fn basis(&self, rows: &Slice<'_>) -> Basis {
        let variance = match samples(rows) {
            None => rows.area().and_then(|area| area.variance().ok()),
            Some([positive, negative]) => {
                weighted_auc(positive, negative).ok().and_then(|(_, variance)| variance)
            }
        };
        Basis::Area { variance, n: rows.n() }
    }
}

/// The scores of both classes with their weights, where there are any.
fn samples<'a>(rows: &Slice<'a>) -> Option<[Sample<'a>; 2]> {
    // Scores that are summed up are sorted when they are asked for.
    let weights = rows.weights()?;
    let scores = rows.scores()?;
    Some([
        Sample { scores: scores.positive, weights: weights.positive },
        Sample { scores: scores.negative, weights: weights.negative },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn by_hand() {
        // 0.4 beats 0.1 and ties 0.4; 0.9 beats both: (1 + ½ + 1 + 1) / 4.
        let rows = Slice::ranked(Confusion::default(), &[0.4, 0.9], &[0.1, 0.4]);
        assert!((RocAuc.of(&rows).unwrap() - 0.875).abs() < 1e-15);
    }

    #[test]
    fn each_reason_is_reached() {
        let none = Confusion::default();
        assert_eq!(RocAuc.of(&Slice::counted(none)), Err(Undefined::NoScores));
        assert_eq!(RocAuc.of(&Slice::ranked(none, &[0.4], &[])), Err(Undefined::OneClass));
        assert_eq!(RocAuc.of(&Slice::ranked(none, &[], &[])), Err(Undefined::Empty));
    }
}
