//! Training with everything switched on: the same bytes on any threads and after an interruption.

use audit::domain::{
    Augment, CalibrationMethod, ClassWeights, Course, EarlyStopping, EpochRecord, Examples, Images,
    Optimizer, Per, Recipe, Schedule, Seed, Split,
};
use audit::model::{Labelled, ModelError, Observer, TrainOptions, Trained, load, train};

/// Keeps the checkpoints.
#[derive(Default)]
struct Watcher(Vec<Vec<u8>>);

impl Observer for Watcher {
    fn batch(&mut self, _: usize, _: usize, _: usize) {}
    fn epoch(&mut self, _: &EpochRecord) {}
    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), std::io::Error> {
        self.0.push(bytes.to_vec());
        Ok(())
    }
}

/// Noise, brighter in class 1, which has a quarter of the rows; one in ten labels is wrong.
fn data() -> (Images, Examples) {
    let (n, side) = (120, 18);
    let mut stream = Seed::new(9).stream();
    let (mut pixels, mut y_true) = (Vec::new(), Vec::new());
    for i in 0..n {
        let bright = i % 4 == 1;
        let offset = if bright { 40 } else { 0 };
        pixels.extend((0..side * side * 3).map(|_| offset + stream.bits().to_le_bytes()[0] / 2));
        y_true.push(u32::from(bright != stream.flip(0.1)));
    }
    let split = |i: usize| match i {
        0..60 => Split::Train,
        60..100 => Split::Validation,
        _ => Split::Test,
    };
    let examples = Examples {
        classes: vec!["dark".to_owned(), "bright".to_owned()],
        positive: 1,
        y_true,
        id: (0..n).map(|i| format!("row {i}")).collect(),
        split: (0..n).map(split).collect(),
        groups: Vec::new(),
        subject: None,
    };
    (Images::new(side, side, 3, pixels).unwrap(), examples)
}

fn everything() -> Recipe {
    Recipe {
        optimizer: Optimizer::AdamW { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weight_decay: 0.1 },
        schedule: Schedule {
            course: Course::Cosine { final_rate: 1e-5 },
            per: Per::Step,
            warmup: 1,
        },
        early_stopping: Some(EarlyStopping { patience: 3, min_delta: 0.001 }),
        class_weights: ClassWeights::Balanced,
        label_smoothing: 0.1,
        gradient_clip: Some(0.5),
        augment: Augment {
            horizontal_flip: 0.5,
            vertical_flip: 0.5,
            rotation: 20.0,
            crop: Some(0.7),
            brightness: 0.1,
            contrast: 0.1,
            saturation: 0.1,
        },
        calibration: Some(CalibrationMethod::Temperature),
    }
}

fn options(recipe: Recipe) -> TrainOptions {
    let (epochs, batch_size, threads, learning_rate) = (6, 16, 2, 0.002);
    TrainOptions { epochs, batch_size, threads, learning_rate, recipe, ..TrainOptions::default() }
}

fn run(options: &TrainOptions, watcher: &mut Watcher, resume: Option<&[u8]>) -> Trained {
    let (images, examples) = data();
    let data = Labelled { images: &images, examples: &examples };
    train(data, options, Seed::new(3), watcher, resume).unwrap()
}

fn refused(options: &TrainOptions, data: &(Images, Examples), resume: Option<&[u8]>) -> ModelError {
    let data = Labelled { images: &data.0, examples: &data.1 };
    let ended = train(data, options, Seed::new(3), &mut Watcher::default(), resume);
    ended.map(|_| ()).unwrap_err()
}

fn same(a: &Trained, b: &Trained) -> bool {
    a.weights == b.weights
        && a.history == b.history
        && (a.kept_epoch, a.stopped_epoch) == (b.kept_epoch, b.stopped_epoch)
        && a.calibration == b.calibration
}

#[test]
fn with_everything_on_threads_change_no_bit_and_any_epoch_can_be_gone_on_from() {
    let mut watcher = Watcher::default();
    let whole = run(&options(everything()), &mut watcher, None);
    for threads in [1, 4] {
        let options = TrainOptions { threads, ..options(everything()) };
        let mut other = Watcher::default();
        assert!(same(&whole, &run(&options, &mut other, None)) && watcher.0 == other.0);
    }
    assert_eq!(watcher.0.len(), whole.history.len());
    for bytes in &watcher.0 {
        let rest = run(&options(everything()), &mut Watcher::default(), Some(bytes));
        assert!(same(&whole, &rest));
    }
    assert!(whole.history.iter().all(|r| r.gradient_norm.is_some_and(|norm| norm > 0.0)));
}

#[test]
fn each_part_of_the_recipe_changes_the_weights() {
    let plain = run(&options(Recipe::default()), &mut Watcher::default(), None);
    let (all, none) = (everything(), Recipe::default);
    let parts = [
        Recipe { optimizer: all.optimizer, ..none() },
        Recipe { schedule: all.schedule, ..none() },
        Recipe { class_weights: all.class_weights, ..none() },
        Recipe { label_smoothing: all.label_smoothing, ..none() },
        Recipe { gradient_clip: Some(0.01), ..none() },
        Recipe { augment: all.augment, ..none() },
    ];
    for recipe in parts {
        let words = format!("{recipe:?}");
        let other = run(&options(recipe), &mut Watcher::default(), None);
        assert!(other.weights != plain.weights, "{words}");
        assert!(other.history[0].learning_rate > 0.0 && other.calibration.is_none());
    }
}

#[test]
fn only_training_pictures_are_changed() {
    // With a rate that moves nothing, the validation loss is that of the first weights.
    let still = |recipe| TrainOptions { learning_rate: 1e-30, epochs: 1, ..options(recipe) };
    let record = |recipe| run(&still(recipe), &mut Watcher::default(), None).history.remove(0);
    let plain = record(Recipe::default());
    let changed = record(Recipe { augment: everything().augment, ..Recipe::default() });
    assert_eq!(plain.validation_loss, changed.validation_loss);
    assert!((plain.train_loss - changed.train_loss).abs() > 1e-6);
}

#[test]
fn early_stopping_ends_where_patience_does_and_again_after_a_resume() {
    let stop = EarlyStopping { patience: 2, min_delta: 100.0 };
    let recipe = Recipe { early_stopping: Some(stop), ..Recipe::default() };
    let mut watcher = Watcher::default();
    let stopped = run(&options(recipe.clone()), &mut watcher, None);
    // The first epoch is the best; two more bring no fall of 100.
    assert_eq!((stopped.history.len(), stopped.stopped_epoch), (3, Some(3)));
    let rest = run(&options(recipe), &mut Watcher::default(), Some(&watcher.0[2]));
    assert!(same(&stopped, &rest));
}

#[test]
fn a_checkpoint_of_another_recipe_or_length_of_cosine_is_stale() {
    let mut watcher = Watcher::default();
    run(&options(everything()), &mut watcher, None);
    let bytes = watcher.0.remove(0);
    let longer = TrainOptions { epochs: 7, ..options(everything()) };
    let sharper = options(Recipe { label_smoothing: 0.0, ..everything() });
    for other in [longer, sharper] {
        let error = refused(&other, &data(), Some(&bytes));
        assert!(matches!(error, ModelError::StaleCheckpoint { .. }), "{error}");
    }
}

#[test]
fn calibration_leaves_outputs_raw_and_travels_with_the_weights() {
    let recipe = Recipe { calibration: Some(CalibrationMethod::Temperature), ..Recipe::default() };
    let calibrated = run(&options(recipe), &mut Watcher::default(), None);
    let plain = run(&options(Recipe::default()), &mut Watcher::default(), None);
    let found = calibrated.calibration.unwrap();
    assert_eq!(found.n, 40);
    assert!(found.validation_nll_after <= found.validation_nll_before);
    let kept = &calibrated.history[calibrated.kept_epoch - 1];
    assert!((found.validation_nll_before - kept.validation_loss.unwrap()).abs() < 1e-9);
    let (images, _) = data();
    let logits = |classifier: &dyn audit::model::Classifier| classifier.logits(&images).unwrap();
    assert_eq!(logits(calibrated.classifier.as_ref()), logits(plain.classifier.as_ref()));
    let loaded = load(&"seed-cnn".into(), &calibrated.weights, [18, 18, 3], 2, "auto").unwrap();
    assert_eq!(loaded.calibration(), Some(found));
    assert_eq!(calibrated.classifier.calibration(), Some(found));
    let loaded = load(&"seed-cnn".into(), &plain.weights, [18, 18, 3], 2, "auto").unwrap();
    assert_eq!(loaded.calibration(), None);
}

#[test]
fn what_is_chosen_by_validation_rows_is_refused_without_any() {
    let (images, mut examples) = data();
    examples.split.iter_mut().filter(|s| **s == Split::Validation).for_each(|s| *s = Split::Test);
    let data = (images, examples);
    let stop = Recipe { early_stopping: everything().early_stopping, ..Recipe::default() };
    let calibrate = Recipe { calibration: everything().calibration, ..Recipe::default() };
    for (key, recipe) in [("early_stopping", stop), ("calibration", calibrate)] {
        let message = refused(&options(recipe), &data, None).to_string();
        assert!(message.starts_with(&format!("`{key}` needs validation rows")), "{message}");
    }
}

#[test]
fn a_weight_for_a_class_that_is_not_there_is_refused() {
    let weights = ClassWeights::Given([("blue".to_owned(), 2.0)].into());
    let recipe = Recipe { class_weights: weights, ..Recipe::default() };
    let message = refused(&options(recipe), &data(), None).to_string();
    assert_eq!(message, "`class_weights` names the class `blue`, the data has dark, bright");
}
