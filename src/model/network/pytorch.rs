//! What `PyTorch` says: gradients, five steps of Adam, running statistics and predictions, as stored
//! by `fixtures/pytorch/make.py`.

use super::super::architecture::{Plan, Role, TensorSpec};
use super::super::engine::{Engine as Chained, Path};
use super::super::learner::Pictures;
use super::tests::{kernels, update};
use super::*;
use crate::domain::{Architecture, Images};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Stored {
    architecture: Architecture,
    shape: [usize; 3],
    batch: usize,
    classes: usize,
    logits: Vec<f64>,
    gradients: BTreeMap<String, Sample>,
    losses: Vec<f64>,
    running: BTreeMap<String, Vec<f64>>,
    predicted: Vec<f64>,
}

/// Every `step`th number of a tensor, and the root of the sum of all squares.
#[derive(Deserialize)]
struct Sample {
    step: usize,
    norm: f64,
    values: Vec<f64>,
}

fn stored(name: &str) -> Stored {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pytorch");
    let text = std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The formula of `make.py`: uniform in [0, 1).
fn draw(tensor: usize, i: usize) -> f64 {
    let word = |n: usize| u32::try_from(n).unwrap();
    let offset = word(tensor + 1).wrapping_mul(0x7F4A_7C15);
    let x = word(i).wrapping_mul(0x9E37_79B9).wrapping_add(offset);
    let x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
    let x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
    f64::from(x ^ (x >> 16)) / 4_294_967_296.0
}

fn drawn((tensor, spec): (usize, &TensorSpec)) -> Vec<f32> {
    let (middle, reach) = match spec.role {
        Role::Drawn { fan_in } => (0.0, f64::from(u32::try_from(fan_in).unwrap()).powf(-0.5)),
        Role::Scale => (1.0, 0.5),
        Role::Shift => (0.0, 0.5),
        Role::Mean => (0.0, 0.0),
        Role::Variance => (1.0, 0.0),
    };
    let number = |i| narrow(middle + reach * (2.0 * draw(tensor, i) - 1.0));
    (0..spec.len()).map(number).collect()
}

fn images(s: &Stored) -> Images {
    let size: usize = s.shape.iter().product();
    let byte = |i: usize| {
        let level = (draw(1000 + i / size, i % size) * 128.0).floor();
        let byte = (0..=u8::MAX).find(|&byte| f64::from(byte) >= level).unwrap();
        if i / size % s.classes % 2 == 1 { byte + 128 } else { byte }
    };
    let [height, width, channels] = s.shape;
    Images::new(height, width, channels, (0..s.batch * size).map(byte).collect()).unwrap()
}

fn assert_near(found: &[f32], expected: &[f64], within: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (f, e) in found.iter().zip(expected) {
        assert!((f64::from(*f) - e).abs() < within, "{what}: {f}, PyTorch has {e}");
    }
}

/// Mean cross-entropy of a batch whose row `i` is of class `i % classes`.
fn cross_entropy(logits: &[f32], classes: usize) -> f64 {
    let rows = logits.chunks_exact(classes).enumerate().map(|(i, row)| {
        let total: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
        total.ln() - f64::from(row[i % classes])
    });
    let losses: Vec<f64> = rows.collect();
    losses.iter().sum::<f64>() / f64::from(u32::try_from(losses.len()).unwrap())
}

fn compare(name: &str) {
    let s = stored(name);
    let plan = Plan::new(&s.architecture, s.shape, s.classes).unwrap();
    let numbers = || plan.tensors().into_iter().enumerate().map(drawn).collect::<Vec<_>>();
    let fresh = || Network::new(plan.clone(), kernels(2), numbers(), Seed::new(0)).unwrap();
    let (images, rows) = (images(&s), (0..s.batch).collect::<Vec<_>>());
    let classes: Vec<u32> = rows.iter().map(|i| u32::try_from(i % s.classes).unwrap()).collect();
    let batch =
        Batch { pictures: Pictures::All(&images), rows: &rows, classes: &classes, augment: None };

    let network = fresh();
    let descent = network.descent(&batch, &Loss::default(), 1).unwrap();
    assert_near(&descent.logits, &s.logits, 1e-6, "logits");
    for (spec, gradient) in plan.tensors().into_iter().zip(&descent.gradients) {
        assert_eq!(gradient.is_some(), spec.is_trained());
        let Some(gradient) = gradient else { continue };
        let sample = &s.gradients[&spec.sequential];
        let some: Vec<f32> = gradient.iter().copied().step_by(sample.step).collect();
        assert_near(&some, &sample.values, 1e-6, &spec.name);
        let norm = gradient.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
        assert!((norm - sample.norm).abs() < 1e-5 * (0.1 + norm), "norm of {}", spec.name);
    }

    network.take_in(&descent.statistics).unwrap();
    let held = network.numbers().unwrap();
    for (spec, numbers) in plan.tensors().into_iter().zip(&held).filter(|(t, _)| !t.is_trained()) {
        assert_near(numbers, &s.running[&spec.sequential], 1e-6, &spec.name);
    }
    assert_near(&network.infer(&batch).unwrap(), &s.predicted, 1e-6, "predictions");

    follow(&mut fresh(), &batch, &s);
    compare_engine(&plan, numbers, &batch, &s);
}

/// The same by every path of the engine, where the network is a chain.
fn compare_engine(plan: &Plan, numbers: impl Fn() -> Vec<Vec<f32>>, batch: &Batch<'_>, s: &Stored) {
    let Some(chain) = plan.as_chain() else { return };
    for path in Path::all() {
        let plan_and_chain = (plan.clone(), chain.clone());
        let mut engine = Chained::new(plan_and_chain, numbers(), path, Some(2)).unwrap();
        assert_near(&engine.infer(batch).unwrap(), &s.predicted, 1e-6, "predictions");
        engine.step(batch, &Loss::default(), &update(1)).unwrap();
        // After its first step, Adam's first memory is a tenth of the gradient.
        for (spec, tenth) in plan.tensors().into_iter().zip(&engine.memory().unwrap()[0]) {
            let sample = &s.gradients[&spec.sequential];
            let some: Vec<f32> = tenth.iter().map(|m| 10.0 * m).step_by(sample.step).collect();
            assert_near(&some, &sample.values, 1e-6, &spec.name);
        }
        engine.set_numbers(numbers()).unwrap();
        engine.set_memory([zeros(plan), zeros(plan)]).unwrap();
        follow(&mut engine, batch, s);
    }
}

fn zeros(plan: &Plan) -> Vec<Vec<f32>> {
    plan.tensors().into_iter().map(|tensor| vec![0.0; tensor.len()]).collect()
}

/// The losses of steps of Adam.
fn follow(learner: &mut dyn Learner, batch: &Batch<'_>, s: &Stored) {
    for (step, expected) in (1..).zip(&s.losses) {
        let logits = learner.step(batch, &Loss::default(), &update(step)).unwrap().logits;
        let loss = cross_entropy(&logits, s.classes);
        assert!((loss - expected).abs() < 5e-7, "step {step}: {loss}, PyTorch has {expected}");
    }
}

#[test]
fn the_seed_network_has_pytorchs_gradients_and_losses() {
    compare("seed-cnn");
}

#[test]
fn every_other_layer_has_pytorchs_gradients_and_losses() {
    compare("odd");
}
