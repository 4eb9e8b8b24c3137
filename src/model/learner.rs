//! What learns and predicts, whoever computes it: our kernels, or candle's graph on any device.

use super::architecture::Plan;
use super::augment::Augmentation;
use super::error::ModelError;
use super::feed::Features;
use super::optimizer::Update;
use crate::domain::{ClassId, Images, to_f64};

/// A network with its numbers and its optimiser's memory. Same numbers, same batches: same results,
/// for any number of threads on one kind of processor.
pub(crate) trait Learner: Send + Sync {
    /// What it was made for.
    fn plan(&self) -> &Plan;

    /// What computes it, in the words of [`super::Classifier::kernel`].
    fn kernel(&self) -> &'static str;

    /// One step: forward, loss, back, clip, update. When a logit or the gradient's norm is not
    /// finite, nothing is updated. A batch without rows is a step of noise alone, and has a place in a
    /// private training only.
    fn step(
        &mut self,
        batch: &Batch<'_>,
        loss: &Loss,
        update: &Update,
    ) -> Result<Stepped, ModelError>;

    /// The logits `(n, classes)`; a picture's do not depend on the pictures beside it.
    fn infer(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError>;

    /// What flows into the last dense layer, `(n, numbers)`, laid out as `PyTorch` does.
    fn features(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError>;

    /// The numbers of each tensor in the order of [`Plan::specs`], laid out as `PyTorch` does.
    fn numbers(&self) -> Result<Vec<Vec<f32>>, ModelError>;

    /// Takes numbers as [`Learner::numbers`] gives them.
    fn set_numbers(&mut self, numbers: Vec<Vec<f32>>) -> Result<(), ModelError>;

    /// The optimiser's two memories of each tensor, in the order and layout of the numbers.
    fn memory(&self) -> Result<[Vec<Vec<f32>>; 2], ModelError>;

    /// Takes memories as [`Learner::memory`] gives them.
    fn set_memory(&mut self, memory: [Vec<Vec<f32>>; 2]) -> Result<(), ModelError>;
}

/// What a step found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stepped {
    /// The logits `(n, classes)` from before the update.
    pub(crate) logits: Vec<f32>,
    /// The gradient's norm over all tensors before clipping; measured only where the update has a
    /// limit for it, and the logits are finite.
    pub(crate) gradient_norm: Option<f64>,
    /// Rows of a private step whose gradient was shortened.
    pub(crate) clipped: u64,
}

/// Where the pictures of a batch lie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pictures<'a> {
    /// Among all of the data, by row.
    All(&'a Images),
    /// Alone, in the order of the batch.
    Own(&'a Images),
    /// In place of pictures, what the layers below the last made of them.
    Features(&'a Features),
}

/// Rows of a data set that are learned from, or predicted, together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// Where its pictures lie.
    pub(crate) pictures: Pictures<'a>,
    /// The rows of the batch.
    pub(crate) rows: &'a [usize],
    /// The class of each row of the data set, not only of the batch; empty when only predicting.
    pub(crate) classes: &'a [ClassId],
    /// How the pictures are changed; `None` for pictures as they are.
    pub(crate) augment: Option<Augmentation>,
}

impl Batch<'_> {
    /// Its rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Writes picture `i` of the batch, `(height, width, channels)` from 0 to 1. It depends on the
    /// row and the augmentation only, not on the batch.
    pub(crate) fn fill(&self, i: usize, out: &mut [f32]) {
        let row = self.rows[i];
        let (bytes, shape) = match self.pictures {
            Pictures::All(images) => (images.picture(row), images.shape()),
            Pictures::Own(images) => (images.picture(i), images.shape()),
            Pictures::Features(features) => return out.copy_from_slice(features.row(row)),
        };
        match self.augment {
            Some(augment) => augment.fill(row, bytes, shape, out),
            None => {
                out.iter_mut().zip(bytes).for_each(|(out, &byte)| *out = f32::from(byte) / 255.0);
            }
        }
    }

    /// The class of row `i` of the batch.
    pub(crate) fn class(&self, i: usize) -> ClassId {
        self.classes[self.rows[i]]
    }
}

/// Softmax cross-entropy of a batch, as `PyTorch` defines it: with `w` the weights of the classes
/// and `ε` the smoothing, a row of class `y` costs `−Σ_c t_c ln p_c` with the target
/// `t_c = (1 − ε) w_y [c = y] + ε w_c / classes`, and the loss is the sum of the rows' costs over the
/// sum of their `w_y`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loss {
    /// A weight for each class, above 0; empty where all weigh 1.
    pub(crate) weights: Vec<f64>,
    /// Share of the truth that is spread over all classes, from 0 to below 1.
    pub(crate) smoothing: f64,
}

impl Loss {
    /// The weight of a class.
    fn weight(&self, class: ClassId) -> f64 {
        let weight = usize::try_from(class).ok().and_then(|class| self.weights.get(class));
        weight.copied().unwrap_or(1.0)
    }

    /// The weight of each row: its part in the sum of a private step, where it depends on no other row.
    pub(crate) fn own(&self, batch: &Batch<'_>) -> Vec<f64> {
        (0..batch.len()).map(|i| self.weight(batch.class(i))).collect()
    }

    /// The part of each row in the batch's loss; they sum to 1.
    pub(crate) fn shares(&self, batch: &Batch<'_>) -> Vec<f64> {
        let weights = self.own(batch);
        let whole: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / whole).collect()
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

    /// The gradient of the loss by one row's logits: `share · (Σ target · softmax − target)`, the
    /// target in parts of the row's own weight.
    pub(crate) fn slope(&self, logits: &[f32], class: ClassId, share: f64, out: &mut [f32]) {
        let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let part = |x: f32| f64::from(x - top).exp();
        let total: f64 = logits.iter().copied().map(part).sum();
        let classes = u64::try_from(logits.len()).map_or(1.0, to_f64);
        let spread = self.smoothing / classes / self.weight(class);
        let target = |c: ClassId| {
            let truth = if c == class { 1.0 - self.smoothing } else { 0.0 };
            truth + spread * self.weight(c)
        };
        let whole: f64 = (0..).zip(logits).map(|(c, _)| target(c)).sum();
        for ((out, &x), c) in out.iter_mut().zip(logits).zip(0..) {
            *out = super::network::narrow(share * (whole * (part(x) / total) - target(c)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Augment, Seed};
    use serde_json::Value;

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

    #[test]
    fn a_changed_picture_does_not_depend_on_its_batch() {
        let images = Images::new(4, 4, 3, (0..4 * 48).collect()).unwrap();
        let turn = Augment { rotation: 90.0, brightness: 0.5, ..Augment::default() };
        let fill = |rows: &[usize], i: usize, epoch: usize| {
            let augment = Augmentation::new(&turn, Seed::new(1), epoch);
            let mut out = vec![0.0; 48];
            Batch { pictures: Pictures::All(&images), rows, classes: &[], augment }
                .fill(i, &mut out);
            out
        };
        assert_eq!(fill(&[0, 1, 2, 3], 2, 1), fill(&[2], 0, 1));
        assert_ne!(fill(&[2], 0, 1), fill(&[2], 0, 2));
        assert_ne!(fill(&[2, 2], 0, 1), fill(&[3], 0, 1));
    }

    fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
        serde_json::from_value(value.clone()).unwrap()
    }

    #[test]
    fn the_gradient_is_pytorchs_with_class_weights_and_smoothing() {
        let text = include_str!("../../fixtures/pytorch/loss.json");
        let golden: Value = serde_json::from_str(text).unwrap();
        let cases = golden["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 4);
        let images = Images::new(1, 1, 1, vec![0; 6]).unwrap();
        for case in cases {
            let weights = read::<Option<Vec<f64>>>(&case["weights"]).unwrap_or_default();
            let loss = Loss { weights, smoothing: read(&case["smoothing"]) };
            let classes: Vec<ClassId> = read(&case["classes"]);
            let rows = [0, 1, 2, 3, 4, 5];
            let batch = Batch {
                pictures: Pictures::All(&images),
                rows: &rows,
                classes: &classes,
                augment: None,
            };
            let logits: Vec<Vec<f32>> = read(&case["logits"]);
            let found = loss.gradient(&batch, &logits.concat(), 3);
            let expected: Vec<Vec<f32>> = read(&case["gradient"]);
            for (found, expected) in found.iter().zip(expected.concat()) {
                assert!((found - expected).abs() < 1e-7, "{found} {expected} in {case}");
            }
            assert!((loss.shares(&batch).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_row_of_twice_the_weight_is_two_rows() {
        let images = Images::new(1, 1, 1, vec![0; 3]).unwrap();
        let gradient = |rows: &[usize], logits: &[f32], weights: Vec<f64>| {
            let batch = Batch {
                pictures: Pictures::All(&images),
                rows,
                classes: &[0, 1, 1],
                augment: None,
            };
            Loss { weights, smoothing: 0.0 }.gradient(&batch, logits, 2)
        };
        let twice = gradient(&[0, 1, 2], &[0.2, 0.1, -0.3, 0.4, -0.3, 0.4], Vec::new());
        let heavy = gradient(&[0, 1], &[0.2, 0.1, -0.3, 0.4], vec![1.0, 2.0]);
        assert!((twice[0] - heavy[0]).abs() < 1e-7);
        assert!((twice[2] + twice[4] - heavy[2]).abs() < 1e-7);
    }
}
