//! Private training through the public door: laws, determinism, refusals.

use super::training::{Watcher, planted, train};
use audit::domain::{
    Architecture, Augment, Conv, Examples, Images, Layer, Optimizer, Padding, Recipe,
};
use audit::model::{DpSgd, Keep, TrainOptions};

const SGD: Optimizer = Optimizer::Sgd { momentum: 0.9, nesterov: false, weight_decay: 0.0 };

/// A small chain, and a network that is none.
fn networks() -> [Architecture; 2] {
    let conv =
        |stride| Layer::Conv(Conv { filters: 4, kernel: 3, stride, padding: Padding::Valid });
    let tail = |stride| vec![conv(stride), Layer::Relu, Layer::MaxPool(2), Layer::Flatten];
    [1, 2].map(|stride| Architecture::Layers(tail(stride)))
}

fn options(architecture: &Architecture, dp: Option<DpSgd>) -> TrainOptions {
    TrainOptions {
        architecture: architecture.clone(),
        epochs: 3,
        batch_size: 12,
        learning_rate: 0.05,
        recipe: Recipe { optimizer: SGD, ..Recipe::default() },
        keep: Keep::Last,
        dp,
        ..TrainOptions::default()
    }
}

fn outputs(data: &(Images, Examples), options: &TrainOptions) -> Vec<f64> {
    let trained = train(data, options, &mut Watcher::default(), None).unwrap();
    let logits = trained.classifier.logits(&data.0).unwrap();
    (0..logits.len()).flat_map(|i| logits.row(i).to_vec()).collect()
}

#[test]
fn without_noise_and_limit_a_step_on_all_rows_is_the_plain_one() {
    let data = planted();
    for architecture in &networks() {
        let all = |dp| TrainOptions { batch_size: 60, ..options(architecture, dp) };
        let plain = outputs(&data, &all(None));
        let free = DpSgd { clip: 1e9, noise_multiplier: 0.0 };
        let found = outputs(&data, &all(Some(free)));
        let far = plain.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far < 1e-4, "{architecture}: {far}");
        // A control: a limit is felt.
        let found = outputs(&data, &all(Some(DpSgd { clip: 0.01, ..free })));
        let far = plain.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far > 1e-2, "{architecture}: {far}");
    }
}

#[test]
fn threads_change_no_bit_of_a_private_training_and_it_goes_on_after_a_stop() {
    let data = planted();
    let dp = Some(DpSgd { clip: 0.5, noise_multiplier: 1.1 });
    for architecture in &networks() {
        let mut options = options(architecture, dp);
        options.recipe.optimizer = Optimizer::ADAM;
        options.recipe.augment = Augment { horizontal_flip: 0.5, ..Augment::default() };
        let run = |threads| {
            let options = TrainOptions { threads, ..options.clone() };
            let mut watcher = Watcher::default();
            (train(&data, &options, &mut watcher, None).unwrap(), watcher)
        };
        let (one, watcher) = run(1);
        for threads in [2, 4] {
            assert!(one.weights == run(threads).0.weights, "{architecture} {threads}");
        }
        let after_first = Some(watcher.checkpoints[0].as_slice());
        let rest = train(&data, &options, &mut Watcher::default(), after_first).unwrap();
        assert!(rest.weights == one.weights && rest.history == one.history);
        assert!(one.history.iter().all(|e| e.clipped.is_some_and(|c| (0.0..=1.0).contains(&c))));
        let other = TrainOptions {
            dp: Some(DpSgd { clip: 0.5, noise_multiplier: 1.2 }),
            ..options.clone()
        };
        let stale = train(&data, &other, &mut Watcher::default(), after_first);
        assert!(stale.is_err(), "a checkpoint with other noise is not gone on from");
    }
}

#[test]
fn a_private_training_without_noise_learns_and_reports_what_it_clipped() {
    let data = planted();
    let [chain, _] = networks();
    let of = |clip| {
        let dp = Some(DpSgd { clip, noise_multiplier: 0.0 });
        let trained = train(&data, &options(&chain, dp), &mut Watcher::default(), None).unwrap();
        trained.history.iter().map(|e| e.clipped.unwrap()).collect::<Vec<_>>()
    };
    assert!(of(1e-6).iter().all(|share| *share >= 1.0));
    assert!(of(1e6).iter().all(|share| *share <= 0.0));
    let plain = train(&data, &options(&chain, None), &mut Watcher::default(), None).unwrap();
    assert!(plain.history.iter().all(|e| e.clipped.is_none()));
}

#[test]
fn a_batch_normalisation_has_no_gradient_of_a_single_row() {
    let data = planted();
    let dp = Some(DpSgd { clip: 1.0, noise_multiplier: 1.0 });
    let layers =
        vec![Layer::Flatten, Layer::Dense(4), Layer::Residual(vec![Layer::BatchNorm]), Layer::Relu];
    let options = options(&Architecture::Layers(layers), dp);
    let refused = train(&data, &options, &mut Watcher::default(), None).map(|_| ()).unwrap_err();
    let message = refused.to_string();
    assert!(message.starts_with("`architecture[2].residual[0]` is a batch norm"), "{message}");
    assert!(message.contains("leave the layer out"), "{message}");
}

#[test]
fn an_epoch_that_no_row_joins_is_still_recorded() {
    let (images, mut examples) = planted();
    // Two rows, one a step: with this seed some of many epochs of two steps have none.
    examples.split.iter_mut().skip(2).for_each(|split| *split = audit::domain::Split::Test);
    let [chain, _] = networks();
    let dp = Some(DpSgd { clip: 1.0, noise_multiplier: 0.5 });
    let options = TrainOptions { epochs: 40, batch_size: 1, ..options(&chain, dp) };
    let trained = train(&(images, examples), &options, &mut Watcher::default(), None).unwrap();
    assert!(trained.history.iter().any(|e| e.clipped.is_none()));
    assert!(trained.history.iter().all(|e| e.train_loss.is_finite()));
}
