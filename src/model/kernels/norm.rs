//! Batch normalisation: each channel of a batch is brought to mean 0 and variance 1, then scaled and
//! shifted. The functions work on some rows of `channels` numbers; sums are kept in `f64`.

use super::super::network::narrow;

/// Keeps the divisor away from 0, as `PyTorch` does.
pub(crate) const EPSILON: f64 = 1e-5;

/// Mean and inverse deviation of each channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread {
    /// Mean.
    pub(crate) mean: Vec<f32>,
    /// `1/√(variance + ε)`.
    pub(crate) inverse: Vec<f32>,
}

impl Spread {
    /// From mean and (biased) variance.
    pub(crate) fn new(mean: &[f64], variance: &[f64]) -> Self {
        let inverse = variance.iter().map(|v| narrow((v + EPSILON).sqrt().recip()));
        Self { mean: mean.iter().copied().map(narrow).collect(), inverse: inverse.collect() }
    }
}

/// Adds each number to the sum of its channel.
pub(crate) fn add_sums(rows: &[f32], sums: &mut [f64]) {
    for row in rows.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
    }
}

/// Adds the square of each number's distance from the mean of its channel.
pub(crate) fn add_squares(rows: &[f32], mean: &[f64], sums: &mut [f64]) {
    for row in rows.chunks_exact(mean.len()) {
        for ((sum, &x), mean) in sums.iter_mut().zip(row).zip(mean) {
            let distance = f64::from(x) - mean;
            *sum += distance * distance;
        }
    }
}

/// `scale · (x − mean) · inverse + shift`.
pub(crate) fn forward(
    spread: &Spread,
    (scale, shift): (&[f32], &[f32]),
    rows: &[f32],
    out: &mut [f32],
) {
    let channels = spread.mean.len();
    for (row, out) in rows.chunks_exact(channels).zip(out.chunks_exact_mut(channels)) {
        for (c, (x, y)) in row.iter().zip(out).enumerate() {
            *y = (x - spread.mean[c]) * spread.inverse[c] * scale[c] + shift[c];
        }
    }
}

/// Adds the gradients of scale and shift to `sums`, one behind the other.
pub(crate) fn add_gradients(spread: &Spread, rows: &[f32], gradient: &[f32], sums: &mut [f64]) {
    let channels = spread.mean.len();
    let (d_scale, d_shift) = sums.split_at_mut(channels);
    for (row, gradient) in rows.chunks_exact(channels).zip(gradient.chunks_exact(channels)) {
        for (c, (x, &g)) in row.iter().zip(gradient).enumerate() {
            let normal = (x - spread.mean[c]) * spread.inverse[c];
            d_scale[c] += f64::from(normal) * f64::from(g);
            d_shift[c] += f64::from(g);
        }
    }
}

/// The gradient of the input: `scale · inverse · (g − mean of g − normal · mean of normal · g)`.
/// `means` are those two means of each channel: of `normal · g`, then of `g`.
pub(crate) fn input_gradient(
    spread: &Spread,
    (scale, means): (&[f32], &[f32]),
    rows: &[f32],
    gradient: &[f32],
    d_x: &mut [f32],
) {
    let channels = spread.mean.len();
    let (with_normal, alone) = means.split_at(channels);
    let lines = rows.chunks_exact(channels).zip(gradient.chunks_exact(channels));
    for ((row, gradient), d_x) in lines.zip(d_x.chunks_exact_mut(channels)) {
        for c in 0..channels {
            let normal = (row[c] - spread.mean[c]) * spread.inverse[c];
            let rest = gradient[c] - alone[c] - normal * with_normal[c];
            d_x[c] = scale[c] * spread.inverse[c] * rest;
        }
    }
}
