//! Ranked lists: how well they serve groups of queries or users, and how much attention groups of
//! items receive.
//!
//! A grouping whose level is the same in all rows of every query is one of queries; any other is one
//! of items.

mod items;
mod list;
mod manual;
mod queries;

use super::Options;
use super::measures::{Measure, Number, Task, rows_by_level};
use crate::domain::{Finding, GroupId, Groups, Meta, Split};
use items::Items;
use queries::Queries;

/// The rows of one split: each is an item in the list of a query. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct RankingFrame {
    /// The part of the data that the rows come from.
    pub split: Split,
    /// The query, or user, whose list the row is in, `(n,)`; each from 0 to the number of queries
    /// has a row.
    pub query: Vec<usize>,
    /// Score of the row, `(n,)`, finite; the highest is first.
    pub score: Vec<f64>,
    /// Relevance of the row, `(n,)`, finite, at least 0; relevant above 0.
    pub relevance: Vec<f64>,
    /// Places of a list that count, at least 1.
    pub at: usize,
    /// The groupings, intersections included.
    pub groups: Vec<Groups>,
}

impl RankingFrame {
    /// The rows of every query.
    fn lists(&self) -> Vec<Vec<usize>> {
        let queries = self.query.iter().max().map_or(0, |last| last + 1);
        let mut lists = vec![Vec::new(); queries];
        for (row, query) in self.query.iter().enumerate() {
            lists[*query].push(row);
        }
        lists
    }
}

/// Everything there is to say about a frame, in a fixed order: all queries, then each grouping with
/// its levels, comparisons and pairs.
///
/// # Panics
/// Panics when the columns have different lengths: a bug of the caller.
#[must_use]
pub fn audit(frame: &RankingFrame, options: &Options) -> Vec<Finding> {
    let n = frame.query.len();
    let fits = frame.groups.iter().all(|groups| groups.len() == n);
    assert!(fits && frame.score.len() == n && frame.relevance.len() == n, "all describe the rows");
    assert!(frame.at > 0, "a list has a first place");
    let lists = frame.lists();
    let queries = Queries::of(frame, &lists);
    let items = Items::of(frame, &lists);
    let (of_queries, of_items) = (manual::of_queries(), manual::of_items());
    let task = |measures| task(frame, measures, options);
    let (by_query, by_item) = (task(&of_queries), task(&of_items));
    let all: Vec<usize> = (0..lists.len()).collect();
    let mut findings = by_query.whole(queries.numbers(&all));
    for groups in &frame.groups {
        if let Some(levels) = levels_of_queries(groups, &lists) {
            let sizes: Vec<u64> =
                levels.iter().map(|l| u64::try_from(l.len()).unwrap_or(0)).collect();
            let numbers = |id: GroupId| queries.numbers(&levels[id.index()]);
            findings.extend(by_query.by(groups, &sizes, numbers).findings());
            continue;
        }
        let levels = rows_by_level(groups);
        let numbers = |id: GroupId| -> Vec<Number> {
            let name = format!("{}/{}", groups.name(), groups.label(id));
            items.numbers(&levels[id.index()], options, &name)
        };
        findings.extend(by_item.by(groups, &groups.counts(), numbers).findings());
    }
    findings
}

fn task<'a>(frame: &RankingFrame, measures: &'a [Measure], options: &'a Options) -> Task<'a> {
    Task { measures, split: frame.split, label: None, weighted: false, options }
}

/// The queries of every level, where all rows of each query have one level.
fn levels_of_queries(groups: &Groups, lists: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
    let mut levels = vec![Vec::new(); groups.n_levels()];
    for (query, rows) in lists.iter().enumerate() {
        let level = |row: &usize| groups.at(*row);
        let first = rows.first().map(level)?;
        if rows.iter().any(|row| level(row) != first) {
            return None;
        }
        levels[first.index()].push(query);
    }
    Some(levels)
}

/// The manuals of the checks that only this task has.
pub(super) fn checks() -> Vec<&'static Meta> {
    manual::metas().collect()
}

#[cfg(test)]
mod tests;
