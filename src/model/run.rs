//! A training under way, epoch by epoch.

use super::augment::Augmentation;
use super::calibration;
use super::checkpoint::Checkpoint;
use super::classifier::Trainable;
use super::dp_sgd::Lottery;
use super::error::ModelError;
use super::feed::{Feed, outputs};
use super::learner::{Batch, Learner, Loss, Pictures};
use super::loss::{Tally, class_weights};
use super::optimizer::Update;
use super::options::{Keep, TrainOptions};
use super::schedule::Place;
use super::train::{Labelled, Observer, Trained};
use super::weights;
use crate::domain::{ClassId, EpochRecord, Seed, Split, Temperature, digest_hex, to_f64};

/// A training under way.
pub(crate) struct Run<'a> {
    data: Labelled<'a>,
    options: &'a TrainOptions,
    seed: Seed,
    fingerprint: String,
    learner: Box<dyn Learner>,
    feed: Feed<'a>,
    loss: Loss,
    /// Who joins each step of a private training.
    lottery: Option<Lottery>,
    /// Steps of the optimiser so far.
    steps: i32,
    rows: Vec<usize>,
    validation: Vec<usize>,
    history: Vec<EpochRecord>,
    /// Kept only where the best epoch is asked for.
    best: Option<(usize, Vec<Vec<f32>>)>,
}

/// An epoch under way.
struct Epoch {
    /// From 1.
    number: usize,
    batches: usize,
    augment: Option<Augmentation>,
    training: Tally,
    /// Of the step before.
    rate: f64,
    /// Sum over the steps, where it is measured.
    norms: Option<f64>,
    /// Rows that joined the steps, and those of them that were clipped.
    joined: [u64; 2],
}

impl<'a> Run<'a> {
    /// Before the first epoch. The learner is fed with `feed`, and learns from `rows`.
    pub(crate) fn new(
        data: Labelled<'a>,
        options: &'a TrainOptions,
        seed: Seed,
        (learner, feed, rows): (Box<dyn Learner>, Feed<'a>, Vec<usize>),
    ) -> Result<Self, ModelError> {
        let recipe = &options.recipe;
        let weights = class_weights(&recipe.class_weights, data.examples, &rows)?;
        let validation = data.examples.rows(Split::Validation);
        let needs = [
            ("early_stopping", recipe.early_stopping.is_some()),
            ("calibration", recipe.calibration.is_some()),
        ];
        match needs.into_iter().find(|(_, needed)| *needed && validation.is_empty()) {
            Some((key, _)) => Err(ModelError::NoValidationRows { key }),
            None => Ok(Self {
                data,
                options,
                seed,
                fingerprint: fingerprint(data, options, seed, learner.kernel()),
                learner,
                feed,
                loss: Loss { weights, smoothing: recipe.label_smoothing },
                lottery: Lottery::new(options, rows.len(), seed),
                steps: 0,
                rows,
                validation,
                history: Vec::new(),
                best: None,
            }),
        }
    }

    /// Takes the state of a checkpoint.
    pub(crate) fn go_on_from(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        let state = Checkpoint::unpack(bytes, self.learner.plan(), &self.fingerprint)?;
        if state.history.len() > self.options.epochs {
            let because = "it has more epochs than are asked for";
            return Err(ModelError::StaleCheckpoint { because });
        }
        self.learner.set_numbers(state.weights)?;
        self.learner.set_memory(state.moments)?;
        self.steps = state.step;
        self.history = state.history;
        self.best = state.best;
        Ok(())
    }

    /// All epochs that are left; then the weights that are kept, calibrated where that is asked for.
    /// Where the learner is the end of a `whole`, that gets them.
    pub(crate) fn finish(
        mut self,
        whole: Option<Box<dyn Learner>>,
        observer: &mut dyn Observer,
    ) -> Result<Trained, ModelError> {
        while self.history.len() < self.options.epochs && !self.stopped() {
            self.epoch(observer)?;
        }
        let stopped_epoch =
            (self.history.len() < self.options.epochs).then_some(self.history.len());
        let (kept_epoch, numbers) = match self.best.take() {
            Some(best) => best,
            None => (self.history.len(), self.learner.numbers()?),
        };
        self.learner.set_numbers(numbers.clone())?;
        let calibration = self.calibrated()?;
        let (learner, numbers) = match whole {
            None => (self.learner, numbers),
            Some(mut whole) => {
                let numbers = completed(whole.as_mut(), numbers)?;
                (whole, numbers)
            }
        };
        let weights = weights::save(learner.plan(), &numbers, calibration.as_ref())?;
        let classifier = Box::new(Trainable { learner, calibration });
        let history = self.history;
        Ok(Trained { classifier, weights, history, kept_epoch, stopped_epoch, calibration })
    }

    /// Whether the validation loss no longer falls: a function of the records, so that a resumed
    /// training stops where it would have.
    fn stopped(&self) -> bool {
        let losses: Vec<f64> = self.history.iter().filter_map(|r| r.validation_loss).collect();
        self.options.recipe.early_stopping.is_some_and(|stop| stop.stops(&losses))
    }

    fn calibrated(&self) -> Result<Option<Temperature>, ModelError> {
        let fit = |_| {
            let outputs = outputs(self.learner.as_ref(), self.feed, &self.validation)?;
            calibration::fit(&outputs, &self.classes(&self.validation))
        };
        self.options.recipe.calibration.map(fit).transpose()
    }

    fn epoch(&mut self, observer: &mut dyn Observer) -> Result<(), ModelError> {
        let number = self.history.len() + 1;
        let parts = self.parts(number);
        let parts: Vec<&[usize]> = parts.iter().map(Vec::as_slice).collect();
        let batches = parts.len();
        let mut epoch = Epoch {
            number,
            batches,
            augment: Augmentation::new(&self.options.recipe.augment, self.seed, number),
            training: Tally::default(),
            rate: self.options.learning_rate,
            norms: None,
            joined: [0; 2],
        };
        self.feed.each(&parts, &mut |i, pictures| {
            self.step((parts[i], pictures), i + 1, &mut epoch)?;
            observer.batch(number, i + 1, batches);
            Ok(())
        })?;
        let record = self.record(&epoch, parts.last().copied().unwrap_or_default())?;
        self.take_in(record.clone())?;
        observer.epoch(&record);
        let bytes = self.checkpoint()?;
        let failed = |source| ModelError::Observer { epoch: number, source };
        observer.checkpoint(&bytes).map_err(failed)
    }

    /// The rows of each step of an epoch: all of them shuffled and cut into near-equal batches, or, in a
    /// private training, as many steps which each row joins by its own coin.
    fn parts(&self, number: usize) -> Vec<Vec<usize>> {
        let n = self.rows.len();
        let batches = n.div_ceil(self.options.batch_size);
        if let Some(lottery) = self.lottery {
            let before = (number - 1) * batches;
            return (1..=batches).map(|i| lottery.joined(&self.rows, before + i)).collect();
        }
        let mut order = self.rows.clone();
        self.seed.child(&format!("model/shuffle/{number}")).stream().shuffle(&mut order);
        let cut = |step: usize| order[n * step / batches..n * (step + 1) / batches].to_vec();
        (0..batches).map(cut).collect()
    }

    /// One batch: forward, loss, back, update.
    fn step(
        &mut self,
        (rows, pictures): (&[usize], Pictures<'_>),
        step: usize,
        epoch: &mut Epoch,
    ) -> Result<(), ModelError> {
        let recipe = &self.options.recipe;
        let place = Place {
            step: usize::try_from(self.steps).unwrap_or_default(),
            steps_per_epoch: epoch.batches,
            epochs: self.options.epochs,
        };
        epoch.rate = recipe.schedule.rate(self.options.learning_rate, place);
        self.steps = self.steps.saturating_add(1);
        let mut update = Update::new(recipe.optimizer, epoch.rate, self.steps);
        update.clip = recipe.gradient_clip;
        update.private = self.lottery.map(|lottery| lottery.step(self.steps));
        let classes = &self.data.examples.y_true;
        let batch = Batch { pictures, rows, classes, augment: epoch.augment };
        let stepped = self.learner.step(&batch, &self.loss, &update)?;
        let joined = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        epoch.joined = [epoch.joined[0] + joined, epoch.joined[1] + stepped.clipped];
        let outputs: Vec<f64> = stepped.logits.into_iter().map(f64::from).collect();
        if !rows.is_empty() {
            let loss = epoch.training.add(&outputs, &self.classes(rows));
            self.check(("loss", loss), (epoch, step), rows)?;
        }
        if let Some(norm) = stepped.gradient_norm {
            self.check(("gradient's norm", norm), (epoch, step), rows)?;
            epoch.norms = Some(epoch.norms.unwrap_or(0.0) + norm);
        }
        Ok(())
    }

    /// The record of an epoch whose steps are done; `last` are the rows of the last one.
    fn record(&self, epoch: &Epoch, last: &[usize]) -> Result<EpochRecord, ModelError> {
        let validation = self.tally(&self.validation)?;
        let training = match epoch.joined {
            // A private epoch of a few rows may see none of them.
            [0, _] => self.tally(&self.rows)?.unwrap_or(epoch.training),
            _ => epoch.training,
        };
        if let Some(tally) = validation {
            self.check(("validation loss", tally.loss()), (epoch, epoch.batches), last)?;
        }
        let steps = u64::try_from(epoch.batches).map_or(1.0, to_f64);
        Ok(EpochRecord {
            epoch: u64::try_from(epoch.number).unwrap_or(u64::MAX),
            train_loss: training.loss(),
            train_accuracy: training.accuracy(),
            validation_loss: validation.map(|v| v.loss()),
            validation_accuracy: validation.map(|v| v.accuracy()),
            learning_rate: epoch.rate,
            gradient_norm: epoch.norms.map(|sum| sum / steps),
            clipped: self.clipped_share(epoch),
        })
    }

    /// The share of clipped rows among those that joined the steps of a private epoch.
    fn clipped_share(&self, epoch: &Epoch) -> Option<f64> {
        let [joined, clipped] = epoch.joined;
        self.lottery.filter(|_| joined > 0).map(|_| to_f64(clipped) / to_f64(joined))
    }

    /// Measures on rows as they are; `None` without rows.
    fn tally(&self, rows: &[usize]) -> Result<Option<Tally>, ModelError> {
        if rows.is_empty() {
            return Ok(None);
        }
        let outputs = outputs(self.learner.as_ref(), self.feed, rows)?;
        let mut tally = Tally::default();
        tally.add(&outputs, &self.classes(rows));
        Ok(Some(tally))
    }

    fn classes(&self, rows: &[usize]) -> Vec<ClassId> {
        rows.iter().map(|&row| self.data.examples.y_true[row]).collect()
    }

    fn check(
        &self,
        (what, value): (&'static str, f64),
        (epoch, step): (&Epoch, usize),
        rows: &[usize],
    ) -> Result<(), ModelError> {
        if value.is_finite() {
            return Ok(());
        }
        let ids = &self.data.examples.id;
        Err(ModelError::Diverged {
            what,
            value,
            epoch: epoch.number,
            step,
            learning_rate: epoch.rate,
            rows: rows.iter().map(|&row| ids[row].clone()).collect(),
        })
    }

    /// Adds a record, and keeps the weights if they are the best so far.
    fn take_in(&mut self, record: EpochRecord) -> Result<(), ModelError> {
        let best = self.best.as_ref().and_then(|best| self.history[best.0 - 1].validation_loss);
        let better = match (record.validation_loss, best) {
            (Some(now), Some(best)) => now < best,
            (Some(_), None) => true,
            (None, _) => false,
        };
        self.history.push(record);
        if better && self.options.keep == Keep::Best {
            self.best = Some((self.history.len(), self.learner.numbers()?));
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<Vec<u8>, ModelError> {
        let state = Checkpoint {
            history: self.history.clone(),
            step: self.steps,
            weights: self.learner.numbers()?,
            moments: self.learner.memory()?,
            best: self.best.clone(),
        };
        state.pack(self.learner.plan(), &self.fingerprint)
    }
}

/// Gives a network new numbers for its last tensors; all of its numbers.
fn completed(whole: &mut dyn Learner, last: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>, ModelError> {
    let mut numbers = whole.numbers()?;
    numbers.truncate(numbers.len() - last.len());
    numbers.extend(last);
    whole.set_numbers(numbers.clone())?;
    Ok(numbers)
}

/// What must be equal for one training to go on from another's checkpoint: seed, data and all
/// settings but the number of threads, which changes nothing, and of epochs, unless the learning
/// rate depends on it: else it only says when to stop.
fn fingerprint(data: Labelled<'_>, options: &TrainOptions, seed: Seed, kernel: &str) -> String {
    let mut stream = seed.child("model/fingerprint").stream();
    let examples = data.examples;
    let parts = [
        format!("{:?} {:?}", stream.bits(), stream.bits()),
        format!("{:?} {:?}", options.architecture, options.recipe),
        format!("{:?}", options.recipe.schedule.depends_on_epochs().then_some(options.epochs)),
        format!("{} {:?}", options.batch_size, options.learning_rate.to_bits()),
        format!("{} {:?} {kernel}", options.keep.name(), options.device),
        format!("{:?} {:?}", options.fine_tune, options.dp),
        format!("{:?} {:?}", data.images.shape(), examples.classes),
        format!("{:?} {:?}", examples.y_true, examples.split),
        digest_hex(data.images.digests().as_flattened()),
    ];
    digest_hex(parts.join("\n").as_bytes())
}
