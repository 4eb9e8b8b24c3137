//! Group fairness: base metrics of every group, and comparisons between the groups.
//!
//! [`METRICS`] are the numbers about one set of rows; [`COMPARISONS`] is the table of what is
//! compared. A group whose rate does not exist makes a comparison undefined: it is never skipped
//! and never counted as 0.

mod aggregate;
mod areas;
mod bootstrap;
mod comparisons;
pub mod differential;
mod frame;
pub mod inequality;
mod level;
mod metrics;
mod pairs;
mod pooling;
mod ranking;
mod significance;
mod simultaneous;
mod slice;
mod sorting;
mod tally;
mod why;
mod worst_slice;

pub use aggregate::Aggregate;
pub use comparisons::{COMPARISONS, Comparison, Pairs};
pub use frame::Frame;
pub use metrics::{Basis, METRICS, Metric};
pub use simultaneous::ShareInterval;
pub use slice::{Scores, Slice};
pub use tally::{Rows, Tally};
pub use why::{ThresholdRule, explain};
pub use worst_slice::{Searched, SliceOptions, worst_slices};

use crate::domain::{Finding, Groups, Meta, Seed, Subject};
use frame::ByGroup;
use level::Grouping;
use ranking::Ranking;
use rayon::prelude::*;
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
    /// Names of the base metrics and comparisons to report; empty means all.
    pub metrics: Vec<String>,
    /// How intervals are made.
    pub statistics: Statistics,
}

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Of a single share.
    pub share: ShareInterval,
    /// Root of the draws where no formula exists.
    pub seed: Seed,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { share: ShareInterval::default(), seed: Seed::new(0) }
    }
}

impl Default for Options {
    fn default() -> Self {
        let (reference, metrics) = (BTreeMap::new(), Vec::new());
        let statistics = Statistics::default();
        Self { confidence: 0.95, min_group_size: 0, reference, metrics, statistics }
    }
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.metrics.is_empty() || self.metrics.iter().any(|wanted| wanted == name)
    }

    /// Whether the base metric is reported itself or in a comparison.
    fn wants_any(&self, base: &str) -> bool {
        let rests_on = |c: &&Comparison| c.metrics.iter().any(|m| m.meta().name == base);
        self.wants(base) || COMPARISONS.iter().filter(rests_on).any(|c| self.wants(c.meta.name))
    }
}

/// Everything there is to say about a frame, in a fixed order: the whole population, then each
/// grouping in declared order; in each, every level with every base metric, then the comparisons,
/// then the pairs with a declared reference group and the pooled rates; then the tests of all
/// groupings; last, what is not a rate of a group.
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
    let ranking = Ranking::of(frame);
    let one = |groups: &Groups| grouped(frame, groups, ranking.as_ref(), options);
    let (mut findings, groupings) = rayon::join(
        || whole(frame, ranking.as_ref(), options),
        || frame.groups.par_iter().map(one).collect::<Vec<_>>(),
    );
    let mut tests = Vec::new();
    for (found, of_groups) in groupings {
        findings.extend(found);
        tests.extend(of_groups);
    }
    findings.extend(significance::adjusted(tests));
    findings.extend(beyond_rates(frame, options));
    findings
}

/// One grouping: its findings, and its tests before they are adjusted.
fn grouped(
    frame: &Frame,
    groups: &Groups,
    ranking: Option<&Ranking>,
    options: &Options,
) -> (Vec<Finding>, Vec<significance::Raw>) {
    let mut findings = Vec::new();
    let grouping = Grouping::measure(frame, groups, ranking, options, &mut findings);
    let wanted = COMPARISONS.iter().filter(|c| options.wants(c.meta.name));
    findings.extend(wanted.map(|comparison| aggregate::compare(comparison, &grouping)));
    findings.extend(pairs::pairs(&grouping, options));
    findings.extend(pooling::findings(&grouping, options));
    (findings, significance::tests(&grouping, options))
}

/// What is not a rate of a group: inequality of individuals, then of each grouping.
fn beyond_rates(frame: &Frame, options: &Options) -> Vec<Finding> {
    let mut findings = inequality::whole(frame, options);
    for groups in &frame.groups {
        findings.extend(inequality::between(frame, groups, options));
        findings.extend(differential::findings(frame, groups, options));
    }
    findings
}

fn whole(frame: &Frame, ranking: Option<&Ranking>, options: &Options) -> Vec<Finding> {
    let split = Some(frame.split.name().to_owned());
    let subject = Subject { split, ..Subject::default() };
    let all = ByGroup::whole(frame, ranking);
    let of =
        |rows| level::findings(&level::measure(&rows, 0, options, "all"), &rows, &subject, options);
    all.slices().flat_map(of).collect()
}

/// The manuals of all base metrics, then of all comparisons, then of what is not a rate.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    let base = METRICS.iter().map(|metric| metric.meta());
    let rates = base.chain(COMPARISONS.iter().map(|comparison| &comparison.meta));
    let beyond = inequality::checks().into_iter().chain(differential::checks());
    let rates = rates.chain(pooling::checks()).chain(significance::checks());
    rates.chain(beyond).chain(worst_slice::metas()).chain(why::metas()).collect()
}

#[cfg(test)]
mod tests;
