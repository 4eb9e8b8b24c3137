//! The networks that can be trained and loaded, as data.

mod chain;
mod planned;

pub(crate) use chain::Chain;
pub(crate) use planned::{Op, Planned, Role, TensorSpec};

use super::error::ModelError;
use super::network::narrow;
use crate::domain::{Architecture, Conv, Extent, Layer, Misfit, Padding, Seed, fit_flat, to_f64};

/// A named network: its name, one line about it, its layers without the dense layer of the classes.
type Named = (&'static str, &'static str, fn() -> Vec<Layer>);

/// All named networks.
const NAMED: [Named; 3] = [
    ("seed-cnn", "conv 32, pool, conv 64, pool, conv 64, dense 64", seed_cnn),
    ("mlp", "dense 128, dense 64", mlp),
    ("logistic", "logistic regression on the pixels", logistic),
];

/// Most numbers of a network: 4 GiB of them.
const MOST_NUMBERS: usize = 1 << 30;

/// Largest side that is tried when pictures are too small.
const MOST_SIDE: usize = 4096;

/// The names of the networks that [`super::train`] and [`super::load`] know, each with a line about
/// it; a list of layers does as well.
#[must_use]
pub fn architectures() -> [(&'static str, &'static str); 3] {
    NAMED.map(|(name, about, _)| (name, about))
}

fn seed_cnn() -> Vec<Layer> {
    let conv = |filters| conv(filters, 3, Padding::Valid);
    vec![
        conv(32),
        Layer::Relu,
        Layer::MaxPool(2),
        conv(64),
        Layer::Relu,
        Layer::MaxPool(2),
        conv(64),
        Layer::Relu,
        Layer::Flatten,
        Layer::Dense(64),
        Layer::Relu,
    ]
}

fn mlp() -> Vec<Layer> {
    vec![Layer::Flatten, Layer::Dense(128), Layer::Relu, Layer::Dense(64), Layer::Relu]
}

fn logistic() -> Vec<Layer> {
    vec![Layer::Flatten]
}

fn conv(filters: usize, kernel: usize, padding: Padding) -> Layer {
    Layer::Conv(Conv { filters, kernel, stride: 1, padding })
}

/// A network fitted to the pictures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The network.
    pub(crate) architecture: Architecture,
    /// Height, width and channels of the pictures.
    pub(crate) shape: [usize; 3],
    /// Outputs.
    pub(crate) classes: usize,
    /// Layers in order; the last is the dense layer of the classes.
    pub(crate) layers: Vec<Planned>,
}

impl Plan {
    /// The layers for pictures of `[height, width, channels]` and `classes` classes.
    pub(crate) fn new(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
    ) -> Result<Self, ModelError> {
        if classes < 2 {
            let (key, found) = ("classes", classes.to_string());
            return Err(ModelError::Setting { key, found, expected: "at least 2" });
        }
        let mut layers = layers(architecture)?;
        if let Err(misfit) = fit_flat(&layers, Extent::Map(shape)) {
            return Err(refusal(architecture, &layers, shape, &misfit));
        }
        layers.push(Layer::Dense(classes));
        let layers = planned::plan(&layers, Extent::Map(shape));
        let plan = Self { architecture: architecture.clone(), shape, classes, layers };
        let sizes =
            plan.specs().into_iter().map(|(_, s)| s.into_iter().fold(1, usize::saturating_mul));
        let numbers = sizes.fold(0, usize::saturating_add);
        if numbers > MOST_NUMBERS {
            return Err(ModelError::TooLarge { numbers, most: MOST_NUMBERS });
        }
        Ok(plan)
    }

    /// All tensors in order: each layer's weight and bias; behind those of a batch normalisation its
    /// running statistics.
    pub(crate) fn tensors(&self) -> Vec<&TensorSpec> {
        self.layers.iter().flat_map(Planned::tensors).collect()
    }

    /// Name and shape of each tensor of [`Plan::tensors`].
    pub(crate) fn specs(&self) -> Vec<(String, Vec<usize>)> {
        self.tensors().into_iter().map(|t| (t.name.clone(), t.shape.clone())).collect()
    }

    /// The first numbers of each tensor. Weights and biases are drawn uniformly from ±1/√(numbers
    /// that go into one output), as `PyTorch` does by default, from the stream `model/init/<tensor>`;
    /// a normalisation begins as the identity.
    pub(crate) fn drawn(&self, seed: Seed) -> Vec<Vec<f32>> {
        let numbers = |tensor: &TensorSpec| {
            let fan_in = match tensor.role {
                Role::Drawn { fan_in } => u64::try_from(fan_in).map_or(f64::INFINITY, to_f64),
                Role::Scale | Role::Variance => return vec![1.0; tensor.len()],
                Role::Shift | Role::Mean => return vec![0.0; tensor.len()],
            };
            let bound = fan_in.sqrt().recip();
            let mut stream = seed.child(&format!("model/init/{}", tensor.name)).stream();
            let draw = |_| narrow(bound * (2.0 * stream.uniform() - 1.0));
            (0..tensor.len()).map(draw).collect()
        };
        self.tensors().into_iter().map(numbers).collect()
    }

    /// The names of the layers with tensors, in order.
    pub(crate) fn layer_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.tensors().into_iter().map(|tensor| tensor.layer().to_owned()).collect();
        names.dedup();
        names
    }

    /// The dense layer of the classes.
    pub(crate) fn head(&self) -> &Planned {
        self.layers.last().unwrap_or_else(|| unreachable!("`new` ends with that layer"))
    }

    /// Numbers that flow into the last dense layer.
    pub(crate) fn features(&self) -> usize {
        self.head().input.numbers()
    }

    /// The last dense layer as a network of its own, fed with what flows into it.
    pub(crate) fn head_alone(&self) -> Self {
        let shape = [1, 1, self.features()];
        let flatten = Planned {
            place: String::new(),
            op: Op::Flatten,
            input: Extent::Map(shape),
            output: self.head().input,
            own: Vec::new(),
        };
        Self { shape, layers: vec![flatten, self.head().clone()], ..self.clone() }
    }

    /// Leaves the tensors of these layers as they are.
    pub(crate) fn freeze(&mut self, layers: &[String]) {
        for layer in &mut self.layers {
            layer.freeze(layers);
        }
    }

    /// How many layers lie below the lowest that moves, where frozen ones are among them. These run
    /// in training as they do in prediction; no gradient is taken through them.
    pub(crate) fn fixed(&self) -> usize {
        let moves = |layer: &Planned| layer.tensors().iter().any(|tensor| tensor.moves());
        let below = self.layers.iter().position(moves).unwrap_or(self.layers.len());
        if self.layers[..below].iter().any(Planned::is_frozen) { below } else { 0 }
    }

    /// The same network for whoever computes chains only; `None` when it is more than a chain.
    pub(crate) fn as_chain(&self) -> Option<Chain> {
        chain::of(&self.layers)
    }
}

/// The layers without the dense layer of the classes.
fn layers(architecture: &Architecture) -> Result<Vec<Layer>, ModelError> {
    match architecture {
        Architecture::Layers(layers) => Ok(layers.clone()),
        Architecture::Named(name) => match NAMED.iter().find(|named| named.0 == name) {
            Some((_, _, layers)) => Ok(layers()),
            None => Err(ModelError::unknown("architecture", name, &NAMED.map(|(name, _, _)| name))),
        },
    }
}

/// Why these layers are no network for these pictures, and where larger pictures help, how large.
fn refusal(
    architecture: &Architecture,
    layers: &[Layer],
    [height, width, channels]: [usize; 3],
    misfit: &Misfit,
) -> ModelError {
    let place = misfit.place("architecture");
    let fits = |side: &usize| fit_flat(layers, Extent::Map([*side, *side, channels])).is_ok();
    let need = if misfit.vanishes() { (1..=MOST_SIDE).find(fits) } else { None };
    match (need, architecture) {
        (Some(need), Architecture::Named(name)) => {
            ModelError::TooSmall { what: name.clone(), height, width, need }
        }
        (Some(need), Architecture::Layers(_)) => {
            ModelError::TooSmall { what: place, height, width, need }
        }
        (None, _) => {
            ModelError::Layer { place, because: misfit.because(true), help: misfit.help() }
        }
    }
}

#[cfg(test)]
mod tests;
