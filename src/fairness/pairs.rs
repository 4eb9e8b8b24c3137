//! Each group against a declared reference group, signed `group − reference`.

use super::Options;
use super::comparisons::{COMPARISONS, Comparison, Pairs};
use super::level::{Grouping, Level};
use super::metrics::Metric;
use super::simultaneous;
use crate::domain::{Finding, GroupKey, Stage, Subject, Undefined, Value};

/// The pair findings of a grouping: per metric, each group but the reference in level order.
///
/// A declared reference that no row belongs to gives one finding per metric that says so.
pub(super) fn pairs(grouping: &Grouping<'_>, options: &Options) -> Vec<Finding> {
    let Some(declared) = options.reference.get(&grouping.groups.name()) else {
        return Vec::new();
    };
    let is_reference = |level: &&Level| grouping.groups.label(level.id) == *declared;
    let reference = grouping.levels.iter().find(is_reference);
    let signed = |c: &&Comparison| c.pairs == Pairs::Signed && options.wants(c.meta.name);
    let mut findings = Vec::new();
    for comparison in COMPARISONS.iter().filter(signed) {
        for &metric in comparison.metrics {
            match reference {
                Some(reference) => {
                    let others = grouping.levels.iter().filter(|level| level.id != reference.id);
                    let one = |level| pair(comparison, metric, grouping, [level, reference]);
                    findings.extend(others.map(one));
                }
                None => findings.push(unknown(comparison, grouping, declared)),
            }
        }
    }
    findings
}

fn pair(
    comparison: &Comparison,
    metric: &dyn Metric,
    grouping: &Grouping<'_>,
    [level, reference]: [&Level; 2],
) -> Finding {
    let value_of = |level: &Level| -> Value {
        let value = level.measured(metric).value.clone();
        value.map_err(|reason| grouping.undefined(level, &reason))
    };
    let value = value_of(level).and_then(|value| Ok(value - value_of(reference)?));
    let (measured, other) = (level.measured(metric), reference.measured(metric));
    let interval = simultaneous::pair(measured, other, grouping.confidence);
    let subject = Subject {
        group: Some(grouping.key(level)),
        reference: Some(grouping.key(reference)),
        ..grouping.subject()
    };
    let n = measured.basis.n() + other.basis.n();
    Finding::new(&comparison.meta, Stage::Fairness, subject, value, n).with_interval(interval)
}

fn unknown(comparison: &Comparison, grouping: &Grouping<'_>, declared: &str) -> Finding {
    let because = format!("no row belongs to the reference group `{declared}`");
    let key: GroupKey = GroupKey::from([(grouping.groups.name(), declared.to_owned())]);
    let subject = Subject { reference: Some(key), ..grouping.subject() };
    let value = Err(Undefined::NotRun { because });
    Finding::new(&comparison.meta, Stage::Fairness, subject, value, 0)
}
