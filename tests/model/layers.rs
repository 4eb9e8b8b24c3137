//! Networks that are lists of layers, through the public door.

use audit::domain::{
    Architecture, Conv, EpochRecord, Examples, Images, Layer, Padding, Seed, Split,
};
use audit::model::{Labelled, ModelError, Observer, TrainOptions, Trained, load, train};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// Keeps the checkpoints; fails to store that of epoch `full_after + 1`.
#[derive(Default)]
struct Keeper {
    checkpoints: Vec<Vec<u8>>,
    full_after: Option<usize>,
}

impl Observer for Keeper {
    fn batch(&mut self, _: usize, _: usize, _: usize) {}
    fn epoch(&mut self, _: &EpochRecord) {}
    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), std::io::Error> {
        if self.full_after == Some(self.checkpoints.len()) {
            return Err(std::io::Error::other("the disk is full"));
        }
        self.checkpoints.push(bytes.to_vec());
        Ok(())
    }
}

fn conv(filters: usize, kernel: usize, stride: usize) -> Layer {
    Layer::Conv(Conv { filters, kernel, stride, padding: Padding::Same })
}

/// Every kind of layer.
fn architecture() -> Architecture {
    Architecture::Layers(vec![
        conv(6, 3, 1),
        Layer::BatchNorm,
        Layer::Relu,
        Layer::MaxPool(2),
        Layer::Residual(vec![conv(6, 5, 1), Layer::BatchNorm, Layer::Relu, conv(6, 1, 1)]),
        Layer::AveragePool(2),
        Layer::Dropout(0.25),
        Layer::Flatten,
        Layer::Dense(8),
        Layer::Relu,
    ])
}

/// Noise, with a bright square in the pictures of class 1; 60 of 80 are for training.
fn planted() -> (Images, Examples) {
    let (n, height, width) = (80, 13, 15);
    let mut stream = Seed::new(9).stream();
    let mut pixels = Vec::new();
    for i in 0..n {
        for at in 0..height * width * 3 {
            let (y, x) = (at / 3 / width, at / 3 % width);
            let bright = i % 2 == 1 && (3..9).contains(&y) && (4..11).contains(&x);
            let noise = stream.bits().to_le_bytes()[0] / 2;
            pixels.push(if bright { 100 + noise } else { noise });
        }
    }
    let examples = Examples {
        classes: vec!["dark".to_owned(), "bright".to_owned()],
        positive: 1,
        y_true: (0..n).map(|i| u32::from(i % 2 == 1)).collect(),
        id: (0..n).map(|i| i.to_string()).collect(),
        split: (0..n).map(|i| if i < 60 { Split::Train } else { Split::Validation }).collect(),
        groups: Vec::new(),
        subject: None,
    };
    (Images::new(height, width, 3, pixels).unwrap(), examples)
}

fn options() -> TrainOptions {
    let architecture = architecture();
    TrainOptions { architecture, epochs: 4, batch_size: 16, threads: 2, ..TrainOptions::default() }
}

fn trained(
    data: &(Images, Examples),
    options: &TrainOptions,
    keeper: &mut Keeper,
    resume: Option<&[u8]>,
) -> Result<Trained, ModelError> {
    let data = Labelled { images: &data.0, examples: &data.1 };
    train(data, options, Seed::new(3), keeper, resume)
}

#[test]
fn named_networks_and_a_list_learn_a_planted_difference() {
    let data = planted();
    let named = ["mlp", "logistic"].map(Architecture::from);
    for architecture in named.into_iter().chain([architecture()]) {
        let options = TrainOptions { architecture, epochs: 12, ..options() };
        let trained = trained(&data, &options, &mut Keeper::default(), None).unwrap();
        let best = trained.history[trained.kept_epoch - 1].validation_accuracy.unwrap();
        assert!(best >= 0.95, "{}: {best}", options.architecture);
        assert_eq!(trained.classifier.name(), options.architecture.name());
    }
}

#[test]
fn neither_threads_nor_an_interruption_change_a_bit() {
    let data = planted();
    let run = |threads| {
        let mut keeper = Keeper::default();
        let options = TrainOptions { threads, ..options() };
        let trained = trained(&data, &options, &mut keeper, None).unwrap();
        (trained.weights, trained.classifier.logits(&data.0).unwrap(), keeper.checkpoints)
    };
    let whole = run(1);
    assert!(whole == run(2) && whole == run(4));
    let mut full = Keeper { full_after: Some(2), ..Keeper::default() };
    assert!(trained(&data, &options(), &mut full, None).is_err());
    let last = full.checkpoints.pop().unwrap();
    let rest = trained(&data, &options(), &mut Keeper::default(), Some(&last)).unwrap();
    assert!(rest.weights == whole.0 && rest.classifier.logits(&data.0).unwrap() == whole.1);
}

#[test]
fn a_checkpoint_of_another_list_is_stale() {
    let data = planted();
    let mut keeper = Keeper::default();
    let options = TrainOptions { epochs: 1, ..options() };
    trained(&data, &options, &mut keeper, None).unwrap();
    let Architecture::Layers(mut layers) = options.architecture.clone() else { unreachable!() };
    layers[6] = Layer::Dropout(0.5);
    let other = TrainOptions { architecture: Architecture::Layers(layers), ..options };
    let stale = trained(&data, &other, &mut Keeper::default(), Some(&keeper.checkpoints[0]));
    assert!(matches!(stale.map(|_| ()), Err(ModelError::StaleCheckpoint { .. })));
}

#[test]
fn weights_come_back_by_our_names_and_by_those_of_a_sequential() {
    let data = planted();
    let trained = trained(&data, &options(), &mut Keeper::default(), None).unwrap();
    let expected = trained.classifier.logits(&data.0).unwrap();
    let loaded = load(&architecture(), &trained.weights, [13, 15, 3], 2, "auto").unwrap();
    assert_eq!(loaded.logits(&data.0).unwrap(), expected);
    // 168 + 12 + 906 + 12 + 42 + (54·8 + 8) + 18; running statistics are not counted.
    assert_eq!(loaded.parameters(), 1598);

    let places = [
        ("conv1", "0"),
        ("bn1", "1"),
        ("conv2", "4.0"),
        ("bn2", "4.1"),
        ("conv3", "4.3"),
        ("fc1", "8"),
        ("fc2", "10"),
    ];
    let file = SafeTensors::deserialize(&trained.weights).unwrap();
    let mut renamed: Vec<(String, TensorView<'_>)> = Vec::new();
    for (name, tensor) in file.iter() {
        let (layer, part) = name.split_once('.').unwrap();
        let place = places.iter().find(|p| p.0 == layer).unwrap().1;
        renamed.push((format!("{place}.{part}"), tensor));
    }
    let counter = TensorView::new(Dtype::I64, vec![], &[0; 8]).unwrap();
    renamed.push(("4.1.num_batches_tracked".to_owned(), counter.clone()));
    let bytes = serialize(renamed.clone(), None).unwrap();
    let loaded = load(&architecture(), &bytes, [13, 15, 3], 2, "auto").unwrap();
    assert_eq!(loaded.logits(&data.0).unwrap(), expected);

    renamed.push(("0.num_batches_tracked".to_owned(), counter));
    let bytes = serialize(renamed, None).unwrap();
    let error = load(&architecture(), &bytes, [13, 15, 3], 2, "auto").map(|_| ()).unwrap_err();
    let message = "not usable weights: `layers` has no tensor `0.num_batches_tracked`";
    assert_eq!(error.to_string(), message);
}

#[test]
fn lists_that_do_not_fit_and_names_that_do_not_exist_are_refused() {
    let data = planted();
    let message = |architecture| {
        let options = TrainOptions { architecture, ..options() };
        trained(&data, &options, &mut Keeper::default(), None).map(|_| ()).unwrap_err().to_string()
    };
    let dense = Architecture::Layers(vec![Layer::Relu, Layer::Dense(3)]);
    assert_eq!(message(dense), "`architecture[1]` gets a map of 13x15x3; put `flatten` before it");
    let pools = vec![Layer::MaxPool(4), Layer::MaxPool(4), Layer::Flatten];
    assert_eq!(
        message(Architecture::Layers(pools)),
        "the pictures are 13x15, but `architecture[1]` needs at least 16x16"
    );
    assert_eq!(
        message(Architecture::from("mlpp")),
        "there is no architecture `mlpp`, did you mean `mlp`? (known: seed-cnn, mlp, logistic)"
    );
}
