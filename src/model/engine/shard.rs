//! One shard of a batch: a few pictures, forward and back, on one thread.

use super::super::dp_sgd::PrivateStep;
use super::super::learner::{Batch, Loss};
use super::super::network::narrow;
use super::conv::{self, Back, Lists};
use super::dense::{self, stride};
use super::layout::Layout;
use super::simd::square;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Memory of a thread, kept from shard to shard.
#[derive(Default)]
pub(super) struct Arena {
    /// The input of each convolution, for all pictures of the shard.
    inputs: Vec<Vec<f32>>,
    /// Places of the largest, for all pictures of the shard.
    which: Vec<Vec<u8>>,
    /// Lines of a convolution under way.
    lines: Vec<f32>,
    /// Gradient of the flat maps of all pictures of the shard.
    d_flat: Vec<f32>,
    /// Gradient of the input of each convolution but the first, for one picture.
    d_inputs: Vec<Vec<f32>>,
    /// Gradient of the convolutions' numbers by one picture, where rows are clipped.
    own: Vec<f32>,
    lists: Lists,
}

impl Arena {
    fn reserve(&mut self, layout: &Layout, rows: usize) {
        let count = layout.convs.len();
        self.inputs.resize(count, Vec::new());
        self.which.resize(count, Vec::new());
        self.d_inputs.resize(count, Vec::new());
        for (i, conv) in layout.convs.iter().enumerate() {
            let c = conv.layer;
            grow(&mut self.inputs[i], rows * c.input(), 0.0);
            grow(&mut self.which[i], rows * c.output(), 0);
            grow(&mut self.d_inputs[i], c.input(), 0.0);
            grow(&mut self.lines, c.lines(), 0.0);
            self.lists.reserve(c);
        }
        grow(&mut self.own, layout.convolutions(), 0.0);
        grow(&mut self.d_flat, rows * stride(layout.dense[0].layer.inputs), 0.0);
    }
}

/// Makes room, and keeps what is there.
pub(super) fn grow<T: Copy>(buffer: &mut Vec<T>, len: usize, with: T) {
    if buffer.len() < len {
        buffer.resize(len, with);
    }
}

/// What all shards of a batch read.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) layout: &'a Layout,
    pub(super) numbers: &'a [f32],
    /// The kernel of each convolution as panels.
    pub(super) panels: &'a [Vec<f32>],
    pub(super) batch: &'a Batch<'a>,
}

/// What one shard writes: its rows of the batch's buffers.
#[derive(Default)]
pub(super) struct Rows<'a> {
    /// Which rows of the batch.
    pub(super) rows: Range<usize>,
    /// The input of each dense layer, then the logits, each row `stride` long.
    pub(super) values: Vec<&'a mut [f32]>,
}

/// Forward.
pub(super) struct Forward<'a, 'b> {
    pub(super) shared: Shared<'a>,
    pub(super) rows: &'b mut Rows<'a>,
    pub(super) arena: &'b mut Arena,
}

impl WithSimd for Forward<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shared, rows, arena } = self;
        arena.reserve(shared.layout, rows.rows.len());
        for i in 0..rows.rows.len() {
            convolve(simd, shared, rows, arena, i);
        }
        for (i, placed) in shared.layout.dense.iter().enumerate() {
            let (weight, bias) = (&shared.numbers[placed.weight.clone()], placed.bias.clone());
            let (x, out) = rows.values.split_at_mut(i + 1);
            let x = (&*x[i], rows.rows.len());
            dense::forward(simd, placed.layer, x, (weight, &shared.numbers[bias]), out[0]);
        }
    }
}

/// Reads picture `i` of the shard, and takes it through the convolutions.
#[inline(always)]
fn convolve<S: Simd>(
    simd: S,
    shared: Shared<'_>,
    rows: &mut Rows<'_>,
    arena: &mut Arena,
    i: usize,
) {
    let flat = stride(shared.layout.dense[0].layer.inputs);
    let flat = &mut rows.values[0][i * flat..(i + 1) * flat];
    let picture = rows.rows.start + i;
    let Some(first) = shared.layout.convs.first() else {
        return shared.batch.fill(picture, &mut flat[..shared.layout.dense[0].layer.inputs]);
    };
    let (from, len) = (i * first.layer.input(), first.layer.picture());
    shared.batch.fill(picture, &mut arena.inputs[0][from..from + len]);
    let last = shared.layout.convs.len() - 1;
    for (at, placed) in shared.layout.convs.iter().enumerate() {
        let c = placed.layer;
        let (x, after) = arena.inputs.split_at_mut(at + 1);
        let x = &x[at][i * c.input()..][..c.input()];
        let which = &mut arena.which[at][i * c.output()..][..c.output()];
        let next = shared.layout.convs.get(at + 1).map_or(0, |next| next.layer.input());
        let out = if at == last { &mut *flat } else { &mut after[0][i * next..(i + 1) * next] };
        let numbers = (shared.panels[at].as_slice(), &shared.numbers[placed.bias.clone()]);
        conv::forward(simd, c, x, numbers, (&mut arena.lines, out, which));
    }
}

/// Back, after [`Forward`] with the same arena.
pub(super) struct Backward<'a, 'b> {
    pub(super) shared: Shared<'a>,
    pub(super) rows: &'b mut Rows<'a>,
    pub(super) arena: &'b mut Arena,
    pub(super) loss: &'a Loss,
    /// The part of each row of the batch in the loss.
    pub(super) shares: &'a [f64],
    /// Gradient of each dense layer's sums, each row `stride` long.
    pub(super) slopes: &'b mut [&'a mut [f32]],
    /// Gradient of the convolutions' numbers: the shard's part; and how many rows were clipped.
    pub(super) sums: (&'b mut [f32], &'b mut u64),
    /// Where rows are clipped, and the shares are their weights.
    pub(super) private: Option<&'a PrivateStep>,
}

impl WithSimd for Backward<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.slope();
        let (rows, layout) = (self.rows.rows.len(), self.shared.layout);
        let (convs, lowest) = (layout.convs.len(), layout.lowest());
        for (i, placed) in layout.dense.iter().enumerate().rev() {
            if convs + i <= lowest {
                break;
            }
            let (d, weight) = (placed.layer, &self.shared.numbers[placed.weight.clone()]);
            let (before, own) = self.slopes.split_at_mut(i);
            if let Some(d_x) = before.last_mut() {
                dense::input_gradient(simd, d, (own[0], rows), weight, d_x);
                // The relu before this layer lets through where its output, our input, is positive.
                let values = d_x.iter_mut().zip(&*self.rows.values[i]);
                values.for_each(|(d_x, x)| *d_x = if *x > 0.0 { *d_x } else { 0.0 });
            } else {
                dense::input_gradient(simd, d, (own[0], rows), weight, &mut self.arena.d_flat);
            }
        }
        self.sums.0.fill(0.0);
        for i in 0..rows {
            match self.private {
                None => self.convolve(simd, i, &mut None),
                Some(private) => self.clipped(simd, i, private),
            }
        }
    }
}

impl Backward<'_, '_> {
    /// The gradient of the logits.
    fn slope(&mut self) {
        let classes = self.shared.layout.dense.last().map_or(0, |d| d.layer.units);
        let (Some(logits), Some(slopes)) = (self.rows.values.last(), self.slopes.last_mut()) else {
            return;
        };
        let row = stride(classes);
        let rows = logits.chunks_exact(row).zip(slopes.chunks_exact_mut(row));
        for (i, (logits, slope)) in self.rows.rows.clone().zip(rows) {
            let class = self.shared.batch.class(i);
            self.loss.slope(&logits[..classes], class, self.shares[i], &mut slope[..classes]);
        }
    }

    /// As [`Backward::convolve`], with the whole gradient of the row shortened to the limit. A dense layer's gradient by one row is the product of two vectors, so its
    /// norm is known without it.
    #[inline(always)]
    fn clipped<S: Simd>(&mut self, simd: S, i: usize, private: &PrivateStep) {
        let mut own = std::mem::take(&mut self.arena.own);
        own.fill(0.0);
        self.convolve(simd, i, &mut Some(&mut own));
        let mut squares = f64::from(square(simd, &own));
        let dense = self.shared.layout.dense.iter().enumerate();
        for (at, placed) in dense.filter(|(_, placed)| !placed.frozen) {
            let (inputs, units) = (stride(placed.layer.inputs), stride(placed.layer.units));
            let x = square(simd, &self.rows.values[at][i * inputs..][..inputs]);
            let d_y = square(simd, &self.slopes[at][i * units..][..units]);
            squares += f64::from(d_y) * (1.0 + f64::from(x));
        }
        let factor = private.factor(squares.sqrt());
        *self.sums.1 += u64::from(factor < 1.0);
        let factor = narrow(factor);
        self.sums.0.iter_mut().zip(&own).for_each(|(sum, x)| *sum += factor * x);
        for (at, placed) in self.shared.layout.dense.iter().enumerate() {
            let units = stride(placed.layer.units);
            self.slopes[at][i * units..][..units].iter_mut().for_each(|x| *x *= factor);
        }
        self.arena.own = own;
    }

    /// Takes the gradient of picture `i` of the shard back through the convolutions, into `own`
    /// where there is one, else into the shard's sums.
    #[inline(always)]
    fn convolve<S: Simd>(&mut self, simd: S, i: usize, own: &mut Option<&mut [f32]>) {
        let layout = self.shared.layout;
        let flat = stride(layout.dense[0].layer.inputs);
        let lowest = layout.lowest();
        for (at, placed) in layout.convs.iter().enumerate().skip(lowest).rev() {
            let (c, arena) = (placed.layer, &mut *self.arena);
            let (inputs, after) = arena.inputs.split_at(at + 1);
            let (d_inputs, d_after) = arena.d_inputs.split_at_mut(at + 1);
            let (values, gradient) = match (layout.convs.get(at + 1), after.first()) {
                (Some(next), Some(after)) => {
                    (&after[i * next.layer.input()..], d_after[0].as_slice())
                }
                _ => (&self.rows.values[0][i * flat..], &arena.d_flat[i * flat..]),
            };
            let back = Back {
                x: &inputs[at][i * c.input()..][..c.input()],
                values: &values[..c.output()],
                which: &arena.which[at][i * c.output()..][..c.output()],
                gradient: &gradient[..c.output()],
            };
            if !placed.frozen {
                let sums = own.as_deref_mut().unwrap_or(self.sums.0);
                let (kernel, bias) = sums[placed.weight.start..].split_at_mut(c.kernel());
                let sums = (kernel, &mut bias[..c.wide()]);
                conv::backward(simd, c, back, &mut arena.lists, sums);
            }
            if at > lowest {
                let d_x = &mut d_inputs[at][..c.input()];
                d_x.fill(0.0);
                let kernel = &self.shared.numbers[placed.weight.clone()];
                conv::backward_input(simd, c, back, &mut arena.lists, (kernel, d_x));
            }
        }
    }
}
