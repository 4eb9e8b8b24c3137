//! Area under the ROC curve of weighted rows, with a variance after `DeLong`.

use crate::domain::Undefined;

/// Scores in ascending order and the weight of each, at least 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample<'a> {
    /// Scores, ascending.
    pub(crate) scores: &'a [f64],
    /// Weights, of the same length.
    pub(crate) weights: &'a [f64],
}

impl Sample<'_> {
    fn weight(&self) -> f64 {
        super::sum(self.weights.iter().copied())
    }

    /// Kish's effective number of rows.
    fn effective_n(&self) -> f64 {
        let squares = super::sum(self.weights.iter().map(|w| w * w));
        self.weight().powi(2) / squares
    }

    /// For each score of this sample the share of the other's weight that it beats, ties one half.
    fn placements(&self, other: &Self) -> Vec<f64> {
        let all = other.weight();
        let (mut below, mut upto) = ((0, 0.0), (0, 0.0));
        let place = |score: &f64| {
            while below.0 < other.scores.len() && other.scores[below.0] < *score {
                below.1 += other.weights[below.0];
                below.0 += 1;
            }
            while upto.0 < other.scores.len() && other.scores[upto.0] <= *score {
                upto.1 += other.weights[upto.0];
                upto.0 += 1;
            }
            (below.1 + upto.1) / (2.0 * all)
        };
        self.scores.iter().map(place).collect()
    }

    /// Weighted sample variance of the placements over the effective rows; `None` for one row.
    fn variance(&self, placements: &[f64], mean: f64) -> Option<f64> {
        let freedom = self.effective_n() - 1.0;
        let spread = placements.iter().zip(self.weights).map(|(p, w)| w * (p - mean).powi(2));
        (freedom > 0.0).then(|| super::sum(spread) / self.weight() / freedom)
    }
}

/// AUC of two weighted samples, ties one half, and its variance where both have more than one
/// effective row.
///
/// `AUC = Σᵢⱼ wᵢvⱼ ([xᵢ > yⱼ] + ½[xᵢ = yⱼ]) / (Σwᵢ Σvⱼ)`; the variance is `DeLong`'s with the
/// weighted sample variances of the placements over Kish's effective numbers of rows. With equal
/// weights it is `DeLong`'s own.
///
/// # Errors
/// [`Undefined::Empty`] without any weight, [`Undefined::OneClass`] when one sample has none.
///
/// Source: `DeLong`, `DeLong`, Clarke-Pearson 1988, Biometrics 44, 837–845; effective n: Kish 1965,
/// Survey Sampling, §11.7.
pub(crate) fn weighted_auc(
    positive: Sample<'_>,
    negative: Sample<'_>,
) -> Result<(f64, Option<f64>), Undefined> {
    match (positive.weight() > 0.0, negative.weight() > 0.0) {
        (true, true) => {}
        (false, false) => return Err(Undefined::Empty),
        _ => return Err(Undefined::OneClass),
    }
    let won = positive.placements(&negative);
    let weighted = won.iter().zip(positive.weights).map(|(p, w)| p * w);
    let auc = (super::sum(weighted) / positive.weight()).clamp(0.0, 1.0);
    let lost = negative.placements(&positive);
    let variance = positive.variance(&won, auc);
    let variance = variance.and_then(|a| Some(a + negative.variance(&lost, 1.0 - auc)?));
    Ok((auc, variance))
}

/// Equal weights for a sample of `n` scores.
#[cfg(test)]
fn ones(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

#[cfg(test)]
mod tests {
    use super::super::delong_variance;
    use super::*;

    #[test]
    fn with_equal_weights_it_is_delongs() {
        let (x, y) = ([0.1, 0.4, 0.4, 0.9], [0.0, 0.4, 0.5]);
        let found = weighted_auc(
            Sample { scores: &x, weights: &ones(4) },
            Sample { scores: &y, weights: &ones(3) },
        );
        let (auc, variance) = delong_variance(&x, &y).unwrap();
        let (found, its_variance) = found.unwrap();
        assert!((found - auc).abs() < 1e-15 && (its_variance.unwrap() - variance).abs() < 1e-15);
    }

    #[test]
    fn a_weighted_area_by_hand() {
        // 0.9 (weight 3) beats 0.5 and ties nothing, 0.5 (weight 1) ties: (3 + ½) / 4.
        let (x, y) = ([0.5, 0.9], [0.5]);
        let found = weighted_auc(
            Sample { scores: &x, weights: &[1.0, 3.0] },
            Sample { scores: &y, weights: &[7.0] },
        );
        let (auc, variance) = found.unwrap();
        assert!((auc - 0.875).abs() < 1e-15);
        assert_eq!(variance, None);
    }

    #[test]
    fn rows_of_weight_zero_are_no_class() {
        let (some, none) = (
            Sample { scores: &[0.5], weights: &[1.0] },
            Sample { scores: &[0.1], weights: &[0.0] },
        );
        assert_eq!(weighted_auc(some, none), Err(Undefined::OneClass));
        assert_eq!(weighted_auc(none, none), Err(Undefined::Empty));
    }
}
