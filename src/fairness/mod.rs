//! Group fairness: base metrics of every group, and comparisons between the groups.
//!
//! [`METRICS`] are the numbers about one set of rows; [`COMPARISONS`] is the table of what is
//! compared. A group whose rate does not exist makes a comparison undefined: it is never skipped
//! and never counted as 0.

#[macro_use]
mod manuals;

mod aggregate;
mod comparisons;
mod conditional;
mod frame;
mod level;
mod metrics;
mod pairs;
mod pairwise;
mod selection;
mod slice;
mod to_overall;
mod weights;

pub use aggregate::Aggregate;
pub use comparisons::{COMPARISONS, Comparison, How, Pairs};
pub use frame::Frame;
pub use metrics::{Basis, METRICS, Metric, Proportion};
pub use pairwise::Distance;
pub use selection::Selection;
pub use slice::{Rate, Scores, Slice, Weights};

use crate::domain::{Finding, Meta, Subject};
use conditional::Strata;
use frame::{ByGroup, Ranking};
use level::Grouping;
use selection::Plan;
use std::collections::BTreeMap;

/// What to measure, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Confidence of the intervals, strictly between 0 and 1.
    pub confidence: f64,
    /// Groups with fewer rows have a count only, and take no part in comparisons.
    pub min_group_size: u64,
    /// Grouping → level that the other groups are compared with, e.g. `sex → male`; an
    /// intersection is named as in the findings, `sex*age_group → male|<40`.
    pub reference: BTreeMap<String, String>,
    /// The base metrics and comparisons to report.
    pub metrics: Selection,
    /// Names of checks that are reported whatever the selection, e.g. because a rule judges them.
    pub required: Vec<String>,
    /// Control features: comparisons are also made within each combination of their levels. Each is
    /// a grouping of its own.
    pub control: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            min_group_size: 0,
            reference: BTreeMap::new(),
            metrics: Selection::All,
            required: Vec::new(),
            control: Vec::new(),
        }
    }
}

/// Everything there is to say about a frame, in a fixed order: the whole population, then each
/// grouping in declared order; in each, every level with every base metric, then the comparisons,
/// then the pairs with a declared reference group, then the comparisons under control features.
///
/// # Panics
/// Panics when the columns have different lengths: a bug of the caller.
#[must_use]
pub fn audit(frame: &Frame, options: &Options) -> Vec<Finding> {
    let n = frame.y_true.len();
    let scores = frame.score.as_ref().map_or(n, Vec::len);
    let weights = frame.weight.as_ref().map_or(n, Vec::len);
    let fits = frame.groups.iter().all(|groups| groups.len() == n);
    let columns = [frame.y_pred.len(), scores, weights];
    assert!(fits && columns.iter().all(|len| *len == n), "all columns describe the same rows");
    let plan = Plan::new(&options.metrics, &options.required, frame.score.is_some());
    let (ranking, strata) = (Ranking::of(frame), Strata::of(frame, options));
    let all = ByGroup::whole(frame, ranking.as_ref());
    let whole = level::measure(&all.slice(0), 0, &plan);
    let split = Some(frame.split.name().to_owned());
    let subject = Subject { split, ..Subject::default() };
    let mut findings = level::findings(&whole, &all.slice(0), &subject, options, &plan);
    for (at, groups) in frame.groups.iter().enumerate() {
        let grouping = Grouping::measure(frame, groups, ranking.as_ref(), options, &plan);
        let grouping = grouping.beside(&whole);
        findings.extend(grouping.findings(options, &plan));
        let compared = plan.comparisons.iter().map(|c| aggregate::compare(c, &grouping));
        findings.extend(compared);
        findings.extend(pairs::pairs(&grouping, options, &plan));
        findings.extend(strata.iter().flat_map(|strata| strata.findings(at, options, &plan)));
    }
    findings
}

/// The manuals of all base metrics, then of all comparisons.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    let base = METRICS.iter().map(|metric| metric.meta());
    base.chain(COMPARISONS.iter().map(|comparison| &comparison.meta)).collect()
}

#[cfg(test)]
mod tests;
