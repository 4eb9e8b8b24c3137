//! Worst slices: groups that nobody named beforehand, found among all combinations of the features.
//!
//! Rows become distinct cells, cells become every slice with enough rows, and a slice is reported
//! where an exact test says that it differs from the other rows, at a level that holds for the
//! search as a whole.

mod cells;
mod findings;
mod fisher;
mod manual;
mod search;
mod select;

pub use manual::Searched;
pub(super) use manual::metas;

use super::Frame;
use crate::domain::{Finding, to_f64};
use cells::{Cells, Rows};
use findings::Search;
use fisher::Fisher;
use select::Choice;

/// What is searched, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceOptions {
    /// The features to combine; empty means all that the groupings name.
    pub features: Vec<String>,
    /// Most conditions of a slice.
    pub max_depth: usize,
    /// Fewest rows of a slice.
    pub min_support: u64,
    /// What is compared; empty means everything that can be.
    pub metrics: Vec<Searched>,
    /// Most slices listed per metric.
    pub report: usize,
    /// One minus the chance that any slice is reported that does not differ.
    pub confidence: f64,
}

impl Default for SliceOptions {
    fn default() -> Self {
        let (features, metrics) = (Vec::new(), Vec::new());
        Self { features, max_depth: 3, min_support: 30, metrics, report: 10, confidence: 0.95 }
    }
}

/// For each metric how many slices differ, then the worst of them in order.
#[must_use]
pub fn worst_slices(frame: &Frame, options: &SliceOptions) -> Vec<Finding> {
    found(frame, &Rows::Each(frame.y_true.len()), options)
}

/// The same where rows that are alike were counted already.
pub(super) fn of_alike(
    frame: &Frame,
    alike: Vec<(usize, u64)>,
    options: &SliceOptions,
) -> Vec<Finding> {
    found(frame, &Rows::Alike(alike), options)
}

fn found(frame: &Frame, rows: &Rows, options: &SliceOptions) -> Vec<Finding> {
    let metrics: Vec<Searched> = match options.metrics.as_slice() {
        [] => Searched::ALL.to_vec(),
        chosen => Searched::ALL.into_iter().filter(|m| chosen.contains(m)).collect(),
    };
    let names = match options.features.as_slice() {
        [] => cells::names(&frame.groups),
        chosen => chosen.to_vec(),
    };
    if let Some(because) = refusal(frame, &names) {
        return metrics.iter().map(|metric| findings::refused(*metric, frame, &because)).collect();
    }
    let feature = |name: &String| cells::feature(&frame.groups, name, options.min_support, rows);
    let cells = Cells::count(frame, rows, names.iter().filter_map(feature).collect());
    let slices = search::slices(&cells, options.max_depth, options.min_support);
    let (fisher, family, alpha) = (Fisher::new(), count(metrics.len()), 1.0 - options.confidence);
    let search = |metric| {
        let choice = Choice { cells: &cells, slices: &slices, metric, fisher: &fisher };
        let level = choice.level(alpha / to_f64(family));
        let different = choice.different(level.each);
        let listed = choice.listed(&different, level.each, options.report);
        let split = frame.split;
        Search { split, choice, level, alpha, family, different, listed }.findings()
    };
    metrics.into_iter().flat_map(search).collect()
}

/// Why the search cannot be made.
fn refusal(frame: &Frame, names: &[String]) -> Option<String> {
    let known = cells::names(&frame.groups);
    if frame.weight.is_some() {
        return Some("the search counts rows, and these rows carry weights".to_owned());
    }
    match names.iter().find(|name| !known.contains(name)) {
        Some(name) => Some(format!("no grouping holds the feature `{name}`")),
        None if names.is_empty() => Some("no feature is declared".to_owned()),
        None => None,
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}

#[cfg(test)]
mod tests;
