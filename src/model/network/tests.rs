//! The whole network: both engines agree, pictures are independent, statistics and masks.

use super::super::architecture::Plan;
use super::super::learner::Pictures;
use super::*;
use crate::domain::{Architecture, Conv, Images, Layer, Optimizer, Padding};

pub(super) fn conv(filters: usize, kernel: usize, stride: usize, padding: Padding) -> Layer {
    Layer::Conv(Conv { filters, kernel, stride, padding })
}

/// Every kind of layer.
pub(super) fn everything() -> Architecture {
    Architecture::Layers(vec![
        conv(6, 5, 2, Padding::Same),
        Layer::BatchNorm,
        Layer::Relu,
        Layer::MaxPool(2),
        Layer::Residual(vec![
            conv(4, 3, 1, Padding::Same),
            Layer::BatchNorm,
            Layer::Relu,
            conv(6, 1, 1, Padding::Same),
        ]),
        Layer::AveragePool(2),
        Layer::Dropout(0.25),
        Layer::Flatten,
        Layer::Dense(7),
        Layer::BatchNorm,
        Layer::Relu,
    ])
}

pub(super) fn network(plan: &Plan, engine: Engine) -> Network {
    Network::new(plan.clone(), engine, plan.drawn(Seed::new(5)), Seed::new(4)).unwrap()
}

pub(super) fn kernels(threads: usize) -> Engine {
    Engine::Kernels(Arc::new(Workers::new(threads).unwrap()))
}

/// The network by both engines, with equal numbers.
pub(super) fn twins(architecture: &Architecture, shape: [usize; 3]) -> [Network; 2] {
    let plan = Plan::new(architecture, shape, 3).unwrap();
    [kernels(2), Engine::Candle(Device::Cpu)].map(|engine| network(&plan, engine))
}

pub(super) fn pictures(n: usize, [height, width, channels]: [usize; 3]) -> Images {
    let mut stream = Seed::new(6).stream();
    let byte = |_| stream.bits().to_le_bytes()[0];
    let size = n * height * width * channels;
    Images::new(height, width, channels, (0..size).map(byte).collect()).unwrap()
}

pub(super) fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

pub(super) fn update(step: i32) -> Update {
    Update::new(Optimizer::ADAM, 1e-3, step)
}

#[test]
fn candles_graph_and_our_kernels_are_the_same_network() {
    let shape = [21, 20, 3];
    let (images, rows) = (pictures(5, shape), [0, 1, 2, 3, 4]);
    let batch = Batch {
        pictures: Pictures::All(&images),
        rows: &rows,
        classes: &[0, 1, 2, 1, 0],
        augment: None,
    };
    let named = ["seed-cnn", "mlp", "logistic"].map(Architecture::from);
    for architecture in named.iter().chain([&everything()]) {
        let [ours, theirs] = twins(architecture, shape).map(|mut network| {
            let before = network.descent(&batch, &Loss::default(), 1).unwrap();
            let mut all: Vec<_> = before.gradients.into_iter().flatten().collect();
            // Moves nothing but statistics: a step would blow the noise of tiny gradients up.
            let still = Update { rate: 0.0, ..update(1) };
            all.push(network.step(&batch, &Loss::default(), &still).unwrap().logits);
            let tensors = network.plan.tensors().into_iter();
            let held = tensors.zip(network.numbers().unwrap()).filter(|(t, _)| !t.is_trained());
            all.extend(held.map(|(_, numbers)| numbers));
            all.push(network.infer(&batch).unwrap());
            all
        });
        for (i, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let difference = largest_difference(ours, theirs);
            assert!(difference < 1e-5, "{architecture} {i}: {difference}");
        }
    }
}

#[test]
fn a_pictures_outputs_do_not_depend_on_the_pictures_beside_it() {
    let named = ["seed-cnn", "mlp", "logistic"].map(Architecture::from);
    let (odd, usual) = (pictures(37, [21, 20, 3]), pictures(37, [64, 64, 3]));
    for (architecture, images) in
        named.iter().chain([&everything()]).flat_map(|a| [(a, &odd), (a, &usual)])
    {
        let [network, _] = twins(architecture, images.shape());
        let outputs = |rows: &[usize]| {
            network
                .infer(&Batch {
                    pictures: Pictures::All(images),
                    rows,
                    classes: &[],
                    augment: None,
                })
                .unwrap()
        };
        let together = outputs(&(0..37).collect::<Vec<_>>());
        let alone: Vec<f32> = (0..37).flat_map(|row| outputs(&[row])).collect();
        assert_eq!(together, alone, "{architecture}");
    }
}

#[test]
fn threads_change_no_bit_and_steps_draw_their_own_masks() {
    let shape = [13, 12, 3];
    let plan = Plan::new(&everything(), shape, 3).unwrap();
    let (images, rows) = (pictures(9, shape), (0..9).collect::<Vec<_>>());
    let batch = Batch {
        pictures: Pictures::All(&images),
        rows: &rows,
        classes: &[0, 1, 2, 1, 0, 2, 2, 1, 0],
        augment: None,
    };
    let trained = |threads| {
        let mut network = network(&plan, kernels(threads));
        let steps =
            (1..4).map(|s| network.step(&batch, &Loss::default(), &update(s)).unwrap().logits);
        let steps: Vec<_> = steps.collect();
        (steps, network.numbers().unwrap(), network.memory().unwrap())
    };
    let one = trained(1);
    assert!(one == trained(2) && one == trained(4));
    let logits = |step| network(&plan, kernels(1)).descent(&batch, &Loss::default(), step).unwrap();
    assert_eq!(logits(1).logits, logits(1).logits);
    assert_ne!(logits(1).logits, logits(2).logits);
}

#[test]
fn running_statistics_move_a_tenth_of_the_way() {
    // Two pictures of one black and one white pixel: mean 1/2, unbiased variance 1/3.
    let layers = vec![Layer::BatchNorm, Layer::Flatten];
    let plan = Plan::new(&Architecture::Layers(layers), [1, 2, 1], 2).unwrap();
    let images = Images::new(1, 2, 1, vec![0, 255, 255, 0]).unwrap();
    let batch =
        Batch { pictures: Pictures::All(&images), rows: &[0, 1], classes: &[0, 1], augment: None };
    let mut network = network(&plan, kernels(1));
    network.step(&batch, &Loss::default(), &update(1)).unwrap();
    let numbers = network.numbers().unwrap();
    assert!(largest_difference(&numbers[2], &[0.05]) < 1e-7);
    assert!(largest_difference(&numbers[3], &[0.9 + 0.1 / 3.0]) < 1e-7);
}

#[test]
fn one_row_has_no_variance() {
    let layers = vec![Layer::BatchNorm, Layer::Flatten, Layer::BatchNorm];
    let plan = Plan::new(&Architecture::Layers(layers), [2, 2, 1], 2).unwrap();
    let images = Images::new(2, 2, 1, vec![1, 2, 3, 4]).unwrap();
    let batch =
        Batch { pictures: Pictures::All(&images), rows: &[0], classes: &[1], augment: None };
    let mut network = network(&plan, kernels(1));
    let error = network.step(&batch, &Loss::default(), &update(1)).unwrap_err().to_string();
    assert!(error.starts_with("`architecture[2]` gets a single number"), "{error}");
    assert!(network.infer(&batch).is_ok());
}

#[test]
fn dropout_drops_its_share_and_keeps_the_mean() {
    let layers = vec![Layer::Flatten, Layer::Dropout(0.25)];
    let plan = Plan::new(&Architecture::Layers(layers), [40, 50, 1], 2).unwrap();
    let ops = Ours::new(Arc::new(Workers::new(1).unwrap()));
    let x = Tensor::ones((3, 2000), DType::F32, &Device::Cpu).unwrap();
    let through = |mode| {
        numbers(&forward(&ops, mode, (&[], &plan.layers[1..2]), (x.clone(), &[])).unwrap().0)
    };
    let dropped = through(Mode::Train { noise: Seed::new(1) }).unwrap();
    let zeros = dropped.iter().filter(|x| x.abs() < 1e-9).count();
    assert!((1400..1600).contains(&zeros), "{zeros} of 6000");
    assert!(dropped.iter().all(|x| x.abs() < 1e-9 || (x - 4.0 / 3.0).abs() < 1e-6));
    assert_ne!(dropped[..2000], dropped[2000..4000]);
    assert!(through(Mode::Infer).unwrap().iter().all(|x| (x - 1.0).abs() < 1e-9));
}

#[test]
fn a_broken_weight_shows_and_moves_nothing() {
    let shape = [13, 12, 3];
    let plan = Plan::new(&everything(), shape, 3).unwrap();
    let mut network = network(&plan, kernels(1));
    let mut numbers = network.numbers().unwrap();
    numbers[0][0] = f32::NAN;
    network.set_numbers(numbers).unwrap();
    let images = pictures(3, shape);
    let batch = Batch {
        pictures: Pictures::All(&images),
        rows: &[0, 1, 2],
        classes: &[0, 1, 2],
        augment: None,
    };
    let logits = network.step(&batch, &Loss::default(), &update(1)).unwrap().logits;
    assert!(logits.iter().any(|x| x.is_nan()));
    assert!(network.memory().unwrap()[0].iter().flatten().all(|m| m.abs() < 1e-30));
    assert!(network.numbers().unwrap()[4].iter().all(|mean| mean.abs() < 1e-30));
}

#[test]
fn the_gradients_of_a_whole_network_are_its_differences() {
    // No relu and no max-pool, so that nothing jumps between the two sides.
    let block = vec![conv(2, 3, 1, Padding::Same), Layer::BatchNorm];
    let layers = vec![
        conv(2, 3, 2, Padding::Valid),
        Layer::Residual(block),
        Layer::AveragePool(2),
        Layer::Flatten,
        Layer::Dropout(0.25),
        Layer::Dense(4),
        Layer::Residual(vec![Layer::Dense(4)]),
        Layer::BatchNorm,
    ];
    let shape = [9, 11, 1];
    let plan = Plan::new(&Architecture::Layers(layers), shape, 3).unwrap();
    let mut network = network(&plan, kernels(1));
    let (images, rows, classes) = (pictures(6, shape), [0, 1, 2, 3, 4, 5], [0, 1, 2, 2, 1, 0]);
    let batch =
        Batch { pictures: Pictures::All(&images), rows: &rows, classes: &classes, augment: None };
    let numbers = network.numbers().unwrap();
    let mut loss = |tensor: usize, i: usize, by: f32| {
        let mut moved = numbers.clone();
        moved[tensor][i] += by;
        network.set_numbers(moved).unwrap();
        let descent = network.descent(&batch, &Loss::default(), 7).unwrap();
        let rows = descent.logits.chunks_exact(3).zip(classes).map(|(row, class)| {
            let total: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
            total.ln() - f64::from(row[usize::try_from(class).unwrap()])
        });
        (rows.sum::<f64>() / 6.0, descent.gradients)
    };
    let (_, gradients) = loss(0, 0, 0.0);
    for (tensor, gradient) in gradients.iter().enumerate() {
        for (i, g) in gradient.iter().flatten().enumerate() {
            let difference = (loss(tensor, i, 0.01).0 - loss(tensor, i, -0.01).0) / 0.02;
            let apart = (difference - f64::from(*g)).abs();
            assert!(apart < 1e-3 * (1.0 + difference.abs()), "{tensor} {i}: {g}, {difference}");
        }
    }
}
