//! `fairness:` as the rest of the program may rely on it.

use super::slices::Slices;
use serde::Serialize;
use std::collections::BTreeMap;

/// `fairness:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fairness {
    /// What is predicted: `binary` or `multiclass`.
    pub task: String,
    /// Chosen metrics and comparisons.
    pub metrics: Metrics,
    /// Features within whose levels the groups are also compared.
    pub control: Vec<String>,
    /// Score from which a row counts as predicted positive; none keeps the decisions.
    pub threshold: Option<f64>,
    /// Feature → level to compare with.
    pub reference: BTreeMap<String, String>,
    /// Smaller groups have no value.
    pub min_group_size: u64,
    /// Level of all intervals, above 0 and below 1.
    pub confidence: f64,
    /// Libraries whose numbers stand beside ours, by their own conventions.
    pub compat: Vec<String>,
    /// Whether the tables of New York City's Local Law 144 are made.
    pub local_law_144: bool,
    /// Interval of a single share: `wilson` or `clopper_pearson`.
    pub interval: String,
    /// Tests of gaps: `analytic` or `permutation`.
    pub tests: String,
    /// The search for the worst slices; none where the block is absent.
    pub slices: Option<Slices>,
}

/// `fairness.metrics:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metrics {
    /// What a reviewer needs.
    Default,
    /// Everything.
    All,
    /// These.
    Named(Vec<String>),
}
