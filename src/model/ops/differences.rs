//! The operations of single layers against plain `f64` twins, their gradients by differences.

use super::super::kernels::{norm, patches, window};
use super::tests::{Twin, assert_near, check, flat, workers};
use super::*;
use candle_core::{DType, Device, Tensor, Var};

/// An operation of one argument.
fn check_one(dims: &[usize], twin: &dyn Fn(&[f64]) -> Vec<f64>, op: impl Fn(&Tensor) -> Tensor) {
    let three: Twin<'_> = &|args| twin(&args[0]);
    check(&[dims.to_vec(), vec![1], vec![1]], three, |[x, _, _]| op(x));
}

/// Pixel `(y, x)` of a padded picture; 0 in the margin.
fn padded(s: patches::Shape, picture: &[f64], (y, x): (usize, usize), c: usize) -> f64 {
    let inside = |at: usize, side: usize| at.checked_sub(s.margin).filter(|&at| at < side);
    let place = inside(y, s.height).zip(inside(x, s.width));
    place.map_or(0.0, |(y, x)| picture[(y * s.width + x) * s.channels + c])
}

fn conv_twin(s: patches::Shape, x: &[f64], kernel: &[f64], bias: &[f64]) -> Vec<f64> {
    let mut out = Vec::new();
    for picture in x.chunks(s.input()) {
        for o in 0..s.output() {
            let (f, at) = (o % s.filters, o / s.filters);
            let (y, x) = (at / s.out_width() * s.stride, at % s.out_width() * s.stride);
            let terms = (0..s.patch()).map(|i| {
                let (c, k) = (i / (s.kernel * s.kernel), i % (s.kernel * s.kernel));
                let pixel = padded(s, picture, (y + k / s.kernel, x + k % s.kernel), c);
                pixel * kernel[f * s.patch() + i]
            });
            out.push(bias[f] + terms.sum::<f64>());
        }
    }
    out
}

#[test]
fn convolutions_of_every_kernel_stride_and_padding() {
    for (kernel, stride, margin) in
        [(1, 1, 0), (1, 2, 0), (3, 1, 1), (3, 2, 1), (3, 2, 0), (5, 1, 2), (5, 3, 2), (5, 1, 0)]
    {
        for (height, width, n) in [(5, 7, 2), (6, 5, 9)] {
            let (channels, filters) = (2, 3);
            let s = patches::Shape { height, width, channels, filters, kernel, stride, margin };
            let twin = |args: &[Vec<f64>; 3]| conv_twin(s, &args[0], &args[1], &args[2]);
            let dims = [
                vec![n, height, width, channels],
                vec![filters, channels, kernel, kernel],
                vec![filters],
            ];
            check(&dims, &twin, |[x, k, b]| x.apply_op3(k, b, Conv2d::new(s, workers())).unwrap());
        }
    }
}

#[test]
fn a_convolution_of_several_bands() {
    // 20 × 30 outputs are three bands of 8, 8 and 4 rows.
    let (height, width, channels, filters) = (20, 30, 1, 1);
    let (kernel, stride, margin) = (3, 1, 1);
    let s = patches::Shape { height, width, channels, filters, kernel, stride, margin };
    let twin = |args: &[Vec<f64>; 3]| conv_twin(s, &args[0], &args[1], &args[2]);
    let dims = [vec![1, height, width, 1], vec![1, 1, 3, 3], vec![1]];
    check(&dims, &twin, |[x, k, b]| x.apply_op3(k, b, Conv2d::new(s, workers())).unwrap());
}

/// Joins the numbers of each square.
fn squares(s: window::Shape, x: &[f64], join: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut out = Vec::new();
    for picture in x.chunks(s.input()) {
        for o in 0..s.output() {
            let (c, at) = (o % s.channels, o / s.channels);
            let (y, x) = (at / s.out_width() * s.side, at % s.out_width() * s.side);
            let cell = |i| ((y + i / s.side) * s.width + x + i % s.side) * s.channels + c;
            let cells: Vec<f64> = (0..s.side * s.side).map(|i| picture[cell(i)]).collect();
            out.push(join(&cells));
        }
    }
    out
}

#[test]
fn pools_of_even_and_odd_sizes() {
    for (height, width, side) in [(4, 6, 2), (5, 7, 2), (3, 3, 3), (7, 8, 3), (9, 4, 4)] {
        let s = window::Shape { height, width, channels: 3, side };
        let dims = [2, height, width, 3];
        let most = |cells: &[f64]| cells.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let twin = |x: &[f64]| squares(s, x, most);
        check_one(&dims, &twin, |x| x.apply_op1(MaxPool::new(s, workers())).unwrap());
        let count = f64::from(u32::try_from(side * side).unwrap());
        let twin = |x: &[f64]| squares(s, x, |cells| cells.iter().sum::<f64>() / count);
        check_one(&dims, &twin, |x| x.apply_op1(AveragePool::new(s, workers())).unwrap());
    }
}

#[test]
fn the_first_of_equal_cells_gets_the_whole_gradient_and_nan_is_the_largest() {
    let s = window::Shape { height: 5, width: 5, channels: 1, side: 2 };
    let x = Var::ones((1, 5, 5, 1), DType::F32, &Device::Cpu).unwrap();
    let out = x.apply_op1(MaxPool::new(s, workers())).unwrap();
    let gradient = flat(out.sum_all().unwrap().backward().unwrap().get(&x).unwrap());
    let mut expected = vec![0.0; 25];
    for at in [0, 2, 10, 12] {
        expected[at] = 1.0;
    }
    assert_near(&gradient, &expected, "gradient");
    let s = window::Shape { height: 2, width: 2, channels: 1, side: 2 };
    for at in 0..4 {
        let mut cells = [1.0f32, 2.0, 3.0, 4.0];
        cells[at] = f32::NAN;
        let x = Tensor::from_slice(&cells, (1, 2, 2, 1), &Device::Cpu).unwrap();
        assert!(flat(&x.apply_op1(MaxPool::new(s, workers())).unwrap())[0].is_nan());
    }
}

#[test]
fn relu_passes_what_is_positive_and_shows_nan() {
    check_one(&[3, 7], &|x| x.iter().map(|v| v.max(0.0)).collect(), |x| x.apply_op1(Relu).unwrap());
    let x = Var::new(&[[0.0f32, -1.0, f32::NAN]], &Device::Cpu).unwrap();
    let out = x.apply_op1(Relu).unwrap();
    assert!(flat(&out)[2].is_nan());
    let gradients = out.sum_all().unwrap().backward().unwrap();
    assert_near(&flat(gradients.get(&x).unwrap())[..2], &[0.0, 0.0], "gradient at and below 0");
}

fn norm_twin(channels: usize, x: &[f64], scale: &[f64], shift: &[f64]) -> Vec<f64> {
    let count = f64::from(u32::try_from(x.len() / channels).unwrap());
    let of = |c: usize| x.iter().skip(c).step_by(channels);
    let mean: Vec<f64> = (0..channels).map(|c| of(c).sum::<f64>() / count).collect();
    let square = |c: usize| of(c).map(|x| (x - mean[c]).powi(2)).sum::<f64>() / count;
    let spread: Vec<f64> = (0..channels).map(|c| (square(c) + norm::EPSILON).sqrt()).collect();
    let number = |(i, x): (usize, &f64)| {
        let c = i % channels;
        (x - mean[c]) / spread[c] * scale[c] + shift[c]
    };
    x.iter().enumerate().map(number).collect()
}

#[test]
fn batch_normalisation_of_maps_and_of_rows() {
    for dims in [vec![2, 3, 5, 2], vec![9, 4], vec![2, 1, 1, 3], vec![3, 1]] {
        let channels = *dims.last().unwrap();
        let twin = |args: &[Vec<f64>; 3]| norm_twin(channels, &args[0], &args[1], &args[2]);
        check(&[dims, vec![channels], vec![channels]], &twin, |[x, scale, shift]| {
            let moments = Moments::of(x, &workers()).unwrap();
            x.apply_op3(scale, shift, BatchNorm::new(&moments, workers())).unwrap()
        });
    }
}

#[test]
fn moments_by_hand() {
    // Channel 0: 1, 3; channel 1: 2, 8. Means 2 and 5, variances 1 and 9, unbiased 2 and 18.
    let x = Tensor::new(&[[1.0f32, 2.0], [3.0, 8.0]], &Device::Cpu).unwrap();
    let moments = Moments::of(&x, &workers()).unwrap();
    assert_near(&moments.mean, &[2.0, 5.0], "means");
    assert_near(&moments.variance, &[1.0, 9.0], "variances");
    assert_near(&moments.unbiased(), &[2.0, 18.0], "unbiased variances");
}
