//! Convolution 3×3, stride 1, no padding, of one picture that lies as `(height, width, channels)`.
//!
//! No patches are copied. With the input flat, the patch row that belongs to output position
//! `p = y * width + x` and kernel row `kh` is the contiguous run of `3 * channels` numbers at
//! `(p + kh * width) * channels`; all those rows together are one matrix whose rows overlap
//! (row stride `channels`). So a convolution is three matrix products, one for each kernel row.
//! The price: outputs are computed `width` to a row, of which the last two are meaningless
//! ("junk"); forward never reads them, backward holds zeros there.

use super::gemm::{Before, Matrix, MatrixMut, multiply};
use std::ops::Range;

/// The sizes of one convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Rows of the input, at least 3.
    pub(crate) height: usize,
    /// Columns of the input, at least 3.
    pub(crate) width: usize,
    /// Channels of the input.
    pub(crate) channels: usize,
    /// Channels of the output.
    pub(crate) filters: usize,
}

impl Shape {
    /// Numbers of one input picture.
    pub(crate) fn input(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Rows of the output.
    pub(crate) fn out_height(self) -> usize {
        self.height - 2
    }

    /// Columns of the output that mean something.
    pub(crate) fn out_width(self) -> usize {
        self.width - 2
    }

    /// Numbers of one kernel row of one filter.
    pub(crate) fn run(self) -> usize {
        3 * self.channels
    }

    /// Numbers of one filter.
    pub(crate) fn patch(self) -> usize {
        9 * self.channels
    }
}

/// Output rows `rows` without bias: `out` is `(rows, width, filters)`, the last two columns junk.
/// `kernel` is `(3, 3, channels, filters)`.
pub(crate) fn rows(s: Shape, x: &[f32], kernel: &[f32], rows: Range<usize>, out: &mut [f32]) {
    let (run, positions) = (s.run(), rows.len() * s.width - 2);
    for kh in 0..3 {
        let from = (rows.start + kh) * s.width * s.channels;
        let patches = Matrix::new(&x[from..], positions, run, s.channels);
        let weights = Matrix::new(&kernel[kh * run * s.filters..], run, s.filters, s.filters);
        let mut out = MatrixMut::new(out, positions, s.filters, s.filters);
        multiply(&mut out, if kh == 0 { Before::Drop } else { Before::Keep }, patches, weights);
    }
}

/// Adds the gradient of the kernel to `d_kernel`, `(filters, 3, 3, channels)`.
/// `d_out` is `(out_height, width, filters)` with zeros as junk.
pub(crate) fn add_kernel_gradient(s: Shape, x: &[f32], d_out: &[f32], d_kernel: &mut [f32]) {
    let (run, positions) = (s.run(), s.out_height() * s.width - 2);
    for kh in 0..3 {
        let patches = Matrix::new(&x[kh * s.width * s.channels..], positions, run, s.channels);
        let d_out = Matrix::new(d_out, positions, s.filters, s.filters);
        let mut out = MatrixMut::new(&mut d_kernel[kh * run..], s.filters, run, 3 * run);
        multiply(&mut out, Before::Keep, d_out.transposed(), patches);
    }
}

/// Positions of zeros that [`input_gradient`] needs before and after `d_out`.
pub(crate) fn margin(s: Shape) -> usize {
    2 * s.width + 2
}

/// The gradient of the input, `(height, width, channels)`: a convolution of the padded gradient
/// with the turned kernel. `d_out` is `(margin + out_height * width + margin, filters)`, zeros in
/// the margins and as junk (so that a run over the edge of a row meets only zeros);
/// `turned` is `(3, 3, filters, channels)` from [`turn`].
pub(crate) fn input_gradient(s: Shape, d_out: &[f32], turned: &[f32], d_x: &mut [f32]) {
    let (run, positions) = (3 * s.filters, s.height * s.width);
    for kh in 0..3 {
        let from = (margin(s) - kh * s.width - 2) * s.filters;
        let patches = Matrix::new(&d_out[from..], positions, run, s.filters);
        let weights = Matrix::new(&turned[kh * run * s.channels..], run, s.channels, s.channels);
        let mut out = MatrixMut::new(d_x, positions, s.channels, s.channels);
        multiply(&mut out, if kh == 0 { Before::Drop } else { Before::Keep }, patches, weights);
    }
}

/// The kernel as files and optimiser hold it, `(filters, channels, 3, 3)`, in the order of
/// [`rows`]: `(3, 3, channels, filters)`.
pub(crate) fn by_position(s: Shape, kernel: &[f32]) -> Vec<f32> {
    let cell = |i: usize| (i / (s.channels * s.filters), i / s.filters % s.channels, i % s.filters);
    let numbers = (0..kernel.len()).map(cell);
    numbers.map(|(at, channel, filter)| kernel[(filter * s.channels + channel) * 9 + at]).collect()
}

/// `(filters, channels, 3, 3)` to `(filters, 3, 3, channels)`.
pub(crate) fn by_filter(s: Shape, kernel: &[f32]) -> Vec<f32> {
    let cell = |i: usize| (i / s.patch(), i / s.channels % 9, i % s.channels);
    let numbers = (0..kernel.len()).map(cell);
    numbers.map(|(filter, at, channel)| kernel[(filter * s.channels + channel) * 9 + at]).collect()
}

/// `(filters, 3, 3, channels)` to `(filters, channels, 3, 3)`: undoes [`by_filter`].
pub(crate) fn as_stored(s: Shape, kernel: &[f32]) -> Vec<f32> {
    let cell = |i: usize| (i / s.patch(), i / 9 % s.channels, i % 9);
    let numbers = (0..kernel.len()).map(cell);
    numbers.map(|(filter, channel, at)| kernel[(filter * 9 + at) * s.channels + channel]).collect()
}

/// `(filters, 3, 3, channels)` to `(3, 3 from right to left, filters, channels)`, the order of
/// [`input_gradient`].
pub(crate) fn turn(s: Shape, kernel: &[f32]) -> Vec<f32> {
    let mut turned = Vec::with_capacity(kernel.len());
    for (kh, kw) in (0..3).flat_map(|kh| [2, 1, 0].map(|kw| (kh, kw))) {
        for filter in 0..s.filters {
            let from = ((filter * 3 + kh) * 3 + kw) * s.channels;
            turned.extend_from_slice(&kernel[from..from + s.channels]);
        }
    }
    turned
}
