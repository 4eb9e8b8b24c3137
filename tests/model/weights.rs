//! Weights that go out and come back.

use audit::domain::{Architecture, Examples, Images, Seed, Split};
use audit::model::{Labelled, ModelError, Observer, TrainOptions, Trained, load, train};
use safetensors::SafeTensors;
use safetensors::tensor::{TensorView, serialize};

struct Nobody;

impl Observer for Nobody {
    fn batch(&mut self, _: usize, _: usize, _: usize) {}
    fn epoch(&mut self, _: &audit::domain::EpochRecord) {}
    fn checkpoint(&mut self, _: &[u8]) -> Result<(), std::io::Error> {
        Ok(())
    }
}

fn images() -> Images {
    let mut stream = Seed::new(1).stream();
    Images::new(20, 22, 3, (0..4 * 20 * 22 * 3).map(|_| stream.bits().to_le_bytes()[0]).collect())
        .unwrap()
}

fn trained() -> Trained {
    let examples = Examples {
        classes: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
        positive: 0,
        y_true: vec![0, 1, 2, 1],
        id: (0..4).map(|i| i.to_string()).collect(),
        split: vec![Split::Train; 4],
        groups: Vec::new(),
        subject: None,
    };
    let options = TrainOptions { epochs: 1, ..TrainOptions::default() };
    let data = Labelled { images: &images(), examples: &examples };
    train(data, &options, Seed::new(2), &mut Nobody, None).unwrap()
}

fn load_error(weights: &[u8], shape: [usize; 3], classes: usize) -> String {
    load(&Architecture::default(), weights, shape, classes, "auto")
        .map(|_| ())
        .unwrap_err()
        .to_string()
}

#[test]
fn loaded_weights_give_the_same_outputs() {
    let trained = trained();
    let loaded = load(&Architecture::default(), &trained.weights, [20, 22, 3], 3, "auto").unwrap();
    let (before, after) = (trained.classifier.logits(&images()), loaded.logits(&images()));
    assert_eq!(before.unwrap(), after.unwrap());
    assert_eq!((loaded.name(), loaded.parameters()), ("seed-cnn", 64_771));
}

#[test]
fn a_sequential_state_dict_is_the_same_network() {
    let trained = trained();
    let file = SafeTensors::deserialize(&trained.weights).unwrap();
    let places = [("conv1", "0"), ("conv2", "3"), ("conv3", "6"), ("fc1", "9"), ("fc2", "11")];
    let renamed = file.iter().map(|(name, tensor)| {
        let (layer, part) = name.split_once('.').unwrap();
        let place = places.iter().find(|p| p.0 == layer).unwrap().1;
        (format!("{place}.{part}"), tensor)
    });
    let bytes = serialize(renamed.collect::<Vec<_>>(), None).unwrap();
    let loaded = load(&Architecture::default(), &bytes, [20, 22, 3], 3, "auto").unwrap();
    let expected = trained.classifier.logits(&images()).unwrap();
    assert_eq!(loaded.logits(&images()).unwrap(), expected);
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let weights = trained().weights;
    assert_eq!(
        load_error(&weights, [20, 22, 3], 2),
        "tensor `fc2.weight` is f32 [3, 64], the network needs f32 [2, 64]"
    );
    assert_eq!(
        load_error(&weights, [64, 64, 3], 3),
        "tensor `fc1.weight` is f32 [64, 128], the network needs f32 [64, 9216]"
    );
    assert!(load_error(b"pickle", [20, 22, 3], 3).starts_with("not usable weights: "));

    let file = SafeTensors::deserialize(&weights).unwrap();
    let without = file.iter().filter(|(name, _)| *name != "conv2.bias").collect::<Vec<_>>();
    assert_eq!(
        load_error(&serialize(without, None).unwrap(), [20, 22, 3], 3),
        "tensor `conv2.bias` is missing, the network needs f32 [64]"
    );
    let extra = TensorView::new(safetensors::Dtype::F32, vec![1], &[0; 4]).unwrap();
    let with = file.iter().chain([("fc3.bias", extra)]).collect::<Vec<_>>();
    assert_eq!(
        load_error(&serialize(with, None).unwrap(), [20, 22, 3], 3),
        "not usable weights: `seed-cnn` has no tensor `fc3.bias`"
    );
}

#[test]
fn pictures_of_another_size_are_refused() {
    let trained = trained();
    let other = Images::new(22, 20, 3, vec![0; 22 * 20 * 3]).unwrap();
    let error = trained.classifier.logits(&other).unwrap_err();
    assert!(matches!(error, ModelError::Pictures { expected: [20, 22, 3], .. }), "{error}");
    let none = Images::new(20, 22, 3, Vec::new()).unwrap();
    assert!(trained.classifier.logits(&none).unwrap().is_empty());
}
