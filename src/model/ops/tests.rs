//! Every operation against a plain `f64` twin: its values, and its gradients by differences.

use super::super::kernels::dense;
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

#[test]
fn dense_layers_of_any_size() {
    for (n, inputs, units) in [(3, 5, 4), (9, 40, 17), (1, 3, 2)] {
        let s = dense::Shape { inputs, units };
        let twin = |args: &[Vec<f64>; 3]| -> Vec<f64> {
            let unit = |x: &[f64], u: usize| -> f64 {
                let products = x.iter().zip(&args[1][u * inputs..]).map(|(a, b)| a * b);
                args[2][u] + products.sum::<f64>()
            };
            let rows = args[0].chunks(inputs);
            rows.flat_map(|x| (0..units).map(|u| unit(x, u)).collect::<Vec<_>>()).collect()
        };
        check(&[vec![n, inputs], vec![units, inputs], vec![units]], &twin, |[x, w, b]| {
            x.apply_op3(w, b, Dense::new(s, workers())).unwrap()
        });
    }
}
