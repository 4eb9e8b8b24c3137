//! Many models: a queue of trainings on parts of one set of pictures, one model per core.

use super::error::ModelError;
use super::options::TrainOptions;
use super::train::{Labelled, Observer, train};
use crate::domain::{EpochRecord, Examples, Logits, Seed, Split, Temperature, to_f64};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

/// One model to train.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name, for messages and for the sink.
    pub name: String,
    /// The root of its randomness.
    pub seed: Seed,
    /// How it is trained; always by one thread.
    pub options: TrainOptions,
    /// The rows that it learns from, in any order.
    pub train: Vec<usize>,
    /// The rows that choose its epoch; may be none.
    pub validation: Vec<usize>,
    /// What a loss that is no number any more means.
    pub divergence: Divergence,
}

/// What it means that a training diverges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divergence {
    /// The fleet stops.
    Fails,
    /// It is a result like any other, e.g. of a search that tries high learning rates.
    IsAResult,
}

/// What is kept of a finished model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Its weights.
    Weights,
    /// Its outputs for all rows, whether it learned from them or not.
    Logits,
}

/// What was kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// Safetensors for [`super::load`].
    Weights(Vec<u8>),
    /// `(rows, classes)`.
    Logits(Logits),
    /// The training diverged, in these words, and [`Divergence::IsAResult`].
    Diverged(String),
}

/// A finished model.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// What was asked for.
    pub kept: Kept,
    /// All epochs; none of a training that diverged.
    pub history: Vec<EpochRecord>,
    /// The epoch whose weights were kept, from 1; 0 of a training that diverged.
    pub kept_epoch: usize,
    /// The temperature, where it was asked for; the logits are raw.
    pub calibration: Option<Temperature>,
}

/// Who takes the results.
pub trait Sink {
    /// Whether the result of this job is there from an earlier run; then it is not trained again.
    fn has(&mut self, job: &Job) -> bool;

    /// A finished model; they come in the order of the jobs.
    ///
    /// # Errors
    /// An error stops the fleet.
    fn take(&mut self, job: &Job, finished: Finished) -> Result<(), io::Error>;

    /// `done` of `of` pictures of all jobs that are trained in this run have been learned from.
    fn progress(&mut self, done: u64, of: u64);
}

/// Why not all models could be trained.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A training failed.
    #[error("model `{name}`: {source}")]
    Job {
        /// The job.
        name: String,
        /// Why.
        source: ModelError,
    },
    /// A job names rows that there are not.
    #[error("model `{name}` names row {row}, but there are {rows} rows")]
    Row {
        /// The job.
        name: String,
        /// The row, from 0.
        row: usize,
        /// Rows.
        rows: usize,
    },
    /// A result could not be stored.
    #[error("the result of model `{name}` could not be stored: {source}")]
    Sink {
        /// The job.
        name: String,
        /// Why.
        source: io::Error,
    },
}

impl Job {
    /// Pictures that it learns from, counted once for each epoch.
    #[must_use]
    pub fn image_steps(&self) -> u64 {
        count(self.options.epochs) * count(self.train.len())
    }
}

/// How much is to be done, and how long that will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Models.
    pub jobs: usize,
    /// Pictures that are learned from, counted once for each model and epoch.
    pub image_steps: u64,
    /// Pictures that are only predicted, to choose epochs and for the outputs.
    pub predicted: u64,
    /// Seconds until the last model is done, where the rates are known.
    pub seconds: Option<f64>,
}

/// Foresees a fleet. Each model learns from `rates[0]` and predicts `rates[1]` pictures a second, as
/// far as that is known; `rows` are all rows of the data.
#[must_use]
pub fn forecast(
    jobs: &[&Job],
    rows: usize,
    want: Want,
    rates: Option<[f64; 2]>,
    workers: usize,
) -> Forecast {
    let mut busy = vec![0.0_f64; workers.max(1)];
    let mut all = Forecast { jobs: jobs.len(), image_steps: 0, predicted: 0, seconds: None };
    for job in jobs {
        let outputs = if want == Want::Logits { count(rows) } else { 0 };
        let predicted = count(job.options.epochs) * count(job.validation.len()) + outputs;
        // As in the queue: whoever is free first takes the next job.
        let first = busy.iter_mut().min_by(|a, b| a.total_cmp(b));
        if let (Some(first), Some([train, predict])) = (first, rates) {
            *first += to_f64(job.image_steps()) / train + to_f64(predicted) / predict;
        }
        all.image_steps += job.image_steps();
        all.predicted += predicted;
    }
    all.seconds = rates.map(|_| busy.into_iter().fold(0.0, f64::max));
    all
}

/// Trains the jobs that the sink lacks, `workers` at a time (at least one), each by one thread. The
/// pictures are shared, not copied. The results are the same bytes for any number of workers, and
/// reach the sink in the order of the jobs.
///
/// # Errors
/// Of the jobs that fail, the first in order is named; the results of the jobs before it have
/// reached the sink.
pub fn fleet(
    data: Labelled<'_>,
    jobs: &[Job],
    want: Want,
    workers: usize,
    sink: &mut dyn Sink,
) -> Result<(), FleetError> {
    let open: Vec<&Job> = jobs.iter().filter(|job| !sink.has(job)).collect();
    let images = data.images.shared_by(workers.clamp(1, open.len().max(1)));
    let data = Labelled { images: &images, ..data };
    let rows = data.examples.len();
    for job in &open {
        if let Some(&row) = job.train.iter().chain(&job.validation).find(|&&row| row >= rows) {
            return Err(FleetError::Row { name: job.name.clone(), row, rows });
        }
    }
    let queue = Queue { next: AtomicUsize::new(0), stop: AtomicUsize::new(usize::MAX) };
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, open.len().max(1)) {
            let (sender, queue, open) = (sender.clone(), &queue, &open);
            scope.spawn(move || work(data, open, want, queue, &sender));
        }
        drop(sender);
        let of = open.iter().map(|job| job.image_steps()).sum();
        let mut arrivals = Arrivals { open: &open, waiting: BTreeMap::new(), due: 0, done: 0, of };
        let mut ended = Ok(());
        for message in receiver {
            let arrived = arrivals.take(message, sink);
            if ended.is_ok() && arrived.is_err() {
                queue.stop.store(0, Ordering::Relaxed);
                ended = arrived;
            }
        }
        ended
    })
}

/// The jobs that nobody has begun.
struct Queue {
    next: AtomicUsize,
    /// Jobs from here on are not wanted any more.
    stop: AtomicUsize,
}

/// What a worker tells.
enum Message {
    /// So many more pictures were learned from.
    Images(u64),
    /// The job at this place is done.
    Done(usize, Box<Result<Finished, ModelError>>),
}

/// Takes job after job.
fn work(data: Labelled<'_>, open: &[&Job], want: Want, queue: &Queue, sender: &Sender<Message>) {
    loop {
        let at = queue.next.fetch_add(1, Ordering::Relaxed);
        if at >= open.len().min(queue.stop.load(Ordering::Relaxed)) {
            return;
        }
        let mut watcher = Steps { at, rows: open[at].train.len(), queue, sender };
        let result = one(data, open[at], want, &mut watcher);
        if result.is_err() {
            queue.stop.fetch_min(at, Ordering::Relaxed);
        }
        // The receiver outlives the workers.
        let _heard = sender.send(Message::Done(at, Box::new(result)));
    }
}

fn one(
    data: Labelled<'_>,
    job: &Job,
    want: Want,
    watcher: &mut Steps<'_>,
) -> Result<Finished, ModelError> {
    let n = data.examples.len();
    let mut split = vec![Split::Test; n];
    job.validation.iter().for_each(|&row| split[row] = Split::Validation);
    job.train.iter().for_each(|&row| split[row] = Split::Train);
    let examples = Examples {
        classes: data.examples.classes.clone(),
        positive: data.examples.positive,
        y_true: data.examples.y_true.clone(),
        id: vec![String::new(); n],
        split,
        groups: Vec::new(),
        subject: None,
    };
    let options = TrainOptions { threads: 1, ..job.options.clone() };
    let part = Labelled { images: data.images, examples: &examples };
    let trained = match train(part, &options, job.seed, watcher, None) {
        Err(e @ ModelError::Diverged { .. }) if job.divergence == Divergence::IsAResult => {
            let kept = Kept::Diverged(e.to_string());
            let none = Finished { kept, history: Vec::new(), kept_epoch: 0, calibration: None };
            return Ok(none);
        }
        other => other?,
    };
    let kept = match want {
        Want::Weights => Kept::Weights(trained.weights),
        Want::Logits => Kept::Logits(trained.classifier.logits(data.images)?),
    };
    let (history, calibration) = (trained.history, trained.calibration);
    Ok(Finished { kept, history, kept_epoch: trained.kept_epoch, calibration })
}

/// Tells how far a job is, and ends it early when it is not wanted any more.
struct Steps<'a> {
    at: usize,
    rows: usize,
    queue: &'a Queue,
    sender: &'a Sender<Message>,
}

impl Observer for Steps<'_> {
    fn batch(&mut self, _: usize, done: usize, of: usize) {
        let images = self.rows * done / of - self.rows * (done - 1) / of;
        let _heard = self.sender.send(Message::Images(count(images)));
    }

    fn epoch(&mut self, _: &EpochRecord) {}

    fn checkpoint(&mut self, _: &[u8]) -> Result<(), io::Error> {
        if self.at < self.queue.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(io::Error::other("an earlier model failed"))
    }
}

/// Puts results that come in any order back into that of the jobs.
struct Arrivals<'a> {
    open: &'a [&'a Job],
    waiting: BTreeMap<usize, Result<Finished, ModelError>>,
    /// The place of the next result for the sink.
    due: usize,
    done: u64,
    of: u64,
}

impl Arrivals<'_> {
    /// After an error nothing more is handed on.
    fn take(&mut self, message: Message, sink: &mut dyn Sink) -> Result<(), FleetError> {
        match message {
            Message::Images(images) => {
                self.done += images;
                sink.progress(self.done, self.of);
            }
            Message::Done(at, result) => drop(self.waiting.insert(at, *result)),
        }
        while let Some(result) = self.waiting.remove(&self.due) {
            let (job, name) = (self.open[self.due], || self.open[self.due].name.clone());
            let finished = result.map_err(|source| FleetError::Job { name: name(), source });
            let stored = finished.and_then(|finished| {
                sink.take(job, finished).map_err(|source| FleetError::Sink { name: name(), source })
            });
            self.due = if stored.is_ok() { self.due + 1 } else { usize::MAX };
            stored?;
        }
        Ok(())
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}
