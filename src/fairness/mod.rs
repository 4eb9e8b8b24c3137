//! Group fairness: base metrics of every group, and comparisons between the groups.
//!
//! [`METRICS`] are the numbers about one set of rows; [`COMPARISONS`] is the table of what is
//! compared. A group whose rate does not exist makes a comparison undefined: it is never skipped
//! and never counted as 0.

#[macro_use]
mod manuals;
#[macro_use]
mod measures;

mod aggregate;
mod areas;
mod bootstrap;
mod cells;
mod change;
mod comparisons;
pub mod compat;
mod conditional;
mod curve;
pub mod differential;
mod fixed;
mod frame;
pub mod individual;
pub mod inequality;
mod level;
mod local_law_144;
mod metrics;
pub mod multiclass;
mod pairs;
mod pairwise;
mod pass;
mod permutation;
mod pooling;
mod ranking;
pub mod recommendation;
mod records;
pub mod regression;
mod roc_distance;
mod selection;
mod significance;
mod simultaneous;
mod slice;
mod sorting;
mod steps;
mod tally;
mod to_overall;
mod weights;
mod why;
mod worst_slice;

pub use aggregate::Aggregate;
pub use change::{Earlier, changes};
pub use comparisons::{COMPARISONS, Comparison, How, Pairs};
pub use frame::Frame;
pub use metrics::{Basis, METRICS, Metric, Proportion};
pub use pairwise::Distance;
pub use selection::Selection;
pub use simultaneous::ShareInterval;
pub use slice::{Rate, Scores, Slice, Weights};
pub use tally::{Rows, Tally};
pub use why::{ThresholdRule, explain};
pub use worst_slice::{Searched, SliceOptions, worst_slices};

use crate::domain::{Finding, Groups, Meta, Seed, Subject};
use conditional::Strata;
use frame::ByGroup;
use level::Grouping;
use ranking::Ranking;
use rayon::prelude::*;
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
    /// Libraries whose numbers stand beside ours, by their own conventions.
    pub compat: Vec<compat::Peer>,
    /// Whether the tables of New York City's Local Law 144 are made.
    pub local_law_144: bool,
    /// The base metrics and comparisons to report.
    pub metrics: Selection,
    /// Names of checks that are reported whatever the selection, e.g. because a rule judges them.
    pub required: Vec<String>,
    /// Control features: comparisons are also made within each combination of their levels. Each is
    /// a grouping of its own.
    pub control: Vec<String>,
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
    /// Whether gaps are tested by permutation: all those that have no test otherwise, and rates over all
    /// groups.
    pub permutation: bool,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { share: ShareInterval::default(), seed: Seed::new(0), permutation: false }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            min_group_size: 0,
            reference: BTreeMap::new(),
            compat: Vec::new(),
            local_law_144: false,
            metrics: Selection::All,
            required: Vec::new(),
            control: Vec::new(),
            statistics: Statistics::default(),
        }
    }
}

impl Options {
    /// Whether a check is reported that is neither a base metric nor a comparison.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let listed = |names: &[String]| names.iter().any(|wanted| wanted == name);
        match &self.metrics {
            Selection::Named(names) => listed(names) || listed(&self.required),
            Selection::Default | Selection::All => true,
        }
    }

    /// Whether a check is asked for by its name.
    fn names(&self, name: &str) -> bool {
        let asked = match &self.metrics {
            Selection::Named(names) => names.iter().any(|wanted| wanted == name),
            Selection::Default | Selection::All => false,
        };
        asked || self.required.iter().any(|wanted| wanted == name)
    }
}

/// A frame whose rows are in the order of their scores, for several questions about it.
#[derive(Debug)]
pub struct Prepared<'a> {
    frame: &'a Frame,
    ranking: Option<Ranking<'a>>,
}

impl<'a> Prepared<'a> {
    /// Sorts the rows.
    ///
    /// # Panics
    /// Panics when the columns have different lengths: a bug of the caller.
    #[must_use]
    pub fn of(frame: &'a Frame) -> Self {
        let n = frame.y_true.len();
        let scores = frame.score.as_ref().map_or(n, Vec::len);
        let weights = frame.weight.as_ref().map_or(n, Vec::len);
        let fits = frame.groups.iter().all(|groups| groups.len() == n);
        let columns = [frame.y_pred.len(), scores, weights];
        assert!(fits && columns.iter().all(|len| *len == n), "all columns describe the same rows");
        Self { frame, ranking: Ranking::of(frame) }
    }

    /// As [`audit`].
    #[must_use]
    pub fn audit(&self, options: &Options) -> Vec<Finding> {
        let (frame, ranking) = (self.frame, self.ranking.as_ref());
        let plan = Plan::new(options, frame.score.is_some());
        let strata = Strata::of(frame, options);
        let all = ByGroup::whole(frame, ranking);
        let whole = level::measure(&all.slice(0), 0, options, &plan, "all");
        let split = Some(frame.split.name().to_owned());
        let subject = Subject { split, ..Subject::default() };
        let mut findings = level::findings(&whole, &all.slice(0), &subject, options, &plan);
        let (mut tests, mut tallies) = (Vec::new(), Vec::new());
        let one = |(at, groups): (usize, &'a Groups)| {
            let grouping = Grouping::measure(frame, groups, ranking, options, &plan);
            let grouping = grouping.beside(&whole);
            let mut findings = grouping.findings(options, &plan);
            let compared = plan.comparisons.iter().map(|c| aggregate::compare(c, &grouping));
            findings.extend(compared);
            findings.extend(pairs::pairs(&grouping, options, &plan));
            findings.extend(pooling::findings(&grouping, options));
            findings.extend(strata.iter().flat_map(|strata| strata.findings(at, options)));
            let mut tests = significance::tests(&grouping, options);
            tests.extend(permutation::tests(frame, &grouping, options));
            (findings, tests, grouping.tallies())
        };
        let groupings: Vec<_> = frame.groups.par_iter().enumerate().map(one).collect();
        for (found, of_grouping, tally) in groupings {
            findings.extend(found);
            tests.extend(of_grouping);
            tallies.push(tally);
        }
        findings.extend(significance::adjusted(tests));
        findings.extend(beyond_rates(frame, &all.tallies(), &tallies, options));
        findings.extend(local_law_144::findings(frame, options));
        findings.extend(compat::audit(frame, options));
        findings
    }

    /// As [`worst_slices`].
    #[must_use]
    pub fn worst_slices(&self, options: &SliceOptions) -> Vec<Finding> {
        match &self.ranking {
            Some(ranking) => worst_slice::of_alike(self.frame, ranking.alike(), options),
            None => worst_slices(self.frame, options),
        }
    }

    /// As [`explain`].
    #[must_use]
    pub fn explain(&self, options: &Options, rules: &[ThresholdRule]) -> Vec<Finding> {
        why::explained(self.frame, self.ranking.as_ref(), options, rules)
    }
}

/// Everything there is to say about a frame, in a fixed order: the whole population, then each
/// grouping in declared order; in each, every level with every base metric, then the comparisons,
/// then the pairs with a declared reference group, the pooled rates and the comparisons under
/// control features; then the tests of all groupings; last, what is not a rate of a group.
///
/// # Panics
/// Panics when the columns have different lengths: a bug of the caller.
#[must_use]
pub fn audit(frame: &Frame, options: &Options) -> Vec<Finding> {
    Prepared::of(frame).audit(options)
}

/// What is not a rate of a group: inequality of individuals, then of each grouping.
fn beyond_rates(
    frame: &Frame,
    whole: &[Tally],
    tallies: &[Vec<Tally>],
    options: &Options,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        whole.iter().flat_map(|all| inequality::whole(frame, all, options)).collect();
    for (groups, levels) in frame.groups.iter().zip(tallies) {
        findings.extend(inequality::between(frame, (groups, levels), options));
        findings.extend(differential::findings(frame, (groups, levels), options));
    }
    findings
}

/// The manuals of all base metrics, then of all comparisons, then of what is not a rate.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    let base = METRICS.iter().map(|metric| metric.meta());
    let rates = base.chain(COMPARISONS.iter().map(|comparison| &comparison.meta));
    let rates = rates.chain(pooling::checks()).chain(significance::checks());
    let rates = rates.chain(permutation::checks());
    let rates = rates.chain(change::checks());
    let beyond = inequality::checks().into_iter().chain(differential::checks());
    let beyond = beyond.chain(individual::checks()).chain(local_law_144::checks());
    let others = worst_slice::metas().chain(why::metas()).chain(compat::checks());
    rates
        .chain(beyond)
        .chain(others)
        .chain(multiclass::checks())
        .chain(regression::checks())
        .chain(recommendation::checks())
        .collect()
}

#[cfg(test)]
mod tests;
