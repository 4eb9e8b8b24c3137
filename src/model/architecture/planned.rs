//! One layer of a plan, with its sizes and its tensors.

use super::super::kernels::{dense, patches, window};
use crate::domain::{Extent, Layer};

/// A layer that fits onto what flows into it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    /// Where it stands, e.g. `architecture[4].residual[1]`.
    pub(crate) place: String,
    /// What it does.
    pub(crate) op: Op,
    /// What flows in.
    pub(crate) input: Extent,
    /// What flows out.
    pub(crate) output: Extent,
    /// Its own tensors, not those of layers inside of it.
    pub(crate) own: Vec<TensorSpec>,
}

/// What a layer does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Op {
    /// Convolution with bias: a weight `(filters, channels, k, k)` and a bias.
    Conv(patches::Shape),
    /// Batch normalisation: scale, shift, running mean, running variance.
    BatchNorm,
    /// `max(0, x)`.
    Relu,
    /// The largest of each square.
    MaxPool(window::Shape),
    /// The mean of each square.
    AveragePool(window::Shape),
    /// These layers, and their input added.
    Residual(Vec<Planned>),
    /// Dropout with this probability, in training.
    Dropout(f64),
    /// `(height, width, channels)` to `channels · height · width` numbers, channel after channel.
    Flatten,
    /// Dense layer with bias: a weight `(units, inputs)` and a bias.
    Dense(dense::Shape),
}

/// One tensor of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TensorSpec {
    /// Our name, e.g. `conv1.weight`.
    pub(crate) name: String,
    /// Its name in a `PyTorch` `Sequential` with one module for each layer; those of a residual
    /// block are numbered within it, e.g. `4.0.weight`.
    pub(crate) sequential: String,
    /// Its shape, as `PyTorch` has it.
    pub(crate) shape: Vec<usize>,
    /// What it is for.
    pub(crate) role: Role,
    /// Whether training leaves it as it is.
    pub(crate) frozen: bool,
}

/// What a tensor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Weight or bias of a layer with so many numbers to each output.
    Drawn {
        /// Numbers that go into one output.
        fan_in: usize,
    },
    /// Scale of a normalisation.
    Scale,
    /// Shift of a normalisation.
    Shift,
    /// Running mean, not trained.
    Mean,
    /// Running variance, not trained.
    Variance,
}

impl TensorSpec {
    /// How many numbers it has.
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it is one of those that a gradient can move.
    pub(crate) fn is_trained(&self) -> bool {
        !matches!(self.role, Role::Mean | Role::Variance)
    }

    /// Whether a gradient moves it in this training.
    pub(crate) fn moves(&self) -> bool {
        self.is_trained() && !self.frozen
    }

    /// The name of its layer, e.g. `conv1`.
    pub(crate) fn layer(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

impl Planned {
    /// Its tensors and those of the layers inside of it.
    pub(crate) fn tensors(&self) -> Vec<&TensorSpec> {
        let inner = self.inner().iter().flat_map(Self::tensors);
        self.own.iter().chain(inner).collect()
    }

    /// Whether it has tensors, and none of them moves.
    pub(crate) fn is_frozen(&self) -> bool {
        let tensors = self.tensors();
        !tensors.is_empty() && tensors.iter().all(|tensor| tensor.frozen)
    }

    /// Freezes the tensors of these layers.
    pub(super) fn freeze(&mut self, layers: &[String]) {
        for tensor in &mut self.own {
            tensor.frozen |= layers.iter().any(|layer| layer == tensor.layer());
        }
        if let Op::Residual(inner) = &mut self.op {
            for layer in inner {
                layer.freeze(layers);
            }
        }
    }

    /// The layers inside of a residual block.
    pub(crate) fn inner(&self) -> &[Self] {
        match &self.op {
            Op::Residual(layers) => layers,
            _ => &[],
        }
    }
}

/// Plans layers that are known to fit.
pub(super) fn plan(layers: &[Layer], input: Extent) -> Vec<Planned> {
    Planner::default().list(layers, input, ("architecture", ""))
}

/// Counts layers for their names.
#[derive(Default)]
struct Planner {
    convs: usize,
    norms: usize,
    dense: usize,
}

impl Planner {
    /// The layers of the list at `place`, whose modules are numbered behind `prefix`.
    fn list(
        &mut self,
        layers: &[Layer],
        input: Extent,
        (place, prefix): (&str, &str),
    ) -> Vec<Planned> {
        let mut flow = input;
        let mut planned = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            let input = flow;
            flow = layer.output(input).unwrap_or(input);
            let (place, module) = (format!("{place}[{i}]"), format!("{prefix}{i}"));
            let (op, own) = self.layer(layer, (input, flow), (&place, &module));
            planned.push(Planned { place, op, input, output: flow, own });
        }
        planned
    }

    fn layer(
        &mut self,
        layer: &Layer,
        (input, output): (Extent, Extent),
        (place, module): (&str, &str),
    ) -> (Op, Vec<TensorSpec>) {
        let (channels, units) = (input.channels(), output.channels());
        match layer {
            Layer::Conv(conv) => {
                self.convs += 1;
                let (height, width) = sides(input);
                let (kernel, stride, margin) = (conv.kernel, conv.stride, conv.margin());
                let filters = conv.filters;
                let shape =
                    patches::Shape { height, width, channels, filters, kernel, stride, margin };
                let weight = vec![filters, channels, kernel, kernel];
                (Op::Conv(shape), drawn(&format!("conv{}", self.convs), module, weight))
            }
            Layer::BatchNorm => {
                self.norms += 1;
                (Op::BatchNorm, norm(&format!("bn{}", self.norms), module, channels))
            }
            Layer::Dense(_) => {
                self.dense += 1;
                let own = drawn(&format!("fc{}", self.dense), module, vec![units, channels]);
                (Op::Dense(dense::Shape { inputs: channels, units }), own)
            }
            Layer::Residual(layers) => {
                let (place, prefix) = (format!("{place}.residual"), format!("{module}."));
                (Op::Residual(self.list(layers, input, (&place, &prefix))), Vec::new())
            }
            Layer::MaxPool(side) => (Op::MaxPool(pool(input, *side)), Vec::new()),
            Layer::AveragePool(side) => (Op::AveragePool(pool(input, *side)), Vec::new()),
            Layer::Relu => (Op::Relu, Vec::new()),
            Layer::Dropout(rate) => (Op::Dropout(*rate), Vec::new()),
            Layer::Flatten => (Op::Flatten, Vec::new()),
        }
    }
}

/// Height and width of a map; a flat input has neither.
fn sides(input: Extent) -> (usize, usize) {
    match input {
        Extent::Map([height, width, _]) => (height, width),
        Extent::Flat(_) => (1, 1),
    }
}

fn pool(input: Extent, side: usize) -> window::Shape {
    let (height, width) = sides(input);
    window::Shape { height, width, channels: input.channels(), side }
}

/// Weight and bias.
fn drawn(layer: &str, module: &str, weight: Vec<usize>) -> Vec<TensorSpec> {
    let fan_in = weight.iter().skip(1).product();
    let bias = weight.iter().take(1).copied().collect();
    let spec = |part: &str, shape| TensorSpec {
        name: format!("{layer}.{part}"),
        sequential: format!("{module}.{part}"),
        shape,
        role: Role::Drawn { fan_in },
        frozen: false,
    };
    vec![spec("weight", weight), spec("bias", bias)]
}

/// Scale, shift and running statistics.
fn norm(layer: &str, module: &str, channels: usize) -> Vec<TensorSpec> {
    let parts = [
        ("weight", Role::Scale),
        ("bias", Role::Shift),
        ("running_mean", Role::Mean),
        ("running_var", Role::Variance),
    ];
    let spec = |(part, role): (&str, Role)| TensorSpec {
        name: format!("{layer}.{part}"),
        sequential: format!("{module}.{part}"),
        shape: vec![channels],
        role,
        frozen: false,
    };
    parts.map(spec).into()
}
