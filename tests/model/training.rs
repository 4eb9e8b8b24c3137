//! Training through the public door, on small pictures with a planted difference.

use audit::domain::{EpochRecord, Examples, Images, Optimizer, Recipe, Seed, Split};
use audit::model::{Classifier, Keep, Labelled, ModelError, Observer, TrainOptions, Trained};

/// Remembers what it saw; fails to store the checkpoint of epoch `full_after + 1`.
#[derive(Default)]
pub(crate) struct Watcher {
    batches: Vec<(usize, usize, usize)>,
    epochs: Vec<EpochRecord>,
    pub(crate) checkpoints: Vec<Vec<u8>>,
    full_after: Option<usize>,
}

impl Observer for Watcher {
    fn batch(&mut self, epoch: usize, done: usize, of: usize) {
        self.batches.push((epoch, done, of));
    }

    fn epoch(&mut self, record: &EpochRecord) {
        self.epochs.push(record.clone());
    }

    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), std::io::Error> {
        if self.full_after == Some(self.checkpoints.len()) {
            return Err(std::io::Error::other("the disk is full"));
        }
        self.checkpoints.push(bytes.to_vec());
        Ok(())
    }
}

/// Noise, with a bright square in the pictures of class 1: 60 for training, 20 each for the rest.
pub(crate) fn planted() -> (Images, Examples) {
    let (n, side) = (100, 18);
    let mut stream = Seed::new(9).stream();
    let mut pixels = Vec::new();
    for i in 0..n {
        for at in 0..side * side * 3 {
            let (y, x) = (at / 3 / side, at / 3 % side);
            let bright = i % 2 == 1 && (4..12).contains(&y) && (4..12).contains(&x);
            let noise = stream.bits().to_le_bytes()[0] / 2;
            pixels.push(if bright { 100 + noise } else { noise });
        }
    }
    let splits = |i: usize| match i {
        0..60 => Split::Train,
        60..80 => Split::Validation,
        _ => Split::Test,
    };
    let examples = Examples {
        classes: vec!["dark".to_owned(), "bright".to_owned()],
        positive: 1,
        y_true: (0..n).map(|i| u32::from(i % 2 == 1)).collect(),
        id: (0..n).map(|i| i.to_string()).collect(),
        split: (0..n).map(splits).collect(),
        groups: Vec::new(),
        subject: None,
    };
    (Images::new(side, side, 3, pixels).unwrap(), examples)
}

fn options() -> TrainOptions {
    TrainOptions { epochs: 4, batch_size: 16, threads: 2, ..TrainOptions::default() }
}

pub(crate) fn train(
    data: &(Images, Examples),
    options: &TrainOptions,
    watcher: &mut Watcher,
    resume: Option<&[u8]>,
) -> Result<Trained, ModelError> {
    let data = Labelled { images: &data.0, examples: &data.1 };
    audit::model::train(data, options, Seed::new(3), watcher, resume)
}

fn accuracy(classifier: &dyn Classifier, (images, examples): &(Images, Examples)) -> f64 {
    let logits = classifier.logits(images).unwrap();
    let rows = examples.rows(Split::Test);
    let right = |&&i: &&usize| (logits.row(i)[1] > logits.row(i)[0]) == (examples.y_true[i] == 1);
    let right = rows.iter().filter(right).count();
    f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(rows.len()).unwrap())
}

fn error(data: &(Images, Examples), options: &TrainOptions) -> String {
    let result = train(data, options, &mut Watcher::default(), None);
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_planted_difference_is_learned_and_reported() {
    let data = planted();
    let mut watcher = Watcher::default();
    let trained = train(&data, &options(), &mut watcher, None).unwrap();
    assert!(accuracy(trained.classifier.as_ref(), &data) >= 0.95);
    assert_eq!(trained.history, watcher.epochs);
    let epochs: Vec<u64> = trained.history.iter().map(|r| r.epoch).collect();
    assert_eq!(epochs, [1, 2, 3, 4]);
    // 60 rows in batches of at most 16: four of 15.
    assert_eq!(watcher.batches[..5], [(1, 1, 4), (1, 2, 4), (1, 3, 4), (1, 4, 4), (2, 1, 4)]);
    let losses: Vec<f64> = trained.history.iter().map(|r| r.validation_loss.unwrap()).collect();
    let kept = losses[trained.kept_epoch - 1];
    assert!(losses.iter().all(|&loss| kept <= loss));
    assert!(trained.history.iter().all(|r| r.validation_accuracy.is_some()));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let data = planted();
    let run = |threads| {
        let options = TrainOptions { threads, ..options() };
        let mut watcher = Watcher::default();
        let trained = train(&data, &options, &mut watcher, None).unwrap();
        (trained.weights, trained.classifier.logits(&data.0).unwrap(), watcher.checkpoints)
    };
    let one = run(1);
    assert!(one == run(2) && one == run(5));
}

#[test]
fn an_interrupted_training_goes_on_to_the_same_bytes() {
    let data = planted();
    for keep in [Keep::Best, Keep::Last] {
        let options = TrainOptions { keep, ..options() };
        let whole = train(&data, &options, &mut Watcher::default(), None).unwrap();
        let mut full = Watcher { full_after: Some(2), ..Watcher::default() };
        let stopped = train(&data, &options, &mut full, None).map(|_| ()).unwrap_err();
        let message = "the checkpoint of epoch 3 could not be stored: the disk is full";
        assert_eq!(stopped.to_string(), message);
        let last = full.checkpoints.pop().unwrap();
        let mut watcher = Watcher::default();
        let rest = train(&data, &options, &mut watcher, Some(&last)).unwrap();
        assert_eq!(watcher.epochs.len(), 2);
        assert!(rest.weights == whole.weights && rest.history == whole.history);
        assert_eq!(rest.kept_epoch, whole.kept_epoch);
    }
}

#[test]
fn a_checkpoint_of_something_else_is_refused_as_stale_and_a_damaged_one_as_damaged() {
    let mut data = planted();
    let options = TrainOptions { epochs: 1, ..options() };
    let mut watcher = Watcher::default();
    train(&data, &options, &mut watcher, None).unwrap();
    let bytes = watcher.checkpoints.remove(0);
    let resume = |data: &(Images, Examples), options: &TrainOptions, bytes: &[u8]| {
        train(data, options, &mut Watcher::default(), Some(bytes)).map(|_| ()).unwrap_err()
    };
    let slower = TrainOptions { learning_rate: 0.0005, ..options.clone() };
    assert!(matches!(resume(&data, &slower, &bytes), ModelError::StaleCheckpoint { .. }));
    let damaged = resume(&data, &options, &bytes[..bytes.len() / 2]);
    assert!(matches!(damaged, ModelError::Checkpoint { .. }), "{damaged}");
    let foreign = resume(&data, &options, b"not a checkpoint");
    assert!(matches!(foreign, ModelError::Checkpoint { .. }), "{foreign}");
    data.1.y_true.swap(0, 1);
    assert!(matches!(resume(&data, &options, &bytes), ModelError::StaleCheckpoint { .. }));
}

#[test]
fn the_last_epoch_is_kept_when_asked_for_or_when_nothing_can_choose() {
    let mut data = planted();
    let last = TrainOptions { keep: Keep::Last, ..options() };
    assert_eq!(train(&data, &last, &mut Watcher::default(), None).unwrap().kept_epoch, 4);
    data.1.split.iter_mut().filter(|s| **s == Split::Validation).for_each(|s| *s = Split::Test);
    let trained = train(&data, &options(), &mut Watcher::default(), None).unwrap();
    assert_eq!(trained.kept_epoch, 4);
    assert!(trained.history.iter().all(|r| r.validation_loss.is_none()));
}

#[test]
fn a_loss_that_is_no_number_stops_the_training() {
    let options = TrainOptions { learning_rate: 1e30, ..options() };
    let message = error(&planted(), &options);
    assert!(
        message.starts_with("the loss is ")
            && message.contains(" in epoch 1 at step 2, at a learning rate of 1000000000000000000")
            && message.contains(", after the rows `")
            && message
                .contains("` and 7 more; lower `learning_rate`, set `gradient_clip`, or look"),
        "{message}"
    );
}

#[test]
fn a_diverging_training_names_the_rows_of_its_step_and_leaves_the_checkpoints() {
    let (data, mut watcher) = (planted(), Watcher::default());
    let recipe = Recipe {
        optimizer: Optimizer::Sgd { momentum: 0.0, nesterov: false, weight_decay: 0.0 },
        ..Recipe::default()
    };
    let whole = TrainOptions { learning_rate: 1e4, recipe, ..options() };
    match train(&data, &whole, &mut watcher, None).map(|_| ()).unwrap_err() {
        ModelError::Diverged { epoch, step, rows, learning_rate, value, .. } => {
            assert!(!value.is_finite() && step >= 1 && learning_rate > 9e3);
            assert_eq!((rows.len(), watcher.checkpoints.len()), (15, epoch - 1));
            let row = |id: &String| id.parse::<usize>().unwrap();
            assert!(rows.iter().all(|id| data.1.split[row(id)] == Split::Train));
        }
        other => unreachable!("{other}"),
    }
}

#[test]
fn data_that_nothing_can_be_learned_from_is_refused() {
    let mut data = planted();
    let (images, mut examples) = planted();
    examples.y_true = vec![0; 100];
    let one_class =
        "all training rows are of class `dark`; a classifier needs at least two classes";
    assert_eq!(error(&(images.clone(), examples.clone()), &options()), one_class);
    examples.split = vec![Split::Test; 100];
    let none = "no row belongs to the split `train`, so there is nothing to learn from";
    assert_eq!(error(&(images, examples), &options()), none);
    data.0 = Images::new(18, 18, 3, data.0.picture(0).to_vec()).unwrap();
    assert_eq!(error(&data, &options()), "there are 1 pictures, but 100 rows");
    data.0 = Images::new(17, 18, 3, vec![0; 17 * 18 * 3 * 100]).unwrap();
    let small = "the pictures are 17x18, but `seed-cnn` needs at least 18x18";
    assert_eq!(error(&data, &options()), small);
}
