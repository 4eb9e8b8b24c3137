//! Dense layers of a few rows, and their way back.

use super::super::kernels::relu;
use super::product::product;
use super::simd::{Left, PANEL, dots, is_wide, lanes};
use pulp::Simd;

/// The sizes of a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dense {
    /// Numbers that go in.
    pub(super) inputs: usize,
    /// Numbers that come out.
    pub(super) units: usize,
    /// Whether a relu follows.
    pub(super) relu: bool,
}

/// Numbers between two rows of `len` that mean something: whole panels, and not a multiple of 4 KiB,
/// which would lay all rows into the same lines of the cache.
pub(super) fn stride(len: usize) -> usize {
    let whole = len.next_multiple_of(PANEL);
    if whole.is_multiple_of(1024) { whole + PANEL } else { whole }
}

/// `out = x · weightᵀ + bias`, with the layer's relu, for `rows` rows. `x` has rows of
/// `stride(inputs)`, `weight` too, one per unit; `out` has rows of `stride(units)`.
#[inline(always)]
pub(super) fn forward<S: Simd>(
    simd: S,
    d: Dense,
    (x, rows): (&[f32], usize),
    (weight, bias): (&[f32], &[f32]),
    out: &mut [f32],
) {
    let (x_row, out_row) = (stride(d.inputs), stride(d.units));
    let mut unit = 0;
    while unit < d.units {
        let units = if d.units - unit >= 3 { 3 } else { 1 };
        let weight = &weight[unit * x_row..];
        let mut row = 0;
        while row < rows {
            let x = &x[row * x_row..];
            let mut write = |r: usize, sums: &[f32]| {
                for (u, sum) in sums.iter().enumerate() {
                    let y = sum + bias[unit + u];
                    out[(row + r) * out_row + unit + u] = if d.relu { relu(y) } else { y };
                }
            };
            row += match (if const { is_wide::<S>() } { rows - row } else { 1 }, units) {
                (8.., 3) => block::<S, 8, 3>(simd, (x, weight), x_row, &mut write),
                (_, 3) if rows - row >= 3 => block::<S, 3, 3>(simd, (x, weight), x_row, &mut write),
                (_, 3) => block::<S, 1, 3>(simd, (x, weight), x_row, &mut write),
                _ => block::<S, 1, 1>(simd, (x, weight), x_row, &mut write),
            };
        }
        unit += units;
    }
}

#[inline(always)]
fn block<S: Simd, const ROWS: usize, const UNITS: usize>(
    simd: S,
    (x, weight): (&[f32], &[f32]),
    row: usize,
    write: &mut impl FnMut(usize, &[f32]),
) -> usize {
    let sums = dots::<S, ROWS, UNITS>(simd, (x, row), (weight, row), row);
    sums.iter().enumerate().for_each(|(r, sums)| write(r, sums));
    ROWS
}

/// The gradient of the input of `rows` rows. `d_y` has rows of `stride(units)`.
#[inline(always)]
pub(super) fn input_gradient<S: Simd>(
    simd: S,
    d: Dense,
    (d_y, rows): (&[f32], usize),
    weight: &[f32],
    d_x: &mut [f32],
) {
    let row = stride(d.inputs);
    let left = Left { data: d_y, row: stride(d.units), runs: 1, len: d.units, run: 0 };
    for from in (0..row).step_by(2 * lanes::<S>()) {
        product(simd, rows, left, (&weight[from..], row), (&mut d_x[from..], row));
    }
}

/// The gradient of the weight over all `rows` of the batch. `d_y` is `(units, rows)`, `d_weight` has
/// rows of `stride(inputs)`, one per unit.
#[inline(always)]
pub(super) fn weight_gradient<S: Simd>(
    simd: S,
    d: Dense,
    (x, rows): (&[f32], usize),
    d_y: &[f32],
    d_weight: &mut [f32],
) {
    let row = stride(d.inputs);
    let left = Left { data: d_y, row: rows, runs: 1, len: rows, run: 0 };
    for from in (0..row).step_by(2 * lanes::<S>()) {
        let out = (&mut d_weight[from..], row);
        product(simd, d.units, left, (&x[from..], row), out);
    }
}
