//! Softmax cross-entropy: what training lowers, and what it reports.

use crate::domain::{ClassId, to_f64};
use candle_core::{Result, Tensor};

/// Mean cross-entropy in nats of logits `(n, classes)` against class ids `(n,)`, to go back from.
pub(crate) fn cross_entropy(logits: &Tensor, classes: &Tensor) -> Result<Tensor> {
    candle_nn::loss::cross_entropy(logits, classes)
}

/// Losses and right answers counted over rows, in `f64`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    loss: f64,
    right: u64,
    n: u64,
}

impl Tally {
    /// Adds rows, `outputs` `(n, classes)`, and returns their mean loss, which is not finite when an
    /// output is not.
    pub(crate) fn add(&mut self, outputs: &[f64], y_true: &[ClassId]) -> f64 {
        let mut batch = Self::default();
        let classes = outputs.len() / y_true.len().max(1);
        for (row, &class) in outputs.chunks_exact(classes.max(1)).zip(y_true) {
            let truth = usize::try_from(class).ok().and_then(|c| row.get(c)).copied();
            let truth = truth.unwrap_or(f64::NAN);
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            batch.loss += top + row.iter().map(|x| (x - top).exp()).sum::<f64>().ln() - truth;
            batch.right += u64::from(most_likely(row) == class);
            batch.n += 1;
        }
        self.loss += batch.loss;
        self.right += batch.right;
        self.n += batch.n;
        batch.loss()
    }

    /// Mean cross-entropy, nats.
    pub(crate) fn loss(&self) -> f64 {
        self.loss / to_f64(self.n)
    }

    /// Share of rows whose largest output is that of their class.
    pub(crate) fn accuracy(&self) -> f64 {
        to_f64(self.right) / to_f64(self.n)
    }
}

/// The class with the largest output, the first of equals.
fn most_likely(row: &[f64]) -> ClassId {
    let larger =
        |best: (ClassId, f64), next: (ClassId, f64)| if next.1 > best.1 { next } else { best };
    (0..).zip(row.iter().copied()).reduce(larger).map_or(0, |best| best.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    #[test]
    fn a_loss_by_hand() {
        // Even odds cost ln 2; odds of 3 to 1 for the right class cost ln (4/3).
        let mut tally = Tally::default();
        let both = tally.add(&[0.0, 0.0, 3f64.ln(), 0.0], &[1, 0]);
        let expected = f64::midpoint(2f64.ln(), (4.0 / 3.0f64).ln());
        assert!((both - expected).abs() < 1e-12 && (tally.loss() - expected).abs() < 1e-12);
        assert!((tally.accuracy() - 0.5).abs() < 1e-12);
        assert!(!tally.add(&[f64::INFINITY, 0.0], &[0]).is_finite());
        assert!(!tally.add(&[f64::NAN, 0.0], &[0]).is_finite());
    }

    #[test]
    fn the_gradient_is_softmax_minus_truth_over_n() {
        let rows = [[0.3f32, -1.2, 2.0], [40.0, -40.0, 0.0]];
        let logits = Var::new(&rows, &Device::Cpu).unwrap();
        let classes = Tensor::new(&[1u32, 0], &Device::Cpu).unwrap();
        let loss = cross_entropy(&logits, &classes).unwrap();
        let gradient = loss.backward().unwrap().remove(&logits).unwrap().to_vec2::<f32>().unwrap();
        for (i, row) in rows.iter().enumerate() {
            let total: f32 = row.iter().map(|x| x.exp()).sum();
            for (j, x) in row.iter().enumerate() {
                let truth = f32::from(u8::from(j == 1 - i));
                let expected = (x.exp() / total - truth) / 2.0;
                assert!((gradient[i][j] - expected).abs() < 1e-6);
            }
        }
    }
}
