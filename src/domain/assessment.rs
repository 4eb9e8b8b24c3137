//! The record of an audit. Every report is a function of it.

use super::finding::{Finding, FindingId};
use super::meta::Definition;
use super::risk::{Measure, Risk};
use super::system::System;
use super::threshold::{GateRule, Verdict, Waiver};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tool that made the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `audit`.
    pub name: String,
    /// Version.
    pub version: String,
    /// Features compiled in.
    pub features: Vec<String>,
}

/// Where it ran. The only part besides `started` that may differ between equal runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Threads used.
    pub threads: u64,
}

/// A file that went in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Path as given in the configuration.
    pub path: String,
    /// SHA-256.
    pub sha256: String,
}

/// Where the record comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The tool.
    pub tool: Tool,
    /// SHA-256 of the configuration as resolved (overrides included).
    pub config_sha256: String,
    /// SHA-256 over the rows that were audited.
    pub data_sha256: String,
    /// SHA-256 of the weights; null when predictions were given.
    pub model_sha256: Option<String>,
    /// Root seed.
    pub seed: u64,
    /// RFC 3339.
    pub started: String,
    /// Where it ran.
    pub host: Host,
    /// The files that went in.
    pub inputs: Vec<InputFile>,
}

/// Rows of one split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitCounts {
    /// `train`, `validation`, `test`.
    pub split: String,
    /// Rows.
    pub n: u64,
    /// Rows of the positive class.
    pub positives: u64,
}

/// What was audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetRecord {
    /// Format name.
    pub format: String,
    /// Path as given; null for built-in data.
    pub path: Option<String>,
    /// Rows used.
    pub n: u64,
    /// Rows left out because they could not be read (`on_error: skip`).
    pub skipped: u64,
    /// Classes in id order.
    pub classes: Vec<String>,
    /// The positive class.
    pub positive: String,
    /// Groupings: name → number of levels with at least one row.
    pub groups: BTreeMap<String, u64>,
    /// Rows by split.
    pub splits: Vec<SplitCounts>,
}

/// One line of `training.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u64,
    /// Mean cross-entropy over the training rows, nats, as they were shown during the epoch:
    /// augmented, but without class weights and label smoothing.
    pub train_loss: f64,
    /// Share of right predictions on the training rows, during the epoch.
    pub train_accuracy: f64,
    /// Mean cross-entropy on the validation rows after the epoch; null without such rows.
    pub validation_loss: Option<f64>,
    /// Share of right predictions on the validation rows after the epoch.
    pub validation_accuracy: Option<f64>,
    /// Learning rate of the epoch's last step.
    pub learning_rate: f64,
    /// Mean over the steps of the gradient's norm before clipping; null where nothing is clipped.
    pub gradient_norm: Option<f64>,
    /// Share of the rows that joined a step whose own gradient was shortened; only of a private
    /// training, and only where a row joined.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub clipped: Option<f64>,
}

/// A fitted temperature: probabilities are the softmax of the outputs divided by it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    /// Above 0; more than 1 where the outputs were too sure.
    pub temperature: f64,
    /// Mean negative log-likelihood of the validation rows, nats, with the outputs as they are.
    pub validation_nll_before: f64,
    /// The same with the outputs divided by the temperature.
    pub validation_nll_after: f64,
    /// Validation rows.
    pub n: u64,
}

/// The classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// `train`, `load` or `predictions`.
    pub source: String,
    /// Architecture name; null for given predictions.
    pub architecture: Option<String>,
    /// Trainable numbers.
    pub parameters: Option<u64>,
    /// Settings as resolved.
    pub settings: BTreeMap<String, String>,
    /// The epoch whose weights were kept, from 1.
    pub kept_epoch: Option<u64>,
    /// The last epoch, where early stopping ended the training before the declared one.
    pub stopped_epoch: Option<u64>,
    /// How probabilities are calibrated; null where they are the softmax alone.
    pub calibration: Option<Temperature>,
    /// The course of training; empty when nothing was trained.
    pub training: Vec<EpochRecord>,
    /// What a private training promises; absent where nothing is promised.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dp: Option<DpRecord>,
    /// What was planted into the training; absent where nothing was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub canaries: Option<CanaryRecord>,
}

/// Records that were planted into a training, each by its own coin. The coins were committed to before the
/// training; `canaries.txt` beside the record holds the bytes of the commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryRecord {
    /// `mislabelled` or `noise`.
    pub kind: String,
    /// Canaries, planted or held out.
    pub count: u64,
    /// Those that the training had.
    pub inserted: u64,
    /// Rows that the training had, these included.
    pub training_rows: u64,
    /// SHA-256 of `canaries.txt`, published before the training.
    pub commitment: String,
    /// The nonce in these bytes.
    pub nonce: String,
    /// The coins in order, `1` for a canary that the training had.
    pub flips: String,
}

/// What a training with differential privacy promises: whoever sees the weights can hardly tell whether
/// any single row was among the training rows. The ε are findings, `dp_epsilon_rdp` and
/// `dp_epsilon_prv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DpRecord {
    /// How rows join a step: `poisson`, each by its own coin.
    pub sampler: String,
    /// The probability with which a row joins a step.
    pub sampling_rate: f64,
    /// Steps of all epochs that were asked for; early stopping takes none off.
    pub steps: u64,
    /// Longest gradient of a single row.
    pub clip: f64,
    /// Standard deviation of the noise in units of `clip`.
    pub noise_multiplier: f64,
    /// The δ of the guarantee.
    pub delta: f64,
    /// The ε that was asked for; null where the noise was given.
    pub epsilon: Option<f64>,
    /// What the guarantee says nothing about, by key: `seed`, `floating_point`, `row_count`,
    /// `measurements`, `subjects`, `epoch_choice`, `early_stopping`, `calibration`, `init_from`.
    pub not_covered: Vec<String>,
}

/// A rule of the gate applied to one finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRow {
    /// The rule.
    pub rule: GateRule,
    /// The finding; null when the check did not run.
    pub finding: Option<FindingId>,
    /// The answer.
    pub verdict: Verdict,
    /// Why, in words.
    pub because: String,
    /// For `undecided`: the rows that would decide it, if that can be said.
    pub n_needed: Option<u64>,
    /// Index into `waivers`, when waived.
    pub waiver: Option<u64>,
}

/// Whether a waiver did anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaiverState {
    /// It waived a failed rule.
    Used,
    /// It matched nothing that failed.
    Unused,
    /// Its date has passed; it waives nothing.
    Expired,
}

/// A waiver as applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaiverRecord {
    /// As declared.
    pub waiver: Waiver,
    /// What it did.
    pub state: WaiverState,
}

/// Something that was asked for, or belongs to the audit, and did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotRun {
    /// The stage or check.
    pub what: String,
    /// Catalogue key of the reason, e.g. `no_training_rows`, `not_configured`, `skipped`.
    pub reason: String,
    /// The reason in words, a fragment that fits after "not run, because".
    pub because: String,
}

/// The whole record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// Version of this shape.
    pub schema: u64,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What the classifier is for.
    pub system: System,
    /// What was audited.
    pub dataset: DatasetRecord,
    /// The classifier.
    pub model: ModelRecord,
    /// All measured facts, in a fixed order.
    pub findings: Vec<Finding>,
    /// The gate.
    pub gate: Vec<GateRow>,
    /// The register, worst first.
    pub risks: Vec<Risk>,
    /// What could be done.
    pub measures: Vec<Measure>,
    /// Waivers.
    pub waivers: Vec<WaiverRecord>,
    /// What did not run.
    pub not_run: Vec<NotRun>,
    /// Manuals of the checks that occur above, by code.
    pub definitions: Vec<Definition>,
    /// The worst answer of the gate.
    pub verdict: Verdict,
}
