//! Predictions that are numbers: how far they miss, in which direction, and for whom.

mod errors;
mod manual;

use super::Options;
use super::measures::{Task, rows_by_level};
use crate::domain::{Finding, Groups, Meta, Split};
use errors::{Errors, Row};

/// The rows of one split with their numbers. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberFrame {
    /// The part of the data that the rows come from.
    pub split: Split,
    /// Outcome of each row, `(n,)`, finite.
    pub y_true: Vec<f64>,
    /// Prediction of each row, `(n,)`, finite, in the unit of the outcome.
    pub y_pred: Vec<f64>,
    /// Weight of each row, `(n,)`, finite, at least 0, not all 0; every row counts one where absent.
    pub weight: Option<Vec<f64>>,
    /// The groupings, intersections included.
    pub groups: Vec<Groups>,
}

/// Everything there is to say about a frame, in a fixed order: the whole population, then each
/// grouping with its levels, comparisons and pairs.
///
/// # Panics
/// Panics when the columns have different lengths: a bug of the caller.
#[must_use]
pub fn audit(frame: &NumberFrame, options: &Options) -> Vec<Finding> {
    let n = frame.y_true.len();
    let fits = frame.groups.iter().all(|groups| groups.len() == n);
    let weights = frame.weight.as_ref().map_or(n, Vec::len);
    assert!(fits && frame.y_pred.len() == n && weights == n, "all columns describe the same rows");
    let measures = manual::measures();
    let weighted = frame.weight.is_some();
    let task = Task { measures: &measures, split: frame.split, label: None, weighted, options };
    let of = |rows: Vec<usize>| {
        let row = |row: usize| Row {
            y: frame.y_true[row],
            p: frame.y_pred[row],
            weight: frame.weight.as_ref().map_or(1.0, |weight| weight[row]),
        };
        Errors::new(rows.into_iter().map(row).collect(), weighted)
    };
    let mut findings = task.whole(of((0..n).collect()).numbers(options, "all"));
    for groups in &frame.groups {
        let levels: Vec<Errors> = rows_by_level(groups).into_iter().map(of).collect();
        let sizes: Vec<u64> = levels.iter().map(Errors::n).collect();
        let grouping = task.by(groups, &sizes, |id| {
            let name = format!("{}/{}", groups.name(), groups.label(id));
            levels[id.index()].numbers(options, &name)
        });
        findings.extend(grouping.findings());
    }
    findings
}

/// The manuals of the checks that only this task has.
pub(super) fn checks() -> Vec<&'static Meta> {
    manual::metas().collect()
}

#[cfg(test)]
mod tests;
