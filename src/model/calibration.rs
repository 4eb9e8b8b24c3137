//! Temperature scaling: one number that makes probabilities honest without moving a decision.
//!
//! Guo et al. 2017, On Calibration of Modern Neural Networks, §4.2. The mean negative
//! log-likelihood of `softmax(logits · b)` is convex in `b = 1 / temperature`, so its slope has one
//! root, which Newton steps find inside a bracket.

use super::error::ModelError;
use crate::domain::{ClassId, Temperature, to_f64};

/// The least and the largest temperature. Rows that are all right, or that no temperature helps,
/// have their best value beyond.
const RANGE: [f64; 2] = [0.01, 100.0];
/// Steps of the search; each halves the bracket or converges quadratically.
const STEPS: usize = 200;

/// Logits of some rows and their classes.
#[derive(Debug, Clone, Copy)]
struct Rows<'a> {
    logits: &'a [f64],
    classes: &'a [ClassId],
}

/// What one number does to the rows: the mean loss, its slope and its curvature.
struct Likelihood {
    loss: f64,
    slope: f64,
    curvature: f64,
}

/// Fits the temperature of `(n, classes)` logits to the rows' classes.
pub(crate) fn fit(logits: &[f64], classes: &[ClassId]) -> Result<Temperature, ModelError> {
    let rows = Rows { logits, classes };
    if classes.is_empty() {
        return Err(ModelError::NoValidationRows { key: "calibration" });
    }
    let factor = rows.best();
    let n = u64::try_from(classes.len()).unwrap_or(u64::MAX);
    Ok(Temperature {
        temperature: 1.0 / factor,
        validation_nll_before: rows.at(1.0).loss,
        validation_nll_after: rows.at(factor).loss,
        n,
    })
}

impl Rows<'_> {
    /// Where the slope is 0, or the end of the range that is nearest to it.
    fn best(&self) -> f64 {
        let (mut low, mut high) = (1.0 / RANGE[1], 1.0 / RANGE[0]);
        if self.at(low).slope >= 0.0 {
            return low;
        }
        if self.at(high).slope <= 0.0 {
            return high;
        }
        let mut factor = 1.0;
        for _ in 0..STEPS {
            let here = self.at(factor);
            if here.slope > 0.0 {
                high = factor;
            } else {
                low = factor;
            }
            let newton = factor - here.slope / here.curvature;
            if (newton - factor).abs() <= 1e-14 * factor {
                return factor;
            }
            factor = if newton > low && newton < high { newton } else { (low * high).sqrt() };
        }
        factor
    }

    /// The mean loss of the logits times a factor, and its first two derivatives by the factor.
    fn at(&self, factor: f64) -> Likelihood {
        let n = u64::try_from(self.classes.len()).map_or(1.0, to_f64);
        let width = self.logits.len() / self.classes.len();
        let mut sum = Likelihood { loss: 0.0, slope: 0.0, curvature: 0.0 };
        for (row, &class) in self.logits.chunks_exact(width.max(1)).zip(self.classes) {
            let truth = usize::try_from(class).ok().and_then(|c| row.get(c)).copied();
            let truth = truth.unwrap_or(f64::NAN);
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut moments = [0.0; 3];
            for z in row.iter().map(|z| z - top) {
                let part = (z * factor).exp();
                for (moment, power) in moments.iter_mut().zip([1.0, z, z * z]) {
                    *moment += part * power;
                }
            }
            let mean = moments[1] / moments[0];
            sum.loss += moments[0].ln() - (truth - top) * factor;
            sum.slope += mean - (truth - top);
            sum.curvature += moments[2] / moments[0] - mean * mean;
        }
        let Likelihood { loss, slope, curvature } = sum;
        Likelihood { loss: loss / n, slope: slope / n, curvature: curvature / n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    /// Logits whose softmax at temperature 1 is the truth: classes are drawn from it.
    fn honest(n: usize, classes: usize) -> (Vec<f64>, Vec<ClassId>) {
        let mut stream = Seed::new(8).stream();
        let logits: Vec<f64> = (0..n * classes).map(|_| 2.0 * stream.normal()).collect();
        let draw = |row: &[f64]| {
            let parts: Vec<f64> = row.iter().map(|z| z.exp()).collect();
            let mut at = stream.uniform() * parts.iter().sum::<f64>();
            let below = |part: &f64| {
                at -= part;
                at < 0.0
            };
            ClassId::try_from(parts.iter().position(below).unwrap_or(classes - 1)).unwrap()
        };
        let drawn = logits.chunks_exact(classes).map(draw).collect();
        (logits, drawn)
    }

    #[test]
    fn a_temperature_that_was_put_in_is_found_again() {
        let (logits, classes) = honest(4000, 3);
        let own = fit(&logits, &classes).unwrap();
        assert!((own.temperature - 1.0).abs() < 0.05, "{own:?}");
        for hot in [0.3, 2.5, 9.0] {
            let hotter: Vec<f64> = logits.iter().map(|z| z * hot).collect();
            let found = fit(&hotter, &classes).unwrap();
            assert!((found.temperature / own.temperature - hot).abs() < 1e-9, "{found:?}");
            assert!((found.validation_nll_after - own.validation_nll_after).abs() < 1e-12);
            assert!(found.validation_nll_after < found.validation_nll_before);
        }
    }

    #[test]
    fn two_rows_by_hand() {
        // Logit differences of 1, one of three rows wrong: softmax must be 2/3, so 1/T = ln 2.
        let logits = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let found = fit(&logits, &[0, 0, 1]).unwrap();
        assert!((found.temperature - 1.0 / 2f64.ln()).abs() < 1e-12, "{found:?}");
        let expected = 3f64.ln() - 2.0 / 3.0 * 2f64.ln();
        assert!((found.validation_nll_after - expected).abs() < 1e-12 && found.n == 3);
    }

    #[test]
    fn rows_that_are_all_right_or_all_wrong_end_at_the_range() {
        assert!((fit(&[1.0, 0.0], &[0]).unwrap().temperature - RANGE[0]).abs() < 1e-12);
        assert!((fit(&[1.0, 0.0], &[1]).unwrap().temperature - RANGE[1]).abs() < 1e-12);
        let message = fit(&[], &[]).unwrap_err().to_string();
        assert!(message.starts_with("`calibration` needs validation rows"), "{message}");
    }

    proptest::proptest! {
        #[test]
        fn calibration_never_raises_the_loss_it_is_fitted_to(
            rows in proptest::collection::vec((proptest::array::uniform3(-30.0..30.0f64), 0..3u32), 1..40),
        ) {
            let logits: Vec<f64> = rows.iter().flat_map(|row| row.0).collect();
            let classes: Vec<ClassId> = rows.iter().map(|row| row.1).collect();
            let found = fit(&logits, &classes).unwrap();
            assert!(found.validation_nll_after <= found.validation_nll_before + 1e-12);
            assert!((RANGE[0]..=RANGE[1]).contains(&found.temperature));
        }
    }
}
