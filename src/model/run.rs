//! A training under way, epoch by epoch.

use super::checkpoint::Checkpoint;
use super::classifier::{Trainable, outputs};
use super::error::ModelError;
use super::learner::{Batch, Learner, Loss};
use super::loss::Tally;
use super::optimizer::{Rule, Update};
use super::options::{Keep, TrainOptions};
use super::train::{Labelled, Observer, Trained};
use super::weights;
use crate::domain::{ClassId, EpochRecord, Seed, Split, digest_hex};

/// A training under way.
pub(crate) struct Run<'a> {
    data: Labelled<'a>,
    options: &'a TrainOptions,
    seed: Seed,
    fingerprint: String,
    learner: Box<dyn Learner>,
    /// Steps of the optimiser so far.
    steps: i32,
    rows: Vec<usize>,
    validation: Vec<usize>,
    history: Vec<EpochRecord>,
    /// Kept only where the best epoch is asked for.
    best: Option<(usize, Vec<Vec<f32>>)>,
}

impl<'a> Run<'a> {
    /// Before the first epoch. `rows` are the training rows.
    pub(crate) fn new(
        data: Labelled<'a>,
        options: &'a TrainOptions,
        seed: Seed,
        (learner, rows): (Box<dyn Learner>, Vec<usize>),
    ) -> Self {
        Self {
            data,
            options,
            seed,
            fingerprint: fingerprint(data, options, seed),
            learner,
            steps: 0,
            rows,
            validation: data.examples.rows(Split::Validation),
            history: Vec::new(),
            best: None,
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

    /// All epochs that are left; then the weights that are kept.
    pub(crate) fn finish(mut self, observer: &mut dyn Observer) -> Result<Trained, ModelError> {
        while self.history.len() < self.options.epochs {
            self.epoch(observer)?;
        }
        let (kept_epoch, numbers) = match self.best {
            Some(best) => best,
            None => (self.history.len(), self.learner.numbers()?),
        };
        let weights = weights::save(self.learner.plan(), &numbers)?;
        self.learner.set_numbers(numbers)?;
        let classifier = Box::new(Trainable(self.learner));
        Ok(Trained { classifier, weights, history: self.history, kept_epoch })
    }

    fn epoch(&mut self, observer: &mut dyn Observer) -> Result<(), ModelError> {
        let epoch = self.history.len() + 1;
        let mut order = self.rows.clone();
        self.seed.child(&format!("model/shuffle/{epoch}")).stream().shuffle(&mut order);
        let (n, batches) = (order.len(), order.len().div_ceil(self.options.batch_size));
        let mut training = Tally::default();
        for step in 1..=batches {
            let rows = &order[n * (step - 1) / batches..n * step / batches];
            self.step(rows, (epoch, step), &mut training)?;
            observer.batch(epoch, step, batches);
        }
        let validation = self.validate((epoch, batches))?;
        let record = EpochRecord {
            epoch: u64::try_from(epoch).unwrap_or(u64::MAX),
            train_loss: training.loss(),
            train_accuracy: training.accuracy(),
            validation_loss: validation.map(|v| v.loss()),
            validation_accuracy: validation.map(|v| v.accuracy()),
        };
        self.take_in(record.clone())?;
        observer.epoch(&record);
        let bytes = self.checkpoint()?;
        observer.checkpoint(&bytes).map_err(|source| ModelError::Observer { epoch, source })
    }

    /// One batch: forward, loss, back, update.
    fn step(
        &mut self,
        rows: &[usize],
        place: (usize, usize),
        tally: &mut Tally,
    ) -> Result<(), ModelError> {
        self.steps = self.steps.saturating_add(1);
        let update =
            Update { rule: Rule::ADAM, rate: self.options.learning_rate, step: self.steps };
        let classes = &self.data.examples.y_true;
        let batch = Batch { images: self.data.images, rows, classes };
        let logits = self.learner.step(&batch, &Loss::default(), &update)?;
        let outputs: Vec<f64> = logits.into_iter().map(f64::from).collect();
        self.check(tally.add(&outputs, &self.classes(rows)), place)
    }

    /// Measures on the validation rows; `None` without such rows.
    fn validate(&self, place: (usize, usize)) -> Result<Option<Tally>, ModelError> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let outputs = outputs(self.learner.as_ref(), self.data.images, &self.validation)?;
        let mut tally = Tally::default();
        self.check(tally.add(&outputs, &self.classes(&self.validation)), place)?;
        Ok(Some(tally))
    }

    fn classes(&self, rows: &[usize]) -> Vec<ClassId> {
        rows.iter().map(|&row| self.data.examples.y_true[row]).collect()
    }

    fn check(&self, loss: f64, (epoch, step): (usize, usize)) -> Result<(), ModelError> {
        if loss.is_finite() {
            return Ok(());
        }
        let learning_rate = self.options.learning_rate;
        Err(ModelError::Diverged { epoch, step, loss, learning_rate })
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

/// What must be equal for one training to go on from another's checkpoint: seed, data and all
/// settings but the number of epochs, which only says when to stop, and of threads, which changes
/// nothing.
fn fingerprint(data: Labelled<'_>, options: &TrainOptions, seed: Seed) -> String {
    let mut stream = seed.child("model/fingerprint").stream();
    let examples = data.examples;
    let parts = [
        format!("{:?} {:?}", stream.bits(), stream.bits()),
        format!("{:?} {:?}", options.architecture, options.optimizer),
        format!("{} {:?}", options.batch_size, options.learning_rate.to_bits()),
        format!("{} {:?}", options.keep.name(), options.device),
        format!("{:?} {:?}", data.images.shape(), examples.classes),
        format!("{:?} {:?}", examples.y_true, examples.split),
        digest_hex(data.images.bytes()),
    ];
    digest_hex(parts.join("\n").as_bytes())
}
