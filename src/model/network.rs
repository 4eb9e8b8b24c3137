//! A network as candle tensors: our kernels on the processor, candle's own operations elsewhere.

mod forward;
mod ours;
mod portable;

use super::architecture::{Op, Plan, Planned, TensorSpec};
use super::dp_sgd::PrivateStep;
use super::error::ModelError;
use super::learner::{Batch, Learner, Loss, Stepped};
use super::ops::Workers;
use super::optimizer::{Update, norm};
use crate::domain::{Extent, Seed};
use candle_core::{DType, Device, Tensor, Var};
use forward::{Mode, Ops, Statistics, forward};
use ours::Ours;
use portable::Portable;
use std::sync::Arc;

/// The part of a batch in the running statistics of a normalisation, as in `PyTorch`.
const MOMENTUM: f64 = 0.1;

/// What computes the layers.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    /// Our kernels, on the processor.
    Kernels(Arc<Workers>),
    /// candle's operations, on any device: slow on the processor, and the only way on a GPU. It is
    /// checked against the kernels on the processor; it has not been run on a GPU.
    Candle(Device),
}

impl Engine {
    /// Where the tensors lie.
    pub(crate) fn device(&self) -> &Device {
        match self {
            Self::Kernels(_) => &Device::Cpu,
            Self::Candle(device) => device,
        }
    }
}

/// A network with its numbers.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    plan: Plan,
    engine: Engine,
    /// The tensors of [`Plan::tensors`].
    tensors: Vec<Var>,
    /// The optimiser's memories of each.
    memory: [Vec<Vec<f32>>; 2],
    /// Where the masks of dropout come from.
    noise: Seed,
}

/// What a step needs to know before it moves anything.
struct Descent {
    logits: Vec<f32>,
    /// Of each tensor, in order; `None` for those that are not trained, and for all of them when a
    /// logit is not finite.
    gradients: Vec<Option<Vec<f32>>>,
    /// Rows whose gradient was shortened.
    clipped: u64,
    statistics: Vec<Statistics>,
}

impl Learner for Network {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn kernel(&self) -> &'static str {
        match self.engine {
            Engine::Kernels(_) => "general",
            Engine::Candle(_) => "device",
        }
    }

    fn step(
        &mut self,
        batch: &Batch<'_>,
        loss: &Loss,
        update: &Update,
    ) -> Result<Stepped, ModelError> {
        let descent = match &update.private {
            None => self.descent(batch, loss, update.step)?,
            Some(private) => self.private_descent(batch, loss, update.step, private)?,
        };
        let Descent { logits, gradients, clipped, statistics } = descent;
        if logits.iter().any(|x| !x.is_finite()) {
            return Ok(Stepped { logits, gradient_norm: None, clipped });
        }
        let gradient_norm =
            update.clip.map(|_| norm(gradients.iter().flatten().map(Vec::as_slice)));
        if gradient_norm.is_some_and(|norm| !norm.is_finite()) {
            return Ok(Stepped { logits, gradient_norm, clipped });
        }
        let update = gradient_norm.map_or(*update, |norm| update.clipped(norm));
        let [first, second] = &mut self.memory;
        let memory = first.iter_mut().zip(second);
        for ((var, gradient), (first, second)) in self.tensors.iter().zip(&gradients).zip(memory) {
            let Some(gradient) = gradient else { continue };
            let mut moved = numbers(var)?;
            update.apply(&mut moved, gradient, first, second);
            var.set(&Tensor::from_vec(moved, var.shape(), var.device())?)?;
        }
        self.take_in(&statistics)?;
        Ok(Stepped { logits, gradient_norm, clipped })
    }

    fn infer(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError> {
        let tensors: Vec<_> = self.tensors.iter().map(Var::as_detached_tensor).collect();
        let pictures = (self.pictures(batch), batch.len());
        numbers(&self.run(pictures, &tensors, Mode::Infer, &self.plan.layers)?.0)
    }

    fn features(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError> {
        let tensors: Vec<_> = self.tensors.iter().map(Var::as_detached_tensor).collect();
        let below = &self.plan.layers[..self.plan.layers.len() - 1];
        let pictures = (self.pictures(batch), batch.len());
        numbers(&self.run(pictures, &tensors, Mode::Infer, below)?.0)
    }

    fn numbers(&self) -> Result<Vec<Vec<f32>>, ModelError> {
        self.tensors.iter().map(|var| numbers(var)).collect()
    }

    fn set_numbers(&mut self, numbers: Vec<Vec<f32>>) -> Result<(), ModelError> {
        for (var, numbers) in self.tensors.iter().zip(numbers) {
            var.set(&Tensor::from_vec(numbers, var.shape(), var.device())?)?;
        }
        Ok(())
    }

    fn memory(&self) -> Result<[Vec<Vec<f32>>; 2], ModelError> {
        Ok(self.memory.clone())
    }

    fn set_memory(&mut self, memory: [Vec<Vec<f32>>; 2]) -> Result<(), ModelError> {
        self.memory = memory;
        Ok(())
    }
}

impl Network {
    /// Takes the numbers of each tensor in the order of [`Plan::specs`], of the right lengths, and
    /// the seed of a training.
    pub(crate) fn new(
        plan: Plan,
        engine: Engine,
        numbers: Vec<Vec<f32>>,
        seed: Seed,
    ) -> Result<Self, ModelError> {
        let device = engine.device();
        let memory = numbers.iter().map(|t| vec![0.0; t.len()]).collect::<Vec<_>>();
        let specs = plan.specs().into_iter().zip(numbers);
        let tensors = specs.map(|((_, shape), numbers)| {
            Var::from_tensor(&Tensor::from_vec(numbers, shape, device)?)
        });
        let tensors = tensors.collect::<Result<_, candle_core::Error>>()?;
        let noise = seed.child("model/dropout");
        Ok(Self { plan, engine, tensors, memory: [memory.clone(), memory], noise })
    }

    /// Forward, loss, back.
    fn descent(&self, batch: &Batch<'_>, loss: &Loss, step: i32) -> Result<Descent, ModelError> {
        if let (1, Some(place)) = (batch.len(), lonely_norm(&self.plan.layers)) {
            return Err(ModelError::OneRow { place: place.to_owned() });
        }
        let slope = |logits: &[f32]| loss.gradient(batch, logits, self.plan.classes);
        let noise = self.noise.child(&step.to_string());
        self.gradients((self.pictures(batch), batch.len()), noise, &slope)
    }

    /// The same of a private step, one row after another: each row's gradient is shortened, then their
    /// sum is disturbed.
    fn private_descent(
        &self,
        batch: &Batch<'_>,
        loss: &Loss,
        step: i32,
        private: &PrivateStep,
    ) -> Result<Descent, ModelError> {
        let (size, own) = (self.plan.shape.iter().product(), loss.own(batch));
        let (pictures, noise) = (self.pictures(batch), self.noise.child(&step.to_string()));
        let specs = self.plan.tensors();
        let zeros = |spec: &&TensorSpec| spec.moves().then(|| vec![0.0; spec.len()]);
        let mut sums: Vec<Option<Vec<f32>>> = specs.iter().map(zeros).collect();
        let (mut logits, mut clipped) = (Vec::new(), 0);
        for (i, picture) in pictures.chunks_exact(size).enumerate() {
            let slope = |logits: &[f32]| {
                let mut slope = vec![0.0; logits.len()];
                loss.slope(logits, batch.class(i), own[i], &mut slope);
                slope
            };
            let noise = noise.child(&format!("row/{i}"));
            let row = self.gradients((picture.to_vec(), 1), noise, &slope)?;
            logits.extend(row.logits);
            let factor = private.factor(norm(row.gradients.iter().flatten().map(Vec::as_slice)));
            clipped += u64::from(factor < 1.0);
            for (sum, gradient) in sums.iter_mut().flatten().zip(row.gradients.iter().flatten()) {
                sum.iter_mut().zip(gradient).for_each(|(sum, x)| *sum += narrow(factor) * x);
            }
        }
        for (spec, sum) in specs.iter().zip(&mut sums) {
            if let Some(sum) = sum {
                private.disturb(&spec.name, sum, |_| false);
            }
        }
        Ok(Descent { logits, gradients: sums, clipped, statistics: Vec::new() })
    }

    /// Forward and back; `slope` is the gradient of the loss by the logits, `noise` the seed of the masks.
    fn gradients(
        &self,
        pictures: (Vec<f32>, usize),
        noise: Seed,
        slope: &dyn Fn(&[f32]) -> Vec<f32>,
    ) -> Result<Descent, ModelError> {
        let specs = self.plan.tensors().into_iter().zip(&self.tensors);
        let followed = |(spec, var): (&TensorSpec, &Var)| {
            if spec.moves() { var.as_tensor().clone() } else { var.as_detached_tensor() }
        };
        let tensors: Vec<_> = specs.map(followed).collect();
        let (outputs, statistics) =
            self.run(pictures, &tensors, Mode::Train { noise }, &self.plan.layers)?;
        let logits = numbers(&outputs)?;
        if logits.iter().any(|x| !x.is_finite()) {
            let gradients = vec![None; tensors.len()];
            return Ok(Descent { logits, gradients, clipped: 0, statistics });
        }
        let slope = Tensor::from_vec(slope(&logits), outputs.shape(), outputs.device())?;
        let gradients = (outputs * slope)?.sum_all()?.backward()?;
        let gradient = |var: &Var| gradients.get(var).map(numbers).transpose();
        let gradients = self.tensors.iter().map(gradient).collect::<Result<_, _>>()?;
        Ok(Descent { logits, gradients, clipped: 0, statistics })
    }

    /// What these layers, the first of the plan, make of a batch, with everything that `backward` needs:
    /// of all layers, the logits `(n, classes)`.
    fn run(
        &self,
        (pictures, n): (Vec<f32>, usize),
        tensors: &[Tensor],
        mode: Mode,
        layers: &[Planned],
    ) -> Result<(Tensor, Vec<Statistics>), ModelError> {
        let ops: Box<dyn Ops> = match &self.engine {
            Engine::Kernels(workers) => Box::new(Ours::new(Arc::clone(workers))),
            Engine::Candle(device) => Box::new(Portable::new(device.clone())),
        };
        let pictures = ops.map(pictures, n, self.plan.shape)?;
        let layers = layers.split_at(self.plan.fixed().min(layers.len()));
        Ok(forward(ops.as_ref(), mode, layers, (pictures, tensors))?)
    }

    /// Pictures as numbers from 0 to 1, `(n, height, width, channels)`.
    fn pictures(&self, batch: &Batch<'_>) -> Vec<f32> {
        let size: usize = self.plan.shape.iter().product();
        let mut numbers = vec![0.0; batch.len() * size];
        let pictures = numbers.chunks_exact_mut(size).enumerate();
        pictures.for_each(|(i, out)| batch.fill(i, out));
        numbers
    }

    /// Moves the running statistics towards those of a batch.
    fn take_in(&self, statistics: &[Statistics]) -> Result<(), ModelError> {
        for batch in statistics {
            for (at, new) in [(batch.at, &batch.mean), (batch.at + 1, &batch.variance)] {
                let var = &self.tensors[at];
                let mixed = numbers(var)?
                    .into_iter()
                    .zip(new)
                    .map(|(old, new)| narrow((1.0 - MOMENTUM) * f64::from(old) + MOMENTUM * new));
                let mixed: Vec<f32> = mixed.collect();
                var.set(&Tensor::from_vec(mixed, var.shape(), var.device())?)?;
            }
        }
        Ok(())
    }
}

/// The place of a normalisation that sees one number of each channel of a picture, so that one
/// picture alone has no variance.
fn lonely_norm(layers: &[Planned]) -> Option<&str> {
    let lonely = |layer: &Planned| match layer.input {
        Extent::Map([height, width, _]) => height * width == 1,
        Extent::Flat(_) => true,
    };
    layers.iter().find_map(|layer| match &layer.op {
        Op::BatchNorm if lonely(layer) && !layer.is_frozen() => Some(layer.place.as_str()),
        _ => lonely_norm(layer.inner()),
    })
}

/// The numbers of a tensor, in order.
pub(crate) fn numbers(tensor: &Tensor) -> Result<Vec<f32>, ModelError> {
    Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

/// A drawn number as the network holds it.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "rounding to the nearest f32 is meant"
)]
pub(crate) fn narrow(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod pytorch;
#[cfg(test)]
mod tests;
