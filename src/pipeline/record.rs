//! From findings to the record: risks, gate, manuals, provenance.

use super::measure::Measured;
use super::{Audit, Circumstances, Classified, Inputs, PipelineError};
use crate::config::{Config, Model};
use crate::domain::{
    Assessment, DatasetRecord, Definition, EpochRecord, Examples, Finding, Harm, HarmKind, Host,
    InputFile, Meta, ModelRecord, Provenance, Split, SplitCounts, System, Tool, Verdict,
    definition, digest_hex,
};
use crate::{dataset, fairness, gate, misuse, model, privacy, risk};
use std::collections::{BTreeMap, BTreeSet};

/// Every check of this build.
pub(crate) fn checks() -> Vec<&'static Meta> {
    [dataset::checks(), fairness::checks(), privacy::checks(), misuse::checks()].concat()
}

/// Features compiled into this build.
pub(super) fn features() -> Vec<String> {
    let gpu = [("cuda", cfg!(feature = "cuda")), ("metal", cfg!(feature = "metal"))];
    let on = gpu.iter().filter(|(_, on)| *on).map(|(name, _)| (*name).to_owned());
    ["plots", "tables", "train"].iter().map(|f| (*f).to_owned()).chain(on).collect()
}

/// Judges the findings and assembles the record and its files.
pub(super) fn audit(
    config: &Config,
    inputs: &Inputs,
    classified: Classified,
    measured: Measured,
    circumstances: &Circumstances,
) -> Result<Audit, PipelineError> {
    let Measured { findings, not_run } = measured;
    let (gate, waivers, verdict) =
        gate::judge(&findings, &config.gate, &inputs.waivers, &not_run, &circumstances.today);
    let (risks, measures) = risk::register(&findings, &gate, &config.system);
    let assessment = Assessment {
        schema: 1,
        provenance: provenance(config, inputs, &classified, circumstances),
        system: config.system.clone(),
        dataset: dataset_record(config, inputs, &classified.predictions.examples),
        model: stated(config, classified.record.clone()),
        definitions: definitions(&findings),
        findings,
        gate,
        risks,
        measures,
        waivers,
        not_run,
        verdict,
    };
    Ok(Audit { files: files(config, inputs, classified)?, assessment })
}

/// The record of the model with what the audit made of its output.
fn stated(config: &Config, mut model: ModelRecord) -> ModelRecord {
    let threshold = config.fairness.threshold.map(|t| ("threshold", t.to_string()));
    let weight = config.dataset.columns.weight.clone().map(|column| ("weight", column));
    let task = Some(config.fairness.task.clone()).filter(|task| task != "binary");
    let own = [threshold, weight, task.map(|task| ("task", task))].into_iter().flatten();
    model.settings.extend(own.map(|(key, value)| (key.to_owned(), value)));
    model
}

/// The record of measurements that were asked for one by one: no gate, no risks, no model.
pub(crate) fn bare(
    name: &str,
    findings: Vec<Finding>,
    inputs: Vec<InputFile>,
    circumstances: &Circumstances,
) -> Assessment {
    let digests: String = inputs.iter().map(|i| i.sha256.as_str()).collect();
    Assessment {
        schema: 1,
        provenance: Provenance {
            tool: tool(),
            config_sha256: digest_hex(b""),
            data_sha256: digest_hex(digests.as_bytes()),
            model_sha256: None,
            seed: 0,
            started: circumstances.started.clone(),
            host: host(circumstances),
            inputs,
        },
        system: undeclared(name),
        dataset: tables_only(&findings),
        model: ModelRecord {
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
        },
        definitions: definitions(&findings),
        findings,
        gate: Vec::new(),
        risks: Vec::new(),
        measures: Vec::new(),
        waivers: Vec::new(),
        not_run: Vec::new(),
        verdict: Verdict::Pass,
    }
}

/// A data set of which only the findings' own counts are known.
fn tables_only(findings: &[Finding]) -> DatasetRecord {
    DatasetRecord {
        format: "tables".to_owned(),
        path: None,
        n: findings.iter().map(|f| f.n).max().unwrap_or(0),
        skipped: 0,
        classes: Vec::new(),
        positive: String::new(),
        groups: BTreeMap::new(),
        splits: Vec::new(),
    }
}

/// A system of which nothing was declared.
fn undeclared(name: &str) -> System {
    System {
        name: name.to_owned(),
        purpose: String::new(),
        domain: "general".to_owned(),
        users: Vec::new(),
        out_of_scope: Vec::new(),
        harm: Harm { kind: HarmKind::Quality, reversible: true, minors: false },
        jurisdictions: Vec::new(),
        decisions_per_year: None,
        owner: None,
    }
}

fn tool() -> Tool {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Tool { name: "audit".to_owned(), version, features: features() }
}

fn host(circumstances: &Circumstances) -> Host {
    Host {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        threads: u64::try_from(circumstances.threads).unwrap_or(u64::MAX),
    }
}

fn definitions(findings: &[Finding]) -> Vec<Definition> {
    let used: BTreeSet<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    checks().into_iter().filter(|m| used.contains(m.code)).map(definition).collect()
}

fn files(
    config: &Config,
    inputs: &Inputs,
    classified: Classified,
) -> Result<Vec<(String, Vec<u8>)>, PipelineError> {
    let table = dataset::write_predictions(&classified.predictions)?;
    let mut files = vec![("predictions.parquet".to_owned(), table)];
    if let Some(weights) = classified.weights {
        files.push(("model.safetensors".to_owned(), weights));
    }
    if !classified.record.training.is_empty() {
        let lines = training_lines(&classified.record.training);
        files.push(("training.jsonl".to_owned(), lines));
    }
    if let (Some(planted), Some(logits)) = (&inputs.planted, &classified.canaries) {
        files.extend(planted.files(logits)?);
    }
    if matches!(&config.model, Model::Train(train) if train.tensorboard) {
        let events = model::tensorboard(&classified.record.training);
        files.push((model::TENSORBOARD_FILE.to_owned(), events));
    }
    Ok(files)
}

/// The course of training, one JSON object per line.
pub(crate) fn training_lines(history: &[EpochRecord]) -> Vec<u8> {
    let line = |e| serde_json::to_string(e).map(|l| l + "\n");
    let lines: Result<String, _> = history.iter().map(line).collect();
    lines.unwrap_or_else(|_| unreachable!("epoch records are plain numbers")).into_bytes()
}

fn provenance(
    config: &Config,
    inputs: &Inputs,
    classified: &Classified,
    circumstances: &Circumstances,
) -> Provenance {
    Provenance {
        tool: tool(),
        config_sha256: digest_hex(config.canonical().as_bytes()),
        data_sha256: inputs.data.digest.clone(),
        model_sha256: classified.digest.clone(),
        seed: config.seed,
        started: circumstances.started.clone(),
        host: host(circumstances),
        inputs: inputs.files.clone(),
    }
}

fn dataset_record(config: &Config, inputs: &Inputs, examples: &Examples) -> DatasetRecord {
    let count = |n: usize| u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"));
    let inhabited = |counts: Vec<u64>| count(counts.into_iter().filter(|n| *n > 0).count());
    let groups: BTreeMap<String, u64> =
        examples.groups.iter().map(|g| (g.name(), inhabited(g.counts()))).collect();
    let splits = Split::ALL.iter().map(|&split| {
        let rows = examples.rows(split);
        let positive = rows.iter().filter(|&&i| examples.y_true[i] == examples.positive);
        let positives = count(positive.count());
        SplitCounts { split: split.name().to_owned(), n: count(rows.len()), positives }
    });
    let name = usize::try_from(examples.positive).ok().and_then(|i| examples.classes.get(i));
    DatasetRecord {
        format: config.dataset.format.clone(),
        path: config.dataset.path.as_ref().map(|p| p.given.clone()),
        n: count(examples.len()),
        skipped: count(inputs.data.skipped.len()),
        classes: examples.classes.clone(),
        positive: name.cloned().unwrap_or_default(),
        groups,
        splits: splits.collect(),
    }
}
