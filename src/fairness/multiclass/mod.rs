//! More than two classes: averages over the classes, each class against all others, and the worst of
//! them.
//!
//! Each class against all others is a binary classification, so its findings are those of
//! [`super::audit`] with the class as `subject.label`.

mod manual;
mod rows;
mod square;

use super::aggregate::Aggregate;
use super::bootstrap::Instead;
use super::level::Measured;
use super::measures::{Measure, Part, Task, rows_by_level};
use super::metrics::Basis;
use super::{Frame, Options, Selection};
use crate::domain::{ClassId, Code, Finding, Groups, Meta, Split, Undefined};
use crate::stats::sum;
use manual::From;
use rows::Rows;

/// The rows of one split with their classes. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFrame {
    /// The part of the data that the rows come from.
    pub split: Split,
    /// Names of the classes, at least two.
    pub classes: Vec<String>,
    /// Actual class of each row, `(n,)`, a place in `classes`.
    pub y_true: Vec<ClassId>,
    /// Predicted class of each row, `(n,)`, a place in `classes`.
    pub y_pred: Vec<ClassId>,
    /// Probability of each class, `(n, k)` row-major, finite.
    pub prob: Option<Vec<f64>>,
    /// Weight of each row, `(n,)`, finite, at least 0, not all 0; every row counts one where absent.
    pub weight: Option<Vec<f64>>,
    /// The groupings, intersections included.
    pub groups: Vec<Groups>,
}

impl ClassFrame {
    fn actual(&self, row: usize) -> usize {
        place(self.y_true[row])
    }

    /// The place of a row in the k×k table.
    fn cell(&self, row: usize) -> usize {
        self.actual(row) * self.classes.len() + place(self.y_pred[row])
    }
}

fn place(class: ClassId) -> usize {
    usize::try_from(class).unwrap_or_else(|_| unreachable!("u32 fits usize on our targets"))
}

/// The numbers of each class against all others that a reviewer needs.
const OF_CLASS: [&str; 7] = [
    "base_rate",
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "f1",
    "roc_auc",
];

/// The comparisons of each class that a reviewer needs.
const COMPARED_OF_CLASS: [&str; 8] = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "selection_rate_difference",
    "true_positive_rate_difference",
    "false_positive_rate_difference",
    "precision_difference",
    "f1_difference",
];

/// A rate of one class.
#[derive(Clone, Copy)]
enum OneRate {
    /// Share of the rows that are predicted to be of it.
    Selection,
    /// Share of its rows that are found.
    Recall,
    /// Share of the other rows that are taken for it.
    False,
    /// Share of those predicted to be of it that are.
    Precision,
}

/// The gaps of which the worst class is named.
static GAPS: [(&Meta, OneRate, Aggregate); 4] = [
    (&manual::SELECTION_GAP, OneRate::Selection, Aggregate::Ratio),
    (&manual::RECALL_GAP, OneRate::Recall, Aggregate::Difference),
    (&manual::FALSE_GAP, OneRate::False, Aggregate::Difference),
    (&manual::PRECISION_GAP, OneRate::Precision, Aggregate::Difference),
];

/// A code for numbers that are compared and not reported.
const INNER: Code = "FA300";

/// Everything there is to say about a frame, in a fixed order: the whole population, then each
/// grouping, in all classes together; then the same of each class against all others.
///
/// # Panics
/// Panics when the columns have different lengths: a bug of the caller.
#[must_use]
pub fn audit(frame: &ClassFrame, options: &Options) -> Vec<Finding> {
    let (n, k) = (frame.y_true.len(), frame.classes.len());
    let fits = frame.y_pred.len() == n && frame.groups.iter().all(|groups| groups.len() == n);
    assert!(fits && k > 1, "all columns describe the same rows of at least two classes");
    let (measures, from) = chosen(frame, options);
    let task = Task {
        measures: &measures,
        split: frame.split,
        label: None,
        weighted: frame.weight.is_some(),
        options,
    };
    let all = Rows::new(frame, (0..n).collect());
    let mut findings = task.whole(all.numbers(&from, options, "all"));
    for groups in &frame.groups {
        let levels = rows_of(frame, groups);
        let sizes: Vec<u64> = levels.iter().map(Rows::n).collect();
        let grouping = task.by(groups, &sizes, |id| {
            let name = format!("{}/{}", groups.name(), groups.label(id));
            levels[id.index()].numbers(&from, options, &name)
        });
        findings.extend(grouping.findings());
        for (meta, one, aggregate) in GAPS.iter().filter(|(meta, ..)| task.wants(meta)) {
            let parts: Vec<Part> = (0..k).map(|class| part(frame, &levels, *one, class)).collect();
            findings.push(grouping.worst(meta, *aggregate, &parts));
        }
    }
    findings.extend(each_class(frame, options));
    findings
}

/// The measures that are made: by default only those that need probabilities where there are any.
fn chosen(frame: &ClassFrame, options: &Options) -> (Vec<Measure>, Vec<From>) {
    let required = |meta: &Meta| options.required.iter().any(|name| name == meta.name);
    let able = frame.prob.is_some() || options.metrics != Selection::Default;
    let made = |(measure, from): &(Measure, From)| {
        able || !matches!(from, From::Loss | From::Areas) || measure.metas().any(required)
    };
    manual::measures().into_iter().filter(made).unzip()
}

/// The manuals of the checks that only this task has.
pub(super) fn checks() -> Vec<&'static Meta> {
    manual::metas().collect()
}

/// The rows of every level of a grouping.
fn rows_of<'a>(frame: &'a ClassFrame, groups: &Groups) -> Vec<Rows<'a>> {
    rows_by_level(groups).into_iter().map(|rows| Rows::new(frame, rows)).collect()
}

/// One rate of one class in every level.
fn part(frame: &ClassFrame, levels: &[Rows<'_>], one: OneRate, class: usize) -> Part {
    let (part, whole, why) = one.cells(frame.classes.len(), class);
    let of = |rows: &Rows<'_>| {
        let (counts, masses) = rows.table();
        let count = |cells: &[usize]| cells.iter().map(|cell| counts[*cell]).sum();
        let mass = |cells: &[usize]| sum(cells.iter().map(|cell| masses[*cell]));
        let (hits, n) = (count(&part), count(&whole));
        let value =
            if mass(&whole) > 0.0 { Ok(mass(&part) / mass(&whole)) } else { Err(why.clone()) };
        let basis = if frame.weight.is_some() { Basis::Rows(n) } else { Basis::Share { hits, n } };
        Measured::new(INNER, value, basis, Instead::None)
    };
    Part { name: frame.classes[class].clone(), by_level: levels.iter().map(of).collect() }
}

impl OneRate {
    /// The cells of the k×k table that are counted, those of the denominator, and why there is no
    /// rate without rows in it.
    fn cells(self, k: usize, class: usize) -> (Vec<usize>, Vec<usize>, Undefined) {
        let actual: Vec<usize> = (class * k..(class + 1) * k).collect();
        let predicted: Vec<usize> = (0..k).map(|actual| actual * k + class).collect();
        let hit = vec![class * k + class];
        let all = 0..k * k;
        match self {
            Self::Selection => (predicted, all.collect(), Undefined::Empty),
            Self::Recall => (hit, actual, Undefined::NoPositives),
            Self::False => {
                let missed = predicted.into_iter().filter(|cell| !hit.contains(cell)).collect();
                let others = all.filter(|cell| !actual.contains(cell)).collect();
                (missed, others, Undefined::NoNegatives)
            }
            Self::Precision => (hit, predicted, Undefined::NoPredictedPositives),
        }
    }
}

/// The findings of each class against all others, with the class as the label.
fn each_class(frame: &ClassFrame, options: &Options) -> Vec<Finding> {
    let options = of_class(options, frame.prob.is_some());
    let mut binary = Frame {
        split: frame.split,
        y_true: Vec::new(),
        y_pred: Vec::new(),
        score: None,
        weight: frame.weight.clone(),
        groups: frame.groups.clone(),
    };
    let k = frame.classes.len();
    let mut findings = Vec::new();
    for (class, name) in frame.classes.iter().enumerate() {
        let is = |ids: &[ClassId]| ids.iter().map(|id| place(*id) == class).collect();
        (binary.y_true, binary.y_pred) = (is(&frame.y_true), is(&frame.y_pred));
        let of_class = |prob: &Vec<f64>| prob.iter().skip(class).step_by(k).copied().collect();
        binary.score = frame.prob.as_ref().map(of_class);
        for mut finding in super::audit(&binary, &options) {
            finding.subject.label = Some(name.clone());
            findings.push(finding);
        }
    }
    findings
}

/// What is measured of each class: what a reviewer needs, or what the selection names and a rule
/// judges unless all classes have it together.
fn of_class(options: &Options, scored: bool) -> Options {
    let together: Vec<&str> =
        manual::measures().iter().flat_map(|(m, _)| m.metas()).map(|meta| meta.name).collect();
    let own = |names: &[String]| {
        names.iter().filter(|name| !together.contains(&name.as_str())).cloned().collect()
    };
    let usual = OF_CLASS.iter().filter(|name| scored || **name != "roc_auc");
    let usual = usual.chain(&COMPARED_OF_CLASS).map(|name| (*name).to_owned());
    let metrics = match &options.metrics {
        Selection::Default => Selection::Named(usual.collect()),
        Selection::Named(names) => Selection::Named(own(names)),
        Selection::All => Selection::All,
    };
    let required = own(&options.required);
    Options { metrics, required, compat: Vec::new(), local_law_144: false, ..options.clone() }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_rows;
