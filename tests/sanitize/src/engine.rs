//! The kernels of the whole-step engine by one set of instructions.

#[path = "../../../src/model/engine/conv.rs"]
mod conv;
#[path = "../../../src/model/engine/dense.rs"]
mod dense;
#[path = "../../../src/model/engine/product.rs"]
mod product;
#[path = "../../../src/model/engine/simd.rs"]
mod simd;

use conv::{Back, Conv, Lists};
use dense::{Dense, stride};
use pulp::{Simd, WithSimd};

/// Numbers from −1 to 1, in a buffer of exactly that length.
pub(crate) fn numbers(seed: u32, len: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let mut all = Vec::with_capacity(len);
    all.resize_with(len, &mut next);
    all
}

/// Runs all shapes; the number of calls.
pub(crate) fn run<S: Simd>(name: &str, simd: S) -> usize {
    let few = cfg!(miri);
    let sides: &[usize] = if few { &[3, 6] } else { &[3, 4, 5, 6, 9, 14, 31] };
    let mut calls = 0;
    for &height in sides {
        for &width in sides {
            for (channels, filters) in [(1, 1), (2, 5), (3, 32), (32, 33), (64, 64)] {
                for pooled in [false, true].into_iter().filter(|p| !p || height.min(width) > 3) {
                    let c = Conv { height, width, channels, filters, pooled };
                    Simd::vectorize(simd, Convolution(c, name));
                    calls += 3;
                }
            }
        }
    }
    let rows: &[usize] = if few { &[1, 4] } else { &[1, 2, 3, 5, 7, 8, 9, 11, 16, 17, 33] };
    for &rows in rows {
        for inputs in [1, 15, 16, 17, 33, 1024] {
            for units in [1, 2, 3, 5, 10, 31, 33] {
                let d = Dense { inputs, units, relu: units % 2 == 1 };
                Simd::vectorize(simd, Layer(d, rows, name));
                calls += 3;
            }
        }
    }
    calls
}

/// Forward and both ways back of a convolution.
struct Convolution<'a>(Conv, &'a str);

impl WithSimd for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let c = self.0;
        let (x, kernel, bias) =
            (numbers(1, c.input()), numbers(2, c.kernel()), numbers(3, c.wide()));
        let (mut panels, mut lines) = (vec![0.0; c.panels()], vec![0.0; c.lines()]);
        let (mut out, mut which) = (vec![0.0; c.output()], vec![0; c.output()]);
        conv::pack(c, &kernel, &mut panels);
        conv::forward(simd, c, &x, (&panels, &bias), (&mut lines, &mut out, &mut which));
        let gradient = numbers(4, c.output());
        let back = Back { x: &x, values: &out, which: &which, gradient: &gradient };
        let mut lists = Lists::default();
        lists.reserve(c);
        let (mut d_kernel, mut d_bias) = (vec![0.0; c.kernel()], vec![0.0; c.wide()]);
        conv::backward(simd, c, back, &mut lists, (&mut d_kernel, &mut d_bias));
        let mut d_x = vec![0.0; c.input()];
        conv::backward_input(simd, c, back, &mut lists, (&kernel, &mut d_x));
        finite(self.1, &[&out, &d_kernel, &d_bias, &d_x]);
    }
}

/// Forward and both ways back of a dense layer of some rows.
struct Layer<'a>(Dense, usize, &'a str);

impl WithSimd for Layer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(d, rows, name) = self;
        let (x_row, y_row) = (stride(d.inputs), stride(d.units));
        let (x, weight) = (numbers(1, rows * x_row), numbers(2, d.units * x_row));
        let (bias, mut out) = (numbers(3, y_row), vec![0.0; rows * y_row]);
        dense::forward(simd, d, (&x, rows), (&weight, &bias), &mut out);
        let (d_y, mut d_x) = (numbers(4, rows * y_row), vec![0.0; rows * x_row]);
        dense::input_gradient(simd, d, (&d_y, rows), &weight, &mut d_x);
        let (by_unit, mut d_weight) = (numbers(5, d.units * rows), vec![0.0; d.units * x_row]);
        dense::weight_gradient(simd, d, (&x, rows), &by_unit, &mut d_weight);
        finite(name, &[&out, &d_x, &d_weight]);
    }
}

/// Numbers from a buffer's end on are rarely ones that add up to something sensible.
fn finite(name: &str, results: &[&[f32]]) {
    let sensible = |x: &&f32| x.is_finite() && x.abs() < 1e6;
    let odd = results.iter().flat_map(|r| r.iter()).find(|x| !sensible(x));
    assert!(odd.is_none(), "{name}: {odd:?}");
}
