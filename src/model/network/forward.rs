//! One way through the layers of a plan, whoever computes each of them.

use super::super::architecture::{Op, Planned};
use super::super::kernels::{dense, patches, window};
use super::narrow;
use crate::domain::{Extent, Seed};
use candle_core::{Result, Tensor};

/// Who computes single layers. A map lies as the implementation likes; only [`Ops::map`] makes one
/// and only [`Ops::flatten`] ends one. A flat row is `(n, numbers)`.
pub(super) trait Ops: Sync {
    /// Numbers `(n, height, width, channels)` as a map.
    fn map(&self, numbers: Vec<f32>, n: usize, shape: [usize; 3]) -> Result<Tensor>;

    /// Numbers `(n, len)` as flat rows.
    fn rows(&self, numbers: Vec<f32>, n: usize, len: usize) -> Result<Tensor>;

    /// Convolution with bias; `parts` are weight and bias.
    fn conv(&self, x: &Tensor, s: patches::Shape, parts: &[Tensor]) -> Result<Tensor>;

    /// Max-pool.
    fn max_pool(&self, x: &Tensor, s: window::Shape) -> Result<Tensor>;

    /// Average pool.
    fn average_pool(&self, x: &Tensor, s: window::Shape) -> Result<Tensor>;

    /// `max(0, x)`.
    fn relu(&self, x: &Tensor) -> Result<Tensor>;

    /// A map as flat rows, channel after channel.
    fn flatten(&self, x: &Tensor) -> Result<Tensor>;

    /// Dense layer with bias; `parts` are weight and bias.
    fn dense(&self, x: &Tensor, s: dense::Shape, parts: &[Tensor]) -> Result<Tensor>;

    /// Batch normalisation by the batch's own moments, and those: mean and unbiased variance of each
    /// channel. `parts` are scale and shift.
    fn batch_norm(&self, x: &Tensor, parts: &[Tensor]) -> Result<(Tensor, [Vec<f64>; 2])>;

    /// Normalisation by running moments: scale, shift, mean, variance.
    fn normalise(&self, x: &Tensor, parts: &[Tensor]) -> Result<Tensor>;
}

/// What the way is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// Learning; `noise` is the seed of this step's masks.
    Train { noise: Seed },
    /// Predicting.
    Infer,
}

/// What a normalisation saw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statistics {
    /// Index of its running mean among the tensors; the running variance follows.
    pub(super) at: usize,
    /// Mean of each channel.
    pub(super) mean: Vec<f64>,
    /// Unbiased variance of each channel.
    pub(super) variance: Vec<f64>,
}

/// Sends a batch through the layers: the first ones as in prediction, the others as the mode says.
pub(super) fn forward(
    ops: &dyn Ops,
    mode: Mode,
    (fixed, layers): (&[Planned], &[Planned]),
    (x, tensors): (Tensor, &[Tensor]),
) -> Result<(Tensor, Vec<Statistics>)> {
    let mut way = Way { ops, mode: Mode::Infer, tensors, next: 0, statistics: Vec::new() };
    let x = way.through(fixed, x)?;
    way.mode = mode;
    let x = way.through(layers, x)?;
    Ok((x, way.statistics))
}

struct Way<'a> {
    ops: &'a dyn Ops,
    mode: Mode,
    tensors: &'a [Tensor],
    /// Index of the next layer's first tensor.
    next: usize,
    statistics: Vec<Statistics>,
}

impl Way<'_> {
    fn through(&mut self, layers: &[Planned], x: Tensor) -> Result<Tensor> {
        layers.iter().try_fold(x, |x, layer| self.layer(layer, x))
    }

    fn layer(&mut self, layer: &Planned, x: Tensor) -> Result<Tensor> {
        let (ops, first) = (self.ops, self.next);
        self.next += layer.own.len();
        let parts = &self.tensors[first..self.next];
        match &layer.op {
            Op::Conv(s) => ops.conv(&x, *s, parts),
            Op::Dense(s) => ops.dense(&x, *s, parts),
            Op::Relu => ops.relu(&x),
            Op::MaxPool(s) => ops.max_pool(&x, *s),
            Op::AveragePool(s) => ops.average_pool(&x, *s),
            Op::Flatten => ops.flatten(&x),
            Op::Residual(layers) => self.through(layers, x.clone())? + x,
            Op::BatchNorm => match self.mode {
                Mode::Infer => ops.normalise(&x, parts),
                Mode::Train { .. } if layer.is_frozen() => ops.normalise(&x, parts),
                Mode::Train { .. } => {
                    let (out, [mean, variance]) = ops.batch_norm(&x, &parts[..2])?;
                    self.statistics.push(Statistics { at: first + 2, mean, variance });
                    Ok(out)
                }
            },
            Op::Dropout(rate) => match self.mode {
                Mode::Infer => Ok(x),
                Mode::Train { noise } => {
                    let mask = mask(ops, layer, *rate, (noise, x.dim(0)?))?;
                    x * mask
                }
            },
        }
    }
}

/// 0 with probability `rate`, else `1/(1 − rate)`, for each number of a batch of `n` pictures. Each
/// picture's mask comes from a stream of its own.
fn mask(ops: &dyn Ops, layer: &Planned, rate: f64, (noise, n): (Seed, usize)) -> Result<Tensor> {
    let (noise, kept) = (noise.child(&layer.place), narrow((1.0 - rate).recip()));
    let numbers = (0..n).flat_map(|picture| {
        let mut stream = noise.child(&picture.to_string()).stream();
        (0..layer.input.numbers()).map(move |_| if stream.flip(rate) { 0.0 } else { kept })
    });
    let numbers = numbers.collect();
    match layer.input {
        Extent::Map(shape) => ops.map(numbers, n, shape),
        Extent::Flat(len) => ops.rows(numbers, n, len),
    }
}
