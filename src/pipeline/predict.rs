//! From rows and pictures to predictions: train, load, or take what is given.

use super::noisy::Private;
use super::planted::Planted;
use super::{Inputs, PipelineError, Watcher};
use crate::config::{Config, Keep, Load, Model, Train};
use crate::domain::{Architecture, ClassId, Logits, ModelRecord, Predictions, Seed, digest_hex};
use crate::model::{self, Classifier, FineTune, Labelled, ModelError, TrainOptions, Trained};
use std::collections::BTreeMap;

/// Predictions and where they come from.
#[derive(Debug)]
pub struct Classified {
    /// The table of predictions.
    pub predictions: Predictions,
    /// The classifier's part of the record.
    pub record: ModelRecord,
    /// Weights in safetensors, when a model was trained.
    pub weights: Option<Vec<u8>>,
    /// SHA-256 of the weights, when there is a model.
    pub digest: Option<String>,
    /// What a model that was trained here says of its canaries, if it has any.
    pub canaries: Option<Logits>,
}

/// Makes the table of predictions as the configuration says.
///
/// # Errors
/// When training, loading or the pictures fail.
pub fn classify(
    config: &Config,
    inputs: &Inputs,
    threads: usize,
    watcher: &mut dyn Watcher,
) -> Result<Classified, PipelineError> {
    match &config.model {
        Model::Predictions(_) => given(inputs),
        Model::Load(load) => {
            watcher.step("model", &format!("loading {}", load.path.given));
            stored(load, inputs)
        }
        Model::Train(options) => {
            let trained = train(config, options, inputs, threads, watcher)?;
            let record = ModelRecord {
                source: "train".to_owned(),
                settings: settings(options, trained.classifier.kernel()),
                kept_epoch: u64::try_from(trained.kept_epoch).ok(),
                stopped_epoch: trained.stopped_epoch.and_then(|epoch| u64::try_from(epoch).ok()),
                training: trained.history.clone(),
                dp: inputs.private.as_ref().map(|p| p.record(options, &inputs.data.examples)),
                canaries: inputs.planted.as_ref().map(Planted::record),
                ..described(trained.classifier.as_ref())
            };
            watcher.step("predict", &format!("{} rows", inputs.data.examples.len()));
            let predictions = predicted(trained.classifier.as_ref(), inputs)?;
            let canaries = inputs.planted.as_ref();
            let canaries = canaries.map(|p| p.logits(trained.classifier.as_ref())).transpose()?;
            let digest = Some(digest_hex(&trained.weights));
            Ok(Classified { predictions, record, weights: Some(trained.weights), digest, canaries })
        }
    }
}

/// What a model that is loaded says.
fn stored(load: &Load, inputs: &Inputs) -> Result<Classified, PipelineError> {
    let weights = inputs.weights.as_deref().unwrap_or_default();
    let unfit = |e: PipelineError| PipelineError::Read {
        path: load.path.given.clone(),
        because: e.to_string(),
    };
    let classifier = loaded(&load.architecture, weights, inputs, "auto").map_err(unfit)?;
    let mut settings = layers(&load.architecture);
    settings.insert("path".to_owned(), load.path.given.clone());
    settings.insert("kernel".to_owned(), classifier.kernel().to_owned());
    let record =
        ModelRecord { source: "load".to_owned(), settings, ..described(classifier.as_ref()) };
    let predictions = predicted(classifier.as_ref(), inputs)?;
    let digest = Some(digest_hex(weights));
    Ok(Classified { predictions, record, weights: None, digest, canaries: None })
}

/// Trains, with the canaries if there are any, going on from a checkpoint where one fits.
///
/// # Errors
/// When there are no pictures or training fails.
pub fn train(
    config: &Config,
    options: &Train,
    inputs: &Inputs,
    threads: usize,
    watcher: &mut dyn Watcher,
) -> Result<Trained, PipelineError> {
    let own = (pictures(inputs)?, &inputs.data.examples);
    let world = inputs.planted.as_ref().map(|planted| planted.world(&inputs.data));
    let (images, examples) = world.as_ref().map_or(own, |world| (&world.0, &world.1));
    let rows = examples.rows(crate::domain::Split::Train).len();
    watcher.step("train", &format!("{} on {rows} rows", options.architecture.name()));
    let options = train_options(options, inputs, threads);
    let seed = Seed::new(config.seed);
    let data = Labelled { images, examples };
    let resume = watcher.checkpointed();
    let trained = match model::train(data, &options, seed, watcher, resume.as_deref()) {
        Err(e @ (ModelError::StaleCheckpoint { .. } | ModelError::Checkpoint { .. })) => {
            watcher.discarded(&e.to_string());
            model::train(data, &options, seed, watcher, None)?
        }
        other => other?,
    };
    if let Some(epoch) = trained.stopped_epoch {
        watcher.stopped_early(epoch, options.epochs);
    }
    Ok(trained)
}

/// The settings in the words of the model room.
pub(super) fn train_options(options: &Train, inputs: &Inputs, threads: usize) -> TrainOptions {
    let fine_tune = options.init_from.as_ref().map(|file| FineTune {
        file: file.given.clone(),
        weights: inputs.weights.clone().unwrap_or_default(),
        reset: options.reset.clone(),
        freeze: options.freeze.clone(),
        linear_probe: options.linear_probe,
    });
    TrainOptions {
        fine_tune,
        architecture: options.architecture.clone(),
        epochs: options.epochs,
        batch_size: options.batch_size,
        learning_rate: options.learning_rate,
        recipe: options.recipe.clone(),
        dp: inputs.private.as_ref().map(Private::settings),
        keep: keep(options.keep),
        device: options.device.clone(),
        kernel: options.kernel.clone(),
        threads,
    }
}

/// The pictures, without which nothing can be trained.
pub(super) fn pictures(inputs: &Inputs) -> Result<&crate::domain::Images, PipelineError> {
    let missing = "this model needs pictures, and the data has none; use `format: image-folder`, \
                   `idx`, `npz`, `cifar` or `synthetic`, or give `model.predictions`";
    inputs.data.images.as_ref().ok_or_else(|| PipelineError::Impossible(missing.to_owned()))
}

fn given(inputs: &Inputs) -> Result<Classified, PipelineError> {
    let missing = "the configuration names no model, and the data has no predictions".to_owned();
    let given = inputs.data.predictions.clone();
    let predictions = given.ok_or(PipelineError::Impossible(missing))?.check()?;
    let record = ModelRecord {
        source: "predictions".to_owned(),
        architecture: None,
        parameters: None,
        settings: BTreeMap::new(),
        kept_epoch: None,
        stopped_epoch: None,
        calibration: None,
        training: Vec::new(),
        dp: None,
        canaries: None,
    };
    Ok(Classified { predictions, record, weights: None, digest: None, canaries: None })
}

fn described(classifier: &dyn Classifier) -> ModelRecord {
    ModelRecord {
        source: String::new(),
        architecture: Some(classifier.name().to_owned()),
        parameters: Some(classifier.parameters()),
        settings: BTreeMap::new(),
        kept_epoch: None,
        stopped_epoch: None,
        calibration: classifier.calibration(),
        training: Vec::new(),
        dp: None,
        canaries: None,
    }
}

fn keep(keep: Keep) -> model::Keep {
    match keep {
        Keep::Best => model::Keep::Best,
        Keep::Last => model::Keep::Last,
    }
}

fn settings(options: &Train, kernel: &str) -> BTreeMap<String, String> {
    let mut settings = options.recipe.settings();
    settings.extend(layers(&options.architecture));
    let own = [
        ("epochs", options.epochs.to_string()),
        ("batch_size", options.batch_size.to_string()),
        ("learning_rate", options.learning_rate.to_string()),
        ("keep", keep(options.keep).name().to_owned()),
        ("device", options.device.clone()),
        ("kernel", kernel.to_owned()),
    ];
    let lists = [("reset", &options.reset), ("freeze", &options.freeze)];
    let lists = lists.into_iter().filter(|(_, layers)| !layers.is_empty());
    let fine = lists.map(|(key, layers)| (key, layers.join(", ")));
    let probe = options.linear_probe.then(|| ("linear_probe", "true".to_owned()));
    let fine = fine
        .chain(probe)
        .chain(options.init_from.iter().map(|file| ("init_from", file.given.clone())));
    settings.extend(own.into_iter().chain(fine).map(|(key, value)| (key.to_owned(), value)));
    settings
}

/// The layers of an architecture that is a list; a name says it all.
fn layers(architecture: &Architecture) -> BTreeMap<String, String> {
    match architecture {
        Architecture::Named(_) => BTreeMap::new(),
        Architecture::Layers(_) => {
            BTreeMap::from([("layers".to_owned(), architecture.to_string())])
        }
    }
}

fn loaded(
    architecture: &Architecture,
    weights: &[u8],
    inputs: &Inputs,
    kernel: &str,
) -> Result<Box<dyn Classifier>, PipelineError> {
    let classes = inputs.data.examples.classes.len();
    Ok(model::load(architecture, weights, pictures(inputs)?.shape(), classes, kernel)?)
}

/// The model of this audit, to be asked about more rows; none where only its predictions are there.
pub(super) fn answering(
    config: &Config,
    inputs: &Inputs,
    classified: &Classified,
) -> Result<Option<Box<dyn Classifier>>, PipelineError> {
    let own = classified.weights.as_deref().or(inputs.weights.as_deref());
    let (architecture, kernel) = match &config.model {
        Model::Predictions(_) => return Ok(None),
        Model::Load(load) => (&load.architecture, "auto"),
        Model::Train(train) => (&train.architecture, train.kernel.as_str()),
    };
    own.map(|weights| loaded(architecture, weights, inputs, kernel)).transpose()
}

/// Predicts all rows with given weights, by this kernel or `auto`.
///
/// # Errors
/// When the weights do not fit the network, or the data has no pictures.
pub fn predict(
    architecture: &Architecture,
    weights: &[u8],
    inputs: &Inputs,
    kernel: &str,
) -> Result<Predictions, PipelineError> {
    predicted(loaded(architecture, weights, inputs, kernel)?.as_ref(), inputs)
}

fn predicted(classifier: &dyn Classifier, inputs: &Inputs) -> Result<Predictions, PipelineError> {
    let logits = classifier.logits(pictures(inputs)?)?;
    let examples = inputs.data.examples.clone();
    let positive = examples.positive;
    let y_pred = (0..logits.len()).map(|i| arg_max(logits.row(i))).collect();
    let temperature = classifier.calibration().map_or(1.0, |found| found.temperature);
    let score = |i| probability(logits.row(i), positive, temperature);
    let score = (0..logits.len()).map(score).collect();
    let (score, logits) = (Some(score), Some(logits));
    Ok(Predictions { examples, y_pred, score, logits, weight: None }.check()?)
}

/// The class with the largest logit; the first one among equals.
pub(super) fn arg_max(logits: &[f64]) -> ClassId {
    let mut best = 0;
    for (i, v) in logits.iter().enumerate() {
        if *v > logits[best] {
            best = i;
        }
    }
    ClassId::try_from(best).unwrap_or_else(|_| unreachable!("fewer than 2^32 classes"))
}

/// Softmax probability of one class, in f64, shifted by the largest logit, which stays raw itself.
pub(super) fn probability(logits: &[f64], class: ClassId, temperature: f64) -> f64 {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let part = |z: f64| ((z - top) / temperature).exp();
    let total: f64 = logits.iter().copied().map(part).sum();
    let at = usize::try_from(class).unwrap_or_else(|_| unreachable!("u32 fits usize"));
    part(logits[at]) / total
}

/// Log-probabilities stand in for logits where a table gives probabilities of every class; `None`
/// where a probability is exactly 0 or 1, because then the ranking is lost.
pub(super) fn logits_of(predictions: &Predictions) -> Option<Logits> {
    if let Some(logits) = &predictions.logits {
        return Some(logits.clone());
    }
    let examples = &predictions.examples;
    let score = predictions.score.as_ref().filter(|_| examples.classes.len() == 2)?;
    let inside = score.iter().all(|p| *p > 0.0 && *p < 1.0);
    let pair = |p: &f64| match examples.positive {
        0 => [p.ln(), (-p).ln_1p()],
        _ => [(-p).ln_1p(), p.ln()],
    };
    inside.then(|| Logits::new(score.iter().flat_map(pair).collect(), 2).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_survives_large_logits_and_equal_logits_take_the_first_class() {
        assert!((probability(&[1000.0, 1000.0], 1, 1.0) - 0.5).abs() < 1e-15);
        assert!((probability(&[0.0, 3.0_f64.ln()], 1, 1.0) - 0.75).abs() < 1e-15);
        // At a temperature of 2 the odds of 9 to 1 are 3 to 1.
        assert!((probability(&[0.0, 9.0_f64.ln()], 1, 2.0) - 0.75).abs() < 1e-15);
        assert_eq!(arg_max(&[0.0, 0.0]), 0);
        assert_eq!(arg_max(&[0.0, 1.0, 1.0]), 1);
    }
}
