//! Every operation against a plain `f64` twin: its values, and its gradients by differences.

use super::super::kernels::conv::Shape;
use super::super::kernels::dense::{self, Activation};
use super::*;
use crate::domain::Seed;
use candle_core::{Device, Var};
use std::sync::Arc;

/// Three arguments as flat `f64` numbers to a flat result.
pub(super) type Twin<'a> = &'a dyn Fn(&[Vec<f64>; 3]) -> Vec<f64>;

fn draws(label: &str, n: usize) -> Vec<f64> {
    let mut stream = Seed::new(11).child(label).stream();
    (0..n).map(|_| stream.uniform() * 2.0 - 1.0).collect()
}

pub(super) fn workers() -> Arc<Workers> {
    Arc::new(Workers::new(2).unwrap())
}

/// Compares values, then the gradients of `Σ weight · value` with random weights; an argument that
/// the operation does not take has none.
pub(super) fn check(dims: &[Vec<usize>; 3], twin: Twin<'_>, op: impl Fn([&Tensor; 3]) -> Tensor) {
    let mut args = [0, 1, 2].map(|i| draws(&format!("argument {i}"), dims[i].iter().product()));
    let vars = [0, 1, 2].map(|i| {
        let tensor = Tensor::from_vec(args[i].clone(), dims[i].clone(), &Device::Cpu).unwrap();
        Var::from_tensor(&tensor.to_dtype(candle_core::DType::F32).unwrap()).unwrap()
    });
    let out = op([&vars[0], &vars[1], &vars[2]]);
    let expected = twin(&args);
    assert_near(&flat(&out), &expected, "values");

    let weights = draws("weights", expected.len());
    let weighed = Tensor::from_vec(weights.clone(), out.shape(), &Device::Cpu).unwrap();
    let weighed = weighed.to_dtype(candle_core::DType::F32).unwrap();
    let gradients = (out * weighed).unwrap().sum_all().unwrap().backward().unwrap();
    for i in 0..3 {
        let zeros = vec![0.0; args[i].len()];
        let found = gradients.get(&vars[i]).map_or(zeros, flat);
        let expected: Vec<f64> = (0..args[i].len())
            .map(|j| {
                let mut value = |x: f64| -> f64 {
                    let before = std::mem::replace(&mut args[i][j], x);
                    let out = twin(&args);
                    args[i][j] = before;
                    out.iter().zip(&weights).map(|(y, w)| y * w).sum()
                };
                let (at, step) = (value_at(&vars[i], j), 1e-6);
                (value(at + step) - value(at - step)) / (2.0 * step)
            })
            .collect();
        assert_near(&found, &expected, &format!("gradient of argument {i}"));
    }
}

fn value_at(var: &Var, i: usize) -> f64 {
    flat(var)[i]
}

pub(super) fn flat(tensor: &Tensor) -> Vec<f64> {
    let numbers: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    numbers.into_iter().map(f64::from).collect()
}

pub(super) fn assert_near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f - e).abs() < 2e-4 * (1.0 + e.abs()), "{what} {i}: {f}, expected {e}");
    }
}

/// Convolution, bias, relu of one picture: `(out_height, out_width, filters)`.
fn conv_twin(s: Shape, x: &[f64], kernel: &[f64], bias: &[f64]) -> Vec<f64> {
    let (height, width) = (s.height - 2, s.width - 2);
    let mut out = Vec::new();
    for i in 0..height * width * s.filters {
        let (y, x0, filter) = (i / s.filters / width, i / s.filters % width, i % s.filters);
        let mut sum = bias[filter];
        for (dy, dx, c) in
            (0..9 * s.channels).map(|j| (j / 3 % 3, j % 3, j / 9)).collect::<Vec<_>>()
        {
            let weight = kernel[((filter * s.channels + c) * 3 + dy) * 3 + dx];
            sum += weight * x[((y + dy) * s.width + x0 + dx) * s.channels + c];
        }
        out.push(sum.max(0.0));
    }
    out
}

fn pool_twin(height: usize, width: usize, filters: usize, map: &[f64]) -> Vec<f64> {
    let cells = (0..height / 2 * (width / 2) * filters).map(|i| {
        let (y, x, f) = (i / filters / (width / 2), i / filters % (width / 2), i % filters);
        let at = |dy: usize, dx: usize| map[((2 * y + dy) * width + 2 * x + dx) * filters + f];
        at(0, 0).max(at(0, 1)).max(at(1, 0)).max(at(1, 1))
    });
    cells.collect()
}

fn dims(s: Shape, n: usize) -> [Vec<usize>; 3] {
    [vec![n, s.height, s.width, s.channels], vec![s.filters, s.channels, 3, 3], vec![s.filters]]
}

fn check_pooled(s: Shape, n: usize) {
    let twin = |args: &[Vec<f64>; 3]| -> Vec<f64> {
        let maps = args[0].chunks(s.input()).map(|x| conv_twin(s, x, &args[1], &args[2]));
        maps.flat_map(|m| pool_twin(s.height - 2, s.width - 2, s.filters, &m)).collect()
    };
    check(&dims(s, n), &twin, |[x, k, b]| {
        x.apply_op3(k, b, PooledConv::new(s, workers())).unwrap()
    });
}

#[test]
fn pooled_convolutions_of_even_and_odd_sizes() {
    check_pooled(Shape { height: 6, width: 8, channels: 2, filters: 3 }, 2);
    // The map is 5 × 4: its last row is dropped. Nine pictures make shards of two and one.
    check_pooled(Shape { height: 7, width: 6, channels: 1, filters: 2 }, 9);
    // 3 × 7; more than one strip of filters.
    check_pooled(Shape { height: 5, width: 9, channels: 1, filters: 33 }, 1);
}

#[test]
fn a_pooled_convolution_higher_than_one_band() {
    check_pooled(Shape { height: 23, width: 4, channels: 1, filters: 1 }, 1);
}

#[test]
fn flat_convolutions_of_even_and_odd_sizes() {
    let shapes = [(6, 5, 2, 3, 2), (3, 3, 3, 2, 9), (5, 4, 1, 33, 1)];
    for (height, width, channels, filters, n) in shapes {
        let s = Shape { height, width, channels, filters };
        let twin = |args: &[Vec<f64>; 3]| -> Vec<f64> {
            let maps = args[0].chunks(s.input()).map(|x| conv_twin(s, x, &args[1], &args[2]));
            let plane = |m: &[f64], f: usize| -> Vec<f64> {
                m.iter().skip(f).step_by(filters).copied().collect()
            };
            maps.flat_map(|m| (0..filters).flat_map(|f| plane(&m, f)).collect::<Vec<_>>()).collect()
        };
        check(&dims(s, n), &twin, |[x, k, b]| {
            x.apply_op3(k, b, FlatConv::new(s, workers())).unwrap()
        });
    }
}

#[test]
fn dense_layers_with_and_without_relu() {
    for (n, inputs, units, activation) in
        [(3, 5, 4, Activation::Relu), (9, 40, 17, Activation::None), (1, 3, 2, Activation::None)]
    {
        let s = dense::Shape { inputs, units };
        let twin = |args: &[Vec<f64>; 3]| -> Vec<f64> {
            let unit = |x: &[f64], u: usize| -> f64 {
                let products = x.iter().zip(&args[1][u * inputs..]).map(|(a, b)| a * b);
                let sum = args[2][u] + products.sum::<f64>();
                if activation == Activation::Relu { sum.max(0.0) } else { sum }
            };
            let rows = args[0].chunks(inputs);
            rows.flat_map(|x| (0..units).map(|u| unit(x, u)).collect::<Vec<_>>()).collect()
        };
        check(&[vec![n, inputs], vec![units, inputs], vec![units]], &twin, |[x, w, b]| {
            x.apply_op3(w, b, Dense::new(s, activation, workers())).unwrap()
        });
    }
}

#[test]
fn the_first_of_equal_cells_gets_the_gradient_of_a_pool() {
    // A kernel that copies its upper left pixel, over a grey picture: all four cells are equal.
    let s = Shape { height: 4, width: 4, channels: 1, filters: 1 };
    let x = Var::ones((1, 4, 4, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
    let mut kernel = vec![0.0f32; 9];
    kernel[0] = 1.0;
    let kernel = Tensor::from_vec(kernel, (1, 1, 3, 3), &Device::Cpu).unwrap();
    let bias = Tensor::zeros(1, candle_core::DType::F32, &Device::Cpu).unwrap();
    let out = x.apply_op3(&kernel, &bias, PooledConv::new(s, workers())).unwrap();
    let gradient = flat(out.sum_all().unwrap().backward().unwrap().get(&x).unwrap());
    let mut expected = vec![0.0; 16];
    expected[0] = 1.0;
    assert_near(&gradient, &expected, "gradient");
}

#[test]
fn given_pictures_get_no_gradient() {
    let s = Shape { height: 4, width: 4, channels: 1, filters: 1 };
    let var = |shape: &[usize]| Var::ones(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
    let x = Tensor::ones((1, 4, 4, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
    let (kernel, bias) = (var(&[1, 1, 3, 3]), var(&[1]));
    let out = x.apply_op3(&kernel, &bias, PooledConv::new(s, workers())).unwrap();
    let gradients = out.sum_all().unwrap().backward().unwrap();
    assert!(gradients.get(&x).is_none() && gradients.get(&kernel).is_some());
}
