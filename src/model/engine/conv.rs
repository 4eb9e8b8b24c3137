//! Convolution 3×3 without padding, bias, relu and, if wanted, max-pool 2×2, of one picture that lies
//! as `(height, width, channels)`, and its way back.
//!
//! Forward copies no patches: with three runs to a row, [`Left`] reads the input where it lies. Under
//! a pool only the cells that the pool reads are computed, two lines at a time, and only the largest
//! of four is kept, with its place.
//!
//! On the way back only outputs that are open have a gradient: behind a pool the largest of four
//! cells, and in any case those above zero. They are listed first, by filter; then a filter's gradient
//! is a sum over its list of the input under the kernel, held in registers, and the gradient of the
//! input under one place a sum over the filters that are open there.

use super::super::kernels::relu;
use super::product::product;
use super::simd::{Left, PANEL, Term, UNIT, gather, is_wide, lanes, padded, pool};
use pulp::Simd;

/// The sizes of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conv {
    /// Lines of the input, at least 3.
    pub(super) height: usize,
    /// Columns of the input, at least 3.
    pub(super) width: usize,
    /// Numbers of one place of the input: channels, rounded up behind the first convolution.
    pub(super) channels: usize,
    /// Filters.
    pub(super) filters: usize,
    /// Whether a max-pool 2×2 follows.
    pub(super) pooled: bool,
}

impl Conv {
    /// Numbers of one place of the output.
    pub(super) fn wide(self) -> usize {
        self.filters.next_multiple_of(PANEL)
    }

    /// Lines and columns of the output, behind the pool.
    pub(super) fn cells(self) -> (usize, usize) {
        let (height, width) = (self.height - 2, self.width - 2);
        if self.pooled { (height / 2, width / 2) } else { (height, width) }
    }

    /// Numbers of an input.
    pub(super) fn picture(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Numbers of an input, with what may be read behind its last line.
    pub(super) fn input(self) -> usize {
        self.picture() + UNIT
    }

    /// Numbers of an output.
    pub(super) fn output(self) -> usize {
        self.cells().0 * self.cells().1 * self.wide()
    }

    /// Numbers of a line under the kernel, and with what a register reads behind it.
    pub(super) fn run(self) -> (usize, usize) {
        (3 * self.channels, padded(3 * self.channels))
    }

    /// Numbers of the kernel as filters: `(filters, 3, run)`.
    pub(super) fn kernel(self) -> usize {
        self.filters * 3 * self.run().1
    }

    /// Numbers of the kernel as panels: `(panels, 3, run, PANEL)`.
    pub(super) fn panels(self) -> usize {
        self.wide() * 3 * self.run().0
    }

    /// Numbers of the lines that [`forward`] works in.
    pub(super) fn lines(self) -> usize {
        2 * (self.width - 2) * self.wide()
    }

    /// Terms of the lists that [`backward`] works in.
    pub(super) fn terms(self) -> usize {
        self.filters * self.cells().0 * self.cells().1
    }
}

/// The kernel as panels, from the kernel as filters.
pub(super) fn pack(c: Conv, kernel: &[f32], panels: &mut [f32]) {
    let ((run, stride), terms) = (c.run(), 3 * c.run().0);
    panels.fill(0.0);
    for (f, filter) in kernel.chunks_exact(3 * stride).enumerate() {
        let panel = &mut panels[f / PANEL * terms * PANEL..][..terms * PANEL];
        for (line, numbers) in filter.chunks_exact(stride).enumerate() {
            for (k, number) in numbers[..run].iter().enumerate() {
                panel[(line * run + k) * PANEL + f % PANEL] = *number;
            }
        }
    }
}

/// The output of one picture, and with a pool the place of the largest, 0 to 3, per output. `bias`
/// has a number per padded filter; `lines` may hold anything.
#[inline(always)]
pub(super) fn forward<S: Simd>(
    simd: S,
    c: Conv,
    x: &[f32],
    (panels, bias): (&[f32], &[f32]),
    (lines, out, which): (&mut [f32], &mut [f32], &mut [u8]),
) {
    let (wide, (rows, columns)) = (c.wide(), c.cells());
    let (out, per) = (&mut out[..c.output()], if c.pooled { 2 } else { 1 });
    let line = per * columns * wide;
    for (row, out) in out.chunks_exact_mut(columns * wide).enumerate().take(rows) {
        for (panel, kernel) in panels.chunks_exact(3 * c.run().0 * PANEL).enumerate() {
            for (i, to) in lines.chunks_exact_mut(line).take(per).enumerate() {
                let x = &x[(row * per + i) * c.width * c.channels..];
                one_line(simd, c, x, kernel, (&mut to[panel * PANEL..], per * columns));
            }
        }
        if c.pooled {
            let which = &mut which[row * columns * wide..][..columns * wide];
            pooled(simd, wide, lines, bias, (out, which));
        } else {
            let sums = out.iter_mut().zip(&*lines).zip(bias.iter().cycle());
            sums.for_each(|((out, x), b)| *out = relu(x + b));
        }
    }
}

/// The first `columns` outputs of a line for the filters of one panel, without bias.
#[inline(always)]
fn one_line<S: Simd>(
    simd: S,
    c: Conv,
    x: &[f32],
    kernel: &[f32],
    (out, columns): (&mut [f32], usize),
) {
    let run = c.width * c.channels;
    let left = Left { data: x, row: c.channels, runs: 3, len: c.run().0, run };
    for from in (0..PANEL).step_by(2 * lanes::<S>()) {
        let right = (&kernel[from..], PANEL);
        let out = (&mut out[from..], c.wide());
        product(simd, columns, left, right, out);
    }
}

#[inline(always)]
fn pooled<S: Simd>(
    simd: S,
    wide: usize,
    lines: &[f32],
    bias: &[f32],
    (out, which): (&mut [f32], &mut [u8]),
) {
    let (upper, lower) = lines.split_at(2 * out.len());
    let cells = out.chunks_exact_mut(wide).zip(which.chunks_exact_mut(wide));
    let cells = cells.zip(upper.chunks_exact(2 * wide).zip(lower.chunks_exact(2 * wide)));
    for ((out, which), (upper, lower)) in cells {
        let ((a, b), (c, d)) = (upper.split_at(wide), lower.split_at(wide));
        pool(simd, [a, b, c, d], bias, out, which);
    }
}

/// What the way back reads of one picture.
#[derive(Clone, Copy)]
pub(super) struct Back<'a> {
    /// The input.
    pub(super) x: &'a [f32],
    /// The output.
    pub(super) values: &'a [f32],
    /// With a pool, the place of the largest.
    pub(super) which: &'a [u8],
    /// The gradient of the output.
    pub(super) gradient: &'a [f32],
}

/// Memory of the way back.
#[derive(Default)]
pub(super) struct Lists {
    terms: Vec<Term>,
    lengths: Vec<usize>,
    open: Vec<f32>,
    corner: Vec<u32>,
}

impl Lists {
    /// Room for this convolution.
    pub(super) fn reserve(&mut self, c: Conv) {
        let (wide, terms) = (c.wide(), c.terms().max(4 * c.wide()));
        self.terms.resize(terms.max(self.terms.len()), Term::default());
        self.lengths.resize(wide.max(self.lengths.len()), 0);
        self.open.resize(wide.max(self.open.len()), 0.0);
        self.corner.resize(wide.max(self.corner.len()), 0);
    }
}

impl Back<'_> {
    /// Of one cell: the gradient of each filter, zero where it is shut, and how far the input under
    /// the kernel lies from that of the cell's first corner.
    #[inline(always)]
    fn cell(&self, c: Conv, cell: usize, open: &mut [f32], corner: &mut [u32]) {
        let at = cell * c.wide()..(cell + 1) * c.wide();
        let cells = self.values[at.clone()].iter().zip(&self.gradient[at.clone()]);
        for (open, (value, gradient)) in open.iter_mut().zip(cells) {
            *open = if *value > 0.0 { *gradient } else { 0.0 };
        }
        if c.pooled {
            let (line, place) = (narrow(c.width * c.channels), narrow(c.channels));
            for (corner, which) in corner.iter_mut().zip(&self.which[at]) {
                *corner = u32::from(which & 1) * place + u32::from(which >> 1) * line;
            }
        }
    }
}

/// Adds the gradients of kernel (as filters) and bias (one number per padded filter).
#[inline(always)]
pub(super) fn backward<S: Simd>(
    simd: S,
    c: Conv,
    back: Back<'_>,
    lists: &mut Lists,
    (d_kernel, d_bias): (&mut [f32], &mut [f32]),
) {
    let (cells, filter) = (c.cells().0 * c.cells().1, 3 * c.run().1);
    by_filter(c, back, lists, d_bias);
    let terms = lists.terms.chunks_exact(cells).zip(&lists.lengths);
    for ((terms, &n), d_kernel) in terms.zip(d_kernel.chunks_exact_mut(filter)) {
        let source = (back.x, c.width * c.channels);
        let (run, stride) = c.run();
        lines_of_three(simd, stride, &terms[..n], source, (d_kernel, stride));
        if run < stride {
            // What lies behind a line was summed along, and means nothing.
            d_kernel.chunks_exact_mut(stride).for_each(|line| line[run..].fill(0.0));
        }
    }
}

/// Lists the open cells of each filter: where the input lies under the kernel, and the gradient.
#[inline(always)]
fn by_filter(c: Conv, back: Back<'_>, lists: &mut Lists, d_bias: &mut [f32]) {
    let cells = c.cells().0 * c.cells().1;
    let wide = c.wide();
    let (open, corner) = (&mut lists.open[..wide], &mut lists.corner[..wide]);
    corner.fill(0);
    lists.lengths.fill(0);
    for (cell, base) in places(c).enumerate() {
        back.cell(c, cell, open, corner);
        d_bias.iter_mut().zip(&*open).for_each(|(sum, by)| *sum += by);
        let rows = lists.terms.chunks_exact_mut(cells).zip(&mut lists.lengths);
        for ((terms, length), (&by, &corner)) in rows.zip(open.iter().zip(&*corner)) {
            terms[*length] = Term { at: base + corner, by };
            *length += usize::from(by != 0.0);
        }
    }
}

/// Adds the gradient of the input; `kernel` is as filters.
#[inline(always)]
pub(super) fn backward_input<S: Simd>(
    simd: S,
    c: Conv,
    back: Back<'_>,
    lists: &mut Lists,
    (kernel, d_x): (&[f32], &mut [f32]),
) {
    let (wide, stride) = (c.wide(), c.run().1);
    let (open, corner) = (&mut lists.open[..wide], &mut lists.corner[..wide]);
    corner.fill(0);
    for (cell, base) in places(c).enumerate() {
        back.cell(c, cell, open, corner);
        let place = |which: usize| usize::from(c.pooled) * which * wide;
        let mut lengths = [0usize; 4];
        let which = &back.which[if c.pooled { cell * wide..(cell + 1) * wide } else { 0..0 }];
        for (f, at) in (0..c.filters).zip((0..).step_by(3 * stride)) {
            let which = which.get(f).map_or(0, |&which| usize::from(which & 3));
            lists.terms[place(which) + lengths[which]] = Term { at, by: open[f] };
            lengths[which] += usize::from(open[f] != 0.0);
        }
        for (which, &n) in lengths.iter().enumerate().filter(|(_, n)| **n > 0) {
            let corner = [0, c.channels, c.width * c.channels, (c.width + 1) * c.channels][which];
            let to = usize::try_from(base).unwrap_or(usize::MAX) + corner;
            let d_x = (&mut d_x[to..], c.width * c.channels);
            lines_of_three(simd, stride, &lists.terms[place(which)..][..n], (kernel, stride), d_x);
        }
    }
}

/// Where the input under the kernel begins, by cell; under a pool for its first corner.
fn places(c: Conv) -> impl Iterator<Item = u32> {
    let (rows, columns) = c.cells();
    let step = if c.pooled { 2 } else { 1 };
    let (line, place) = (narrow(step * c.width * c.channels), narrow(step * c.channels));
    (0..narrow(rows)).flat_map(move |y| (0..narrow(columns)).map(move |x| y * line + x * place))
}

fn narrow(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// [`gather`] over three lines of `run` numbers, in as few passes as the registers allow.
#[inline(always)]
fn lines_of_three<S: Simd>(
    simd: S,
    run: usize,
    terms: &[Term],
    (source, source_row): (&[f32], usize),
    (out, out_row): (&mut [f32], usize),
) {
    let mut from = 0;
    while from < run {
        let left = (run - from) / lanes::<S>();
        let (source, out) = ((&source[from..], source_row), (&mut out[from..], out_row));
        let taken = if const { is_wide::<S>() } && left >= 6 {
            gather::<S, 3, 6>(simd, terms, source, out);
            6
        } else if left >= 4 {
            gather::<S, 3, 4>(simd, terms, source, out);
            4
        } else if left >= 2 {
            gather::<S, 3, 2>(simd, terms, source, out);
            2
        } else {
            gather::<S, 3, 1>(simd, terms, source, out);
            1
        };
        from += taken * lanes::<S>();
    }
}
