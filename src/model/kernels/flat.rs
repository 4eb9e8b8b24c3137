//! A convolution with bias and relu, of one picture, whose output is laid flat for a dense layer:
//! `(filters, out_height, out_width)`, the order in which `PyTorch` flattens.

use super::conv::{self, Shape};
use super::pool::relu;

/// Numbers of one output picture.
pub(crate) fn flat_len(s: Shape) -> usize {
    s.filters * s.out_height() * s.out_width()
}

/// Numbers that [`forward`] and [`spread`] need as scratch.
pub(crate) fn scratch_len(s: Shape) -> usize {
    (2 * conv::margin(s) + s.out_height() * s.width) * s.filters
}

/// Convolution, bias, relu. `kernel` is `(3, 3, channels, filters)`; the scratch may hold anything.
pub(crate) fn forward(
    s: Shape,
    x: &[f32],
    (kernel, bias): (&[f32], &[f32]),
    scratch: &mut [f32],
    out: &mut [f32],
) {
    conv::rows(s, x, kernel, 0..s.out_height(), scratch);
    let area = s.out_height() * s.out_width();
    for (filter, plane) in out.chunks_exact_mut(area).enumerate() {
        for (i, value) in plane.iter_mut().enumerate() {
            let position = i / s.out_width() * s.width + i % s.out_width();
            *value = relu(scratch[position * s.filters + filter] + bias[filter]);
        }
    }
}

/// Lays the gradient of the output out as [`conv::input_gradient`] wants it, zero where the relu
/// was shut, between margins of zeros; adds the gradient of the bias. Overwrites all of `spread`.
pub(crate) fn spread(
    s: Shape,
    values: &[f32],
    gradient: &[f32],
    spread: &mut [f32],
    d_bias: &mut [f32],
) {
    spread.fill(0.0);
    let (area, margin) = (s.out_height() * s.out_width(), conv::margin(s));
    for (i, (value, g)) in values.iter().zip(gradient).enumerate() {
        if *value > 0.0 {
            let (filter, at) = (i / area, i % area);
            let position = margin + at / s.out_width() * s.width + at % s.out_width();
            spread[position * s.filters + filter] = *g;
            d_bias[filter] += g;
        }
    }
}

/// The part of [`spread`] without the margins, `(out_height, width, filters)`.
pub(crate) fn inside(s: Shape, spread: &[f32]) -> &[f32] {
    &spread[conv::margin(s) * s.filters..][..s.out_height() * s.width * s.filters]
}
