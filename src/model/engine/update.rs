//! The second half of a step: gradients summed over the batch, then the optimiser, by blocks of the
//! flat buffer that threads take one after another.

use super::super::optimizer::Update;
use super::dense::{self, stride};
use super::layout::Layout;
use super::simd::UNIT;
use pulp::{Simd, WithSimd};

/// Units of a dense layer to a block.
const UNITS: usize = 16;

/// Numbers of the convolutions to a block.
const BLOCK: usize = 512 * UNIT;

/// Where the gradient of a block comes from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// From the shards: the sum of their parts from this number on.
    Shards { parts: &'a [Vec<f32>], from: usize },
    /// From some units of a dense layer: the product of slopes `(units, rows)` and inputs.
    Weight { layer: dense::Dense, x: &'a [f32], slopes: &'a [f32], rows: usize },
    /// From a dense layer's slopes `(units, rows)`, summed over the rows.
    Bias { slopes: &'a [f32], rows: usize },
}

/// A block of the flat buffers.
pub(super) struct Block<'a> {
    /// Its first number in the flat buffers.
    pub(super) from: usize,
    pub(super) source: Source<'a>,
    pub(super) numbers: &'a mut [f32],
    pub(super) gradient: &'a mut [f32],
    pub(super) first: &'a mut [f32],
    pub(super) second: &'a mut [f32],
}

/// Cuts what moves of the flat buffers `[numbers, gradient, first, second]` into blocks that depend on
/// the layout only. `inputs` and `slopes` are those of each dense layer, slopes as `(units, rows)`.
pub(super) fn blocks<'a>(
    layout: &Layout,
    buffers: [&'a mut [f32]; 4],
    parts: &'a [Vec<f32>],
    dense: &[(&'a [f32], &'a [f32])],
    rows: usize,
) -> Vec<Block<'a>> {
    let (mut rest, mut done) = (buffers, 0);
    let mut blocks = Vec::new();
    let mut cut = |source: Source<'a>, from: usize, len: usize| {
        let [numbers, gradient, first, second] = rest.each_mut().map(|buffer| {
            let (head, tail) = std::mem::take(buffer)[from - done..].split_at_mut(len);
            *buffer = tail;
            head
        });
        done = from + len;
        blocks.push(Block { from, source, numbers, gradient, first, second });
    };
    for run in layout.moving_convolutions() {
        for from in run.clone().step_by(BLOCK) {
            cut(Source::Shards { parts, from }, from, BLOCK.min(run.end - from));
        }
    }
    for (placed, &(x, slopes)) in layout.dense.iter().zip(dense).filter(|(d, _)| !d.frozen) {
        let (layer, row) = (placed.layer, stride(placed.layer.inputs));
        for unit in (0..layer.units).step_by(UNITS) {
            let units = UNITS.min(layer.units - unit);
            let slopes = &slopes[unit * rows..(unit + units) * rows];
            let layer = dense::Dense { units, ..layer };
            let from = placed.weight.start + unit * row;
            cut(Source::Weight { layer, x, slopes, rows }, from, units * row);
        }
        cut(Source::Bias { slopes, rows }, placed.bias.start, stride(layer.units));
    }
    blocks
}

/// Computes a block's gradient.
pub(super) struct Sum<'a, 'b>(pub(super) &'b mut Block<'a>);

impl WithSimd for Sum<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let gradient = &mut *self.0.gradient;
        match self.0.source {
            Source::Shards { parts, from } => {
                gradient.fill(0.0);
                for part in parts {
                    let part = &part[from..from + gradient.len()];
                    gradient.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
                }
            }
            // A private step that no row joined.
            Source::Weight { rows: 0, .. } | Source::Bias { rows: 0, .. } => gradient.fill(0.0),
            Source::Weight { layer, x, slopes, rows } => {
                dense::weight_gradient(simd, layer, (x, rows), slopes, gradient);
            }
            Source::Bias { slopes, rows } => {
                let sums = slopes.chunks_exact(rows).map(|unit| unit.iter().sum());
                gradient.iter_mut().zip(sums).for_each(|(sum, x): (&mut f32, f32)| *sum = x);
            }
        }
    }
}

/// Moves a block's numbers.
pub(super) struct Move<'a, 'b>(pub(super) &'b mut Block<'a>, pub(super) &'b Update);

impl WithSimd for Move<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Block { numbers, gradient, first, second, .. } = self.0;
        self.1.apply(numbers, gradient, first, second);
    }
}
