//! Group fairness: base metrics of every group, and comparisons between the groups.
//!
//! [`METRICS`] are the numbers about one set of rows; [`COMPARISONS`] is the table of what is
//! compared. A group whose rate does not exist makes a comparison undefined: it is never skipped
//! and never counted as 0.

mod aggregate;
mod areas;
mod comparisons;
mod frame;
mod level;
mod metrics;
mod pairs;
mod ranking;
mod slice;
mod sorting;

pub use aggregate::Aggregate;
pub use comparisons::{COMPARISONS, Comparison, Pairs};
pub use frame::Frame;
pub use metrics::{Basis, METRICS, Metric};
pub use slice::{Scores, Slice};

use crate::domain::{Finding, Groups, Meta, Subject};
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
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.metrics.is_empty() || self.metrics.iter().any(|wanted| wanted == name)
    }
}

/// Everything there is to say about a frame, in a fixed order: the whole population, then each
/// grouping in declared order; in each, every level with every base metric, then the comparisons,
/// then the pairs with a declared reference group.
///
/// # Panics
/// Panics when the columns have different lengths: a bug of the caller.
#[must_use]
pub fn audit(frame: &Frame, options: &Options) -> Vec<Finding> {
    let n = frame.y_true.len();
    let scores = frame.score.as_ref().map_or(n, Vec::len);
    let fits = frame.groups.iter().all(|groups| groups.len() == n);
    assert!(fits && frame.y_pred.len() == n && scores == n, "all columns describe the same rows");
    let ranking = Ranking::of(frame);
    let one = |groups: &Groups| grouped(frame, groups, ranking.as_ref(), options);
    let (mut findings, groupings) = rayon::join(
        || whole(frame, ranking.as_ref(), options),
        || frame.groups.par_iter().map(one).collect::<Vec<_>>(),
    );
    findings.extend(groupings.into_iter().flatten());
    findings
}

fn grouped(
    frame: &Frame,
    groups: &Groups,
    ranking: Option<&Ranking>,
    options: &Options,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let grouping = Grouping::measure(frame, groups, ranking, options, &mut findings);
    let wanted = COMPARISONS.iter().filter(|c| options.wants(c.meta.name));
    findings.extend(wanted.map(|comparison| aggregate::compare(comparison, &grouping)));
    findings.extend(pairs::pairs(&grouping, options));
    findings
}

fn whole(frame: &Frame, ranking: Option<&Ranking>, options: &Options) -> Vec<Finding> {
    let split = Some(frame.split.name().to_owned());
    let subject = Subject { split, ..Subject::default() };
    let all = ByGroup::whole(frame, ranking);
    let of = |rows| level::findings(&level::measure(&rows, 0), &rows, &subject, options);
    all.slices().flat_map(of).collect()
}

/// The manuals of all base metrics, then of all comparisons.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    let base = METRICS.iter().map(|metric| metric.meta());
    base.chain(COMPARISONS.iter().map(|comparison| &comparison.meta)).collect()
}

#[cfg(test)]
mod tests;
