//! What learns and predicts, whoever computes it: our kernels, or candle's graph on any device.

use super::architecture::Plan;
use super::error::ModelError;
use super::optimizer::Update;
use crate::domain::{ClassId, Images, to_f64};

/// A network with its numbers and its optimiser's memory. Same numbers, same batches: same results,
/// for any number of threads on one kind of processor.
pub(crate) trait Learner: Send + Sync {
    /// What it was made for.
    fn plan(&self) -> &Plan;

    /// One step: forward, loss, back, update. Returns the logits `(n, classes)` from before the
    /// update. When one of them is not finite, nothing is updated.
    fn step(
        &mut self,
        batch: &Batch<'_>,
        loss: &Loss,
        update: &Update,
    ) -> Result<Vec<f32>, ModelError>;

    /// The logits `(n, classes)`; a picture's do not depend on the pictures beside it.
    fn infer(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError>;

    /// The numbers of each tensor in the order of [`Plan::specs`], laid out as `PyTorch` does.
    fn numbers(&self) -> Result<Vec<Vec<f32>>, ModelError>;

    /// Takes numbers as [`Learner::numbers`] gives them.
    fn set_numbers(&mut self, numbers: Vec<Vec<f32>>) -> Result<(), ModelError>;

    /// The optimiser's two memories of each tensor, in the order and layout of the numbers.
    fn memory(&self) -> Result<[Vec<Vec<f32>>; 2], ModelError>;

    /// Takes memories as [`Learner::memory`] gives them.
    fn set_memory(&mut self, memory: [Vec<Vec<f32>>; 2]) -> Result<(), ModelError>;
}

/// Rows of a data set that are learned from, or predicted, together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// All pictures.
    pub(crate) images: &'a Images,
    /// The rows of the batch.
    pub(crate) rows: &'a [usize],
    /// The class of each row of the data set, not only of the batch; empty when only predicting.
    pub(crate) classes: &'a [ClassId],
}

impl Batch<'_> {
    /// Its rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Writes picture `i` of the batch, `(height, width, channels)` from 0 to 1.
    pub(crate) fn fill(&self, i: usize, out: &mut [f32]) {
        let bytes = self.images.picture(self.rows[i]);
        out.iter_mut().zip(bytes).for_each(|(out, &byte)| *out = f32::from(byte) / 255.0);
    }

    /// The class of row `i` of the batch.
    pub(crate) fn class(&self, i: usize) -> ClassId {
        self.classes[self.rows[i]]
    }
}

/// Softmax cross-entropy of a batch: the mean over its rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Loss {}

impl Loss {
    /// The part of each row in the batch's loss; they sum to 1.
    pub(crate) fn shares(&self, batch: &Batch<'_>) -> Vec<f64> {
        let n = u64::try_from(batch.len()).map_or(1.0, to_f64);
        vec![1.0 / n; batch.len()]
    }

    /// The gradient of the loss by the logits `(n, classes)` of a batch.
    pub(crate) fn gradient(&self, batch: &Batch<'_>, logits: &[f32], classes: usize) -> Vec<f32> {
        let mut slope = vec![0.0; logits.len()];
        let rows = slope.chunks_exact_mut(classes).zip(logits.chunks_exact(classes));
        for (i, ((out, row), share)) in rows.zip(self.shares(batch)).enumerate() {
            self.slope(row, batch.class(i), share, out);
        }
        slope
    }

    /// The gradient of the loss by one row's logits: `share · (softmax − truth)`.
    pub(crate) fn slope(&self, logits: &[f32], class: ClassId, share: f64, out: &mut [f32]) {
        let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let part = |x: f32| f64::from(x - top).exp();
        let total: f64 = logits.iter().copied().map(part).sum();
        for ((out, &x), c) in out.iter_mut().zip(logits).zip(0..) {
            let truth = if c == class { 1.0 } else { 0.0 };
            *out = super::network::narrow(share * (part(x) / total - truth));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_softmax_minus_truth_times_the_share() {
        for row in [[0.3f32, -1.2, 2.0], [40.0, -40.0, 0.0]] {
            let total: f32 = row.iter().map(|x| x.exp()).sum();
            let mut slope = [0.0; 3];
            Loss::default().slope(&row, 1, 0.5, &mut slope);
            for (j, x) in row.iter().enumerate() {
                let truth = f32::from(u8::from(j == 1));
                assert!((slope[j] - (x.exp() / total - truth) / 2.0).abs() < 1e-6);
            }
        }
    }
}
