//! Dense layer `y = x · weightᵀ + bias` of a batch. Each function computes a
//! block of the result, so that the caller can hand blocks to threads.

use super::gemm::{Before, Matrix, MatrixMut, multiply};

/// The sizes of one dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Numbers that go in, per row.
    pub(crate) inputs: usize,
    /// Numbers that come out, per row.
    pub(crate) units: usize,
}

/// Products without bias of all `rows` of `x` with some units, `(units of the block, rows)`.
/// `weights` are the rows of those units. A row's numbers do not depend on the other rows.
pub(crate) fn products(s: Shape, x: &[f32], weights: &[f32], out: &mut [f32]) {
    let (rows, units) = (x.len() / s.inputs, weights.len() / s.inputs);
    let left = Matrix::new(weights, units, s.inputs, s.inputs);
    let right = Matrix::new(x, rows, s.inputs, s.inputs).transposed();
    multiply(&mut MatrixMut::new(out, units, rows, rows), Before::Drop, left, right);
}

/// Gradient of the weights of some units. `d_y` is their gradient, `(units of the block, rows)`.
pub(crate) fn weight_gradient(s: Shape, x: &[f32], d_y: &[f32], d_weights: &mut [f32]) {
    let (rows, units) = (x.len() / s.inputs, d_weights.len() / s.inputs);
    let left = Matrix::new(d_y, units, rows, rows);
    let right = Matrix::new(x, rows, s.inputs, s.inputs);
    multiply(&mut MatrixMut::new(d_weights, units, s.inputs, s.inputs), Before::Drop, left, right);
}

/// Gradient of some rows of the input. `d_y` is their gradient, `(rows of the block, units)`.
pub(crate) fn input_gradient(s: Shape, weights: &[f32], d_y: &[f32], d_x: &mut [f32]) {
    let rows = d_x.len() / s.inputs;
    let left = Matrix::new(d_y, rows, s.units, s.units);
    let right = Matrix::new(weights, s.units, s.inputs, s.inputs);
    multiply(&mut MatrixMut::new(d_x, rows, s.inputs, s.inputs), Before::Drop, left, right);
}

/// `(rows, cols)` to `(cols, rows)`.
pub(crate) fn transpose(values: &[f32], cols: usize) -> Vec<f32> {
    let rows = values.len() / cols.max(1);
    (0..values.len()).map(|i| values[i % rows * cols + i / rows]).collect()
}
