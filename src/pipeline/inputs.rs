//! Everything that goes in, read before anything expensive starts.

use super::baseline::{self, Baseline};
use super::noisy::Private;
use super::planted::Planted;
use super::source::source;
use super::{PipelineError, Watcher};
use crate::config::{Anonymity, Config, FilePath, Misuse, MisuseFacts, Model};
use crate::dataset::{self, Loaded, Source};
use crate::domain::{InputFile, Seed, TextTable, Waiver, digest_hex};
use crate::misuse::{Facts, Log, Policy};
use crate::privacy::{self, pii::Names};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    /// The table that is to be released, if one is named, and its population.
    pub released: Option<(TextTable, Option<TextTable>)>,
    /// The usage log, if there is one.
    pub usage: Option<Usage>,
    /// Accepted breaches.
    pub waivers: Vec<Waiver>,
    /// Weights of a stored model, or those that a training begins with.
    pub weights: Option<Arc<[u8]>>,
    /// What a private training of these rows must do.
    pub private: Option<Private>,
    /// Canaries of this run's training; `data` holds none of them.
    pub planted: Option<Planted>,
    /// Digests of the files.
    pub files: Vec<InputFile>,
    /// An earlier run on the same rows.
    pub baseline: Option<Baseline>,
}

impl Inputs {
    /// Reads an earlier run to compare with.
    pub(super) fn compare(&mut self, config: &Config, given: &Path) -> Result<(), PipelineError> {
        let source = Source { threshold: config.fairness.threshold, ..Source::default() };
        let baseline = baseline::read(given, &source, &self.data.examples)?;
        self.files.push(baseline.input.clone());
        self.baseline = Some(baseline);
        Ok(())
    }
}

/// Reads and compiles all inputs; nothing is trained yet.
///
/// # Errors
/// Names the first file that cannot be used.
pub(super) fn read(
    config: &Config,
    waivers: Vec<Waiver>,
    watcher: &mut dyn Watcher,
) -> Result<Inputs, PipelineError> {
    let mut inputs = rows(config, watcher)?;
    inputs.planted = Planted::plant(config, &mut inputs.data, watcher)?;
    inputs.private = match &inputs.planted {
        Some(planted) => Private::planned(config, &planted.examples(&inputs.data))?,
        None => Private::planned(config, &inputs.data.examples)?,
    };
    let files = &mut inputs.files;
    if let Model::Load(load) = &config.model {
        inputs.weights = Some(bytes(&load.path, files)?.into());
    }
    inputs.usage = match &config.misuse {
        Some(misuse) => usage(misuse, config.fairness.confidence, &inputs.data, files)?,
        None => None,
    };
    let (tables, names) = read_scan_paths(&config.privacy.pii.paths)?;
    inputs.tables.extend(tables);
    inputs.names.extend(names);
    if let Some(d) = &config.privacy.dp {
        // Refused here, before anything is trained.
        let (rate, noise) = (d.sampling_rate, d.noise_multiplier);
        privacy::dp::Certificate::new(rate, noise, d.steps, d.delta)?;
    }
    inputs.released = match &config.privacy.anonymity {
        Some(anonymity) => Some(released(anonymity, &mut inputs.files)?),
        None => None,
    };
    inputs.waivers = waivers;
    Ok(inputs)
}

/// The options of `privacy.anonymity` in the words of the privacy room.
pub(super) fn anonymity_options(a: &Anonymity) -> privacy::anonymity::Options {
    let (quasi, sensitive) = (a.quasi.clone(), a.sensitive.clone());
    privacy::anonymity::Options { quasi, sensitive, l: a.l }
}

/// The table that is to be released and its population, as far as the measurement needs them.
fn released(
    a: &Anonymity,
    files: &mut Vec<InputFile>,
) -> Result<(TextTable, Option<TextTable>), PipelineError> {
    let mut read = |path: &FilePath, columns: &[&str]| -> Result<TextTable, PipelineError> {
        bytes(path, files)?;
        let mut table = dataset::read_columns(&path.resolved, columns)?;
        table.file.clone_from(&path.given);
        Ok(table)
    };
    let known: Vec<&str> = a.quasi.iter().map(String::as_str).collect();
    let all: Vec<&str> = a.quasi.iter().chain(&a.sensitive).map(String::as_str).collect();
    let table = read(&a.path, &all)?;
    privacy::anonymity::check(&table, &anonymity_options(a))?;
    let population = a.population.as_ref().map(|path| read(path, &known)).transpose()?;
    Ok((table, population))
}

/// Reads the rows and pictures alone, and the weights to begin with, as training and predicting need
/// them.
///
/// # Errors
/// Names the first file or row that cannot be used.
pub fn read_data(config: &Config, watcher: &mut dyn Watcher) -> Result<Inputs, PipelineError> {
    let mut inputs = rows(config, watcher)?;
    inputs.private = Private::planned(config, &inputs.data.examples)?;
    Ok(inputs)
}

/// Rows, pictures and the weights to begin with; what a training does with them comes later.
fn rows(config: &Config, watcher: &mut dyn Watcher) -> Result<Inputs, PipelineError> {
    watcher.step("data", &config.dataset.format);
    let data = dataset::read(&source(config), Seed::new(config.seed))?;
    let mut files = data.inputs.clone();
    let weights = match &config.model {
        Model::Train(train) => train.init_from.as_ref(),
        _ => None,
    };
    let weights = weights.map(|file| bytes(file, &mut files)).transpose()?;
    Ok(Inputs {
        tables: data.tables.clone(),
        names: own_names(&data),
        released: None,
        usage: None,
        waivers: Vec::new(),
        weights: weights.map(Into::into),
        private: None,
        planted: None,
        files,
        data,
        baseline: None,
    })
}

/// The configured facts in the words of the misuse room.
pub(crate) fn facts(f: &MisuseFacts, confidence: f64) -> Facts {
    Facts {
        purposes: f.purposes.clone(),
        domains: f.domains.clone(),
        prohibited_uses: f.prohibited_uses.clone(),
        approvals: f.approvals.clone(),
        review_below: f.review_below,
        required_fields: f.required_fields.clone(),
        confidence,
    }
}

fn own_names(data: &Loaded) -> Vec<Names> {
    let named = |(place, names): &(String, Vec<String>)| Names {
        place: place.clone(),
        names: names.clone(),
    };
    data.names.iter().map(named).collect()
}

fn bytes(path: &FilePath, files: &mut Vec<InputFile>) -> Result<Vec<u8>, PipelineError> {
    let read = std::fs::read(&path.resolved).map_err(|e| unreadable(&path.given, &e))?;
    files.push(InputFile { path: path.given.clone(), sha256: digest_hex(&read) });
    Ok(read)
}

fn unreadable(path: &str, error: &std::io::Error) -> PipelineError {
    PipelineError::Read { path: path.to_owned(), because: error.to_string() }
}

/// The log, the policy and the facts; none where neither the configuration nor the data has a log.
fn usage(
    misuse: &Misuse,
    confidence: f64,
    data: &Loaded,
    files: &mut Vec<InputFile>,
) -> Result<Option<Usage>, PipelineError> {
    let (name, text) = match (&misuse.log, &data.usage_log) {
        (Some(path), _) => (path.given.clone(), bytes(path, files)?),
        (None, Some(own)) => ("usage.jsonl".to_owned(), own.clone().into_bytes()),
        (None, None) => return Ok(None),
    };
    let policy = match &misuse.policy {
        Some(path) => {
            let text = String::from_utf8_lossy(&bytes(path, files)?).into_owned();
            Policy::compile(&path.given, &text)
        }
        None => Policy::built_in(),
    };
    let log = Log::parse(&name, &text)?;
    let policy = policy?;
    let facts = facts(&misuse.facts, confidence);
    Ok(Some(Usage { log, policy, facts }))
}

/// Tables and file names below the given files and folders, in sorted order. Tables are `.csv` and
/// `.parquet`; the names of all files are scanned.
///
/// # Errors
/// Names the file or folder that cannot be read.
pub fn read_scan_paths(paths: &[FilePath]) -> Result<(Vec<TextTable>, Vec<Names>), PipelineError> {
    let (mut tables, mut names) = (Vec::new(), Vec::new());
    for path in paths {
        let mut found = Vec::new();
        walk(&path.resolved, "", &mut found).map_err(|e| unreadable(&path.given, &e))?;
        for (file, below) in &found {
            let table = file.extension().is_some_and(|e| e == "csv" || e == "parquet");
            if table {
                let mut read = dataset::read_text_table(file)?;
                read.file = if below.is_empty() { path.given.clone() } else { below.clone() };
                tables.push(read);
            }
        }
        let listed = found.iter().map(|(file, below)| match below.as_str() {
            "" => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            below => below.to_owned(),
        });
        names.push(Names { place: path.given.clone(), names: listed.collect() });
    }
    Ok((tables, names))
}

/// Files below `path` with their names relative to it; links are not followed.
fn walk(path: &Path, below: &str, found: &mut Vec<(PathBuf, String)>) -> std::io::Result<()> {
    if !std::fs::metadata(path)?.is_dir() {
        found.push((path.to_owned(), below.to_owned()));
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if below.is_empty() { name } else { format!("{below}/{name}") };
        if !entry.file_type()?.is_symlink() {
            walk(&entry.path(), &below, found)?;
        }
    }
    Ok(())
}
