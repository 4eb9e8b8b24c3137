//! Trainings that begin with weights: what is frozen stays, what is reset is drawn, what does not fit
//! is named.

use super::training::{Watcher, planted, train};
use audit::domain::{Architecture, Conv, Examples, Images, Layer, Optimizer, Padding, Recipe};
use audit::model::{FineTune, Keep, ModelError, TrainOptions};
use safetensors::SafeTensors;
use std::collections::BTreeMap;

/// A chain for the engine, and a list with everything else for the graph.
fn architectures() -> [(Architecture, &'static [&'static str]); 2] {
    let conv =
        |filters| Layer::Conv(Conv { filters, kernel: 3, stride: 1, padding: Padding::Same });
    let list = vec![
        conv(4),
        Layer::BatchNorm,
        Layer::Relu,
        Layer::Dropout(0.2),
        Layer::Residual(vec![conv(4), Layer::BatchNorm]),
        Layer::MaxPool(3),
        Layer::Flatten,
        Layer::Dense(6),
        Layer::BatchNorm,
        Layer::Relu,
    ];
    [
        (Architecture::default(), &["conv1", "conv3", "fc1"]),
        (Architecture::Layers(list), &["conv1", "bn1", "bn2", "bn3"]),
    ]
}

fn options(architecture: &Architecture) -> TrainOptions {
    let optimizer = Optimizer::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.1 };
    let recipe = Recipe { optimizer, gradient_clip: Some(1.0), ..Recipe::default() };
    let architecture = architecture.clone();
    let keep = Keep::Last;
    TrainOptions {
        architecture,
        epochs: 2,
        batch_size: 16,
        recipe,
        keep,
        ..TrainOptions::default()
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn begin(weights: &[u8], reset: &[&str], freeze: &[&str]) -> FineTune {
    let (reset, freeze) = (names(reset), names(freeze));
    let (file, weights) = ("w.safetensors".to_owned(), weights.into());
    FineTune { file, weights, reset, freeze, linear_probe: false }
}

fn weights(data: &(Images, Examples), options: &TrainOptions) -> Vec<u8> {
    train(data, options, &mut Watcher::default(), None).unwrap().weights
}

fn tensors(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    file.iter().map(|(name, tensor)| (name.to_owned(), tensor.data().to_vec())).collect()
}

fn layer(name: &str) -> &str {
    name.split('.').next().unwrap()
}

#[test]
fn frozen_layers_keep_every_bit_and_the_others_move() {
    let data = planted();
    for (architecture, freeze) in architectures() {
        let first = weights(&data, &options(&architecture));
        for threads in [1, 2] {
            let fine_tune = Some(begin(&first, &[], freeze));
            let more = TrainOptions { fine_tune, threads, ..options(&architecture) };
            let (before, after) = (tensors(&first), tensors(&weights(&data, &more)));
            for (name, numbers) in &before {
                let same = *numbers == after[name];
                assert_eq!(same, freeze.contains(&layer(name)), "{architecture}: {name}");
            }
        }
    }
}

#[test]
fn a_training_begins_with_the_weights_of_the_file_and_a_reset_layer_as_if_there_were_none() {
    let data = planted();
    for (architecture, _) in architectures() {
        let first = weights(&data, &options(&architecture));
        // A rate at which nothing moves shows where the training began.
        let still = TrainOptions { learning_rate: 1e-30, ..options(&architecture) };
        let drawn = tensors(&weights(&data, &still));
        let fine_tune = Some(begin(&first, &["head"], &[]));
        let begun = tensors(&weights(&data, &TrainOptions { fine_tune, ..still }));
        let before = tensors(&first);
        for name in before.keys().filter(|name| !name.contains("running")) {
            let expected = if layer(name) == "fc2" { &drawn } else { &before };
            assert!(begun[name] == expected[name], "{architecture}: {name}");
        }
    }
}

#[test]
fn an_interrupted_fine_tuning_goes_on_to_the_same_bytes_but_not_from_other_weights() {
    let data = planted();
    for (architecture, freeze) in architectures() {
        let first = weights(&data, &options(&architecture));
        let fine_tune = Some(begin(&first, &[], freeze));
        let fine = TrainOptions { fine_tune, ..options(&architecture) };
        let mut watcher = Watcher::default();
        let whole = train(&data, &fine, &mut watcher, None).unwrap().weights;
        let middle = &watcher.checkpoints[0];
        let rest = train(&data, &fine, &mut Watcher::default(), Some(middle)).unwrap();
        assert!(rest.weights == whole, "{architecture}");
        for fine_tune in
            [Some(begin(&whole, &[], freeze)), Some(begin(&first, &[], &freeze[1..])), None]
        {
            let other = TrainOptions { fine_tune, ..fine.clone() };
            let refused = train(&data, &other, &mut Watcher::default(), Some(middle));
            assert!(matches!(refused, Err(ModelError::StaleCheckpoint { .. })), "{architecture}");
        }
    }
}

#[test]
fn weights_and_names_that_do_not_fit_are_named_with_file_and_shapes() {
    let data = planted();
    let first = weights(&data, &options(&Architecture::default()));
    let refused = |data: &(Images, Examples), fine_tune| {
        let options =
            TrainOptions { fine_tune: Some(fine_tune), ..options(&Architecture::default()) };
        train(data, &options, &mut Watcher::default(), None).map(|_| ()).unwrap_err().to_string()
    };
    let mut three = planted();
    three.1.classes.push("grey".to_owned());
    let expected = "cannot begin from `w.safetensors`: tensor `fc2.weight` is f32 [2, 64], the \
                    network needs f32 [3, 64]; `reset: [head]` begins the last layer afresh";
    assert_eq!(refused(&three, begin(&first, &[], &[])), expected);
    for head in ["head", "fc2"] {
        let fine_tune = Some(begin(&first, &[head], &["conv1"]));
        let options = TrainOptions { fine_tune, ..options(&Architecture::default()) };
        assert!(train(&three, &options, &mut Watcher::default(), None).is_ok());
    }
    let wide = (Images::new(18, 27, 2, data.0.bytes().to_vec()).unwrap(), data.1.clone());
    let expected = "cannot begin from `w.safetensors`: tensor `conv1.weight` is f32 \
                    [32, 3, 3, 3], the network needs f32 [32, 2, 3, 3]";
    assert_eq!(refused(&wide, begin(&first, &["head"], &[])), expected);
    let expected = "cannot begin from `w.safetensors`: not usable weights: ";
    assert!(refused(&data, begin(b"pickle", &[], &[])).starts_with(expected));
    let expected = "`freeze` names the layer `conv4`, the network has conv1, conv2, conv3, fc1, \
                    fc2 and `head` for the last";
    assert_eq!(refused(&data, begin(&first, &[], &["conv4"])), expected);
    let expected = "`freeze` is `fc2`, which is reset, which is not a layer with weights to keep";
    assert_eq!(refused(&data, begin(&first, &["head"], &["fc2"])), expected);
    let all = ["conv1", "conv2", "conv3", "fc1", "head"];
    let expected = "`freeze` is every layer, which is not leaving one to be trained";
    assert_eq!(refused(&data, begin(&first, &[], &all)), expected);
}

/// The largest difference of two files' numbers.
fn difference(a: &[u8], b: &[u8]) -> f32 {
    let (a, b) = (tensors(a), tensors(b));
    assert!(a.keys().eq(b.keys()));
    let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
    let pairs = a.values().zip(b.values()).flat_map(|(a, b)| a.chunks(4).zip(b.chunks(4)));
    pairs.map(|(a, b)| (number(a) - number(b)).abs()).fold(0.0, f32::max)
}

#[test]
fn a_linear_probe_is_a_training_with_everything_but_the_head_frozen() {
    let data = planted();
    let conv = Conv { filters: 5, kernel: 3, stride: 1, padding: Padding::Valid };
    let direct = vec![Layer::Conv(conv), Layer::Relu, Layer::MaxPool(2), Layer::Flatten];
    let [chain, list] = architectures().map(|(architecture, _)| architecture);
    let cases = [(chain, 0.0), (list, 0.0), (Architecture::Layers(direct), 1e-6)];
    for (architecture, tolerance) in cases {
        let own = TrainOptions { keep: Keep::Best, ..options(&architecture) };
        let first = weights(&data, &own);
        let mut layers: Vec<String> =
            tensors(&first).keys().map(|name| layer(name).to_owned()).collect();
        layers.dedup();
        let head = layers.iter().filter(|name| name.starts_with("fc")).max().unwrap().clone();
        layers.retain(|name| *name != head);
        let freeze: Vec<&str> = layers.iter().map(String::as_str).collect();
        let train = |fine_tune, threads| {
            let options = TrainOptions { fine_tune: Some(fine_tune), threads, ..own.clone() };
            train(&data, &options, &mut Watcher::default(), None).unwrap()
        };
        let frozen = train(begin(&first, &["head"], &freeze), 2);
        let probe = |threads| {
            let fine_tune = FineTune { linear_probe: true, ..begin(&first, &["head"], &[]) };
            train(fine_tune, threads)
        };
        let (one, two) = (probe(1), probe(2));
        assert!(one.weights == two.weights, "{architecture}");
        let found = difference(&one.weights, &frozen.weights);
        assert!(found <= tolerance, "{architecture}: {found}");
        assert_eq!(one.kept_epoch, frozen.kept_epoch);
        let outputs = [&one, &two].map(|t| t.classifier.logits(&data.0).unwrap());
        assert_eq!(outputs[0], outputs[1]);
        assert!(tolerance > 0.0 || outputs[0] == frozen.classifier.logits(&data.0).unwrap());
        assert!(difference(&one.weights, &first) > 1e-3, "the head has learned");
    }
}

#[test]
fn a_linear_probe_goes_on_after_an_interruption_and_wants_no_augmentation() {
    let data = planted();
    let first = weights(&data, &options(&Architecture::default()));
    let fine_tune = Some(FineTune { linear_probe: true, ..begin(&first, &[], &[]) });
    let probe = TrainOptions { fine_tune, ..options(&Architecture::default()) };
    let mut watcher = Watcher::default();
    let whole = train(&data, &probe, &mut watcher, None).unwrap().weights;
    let middle = &watcher.checkpoints[0];
    let rest = train(&data, &probe, &mut Watcher::default(), Some(middle)).unwrap();
    assert!(rest.weights == whole);
    let mut changed = probe;
    changed.recipe.augment.horizontal_flip = 0.5;
    let refused = train(&data, &changed, &mut Watcher::default(), None).map(|_| ()).unwrap_err();
    assert!(matches!(refused, ModelError::Setting { key: "augment", .. }), "{refused}");
}
