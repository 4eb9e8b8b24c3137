//! A trained network as the rest of the house sees it.

use super::architecture::{Plan, TensorSpec};
use super::engine::Path;
use super::error::ModelError;
use super::feed::{Feed, outputs};
use super::learner::Learner;
use super::train::learner;
use super::weights;
use crate::domain::{Architecture, Images, Logits, Temperature};

/// Something that gives each picture an output per class.
pub trait Classifier: Send + Sync {
    /// Name of the architecture; `layers` for a list of layers.
    fn name(&self) -> &str;

    /// Trainable numbers.
    fn parameters(&self) -> u64;

    /// What computes it: one of [`super::kernels`], or `general` for networks that are no chain of
    /// convolutions and dense layers, or `device` for those that do not run on the processor.
    fn kernel(&self) -> &'static str;

    /// Raw outputs of all pictures, `(n, classes)`, before any softmax. The same bytes come out for
    /// any number of threads, and a picture's do not depend on the pictures beside it.
    ///
    /// # Errors
    /// When the pictures have another size than those of the training, or an output is not finite.
    fn logits(&self, images: &Images) -> Result<Logits, ModelError>;

    /// How probabilities are made from the outputs: the softmax of the outputs divided by this
    /// temperature; `None` for the softmax alone.
    fn calibration(&self) -> Option<Temperature>;
}

/// Loads a classifier of that architecture for pictures of `shape` (height, width, channels) and
/// `classes` classes from safetensors bytes; it runs on the processor, on the threads that the
/// program shares, by that one of [`super::kernels`] or `auto`. Tensors are named as [`super::Trained::weights`] names them (`conv1.weight`,
/// `conv1.bias`, …, `fc1.weight`, …) or as a `PyTorch` `Sequential` does (`0.weight`, `3.weight`, …),
/// and laid out as `PyTorch` does. A temperature that [`super::train`] stored beside them is taken over.
///
/// # Errors
/// For an unknown architecture, bytes that are no safetensors, and tensors that are missing, too
/// many, or not of the shape that the network needs.
pub fn load(
    architecture: &Architecture,
    weights: &[u8],
    shape: [usize; 3],
    classes: usize,
    kernel: &str,
) -> Result<Box<dyn Classifier>, ModelError> {
    let plan = Plan::new(architecture, shape, classes)?;
    let tensors = weights::load(&plan, weights, &[])?.into_iter().flatten().collect();
    let path = Some(Path::named(kernel)?);
    let learner = learner(plan, tensors, (&candle_core::Device::Cpu, path), None)?;
    Ok(Box::new(Trainable { learner, calibration: weights::calibration(weights)? }))
}

/// Whatever [`super::train`] can train.
pub(crate) struct Trainable {
    /// Computes the outputs.
    pub(crate) learner: Box<dyn Learner>,
    /// What makes them probabilities.
    pub(crate) calibration: Option<Temperature>,
}

impl Classifier for Trainable {
    fn name(&self) -> &str {
        self.learner.plan().architecture.name()
    }

    fn kernel(&self) -> &'static str {
        self.learner.kernel()
    }

    fn parameters(&self) -> u64 {
        let plan = self.learner.plan();
        let tensors = plan.tensors().into_iter().filter(|tensor| tensor.is_trained());
        let count = tensors.map(TensorSpec::len).sum::<usize>();
        u64::try_from(count).unwrap_or_else(|_| unreachable!("numbers that lie in memory"))
    }

    fn logits(&self, images: &Images) -> Result<Logits, ModelError> {
        let (expected, found) = (self.learner.plan().shape, images.shape());
        if expected != found {
            return Err(ModelError::Pictures { expected, found });
        }
        let rows: Vec<usize> = (0..images.len()).collect();
        Ok(Logits::new(
            outputs(self.learner.as_ref(), Feed::Images(images), &rows)?,
            self.learner.plan().classes,
        )?)
    }

    fn calibration(&self) -> Option<Temperature> {
        self.calibration
    }
}
