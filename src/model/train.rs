//! Training: seeded, resumable, the same bytes for any number of threads.

use super::architecture::Plan;
use super::classifier::Classifier;
use super::engine::{Engine, Path};
use super::error::ModelError;
use super::feed::{Features, Feed};
use super::learner::Learner;
use super::network::{self, Network};
use super::ops::Workers;
use super::options::{TrainOptions, device};
use super::run::Run;
use crate::domain::{Augment, EpochRecord, Examples, Images, Seed, Split, Temperature};
use candle_core::Device;
use std::sync::Arc;

/// Pictures and what is known of each: row `i` of one belongs to row `i` of the other.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// The pictures.
    pub images: &'a Images,
    /// Classes and splits.
    pub examples: &'a Examples,
}

/// Who watches a training.
pub trait Observer {
    /// `done` of `of` batches of `epoch` (from 1) are done.
    fn batch(&mut self, epoch: usize, done: usize, of: usize);

    /// An epoch is done.
    fn epoch(&mut self, record: &EpochRecord);

    /// The training as it stands after an epoch: [`train`] goes on from these bytes.
    ///
    /// # Errors
    /// An error stops the training.
    fn checkpoint(&mut self, bytes: &[u8]) -> Result<(), std::io::Error>;
}

/// What a training leaves behind.
pub struct Trained {
    /// With the weights that were kept.
    pub classifier: Box<dyn Classifier>,
    /// The same weights as safetensors, for [`super::load`].
    pub weights: Vec<u8>,
    /// All epochs.
    pub history: Vec<EpochRecord>,
    /// The epoch whose weights were kept, from 1.
    pub kept_epoch: usize,
    /// The last epoch, where early stopping ended the training before the declared one.
    pub stopped_epoch: Option<usize>,
    /// The temperature of the kept weights, where it was asked for; the classifier and the weights
    /// carry it too.
    pub calibration: Option<Temperature>,
}

/// Trains on the rows of the split `train`, measures on those of `validation` after each epoch, and
/// never looks at the others. Minimises the softmax cross-entropy, weighted and smoothed as the
/// recipe says, by the recipe's optimiser; what is recorded is the plain mean cross-entropy. Weights
/// are drawn from `model/init/<tensor>`, the order of the rows from `model/shuffle/<epoch>`, the
/// changes of a picture from `model/augment/<epoch>` and its row, the masks of dropout from
/// `model/dropout/<step>`, the coins and the noise of a private training from `model/dp`; the same seed gives the same bytes for any number of threads on one kind
/// of processor. With `resume`, bytes that [`Observer::checkpoint`] saw, the training goes on
/// from there to the bytes that it would have reached without the interruption.
///
/// # Errors
/// For settings and data that nothing can be learned from, a loss that is no number any more, and a
/// checkpoint that is damaged or of other settings or data ([`ModelError::StaleCheckpoint`]).
pub fn train(
    data: Labelled<'_>,
    options: &TrainOptions,
    seed: Seed,
    observer: &mut dyn Observer,
    resume: Option<&[u8]>,
) -> Result<Trained, ModelError> {
    options.check()?;
    let device = device(&options.device)?;
    let rows = training_rows(data)?;
    super::augment::check(&options.recipe.augment, data.images.shape())?;
    let classes = data.examples.classes.len();
    let mut plan = Plan::new(&options.architecture, data.images.shape(), classes)?;
    let numbers = match &options.fine_tune {
        Some(given) => given.start(&mut plan, seed)?,
        None => plan.drawn(seed),
    };
    if options.dp.is_some() {
        super::dp_sgd::check_layers(&plan.layers)?;
    }
    let path = Path::named(&options.kernel)?;
    let training = Some((options.threads, seed));
    let whole = learner(plan, numbers, (&device, Some(path)), training)?;
    if !options.fine_tune.as_ref().is_some_and(|given| given.linear_probe) {
        let run = Run::new(data, options, seed, (whole, Feed::Images(data.images), rows))?;
        return finished(run, resume, None, observer);
    }
    if options.recipe.augment != Augment::default() {
        let (key, found) = ("augment", "set".to_owned());
        let expected = "possible with `linear_probe`, which looks at each picture once";
        return Err(ModelError::Setting { key, found, expected });
    }
    let seen = [rows.clone(), data.examples.rows(Split::Validation)].concat();
    let features = Features::of(whole.as_ref(), data.images, &seen)?;
    let numbers = whole.numbers()?;
    let (plan, path) = (whole.plan().head_alone(), whole.plan().as_chain().map(|_| path));
    let own = numbers[numbers.len() - plan.tensors().len()..].to_vec();
    let head = learner(plan, own, (&device, path), training)?;
    let run = Run::new(data, options, seed, (head, Feed::Features(&features), rows))?;
    finished(run, resume, Some(whole), observer)
}

fn finished(
    mut run: Run<'_>,
    resume: Option<&[u8]>,
    whole: Option<Box<dyn Learner>>,
    observer: &mut dyn Observer,
) -> Result<Trained, ModelError> {
    if let Some(bytes) = resume {
        run.go_on_from(bytes)?;
    }
    run.finish(whole, observer)
}

/// What computes this network on this device, by this path, if one is given, where it is a chain: for a training, with
/// threads of its own and a seed for what is drawn on the way; for predictions, on the threads that the program shares.
pub(crate) fn learner(
    plan: Plan,
    numbers: Vec<Vec<f32>>,
    (device, path): (&Device, Option<Path>),
    training: Option<(usize, Seed)>,
) -> Result<Box<dyn Learner>, ModelError> {
    let seed = training.map_or(Seed::new(0), |(_, seed)| seed);
    if !device.is_cpu() {
        let engine = network::Engine::Candle(device.clone());
        return Ok(Box::new(Network::new(plan, engine, numbers, seed)?));
    }
    let threads = training.map(|(threads, _)| threads);
    if let (Some(path), Some(chain)) = (path, plan.as_chain()) {
        return Ok(Box::new(Engine::new((plan, chain), numbers, path, threads)?));
    }
    let workers = match threads {
        None => Workers::shared(),
        Some(threads) => Workers::new(threads)
            .map_err(|e| ModelError::Threads { threads, because: e.to_string() })?,
    };
    let engine = network::Engine::Kernels(Arc::new(workers));
    Ok(Box::new(Network::new(plan, engine, numbers, seed)?))
}

/// The rows of the split `train`, if something can be learned from them.
fn training_rows(data: Labelled<'_>) -> Result<Vec<usize>, ModelError> {
    let (images, rows) = (data.images.len(), data.examples.len());
    if images != rows {
        return Err(ModelError::Rows { images, rows });
    }
    let rows = data.examples.rows(Split::Train);
    let y_true = &data.examples.y_true;
    let first = rows.first().map(|&row| y_true[row]).ok_or(ModelError::NoTrainingRows)?;
    if rows.iter().all(|&row| y_true[row] == first) {
        let name = usize::try_from(first).ok().and_then(|c| data.examples.classes.get(c));
        return Err(ModelError::OneClass { class: name.cloned().unwrap_or_default() });
    }
    Ok(rows)
}
