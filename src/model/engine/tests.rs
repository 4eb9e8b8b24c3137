//! The engine against candle's graph, and its laws.

use super::super::dp_sgd::PrivateStep;
use super::super::learner::Pictures;
use super::super::network::{Engine as Graph, Network, narrow};
use super::*;
use crate::domain::{Architecture, Conv, Images, Layer, Optimizer, Padding, Seed};
use candle_core::Device;

fn update() -> Update {
    Update::new(Optimizer::ADAM, 1e-3, 1)
}

/// The seed network for pictures of that shape.
fn plan(shape: [usize; 3]) -> Plan {
    Plan::new(&Architecture::from("seed-cnn"), shape, 3).unwrap()
}

/// Chains of all kinds: named ones, pools in other places, filters beyond one panel.
fn chains() -> Vec<Plan> {
    let conv =
        |filters| Layer::Conv(Conv { filters, kernel: 3, stride: 1, padding: Padding::Valid });
    let lists = [
        vec![conv(5), Layer::Relu, Layer::MaxPool(2), Layer::Flatten],
        vec![
            conv(33),
            Layer::Relu,
            conv(40),
            Layer::Relu,
            Layer::Flatten,
            Layer::Dense(7),
            Layer::Relu,
        ],
        vec![conv(8), Layer::Relu, conv(96), Layer::Relu, Layer::MaxPool(2), Layer::Flatten],
    ];
    let lists = lists.into_iter().map(|list| (Architecture::Layers(list), [11, 13, 2]));
    let named = [
        ("seed-cnn", [64, 64, 3]),
        ("seed-cnn", [28, 28, 1]),
        ("mlp", [9, 7, 3]),
        ("logistic", [9, 7, 3]),
        ("seed-cnn", [21, 20, 3]),
        ("seed-cnn", [18, 33, 2]),
    ];
    let named = named.map(|(name, shape)| (Architecture::from(name), shape));
    lists.chain(named).map(|(network, shape)| Plan::new(&network, shape, 3).unwrap()).collect()
}

fn engine(plan: &Plan, path: Path, threads: usize) -> Engine {
    Engine::new(
        (plan.clone(), plan.as_chain().unwrap()),
        plan.drawn(Seed::new(5)),
        path,
        Some(threads),
    )
    .unwrap()
}

fn pictures(n: usize, [height, width, channels]: [usize; 3]) -> Images {
    let mut stream = Seed::new(6).stream();
    let byte = |_| stream.bits().to_le_bytes()[0];
    let bytes = (0..n * height * width * channels).map(byte).collect();
    Images::new(height, width, channels, bytes).unwrap()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Logits, then all gradients, which after one step of Adam are ten times its first memory.
fn one_step(learner: &mut dyn Learner, images: &Images) -> Vec<Vec<f32>> {
    let rows: Vec<usize> = (0..images.len()).collect();
    let classes: Vec<u32> = rows.iter().map(|i| u32::try_from(i % 3).unwrap()).collect();
    let batch =
        Batch { pictures: Pictures::All(images), rows: &rows, classes: &classes, augment: None };
    let logits = learner.step(&batch, &Loss::default(), &update()).unwrap().logits;
    let [mut all, _] = learner.memory().unwrap();
    all.push(logits);
    all
}

#[test]
fn every_path_has_the_logits_and_gradients_of_candles_graph() {
    for plan in chains() {
        let (shape, images) = (plan.shape, pictures(11, plan.shape));
        let graph = Graph::Candle(Device::Cpu);
        let mut graph =
            Network::new(plan.clone(), graph, plan.drawn(Seed::new(5)), Seed::new(0)).unwrap();
        let expected = one_step(&mut graph, &images);
        for path in Path::all() {
            let ours = one_step(&mut engine(&plan, path, 2), &images);
            for (ours, theirs) in ours.iter().zip(&expected) {
                let difference = largest_difference(ours, theirs);
                assert!(
                    difference < 1e-6,
                    "{} {} {shape:?}: {difference}",
                    path.name(),
                    plan.architecture
                );
            }
        }
    }
}

#[test]
fn a_frozen_layer_has_no_gradient_and_changes_that_of_no_other() {
    let shape = [21, 20, 3];
    let (free, images) = (plan(shape), pictures(11, shape));
    let layers = free.layer_names();
    let below = |n: usize| layers[..n].to_vec();
    let choices = [below(1), below(2), below(3), below(4), vec!["conv2".to_owned()]];
    for path in Path::all() {
        let all = one_step(&mut engine(&free, path, 2), &images);
        for freeze in &choices {
            let mut plan = free.clone();
            plan.freeze(freeze);
            let some = one_step(&mut engine(&plan, path, 2), &images);
            assert_eq!(all.last(), some.last(), "logits");
            for ((tensor, all), some) in plan.tensors().into_iter().zip(&all).zip(&some) {
                let zeros = vec![0.0; all.len()];
                let expected = if tensor.moves() { all } else { &zeros };
                assert!(some == expected, "{} {freeze:?} {}", path.name(), tensor.name);
            }
        }
    }
}

#[test]
fn threads_change_no_bit_of_any_path() {
    let shape = [21, 20, 3];
    let (plan, images) = (plan(shape), pictures(37, shape));
    for path in Path::all() {
        let after = |threads| {
            let mut engine = engine(&plan, path, threads);
            one_step(&mut engine, &images);
            (engine.numbers().unwrap(), engine.memory().unwrap())
        };
        let one = after(1);
        assert!(one == after(2) && one == after(4), "{}", path.name());
    }
}

#[test]
fn a_pictures_outputs_do_not_depend_on_the_pictures_beside_it() {
    let shape = [21, 20, 3];
    let (plan, images) = (plan(shape), pictures(37, shape));
    for path in Path::all() {
        let engine = engine(&plan, path, 2);
        let outputs = |rows: &[usize]| {
            engine
                .infer(&Batch {
                    pictures: Pictures::All(&images),
                    rows,
                    classes: &[],
                    augment: None,
                })
                .unwrap()
        };
        let together = outputs(&(0..37).collect::<Vec<_>>());
        let alone: Vec<f32> = (0..37).flat_map(|row| outputs(&[row])).collect();
        assert_eq!(together, alone, "{}", path.name());
    }
}

#[test]
fn numbers_come_back_as_they_went_in() {
    let plan = plan([21, 20, 3]);
    let numbers = plan.drawn(Seed::new(8));
    let mut engine = engine(&plan, Path::Portable, 1);
    engine.set_numbers(numbers.clone()).unwrap();
    engine.set_memory([numbers.clone(), numbers.clone()]).unwrap();
    assert_eq!(engine.numbers().unwrap(), numbers);
    assert_eq!(engine.memory().unwrap(), [numbers.clone(), numbers]);
}

#[test]
fn a_batch_of_another_size_finds_no_trace_of_the_one_before() {
    let shape = [21, 20, 3];
    let (plan, images) = (plan(shape), pictures(9, shape));
    let first = one_step(&mut engine(&plan, Path::Portable, 1), &images);
    let mut used = engine(&plan, Path::Portable, 1);
    one_step(&mut used, &pictures(23, shape));
    used.set_numbers(plan.drawn(Seed::new(5))).unwrap();
    used.set_memory(plan_zeros(&plan)).unwrap();
    assert_eq!(one_step(&mut used, &images), first);
}

#[test]
fn a_broken_weight_shows_and_moves_nothing() {
    let shape = [21, 20, 3];
    let (plan, images) = (plan(shape), pictures(9, shape));
    for path in Path::all() {
        for tensor in 0..plan.tensors().len() {
            let mut numbers = plan.drawn(Seed::new(5));
            numbers[tensor][0] = f32::NAN;
            let mut engine = engine(&plan, path, 2);
            engine.set_numbers(numbers.clone()).unwrap();
            let after = one_step(&mut engine, &images);
            assert!(after.last().unwrap().iter().any(|x| x.is_nan()), "{} {tensor}", path.name());
            let moved = engine.numbers().unwrap().concat().into_iter().map(f32::to_bits);
            assert!(moved.eq(numbers.concat().into_iter().map(f32::to_bits)));
        }
    }
}

/// The mean cross-entropy of rows whose class is their number modulo 3.
fn loss(engine: &Engine, images: &Images) -> f64 {
    let rows: Vec<usize> = (0..images.len()).collect();
    let batch = Batch { pictures: Pictures::All(images), rows: &rows, classes: &[], augment: None };
    let logits = engine.infer(&batch).unwrap();
    let cost = |(i, row): (usize, &[f32])| {
        let total: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
        total.ln() - f64::from(row[i % 3])
    };
    let costs: Vec<f64> = logits.chunks_exact(3).enumerate().map(cost).collect();
    costs.iter().sum::<f64>() / f64::from(u32::try_from(costs.len()).unwrap())
}

#[test]
fn along_any_direction_the_loss_changes_as_the_gradient_says() {
    let shape = [21, 20, 3];
    let (plan, images) = (plan(shape), pictures(6, shape));
    for path in Path::all() {
        let mut moved = engine(&plan, path, 1);
        let gradients = one_step(&mut moved, &images);
        let numbers = plan.drawn(Seed::new(5));
        for (tensor, tenth) in gradients[..numbers.len()].iter().enumerate() {
            // Along the gradient itself, where the change is largest beside rounding.
            let squares = tenth.iter().map(|m| f64::from(10.0 * m).powi(2)).sum::<f64>();
            let mut at = |by: f64| {
                let mut numbers = numbers.clone();
                let length = by / squares.sqrt();
                for (x, m) in numbers[tensor].iter_mut().zip(tenth) {
                    *x = narrow(f64::from(*x) + length * f64::from(10.0 * m));
                }
                moved.set_numbers(numbers).unwrap();
                loss(&moved, &images)
            };
            let found = (at(4e-4) - at(-4e-4)) / 8e-4;
            let off = (found - squares.sqrt()).abs() / squares.sqrt();
            assert!(off < 0.02, "{} {tensor}: {found} {}", path.name(), squares.sqrt());
        }
    }
}

/// The gradient of these rows, as ten times the first memory, laid end to end.
fn gradient(engine: &mut Engine, images: &Images, rows: &[usize], update: &Update) -> Vec<f64> {
    let classes: Vec<u32> = (0..images.len()).map(|i| u32::try_from(i % 3).unwrap()).collect();
    let batch = Batch { pictures: Pictures::All(images), rows, classes: &classes, augment: None };
    engine.step(&batch, &Loss::default(), update).unwrap();
    let [first, _] = engine.memory().unwrap();
    first.concat().into_iter().map(|m| 10.0 * f64::from(m)).collect()
}

#[test]
fn each_rows_gradient_is_clipped_before_the_mean() {
    let shape = [21, 20, 3];
    let (mut frozen, images) = (plan(shape), pictures(19, shape));
    frozen.freeze(&["conv2".to_owned(), "fc1".to_owned()]);
    let rows: Vec<usize> = (0..images.len()).collect();
    let n = f64::from(u32::try_from(rows.len()).unwrap());
    let plans = [plan(shape), frozen];
    for (plan, path) in
        plans.iter().flat_map(|plan| Path::all().into_iter().map(move |path| (plan, path)))
    {
        let all = |rows: &[usize], update: &Update, threads| {
            gradient(&mut engine(plan, path, threads), &images, rows, update)
        };
        let own: Vec<Vec<f64>> = rows.iter().map(|&row| all(&[row], &update(), 1)).collect();
        let norm = |own: &Vec<f64>| own.iter().map(|g| g * g).sum::<f64>().sqrt();
        let mut norms: Vec<f64> = own.iter().map(norm).collect();
        norms.sort_by(f64::total_cmp);
        // Half of the rows are longer.
        let limit = f64::midpoint(norms[9], norms[8]);
        let mut expected = vec![0.0; own[0].len()];
        for own in &own {
            let factor = (limit / norm(own)).min(1.0) / n;
            expected.iter_mut().zip(own).for_each(|(sum, g)| *sum += factor * g);
        }
        let noise = Seed::new(1);
        let private = PrivateStep { clip: limit, deviation: 0.0, expected: n, noise };
        let clipped = Update { private: Some(private), ..update() };
        let found = all(&rows, &clipped, 1);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-6, "{} {found} {expected}", path.name());
        }
        for threads in [2, 4] {
            let same = all(&rows, &clipped, threads).into_iter().map(f64::to_bits);
            assert!(same.eq(found.iter().map(|g| g.to_bits())), "{}", path.name());
        }
    }
}

#[test]
fn noise_reaches_every_number_and_no_padding_and_a_step_may_have_no_row() {
    let (deviation, noise) = (0.5, Seed::new(8));
    let private = PrivateStep { clip: 1.0, deviation, expected: 10.0, noise };
    let update = Update { private: Some(private), ..update() };
    for plan in &chains()[..3] {
        let images = pictures(5, plan.shape);
        let moved = |rows: &[usize], threads| {
            let mut engine = engine(plan, Path::Portable, threads);
            let gradient = gradient(&mut engine, &images, rows, &update);
            (gradient, engine)
        };
        let (noise, quiet) = moved(&[], 1);
        assert!(noise.iter().all(|g| g.abs() > 0.0), "no number is left out");
        let n = f64::from(u32::try_from(noise.len()).unwrap());
        let variance = noise.iter().map(|g| g * g).sum::<f64>() / n;
        assert!((variance / 0.0025 - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{variance}");
        let (one, engine) = moved(&[0, 1, 2, 3, 4], 1);
        for threads in [2, 4] {
            assert!(
                one.iter()
                    .map(|g| g.to_bits())
                    .eq(moved(&[0, 1, 2, 3, 4], threads).0.iter().map(|g| g.to_bits()))
            );
        }
        // The same numbers without what lies between them give the same outputs.
        for moved in [&quiet, &engine] {
            let mut clean = self::engine(plan, Path::Portable, 1);
            clean.set_numbers(moved.numbers().unwrap()).unwrap();
            let found = [moved, &clean].map(|e| loss(e, &images).to_bits());
            assert_eq!(found[0], found[1]);
        }
    }
}

fn plan_zeros(plan: &Plan) -> [Vec<Vec<f32>>; 2] {
    let zeros: Vec<Vec<f32>> =
        plan.drawn(Seed::new(5)).iter().map(|t| vec![0.0; t.len()]).collect();
    [zeros.clone(), zeros]
}
