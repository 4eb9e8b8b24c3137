//! A convolution with bias, relu and 2×2 max-pool, of one picture: the map before the pool never
//! leaves the cache. An odd last row or column is dropped.
//!
//! Behind the pool at most one of four outputs has a gradient, and behind the relu fewer: the way
//! back visits only those, which costs less than a quarter of the dense products.

use super::conv::{self, Shape};

/// Output rows that are computed before they are pooled: they stay in the second-level cache.
const BAND: usize = 8;

/// Rows and columns of the pooled map.
pub(crate) fn pooled_size(s: Shape) -> (usize, usize) {
    (s.out_height() / 2, s.out_width() / 2)
}

/// Numbers of one pooled picture.
pub(crate) fn pooled_len(s: Shape) -> usize {
    let (height, width) = pooled_size(s);
    height * width * s.filters
}

/// Numbers that [`forward`] needs as scratch.
pub(crate) fn scratch_len(s: Shape) -> usize {
    BAND * s.width * s.filters
}

/// What comes out of [`forward`], each `(pooled height, pooled width, filters)`.
pub(crate) struct Pooled<'a> {
    /// The largest of four, plus bias, after relu.
    pub(crate) values: &'a mut [f32],
    /// Which of the four cells was the largest, 0 to 3 in reading order; the first of equals.
    pub(crate) argmax: &'a mut [u8],
}

/// Convolution, bias, relu, pool. `kernel` is `(3, 3, channels, filters)`; the scratch may hold
/// anything.
pub(crate) fn forward(
    s: Shape,
    x: &[f32],
    (kernel, bias): (&[f32], &[f32]),
    scratch: &mut [f32],
    out: &mut Pooled<'_>,
) {
    let (height, width) = pooled_size(s);
    let row = width * s.filters;
    for top in (0..height).step_by(BAND / 2) {
        let bottom = height.min(top + BAND / 2);
        conv::rows(s, x, kernel, 2 * top..2 * bottom, scratch);
        for y in top..bottom {
            let pair = &scratch[2 * (y - top) * s.width * s.filters..];
            let (values, argmax) =
                (&mut out.values[y * row..][..row], &mut out.argmax[y * row..][..row]);
            pool_row(s, pair, bias, &mut Pooled { values, argmax });
        }
    }
}

/// Bias, relu and pool of two output rows `(2, width, filters)`.
fn pool_row(s: Shape, rows: &[f32], bias: &[f32], out: &mut Pooled<'_>) {
    let filters = s.filters;
    let cells = out.values.chunks_exact_mut(filters).zip(out.argmax.chunks_exact_mut(filters));
    for (column, (values, argmax)) in cells.enumerate() {
        let cell = |dy, dx| &rows[(dy * s.width + 2 * column + dx) * filters..][..filters];
        let window = [cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)];
        for i in 0..filters {
            let upper = larger((window[0][i], 0), (window[1][i], 1));
            let lower = larger((window[2][i], 2), (window[3][i], 3));
            let (best, which) = larger(upper, lower);
            values[i] = relu(best + bias[i]);
            argmax[i] = which;
        }
    }
}

/// The larger of two cells, the first of equals.
fn larger(first: (f32, u8), second: (f32, u8)) -> (f32, u8) {
    if second.0 > first.0 { second } else { first }
}

/// The larger of 0 and `x`. NaN stays NaN, so that a broken weight shows in the loss.
pub(crate) fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// What came out of [`forward`] and the gradient that came back for it.
#[derive(Clone, Copy)]
pub(crate) struct Back<'a> {
    /// As [`Pooled::values`].
    pub(crate) values: &'a [f32],
    /// As [`Pooled::argmax`].
    pub(crate) argmax: &'a [u8],
    /// Gradient of `values`.
    pub(crate) gradient: &'a [f32],
}

impl Back<'_> {
    /// Calls `visit` with input position `y * width + x`, filter and gradient of each output that
    /// has one.
    fn for_each_live(self, s: Shape, mut visit: impl FnMut(usize, usize, f32)) {
        let (height, width) = pooled_size(s);
        for cell in 0..height * width {
            let corner = 2 * (cell / width) * s.width + 2 * (cell % width);
            for filter in 0..s.filters {
                let i = cell * s.filters + filter;
                if self.values[i] > 0.0 {
                    let which = usize::from(self.argmax[i]);
                    visit(corner + which / 2 * s.width + which % 2, filter, self.gradient[i]);
                }
            }
        }
    }
}

/// Adds the gradients of kernel, `(filters, 3, 3, channels)`, and bias.
pub(crate) fn add_gradients(
    s: Shape,
    x: &[f32],
    back: Back<'_>,
    d_kernel: &mut [f32],
    d_bias: &mut [f32],
) {
    back.for_each_live(s, |position, filter, g| {
        d_bias[filter] += g;
        let rows = d_kernel[filter * s.patch()..][..s.patch()].chunks_exact_mut(s.run());
        for (kh, row) in rows.enumerate() {
            add_scaled(row, g, &x[(position + kh * s.width) * s.channels..]);
        }
    });
}

/// Adds the gradient of the input to `d_x`, `(height, width, channels)`.
/// `kernel` is `(filters, 3, 3, channels)`.
pub(crate) fn add_input_gradient(s: Shape, kernel: &[f32], back: Back<'_>, d_x: &mut [f32]) {
    back.for_each_live(s, |position, filter, g| {
        let rows = kernel[filter * s.patch()..][..s.patch()].chunks_exact(s.run());
        for (kh, row) in rows.enumerate() {
            let at = (position + kh * s.width) * s.channels;
            add_scaled(&mut d_x[at..at + s.run()], g, row);
        }
    });
}

/// `out += factor * values`, as long as `out`.
fn add_scaled(out: &mut [f32], factor: f32, values: &[f32]) {
    for (o, v) in out.iter_mut().zip(values) {
        *o += factor * v;
    }
}
