//! Each group against a declared reference group: differences signed `group − reference`, ratios
//! `group / reference`.

use super::Options;
use super::aggregate::Aggregate;
use super::comparisons::{Comparison, How, Pairs};
use super::level::{Grouping, Level, numbers};
use super::metrics::Metric;
use super::pairwise;
use super::selection::Plan;
use super::simultaneous;
use crate::domain::{Cell, Finding, GroupKey, Stage, Subject, Undefined, Value, ratio_of};

/// The pair findings of a grouping: per metric, each group but the reference in level order.
///
/// A declared reference that no row belongs to gives one finding per metric that says so.
pub(super) fn pairs(grouping: &Grouping<'_>, options: &Options, plan: &Plan) -> Vec<Finding> {
    let Some(declared) = options.reference.get(&grouping.groups.name()) else {
        return Vec::new();
    };
    let is_reference = |level: &&Level| grouping.groups.label(level.id) == *declared;
    let reference = grouping.levels.iter().find(is_reference);
    let mut findings = Vec::new();
    for comparison in plan.pairs.iter().filter(|c| c.pairs == Pairs::Signed) {
        match reference {
            Some(reference) => {
                let others = grouping.levels.iter().filter(|level| level.id != reference.id);
                findings.extend(others.map(|level| pair(comparison, grouping, [level, reference])));
            }
            None => findings.push(unknown(comparison, grouping, declared)),
        }
    }
    findings
}

fn pair(comparison: &Comparison, grouping: &Grouping<'_>, both: [&Level; 2]) -> Finding {
    let [group, reference] = both.map(|level| Some(grouping.key(level)));
    let subject = Subject { group, reference, ..grouping.subject() };
    match (comparison.how, comparison.metrics) {
        (How::Pairwise(of), _) => {
            let value = both_able(grouping, both, |level| {
                let rows = grouping.rows(level);
                of(&rows, &rows)
            });
            let [a, b] = both.map(|level| grouping.rows(level));
            let value = value.and_then(|_| of(&a, &b));
            let interval = value
                .as_ref()
                .ok()
                .and_then(|value| pairwise::interval(comparison, *value, &[a, b], grouping));
            let n = a.n() + b.n();
            let finding = Finding::new(&comparison.meta, Stage::Fairness, subject, value, n);
            finding.with_interval(interval)
        }
        (_, metrics) => measured(comparison, metrics[0], grouping, (both, subject)),
    }
}

/// The values of both groups, or whose is missing.
fn both_able(
    grouping: &Grouping<'_>,
    both: [&Level; 2],
    value: impl Fn(&Level) -> Value,
) -> Result<[f64; 2], Undefined> {
    let of = |level: &Level| value(level).map_err(|reason| grouping.undefined(level, &reason));
    Ok([of(both[0])?, of(both[1])?])
}

fn measured(
    comparison: &Comparison,
    metric: &dyn Metric,
    grouping: &Grouping<'_>,
    (both, subject): ([&Level; 2], Subject),
) -> Finding {
    let values = both_able(grouping, both, |level| level.measured(metric).value.clone());
    let [a, b] = both.map(|level| level.measured(metric));
    let level = grouping.confidence;
    let difference = comparison.aggregate == Aggregate::Difference;
    let value = values.and_then(|[group, reference]| match comparison.aggregate {
        Aggregate::Difference => Ok(group - reference),
        Aggregate::Ratio => comparison
            .aggregate
            .of(group.min(reference), group.max(reference))
            .and_then(|_| ratio_of(group, reference)),
    });
    let interval = value.as_ref().ok().and_then(|_| {
        if difference { simultaneous::pair(a, b, level) } else { simultaneous::over(a, b, level) }
    });
    let n = a.basis.n() + b.basis.n();
    let finding = Finding::new(&comparison.meta, Stage::Fairness, subject, value, n);
    let finding = finding.with_interval(grouping.named(interval));
    match finding.value {
        Ok(ratio) if !difference => {
            let folded = if ratio > 1.0 { 1.0 / ratio } else { ratio };
            let cell = Cell { name: "min(r, 1/r)".to_owned(), value: Some(folded), n };
            finding.with(numbers("either_direction", vec![cell]))
        }
        _ => finding,
    }
}

fn unknown(comparison: &Comparison, grouping: &Grouping<'_>, declared: &str) -> Finding {
    let because = format!("no row belongs to the reference group `{declared}`");
    let key: GroupKey = GroupKey::from([(grouping.groups.name(), declared.to_owned())]);
    let subject = Subject { reference: Some(key), ..grouping.subject() };
    let value = Err(Undefined::NotRun { because });
    Finding::new(&comparison.meta, Stage::Fairness, subject, value, 0)
}
