//! Everything that goes in, read before anything expensive starts.

use super::{PipelineError, Watcher};
use crate::config::{Config, DatasetConfig, MisuseConfig, ModelConfig};
use crate::dataset::{self, Loaded};
use crate::domain::{InputFile, Seed, TextTable, Waiver, digest_hex};
use crate::misuse::{Facts, Log, Policy};
use crate::privacy::pii::Names;
use std::collections::BTreeMap;
use std::path::Path;

/// A log, the policy it must keep, and what the policy may know.
#[derive(Debug)]
pub struct Usage {
    /// The records.
    pub log: Log,
    /// The compiled policy.
    pub policy: Policy,
    /// Allow-lists and approvals.
    pub facts: Facts,
}

/// Everything that goes in.
#[derive(Debug)]
pub struct Inputs {
    /// Rows and pictures.
    pub data: Loaded,
    /// Tables to scan for personal data.
    pub tables: Vec<TextTable>,
    /// File names to scan for personal data.
    pub names: Vec<Names>,
    /// The usage log, if there is one.
    pub usage: Option<Usage>,
    /// Accepted breaches.
    pub waivers: Vec<Waiver>,
    /// Weights of a stored model.
    pub weights: Option<Vec<u8>>,
    /// Digests of the files.
    pub files: Vec<InputFile>,
}

/// Reads and compiles all inputs; nothing is trained yet.
///
/// # Errors
/// Names the first file that cannot be used.
pub fn read(config: &Config, watcher: &mut dyn Watcher) -> Result<Inputs, PipelineError> {
    let mut files = Vec::new();
    let weights = match &config.model {
        ModelConfig::Load(load) => Some(bytes(&load.path, &load.path_as_given, &mut files)?),
        _ => None,
    };
    watcher.step("data", &config.dataset.format);
    let source = source(&config.dataset);
    let data = dataset::read(&source, Seed::new(config.seed))?;
    files.extend(data.inputs.iter().cloned());
    let usage = usage(config, &data, &mut files)?;
    let (tables, names) = match config.privacy.pii_paths.as_slice() {
        [] => (data.tables.clone(), own_names(&data)),
        paths => read_scan_paths(paths)?,
    };
    let waivers = config.waivers.clone();
    Ok(Inputs { data, tables, names, usage, waivers, weights, files })
}
