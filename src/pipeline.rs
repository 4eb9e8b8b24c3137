//! The order of the steps and nothing else: data → model → predictions → checks → risks → gate → record.

mod attacks;
mod baseline;
mod curves;
mod features;
mod inputs;
mod label_only;
mod leakage;
mod measure;
mod noisy;
mod planted;
mod predict;
mod record;
mod search;
mod shadow_rows;
mod shadows;
mod source;
mod study;

pub(crate) use baseline::against;
pub(crate) use inputs::facts;
pub use inputs::{Inputs, Usage, read_data, read_scan_paths};
pub(crate) use leakage::{DELTA, encoded, groupings, some_rows};
pub(crate) use measure::frame_of;
pub(crate) use record::{bare, checks, training_lines};

pub use baseline::{Baseline, BaselineError};
pub use curves::{cross_validate, learning_curve};
pub use features::read_features;
pub use noisy::Private;
pub use planted::Planted;
pub use predict::{Classified, classify, predict, train};
pub use search::{Trial, draw_trials, search};
pub use study::{Entry, Estimate, Ledger, Score, Site, Study};

use crate::config::Config;
use crate::domain::{Assessment, Stage, Waiver};
use crate::model::{Moment, Observer};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What the caller knows and the steps may not look up themselves.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// Threads to use.
    pub threads: usize,
    /// RFC 3339 time at which the run began.
    pub started: String,
    /// The day on which waivers are judged, `YYYY-MM-DD`.
    pub today: String,
    /// The stages to run.
    pub stages: BTreeSet<Stage>,
    /// The report folder, record or table of an earlier run on the same rows.
    pub baseline: Option<PathBuf>,
}

/// Follows a run: progress, and a place for checkpoints.
pub trait Watcher: Observer + Ledger {
    /// A step begins.
    fn step(&mut self, name: &str, detail: &str);
    /// The checkpoint of an interrupted run, if there is one.
    fn checkpointed(&mut self) -> Option<Vec<u8>>;
    /// The checkpoint belongs to other data or settings, or is damaged; training starts anew.
    fn discarded(&mut self, because: &str);
    /// Early stopping ended the training after `epoch` of so many epochs.
    fn stopped_early(&mut self, epoch: usize, epochs: usize);
    /// A line of the story; `seconds` are how long what it speaks of would take, where that is known.
    fn note(&mut self, line: &str, seconds: Option<f64>);
    /// Writes a file into the report folder at once, long before the run has ended.
    ///
    /// # Errors
    /// An error stops the run.
    fn publish(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()>;
    /// What time it is, to foresee how long something takes; no result depends on it.
    fn moment(&self) -> Moment;
}

/// Why the audit could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The data could not be read.
    #[error(transparent)]
    Dataset(#[from] crate::dataset::DatasetError),
    /// The model could not be trained, loaded or run.
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
    /// One of several models could not be trained.
    #[error(transparent)]
    Fleet(#[from] crate::model::FleetError),
    /// The policy could not be used.
    #[error(transparent)]
    Policy(#[from] crate::misuse::PolicyError),
    /// The log could not be used.
    #[error(transparent)]
    Log(#[from] crate::misuse::LogError),
    /// The policy could not be evaluated.
    #[error(transparent)]
    Misuse(#[from] crate::misuse::MisuseError),
    /// A probe refused its input.
    #[error(transparent)]
    Probe(#[from] crate::privacy::membership::ProbeError),
    /// A declared training makes no sense.
    #[error("privacy.dp: {0}")]
    Certificate(#[from] crate::privacy::dp::CertificateError),
    /// A table to be released could not be measured.
    #[error(transparent)]
    Anonymity(#[from] crate::privacy::anonymity::AnonymityError),
    /// An earlier run is not one on the same rows.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The rows contradict each other.
    #[error("the predictions are inconsistent: {0}")]
    Examples(#[from] crate::domain::ExamplesError),
    /// A file could not be read.
    #[error("cannot read `{path}`: {because}")]
    Read {
        /// The file.
        path: String,
        /// The operating system's reason.
        because: String,
    },
    /// The features are no table of numbers.
    #[error("`{path}`: {because}")]
    Features {
        /// The file.
        path: String,
        /// What does not fit, with its column and row.
        because: String,
    },
    /// Something that the configuration asks for cannot be had from this data.
    #[error("{0}")]
    Impossible(String),
}

/// A finished audit: the record, and the files that it was computed from.
#[derive(Debug)]
pub struct Audit {
    /// The record.
    pub assessment: Assessment,
    /// `predictions.parquet`, `model.safetensors`, `training.jsonl`, the canaries, as far as there are any.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Runs the whole audit.
///
/// Everything that can fail cheaply (data, policy, log) is read before the model is trained.
///
/// # Errors
/// Names the first input that could not be used.
pub fn run(
    config: &Config,
    waivers: Vec<Waiver>,
    circumstances: &Circumstances,
    watcher: &mut dyn Watcher,
) -> Result<Audit, PipelineError> {
    let mut inputs = inputs::read(config, waivers, watcher)?;
    if let Some(given) = &circumstances.baseline {
        inputs.compare(config, given)?;
    }
    let classified = predict::classify(config, &inputs, circumstances.threads, watcher)?;
    let measured = measure::all(config, &inputs, &classified, circumstances, watcher)?;
    record::audit(config, &inputs, classified, measured, circumstances)
}
