//! Convolution of any kernel, stride and padding, of one picture that lies as
//! `(height, width, channels)`: the patches under the kernel are copied into the rows of a matrix,
//! and the rest is a product. Rows of the output are taken in bands, so that a band's patches stay
//! in the cache.

use super::gemm::{Before, Matrix, MatrixMut, multiply};
use std::ops::Range;

/// Output positions of a band, about.
const BAND: usize = 256;

/// The sizes of one convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Rows of the input.
    pub(crate) height: usize,
    /// Columns of the input.
    pub(crate) width: usize,
    /// Channels of the input.
    pub(crate) channels: usize,
    /// Channels of the output.
    pub(crate) filters: usize,
    /// Rows and columns of the kernel.
    pub(crate) kernel: usize,
    /// Step from one output to the next.
    pub(crate) stride: usize,
    /// Zeros on each side.
    pub(crate) margin: usize,
}

impl Shape {
    fn out(self, side: usize) -> usize {
        (side + 2 * self.margin - self.kernel) / self.stride + 1
    }

    /// Rows of the output.
    pub(crate) fn out_height(self) -> usize {
        self.out(self.height)
    }

    /// Columns of the output.
    pub(crate) fn out_width(self) -> usize {
        self.out(self.width)
    }

    /// Numbers of one input picture.
    pub(crate) fn input(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Numbers of one output picture.
    pub(crate) fn output(self) -> usize {
        self.out_height() * self.out_width() * self.filters
    }

    /// Numbers of one filter.
    pub(crate) fn patch(self) -> usize {
        self.kernel * self.kernel * self.channels
    }

    /// Numbers that a band's patches take.
    pub(crate) fn band_len(self) -> usize {
        self.band() * self.out_width() * self.patch()
    }

    fn band(self) -> usize {
        (BAND / self.out_width()).clamp(1, self.out_height())
    }

    fn bands(self) -> impl Iterator<Item = Range<usize>> {
        let (band, height) = (self.band(), self.out_height());
        (0..height).step_by(band).map(move |top| top..height.min(top + band))
    }

    /// The row of the input under row `k` of the kernel at output row `out`; none in the margin.
    fn source(self, out: usize, k: usize, side: usize) -> Option<usize> {
        (out * self.stride + k).checked_sub(self.margin).filter(|&at| at < side)
    }

    /// Calls `visit` with where in the input, and where in the patches of these output rows, each
    /// run of `channels` numbers lies; `None` for zeros of the margin.
    fn for_each_run(self, rows: Range<usize>, mut visit: impl FnMut(Option<usize>, usize)) {
        let mut at = 0;
        for y in rows {
            for x in 0..self.out_width() {
                for (kh, kw) in (0..self.kernel * self.kernel).map(|k| (k / self.kernel, k)) {
                    let row = self.source(y, kh, self.height);
                    let column = self.source(x, kw % self.kernel, self.width);
                    let from = row.zip(column).map(|(r, c)| (r * self.width + c) * self.channels);
                    visit(from, at);
                    at += self.channels;
                }
            }
        }
    }

    fn gather(self, x: &[f32], rows: Range<usize>, patches: &mut [f32]) {
        self.for_each_run(rows, |from, to| {
            let run = &mut patches[to..to + self.channels];
            match from {
                Some(from) => run.copy_from_slice(&x[from..from + self.channels]),
                None => run.fill(0.0),
            }
        });
    }

    fn scatter(self, patches: &[f32], rows: Range<usize>, d_x: &mut [f32]) {
        self.for_each_run(rows, |to, from| {
            let Some(to) = to else { return };
            let run = d_x[to..to + self.channels].iter_mut();
            run.zip(&patches[from..from + self.channels]).for_each(|(d, p)| *d += p);
        });
    }
}

/// The output `(out_height, out_width, filters)`. `kernel` is `(filters, k, k, channels)`; the
/// scratch, [`Shape::band_len`] numbers, may hold anything.
pub(crate) fn forward(
    s: Shape,
    x: &[f32],
    (kernel, bias): (&[f32], &[f32]),
    scratch: &mut [f32],
    out: &mut [f32],
) {
    let weights = Matrix::new(kernel, s.filters, s.patch(), s.patch()).transposed();
    for rows in s.bands() {
        let positions = rows.len() * s.out_width();
        s.gather(x, rows.clone(), scratch);
        let out = &mut out[rows.start * s.out_width() * s.filters..][..positions * s.filters];
        let patches = Matrix::new(scratch, positions, s.patch(), s.patch());
        let mut product = MatrixMut::new(out, positions, s.filters, s.filters);
        multiply(&mut product, Before::Drop, patches, weights);
        for cell in out.chunks_exact_mut(s.filters) {
            cell.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
    }
}

/// Adds the gradients of kernel, `(filters, k, k, channels)`, and bias to `sums`, one behind the
/// other. `d_out` is that of the output; the scratch is as in [`forward`].
pub(crate) fn add_gradients(
    s: Shape,
    x: &[f32],
    d_out: &[f32],
    scratch: &mut [f32],
    sums: &mut [f32],
) {
    let (d_kernel, d_bias) = sums.split_at_mut(s.filters * s.patch());
    for rows in s.bands() {
        let positions = rows.len() * s.out_width();
        let d_out = &d_out[rows.start * s.out_width() * s.filters..][..positions * s.filters];
        s.gather(x, rows, scratch);
        let patches = Matrix::new(scratch, positions, s.patch(), s.patch());
        let left = Matrix::new(d_out, positions, s.filters, s.filters).transposed();
        let mut product = MatrixMut::new(d_kernel, s.filters, s.patch(), s.patch());
        multiply(&mut product, Before::Keep, left, patches);
        for cell in d_out.chunks_exact(s.filters) {
            d_bias.iter_mut().zip(cell).for_each(|(d, g)| *d += g);
        }
    }
}

/// Adds the gradient of the input to `d_x`; arguments as in [`forward`] and [`add_gradients`].
pub(crate) fn add_input_gradient(
    s: Shape,
    kernel: &[f32],
    d_out: &[f32],
    scratch: &mut [f32],
    d_x: &mut [f32],
) {
    let weights = Matrix::new(kernel, s.filters, s.patch(), s.patch());
    for rows in s.bands() {
        let positions = rows.len() * s.out_width();
        let d_out = &d_out[rows.start * s.out_width() * s.filters..][..positions * s.filters];
        let left = Matrix::new(d_out, positions, s.filters, s.filters);
        let mut product = MatrixMut::new(scratch, positions, s.patch(), s.patch());
        multiply(&mut product, Before::Drop, left, weights);
        s.scatter(scratch, rows, d_x);
    }
}

/// The kernel as files and optimiser hold it, `(filters, channels, k, k)`, as `(filters, k, k,
/// channels)`.
pub(crate) fn by_filter(s: Shape, kernel: &[f32]) -> Vec<f32> {
    swapped(kernel, s.channels, s.kernel * s.kernel)
}

/// `(filters, k, k, channels)` to `(filters, channels, k, k)`: undoes [`by_filter`].
pub(crate) fn as_stored(s: Shape, kernel: &[f32]) -> Vec<f32> {
    swapped(kernel, s.kernel * s.kernel, s.channels)
}

/// `(n, rows, cols)` to `(n, cols, rows)`.
fn swapped(numbers: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    let one = rows * cols;
    let from = |i: usize| i / one * one + i % rows * cols + i % one / rows;
    (0..numbers.len()).map(|i| numbers[from(i)]).collect()
}
