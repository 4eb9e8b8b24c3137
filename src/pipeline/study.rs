//! Studies: many models that answer one question about a training. No test row is learned from,
//! chosen by or judged on.

use super::predict::{arg_max, pictures, probability};
use super::{Inputs, PipelineError};
use crate::config::Config;
use crate::domain::{Examples, Logits, Split, Temperature, digest_hex, to_f64};
use crate::model::{
    BenchOptions, BenchTask, Finished, Forecast, Job, Kept, Labelled, Moment, Sink, TrainOptions,
    Want, bench, fleet, forecast, widest_kernel,
};
use crate::stats;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Keeps the scores of finished models from one run to the next, and is told how far a study is.
pub trait Ledger {
    /// What was written under this name, if anything was.
    fn read(&mut self, name: &str) -> Option<Vec<u8>>;

    /// Keeps bytes under a name.
    ///
    /// # Errors
    /// An error stops the study.
    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// What is about to be done: `study`, `shadow models`.
    fn forecast(&mut self, what: &str, forecast: &Forecast);

    /// `done` of `of` pictures have been learned from.
    fn progress(&mut self, done: u64, of: u64);
}

/// What every study needs.
pub struct Site<'a> {
    /// The audit.
    pub config: &'a Config,
    /// Its rows and pictures.
    pub inputs: &'a Inputs,
    /// Models that are trained at a time.
    pub workers: usize,
    /// Says when it is, to foresee how long a study takes; no result depends on it.
    pub clock: &'a dyn Fn() -> Moment,
    /// Where the scores are kept.
    pub ledger: &'a mut dyn Ledger,
}

/// The answer of a study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// `folds`, `learning_curve` or `search`.
    pub study: &'static str,
    /// On which rows the models were judged, and what chose their epochs.
    pub judged_on: String,
    /// Level of the intervals.
    pub confidence: f64,
    /// What a search was judged by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// The results; of a search, the best first.
    pub results: Vec<Entry>,
}

/// Models that differ in their seeds or rows only.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// What they share, e.g. `25 %` or `trial 3`.
    pub name: String,
    /// Keys of `model.train` that a search has set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<(String, String)>,
    /// Epochs of each.
    pub epochs: usize,
    /// The models.
    pub models: Vec<Score>,
    /// Mean of `−ln p(true class)`, nats; none where a model has none.
    pub log_loss: Option<Estimate>,
    /// Share of rows whose likeliest class is the true one.
    pub accuracy: Option<Estimate>,
    /// Area under the curve of the positive class against the rest.
    pub roc_auc: Option<Estimate>,
}

/// A mean over models. The interval is Student's; none for a single model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// One model on the rows that it was judged on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Its name.
    pub name: String,
    /// Rows that it learned from.
    pub trained_on: u64,
    /// Rows that it was judged on.
    pub n: u64,
    /// Of the positive class among them.
    pub positives: u64,
    /// The epoch whose weights were kept, from 1; 0 if it diverged.
    pub kept_epoch: u64,
    /// As in [`Entry`].
    pub log_loss: Option<f64>,
    /// As in [`Entry`].
    pub accuracy: Option<f64>,
    /// As in [`Entry`]; none where the judged rows are all positive or all negative.
    pub roc_auc: Option<f64>,
    /// Why there are no numbers, where the training diverged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub diverged: Option<String>,
}

/// A model to train and the rows to judge it on.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) job: Job,
    pub(super) judged: Vec<usize>,
}

impl Entry {
    /// Summarises models of one kind.
    pub(super) fn new(name: String, epochs: usize, models: Vec<Score>, confidence: f64) -> Self {
        let estimate = |pick: fn(&Score) -> Option<f64>| {
            let values: Option<Vec<f64>> = models.iter().map(pick).collect();
            let (mean, interval) = stats::mean(&values?, confidence).ok()?;
            let ends = interval.map(|i| (i.low, i.high)).unzip();
            Some(Estimate { mean, low: ends.0, high: ends.1 })
        };
        Self {
            log_loss: estimate(|score| score.log_loss),
            accuracy: estimate(|score| score.accuracy),
            roc_auc: estimate(|score| score.roc_auc),
            name,
            settings: Vec::new(),
            epochs,
            models,
        }
    }
}

/// Trains and judges all tasks whose scores are not there yet. The scores come in the order of the
/// tasks, whose jobs have names of their own.
pub(super) fn judge(tasks: &[Task], site: &mut Site<'_>) -> Result<Vec<Score>, PipelineError> {
    let examples = &site.inputs.data.examples;
    let data = Labelled { images: pictures(site.inputs)?, examples };
    let mut scores = Scores {
        tasks: tasks.iter().map(|task| (task.job.name.as_str(), task)).collect(),
        digest: &site.inputs.data.digest,
        examples,
        ledger: site.ledger,
        found: BTreeMap::new(),
    };
    let jobs: Vec<Job> = tasks.iter().map(|task| task.job.clone()).collect();
    let open: Vec<&Job> = jobs.iter().filter(|job| !scores.has(job)).collect();
    if let Some(first) = open.first() {
        let rates = rates(data, &first.options, site.clock)?;
        let told = forecast(&open, examples.len(), Want::Logits, rates, site.workers);
        scores.ledger.forecast("study", &told);
    }
    fleet(data, &jobs, Want::Logits, site.workers, &mut scores)?;
    let score = |task: &Task| scores.found.remove(&task.job.name);
    let all: Option<Vec<Score>> = tasks.iter().map(score).collect();
    Ok(all.unwrap_or_else(|| unreachable!("the fleet handed on a result for each job")))
}

/// Pictures that one thread learns from and predicts in a second, from a few steps.
pub(super) fn rates(
    data: Labelled<'_>,
    options: &TrainOptions,
    clock: &dyn Fn() -> Moment,
) -> Result<Option<[f64; 2]>, PipelineError> {
    let train = TrainOptions { threads: 1, ..options.clone() };
    let (shape, classes) = (data.images.shape(), data.examples.classes.len());
    let options = BenchOptions { train, shape, classes, warm_up: 1, steps: 3 };
    let train = bench(BenchTask::Train, &options, clock)?.images_per_second;
    let predict = bench(BenchTask::Predict, &options, clock)?.images_per_second;
    Ok(train.zip(predict).map(|(train, predict)| [train, predict]))
}

/// Turns finished models into scores, and keeps these.
struct Scores<'a> {
    tasks: BTreeMap<&'a str, &'a Task>,
    digest: &'a str,
    examples: &'a Examples,
    ledger: &'a mut dyn Ledger,
    found: BTreeMap<String, Score>,
}

impl Scores<'_> {
    fn task(&self, job: &Job) -> &Task {
        self.tasks.get(job.name.as_str()).unwrap_or_else(|| unreachable!("the jobs are the tasks'"))
    }

    /// Changes with everything that the score depends on.
    fn file(&self, job: &Job) -> String {
        let judged = &self.task(job).judged;
        let version = env!("CARGO_PKG_VERSION");
        let auto = widest_kernel();
        let all = format!("{version} {auto} {} {job:?} {judged:?}", self.digest);
        format!("{}.json", &digest_hex(all.as_bytes())[..32])
    }
}

impl Sink for Scores<'_> {
    fn has(&mut self, job: &Job) -> bool {
        let bytes = self.ledger.read(&self.file(job));
        let score: Option<Score> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let there = score.is_some();
        self.found.extend(score.map(|score| (job.name.clone(), score)));
        there
    }

    fn take(&mut self, job: &Job, finished: Finished) -> Result<(), io::Error> {
        let score = score(self.task(job), finished, self.examples);
        let bytes = serde_json::to_vec(&score)?;
        self.ledger.write(&self.file(job), &bytes)?;
        self.found.insert(job.name.clone(), score);
        Ok(())
    }

    fn progress(&mut self, done: u64, of: u64) {
        self.ledger.progress(done, of);
    }
}

fn score(task: &Task, finished: Finished, examples: &Examples) -> Score {
    let rows = &task.judged;
    let positive = |row: usize| examples.y_true[row] == examples.positive;
    let mut score = Score {
        name: task.job.name.clone(),
        trained_on: count(task.job.train.len()),
        n: count(rows.len()),
        positives: count(rows.iter().filter(|&&row| positive(row)).count()),
        kept_epoch: count(finished.kept_epoch),
        log_loss: None,
        accuracy: None,
        roc_auc: None,
        diverged: None,
    };
    let logits = match finished.kept {
        Kept::Logits(logits) => logits,
        Kept::Diverged(why) => return Score { diverged: Some(why), ..score },
        Kept::Weights(_) => unreachable!("logits were asked for"),
    };
    let temperature = finished.calibration.map_or(1.0, |t: Temperature| t.temperature);
    let losses = rows.iter().map(|&row| surprise(&logits, row, examples, temperature));
    let right = rows.iter().filter(|&&row| arg_max(logits.row(row)) == examples.y_true[row]);
    let n = to_f64(score.n);
    let chance = |&row: &usize| probability(logits.row(row), examples.positive, temperature);
    let [yes, no]: [Vec<f64>; 2] = [true, false]
        .map(|side| rows.iter().filter(|&&row| positive(row) == side).map(chance).collect());
    score.accuracy = (n > 0.0).then(|| to_f64(count(right.count())) / n);
    score.log_loss = (n > 0.0).then(|| stats::sum(losses) / n);
    score.roc_auc = stats::delong(&yes, &no, 0.95).ok().map(|(auc, _)| auc);
    score
}

/// `−ln p(true class)` of one row.
fn surprise(logits: &Logits, row: usize, examples: &Examples, temperature: f64) -> f64 {
    let outputs = logits.row(row);
    let class = usize::try_from(examples.y_true[row]).unwrap_or(usize::MAX);
    let top = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = outputs.iter().map(|z| ((z - top) / temperature).exp()).sum();
    total.ln() - (outputs[class] - top) / temperature
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}

/// The rows of the validation split, which judge.
pub(super) fn judges(examples: &Examples) -> Result<Vec<usize>, PipelineError> {
    let rows = examples.rows(Split::Validation);
    if rows.is_empty() {
        let because = "the models are judged on validation rows, and the data has none; give \
                       `dataset.split.validation` (or `dataset.validation`) a share";
        return Err(PipelineError::Impossible(because.to_owned()));
    }
    Ok(rows)
}
